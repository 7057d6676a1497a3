//! The incident report to the regulator (FACTS section 3: 전자금융 사고보고, 별지 제2호서식), filled from the
//! incident's timeline and counts as a form to print and a workbook. What only a person can know is left open and
//! marked as such; nothing is guessed. A form, not legal advice.

mod page;
mod sheet;

pub(crate) use page::report_page;
pub(crate) use sheet::workbook;

use crate::{
    components::{Component, ComponentStatus},
    history::{self, Change},
    incidents::{Incident, Status},
    pages::Reader,
    words::{Lang, Times, word},
};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// Service stopped or delayed for so long is to be reported (FACTS section 3).
const DUE_MS: i64 = 30 * MINUTE;
/// The same where ten thousand members or more are affected, which only a person can say.
const DUE_MANY_MS: i64 = 10 * MINUTE;

/// Which of the three reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// At once, within a day.
    First,
    /// Within two months.
    Interim,
    /// When it is over and understood.
    Final,
}

impl Stage {
    /// All of them, in order.
    pub(crate) const ALL: [Self; 3] = [Self::First, Self::Interim, Self::Final];

    /// As in an address.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Interim => "interim",
            Self::Final => "final",
        }
    }

    /// The stage of a word.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == word)
    }

    /// The form's word.
    pub(crate) fn label(self, lang: Lang) -> String {
        match self {
            Self::First => word!(lang, report.first),
            Self::Interim => word!(lang, report.interim),
            Self::Final => word!(lang, report.last),
        }
    }
}

/// What stands in a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// Known from the record.
    Known(String),
    /// Left to a person, with what helps.
    Open(String),
}

/// One field of the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// What it asks.
    pub(crate) label: String,
    /// What is known of it.
    pub(crate) entry: Entry,
}

/// When the service worked again: mended and watched, or over.
fn ended(incident: &Incident) -> Option<i64> {
    incident.monitoring_at.or(incident.resolved_at)
}

/// How long the incident itself says that a component was down and slow, up to `at` (ms each).
pub(crate) fn lengths(incident: &Incident, component: &str, at: i64) -> (i64, i64) {
    let changes: Vec<Change> = incident
        .states
        .iter()
        .filter(|state| state.component == component)
        .map(|state| Change {
            source: incident.id.clone(),
            at: state.at,
            status: state.status,
        })
        .collect();
    let from = changes.iter().map(|change| change.at).min().unwrap_or(at);
    let stretches = history::stretches(&changes, from, at);
    let sum = |fits: &dyn Fn(ComponentStatus) -> bool| {
        let fitting = stretches.iter().filter(|stretch| fits(stretch.status));
        fitting.map(|stretch| stretch.until - stretch.from).sum()
    };
    (
        sum(&ComponentStatus::is_down),
        sum(&|status| status == ComponentStatus::DegradedPerformance),
    )
}

/// The form's fields.
pub(crate) fn rows(
    reader: Reader<'_>,
    incident: &Incident,
    components: &[Component],
    stage: Stage,
) -> Vec<Row> {
    let (lang, times) = (reader.lang, reader.times());
    let known = |label: String, text: String| Row {
        label,
        entry: Entry::Known(text),
    };
    let open = |label: String, hint: String| Row {
        label,
        entry: Entry::Open(hint),
    };
    let touched = incident.touched();
    let systems: Vec<&Component> = components
        .iter()
        .filter(|component| touched.contains(&component.id.as_str()))
        .collect();
    let names: Vec<&str> = systems.iter().map(|component| component.name(lang)).collect();
    let effects: Vec<String> = systems
        .iter()
        .map(|component| {
            let (down, slow) = lengths(incident, &component.id, reader.at);
            word!(
                lang,
                report.effect_of,
                name = component.name(lang),
                down = Times::length(lang, down),
                slow = Times::length(lang, slow)
            )
        })
        .collect();
    let worst = systems
        .iter()
        .map(|component| {
            let (down, slow) = lengths(incident, &component.id, reader.at);
            down + slow
        })
        .max()
        .unwrap_or(0);
    let due = if worst >= DUE_MS {
        word!(lang, report.due_yes)
    } else if worst >= DUE_MANY_MS {
        word!(lang, report.due_many)
    } else {
        word!(lang, report.due_no)
    };
    let noticed_by = if incident.is_automatic() {
        word!(lang, report.by_probes)
    } else {
        word!(lang, report.by_operator)
    };
    let oldest = incident.updates.last();
    let learnt = incident
        .updates
        .iter()
        .find(|update| update.status == Status::Postmortem)
        .map(|update| update.body(lang).to_owned());
    let done: Vec<String> = incident
        .updates
        .iter()
        .rev()
        .map(|update| {
            format!(
                "{} [{}] {}",
                times.full(lang, update.display_at),
                update.status.label(lang),
                update.body(lang)
            )
        })
        .collect();
    let mut rows = vec![
        known(word!(lang, report.stage), stage.label(lang)),
        known(word!(lang, report.due), due),
        open(
            word!(lang, report.institution),
            word!(lang, report.institution_hint),
        ),
        open(word!(lang, report.kind), word!(lang, report.kind_hint)),
        known(word!(lang, report.noticed_by), noticed_by),
        known(
            word!(lang, report.noticed_at),
            times.full(lang, incident.created_at),
        ),
        known(
            word!(lang, report.began_at),
            times.full(lang, incident.started_at),
        ),
        match ended(incident) {
            Some(end) => known(
                word!(lang, report.ended_at),
                format!(
                    "{} ({})",
                    times.full(lang, end),
                    Times::length(lang, end - incident.started_at)
                ),
            ),
            None => known(
                word!(lang, report.ended_at),
                word!(
                    lang,
                    report.not_ended,
                    length = Times::length(lang, reader.at - incident.started_at)
                ),
            ),
        },
        open(word!(lang, report.people), word!(lang, report.people_hint)),
        open(word!(lang, report.amount), word!(lang, report.amount_hint)),
        open(
            word!(lang, report.compensation),
            word!(lang, report.compensation_hint),
        ),
        known(word!(lang, report.system), names.join(", ")),
        known(
            word!(lang, report.what),
            format!(
                "{}\n{}",
                incident.title(lang),
                oldest.map_or("", |update| update.body(lang))
            ),
        ),
        open(word!(lang, report.cause), word!(lang, report.cause_hint)),
        known(word!(lang, report.effect), effects.join("\n")),
        open(word!(lang, report.outside), word!(lang, report.outside_hint)),
        known(word!(lang, report.done), done.join("\n")),
    ];
    rows.push(match learnt {
        Some(text) => known(word!(lang, report.prevention), text),
        None => open(
            word!(lang, report.prevention),
            word!(lang, report.prevention_hint),
        ),
    });
    rows.push(known(
        word!(lang, report.deadline),
        match stage {
            Stage::First => word!(
                lang,
                report.deadline_first,
                time = times.full(lang, incident.created_at + DAY)
            ),
            Stage::Interim => word!(
                lang,
                report.deadline_interim,
                time = times.full(lang, two_months_after(times, incident.created_at))
            ),
            Stage::Final => word!(lang, report.deadline_final),
        },
    ));
    rows
}

fn two_months_after(times: &Times, at: i64) -> i64 {
    let zoned = times.zoned(at);
    zoned
        .checked_add(jiff::Span::new().months(2))
        .map_or(at, |later| later.timestamp().as_millisecond())
}
