//! The log's lines for the collector: what goes to standard error, with its fields.

use std::{
    fmt,
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context};

use super::{
    Collector,
    otlp::{queue, resource, text},
};
use crate::bulkhead::Bulkhead;

/// One line.
#[derive(Debug)]
struct Line {
    at: SystemTime,
    level: Level,
    target: &'static str,
    message: String,
    fields: Vec<(&'static str, String)>,
}

/// Hands each line of the log to the collector's queue.
#[derive(Clone, Debug)]
pub struct LogLayer(Bulkhead<Line>);

impl LogLayer {
    /// To this collector.
    pub fn new(collector: &Collector) -> Self {
        Self(queue("logs", "logs", collector, write))
    }
}

impl<S: Subscriber> Layer<S> for LogLayer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        let mut line = Line {
            at: SystemTime::now(),
            level: *metadata.level(),
            target: metadata.target(),
            message: String::new(),
            fields: Vec::new(),
        };
        event.record(&mut line);
        if line.level <= Level::WARN {
            self.0.offer(line);
        } else {
            self.0.offer_if_roomy(line);
        }
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.to_owned());
    }
}

impl Line {
    fn put(&mut self, field: &Field, value: String) {
        if field.name() == "message" {
            self.message = value;
        } else {
            self.fields.push((field.name(), value));
        }
    }

    fn write(self) -> Value {
        let at = self.at.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        let mut attributes = vec![text("code.namespace", self.target)];
        attributes.extend(self.fields.into_iter().map(|(name, value)| text(name, value)));
        // SeverityNumber: 1 trace, 5 debug, 9 info, 13 warn, 17 error.
        let severity = match self.level {
            Level::ERROR => 17,
            Level::WARN => 13,
            Level::INFO => 9,
            Level::DEBUG => 5,
            _ => 1,
        };
        json!({
            "timeUnixNano": at.to_string(),
            "severityNumber": severity,
            "severityText": self.level.as_str(),
            "body": { "stringValue": self.message },
            "attributes": attributes,
        })
    }
}

fn write(batch: Vec<Line>) -> Value {
    let records: Vec<Value> = batch.into_iter().map(Line::write).collect();
    json!({ "resourceLogs": [{
        "resource": resource(),
        "scopeLogs": [{ "scope": { "name": "neul" }, "logRecords": records }],
    }] })
}
