//! What the site is told at its start.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::SystemTime};

use crate::{
    probes::Probing,
    subscriptions::Outbound,
    words::{Lang, word},
};

/// Where the site takes the time from: milliseconds since the epoch. Tests give one that stands still.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The system's clock.
pub fn system_clock() -> Clock {
    Arc::new(|| {
        SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    })
}

/// The settings of one status site.
#[derive(Clone)]
pub struct Config {
    /// Where to listen (`NEUL_STATUS_ADDR`); port 0 takes a free one.
    pub addr: SocketAddr,
    /// The site's own folder (`NEUL_STATUS_DIR`): `status.db`, `lock`, `session-key`.
    pub dir: PathBuf,
    /// How the public reaches this site (`NEUL_STATUS_URL`), for feeds and JSON; `None`: `http://` and the
    /// address listened on. `https://` makes the desk's cookie `__Host-` and Secure, and sends HSTS.
    pub public_url: Option<String>,
    /// Where the portal is (`NEUL_PORTAL_URL`): a link, never a dependency.
    pub portal_url: String,
    /// Whose status this is and whom to call.
    pub page: PageInfo,
    /// The time zone of days and times, by its IANA name.
    pub time_zone: String,
    /// Where the time comes from.
    pub clock: Clock,
    /// How the portal is watched from here; `None`: it is not, and only operators say what is.
    pub probing: Option<Probing>,
    /// Where the whole site is written as plain files on each change (`NEUL_STATUS_TWIN`); `None`: nowhere.
    pub twin: Option<PathBuf>,
    /// How messages to subscribers leave; `None`: nobody can subscribe, only feeds are there.
    pub outbound: Option<Outbound>,
}

impl Config {
    /// A site at `addr` with its folder `dir`, everything else as usual.
    pub fn new(addr: SocketAddr, dir: impl Into<PathBuf>) -> Self {
        Self {
            addr,
            dir: dir.into(),
            public_url: None,
            portal_url: "http://127.0.0.1:3000".to_owned(),
            page: PageInfo::default(),
            time_zone: "Asia/Seoul".to_owned(),
            clock: system_clock(),
            probing: None,
            twin: None,
            outbound: None,
        }
    }
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("addr", &self.addr)
            .field("dir", &self.dir)
            .field("public_url", &self.public_url)
            .field("probing", &self.probing)
            .finish_non_exhaustive()
    }
}

/// Whose status this is: stands on every page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageInfo {
    /// The service's name in Korean.
    pub name_ko: String,
    /// The service's name in English.
    pub name_en: String,
    /// The help line's number as people read it, `1670-0000`.
    pub help_line: String,
    /// When the help line answers, in Korean.
    pub help_hours_ko: String,
    /// When the help line answers, in English.
    pub help_hours_en: String,
}

impl Default for PageInfo {
    fn default() -> Self {
        Self {
            name_ko: word!(Lang::ko, shell.service_name),
            name_en: word!(Lang::en, shell.service_name),
            help_line: word!(Lang::ko, shell.help_line_number),
            help_hours_ko: word!(Lang::ko, shell.help_hours),
            help_hours_en: word!(Lang::en, shell.help_hours),
        }
    }
}

impl PageInfo {
    /// The service's name in the reader's language.
    pub(crate) fn name(&self, lang: Lang) -> String {
        lang.pick(&self.name_ko, &self.name_en).to_owned()
    }

    /// The help line's hours in the reader's language.
    pub(crate) fn help_hours(&self, lang: Lang) -> String {
        lang.pick(&self.help_hours_ko, &self.help_hours_en).to_owned()
    }

    /// The number as `tel:` wants it.
    pub(crate) fn help_line_href(&self) -> String {
        let digits: String = self
            .help_line
            .chars()
            .filter(|c| c.is_ascii_digit() || *c == '+')
            .collect();
        format!("tel:{digits}")
    }
}
