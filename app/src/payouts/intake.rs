//! From a file on the disk to a checked payout: the one way in for the desk and the command line.
//!
//! The check runs where blocking is allowed and hands rows over a short queue, in chunks; personal data is
//! sealed before it leaves that thread. Memory: the check's own, [`QUEUE`] chunks of [`CHUNK`] rows, and 16
//! bytes for each person. A refused file leaves nothing behind.

use std::{
    collections::HashSet,
    fs::File,
    io::{BufReader, Read},
    path::{Path, PathBuf},
};

use ledger::{
    Ledger, LedgerError, Refusal, municipalities,
    payouts::{NewPayout, NewRow, OwnCells, Payout, PayoutKind, RowOutcome},
};
use people::{People, Person};
use roster::{CheckedRow, Failure, FileProblem, Issuer, Options, Outcome, Place, Report, Why};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use super::said::roster_lang;
use crate::words::{self, Lang};

/// Rows in one chunk.
const CHUNK: usize = 1_000;
/// How many times the same file may come.
const AGAIN_MAX: usize = 100;
/// Chunks that wait for the database.
const QUEUE: usize = 4;

/// How a roster is judged: the limit of a file in bytes, and whose it must be.
pub fn check_options(max_bytes: u64, municipality: Option<i64>) -> Options {
    let mut options = Options::new(words::korean(jiff::Timestamp::now().as_millisecond()).date());
    options.limits.max_bytes = max_bytes;
    options.municipality = municipality.and_then(|code| {
        let own = place(municipalities::issuer(code)?);
        let others = municipalities::issuers()
            .iter()
            .filter(|other| other.code != code)
            .map(place)
            .collect();
        Some(Issuer { own, others })
    });
    options
}

fn place(issuer: &municipalities::Issuer) -> Place {
    let province = if issuer.is_province() {
        ""
    } else {
        issuer.province_name
    };
    Place {
        code: issuer.code,
        name: issuer.name.to_owned(),
        province: province.to_owned(),
    }
}

/// A roster to take in.
pub struct Intake<'a> {
    /// The ledger.
    pub ledger: &'a Ledger,
    /// Who seals.
    pub people: &'a People,
    /// Whose desk it is.
    pub municipality: i64,
    /// The official who hands it in.
    pub clerk: i64,
    /// The programme that pays.
    pub programme: i64,
    /// What officials see it called.
    pub title: String,
    /// The file's name as it was uploaded.
    pub file_name: String,
    /// Why the same file is taken though it was handed in before; `None`: then it is refused.
    pub again_why: Option<String>,
    /// Largest file, in bytes.
    pub max_bytes: u64,
    /// Now, in ms.
    pub at: i64,
}

/// Why a roster was not taken in.
#[derive(Debug)]
pub enum IntakeRefused {
    /// The file is none that can be read.
    File(FileProblem),
    /// The ledger refused: unknown programme, the same file before.
    Ledger(Refusal),
    /// A mistake of ours; for the log.
    Broken(String),
}

impl IntakeRefused {
    /// For the person who handed it in.
    pub fn message(&self, lang: Lang) -> String {
        match self {
            Self::File(problem) => problem.message(roster_lang(lang)),
            Self::Ledger(refusal) => words::refusal(lang, refusal),
            Self::Broken(_) => crate::word!(lang, errors.broken),
        }
    }
}

impl From<LedgerError> for IntakeRefused {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Refused(refusal) => Self::Ledger(refusal),
            LedgerError::Store(error) => Self::Broken(error.to_string()),
        }
    }
}

