//! Traces and logs for a collector (`NEUL_OTLP_ENDPOINT`), by OTLP over HTTP in JSON, each through a [`Bulkhead`] of its
//! own. A collector that hangs, refuses, answers garbage or cannot be found changes no request.
//!
//! Why not the OpenTelemetry SDK: its batch processor drops without a figure that could be read, ends for good with a
//! panic, and would bring some thirty crates; the JSON form of OTLP is small and stable, and the HTTP client is here
//! already. Why bounded in rate: on a portal that takes thousands of payments a second a span for each would cost more
//! than it tells. Failures and slow requests go first.

mod log;
mod otlp;
mod span;

use std::{sync::Arc, time::Duration};

use reqwest::{Url, dns::Resolve};

pub use self::{
    log::LogLayer,
    span::{Spans, record},
};
use crate::bulkhead::Rules;

/// A second's worth is 512 spans and 512 lines; a failing collector is asked again after 1 s up to 1 min.
const RULES: Rules = Rules {
    room: 2_048,
    batch: 512,
    pause: Duration::from_secs(1),
    deadline: Duration::from_secs(5),
    backoff: Duration::from_secs(1),
    backoff_most: Duration::from_mins(1),
};

/// Where the collector is.
#[derive(Clone)]
pub struct Collector {
    base: Url,
    resolver: Option<Arc<dyn Resolve>>,
    rules: Rules,
}

impl Collector {
    /// The one at this address: `http(s)://host:port`, to which `/v1/traces` and `/v1/logs` are added. `None` where it
    /// is no such address.
    pub fn new(endpoint: &str) -> Option<Self> {
        let base = Url::parse(endpoint.trim()).ok()?;
        (matches!(base.scheme(), "http" | "https") && base.has_host()).then_some(Self {
            base,
            resolver: None,
            rules: RULES,
        })
    }

    /// Finds its name by another way than the system's.
    #[must_use]
    pub fn resolved_by(mut self, resolver: Arc<dyn Resolve>) -> Self {
        self.resolver = Some(resolver);
        self
    }

    /// With other bounds.
    #[must_use]
    pub fn with_rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }

    /// The bounds that it has.
    pub fn rules(&self) -> Rules {
        self.rules
    }
}

impl std::fmt::Debug for Collector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The address may hold a password.
        f.debug_struct("Collector")
            .field("host", &self.base.host_str())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_web_are_collectors() {
        for good in ["http://127.0.0.1:4318", "https://collector.example/otlp/"] {
            assert!(Collector::new(good).is_some(), "{good}");
        }
        for bad in ["", "127.0.0.1:4318", "grpc://x:4317", "http://"] {
            assert!(Collector::new(bad).is_none(), "{bad}");
        }
    }
}
