//! Devices: what a person sees of their own sessions.

use serde::{Deserialize, Serialize};
use woothee::parser::Parser;

use super::{Kind, Session};
use crate::{Fault, People, Who};

/// What the request came with. The address is the caller's to find (behind a proxy it is not the socket's).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// The address, IPv4 or IPv6.
    pub ip: String,
    /// The `User-Agent` header; empty where there was none.
    pub user_agent: String,
}

impl Client {
    /// What the request came with.
    pub fn new(ip: impl Into<String>, user_agent: impl Into<String>) -> Self {
        Self {
            ip: ip.into(),
            user_agent: user_agent.into(),
        }
    }
}

/// The shape of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceForm {
    /// A mobile phone.
    Phone,
    /// A tablet.
    Tablet,
    /// A desktop or a notebook.
    Computer,
    /// Something else, or unknown.
    Other,
}

impl DeviceForm {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Tablet => "tablet",
            Self::Computer => "computer",
            Self::Other => "other",
        }
    }

    pub(crate) fn from_name(name: &str) -> Self {
        [Self::Phone, Self::Tablet, Self::Computer]
            .into_iter()
            .find(|form| form.name() == name)
            .unwrap_or(Self::Other)
    }

    fn korean(self) -> &'static str {
        match self {
            Self::Phone => "휴대전화",
            Self::Tablet => "태블릿",
            Self::Computer => "컴퓨터",
            Self::Other => "기기",
        }
    }
}

/// One signed-in browser as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// For [`People::end_session`].
    pub id: i64,
    /// Ready to read in Korean: `Chrome · Android 휴대전화`. For other languages put the next three together.
    pub kind: String,
    /// `Chrome`; empty when unknown.
    pub browser: String,
    /// `Android`; empty when unknown.
    pub system: String,
    /// Phone, tablet, computer.
    pub form: DeviceForm,
    /// When it signed in, in milliseconds.
    pub first_seen_at: i64,
    /// When it was last seen, in milliseconds, to a minute.
    pub last_seen_at: i64,
    /// Its last address, masked.
    pub ip: String,
    /// Whether it is the one that asks.
    pub current: bool,
}

impl People {
    /// The same login's living sessions, the asking one first, then the latest seen.
    pub async fn devices(&self, session: &Session, at: i64) -> Result<Vec<Device>, Fault> {
        let kind = match session.who {
            Who::Resident { .. } => Kind::Resident,
            Who::Staff { .. } => Kind::Staff,
        };
        let rows: Vec<DeviceRow> = sqlx::query_as(
            "SELECT id, browser, system, form, ip_masked, started_at, seen_at FROM sessions \
             WHERE login = $1 AND ended_at IS NULL ORDER BY seen_at DESC, id DESC",
        )
        .bind(session.who.login())
        .fetch_all(&self.store().read)
        .await?;
        let mut devices: Vec<Device> = rows
            .into_iter()
            .filter(|row| !self.is_over(kind, row.5, row.6, at))
            .map(|row| of_row(row, session.id))
            .collect();
        devices.sort_by_key(|device| !device.current);
        Ok(devices)
    }
}

/// Id, browser, system, form, masked address, first and last seen.
pub(super) type DeviceRow = (i64, String, String, String, String, i64, i64);

/// A row as its owner sees it from the session `asking`.
pub(super) fn of_row(row: DeviceRow, asking: i64) -> Device {
    let (id, browser, system, form, ip, first_seen_at, last_seen_at) = row;
    let form = DeviceForm::from_name(&form);
    Device {
        id,
        kind: korean_kind(&browser, &system, form),
        browser,
        system,
        form,
        first_seen_at,
        last_seen_at,
        ip,
        current: id == asking,
    }
}

fn korean_kind(browser: &str, system: &str, form: DeviceForm) -> String {
    let what = format!("{system} {}", form.korean());
    [browser, what.trim()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}

/// Browser, system and form out of a `User-Agent`; never the whole header, which tells more than is needed.
pub(crate) fn read_user_agent(user_agent: &str) -> (String, String, DeviceForm) {
    let agent: String = user_agent.chars().take(512).collect();
    let parser = Parser::new();
    let found = parser.parse(&agent).unwrap_or_default();
    let known = |text: &str| {
        if text == "UNKNOWN" {
            String::new()
        } else {
            text.to_owned()
        }
    };
    let browser = if agent.contains("KAKAOTALK") {
        "KakaoTalk".to_owned()
    } else if agent.contains("NAVER(inapp") {
        "NAVER".to_owned()
    } else if agent.contains("SamsungBrowser/") {
        "Samsung Internet".to_owned()
    } else {
        known(found.name)
    };
    let form = match (found.os, found.category) {
        ("iPad", _) => DeviceForm::Tablet,
        ("Android", _) if !agent.contains("Mobile") => DeviceForm::Tablet,
        (_, "smartphone" | "mobilephone") => DeviceForm::Phone,
        (_, "pc") => DeviceForm::Computer,
        _ => DeviceForm::Other,
    };
    let system = match found.os {
        os if os.starts_with("Windows") => "Windows".to_owned(),
        "Mac OSX" => "macOS".to_owned(),
        os => known(os),
    };
    (browser, system, form)
}
