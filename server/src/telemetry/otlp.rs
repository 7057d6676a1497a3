//! One delivery to the collector: OTLP/HTTP in JSON (opentelemetry.io, "OTLP Specification", JSON Protobuf encoding:
//! ids in hex, 64-bit numbers as strings).

use std::sync::Arc;

use reqwest::{
    Client, Url,
    dns::{Name, Resolve, Resolving},
    redirect,
};
use serde_json::{Value, json};

use super::Collector;
use crate::bulkhead::{Bulkhead, Lost};

/// A queue to `/v1/{what}` of the collector; `write` makes the body of a batch.
pub(super) fn queue<T: Send + 'static>(
    name: &'static str,
    what: &'static str,
    collector: &Collector,
    write: fn(Vec<T>) -> Value,
) -> Bulkhead<T> {
    let collector = collector.clone();
    Bulkhead::start(name, collector.rules, move || {
        let (client, url) = (client(&collector), address(&collector.base, what));
        async move |batch: Vec<T>| {
            assert!(!is_told_to_panic(&url), "an exporter that panics, for the drill");
            let client = client.as_ref().ok_or(Lost)?;
            let sent = client.post(url.clone()).json(&write(batch)).send().await;
            // Of the answer nothing but its status is read: it may be endless.
            match sent {
                Ok(answer) if answer.status().is_success() => Ok(()),
                _ => Err(Lost),
            }
        }
    })
}

/// The drill's second fault, a monitoring agent that panics inside the process, needs one that does. In debug builds
/// alone, by an address that cannot exist (RFC 2606).
fn is_told_to_panic(url: &Url) -> bool {
    cfg!(debug_assertions) && url.host_str() == Some("panic.invalid")
}

fn address(base: &Url, what: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/v1/{what}", base.path().trim_end_matches('/')));
    url
}

/// The client wants to know which resolver it has.
struct Names(Arc<dyn Resolve>);

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        self.0.resolve(name)
    }
}

fn client(collector: &Collector) -> Option<Client> {
    let mut builder = Client::builder()
        .user_agent("neul")
        .timeout(collector.rules.deadline)
        .redirect(redirect::Policy::none())
        .pool_max_idle_per_host(1);
    if let Some(resolver) = &collector.resolver {
        builder = builder.dns_resolver(Arc::new(Names(resolver.clone())));
    }
    builder.build().ok()
}

/// `{"key": …, "value": {"stringValue": …}}`
pub(super) fn text(key: &str, value: impl Into<String>) -> Value {
    json!({ "key": key, "value": { "stringValue": value.into() } })
}

/// `{"key": …, "value": {"intValue": …}}`
pub(super) fn number(key: &str, value: i64) -> Value {
    json!({ "key": key, "value": { "intValue": value.to_string() } })
}

/// Who sends.
pub(super) fn resource() -> Value {
    json!({ "attributes": [
        text("service.name", "neul"),
        text("service.version", env!("CARGO_PKG_VERSION")),
        number("process.pid", i64::from(std::process::id())),
    ] })
}
