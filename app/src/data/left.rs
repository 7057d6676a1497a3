//! What money a resident would leave behind: all of it must be none before a login is closed.

use ledger::{DepositState, GiftState, HoldState, Payee, RemittanceState};

use crate::{
    door::{Citizen, Ctx, PageError},
    word,
    words::{self, Lang},
};

/// The most recent of each kind that are looked at; one that still waits is among them.
const RECENT: i64 = 200;

/// One thing that is left.
pub(super) enum Left {
    /// Money to spend, won.
    Spendable(i64),
    /// Money to be sent to the bank, won.
    Refundable(i64),
    /// A purchase or a refund is under way at the bank.
    AtBank,
    /// A gift waits for its recipient.
    Gift,
    /// A shop or a card network has set money aside.
    Held,
}

impl Left {
    pub(super) fn said(&self, lang: Lang) -> String {
        match self {
            Self::Spendable(won) => word!(lang, data.left_spendable, amount = words::won(lang, *won)),
            Self::Refundable(won) => word!(lang, data.left_refundable, amount = words::won(lang, *won)),
            Self::AtBank => word!(lang, data.left_at_bank),
            Self::Gift => word!(lang, data.left_gift),
            Self::Held => word!(lang, data.left_held),
        }
    }
}

/// All that is left, in every municipality.
pub(super) async fn of(ctx: &Ctx, citizen: &Citizen) -> Result<Vec<Left>, PageError> {
    let ledger = &ctx.house.ledger;
    let mut left = Vec::new();
    for (municipality, holder) in citizen.holders.iter().copied() {
        let wallet = ledger.wallet(municipality, holder, ctx.at).await?;
        if wallet.total_won > 0 {
            left.push(Left::Spendable(wallet.total_won));
        }
        let refundable_won = ledger.refundable(municipality, holder).await?;
        if refundable_won > 0 {
            left.push(Left::Refundable(refundable_won));
        }
        let deposits = ledger.deposits(municipality, holder, RECENT).await?;
        let remittances = ledger
            .remittances(municipality, Payee::Holder(holder), RECENT)
            .await?;
        let waits = |state| matches!(state, RemittanceState::Pending | RemittanceState::Unknown);
        if deposits
            .iter()
            .any(|one| matches!(one.state, DepositState::Pending | DepositState::Unknown))
            || remittances.iter().any(|one| waits(one.state))
        {
            left.push(Left::AtBank);
        }
        let gifts = ledger.gifts_sent(municipality, holder, RECENT).await?;
        if gifts.iter().any(|one| one.state == GiftState::Waiting) {
            left.push(Left::Gift);
        }
        let holds = ledger.holds(municipality, holder, RECENT).await?;
        if holds.iter().any(|one| one.state == HoldState::Open) {
            left.push(Left::Held);
        }
    }
    Ok(left)
}
