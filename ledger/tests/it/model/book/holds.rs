//! Money put aside under a shop's name until the shop comes for it.

use ledger::{HoldState, Receipt, Refusal};

use super::{Book, Payment, day, positive};

/// What was put aside.
pub(super) struct Reserved {
    id: i64,
    holder: i64,
    merchant: i64,
    at: i64,
    state: HoldState,
    /// Each lot and what it gave, in the order of taking.
    parts: Vec<(i64, i64)>,
}

impl Reserved {
    fn won(&self) -> i64 {
        self.parts.iter().map(|part| part.1).sum()
    }

    fn late(&self, at: i64) -> bool {
        day(at) > day(self.at) + 7
    }

    /// The first so many won of it.
    fn first(&self, won: i64) -> Vec<(i64, i64)> {
        let mut rest_won = won;
        let mut first = Vec::new();
        for (lot, won) in &self.parts {
            if rest_won > 0 {
                first.push((*lot, rest_won.min(*won)));
                rest_won -= rest_won.min(*won);
            }
        }
        first
    }
}

impl Book {
    pub(super) fn hold(&mut self, id: i64, holder: i64, merchant: i64, amount_won: i64, at: i64) {
        let parts = self.split(holder, merchant, amount_won, at).expect("foretold");
        self.move_won(("wallet", holder), ("holds", 0), amount_won);
        for (lot, won) in &parts {
            self.lot(*lot).left_won -= won;
        }
        self.holds.push(Reserved {
            id,
            holder,
            merchant,
            at,
            state: HoldState::Open,
            parts,
        });
    }

    pub(super) fn foretell_capture(
        &self,
        hold: i64,
        amount_won: Option<i64>,
        at: i64,
    ) -> Result<Vec<i64>, Refusal> {
        if let Some(won) = amount_won {
            positive(won)?;
        }
        let hold = self.reserved(hold);
        match hold.state {
            HoldState::Open if hold.late(at) => {
                return Err(Refusal::HoldEnded {
                    state: HoldState::TimedOut,
                });
            }
            HoldState::Open => {}
            state => return Err(Refusal::HoldEnded { state }),
        }
        let held_won = hold.won();
        match amount_won.unwrap_or(held_won) {
            won if won > held_won => Err(Refusal::CaptureTooLarge { held_won }),
            won => Ok(hold.first(won).into_iter().map(|part| -part.1).collect()),
        }
    }

    pub(super) fn capture(&mut self, hold: i64, receipt: &Receipt, at: i64) {
        let won = receipt.amount_won;
        self.release(hold, HoldState::Captured);
        let hold = self.reserved(hold);
        let (holder, merchant, parts) = (hold.holder, hold.merchant, hold.first(won));
        self.move_won(("wallet", holder), ("merchant", merchant), won);
        self.takings.push((merchant, at, won));
        for (lot, won) in &parts {
            self.lot(*lot).left_won -= won;
            self.lot(*lot).spent_won += won;
        }
        let payment = Payment {
            holder,
            merchant,
            amount_won: won,
            at,
            parts: parts.into_iter().map(|(lot, won)| (lot, won, 0)).collect(),
        };
        self.payments.insert(receipt.transfer, payment);
    }

    pub(super) fn foretell_release(&self, hold: i64) -> Result<Vec<i64>, Refusal> {
        let hold = self.reserved(hold);
        match hold.state {
            HoldState::Open => Ok(hold.parts.iter().map(|part| part.1).collect()),
            state => Err(Refusal::HoldEnded { state }),
        }
    }

    pub(super) fn release(&mut self, hold: i64, state: HoldState) {
        let found = self.holds.iter_mut().find(|own| own.id == hold);
        let hold = found.expect("a hold of this book");
        hold.state = state;
        let (holder, won, parts) = (hold.holder, hold.won(), hold.parts.clone());
        self.move_won(("holds", 0), ("wallet", holder), won);
        for (lot, won) in parts {
            self.lot(lot).left_won += won;
        }
    }

    pub(super) fn late_holds(&self, at: i64) -> Vec<i64> {
        let late = |hold: &&Reserved| hold.state == HoldState::Open && hold.late(at);
        self.holds.iter().filter(late).map(|hold| hold.id).collect()
    }

    /// The id of the n-th hold.
    pub fn any_hold(&self, n: usize) -> Option<i64> {
        Some(self.holds.get(n.checked_rem(self.holds.len())?)?.id)
    }

    fn reserved(&self, id: i64) -> &Reserved {
        let found = self.holds.iter().find(|hold| hold.id == id);
        found.expect("a hold of this book")
    }
}
