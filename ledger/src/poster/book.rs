//! A batch decided in memory: each payment in the order it came, by the rule of [`decide`], on what the ones before
//! it left.

use std::collections::{BTreeMap, HashMap};

use super::{Job, write::Writes};
use crate::{
    Operation, Receipt, Refusal,
    codes::Shown,
    transfers::{Open, Plan, Taker, decide, receipt_of},
};

/// A key that stands in the database.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) transfer: i64,
    pub(super) body_hash: String,
}

/// A lot in hand: what is left of it now, and what was when it was read.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) open: Open,
    pub(super) was_won: i64,
}

/// What is known for a batch. Everything by municipality first.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) keys: HashMap<(i64, String), Known>,
    /// By holder, in the order of spending.
    pub(super) wallets: HashMap<(i64, i64), Vec<Slot>>,
    pub(super) takers: HashMap<(i64, i64), Taker>,
    pub(super) shown: Shown,
}

/// What comes of one payment, once the batch is on disk.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Written in this batch.
    Done(Receipt),
    /// The same as that member of this batch.
    Twin(usize),
    /// Done before, by this transfer.
    Earlier(i64),
    /// Not done.
    Refused(Refusal),
}

impl Book {
    /// Decides every member, and what must be written for it.
    pub(super) fn decide<'a>(&mut self, jobs: &'a [Job]) -> (Vec<Outcome>, Writes<'a>) {
        let mut writes = Writes::with_capacity(jobs.len());
        let mut done: HashMap<(i64, &str), usize> = HashMap::with_capacity(jobs.len());
        let mut outcomes = Vec::with_capacity(jobs.len());
        let mut deltas: BTreeMap<(i64, i64), i64> = BTreeMap::new();
        // One lookup for a text key needs an owned key; most batches know none.
        let keys = &self.keys;
        for (index, job) in jobs.iter().enumerate() {
            let (municipality, key) = (job.request.municipality, job.request.key.as_str());
            let known = if keys.is_empty() {
                None
            } else {
                keys.get(&(municipality, key.to_owned()))
            };
            let outcome = if let Some(known) = known {
                if known.body_hash == job.prepared.body_hash {
                    Outcome::Earlier(known.transfer)
                } else {
                    Outcome::Refused(Refusal::KeyReused)
                }
            } else if let Some(twin) = done.get(&(municipality, key)) {
                if jobs[*twin].prepared.body_hash == job.prepared.body_hash {
                    Outcome::Twin(*twin)
                } else {
                    Outcome::Refused(Refusal::KeyReused)
                }
            } else {
                match plan(&mut self.wallets, &self.takers, &self.shown, job) {
                    Ok((plan, code)) => {
                        if let (
                            Some(code),
                            Operation::PayByCode {
                                names,
                                merchant,
                                order,
                                ..
                            },
                        ) = (code, &job.request.operation)
                        {
                            let order = order.as_deref();
                            self.shown.use_up(municipality, *merchant, names, order);
                            writes.code(
                                municipality,
                                job.prepared.transfer,
                                code,
                                *merchant,
                                order.unwrap_or_default(),
                            );
                        }
                        done.insert((municipality, key), index);
                        for line in &plan.lines {
                            if line.lot.is_none() {
                                *deltas.entry((municipality, line.account)).or_default() += line.amount_won;
                            }
                        }
                        writes.transfer(&job.request, &job.prepared, &plan);
                        Outcome::Done(receipt_of(&job.request, &job.prepared, &plan))
                    }
                    Err(refusal) => Outcome::Refused(refusal),
                }
            };
            outcomes.push(outcome);
        }
        let mut lots = Vec::with_capacity(jobs.len() * 2);
        let mut wallets: BTreeMap<(i64, i64), i64> = BTreeMap::new();
        for ((municipality, _), slots) in &self.wallets {
            for Slot { open, was_won } in slots {
                if open.left_won != *was_won {
                    lots.push((*municipality, open.lot, *was_won, open.left_won));
                    *wallets.entry((*municipality, open.account)).or_default() += open.left_won - was_won;
                }
            }
        }
        lots.sort_unstable();
        for ((municipality, account), delta) in wallets {
            writes.wallet(municipality, account, delta);
        }
        for (municipality, lot, was_won, left_won) in lots {
            writes.lot(municipality, lot, was_won, left_won);
        }
        for ((municipality, account), delta) in deltas {
            writes.merchant(municipality, account, delta);
        }
        (outcomes, writes)
    }
}

/// Decides one payment and takes it from the lots in hand; gives also the code that it uses.
fn plan(
    wallets: &mut HashMap<(i64, i64), Vec<Slot>>,
    takers: &HashMap<(i64, i64), Taker>,
    shown: &Shown,
    job: &Job,
) -> Result<(Plan, Option<i64>), Refusal> {
    let (municipality, at) = (job.request.municipality, job.request.at);
    let (holder, merchant, amount_won, code) = match &job.request.operation {
        Operation::Pay {
            holder,
            merchant,
            amount_won,
        } => (*holder, *merchant, *amount_won, None),
        Operation::PayByCode {
            names,
            merchant,
            amount_won,
            order,
            ..
        } => {
            let valid = shown.decide(&job.request, *merchant, names, order.as_deref())?;
            (valid.holder, *merchant, *amount_won, Some(valid.code))
        }
        _ => unreachable!("the poster is given payments only"),
    };
    let taker = takers.get(&(municipality, merchant));
    let mut slots = wallets.get_mut(&(municipality, holder));
    let held: &[Slot] = slots.as_deref().map_or(&[], Vec::as_slice);
    let open = held
        .iter()
        .map(|slot| &slot.open)
        .filter(|lot| lot.left_won > 0 && lot.expires_at > at);
    let plan = decide(holder, merchant, amount_won, taker, open)?;
    if let Some(slots) = &mut slots {
        for line in &plan.lines {
            if let Some(slot) = slots.iter_mut().find(|slot| line.lot == Some(slot.open.lot)) {
                slot.open.left_won += line.amount_won;
            }
        }
    }
    Ok((plan, code))
}
