//! `/metrics` on the operators' listener: the few figures an operator looks at first, in Prometheus' text format. One
//! asks the database at a time and no longer than two seconds, so that a scraper which comes again and again while the
//! database hangs takes no connections from those who pay.

use std::{fmt::Write as _, sync::Arc, time::Duration};

use app::House;
use tokio::sync::Mutex;

use crate::bulkhead;

/// A database that takes longer is away.
const PATIENCE: Duration = Duration::from_secs(2);

/// Tells the figures. Cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    house: House,
    asking: Arc<Mutex<()>>,
}

impl Metrics {
    /// Of this house.
    pub fn new(house: House) -> Self {
        Self {
            house,
            asking: Arc::default(),
        }
    }

    /// All of them. −1: not known, because the database is away or somebody else is asking.
    pub async fn text(&self) -> String {
        let (payouts, waiting, age) = match self.asking.try_lock() {
            Ok(_alone) => tokio::time::timeout(PATIENCE, self.ledger())
                .await
                .unwrap_or((-1, -1, -1)),
            Err(_) => (-1, -1, -1),
        };
        let reached = i64::from(self.house.status.borrow().reached);
        let (queued, most) = self.house.ledger.posting();
        let mut text = String::new();
        for (name, value) in [
            ("neul_payouts_unfinished", payouts),
            ("neul_log_waiting", waiting),
            ("neul_log_checkpoint_age_seconds", age),
            ("neul_status_reached", reached),
            ("neul_poster_queued", queued as i64),
            ("neul_poster_room", most as i64),
            ("process_resident_memory_bytes", memory()),
        ] {
            let _ = writeln!(text, "# TYPE {name} gauge\n{name} {value}");
        }
        let counts = bulkhead::counts();
        type Figure = fn(&bulkhead::Counts) -> u64;
        let figures: [(&str, Figure); 3] = [
            ("neul_telemetry_dropped_total", bulkhead::Counts::dropped),
            ("neul_telemetry_sent_total", bulkhead::Counts::sent),
            ("neul_telemetry_restarts_total", bulkhead::Counts::restarts),
        ];
        for (name, figure) in figures {
            let _ = writeln!(text, "# TYPE {name} counter");
            for queue in &counts {
                let _ = writeln!(text, "{name}{{queue=\"{}\"}} {}", queue.name, figure(queue));
            }
        }
        text
    }

    async fn ledger(&self) -> (i64, i64, i64) {
        let ledger = &self.house.ledger;
        let payouts = ledger.unfinished_payouts(self.house.now()).await;
        let waiting = ledger.log_waiting().await;
        let newest = ledger.latest_checkpoint().await.ok().flatten();
        (
            payouts.map_or(-1, |list| list.len() as i64),
            waiting.unwrap_or(-1),
            newest.map_or(-1, |newest| (self.house.now() - newest.at) / 1_000),
        )
    }
}

/// Resident memory, bytes; 0: not known.
fn memory() -> i64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes: Option<i64> = line.and_then(|line| line.trim().split(' ').next()?.parse().ok());
    kilobytes.unwrap_or(0) * 1_024
}
