//! The words for states and impacts.

use super::{Lang, word};
use crate::{
    components::ComponentStatus,
    incidents::{Impact, Status},
};

impl ComponentStatus {
    /// The state in the reader's language.
    pub(crate) fn label(self, lang: Lang) -> String {
        match self {
            Self::Operational => word!(lang, states.operational),
            Self::UnderMaintenance => word!(lang, states.under_maintenance),
            Self::DegradedPerformance => word!(lang, states.degraded_performance),
            Self::PartialOutage => word!(lang, states.partial_outage),
            Self::MajorOutage => word!(lang, states.major_outage),
        }
    }
}

impl Status {
    /// The state in the reader's language.
    pub(crate) fn label(self, lang: Lang) -> String {
        match self {
            Self::Investigating => word!(lang, states.investigating),
            Self::Identified => word!(lang, states.identified),
            Self::Monitoring => word!(lang, states.monitoring),
            Self::Resolved => word!(lang, states.resolved),
            Self::Postmortem => word!(lang, states.postmortem),
            Self::Scheduled => word!(lang, states.scheduled),
            Self::InProgress => word!(lang, states.in_progress),
            Self::Verifying => word!(lang, states.verifying),
            Self::Completed => word!(lang, states.completed),
        }
    }
}

impl Impact {
    /// The impact in the reader's language.
    pub(crate) fn label(self, lang: Lang) -> String {
        match self {
            Self::None => word!(lang, states.impact_none),
            Self::Minor => word!(lang, states.impact_minor),
            Self::Major => word!(lang, states.impact_major),
            Self::Critical => word!(lang, states.impact_critical),
            Self::Maintenance => word!(lang, states.impact_maintenance),
        }
    }
}
