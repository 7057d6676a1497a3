//! What telemetry costs those who pay: payments over HTTP through `/api/v1/payments`, with a collector that takes all,
//! never answers, refuses, answers garbage, or whose name is slow to be found, each against the same without telemetry
//! before and after it. The portal's router runs in this process, because a slow name server can be had in no other
//! way without changing the machine.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::middleware::from_fn_with_state;
use clap::Parser;
use server::{
    cli::Cli,
    config::{self, Rooms},
    probe, routes,
    simulate::collector::{self, Manner, SlowNames},
    telemetry::{Collector, Spans, record},
};
use tokio::sync::watch;

use crate::{
    Anything,
    child::free_address,
    report::{Better, Report},
    till,
    world::{PAYMENTS, World},
};

/// What every run needs.
struct Ground {
    house: app::House,
    rooms: Rooms,
    world: World,
    keys: Vec<String>,
    folder: tempfile::TempDir,
    length: Duration,
}

/// A row for each manner.
pub async fn measure(length: Duration, report: &mut Report) -> Anything<()> {
    let test = store::testing::postgres().await;
    let world = World::new(&test.store).await?;
    let folder = tempfile::tempdir()?;
    let place = folder.path().display().to_string();
    let site = std::env::var("NEUL_SITE_DIR").unwrap_or_else(|_| "target/site".to_owned());
    let words = [
        "neul",
        "--database-url",
        &test.url,
        "--data-dir",
        &place,
        "--site-dir",
        &site,
        "migrate",
    ];
    let settings = Cli::try_parse_from(words)?.settings;
    let rooms = Rooms::open(&settings).await?;
    rooms.migrate().await?;
    let keys = till::keys(&rooms, &world).await?;
    let (_, status) = watch::channel(app::incidents::StatusNow::default());
    let house = config::house(&settings, &rooms, status).await?;
    let mut ground = Ground {
        house,
        rooms,
        world,
        keys,
        folder,
        length,
    };
    let good = collector::Collector::start(Manner::Good).await?;
    let hangs = collector::Collector::start(Manner::Hangs).await?;
    let garbage = collector::Collector::start(Manner::Garbage).await?;
    let nobody = format!("http://{}", free_address()?);
    let mut before = ground.run(None).await?;
    for (name, endpoint) in [
        ("takes_all", good.endpoint()),
        ("never_answers", hangs.endpoint()),
        ("refuses", nobody),
        ("garbage", garbage.endpoint()),
        ("slow_name", "http://collector.example:4318".to_owned()),
    ] {
        let mut collector = Collector::new(&endpoint).ok_or("an address")?;
        if name == "slow_name" {
            collector = collector.resolved_by(Arc::new(SlowNames));
        }
        let with = ground.run(Some(&collector)).await?;
        let after = ground.run(None).await?;
        report
            .row(&format!("telemetry.{name}.payments_s"), with, "payments/s")
            .against(
                "the same without telemetry, before and after",
                f64::midpoint(before, after),
                0.95,
                Better::Higher,
            );
        before = after;
    }
    ground.world.verify().await
}

impl Ground {
    /// Payments a second.
    async fn run(&mut self, collector: Option<&Collector>) -> Anything<f64> {
        self.world.refill().await?;
        let payments = PAYMENTS.min(till::PAYMENTS_S * self.length.as_secs().max(1) as i64);
        till::requests(&self.rooms, &self.world, &self.keys, payments, self.folder.path()).await?;
        let mut app = routes::portal(self.house.clone(), false)
            .layer(from_fn_with_state(probe::Meter::default(), probe::count));
        if let Some(collector) = collector {
            app = app.layer(from_fn_with_state(Spans::new(collector), record));
        }
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/", listener.local_addr()?);
        let app = app.into_make_service_with_connect_info::<SocketAddr>();
        let server = tokio::spawn(async move { axum::serve(listener, app).await });
        let paid = till::wrk(self.length, self.folder.path(), &url).await;
        server.abort();
        paid
    }
}
