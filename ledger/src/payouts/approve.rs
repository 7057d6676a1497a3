//! From checked to approved: each step by whom and when; of two officials at once, the second is told.

use super::{Payout, PayoutState, check};
use crate::{Ledger, Refusal, error::Result};

impl Ledger {
    /// Hands a checked payout in. Refused: [`Refusal::PayoutState`], [`Refusal::NothingToPay`].
    pub async fn submit_payout(&self, municipality: i64, payout: i64, by: i64, at: i64) -> Result<Payout> {
        let event = self.store.id(municipality).await?;
        let mut tx = self.store.begin().await?;
        let checked = self
            .lock_in_state(&mut tx, municipality, payout, PayoutState::Checked)
            .await?;
        if checked.ok_rows == 0 {
            return Err(Refusal::NothingToPay.into());
        }
        sqlx::query(
            "UPDATE payouts SET state = 'submitted', submitted_by = $3, submitted_at = $4 \
             WHERE municipality = $1 AND id = $2",
        )
        .bind(municipality)
        .bind(payout)
        .bind(by)
        .bind(at)
        .execute(&mut *tx)
        .await?;
        check::write_event(
            &mut tx,
            municipality,
            payout,
            event,
            (at, by, PayoutState::Submitted, ""),
        )
        .await?;
        tx.commit().await?;
        self.payout(municipality, payout).await
    }

    /// A second official's word. It holds for the content that was checked and for nothing else.
    /// Refused: [`Refusal::PayoutState`], [`Refusal::SecondOfficial`], [`Refusal::ContentChanged`].
    pub async fn approve_payout(&self, municipality: i64, payout: i64, by: i64, at: i64) -> Result<Payout> {
        let event = self.store.id(municipality).await?;
        let mut tx = self.store.begin().await?;
        let submitted = self
            .lock_in_state(&mut tx, municipality, payout, PayoutState::Submitted)
            .await?;
        if !submitted.may_be_approved_by(by) {
            return Err(Refusal::SecondOfficial.into());
        }
        if check::content_hash(&mut tx, &submitted).await? != submitted.content_hash {
            return Err(Refusal::ContentChanged.into());
        }
        sqlx::query(
            "UPDATE payouts SET state = 'approved', approved_by = $3, approved_at = $4 \
             WHERE municipality = $1 AND id = $2",
        )
        .bind(municipality)
        .bind(payout)
        .bind(by)
        .bind(at)
        .execute(&mut *tx)
        .await?;
        check::write_event(
            &mut tx,
            municipality,
            payout,
            event,
            (at, by, PayoutState::Approved, ""),
        )
        .await?;
        tx.commit().await?;
        self.payout(municipality, payout).await
    }

    /// Gives a submitted payout back, with a word that says why. Refused: [`Refusal::PayoutState`].
    pub async fn return_payout(
        &self,
        municipality: i64,
        payout: i64,
        by: i64,
        word: &str,
        at: i64,
    ) -> Result<Payout> {
        self.end(
            municipality,
            payout,
            &[PayoutState::Submitted],
            (at, by, PayoutState::Returned, word),
        )
        .await
    }

    /// Gives up a payout that nobody has approved. Refused: [`Refusal::PayoutState`].
    pub async fn cancel_payout(
        &self,
        municipality: i64,
        payout: i64,
        by: i64,
        word: &str,
        at: i64,
    ) -> Result<Payout> {
        let open = [PayoutState::Draft, PayoutState::Checked, PayoutState::Submitted];
        self.end(
            municipality,
            payout,
            &open,
            (at, by, PayoutState::Cancelled, word),
        )
        .await
    }

    async fn end(
        &self,
        municipality: i64,
        payout: i64,
        from: &[PayoutState],
        event: (i64, i64, PayoutState, &str),
    ) -> Result<Payout> {
        let id = self.store.id(municipality).await?;
        let mut tx = self.store.begin().await?;
        let found = super::read::locked(&mut tx, self.store.for_update(), municipality, payout).await?;
        let found = found.ok_or(Refusal::UnknownPayout)?;
        if !from.contains(&found.state) {
            return Err(Refusal::PayoutState { state: found.state }.into());
        }
        sqlx::query("UPDATE payouts SET state = $3 WHERE municipality = $1 AND id = $2")
            .bind(municipality)
            .bind(payout)
            .bind(event.2.code())
            .execute(&mut *tx)
            .await?;
        check::write_event(&mut tx, municipality, payout, id, event).await?;
        tx.commit().await?;
        self.payout(municipality, payout).await
    }
}
