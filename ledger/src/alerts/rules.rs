//! The rules, as functions of what happened: no database, no clock.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

/// A day and a minute, ms.
const DAY_MS: i64 = 86_400_000;
const MINUTE_MS: i64 = 60_000;
/// Transfers that an alert names, at most.
const EVIDENCE: usize = 50;

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertRule {
    /// One resident pays one shop at least `count` times and `won` in all within `span` days.
    RepeatPair,
    /// A payment of at least `won` at a shop that registered less than `span` days before.
    LargeAtNew,
    /// At least `count` payments of at least `won` each at one shop within `span` minutes.
    Burst,
    /// A payment of at least `won` and at least `factor` times what a payment at this shop was on average in the `span`
    /// days before, where there were at least `count` of them.
    AboveTicket,
    /// A resident takes gifts of at least `count` others, `won` in all, and pays at least `factor` per cent of it to one
    /// shop, within `span` days.
    GiftCircle,
}

/// A rule's numbers; [`AlertRule`] says what each of them means, and 1 stands where it means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thresholds {
    /// Whether the rule looks at all.
    pub is_on: bool,
    /// Won.
    pub won: i64,
    /// How many.
    pub count: i64,
    /// Days; minutes for [`AlertRule::Burst`].
    pub span: i64,
    /// Times, or per cent.
    pub factor: i64,
}

impl AlertRule {
    /// Every rule.
    pub const ALL: [Self; 5] = [
        Self::RepeatPair,
        Self::LargeAtNew,
        Self::Burst,
        Self::AboveTicket,
        Self::GiftCircle,
    ];

    /// As the database and forms write it.
    pub fn code(self) -> &'static str {
        match self {
            Self::RepeatPair => "repeat_pair",
            Self::LargeAtNew => "large_at_new",
            Self::Burst => "burst",
            Self::AboveTicket => "above_ticket",
            Self::GiftCircle => "gift_circle",
        }
    }

    /// From its code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.code() == code)
    }

    /// What holds until a city sets its own: beyond what a household spends at one shop, and below what resale needs to
    /// pay (discounts of 5–10 % on purchases of up to 2,000,000 won a month, FACTS section 2).
    pub fn defaults(self) -> Thresholds {
        let (won, count, span, factor) = match self {
            Self::RepeatPair => (600_000, 5, 7, 1),
            Self::LargeAtNew => (400_000, 1, 30, 1),
            Self::Burst => (100_000, 6, 15, 1),
            Self::AboveTicket => (250_000, 20, 30, 10),
            Self::GiftCircle => (400_000, 3, 7, 80),
        };
        Thresholds {
            is_on: true,
            won,
            count,
            span,
            factor,
        }
    }

    /// Which numbers the rule asks for, in this order: count, factor (won and span all of them).
    pub fn asks(self) -> (bool, bool) {
        match self {
            Self::RepeatPair | Self::Burst => (true, false),
            Self::LargeAtNew => (false, false),
            Self::AboveTicket | Self::GiftCircle => (true, true),
        }
    }

    /// How far back it looks, ms.
    pub(crate) fn looks_back_ms(self, thresholds: &Thresholds) -> i64 {
        match self {
            Self::Burst => thresholds.span.saturating_mul(MINUTE_MS),
            Self::LargeAtNew => 0,
            _ => thresholds.span.saturating_mul(DAY_MS),
        }
    }
}

/// A payment that was not cancelled in whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paid {
    pub(crate) transfer: i64,
    pub(crate) holder: i64,
    pub(crate) merchant: i64,
    pub(crate) won: i64,
    pub(crate) at: i64,
}

/// A gift that was taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim {
    pub(crate) transfer: i64,
    pub(crate) sender: i64,
    pub(crate) holder: i64,
    pub(crate) won: i64,
    pub(crate) at: i64,
}

/// What is known of a shop: when it registered.
pub(crate) type Shop = i64;

/// What a rule found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) rule: AlertRule,
    pub(crate) holder: Option<i64>,
    pub(crate) merchant: i64,
    pub(crate) from_at: i64,
    pub(crate) until_at: i64,
    pub(crate) won: i64,
    pub(crate) transfers: Vec<i64>,
}

