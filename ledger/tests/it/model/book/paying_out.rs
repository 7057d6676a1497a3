//! Value that goes back to whoever paid for it: refunds, and what has ended.

use ledger::{GiftState, HoldState, LotKind, Refusal, Swept};

use super::{Book, Lot};

impl Book {
    pub(super) fn refundable(&self, holder: i64) -> i64 {
        self.balances.get(&("refundable", holder)).copied().unwrap_or(0)
    }

    pub(super) fn foretell_refund(&self, holder: i64, lot: i64, at: i64) -> Result<Vec<i64>, Refusal> {
        let lot = self.lots.iter().find(|own| own.id == lot && own.holder == holder);
        let lot = lot.ok_or(Refusal::UnknownLot)?;
        if lot.kind != LotKind::Bought {
            return Err(Refusal::NotRefundable);
        }
        if lot.expires_at <= at {
            return Err(Refusal::LotEnded {
                ended_at: lot.expires_at,
            });
        }
        if lot.left_won == 0 {
            return Err(Refusal::NothingLeft);
        }
        let threshold = self.programme(lot.programme).refund_threshold_pct;
        if lot.left_won < lot.value_won && lot.spent_won * 100 < lot.value_won * threshold {
            let needed_won = (lot.value_won * threshold + 99) / 100;
            return Err(Refusal::RefundTooEarly {
                spent_won: lot.spent_won,
                needed_won,
            });
        }
        Ok(vec![-lot.left_won])
    }

    pub(super) fn foretell_take_back(&self, lot: i64, reason: &str) -> Result<Vec<i64>, Refusal> {
        let lot = self
            .lots
            .iter()
            .find(|own| own.id == lot)
            .expect("a lot of this book");
        if reason.is_empty() {
            return Err(Refusal::Invalid {
                field: "reason".to_owned(),
            });
        }
        if lot.kind != LotKind::Granted {
            return Err(Refusal::NotGranted);
        }
        match lot.left_won {
            0 => Err(Refusal::NothingLeft),
            won => Ok(vec![-won]),
        }
    }

    /// The lot is emptied: the holder gets what they paid for what is left, the budget what it had added.
    pub(super) fn pay_out(&mut self, lot: i64) {
        let lot = self.lot(lot);
        let (holder, programme, left_won) = (lot.holder, lot.programme, lot.left_won);
        let discount_won = discount(lot, left_won);
        lot.left_won = 0;
        self.move_won(
            ("wallet", holder),
            ("refundable", holder),
            left_won - discount_won,
        );
        self.move_won(("wallet", holder), ("budget", programme), discount_won);
    }

    /// Releases every hold and brings back every gift that nobody claimed, then empties every lot that has ended.
    pub fn sweep(&mut self, at: i64) -> Swept {
        let holds = self.late_holds(at);
        for hold in &holds {
            self.release(*hold, HoldState::TimedOut);
        }
        let gifts = self.late_gifts(at);
        for gift in &gifts {
            self.gift_back(*gift, GiftState::Lapsed);
        }
        let ended = self
            .lots
            .iter()
            .filter(|lot| lot.left_won > 0 && lot.expires_at <= at);
        let ended: Vec<(i64, i64)> = ended.map(|lot| (lot.id, lot.left_won)).collect();
        for (lot, _) in &ended {
            self.pay_out(*lot);
        }
        Swept {
            holds: holds.len() as i64,
            gifts: gifts.len() as i64,
            lots: ended.len() as i64,
            lots_won: ended.iter().map(|lot| lot.1).sum(),
            failed: 0,
        }
    }

    /// Money is handed to the bank.
    pub(super) fn send(&mut self, id: i64, from: (&'static str, i64), won: i64) {
        self.move_won(from, ("clearing", 0), won);
        self.remittances.push((id, from, won));
    }

    /// The bank has sent it, or could not: then it comes back.
    pub fn bank_answers(&mut self, id: i64, sent: bool, at: i64) {
        let found = self.remittances.iter().position(|open| open.0 == id);
        let (_, from, won) = self.remittances.remove(found.expect("an open remittance"));
        if !sent {
            self.move_won(("clearing", 0), from, won);
            if let ("merchant", merchant) = from {
                self.takings.push((merchant, at, won));
            }
        }
    }

    /// The n-th remittance that the bank has not answered for.
    pub fn any_open_remittance(&self, n: usize) -> Option<i64> {
        let open = self.remittances.get(n.checked_rem(self.remittances.len())?)?;
        Some(open.0)
    }

    /// The id of the n-th lot and whose it is.
    pub fn any_lot(&self, n: usize) -> Option<(i64, i64)> {
        let lot = self.lots.get(n.checked_rem(self.lots.len())?)?;
        Some((lot.id, lot.holder))
    }
}

/// How much of so much of a lot the budget had added.
pub(super) fn discount(lot: &Lot, won: i64) -> i64 {
    won * (lot.value_won - lot.price_won) / lot.value_won
}
