//! The site put together: opened, bound, served, ended.

use std::{collections::HashMap, future::Future, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use axum::Router;
use jiff::tz::TimeZone;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    components,
    config::{Clock, Config},
    db::{Db, Lock},
    desk,
    error::StatusError,
    http::{Bounded, Guarded, Peer, assets, public},
    log,
    operators::{Keys, Throttle},
    probes::{Sentry, Sight},
    snapshot::{Answer, House, Keeper, Snapshot, World},
    subscriptions::{Courier, Outbound},
    twin::{self, TwinState, Writer},
    words::Times,
};

/// So long may open requests take to end after the word to stop.
const GRACE: Duration = Duration::from_secs(10);

/// What every request can reach.
#[derive(Debug)]
pub(crate) struct Site {
    /// What does not change.
    pub(crate) house: Arc<House>,
    /// The store.
    pub(crate) db: Db,
    /// The snapshot and who renews it.
    pub(crate) keeper: Arc<Keeper>,
    /// The files.
    pub(crate) files: HashMap<String, Answer>,
    /// Signs.
    pub(crate) keys: Keys,
    /// Counts failed sign-ins.
    pub(crate) throttle: Throttle,
    /// The time.
    pub(crate) clock: DebugClock,
    /// What the probes saw last.
    pub(crate) sight: Sight,
    /// Whether there are any.
    pub(crate) is_watching: bool,
    /// How messages leave, if they do.
    pub(crate) outbound: Option<Outbound>,
    /// Counts who asks for messages.
    pub(crate) subscribing: Throttle,
    /// How the static twin is.
    pub(crate) twin: TwinState,
}

/// A [`Clock`] that can be printed with what holds it.
#[derive(Clone)]
pub(crate) struct DebugClock(pub(crate) Clock);

impl std::fmt::Debug for DebugClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

impl std::ops::Deref for DebugClock {
    type Target = Clock;

    fn deref(&self) -> &Clock {
        &self.0
    }
}

impl Site {
    /// The snapshot.
    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.keeper.get()
    }
}

/// A site that listens and has everything ready, not yet answering.
#[derive(Debug)]
pub struct Bound {
    addr: SocketAddr,
    listener: TcpListener,
    router: Router,
    site: Arc<Site>,
    tasks: Vec<JoinHandle<()>>,
    _lock: Lock,
}

impl Bound {
    /// The address listened on, with the port that was free.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The site as a tower service, for tests without a socket. Peers are unknown then.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Answers until `shutdown` comes, then ends what is in flight (ten seconds at most), closes the store and
    /// gives up the lock.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send + 'static) -> Result<(), StatusError> {
        let Self {
            listener,
            router,
            site,
            tasks,
            _lock,
            addr,
        } = self;
        tracing::info!(%addr, "the status site answers");
        let (told, mut stop) = tokio::sync::watch::channel(());
        let shutdown = async move {
            shutdown.await;
            drop(told);
        };
        let service = router.into_make_service_with_connect_info::<Peer>();
        let server = axum::serve(Bounded::<Guarded>::new(listener), service).with_graceful_shutdown(shutdown);
        let done = tokio::select! {
            done = server => done.map_err(StatusError::Serve),
            () = async {
                // Ends with an error once the sender is gone: that is the word to stop.
                while stop.changed().await.is_ok() {}
                tokio::time::sleep(GRACE).await;
            } => Ok(()),
        };
        for task in tasks {
            task.abort();
        }
        site.db.close().await;
        done
    }
}

