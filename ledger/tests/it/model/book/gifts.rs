//! Gifts, as a clerk would keep them: an envelope with slips of paper in it.

use std::collections::BTreeMap;

use ledger::{GiftState, LotKind, Receipt, Refusal};

use super::{Book, Lot, day, paying_out::discount};

/// An envelope.
pub(super) struct Present {
    id: i64,
    sender: i64,
    recipient: String,
    at: i64,
    state: GiftState,
    slips: Vec<Slip>,
}

/// What came from one lot.
#[derive(Clone)]
pub(super) struct Slip {
    lot: i64,
    programme: i64,
    pub(super) won: i64,
    paid_won: i64,
    expires_at: i64,
}

impl Present {
    fn won(&self) -> i64 {
        self.slips.iter().map(|slip| slip.won).sum()
    }

    fn late(&self, at: i64) -> bool {
        day(at) > day(self.at) + 3
    }
}

impl Book {
    pub(super) fn split_gift(&self, holder: i64, amount_won: i64, at: i64) -> Result<Vec<Slip>, Refusal> {
        // Not what has ended by the fourth midnight from now.
        let can_be_given = |lot: &&Lot| lot.kind != LotKind::Granted && day(lot.expires_at - 1) > day(at) + 3;
        let giveable: Vec<&Lot> = self.open(holder, at).into_iter().filter(can_be_given).collect();
        let giveable_won: i64 = giveable.iter().map(|lot| lot.left_won).sum();
        if giveable_won < amount_won {
            return Err(Refusal::NotGiveable {
                giveable_won,
                total_won: self.total(holder, at),
            });
        }
        let mut slips = Vec::new();
        let mut rest_won = amount_won;
        for lot in giveable {
            let won = lot.left_won.min(rest_won);
            if won > 0 {
                let added = discount(lot, lot.left_won) - discount(lot, lot.left_won - won);
                slips.push(Slip {
                    lot: lot.id,
                    programme: lot.programme,
                    won,
                    paid_won: won - added,
                    expires_at: lot.expires_at,
                });
                rest_won -= won;
            }
        }
        Ok(slips)
    }

    pub(super) fn give(&mut self, id: i64, sender: i64, recipient: &str, amount_won: i64, at: i64) {
        let slips = self.split_gift(sender, amount_won, at).expect("foretold");
        self.move_won(("wallet", sender), ("gifts", 0), amount_won);
        for slip in &slips {
            self.lot(slip.lot).left_won -= slip.won;
        }
        self.gifts.push(Present {
            id,
            sender,
            recipient: recipient.to_owned(),
            at,
            state: GiftState::Waiting,
            slips,
        });
    }

    pub(super) fn foretell_claim(
        &self,
        gift: i64,
        holder: i64,
        recipient: &str,
        at: i64,
    ) -> Result<Vec<i64>, Refusal> {
        let gift = self.present(gift);
        if gift.recipient != recipient {
            return Err(Refusal::UnknownGift);
        }
        if gift.sender == holder {
            return Err(Refusal::GiftToOneself);
        }
        match gift.state {
            GiftState::Waiting if gift.late(at) => {
                return Err(Refusal::GiftEnded {
                    state: GiftState::Lapsed,
                });
            }
            GiftState::Waiting => {}
            state => return Err(Refusal::GiftEnded { state }),
        }
        let mut coming: BTreeMap<i64, i64> = BTreeMap::new();
        for slip in &gift.slips {
            *coming.entry(slip.programme).or_default() += slip.won;
        }
        for (programme, won) in coming {
            if let Some(limit_won) = self.programme(programme).holding_limit_won {
                let of = self
                    .open(holder, at)
                    .into_iter()
                    .filter(|lot| lot.programme == programme);
                let left_won = (limit_won - of.map(|lot| lot.left_won).sum::<i64>()).max(0);
                if won > left_won {
                    return Err(Refusal::HoldingLimit { limit_won, left_won });
                }
            }
        }
        Ok(gift.slips.iter().map(|slip| slip.won).collect())
    }

    pub(super) fn claim(&mut self, gift: i64, holder: i64, receipt: &Receipt, at: i64) {
        let gift = self.present_mut(gift);
        gift.state = GiftState::Claimed;
        let (won, slips) = (gift.won(), gift.slips.clone());
        self.move_won(("gifts", 0), ("wallet", holder), won);
        for (slip, made) in slips.into_iter().zip(&receipt.lots) {
            self.lots.push(Lot {
                id: made.lot,
                holder,
                programme: slip.programme,
                kind: LotKind::Gifted,
                price_won: slip.paid_won,
                value_won: slip.won,
                left_won: slip.won,
                spent_won: 0,
                created_at: at,
                expires_at: slip.expires_at,
            });
        }
    }

    pub(super) fn foretell_gift_back(&self, gift: i64, holder: i64) -> Result<Vec<i64>, Refusal> {
        let gift = self.present(gift);
        if gift.sender != holder {
            return Err(Refusal::UnknownGift);
        }
        match gift.state {
            GiftState::Waiting => Ok(gift.slips.iter().map(|slip| slip.won).collect()),
            state => Err(Refusal::GiftEnded { state }),
        }
    }

    pub(super) fn gift_back(&mut self, gift: i64, state: GiftState) {
        let gift = self.present_mut(gift);
        gift.state = state;
        let (sender, won, slips) = (gift.sender, gift.won(), gift.slips.clone());
        self.move_won(("gifts", 0), ("wallet", sender), won);
        for slip in slips {
            self.lot(slip.lot).left_won += slip.won;
        }
    }

    pub(super) fn late_gifts(&self, at: i64) -> Vec<i64> {
        let late = |gift: &&Present| gift.state == GiftState::Waiting && gift.late(at);
        self.gifts.iter().filter(late).map(|gift| gift.id).collect()
    }

    /// The n-th gift: its id, its sender, its recipient.
    pub fn any_gift(&self, n: usize) -> Option<(i64, i64, String)> {
        let gift = self.gifts.get(n.checked_rem(self.gifts.len())?)?;
        Some((gift.id, gift.sender, gift.recipient.clone()))
    }

    fn present(&self, id: i64) -> &Present {
        let found = self.gifts.iter().find(|gift| gift.id == id);
        found.expect("a gift of this book")
    }

    fn present_mut(&mut self, id: i64) -> &mut Present {
        let found = self.gifts.iter_mut().find(|gift| gift.id == id);
        found.expect("a gift of this book")
    }
}
