//! What went wrong, or will be stopped on purpose: states, impact, the updates said to the public, and what
//! each update says of which component. Incidents and maintenances share this shape, as in Statuspage.

mod change;
mod page;
mod store;
mod summary;

pub(crate) use change::{Said, Saying, say};
pub(crate) use page::incident_page;
pub(crate) use store::{get, load, older_in};
pub(crate) use summary::{incident_card, timeline};

use std::collections::BTreeMap;

use crate::{components::ComponentStatus, probes::SENTRY, words::Lang};

/// Trouble, or announced work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Trouble.
    Incident,
    /// Announced work.
    Maintenance,
}

impl Kind {
    /// The store's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Incident => "incident",
            Self::Maintenance => "maintenance",
        }
    }

    /// The states it may be in, in order.
    pub(crate) fn states(self) -> &'static [Status] {
        match self {
            Self::Incident => &[
                Status::Investigating,
                Status::Identified,
                Status::Monitoring,
                Status::Resolved,
                Status::Postmortem,
            ],
            Self::Maintenance => &[
                Status::Scheduled,
                Status::InProgress,
                Status::Verifying,
                Status::Completed,
            ],
        }
    }
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Looking for the cause.
    Investigating,
    /// The cause is known.
    Identified,
    /// Mended, being watched.
    Monitoring,
    /// Over.
    Resolved,
    /// Over, and told what was learnt.
    Postmortem,
    /// Announced.
    Scheduled,
    /// Under way.
    InProgress,
    /// Done, being checked.
    Verifying,
    /// Over.
    Completed,
}

impl Status {
    const ALL: [Self; 9] = [
        Self::Investigating,
        Self::Identified,
        Self::Monitoring,
        Self::Resolved,
        Self::Postmortem,
        Self::Scheduled,
        Self::InProgress,
        Self::Verifying,
        Self::Completed,
    ];

    /// Statuspage's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Investigating => "investigating",
            Self::Identified => "identified",
            Self::Monitoring => "monitoring",
            Self::Resolved => "resolved",
            Self::Postmortem => "postmortem",
            Self::Scheduled => "scheduled",
            Self::InProgress => "in_progress",
            Self::Verifying => "verifying",
            Self::Completed => "completed",
        }
    }

    /// The state of a word.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Whether it is over.
    pub(crate) fn is_over(self) -> bool {
        matches!(self, Self::Resolved | Self::Postmortem | Self::Completed)
    }

    /// Whether a maintenance is under way.
    pub(crate) fn is_active(self) -> bool {
        matches!(self, Self::InProgress | Self::Verifying)
    }
}

/// How much it hurts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Impact {
    /// Nobody notices.
    None,
    /// Announced work.
    Maintenance,
    /// Some notice.
    Minor,
    /// Many cannot.
    Major,
    /// Nobody can.
    Critical,
}

impl Impact {
    /// Those an operator may choose for an incident.
    pub(crate) const CHOICES: [Self; 4] = [Self::Critical, Self::Major, Self::Minor, Self::None];

    /// Statuspage's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Maintenance => "maintenance",
            Self::Minor => "minor",
            Self::Major => "major",
            Self::Critical => "critical",
        }
    }

    /// The impact of a word.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        [
            Self::None,
            Self::Maintenance,
            Self::Minor,
            Self::Major,
            Self::Critical,
        ]
        .into_iter()
        .find(|impact| impact.as_str() == word)
    }

    /// The page's indicator: `none`, `minor`, `major` or `critical`, never another word (FACTS section 4).
    pub(crate) fn indicator(self) -> &'static str {
        match self {
            Self::None | Self::Maintenance => "none",
            Self::Minor => "minor",
            Self::Major => "major",
            Self::Critical => "critical",
        }
    }

    /// What a component's state means for the page.
    pub(crate) fn of_component(status: ComponentStatus) -> Self {
        match status {
            ComponentStatus::Operational => Self::None,
            ComponentStatus::UnderMaintenance => Self::Maintenance,
            ComponentStatus::DegradedPerformance => Self::Minor,
            ComponentStatus::PartialOutage => Self::Major,
            ComponentStatus::MajorOutage => Self::Critical,
        }
    }
}