/// Opens the store, takes the lock, makes the first pages and listens at `config.addr`.
pub async fn bind(config: Config) -> Result<Bound, StatusError> {
    let lock = Lock::take(&config.dir)?;
    let zone =
        TimeZone::get(&config.time_zone).map_err(|_| StatusError::TimeZone(config.time_zone.clone()))?;
    let keys = Keys::load(&config.dir)?;
    let db = Db::open(&config.dir).await?;
    components::ensure(&db, (config.clock)()).await?;
    let listen = |error| StatusError::Listen {
        addr: config.addr,
        error,
    };
    let listener = TcpListener::bind(config.addr).await.map_err(listen)?;
    let addr = listener.local_addr().map_err(listen)?;
    let public_url = config.public_url.unwrap_or_else(|| format!("http://{addr}"));
    let house = Arc::new(House {
        page: config.page,
        page_id: db.page_id().await?,
        public_url: public_url.trim_end_matches('/').to_owned(),
        portal_url: config.portal_url,
        zone_name: config.time_zone,
        times: Times { zone },
        has_subscriptions: config.outbound.is_some(),
    });
    let files = assets::all(house.is_https());
    let keeper = Arc::new(Keeper::new(house.clone(), db.clone(), config.clock.clone()).await?);
    let mut tasks = vec![tokio::spawn(keeper.clone().watch(config.dir.join("status.db")))];
    let sight = Sight::default();
    if let Some(outbound) = &config.outbound {
        let (house, db, keys, keeper) = (house.clone(), db.clone(), keys.clone(), keeper.clone());
        let courier = Courier::new(house, db, keys, keeper, config.clock.clone(), outbound)?;
        tasks.push(tokio::spawn(courier.run()));
    }
    let twin = TwinState::default();
    if let Some(dir) = config.twin {
        let writer = Writer::new(house.clone(), keeper.clone(), &dir)?;
        tasks.push(tokio::spawn(writer.run(twin.clone())));
    }
    if let Some(every) = config.log_every {
        let watcher = log::Watcher::new(&house, db.clone(), keeper.clone())?;
        tasks.push(tokio::spawn(watcher.run(every, config.clock.clone())));
    }
    let is_watching = config.probing.is_some();
    if let Some(probing) = config.probing {
        let (house, db, keeper) = (house.clone(), db.clone(), keeper.clone());
        let sentry = Sentry::new(house, db, keeper, probing, sight.clone(), (config.clock)()).await?;
        tasks.push(tokio::spawn(sentry.run(config.clock.clone())));
    }
    let site = Arc::new(Site {
        house,
        db,
        keeper,
        files,
        keys,
        throttle: Throttle::default(),
        clock: DebugClock(config.clock),
        sight,
        is_watching,
        outbound: config.outbound,
        subscribing: Throttle::default(),
        twin,
    });
    let router = desk::routes(site.clone())
        .fallback(public)
        .with_state(site.clone());
    Ok(Bound {
        addr,
        listener,
        router,
        site,
        tasks,
        _lock: lock,
    })
}

/// Writes the whole site, as it is in the store of `config.dir` now, to the folder `to` as plain files. Works
/// beside a running site, and with none.
pub async fn export(config: Config, to: &Path) -> Result<(), StatusError> {
    if !config.dir.join("status.db").exists() {
        return Err(StatusError::NoSite { dir: config.dir });
    }
    let zone =
        TimeZone::get(&config.time_zone).map_err(|_| StatusError::TimeZone(config.time_zone.clone()))?;
    let db = Db::open(&config.dir).await?;
    let public_url = config
        .public_url
        .unwrap_or_else(|| format!("http://{}", config.addr));
    let house = House {
        page: config.page,
        page_id: db.page_id().await?,
        public_url: public_url.trim_end_matches('/').to_owned(),
        portal_url: config.portal_url,
        zone_name: config.time_zone,
        times: Times { zone },
        has_subscriptions: config.outbound.is_some(),
    };
    let world = World::read(&db, &house.times, (config.clock)()).await?;
    db.close().await;
    let snapshot = Snapshot::render(&house, world, None);
    twin::write(to, &twin::files(&house, &snapshot, &mut twin::Over::default()))
}

/// The whole life of a site: [`bind`], then [`Bound::run`].
pub async fn serve(
    config: Config,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), StatusError> {
    bind(config).await?.run(shutdown).await
}