impl Intake<'_> {
    /// Checks the file, keeps its rows and gives the checked payout. Nothing is paid by it.
    pub async fn take(&self, file: &Path) -> Result<Payout, IntakeRefused> {
        let path = file.to_owned();
        let mut new = NewPayout::new(PayoutKind::Roster, self.programme, self.title.clone(), self.clerk);
        new.file_name.clone_from(&self.file_name);
        new.file_sha256 = blocking(move || hash_of(&path))
            .await?
            .map_err(|error| IntakeRefused::File(error.into()))?;
        let payout = self.create(new).await?;
        let kept = match self.keep_rows(payout, file).await {
            Ok(report) => self.finish(payout, &report).await,
            Err(refused) => Err(refused),
        };
        if kept.is_err()
            && let Err(error) = self.ledger.abandon_payout(self.municipality, payout).await
        {
            tracing::error!(%error, payout, "a draft could not be taken back");
        }
        kept
    }

    async fn finish(&self, payout: i64, report: &Report) -> Result<Payout, IntakeRefused> {
        let ledger = self.ledger;
        ledger
            .set_payout_header(self.municipality, payout, &report.header)
            .await?;
        Ok(ledger
            .finish_check(self.municipality, payout, self.clerk, self.at)
            .await?)
    }

    /// The draft. The same file is refused, unless it was said why it comes again: then it is told apart by the
    /// newest payout of it.
    async fn create(&self, mut new: NewPayout) -> Result<i64, IntakeRefused> {
        for _ in 0..AGAIN_MAX {
            let made = self
                .ledger
                .create_payout(self.municipality, new.clone(), self.at)
                .await;
            match (made, &self.again_why) {
                (Err(LedgerError::Refused(Refusal::SameFile { payout })), Some(why)) => {
                    new.file_again = Some((payout, why.clone()));
                }
                (made, _) => return Ok(made?.id),
            }
        }
        Err(IntakeRefused::Broken("the same file too many times".to_owned()))
    }

    async fn keep_rows(&self, payout: i64, file: &Path) -> Result<Report, IntakeRefused> {
        let (sender, mut receiver) = mpsc::channel(QUEUE);
        let mut options = check_options(self.max_bytes, Some(self.municipality));
        options.today = words::day_of(self.at);
        options.own = true;
        let (people, municipality, path) = (self.people.clone(), self.municipality, file.to_owned());
        let checking =
            tokio::task::spawn_blocking(move || check(&path, &options, &people, municipality, &sender));
        let mut refused = None;
        while let Some(page) = receiver.recv().await {
            let kept = async {
                self.ledger
                    .add_payout_rows(self.municipality, payout, page.rows)
                    .await?;
                self.ledger
                    .add_payout_own(self.municipality, payout, &page.own)
                    .await
            };
            if let Err(error) = kept.await {
                refused = Some(IntakeRefused::from(error));
                break;
            }
        }
        // With nobody to hand rows to, the check ends by itself.
        drop(receiver);
        let checked = checking
            .await
            .map_err(|error| IntakeRefused::Broken(error.to_string()))?;
        match (refused, checked) {
            (Some(refused), _) => Err(refused),
            (None, checked) => checked,
        }
    }
}

fn check(
    path: &PathBuf,
    options: &Options,
    people: &People,
    municipality: i64,
    sender: &mpsc::Sender<Page>,
) -> Result<Report, IntakeRefused> {
    let source = File::open(path).map_err(|error| IntakeRefused::File(error.into()))?;
    let gone = || IntakeRefused::Broken("nobody takes the rows".to_owned());
    let mut pages = Pages::default();
    let mut seen = Seen::default();
    let report = roster::check(BufReader::new(source), options, &mut |row| {
        let kept = seen.once(kept_row(people, municipality, &row)?);
        pages.own.push((kept.row, row.own));
        pages.rows.push(kept);
        if pages.rows.len() == CHUNK {
            let page = pages.take(people, municipality)?;
            sender.blocking_send(page).map_err(|_| gone())?;
        }
        Ok(())
    });
    let report = match report {
        Ok(report) => report,
        Err(Failure::Problem(problem)) => return Err(IntakeRefused::File(problem)),
        Err(Failure::Sink(refused)) => return Err(refused),
    };
    if !pages.rows.is_empty() {
        let page = pages.take(people, municipality)?;
        sender.blocking_send(page).map_err(|_| gone())?;
    }
    Ok(report)
}

/// The column name that a roster's own cells are sealed for.
pub(super) const OWN: &str = "payout.own";

