//! The last snapshot of the status site that the portal holds (Statuspage v2's shapes, the part we show).

use serde::Deserialize;

/// What the status site said when it was last asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusNow {
    /// When it was asked, in ms; 0: never yet.
    pub asked_at: i64,
    /// Whether the last attempt reached it.
    pub reached: bool,
    /// `none`, `minor`, `major` or `critical`.
    pub indicator: String,
    /// Components (name, state).
    pub components: Vec<(String, String)>,
    /// Incidents that are open.
    pub open: Vec<IncidentNow>,
    /// Incidents of before, newest first.
    pub past: Vec<IncidentNow>,
}

/// One incident.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct IncidentNow {
    /// Id at the status site.
    pub id: String,
    /// Title.
    pub name: String,
    /// `investigating` … `resolved`.
    pub status: String,
    /// `none` … `critical`.
    pub impact: String,
    /// RFC 3339.
    #[serde(default)]
    pub started_at: Option<String>,
    /// RFC 3339.
    #[serde(default)]
    pub resolved_at: Option<String>,
    /// What was said, newest first.
    #[serde(default, rename = "incident_updates")]
    pub updates: Vec<UpdateNow>,
}

/// One word of the operator about an incident.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct UpdateNow {
    /// `investigating` … `resolved`.
    pub status: String,
    /// The text.
    pub body: String,
    /// RFC 3339.
    #[serde(default)]
    pub display_at: Option<String>,
}
