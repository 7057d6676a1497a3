//! The parts of the service that the public knows by name, and the states they may be in.

mod row;
mod store;

pub(crate) use row::component_row;
pub(crate) use store::{ensure, load};

use crate::words::Lang;

/// The state of a component, in order of how bad it is (Statuspage's words, FACTS section 4). An outage during
/// a maintenance is an outage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum ComponentStatus {
    /// Works.
    #[default]
    Operational,
    /// Stopped on purpose, announced.
    UnderMaintenance,
    /// Works slowly or not always.
    DegradedPerformance,
    /// Does not work for some.
    PartialOutage,
    /// Does not work.
    MajorOutage,
}

impl ComponentStatus {
    /// All of them, the best first.
    pub const ALL: [Self; 5] = [
        Self::Operational,
        Self::UnderMaintenance,
        Self::DegradedPerformance,
        Self::PartialOutage,
        Self::MajorOutage,
    ];

    /// Statuspage's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Operational => "operational",
            Self::UnderMaintenance => "under_maintenance",
            Self::DegradedPerformance => "degraded_performance",
            Self::PartialOutage => "partial_outage",
            Self::MajorOutage => "major_outage",
        }
    }

    /// The state of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Whether time in this state counts as down: both outages in full, slowness and maintenance not.
    pub fn is_down(self) -> bool {
        self >= Self::PartialOutage
    }
}

/// One component.
#[derive(Clone, Debug)]
pub(crate) struct Component {
    /// Stable, as in JSON: `payment`.
    pub(crate) id: String,
    name: [String; 2],
    description: [String; 2],
    /// Place in the list, from 1.
    pub(crate) position: i64,
    /// When recording began (ms).
    pub(crate) start_at: i64,
    /// When it was made (ms).
    pub(crate) created_at: i64,
    /// When it was last changed (ms).
    pub(crate) updated_at: i64,
}

impl Component {
    /// Its name in the reader's language.
    pub(crate) fn name(&self, lang: Lang) -> &str {
        lang.pick(&self.name[0], &self.name[1])
    }

    /// What it is, in the reader's language.
    pub(crate) fn description(&self, lang: Lang) -> &str {
        lang.pick(&self.description[0], &self.description[1])
    }
}
