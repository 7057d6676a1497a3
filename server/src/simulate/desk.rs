//! The simulator's book: orders and lines, in memory and, where a file is named, there too.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::{Path, PathBuf},
};

use ledger::{BankLine, Way};
use serde::{Deserialize, Serialize};

use super::{Settings, habit::Habit};
use crate::bank::wire::{OrderAnswer, OrderState};

/// How much longer than an order takes a late bank does not know of it.
const LATE_TIMES: i64 = 60;

/// What is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Deposit,
    Transfer,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Order {
    kind: Kind,
    account: String,
    amount_won: i64,
    habit: Habit,
    taken_at: i64,
    due_at: i64,
    /// When it is admitted to be done.
    told_at: i64,
    booked: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Booked {
    account: String,
    line: BankLine,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Book {
    orders: BTreeMap<String, Order>,
    lines: Vec<Booked>,
}

/// The book and where it is kept.
#[derive(Debug)]
pub(super) struct Desk {
    book: Book,
    file: Option<PathBuf>,
}

/// What comes of an order being heard.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Answer(OrderAnswer),
    Silence,
    /// The reference stands for another order.
    Another,
    Nonsense,
}

/// The day in Korea.
pub(super) fn day_of(at: i64) -> String {
    let instant = jiff::Timestamp::from_millisecond(at).unwrap_or_default();
    jiff::tz::Offset::constant(9).to_datetime(instant).date().to_string()
}

impl Desk {
    pub(super) fn open(file: Option<&Path>) -> io::Result<Self> {
        let book = match file.map(std::fs::read) {
            Some(Ok(bytes)) => serde_json::from_slice(&bytes).map_err(io::Error::other)?,
            Some(Err(error)) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => Book::default(),
        };
        Ok(Self {
            book,
            file: file.map(Path::to_owned),
        })
    }

    /// Whole under another name, then in the place of the old.
    fn keep(&self) -> io::Result<()> {
        let Some(path) = &self.file else { return Ok(()) };
        let draft = path.with_extension("new");
        let mut file = std::fs::File::create(&draft)?;
        file.write_all(&serde_json::to_vec(&self.book).map_err(io::Error::other)?)?;
        file.sync_all()?;
        std::fs::rename(draft, path)
    }

    pub(super) fn take(
        &mut self,
        kind: Kind,
        account: &str,
        reference: &str,
        amount_won: i64,
        now: i64,
        settings: &Settings,
    ) -> io::Result<Taken> {
        if amount_won <= 0 || reference.is_empty() || reference.len() > 64 || account.is_empty() {
            return Ok(Taken::Nonsense);
        }
        if let Some(order) = self.book.orders.get(reference) {
            if (order.kind, order.amount_won, order.account.as_str()) != (kind, amount_won, account) {
                return Ok(Taken::Another);
            }
        } else {
            let delay_ms = i64::try_from(settings.delay.as_millis()).unwrap_or(i64::MAX / 1_000);
            let habit = settings.mode.habit(settings.seed, reference);
            let order = Order {
                kind,
                account: account.to_owned(),
                amount_won,
                habit,
                taken_at: now,
                due_at: now + delay_ms,
                told_at: now + delay_ms * if habit == Habit::Late { LATE_TIMES } else { 1 },
                booked: false,
            };
            tracing::info!(reference, amount_won, ?habit, "an order");
            self.book.orders.insert(reference.to_owned(), order);
            self.keep()?;
        }
        let silent = self.book.orders[reference].habit == Habit::Silent;
        Ok(match self.answer(reference, now) {
            Some(answer) if !silent => Taken::Answer(answer),
            _ => Taken::Silence,
        })
    }

    /// What the bank says of an order.
    pub(super) fn answer(&self, reference: &str, now: i64) -> Option<OrderAnswer> {
        let order = self.book.orders.get(reference)?;
        let (state, reason) = match order.habit {
            Habit::Contradictory => (OrderState::Failed, "not possible"),
            _ if order.booked && now >= order.told_at => (OrderState::Done, ""),
            _ => (OrderState::Accepted, ""),
        };
        let digits: String = reference.chars().filter(char::is_ascii_digit).collect();
        let last = digits.len().saturating_sub(8);
        let pay_to = match order.kind {
            Kind::Deposit => format!("시험은행 900-{}-{}", order.account, &digits[last..]),
            Kind::Transfer => String::new(),
        };
        Some(OrderAnswer {
            reference: reference.to_owned(),
            amount_won: order.amount_won,
            state,
            pay_to,
            reason: reason.to_owned(),
        })
    }

    /// Books what is due; gives the references of which there is news.
    pub(super) fn book_due(&mut self, now: i64) -> io::Result<Vec<String>> {
        let mut news = Vec::new();
        for (reference, order) in &mut self.book.orders {
            if order.booked || order.habit == Habit::Never || now < order.due_at {
                continue;
            }
            order.booked = true;
            let times = if order.habit == Habit::Double { 2 } else { 1 };
            for time in 1..=times {
                let line = BankLine {
                    line: format!("{reference}-{time}"),
                    at: now,
                    way: match order.kind {
                        Kind::Deposit => Way::In,
                        Kind::Transfer => Way::Out,
                    },
                    reference: reference.clone(),
                    amount_won: order.amount_won,
                };
                self.book.lines.push(Booked {
                    account: order.account.clone(),
                    line,
                });
                news.push(reference.clone());
            }
        }
        if !news.is_empty() {
            self.keep()?;
        }
        Ok(news)
    }

    pub(super) fn lines(&self, account: &str, day: &str) -> Vec<BankLine> {
        let of_day = |booked: &&Booked| booked.account == account && day_of(booked.line.at) == day;
        self.book.lines.iter().filter(of_day).map(|booked| booked.line.clone()).collect()
    }
}
