//! The model: what a careful clerk would write into one book, without keys, locks, tables or a database.

mod gifts;
mod holds;
mod paying_out;
mod settlements;

use std::collections::BTreeMap;

use jiff::Timestamp;
use ledger::{
    Category, GiftState, HoldState, LotKind, Operation, Programme, ProgrammeKind, Receipt, Refusal,
    TransferKind,
};

/// A merchant, as far as the rules look at it.
pub struct Shop {
    pub id: i64,
    pub category: Category,
    pub revenue_won_year: i64,
}

struct Lot {
    id: i64,
    holder: i64,
    programme: i64,
    kind: LotKind,
    price_won: i64,
    value_won: i64,
    left_won: i64,
    /// What merchants took and did not give back.
    spent_won: i64,
    created_at: i64,
    expires_at: i64,
}

struct Payment {
    holder: i64,
    merchant: i64,
    amount_won: i64,
    at: i64,
    /// Each lot, what it gave and what came back, in the order of taking.
    parts: Vec<(i64, i64, i64)>,
}

/// All that is known.
#[derive(Default)]
pub struct Book {
    pub programmes: Vec<Programme>,
    pub shops: Vec<Shop>,
    lots: Vec<Lot>,
    payments: BTreeMap<i64, Payment>,
    gifts: Vec<gifts::Present>,
    holds: Vec<holds::Reserved>,
    /// Each merchant's ups and downs: which, when, won.
    takings: Vec<(i64, i64, i64)>,
    /// The last day each merchant was settled up to, and what it was sent in all.
    settled: BTreeMap<i64, (i64, i64)>,
    /// What the bank has not answered for: id, whose account it came from, won.
    remittances: Vec<(i64, (&'static str, i64), i64)>,
    balances: BTreeMap<(&'static str, i64), i64>,
}

/// Year and month in Seoul.
fn month(at: i64) -> (i16, i8) {
    let date = Timestamp::from_millisecond(at + 9 * 3_600_000)
        .expect("in range")
        .to_zoned(jiff::tz::TimeZone::UTC);
    (date.year(), date.month())
}

/// Number of the day in Seoul.
fn day(at: i64) -> i64 {
    (at + 9 * 3_600_000).div_euclid(86_400_000)
}

impl Book {
    /// What each lot will be changed by, in order, or why not.
    pub fn foretell(&self, operation: &Operation, at: i64) -> Result<Vec<i64>, Refusal> {
        match *operation {
            // These have a model of their own (codes.rs).
            Operation::PayByCode { .. } => unreachable!("no life has a code"),
            Operation::Fund { amount_won, .. } => positive(amount_won).map(|()| vec![]),
            Operation::Grant {
                programme,
                amount_won,
                ..
            } => {
                positive(amount_won)?;
                let ended_at = self.programme(programme).expiry.expires_at(at);
                if ended_at <= at {
                    return Err(Refusal::ProgrammeEnded { ended_at });
                }
                self.budget(programme, amount_won)?;
                Ok(vec![amount_won])
            }
            Operation::Sell {
                programme,
                holder,
                value_won,
                ..
            } => {
                positive(value_won)?;
                let rules = self.programme(programme);
                if rules.kind != ProgrammeKind::Sold {
                    return Err(Refusal::NotForSale);
                }
                let of = || {
                    self.lots
                        .iter()
                        .filter(|lot| lot.holder == holder && lot.programme == programme)
                };
                let bought = |lot: &&Lot| lot.kind == LotKind::Bought;
                let this_month = of()
                    .filter(bought)
                    .filter(|lot| month(lot.created_at) == month(at));
                if let Some(limit_won) = rules.monthly_limit_won {
                    let left_won = limit_won - this_month.map(|lot| lot.value_won).sum::<i64>();
                    if value_won > left_won {
                        return Err(Refusal::MonthlyLimit { limit_won, left_won });
                    }
                }
                if let Some(limit_won) = rules.holding_limit_won {
                    let held: i64 = of()
                        .filter(|lot| lot.expires_at > at)
                        .map(|lot| lot.left_won)
                        .sum();
                    let left_won = (limit_won - held).max(0);
                    if value_won > left_won {
                        return Err(Refusal::HoldingLimit { limit_won, left_won });
                    }
                }
                self.budget(programme, value_won * rules.discount_bp / 10_000)?;
                Ok(vec![value_won])
            }
            Operation::Pay {
                holder,
                merchant,
                amount_won,
            } => {
                positive(amount_won)?;
                self.split(holder, merchant, amount_won, at)
                    .map(|parts| parts.into_iter().map(|(_, won)| -won).collect())
            }
            Operation::Cancel { transfer, amount_won } => {
                if let Some(won) = amount_won {
                    positive(won)?;
                }
                let payment = &self.payments[&transfer];
                if day(at) > day(payment.at) + 7 {
                    return Err(Refusal::CancelTooLate { days: 7 });
                }
                let left_won = payment.amount_won - payment.parts.iter().map(|part| part.2).sum::<i64>();
                let amount_won = amount_won.unwrap_or(left_won);
                if left_won == 0 || amount_won > left_won {
                    return Err(Refusal::AlreadyCancelled { left_won });
                }
                let merchant = ("merchant", payment.merchant);
                let shop_won = self.balances.get(&merchant).copied().unwrap_or(0);
                if shop_won < amount_won {
                    return Err(Refusal::MerchantShort { left_won: shop_won });
                }
                Ok(give_back(payment, amount_won)
                    .into_iter()
                    .map(|(_, won)| won)
                    .collect())
            }
            Operation::Refund { holder, lot } => self.foretell_refund(holder, lot, at),
            Operation::Remit { holder } => match self.refundable(holder) {
                0 => Err(Refusal::NothingLeft),
                _ => Ok(vec![]),
            },
            Operation::Gift {
                holder, amount_won, ..
            } => {
                positive(amount_won)?;
                let parts = self.split_gift(holder, amount_won, at)?;
                Ok(parts.into_iter().map(|part| -part.won).collect())
            }
            Operation::ClaimGift {
                gift,
                holder,
                ref recipient,
            } => self.foretell_claim(gift, holder, recipient, at),
            Operation::CancelGift { gift, holder } => self.foretell_gift_back(gift, holder),
            Operation::Hold {
                holder,
                merchant,
                amount_won,
            } => {
                positive(amount_won)?;
                let parts = self.split(holder, merchant, amount_won, at)?;
                Ok(parts.into_iter().map(|(_, won)| -won).collect())
            }
            Operation::Capture { hold, amount_won } => self.foretell_capture(hold, amount_won, at),
            Operation::Release { hold } => self.foretell_release(hold),
            Operation::TakeBack { lot, ref reason, .. } => self.foretell_take_back(lot, reason),
            Operation::RemitReturn { .. }
            | Operation::Expire { .. }
            | Operation::LapseGift { .. }
            | Operation::Settle { .. }
            | Operation::TimeOut { .. } => {
                unreachable!("the ledger's own")
            }
        }
    }

    /// Writes down what was done.
    pub fn apply(&mut self, operation: &Operation, receipt: &Receipt, at: i64) {
        match *operation {
            // These have a model of their own (codes.rs).
            Operation::PayByCode { .. } => unreachable!("no life has a code"),
            Operation::Fund {
                programme,
                amount_won,
            } => {
                self.move_won(("treasury", 0), ("budget", programme), amount_won);
            }
            Operation::Grant {
                programme,
                holder,
                amount_won,
                ..
            } => {
                self.move_won(("budget", programme), ("wallet", holder), amount_won);
                self.add_lot(receipt, holder, programme, 0, amount_won, at);
            }
            Operation::Sell {
                programme,
                holder,
                value_won,
                ..
            } => {
                let discount_won = value_won * self.programme(programme).discount_bp / 10_000;
                self.move_won(("clearing", 0), ("wallet", holder), value_won - discount_won);
                self.move_won(("budget", programme), ("wallet", holder), discount_won);
                self.add_lot(
                    receipt,
                    holder,
                    programme,
                    value_won - discount_won,
                    value_won,
                    at,
                );
            }
            Operation::Pay {
                holder,
                merchant,
                amount_won,
            } => {
                let parts = self.split(holder, merchant, amount_won, at).expect("foretold");
                self.move_won(("wallet", holder), ("merchant", merchant), amount_won);
                self.takings.push((merchant, at, amount_won));
                for (lot, won) in &parts {
                    self.lot(*lot).left_won -= won;
                    self.lot(*lot).spent_won += won;
                }
                let parts = parts.into_iter().map(|(lot, won)| (lot, won, 0)).collect();
                self.payments.insert(
                    receipt.transfer,
                    Payment {
                        holder,
                        merchant,
                        amount_won,
                        at,
                        parts,
                    },
                );
            }
            Operation::Cancel { transfer, .. } => {
                assert_eq!(receipt.kind, TransferKind::Cancel);
                let payment = &self.payments[&transfer];
                let (holder, merchant) = (payment.holder, payment.merchant);
                let back = give_back(payment, receipt.amount_won);
                self.move_won(("merchant", merchant), ("wallet", holder), receipt.amount_won);
                self.takings.push((merchant, at, -receipt.amount_won));
                for (lot, won) in back {
                    self.lot(lot).left_won += won;
                    self.lot(lot).spent_won -= won;
                    let payment = self.payments.get_mut(&transfer).expect("it was found above");
                    payment
                        .parts
                        .iter_mut()
                        .find(|part| part.0 == lot)
                        .expect("its own lot")
                        .2 += won;
                }
            }
            Operation::Refund { lot, .. } | Operation::TakeBack { lot, .. } => self.pay_out(lot),
            Operation::Remit { holder } => {
                let won = self.refundable(holder);
                self.send(receipt.transfer, ("refundable", holder), won);
            }
            Operation::Gift {
                holder,
                ref recipient,
                amount_won,
            } => self.give(receipt.transfer, holder, recipient, amount_won, at),
            Operation::ClaimGift { gift, holder, .. } => self.claim(gift, holder, receipt, at),
            Operation::CancelGift { gift, .. } => self.gift_back(gift, GiftState::Cancelled),
            Operation::Hold {
                holder,
                merchant,
                amount_won,
            } => self.hold(receipt.transfer, holder, merchant, amount_won, at),
            Operation::Capture { hold, .. } => self.capture(hold, receipt, at),
            Operation::Release { hold } => self.release(hold, HoldState::Released),
            Operation::RemitReturn { .. }
            | Operation::Expire { .. }
            | Operation::LapseGift { .. }
            | Operation::Settle { .. }
            | Operation::TimeOut { .. } => {
                unreachable!("the ledger's own")
            }
        }
    }

    /// Every account that is not empty.
    pub fn accounts(&self) -> Vec<(String, i64, i64)> {
        let full = self.balances.iter().filter(|(_, won)| **won != 0);
        full.map(|((kind, owner), won)| ((*kind).to_owned(), *owner, *won))
            .collect()
    }

    /// Every lot and what is left of it.
    pub fn lots(&self) -> Vec<(i64, i64)> {
        let mut lots: Vec<_> = self.lots.iter().map(|lot| (lot.id, lot.left_won)).collect();
        lots.sort_unstable();
        lots
    }

    /// What a holder can still spend somewhere.
    pub fn total(&self, holder: i64, at: i64) -> i64 {
        self.open(holder, at).iter().map(|lot| lot.left_won).sum()
    }

    fn programme(&self, id: i64) -> &Programme {
        self.programmes
            .iter()
            .find(|programme| programme.id == id)
            .expect("a programme of this book")
    }

    fn lot(&mut self, id: i64) -> &mut Lot {
        self.lots
            .iter_mut()
            .find(|lot| lot.id == id)
            .expect("a lot of this book")
    }

    fn budget(&self, programme: i64, needed_won: i64) -> Result<(), Refusal> {
        let left_won = self.balances.get(&("budget", programme)).copied().unwrap_or(0);
        if needed_won > left_won {
            Err(Refusal::BudgetExhausted { left_won })
        } else {
            Ok(())
        }
    }

    fn open(&self, holder: i64, at: i64) -> Vec<&Lot> {
        let mut open: Vec<&Lot> = self
            .lots
            .iter()
            .filter(|lot| lot.holder == holder && lot.left_won > 0 && lot.expires_at > at)
            .collect();
        open.sort_by_key(|lot| (lot.expires_at, lot.created_at, lot.id));
        open
    }

    fn split(
        &self,
        holder: i64,
        merchant: i64,
        amount_won: i64,
        at: i64,
    ) -> Result<Vec<(i64, i64)>, Refusal> {
        let shop = self
            .shops
            .iter()
            .find(|shop| shop.id == merchant)
            .expect("a shop of this book");
        let allowed = |lot: &&Lot| {
            let rules = &self.programme(lot.programme).restriction;
            let too_large = rules
                .revenue_limit_won
                .is_some_and(|limit| shop.revenue_won_year > limit);
            !too_large && !rules.barred_categories.contains(&shop.category)
        };
        let total_won = self.total(holder, at);
        let usable: Vec<&Lot> = self.open(holder, at).into_iter().filter(allowed).collect();
        let usable_won: i64 = usable.iter().map(|lot| lot.left_won).sum();
        if usable_won < amount_won {
            let barred = usable_won == 0 && total_won >= amount_won;
            let short = Refusal::NotEnough {
                usable_won,
                total_won,
            };
            return Err(if barred {
                Refusal::MerchantBarred { total_won }
            } else {
                short
            });
        }
        let mut parts = Vec::new();
        let mut rest_won = amount_won;
        for lot in usable {
            if rest_won > 0 {
                parts.push((lot.id, lot.left_won.min(rest_won)));
                rest_won -= lot.left_won.min(rest_won);
            }
        }
        Ok(parts)
    }

    fn move_won(&mut self, from: (&'static str, i64), to: (&'static str, i64), won: i64) {
        *self.balances.entry(from).or_default() -= won;
        *self.balances.entry(to).or_default() += won;
    }

    fn add_lot(
        &mut self,
        receipt: &Receipt,
        holder: i64,
        programme: i64,
        price_won: i64,
        value_won: i64,
        at: i64,
    ) {
        let expires_at = self.programme(programme).expiry.expires_at(at);
        let id = receipt.lots[0].lot;
        self.lots.push(Lot {
            id,
            holder,
            programme,
            kind: if price_won > 0 {
                LotKind::Bought
            } else {
                LotKind::Granted
            },
            price_won,
            value_won,
            left_won: value_won,
            spent_won: 0,
            created_at: at,
            expires_at,
        });
    }
}

/// Which lots get how much of a cancelled payment: what was taken last comes back first.
fn give_back(payment: &Payment, amount_won: i64) -> Vec<(i64, i64)> {
    let mut back = Vec::new();
    let mut rest_won = amount_won;
    for (lot, taken, returned) in payment.parts.iter().rev() {
        let won = (taken - returned).min(rest_won);
        if won > 0 {
            back.push((*lot, won));
            rest_won -= won;
        }
    }
    back
}

fn positive(won: i64) -> Result<(), Refusal> {
    if won > 0 {
        Ok(())
    } else {
        Err(Refusal::AmountNotPositive)
    }
}