impl Found {
    fn of(rule: AlertRule, merchant: i64, paid: &[&Paid]) -> Option<Self> {
        let (first, last) = (paid.first()?, paid.last()?);
        // Named where all of it is one person's.
        let only = paid.iter().all(|one| one.holder == first.holder);
        Some(Self {
            rule,
            holder: only.then_some(first.holder),
            merchant,
            from_at: first.at,
            until_at: last.at,
            won: paid.iter().map(|paid| paid.won).sum(),
            transfers: paid.iter().take(EVIDENCE).map(|paid| paid.transfer).collect(),
        })
    }
}

/// Everything that one rule finds in payments and gifts (both in the order of time) of which the last is after `since`
/// (ms): what ended before that was looked at before.
pub(crate) fn find(
    rule: AlertRule,
    set: &Thresholds,
    since: i64,
    paid: &[Paid],
    claims: &[Claim],
    shops: &HashMap<i64, Shop>,
) -> Vec<Found> {
    if !set.is_on {
        return Vec::new();
    }
    match rule {
        AlertRule::RepeatPair => repeat_pair(set, since, paid),
        AlertRule::LargeAtNew => large_at_new(set, since, paid, shops),
        AlertRule::Burst => burst(set, since, paid),
        AlertRule::AboveTicket => above_ticket(set, since, paid),
        AlertRule::GiftCircle => gift_circle(set, since, paid, claims),
    }
}

fn grouped<K: Ord>(paid: &[Paid], key: impl Fn(&Paid) -> K) -> BTreeMap<K, Vec<&Paid>> {
    let mut groups: BTreeMap<K, Vec<&Paid>> = BTreeMap::new();
    for one in paid {
        groups.entry(key(one)).or_default().push(one);
    }
    groups
}

