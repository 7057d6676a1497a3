//! Icons, drawn in the page: no request, nothing to be missing. An icon alone never carries meaning; a word
//! stands beside each.

use leptos::prelude::*;

use crate::components::ComponentStatus;

/// The few that the site needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    /// Well.
    Check,
    /// Slow.
    Slow,
    /// Partly broken.
    Warning,
    /// Broken.
    Error,
    /// Announced work.
    Work,
    /// A word to know.
    Info,
    /// By when.
    Clock,
    /// The help line.
    Phone,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Self::Check => "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0ZM7.8 12.4l2.9 2.9 5.5-6",
            Self::Slow => "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0ZM8 12h8",
            Self::Warning => "M12 3.8 2.6 20h18.8L12 3.8ZM12 10v4.6M12 17.3v.2",
            Self::Error => "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0ZM9 9l6 6M15 9l-6 6",
            Self::Work => {
                "M14.6 6.3a4.2 4.2 0 0 1 5.3 5.3l-2.5-1-2-2 1-2.5a4.2 4.2 0 0 0-5.6 5.2l-7 7 2.2 2.2 7-7a4.2 4.2 0 0 0 6.9-4.6"
            }
            Self::Info => "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0ZM12 11v5.5M12 7.6v.2",
            Self::Clock => "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0ZM12 7v5.2l3.4 2",
            Self::Phone => {
                "M6 3.5h3l1.5 4.2-2 1.5a11.5 11.5 0 0 0 6.3 6.3l1.5-2 4.2 1.5v3a2 2 0 0 1-2.2 2A16.5 16.5 0 0 1 4 5.7a2 2 0 0 1 2-2.2Z"
            }
        }
    }
}

/// The icon in the size of the text beside it (`icon-s`), or of its own.
pub(crate) fn icon(which: Icon, class: &'static str) -> impl IntoView + use<> {
    view! {
        <svg class=class viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">
            <path d=which.path()></path>
        </svg>
    }
}

/// The icon of a component's state: each its own shape.
pub(crate) fn state_icon(status: ComponentStatus) -> Icon {
    match status {
        ComponentStatus::Operational => Icon::Check,
        ComponentStatus::UnderMaintenance => Icon::Work,
        ComponentStatus::DegradedPerformance => Icon::Slow,
        ComponentStatus::PartialOutage => Icon::Warning,
        ComponentStatus::MajorOutage => Icon::Error,
    }
}
