//! From settings to a house: databases opened, keys found or made. Every refusal says what to do.

use std::{
    path::Path,
    sync::{Arc, atomic::AtomicI64},
};

use app::{
    House,
    house::{Assets, Settings as PageSettings},
};
use ledger::Ledger;
use people::{CodeSender, HttpGateway, Keys, Outbox, People, Policy};
use store::Store;
use tokio::sync::{Notify, watch};

use crate::{
    bank::{HouseBank, HttpBank, sign::BankKey},
    cli::Settings,
    telemetry::Collector,
};

/// Why the program cannot start; the text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Something that a person must change.
    #[error("{0}")]
    Say(String),
    /// The database.
    #[error("the database cannot be opened: {0}")]
    Store(#[from] store::StoreError),
    /// A statement.
    #[error("the database refused: {0}")]
    Sql(#[from] store::SqlError),
    /// Money.
    #[error(transparent)]
    Ledger(#[from] ledger::LedgerError),
    /// A payout's rows.
    #[error(transparent)]
    Payout(#[from] ledger::payouts::BatchError),
    /// People.
    #[error(transparent)]
    People(#[from] people::Fault),
    /// The status site.
    #[error(transparent)]
    Status(#[from] status::StatusError),
    /// A file.
    #[error("{0}")]
    File(#[from] std::io::Error),
}

/// A sentence as an error.
pub fn say<T>(text: impl Into<String>) -> Result<T, StartError> {
    Err(StartError::Say(text.into()))
}

/// The rooms that every command needs.
pub struct Rooms {
    /// The database.
    pub store: Store,
    /// What money is.
    pub ledger: Ledger,
    /// Who is who.
    pub people: People,
    /// Where codes go in the demo.
    pub outbox: Option<Arc<Outbox>>,
}

impl Rooms {
    /// Opens the database; `migrated` brings it up to date first.
    pub async fn open(settings: &Settings) -> Result<Self, StartError> {
        let store = Store::open(&settings.database_url).await?;
        let keys = keys(settings)?;
        let (sender, outbox): (Arc<dyn CodeSender>, _) = if let Some(url) = &settings.sms_url {
            let token = settings.sms_token.as_deref().unwrap_or_default();
            (Arc::new(HttpGateway::new(url, token)), None)
        } else {
            let outbox = Arc::new(Outbox::default());
            (outbox.clone(), Some(outbox))
        };
        let people = People::new(store.clone(), keys, sender, Policy::default());
        Ok(Self {
            ledger: Ledger::new(store.clone()),
            people,
            store,
            outbox,
        })
    }

    /// Brings the database up to date.
    pub async fn migrate(&self) -> Result<(), StartError> {
        self.store.migrate(&ledger::MIGRATIONS).await?;
        self.store.migrate(&people::MIGRATIONS).await?;
        Ok(())
    }
}

fn keys(settings: &Settings) -> Result<Keys, StartError> {
    let made = || Keys::load_or_make(&settings.data_dir.join("keys"));
    let keys = match (&settings.secret_keys, &settings.data_keys) {
        (Some(secret), Some(data)) => Keys::parse(secret, data),
        (None, None) => made(),
        _ => {
            return say(
                "set both NEUL_SECRET_KEYS and NEUL_DATA_KEYS, or neither (then they are made in data/keys)",
            );
        }
    };
    keys.map_err(|error| StartError::Say(format!("keys: {error}")))
}

/// Names of the built browser files, from `hash.txt` beside the program (as cargo-leptos writes it).
pub fn assets(site_dir: &Path) -> Result<Assets, StartError> {
    let beside = std::env::current_exe()?.with_file_name("hash.txt");
    let hashes = std::fs::read_to_string(&beside).unwrap_or_default();
    let hash = |kind: &str| {
        hashes.lines().find_map(|line| {
            line.split_once(':')
                .filter(|(key, _)| *key == kind)
                .map(|(_, hash)| hash.trim())
        })
    };
    let css = hash("css").map_or("neul.css".to_owned(), |hash| format!("neul.{hash}.css"));
    if !site_dir.join("pkg").join(&css).exists() {
        return say(format!(
            "the browser files are not there ({}): run `cargo xtask site`, or set NEUL_SITE_DIR",
            site_dir.join("pkg").join(&css).display()
        ));
    }
    Ok(Assets {
        css,
        site_dir: site_dir.display().to_string(),
    })
}

/// The house for the pages.
pub async fn house(
    settings: &Settings,
    rooms: &Rooms,
    status: watch::Receiver<app::incidents::StatusNow>,
) -> Result<House, StartError> {
    let demo = rooms.people.is_demo().await?;
    let municipalities = rooms.ledger.municipalities().await?;
    let (municipalities, _) = watch::channel(municipalities);
    let upload_dir = settings.data_dir.join("uploads");
    std::fs::create_dir_all(&upload_dir)?;
    Ok(House {
        ledger: rooms.ledger.clone(),
        people: rooms.people.clone(),
        status,
        municipalities,
        calm: app::calm::Calm::default(),
        card_lists: app::cards::CardLists::new(list_key(settings)?),
        payout_approved: Arc::new(Notify::new()),
        bank_rung: Arc::new(Notify::new()),
        assets: Arc::new(assets(&settings.site_dir)?),
        settings: Arc::new(PageSettings {
            status_url: status_url(settings),
            portal_url: portal_url(settings).trim_end_matches('/').to_owned(),
            secure_cookies: secure_cookies(settings),
            roster_max_bytes: settings.roster_max_bytes,
            upload_dir,
            demo,
            bank: settings.bank_url.is_some(),
            outbox: rooms.outbox.clone(),
        }),
        log_keys: Arc::new(crate::log_keys::find_or_make(settings)?.verifying().clone()),
        frozen_at: Arc::new(AtomicI64::new(0)),
    })
}

/// The key that signs stand-in lists: given, or made once and kept in `data/keys/card`.
pub fn list_key(settings: &Settings) -> Result<ledger::ListKey, StartError> {
    let text = match settings.card_key.as_deref().map(str::trim) {
        Some(text) if !text.is_empty() => text.to_owned(),
        _ => crate::probe::kept_key(&settings.data_dir.join("keys").join("card"))?,
    };
    ledger::ListKey::from_hex(&text).or_else(|error| say(format!("NEUL_CARD_KEY: {error}")))
}

/// The bank, if there is one: by HTTP where an address is given, else the demo's own.
pub async fn bank(settings: &Settings, rooms: &Rooms) -> Result<Option<HouseBank>, StartError> {
    match (&settings.bank_url, bank_key(settings)?) {
        (Some(url), Some(key)) => match HttpBank::new(url, key, rooms.people.clone()) {
            Ok(bank) => Ok(Some(HouseBank::Http(bank))),
            Err(error) => say(format!("NEUL_BANK_URL: {error}")),
        },
        (Some(_), None) => say("NEUL_BANK_URL needs NEUL_BANK_KEY, the key that the bank has too"),
        (None, _) => Ok(rooms.people.is_demo().await?.then_some(HouseBank::Demo)),
    }
}

/// The collector of traces and logs, if there is one.
pub fn collector(settings: &Settings) -> Result<Option<Collector>, StartError> {
    let given = settings
        .otlp_endpoint
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty());
    match given.map(Collector::new) {
        Some(None) => say("NEUL_OTLP_ENDPOINT must be an address like http://127.0.0.1:4318"),
        collector => Ok(collector.flatten()),
    }
}

/// The key that the portal and the bank have in common.
pub fn bank_key(settings: &Settings) -> Result<Option<BankKey>, StartError> {
    match settings.bank_key.as_deref().map(BankKey::parse) {
        Some(None) => say("NEUL_BANK_KEY must be 64 or more hexadecimal digits"),
        key => Ok(key.flatten()),
    }
}

/// Where the status site is reached.
pub fn status_url(settings: &Settings) -> String {
    settings
        .status_url
        .clone()
        .unwrap_or_else(|| format!("http://{}", settings.status_addr))
}

/// Where the portal is reached.
pub fn portal_url(settings: &Settings) -> String {
    settings
        .portal_url
        .clone()
        .unwrap_or_else(|| format!("http://{}", settings.addr))
}

/// `Secure` and `__Host-` wherever the portal is not a plain loopback address: browsers refuse the prefix
/// over plain HTTP.
fn secure_cookies(settings: &Settings) -> bool {
    portal_url(settings).starts_with("https://") || !settings.addr.ip().is_loopback()
}
