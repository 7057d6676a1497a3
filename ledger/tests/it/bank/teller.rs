//! A bank with habits, kept in memory. Each order gets the next habit of the list when it is first heard.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Mutex,
};

use jiff::civil::Date;
use ledger::{Bank, BankAnswer, BankLine, Deposit, Remittance, Way, Why, deposit_reference, remittance_reference};
use proptest::prelude::*;

/// How the bank treats an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Habit {
    /// Does it, and says so when asked again.
    Honest,
    /// Does it, and goes on saying that it will.
    Late,
    /// Does it twice.
    Double,
    /// Says that it will, for ever.
    Never,
    /// Says it is done, and it is not.
    SaysYes,
    /// Says it will not be done, and does it.
    SaysNo,
    /// Does it with a won more.
    OtherAmount,
    /// Does it, and cannot be understood.
    Silent,
    /// Does nothing, and cannot be understood.
    SilentNever,
    /// Refuses, and means it.
    Refuses,
    /// Cannot be reached the first two times, then honest.
    Away,
}

pub fn habit() -> impl Strategy<Value = Habit> {
    proptest::sample::select(vec![
        Habit::Honest,
        Habit::Honest,
        Habit::Late,
        Habit::Double,
        Habit::Never,
        Habit::SaysYes,
        Habit::SaysNo,
        Habit::OtherAmount,
        Habit::Silent,
        Habit::SilentNever,
        Habit::Refuses,
        Habit::Away,
    ])
}

impl Habit {
    /// In which state an order of this habit must end, its answers heard.
    fn end(self) -> &'static str {
        match self {
            Self::Honest | Self::Late | Self::Double | Self::SaysYes | Self::Silent | Self::Away => "confirmed",
            Self::Never | Self::SaysNo | Self::SilentNever | Self::Refuses => "failed",
            Self::OtherAmount => "unknown",
        }
    }
}

#[derive(Clone, Debug)]
struct Order {
    habit: Habit,
    asked: u32,
    /// Whether an answer got through: one that is lost says nothing, and the statement may come before the next.
    answered: bool,
    way: Way,
    amount_won: i64,
}

#[derive(Debug, Default)]
struct Desk {
    now: i64,
    orders: HashMap<String, Order>,
    lines: Vec<BankLine>,
    strays: Vec<(String, i64)>,
    hangs: bool,
}

/// The bank.
#[derive(Debug)]
pub struct Teller {
    habits: Vec<Habit>,
    desk: Mutex<Desk>,
}

pub fn day_of(at: i64) -> Date {
    let instant = jiff::Timestamp::from_millisecond(at).unwrap();
    jiff::tz::Offset::constant(9).to_datetime(instant).date()
}

impl Desk {
    fn book(&mut self, reference: &str, way: Way, amount_won: i64) {
        let line = format!("l{}", self.lines.len());
        let at = self.now;
        self.lines.push(BankLine {
            line,
            at,
            way,
            reference: reference.to_owned(),
            amount_won,
        });
    }
}

impl Teller {
    pub fn new(habits: Vec<Habit>, now: i64) -> Self {
        let desk = Desk {
            now,
            ..Desk::default()
        };
        Self {
            habits,
            desk: Mutex::new(desk),
        }
    }

    pub fn go(&self, now: i64) {
        self.desk.lock().unwrap().now = now;
    }

    pub fn hang(&self, hangs: bool) {
        self.desk.lock().unwrap().hangs = hangs;
    }

    pub fn stray(&self, amount_won: i64) {
        let mut desk = self.desk.lock().unwrap();
        let reference = format!("stray {}", desk.strays.len());
        desk.book(&reference, Way::In, amount_won);
        desk.strays.push((reference, amount_won));
    }

    /// The habit with an order, and in which state it must end.
    pub fn end(&self, reference: &str) -> (Habit, &'static str) {
        let order = self.desk.lock().unwrap().orders[reference].clone();
        let end = match order.habit {
            Habit::SaysNo if !order.answered => "confirmed",
            habit => habit.end(),
        };
        (order.habit, end)
    }