/// Rows on their way to the database, and their own cells, sealed together.
struct Page {
    rows: Vec<NewRow>,
    own: OwnCells,
}

/// A page that is being filled: each row's number and cells beside it.
#[derive(Default)]
struct Pages {
    rows: Vec<NewRow>,
    own: Vec<(i64, Vec<String>)>,
}

impl Pages {
    fn take(&mut self, people: &People, municipality: i64) -> Result<Page, IntakeRefused> {
        let text =
            serde_json::to_string(&self.own).map_err(|error| IntakeRefused::Broken(error.to_string()))?;
        let ends = |row: Option<&(i64, Vec<String>)>| row.map_or(0, |(row, _)| *row);
        let own = OwnCells {
            first_row: ends(self.own.first()),
            last_row: ends(self.own.last()),
            sealed: people.seal_as(municipality, OWN, &text),
        };
        self.own.clear();
        let rows = std::mem::replace(&mut self.rows, Vec::with_capacity(CHUNK));
        Ok(Page { rows, own })
    }
}

/// Who was in the file already, as the register of people knows them: it folds spaces and width of names,
/// which the file's own comparison leaves apart, and nobody is paid twice.
#[derive(Default)]
struct Seen(HashSet<u128>);

impl Seen {
    fn once(&mut self, mut row: NewRow) -> NewRow {
        if row.outcome == RowOutcome::Ok {
            let person = row
                .person_key
                .get(..32)
                .and_then(|start| u128::from_str_radix(start, 16).ok());
            if person.is_some_and(|person| !self.0.insert(person)) {
                row.outcome = RowOutcome::Duplicate;
            }
        }
        row
    }
}

/// A row as it is kept: its person sealed, its reason as a code. What is wrong is kept as it stands in the
/// file, sealed too, so that the page can show it to those who may see it.
pub fn kept_row(people: &People, municipality: i64, row: &CheckedRow) -> Result<NewRow, IntakeRefused> {
    let mut kept = NewRow {
        row: i64::from(row.row),
        sealed: String::new(),
        person_key: String::new(),
        amount_won: 0,
        outcome: RowOutcome::Error,
        field: String::new(),
        why: String::new(),
    };
    let broken = |error: serde_json::Error| IntakeRefused::Broken(error.to_string());
    let error = match &row.outcome {
        Outcome::Ok(entry) => match Person::new(&entry.name, entry.birth, &entry.phone) {
            Ok(person) => {
                kept.sealed = people.seal(municipality, &serde_json::to_string(&person).map_err(broken)?);
                kept.person_key = people.person_key(&person);
                kept.amount_won = entry.amount_won;
                kept.outcome = RowOutcome::Ok;
                return Ok(kept);
            }
            Err(problem) => match problem.field {
                people::Field::Birth => Why::BirthTooEarly,
                people::Field::Phone => Why::PhoneUnreadable,
                _ => Why::NameUnreadable,
            },
        },
        Outcome::Error { why, .. } => *why,
        Outcome::Duplicate { of_row } => {
            kept.outcome = RowOutcome::Duplicate;
            kept.why = of_row.to_string();
            kept.sealed = people.seal(municipality, &as_written(row).map_err(broken)?);
            return Ok(kept);
        }
    };
    error.field().as_str().clone_into(&mut kept.field);
    error.code().clone_into(&mut kept.why);
    kept.sealed = people.seal(municipality, &as_written(row).map_err(broken)?);
    Ok(kept)
}

/// The four cells as they stand in the file.
fn as_written(row: &CheckedRow) -> serde_json::Result<String> {
    let [_, birth, phone, amount] = &row.cells;
    serde_json::to_string(&serde_json::json!({
        "name": row.name, "birth": birth, "phone": phone, "amount": amount,
    }))
}

/// SHA-256 of a file, hex.
fn hash_of(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex::encode(hash.finalize())),
            read => hash.update(&buffer[..read]),
        }
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, IntakeRefused> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| IntakeRefused::Broken(error.to_string()))
}
