//! What a network is told: one function of what the ledger said, the card, and the holder's choice.

use serde::{Deserialize, Serialize};

use crate::Refusal;

/// What a network is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The money is set aside.
    Approve,
    /// The card does not pay.
    Decline,
    /// By the holder's choice their bank account may be charged.
    Fallback,
}

impl Decision {
    /// As the database writes it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Decline => "decline",
            Self::Fallback => "fallback",
        }
    }

    /// From its code.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Approve, Self::Decline, Self::Fallback]
            .into_iter()
            .find(|decision| decision.code() == code)
    }
}

/// Why. The words for people stand elsewhere, by this code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The money is set aside.
    Held,
    /// No card here has that token.
    UnknownCard,
    /// The holder has blocked the card.
    CardBlocked,
    /// No merchant of the card's municipality has that code.
    UnknownMerchant,
    /// The merchant takes no payments.
    MerchantNotAccepting,
    /// The merchant may take none of the money held.
    MerchantBarred,
    /// Too little that the merchant may take.
    NotEnough,
    /// No amount that a payment can have.
    BadAmount,
    /// The approval was taken back.
    Reversed,
    /// The ledger did not answer; the holder allowed nothing for such a merchant.
    NoChoice,
    /// The ledger did not answer; the holder allowed less than this.
    OverChoice,
    /// The ledger did not answer, and the holder allowed it.
    ByChoice,
    /// The ledger did not answer, and there is no valid list.
    NoList,
}

impl Why {
    const ALL: [Self; 13] = [
        Self::Held,
        Self::UnknownCard,
        Self::CardBlocked,
        Self::UnknownMerchant,
        Self::MerchantNotAccepting,
        Self::MerchantBarred,
        Self::NotEnough,
        Self::BadAmount,
        Self::Reversed,
        Self::NoChoice,
        Self::OverChoice,
        Self::ByChoice,
        Self::NoList,
    ];

    /// As the database and the network read it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::UnknownCard => "unknown_card",
            Self::CardBlocked => "card_blocked",
            Self::UnknownMerchant => "unknown_merchant",
            Self::MerchantNotAccepting => "merchant_not_accepting",
            Self::MerchantBarred => "merchant_barred",
            Self::NotEnough => "not_enough",
            Self::BadAmount => "bad_amount",
            Self::Reversed => "reversed",
            Self::NoChoice => "no_choice",
            Self::OverChoice => "over_choice",
            Self::ByChoice => "by_choice",
            Self::NoList => "no_list",
        }
    }

    /// From its code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.code() == code)
    }

    /// What a refusal of a hold comes to; `None`: no refusal of a payment, so no answer.
    pub(crate) fn of(refusal: &Refusal) -> Option<Self> {
        match refusal {
            Refusal::UnknownMerchant => Some(Self::UnknownMerchant),
            Refusal::MerchantNotAccepting => Some(Self::MerchantNotAccepting),
            Refusal::MerchantBarred { .. } => Some(Self::MerchantBarred),
            Refusal::NotEnough { .. } => Some(Self::NotEnough),
            Refusal::AmountNotPositive | Refusal::AmountTooLarge { .. } => Some(Self::BadAmount),
            _ => None,
        }
    }
}

/// Who decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecidedBy {
    /// The ledger, in time.
    Ledger,
    /// The stand-in list, because the ledger was silent. The network sends an advice of it.
    List,
}

/// What the ledger said by the time the answer was due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// The money is set aside, on record and in time.
    Held,
    /// No, and why.
    Refused(Why),
    /// Nothing yet.
    Slow,
    /// It cannot be reached.
    Down,
}

/// What the stand-in list says of a card; the default is nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardStanding {
    /// There is no list that is valid now.
    NoList,
    /// The list has the card with no choice for such merchants, or has it not at all (blocked cards are left out).
    NoChoice,
    /// The holder allowed so much a payment at such merchants, won.
    UpTo(i64),
}

/// What is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// What to do.
    pub decision: Decision,
    /// Why.
    pub why: Why,
    /// Who decided.
    pub by: DecidedBy,
}

impl Verdict {
    pub(crate) const fn of(decision: Decision, why: Why, by: DecidedBy) -> Self {
        Self { decision, why, by }
    }
}