/// One word to the public.
#[derive(Clone, Debug)]
pub(crate) struct Update {
    /// Its id.
    pub(crate) id: String,
    /// The incident's state from here on.
    pub(crate) status: Status,
    body: [String; 2],
    /// When it was said (ms).
    pub(crate) display_at: i64,
    /// When the next word is promised (ms).
    pub(crate) next_update_at: Option<i64>,
    /// When it was written (ms).
    pub(crate) created_at: i64,
    /// When it was last changed (ms).
    pub(crate) updated_at: i64,
    author: String,
}

impl Update {
    /// Whether no person said it, but the site's own probes.
    pub(crate) fn is_automatic(&self) -> bool {
        self.author == SENTRY
    }

    /// What was said, in the reader's language.
    pub(crate) fn body(&self, lang: Lang) -> &str {
        lang.pick(&self.body[0], &self.body[1])
    }
}

/// From `at` on this incident says of the component: `status`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StateChange {
    /// Of which component.
    pub(crate) component: String,
    /// By which update.
    pub(crate) update: String,
    /// From when (ms).
    pub(crate) at: i64,
    /// What.
    pub(crate) status: ComponentStatus,
}

/// One incident or maintenance with all that was said of it.
#[derive(Clone, Debug)]
pub(crate) struct Incident {
    /// Its id.
    pub(crate) id: String,
    /// Trouble or announced work.
    pub(crate) kind: Kind,
    title: [String; 2],
    /// How much it hurts.
    pub(crate) impact: Impact,
    /// How far it is.
    pub(crate) status: Status,
    /// When it began (ms).
    pub(crate) started_at: i64,
    /// When it was mended and watched (ms).
    pub(crate) monitoring_at: Option<i64>,
    /// When it was over (ms).
    pub(crate) resolved_at: Option<i64>,
    /// When the work is to begin and to end (ms).
    pub(crate) scheduled: Option<(i64, i64)>,
    /// Whether the work ends by the clock.
    pub(crate) ends_itself: bool,
    /// When it was written down (ms).
    pub(crate) created_at: i64,
    /// When it was last changed (ms).
    pub(crate) updated_at: i64,
    /// Newest first; never empty.
    pub(crate) updates: Vec<Update>,
    /// Oldest first.
    pub(crate) states: Vec<StateChange>,
}

impl Incident {
    /// Its title in the reader's language.
    pub(crate) fn title(&self, lang: Lang) -> &str {
        lang.pick(&self.title[0], &self.title[1])
    }

    /// Whether it is still open: trouble that is not over, work that is not over.
    pub(crate) fn is_open(&self) -> bool {
        !self.status.is_over()
    }

    /// What it says of each component at `at` (ms); those it never named are not in it.
    pub(crate) fn components_at(&self, at: i64) -> BTreeMap<&str, ComponentStatus> {
        let mut now = BTreeMap::new();
        for change in self.states.iter().filter(|change| change.at <= at) {
            now.insert(change.component.as_str(), change.status);
        }
        now
    }

    /// Every component that it ever named.
    pub(crate) fn touched(&self) -> Vec<&str> {
        let mut all: Vec<&str> = self
            .states
            .iter()
            .map(|change| change.component.as_str())
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// What changes with each word: when it was last changed (ms), and how many words there are, for words of one
    /// and the same moment.
    pub(crate) fn version(&self) -> (i64, usize) {
        (self.updated_at, self.updates.len())
    }

    /// Whether the site's own probes opened it.
    pub(crate) fn is_automatic(&self) -> bool {
        self.updates.last().is_some_and(Update::is_automatic)
    }

    /// Whether no person has said a word in it.
    pub(crate) fn is_untouched(&self) -> bool {
        self.updates.iter().all(Update::is_automatic)
    }

    /// When the next word was promised, while it is open (ms).
    pub(crate) fn next_word_at(&self) -> Option<i64> {
        self.updates
            .first()
            .filter(|_| self.is_open())
            .and_then(|update| update.next_update_at)
    }
}