/// The first stretch of at most `span_ms` that ends after `since` and satisfies `enough`, drawn out as long as it does.
fn stretch<'a>(
    list: &[&'a Paid],
    span_ms: i64,
    since: i64,
    enough: impl Fn(&[&'a Paid]) -> bool,
) -> Option<Vec<&'a Paid>> {
    let mut first = 0;
    let mut found: Option<Vec<&Paid>> = None;
    for last in 0..list.len() {
        while list[last].at - list[first].at > span_ms {
            first += 1;
        }
        let window = &list[first..=last];
        if list[last].at > since && enough(window) {
            match &mut found {
                Some(found) => found.push(list[last]),
                None => found = Some(window.to_vec()),
            }
        } else if found.is_some() {
            break;
        }
    }
    found
}

fn repeat_pair(set: &Thresholds, since: i64, paid: &[Paid]) -> Vec<Found> {
    grouped(paid, |one| (one.holder, one.merchant))
        .into_iter()
        .filter_map(|((_, merchant), list)| {
            let found = stretch(&list, set.span.saturating_mul(DAY_MS), since, |window| {
                window.len() as i64 >= set.count && window.iter().map(|one| one.won).sum::<i64>() >= set.won
            })?;
            Found::of(AlertRule::RepeatPair, merchant, &found)
        })
        .collect()
}

fn large_at_new(set: &Thresholds, since: i64, paid: &[Paid], shops: &HashMap<i64, Shop>) -> Vec<Found> {
    let large: Vec<Paid> = paid
        .iter()
        .filter(|one| one.at > since && one.won >= set.won)
        .filter(|one| {
            let registered = shops.get(&one.merchant).copied().unwrap_or(i64::MIN);
            one.at.saturating_sub(registered) < set.span.saturating_mul(DAY_MS)
        })
        .copied()
        .collect();
    // One question per shop, however many payments are in it.
    grouped(&large, |one| one.merchant)
        .into_iter()
        .filter_map(|(merchant, list)| Found::of(AlertRule::LargeAtNew, merchant, &list))
        .collect()
}

fn burst(set: &Thresholds, since: i64, paid: &[Paid]) -> Vec<Found> {
    let worth: Vec<Paid> = paid.iter().filter(|one| one.won >= set.won).copied().collect();
    grouped(&worth, |one| one.merchant)
        .into_iter()
        .filter_map(|(merchant, list)| {
            let span_ms = set.span.saturating_mul(MINUTE_MS);
            let found = stretch(&list, span_ms, since, |window| window.len() as i64 >= set.count)?;
            Found::of(AlertRule::Burst, merchant, &found)
        })
        .collect()
}

fn above_ticket(set: &Thresholds, since: i64, paid: &[Paid]) -> Vec<Found> {
    let span_ms = set.span.saturating_mul(DAY_MS);
    let mut all = Vec::new();
    for (merchant, list) in grouped(paid, |one| one.merchant) {
        let (mut first, mut sum) = (0, 0_i128);
        let mut high: Vec<&Paid> = Vec::new();
        for (place, one) in list.iter().enumerate() {
            while one.at - list[first].at > span_ms {
                sum -= i128::from(list[first].won);
                first += 1;
            }
            let before = (place - first) as i64;
            // won ≥ factor · sum / before, without the division.
            let is_high = before >= set.count
                && one.won >= set.won
                && i128::from(one.won) * i128::from(before) >= i128::from(set.factor) * sum;
            if is_high && one.at > since {
                high.push(one);
            }
            sum += i128::from(one.won);
        }
        if !high.is_empty() {
            all.extend(Found::of(AlertRule::AboveTicket, merchant, &high));
        }
    }
    all
}

fn gift_circle(set: &Thresholds, since: i64, paid: &[Paid], claims: &[Claim]) -> Vec<Found> {
    let span_ms = set.span.saturating_mul(DAY_MS);
    let mut taken: BTreeMap<i64, Vec<&Claim>> = BTreeMap::new();
    for claim in claims {
        taken.entry(claim.holder).or_default().push(claim);
    }
    let spent = grouped(paid, |one| (one.holder, one.merchant));
    let mut all = Vec::new();
    for (holder, list) in taken {
        let mut first = 0;
        for last in 0..list.len() {
            while list[last].at - list[first].at > span_ms {
                first += 1;
            }
            let window = &list[first..=last];
            let senders: HashSet<i64> = window.iter().map(|claim| claim.sender).collect();
            let won: i64 = window.iter().map(|claim| claim.won).sum();
            if (senders.len() as i64) < set.count || won < set.won {
                continue;
            }
            let from = window[0].at;
            let at_one =
                spent
                    .range((holder, i64::MIN)..=(holder, i64::MAX))
                    .find_map(|((_, merchant), list)| {
                        let within: Vec<&Paid> = list
                            .iter()
                            .filter(|one| (from..=from.saturating_add(span_ms)).contains(&one.at))
                            .copied()
                            .collect();
                        let paid: i64 = within.iter().map(|one| one.won).sum();
                        let enough = i128::from(paid) * 100 >= i128::from(won) * i128::from(set.factor);
                        let new =
                            within.last().is_some_and(|one| one.at > since) || window.last()?.at > since;
                        (enough && new && !within.is_empty()).then_some((*merchant, within))
                    });
            if let Some((merchant, within)) = at_one {
                let found = Found::of(AlertRule::GiftCircle, merchant, &within);
                all.extend(found.map(|found| {
                    let gifts = window.iter().map(|claim| claim.transfer);
                    Found {
                        from_at: from.min(found.from_at),
                        until_at: found
                            .until_at
                            .max(window.last().map_or(i64::MIN, |claim| claim.at)),
                        transfers: gifts.chain(found.transfers).take(EVIDENCE).collect(),
                        ..found
                    }
                }));
                break;
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paid(transfer: i64, holder: i64, merchant: i64, won: i64, at: i64) -> Paid {
        Paid {
            transfer,
            holder,
            merchant,
            won,
            at,
        }
    }

    fn set(won: i64, count: i64, span: i64, factor: i64) -> Thresholds {
        Thresholds {
            is_on: true,
            won,
            count,
            span,
            factor,
        }
    }

    #[test]
    fn a_pair_that_repeats_is_found_once_and_below_the_numbers_it_is_not() {
        let list: Vec<Paid> = (0..5).map(|n| paid(n, 1, 2, 100, n * DAY_MS)).collect();
        let rule = AlertRule::RepeatPair;
        let none = HashMap::new();
        let found = find(rule, &set(500, 5, 7, 1), -1, &list, &[], &none);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].won, found[0].transfers.len(), found[0].holder),
            (500, 5, Some(1))
        );
        assert!(find(rule, &set(501, 5, 7, 1), -1, &list, &[], &none).is_empty());
        assert!(find(rule, &set(500, 6, 7, 1), -1, &list, &[], &none).is_empty());
        assert!(find(rule, &set(500, 5, 3, 1), -1, &list, &[], &none).is_empty());
        // Looked at before.
        assert!(find(rule, &set(500, 5, 7, 1), 4 * DAY_MS, &list, &[], &none).is_empty());
        let off = Thresholds {
            is_on: false,
            ..set(500, 5, 7, 1)
        };
        assert!(find(rule, &off, -1, &list, &[], &none).is_empty());
    }

    #[test]
    fn a_large_payment_is_found_at_a_new_shop_and_not_at_an_old_one() {
        let shops = HashMap::from([(2, 0), (3, -100 * DAY_MS)]);
        let list = [
            paid(1, 1, 2, 900, DAY_MS),
            paid(2, 1, 3, 900, DAY_MS),
            paid(3, 1, 2, 899, DAY_MS),
        ];
        let found = find(AlertRule::LargeAtNew, &set(900, 1, 30, 1), 0, &list, &[], &shops);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].merchant, found[0].transfers.clone()), (2, vec![1]));
    }

    #[test]
    fn many_within_minutes_and_much_at_a_small_shop() {
        let burst: Vec<Paid> = (0..6).map(|n| paid(n, n, 2, 100, n * MINUTE_MS)).collect();
        let none = HashMap::new();
        let found = find(AlertRule::Burst, &set(100, 6, 5, 1), -1, &burst, &[], &none);
        assert_eq!((found.len(), found[0].holder), (1, None));
        assert!(find(AlertRule::Burst, &set(100, 6, 4, 1), -1, &burst, &[], &none).is_empty());
        let mut small: Vec<Paid> = (0..20).map(|n| paid(n, n, 2, 50, n)).collect();
        small.push(paid(20, 7, 2, 500, 21));
        let found = find(
            AlertRule::AboveTicket,
            &set(400, 20, 30, 10),
            -1,
            &small,
            &[],
            &none,
        );
        assert_eq!(
            (found.len(), found[0].transfers.clone(), found[0].holder),
            (1, vec![20], Some(7))
        );
        assert!(
            find(
                AlertRule::AboveTicket,
                &set(400, 20, 30, 11),
                -1,
                &small,
                &[],
                &none
            )
            .is_empty()
        );
    }

    #[test]
    fn gifts_of_many_that_end_at_one_shop_are_a_circle() {
        let claim = |transfer, sender, at| Claim {
            transfer,
            sender,
            holder: 9,
            won: 100,
            at,
        };
        let claims = [claim(1, 1, 0), claim(2, 2, 10), claim(3, 3, 20)];
        let none = HashMap::new();
        let spent = [paid(4, 9, 5, 240, 30)];
        let found = find(
            AlertRule::GiftCircle,
            &set(300, 3, 7, 80),
            -1,
            &spent,
            &claims,
            &none,
        );
        assert_eq!(
            (found.len(), found[0].transfers.clone(), found[0].from_at),
            (1, vec![1, 2, 3, 4], 0)
        );
        assert!(
            find(
                AlertRule::GiftCircle,
                &set(300, 4, 7, 80),
                -1,
                &spent,
                &claims,
                &none
            )
            .is_empty()
        );
        let elsewhere = [paid(4, 9, 5, 120, 30), paid(5, 9, 6, 120, 31)];
        assert!(
            find(
                AlertRule::GiftCircle,
                &set(300, 3, 7, 80),
                -1,
                &elsewhere,
                &claims,
                &none
            )
            .is_empty()
        );
    }
}
