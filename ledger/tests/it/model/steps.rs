//! What can happen in a life, and how often.

use proptest::prelude::*;

use crate::world::DAY;

/// One step of a life. Numbers choose among what there is; amounts are small, so that edges are met.
#[derive(Clone, Debug)]
pub enum Step {
    Fund(usize, i64),
    Grant(usize, i64, i64),
    Sell(usize, i64, i64),
    Pay(i64, usize, i64),
    Cancel(usize, Option<i64>),
    /// The n-th lot; by a stranger, if so.
    Refund(usize, bool),
    Remit(i64),
    /// The bank answers for the n-th remittance: sent, or failed.
    Bank(usize, bool),
    Sweep,
    Settle,
    /// The n-th lot; with a reason, or without.
    TakeBack(usize, bool),
    Gift(i64, i64, i64),
    /// The n-th gift; by somebody else, if so.
    Claim(usize, bool),
    CancelGift(usize, bool),
    Hold(i64, usize, i64),
    /// The n-th hold.
    Capture(usize, Option<i64>),
    Release(usize),
    Again(usize),
    OtherBody(usize),
    Wait(i64),
}

/// Mostly what makes sense.
fn won() -> impl Strategy<Value = i64> + Clone {
    prop_oneof![
        8 => 1_i64..2_000,
        12 => (1_i64..25).prop_map(|n| n * 1_000),
        1 => Just(0),
        1 => Just(-1)
    ]
}

fn sell() -> impl Strategy<Value = Step> {
    // The first two programmes are sold; now and then somebody asks for another.
    let programme = prop_oneof![12 => 0_usize..2, 1 => 2_usize..4];
    (programme, 1_i64..4, won()).prop_map(|(p, h, won)| Step::Sell(p, h, won))
}

fn grant() -> impl Strategy<Value = Step> {
    let programme = prop_oneof![1 => 0_usize..2, 4 => 2_usize..4];
    (programme, 1_i64..4, won()).prop_map(|(p, h, won)| Step::Grant(p, h, won))
}

fn wait() -> impl Strategy<Value = Step> {
    prop_oneof![1 => 1_i64..DAY, 1 => (1_i64..5).prop_map(|days| days * DAY), 1 => (5_i64..25).prop_map(|days| days * DAY)]
        .prop_map(Step::Wait)
}

fn step() -> impl Strategy<Value = Step> {
    let holder = 1_i64..4;
    let n = any::<usize>();
    let rarely = || proptest::bool::weighted(0.1);
    prop_oneof![
        1 => (0_usize..4, 1_i64..30_000).prop_map(|(p, won)| Step::Fund(p, won)),
        3 => grant(),
        5 => sell(),
        8 => (holder.clone(), 0_usize..4, won()).prop_map(|(h, m, won)| Step::Pay(h, m, won)),
        4 => (n, proptest::option::of(won())).prop_map(|(n, won)| Step::Cancel(n, won)),
        3 => (n, rarely()).prop_map(|(n, other)| Step::Refund(n, other)),
        2 => holder.clone().prop_map(Step::Remit),
        2 => (n, any::<bool>()).prop_map(|(n, sent)| Step::Bank(n, sent)),
        2 => Just(Step::Sweep),
        2 => Just(Step::Settle),
        1 => (n, proptest::bool::weighted(0.9)).prop_map(|(n, reason)| Step::TakeBack(n, reason)),
        4 => (holder.clone(), holder.clone(), won()).prop_map(|(from, to, won)| Step::Gift(from, to, won)),
        3 => (n, rarely()).prop_map(|(n, other)| Step::Claim(n, other)),
        1 => (n, rarely()).prop_map(|(n, other)| Step::CancelGift(n, other)),
        4 => (holder.clone(), 0_usize..4, won()).prop_map(|(h, m, won)| Step::Hold(h, m, won)),
        3 => (n, proptest::option::of(won())).prop_map(|(n, won)| Step::Capture(n, won)),
        1 => n.prop_map(Step::Release),
        2 => n.prop_map(Step::Again),
        1 => n.prop_map(Step::OtherBody),
        3 => wait(),
    ]
}

/// A life: budgets and some money first, or nothing would ever happen in it, then anything.
pub fn life() -> impl Strategy<Value = Vec<Step>> {
    let budgets = proptest::collection::vec(5_000_i64..60_000, 4);
    let money = proptest::collection::vec(prop_oneof![2 => sell(), 1 => grant()], 3..8);
    let steps = proptest::collection::vec(step(), 1..60);
    (budgets, money, steps).prop_map(|(budgets, money, steps)| {
        let budgets = budgets.into_iter().enumerate().map(|(p, won)| Step::Fund(p, won));
        budgets.chain(money).chain(steps).collect()
    })
}