    pub fn statement(&self, day: Date) -> Vec<BankLine> {
        let desk = self.desk.lock().unwrap();
        desk.lines.iter().filter(|line| day_of(line.at) == day).cloned().collect()
    }

    /// What a perfect reconciliation names: why, which reference, what the bank has more than the books.
    pub fn planted(&self) -> BTreeMap<(Why, String, i64), i64> {
        let desk = self.desk.lock().unwrap();
        let mut planted = BTreeMap::new();
        let mut plant = |why, reference: &str, won| {
            *planted.entry((why, reference.to_owned(), won)).or_insert(0) += 1;
        };
        for (reference, order) in &desk.orders {
            let won = order.way.signed(order.amount_won);
            match order.habit {
                Habit::Double => plant(Why::Double, reference, won),
                Habit::SaysYes => plant(Why::MissingThere, reference, -won),
                Habit::SaysNo if order.answered => plant(Why::MissingHere, reference, won),
                Habit::OtherAmount => {
                    // A deposit of another amount is not sold; a remittance has left the books.
                    let book_won = if order.way == Way::In { 0 } else { won };
                    let bank_won = order.way.signed(order.amount_won + 1);
                    plant(Why::OtherAmount, reference, bank_won - book_won);
                }
                _ => {}
            }
        }
        for (reference, won) in &desk.strays {
            plant(Why::MissingHere, reference, *won);
        }
        planted
    }

    fn hear(&self, reference: String, way: Way, amount_won: i64) -> (BankAnswer, bool) {
        let mut desk = self.desk.lock().unwrap();
        let next = self.habits[desk.orders.len() % self.habits.len()];
        let order = desk.orders.entry(reference.clone()).or_insert(Order {
            habit: next,
            asked: 0,
            answered: false,
            way,
            amount_won,
        });
        assert_eq!((order.way, order.amount_won), (way, amount_won), "one reference, one order");
        order.asked += 1;
        let Order { habit, asked, .. } = *order;
        // Away: the order does not arrive at all.
        let heard = if habit == Habit::Away { asked.saturating_sub(2) } else { asked };
        if heard == 1 {
            let times = match habit {
                Habit::Never | Habit::SaysYes | Habit::SilentNever | Habit::Refuses => 0,
                Habit::Double => 2,
                _ => 1,
            };
            let amount_won = amount_won + i64::from(habit == Habit::OtherAmount);
            for _ in 0..times {
                desk.book(&reference, way, amount_won);
            }
        }
        let reason = || "as habit has it".to_owned();
        let accepted = BankAnswer::Accepted {
            account: "110-1".to_owned(),
        };
        let answer = match habit {
            Habit::Away if heard == 0 => BankAnswer::Pending,
            Habit::SaysYes => BankAnswer::Confirmed,
            Habit::Honest | Habit::Double | Habit::Away if heard > 1 => BankAnswer::Confirmed,
            Habit::SaysNo | Habit::Refuses => BankAnswer::Failed { reason: reason() },
            Habit::Silent | Habit::SilentNever => BankAnswer::Unknown { reason: reason() },
            _ => accepted,
        };
        let hangs = desk.hangs;
        if let Some(order) = desk.orders.get_mut(&reference) {
            order.answered |= !hangs;
        }
        (answer, hangs)
    }

    async fn answer(&self, reference: String, way: Way, amount_won: i64) -> BankAnswer {
        let (answer, hangs) = self.hear(reference, way, amount_won);
        if hangs {
            std::future::pending::<()>().await;
        }
        answer
    }
}

impl Bank for Teller {
    async fn collect(&self, deposit: &Deposit) -> BankAnswer {
        self.answer(deposit_reference(deposit.id), Way::In, deposit.price_won)
            .await
    }

    async fn send(&self, remittance: &Remittance) -> BankAnswer {
        self.answer(remittance_reference(remittance.id), Way::Out, remittance.amount_won)
            .await
    }
}
