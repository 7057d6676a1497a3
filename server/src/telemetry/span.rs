//! One span for each request: method, route, status, how long. Never the path itself (it holds ids) nor its query.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, Method},
    middleware::Next,
    response::Response,
};
use serde_json::{Value, json};

use super::{
    Collector,
    otlp::{number, queue, resource, text},
};
use crate::{
    bulkhead::{Bulkhead, Counts},
    probe::Kind,
};

/// A request that took longer is told before others.
const SLOW: Duration = Duration::from_secs(1);

/// One request.
#[derive(Clone, Debug)]
struct Span {
    trace: [u8; 16],
    parent: Option<[u8; 8]>,
    method: Method,
    route: Option<MatchedPath>,
    status: u16,
    begun: SystemTime,
    took: Duration,
}

/// Where spans go. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Spans(Bulkhead<Span>);

impl Spans {
    /// To this collector.
    pub fn new(collector: &Collector) -> Self {
        Self(queue("traces", "traces", collector, write))
    }

    /// What became of them.
    pub fn counts(&self) -> &Counts {
        self.0.counts()
    }

    /// Waits until all are delivered or lost, and no longer than this.
    pub fn drain(&self, most: Duration) {
        self.0.drain(most);
    }
}

/// The layer that records; files of the browser and the probe's own questions are not told.
pub async fn record(State(spans): State<Spans>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    if method == Method::GET && Kind::of(&method, request.uri().path()).is_none() {
        return next.run(request).await;
    }
    let route = request.extensions().get::<MatchedPath>().cloned();
    let (trace, parent) = caller(request.headers()).unwrap_or_else(|| (rand::random(), None));
    let (begun, began) = (SystemTime::now(), Instant::now());
    let response = next.run(request).await;
    let span = Span {
        trace,
        parent,
        method,
        route,
        status: response.status().as_u16(),
        begun,
        took: began.elapsed(),
    };
    if span.status >= 500 || span.took >= SLOW {
        spans.0.offer(span);
    } else {
        spans.0.offer_if_roomy(span);
    }
    response
}

/// Trace and span of whoever asks, by W3C Trace Context: `00-<32 hex>-<16 hex>-<2 hex>`.
fn caller(headers: &HeaderMap) -> Option<([u8; 16], Option<[u8; 8]>)> {
    let text = headers.get("traceparent")?.to_str().ok()?;
    let mut parts = text.split('-');
    let (version, trace, span) = (parts.next()?, parts.next()?, parts.next()?);
    let (mut trace_id, mut span_id) = ([0; 16], [0; 8]);
    hex::decode_to_slice(trace, &mut trace_id).ok()?;
    hex::decode_to_slice(span, &mut span_id).ok()?;
    let is_good = version.len() == 2 && version != "ff" && trace_id != [0; 16] && span_id != [0; 8];
    is_good.then_some((trace_id, Some(span_id)))
}

fn nanos(at: SystemTime) -> String {
    at.duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_nanos()
        .to_string()
}

fn write(batch: Vec<Span>) -> Value {
    let spans: Vec<Value> = batch.iter().map(one).collect();
    json!({ "resourceSpans": [{
        "resource": resource(),
        "scopeSpans": [{ "scope": { "name": "neul" }, "spans": spans }],
    }] })
}

fn one(span: &Span) -> Value {
    let route = span.route.as_ref().map_or("(none)", MatchedPath::as_str);
    let mut value = json!({
        "traceId": hex::encode(span.trace),
        "spanId": hex::encode(rand::random::<[u8; 8]>()),
        "name": format!("{} {route}", span.method),
        // SPAN_KIND_SERVER
        "kind": 2,
        "startTimeUnixNano": nanos(span.begun),
        "endTimeUnixNano": nanos(span.begun + span.took),
        "attributes": [
            text("http.request.method", span.method.as_str()),
            text("http.route", route),
            number("http.response.status_code", i64::from(span.status)),
        ],
        // STATUS_CODE_ERROR, or unset
        "status": if span.status >= 500 { json!({ "code": 2 }) } else { json!({}) },
    });
    if let Some(parent) = span.parent {
        value["parentSpanId"] = hex::encode(parent).into();
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parent(text: &str) -> Option<([u8; 16], Option<[u8; 8]>)> {
        let mut headers = HeaderMap::new();
        headers.insert("traceparent", text.parse().unwrap());
        caller(&headers)
    }

    #[test]
    fn a_trace_goes_on_where_it_is_one() {
        let good = parent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").unwrap();
        assert_eq!(hex::encode(good.0), "4bf92f3577b34da6a3ce929d0e0e4736");
        for bad in [
            "",
            "00-0-0-0",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert!(parent(bad).is_none(), "{bad}");
        }
    }
}