/// The decision table of "no silent second charge". The ledger's word counts where there is one; its silence is "no",
/// unless the holder chose otherwise beforehand.
pub fn decide(said: Said, standing: CardStanding, amount_won: i64) -> Verdict {
    use DecidedBy::{Ledger, List};
    use Decision::{Approve, Decline, Fallback};
    match (said, standing) {
        (Said::Held, _) => Verdict::of(Approve, Why::Held, Ledger),
        (Said::Refused(why), _) => Verdict::of(Decline, why, Ledger),
        (Said::Slow | Said::Down, CardStanding::NoList) => Verdict::of(Decline, Why::NoList, List),
        (Said::Slow | Said::Down, CardStanding::NoChoice) => Verdict::of(Decline, Why::NoChoice, List),
        (Said::Slow | Said::Down, CardStanding::UpTo(limit_won)) => {
            if (1..=limit_won).contains(&amount_won) {
                Verdict::of(Fallback, Why::ByChoice, List)
            } else {
                Verdict::of(Decline, Why::OverChoice, List)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Category,
        cards::{StandIn, StandInEntry, token_digest},
    };

    const CAFE: &str = "5814";
    const FUEL: &str = "5541";

    /// Row by row: the ledger × the choice (none, for this class, for another) × the amount × the card.
    #[test]
    fn the_decision_table() {
        use Decision::{Approve, Decline, Fallback};
        use Why::{ByChoice, CardBlocked, Held, NoChoice, NoList, NotEnough, OverChoice, UnknownCard};
        let chosen = "tok-chosen-0000001";
        let list = StandIn {
            network: "net".to_owned(),
            version: 1,
            issued_at: 0,
            valid_until: 1_000,
            classes: StandIn::all_classes(),
            entries: vec![StandInEntry {
                card: token_digest("net", chosen),
                class: Category::Cafe,
                limit_won: 5_000,
            }],
        };
        let (up, no) = (Said::Held, Said::Refused(NotEnough));
        let (blocked, unknown) = (Said::Refused(CardBlocked), Said::Refused(UnknownCard));
        // What a blocked or unknown card comes to in silence: it is in no list.
        let other = "tok-other-00000002";
        let rows = [
            // ledger, card, class, amount, at → decision, why
            (up, other, CAFE, 5_000, 1, Approve, Held),
            (up, chosen, CAFE, 5_000, 1, Approve, Held),
            (up, chosen, FUEL, 90_000, 2_000, Approve, Held),
            (no, other, CAFE, 5_000, 1, Decline, NotEnough),
            (no, chosen, CAFE, 5_000, 1, Decline, NotEnough),
            (blocked, chosen, CAFE, 5_000, 1, Decline, CardBlocked),
            (unknown, chosen, CAFE, 5_000, 1, Decline, UnknownCard),
            (Said::Slow, other, CAFE, 5_000, 1, Decline, NoChoice),
            (Said::Slow, chosen, CAFE, 1, 1, Fallback, ByChoice),
            (Said::Slow, chosen, CAFE, 4_999, 1, Fallback, ByChoice),
            (Said::Slow, chosen, CAFE, 5_000, 1, Fallback, ByChoice),
            (Said::Slow, chosen, CAFE, 5_001, 1, Decline, OverChoice),
            (Said::Slow, chosen, CAFE, 0, 1, Decline, OverChoice),
            (Said::Slow, chosen, FUEL, 5_000, 1, Decline, NoChoice),
            (Said::Slow, chosen, "0000", 5_000, 1, Decline, NoChoice),
            (Said::Slow, chosen, CAFE, 5_000, 999, Fallback, ByChoice),
            (Said::Slow, chosen, CAFE, 5_000, 1_000, Decline, NoList),
            (Said::Slow, other, CAFE, 5_000, 1_000, Decline, NoList),
            (Said::Down, other, CAFE, 5_000, 1, Decline, NoChoice),
            (Said::Down, chosen, CAFE, 5_000, 1, Fallback, ByChoice),
            (Said::Down, chosen, CAFE, 5_001, 1, Decline, OverChoice),
            (Said::Down, chosen, FUEL, 5_000, 1, Decline, NoChoice),
            (Said::Down, chosen, CAFE, 5_000, 1_000, Decline, NoList),
        ];
        for (said, token, mcc, amount_won, at, decision, why) in rows {
            let standing = list.standing(&token_digest("net", token), mcc, at);
            let verdict = decide(said, standing, amount_won);
            let what = format!("{said:?} {token} {mcc} {amount_won} at {at}");
            assert_eq!((verdict.decision, verdict.why), (decision, why), "{what}");
            let silent = matches!(said, Said::Slow | Said::Down);
            assert_eq!(verdict.by == DecidedBy::List, silent, "{what}");
        }
        // No list at all is the default.
        let verdict = decide(Said::Down, CardStanding::NoList, 1);
        assert_eq!((verdict.decision, verdict.why), (Decline, NoList));
    }

    #[test]
    fn every_reason_has_its_code() {
        for why in Why::ALL {
            assert_eq!(Why::from_code(why.code()), Some(why));
        }
    }
}
