//! `neul serve`: portal, desk, and the status site beside them. Ends cleanly: no new work, what is in
//! flight is finished, the status site stays.

use std::{net::SocketAddr, time::Duration};

use axum::{Router, http::StatusCode, middleware::from_fn_with_state, routing::get};
use status::listen::{Bounded, Peer};
use tokio::{net::TcpListener, sync::watch};

use crate::{
    bank,
    cli::Settings,
    config::{self, Rooms, StartError, say},
    jobs, layers,
    listen::{Guarded, with_peer},
    log_keys,
    metrics::Metrics,
    probe, routes, status_child, status_watch,
    telemetry::{self, Spans},
};

/// How long requests in flight may take after the signal to end.
const LAST_REQUESTS: Duration = Duration::from_secs(15);

/// Serves until a signal comes.
pub async fn serve(settings: Settings, no_status: bool, demo_in_public: bool) -> Result<(), StartError> {
    let rooms = Rooms::open(&settings).await?;
    rooms.migrate().await?;
    if rooms.people.is_demo().await? && !settings.addr.ip().is_loopback() && !demo_in_public {
        return say(format!(
            "this database was filled by `neul demo`, whose logins anyone can read: it is not served on {}; \
             use a loopback address, another database, or --demo-in-public if that is what you want",
            settings.addr
        ));
    }
    let portal = listen(settings.addr, "NEUL_ADDR").await?;
    let admin = listen(settings.admin_addr, "NEUL_ADMIN_ADDR").await?;
    let probe_key = probe::find_or_make(&settings)?;
    let canary_key = probe::find_or_make_canary(&settings)?;
    if !no_status {
        status_child::start(&settings, &probe_key, &canary_key).await;
    }
    let house = config::house(
        &settings,
        &rooms,
        status_watch::start(&config::status_url(&settings)),
    )
    .await?;
    let tls = house.settings.secure_cookies;
    let (stop, stopped) = watch::channel(false);
    let pulse = tokio::spawn(rooms.ledger.store().clone().keep_pulse(stopped.clone()));
    let payouts = tokio::spawn(jobs::payouts::run(house.clone(), stopped.clone()));
    let municipalities = tokio::spawn(jobs::municipalities::run(house.clone(), stopped.clone()));
    let sweep = tokio::spawn(jobs::sweep::run(house.clone(), stopped.clone()));
    let log_keys = log_keys::find_or_make(&settings)?;
    let log = tokio::spawn(jobs::log::run(house.clone(), log_keys, stopped.clone()));
    let figures = tokio::spawn(jobs::figures::run(house.clone(), stopped.clone()));
    let tidy = tokio::spawn(jobs::tidy::run(house.clone(), stopped.clone()));
    let teller = config::bank(&settings, &rooms).await?;
    if teller.is_none() {
        tracing::warn!("no bank: deposits, refunds and settlements wait (NEUL_BANK_URL)");
    }
    let asks = tokio::spawn(jobs::bank::run(house.clone(), teller.clone(), stopped.clone()));
    let settlements = tokio::spawn(jobs::settlements::run(house.clone(), teller, stopped.clone()));
    let cards = tokio::spawn(jobs::cards::run(house.clone(), stopped.clone()));
    let operators = tokio::spawn(operators(admin, house.clone(), stopped.clone()));
    tracing::info!(addr = %settings.addr, "the portal is open");
    let ledger = house.ledger.clone();
    let meter = probe::Meter::default();
    let probes = probe::routes(house.clone(), Some(probe_key), meter.clone())
        .merge(probe::canary_routes(house.clone(), Some(canary_key)))
        .layer(from_fn_with_state(tls, layers::security));
    let notices = config::bank_key(&settings)?
        .filter(|_| settings.bank_url.is_some())
        .map(|key| bank::notices::router(house.clone(), key).layer(from_fn_with_state(tls, layers::security)))
        .unwrap_or_default();
    let app = routes::portal(house, tls)
        .merge(probes)
        .merge(notices)
        .layer(from_fn_with_state(meter, probe::count));
    let app = match config::collector(&settings)? {
        Some(collector) => app.layer(from_fn_with_state(Spans::new(&collector), telemetry::record)),
        None => app,
    };
    let app = with_peer(app).into_make_service_with_connect_info::<Peer>();
    let mut told = stopped.clone();
    let server = tokio::spawn(async move {
        axum::serve(Bounded::<Guarded>::new(portal), app)
            .with_graceful_shutdown(async move {
                let _ = told.wait_for(|stop| *stop).await;
            })
            .await
    });
    signal().await;
    tracing::info!("ending: what is in flight is finished first");
    stop.send_replace(true);
    if tokio::time::timeout(LAST_REQUESTS, async {
        (
            server.await,
            pulse.await,
            payouts.await,
            municipalities.await,
            sweep.await,
            tidy.await,
            asks.await,
            settlements.await,
            cards.await,
            log.await,
            figures.await,
            operators.await,
        )
    })
    .await
    .is_err()
    {
        tracing::warn!("some requests were still in flight after {LAST_REQUESTS:?}");
    }
    ledger.finish().await;
    Ok(())
}

/// Binds, or says which variable to change.
pub async fn listen(addr: SocketAddr, variable: &str) -> Result<TcpListener, StartError> {
    match TcpListener::bind(addr).await {
        Ok(listener) => Ok(listener),
        Err(error) => say(format!(
            "cannot listen on {addr}: {error}; choose another address by {variable}"
        )),
    }
}

/// Metrics and health, on a listener that only operators reach.
async fn operators(listener: TcpListener, house: app::House, mut stopped: watch::Receiver<bool>) {
    let ready = {
        let house = house.clone();
        move || async move {
            match house.ledger.store().ping().await {
                Ok(()) => (StatusCode::OK, "ready\n"),
                Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n"),
            }
        }
    };
    let metrics = Metrics::new(house);
    let metrics = move || async move { metrics.text().await };
    let router = Router::new()
        .route("/livez", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .layer(from_fn_with_state(false, layers::security));
    let served = axum::serve(listener, router)
        .with_graceful_shutdown(async move {
            let _ = stopped.wait_for(|stop| *stop).await;
        })
        .await;
    if let Err(error) = served {
        tracing::error!(%error, "the operators' listener ended");
    }
}

/// Until Ctrl-C or SIGTERM.
pub async fn signal() {
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}
