//! From checked to approved: each step by whom and when; of two officials at once, the second is told.

use super::{Payout, PayoutState, Step, check, repeats, rules, run};
use crate::{Ledger, Refusal, error::Result};

/// How far ahead the start of a payout may lie, ms: a year.
const START_WITHIN_MS: i64 = 366 * 86_400_000;

impl Ledger {
    /// Hands a checked payout in, to be paid as soon as it is approved.
    /// Refused: [`Refusal::PayoutState`], [`Refusal::NothingToPay`], [`Refusal::RepeatsUndecided`].
    pub async fn submit_payout(&self, municipality: i64, payout: i64, by: i64, at: i64) -> Result<Payout> {
        self.submit_payout_for(municipality, payout, by, None, at).await
    }

    /// The same, not to be paid before an instant (ms), which whoever approves it sees and nobody changes.
    /// Refused also: [`Refusal::Invalid`] (`start_at`: in the past, or more than a year ahead).
    pub async fn submit_payout_for(
        &self,
        municipality: i64,
        payout: i64,
        by: i64,
        start_at: Option<i64>,
        at: i64,
    ) -> Result<Payout> {
        if start_at.is_some_and(|start_at| start_at <= at || start_at > at + START_WITHIN_MS) {
            return Err(Refusal::Invalid {
                field: "start_at".to_owned(),
            }
            .into());
        }
        let event = self.store.id(municipality).await?;
        let mut tx = self.store.begin().await?;
        let checked = self
            .lock_in_state(&mut tx, municipality, payout, &[PayoutState::Checked])
            .await?;
        repeats::decided(&mut tx, &checked).await?;
        if checked.open_rows() == 0 {
            return Err(Refusal::NothingToPay.into());
        }
        sqlx::query(
            "UPDATE payouts SET state = 'submitted', submitted_by = $3, submitted_at = $4, start_at = $5 \
             WHERE municipality = $1 AND id = $2",
        )
        .bind(municipality)
        .bind(payout)
        .bind(by)
        .bind(at)
        .bind(start_at)
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

    /// A second official's word. It holds for the content that was checked and for nothing else. Where the rules ask
    /// for two approvers, the first one's word is kept and the payout still waits for another.
    /// Refused: [`Refusal::PayoutState`], [`Refusal::SecondOfficial`], [`Refusal::ContentChanged`].
    pub async fn approve_payout(&self, municipality: i64, payout: i64, by: i64, at: i64) -> Result<Payout> {
        let event = self.store.id(municipality).await?;
        let mut tx = self.store.begin().await?;
        let submitted = self
            .lock_in_state(&mut tx, municipality, payout, &[PayoutState::Submitted])
            .await?;
        if !submitted.may_be_approved_by(by) {
            return Err(Refusal::SecondOfficial.into());
        }
        if check::content_hash(&mut tx, self.store.engine, &submitted).await? != submitted.content_hash {
            return Err(Refusal::ContentChanged.into());
        }
        let two = rules::needs_two(&mut tx, &submitted).await?;
        let (sql, state) = if two && submitted.first_approved_by.is_none() {
            (
                "UPDATE payouts SET first_approved_by = $3, first_approved_at = $4 \
                 WHERE municipality = $1 AND id = $2",
                PayoutState::FirstApproved,
            )
        } else {
            (
                "UPDATE payouts SET state = 'approved', approved_by = $3, approved_at = $4 \
                 WHERE municipality = $1 AND id = $2",
                PayoutState::Approved,
            )
        };
        sqlx::query(sql)
            .bind(municipality)
            .bind(payout)
            .bind(by)
            .bind(at)
            .execute(&mut *tx)
            .await?;
        check::write_event(&mut tx, municipality, payout, event, (at, by, state, "")).await?;
        tx.commit().await?;
        self.payout(municipality, payout).await
    }

    /// Takes an approval back, while it waits for its time or while it is being paid: it stops between two rows and
    /// says where. What has been paid stays paid, and the payout is done; where nothing has, it is cancelled.
    /// Refused: [`Refusal::PayoutState`].
    pub async fn withdraw_payout(
        &self,
        municipality: i64,
        payout: i64,
        by: i64,
        word: &str,
        at: i64,
    ) -> Result<Payout> {
        let mut ids = self.store.ids(municipality, 2).await?;
        let mut event = || ids.next().unwrap_or_default();
        let mut tx = self.store.begin().await?;
        let approved = [PayoutState::Approved, PayoutState::Running];
        let found = self
            .lock_in_state(&mut tx, municipality, payout, &approved)
            .await?;
        let withdrawn = (at, by, PayoutState::Withdrawn, word);
        check::write_event(&mut tx, municipality, payout, event(), withdrawn).await?;
        if found.paid_rows == 0 {
            sqlx::query("UPDATE payouts SET state = 'cancelled' WHERE municipality = $1 AND id = $2")
                .bind(municipality)
                .bind(payout)
                .execute(&mut *tx)
                .await?;
            let end = (at, 0, PayoutState::Cancelled, "");
            check::write_event(&mut tx, municipality, payout, event(), end).await?;
        } else {
            let rest = run::stop_rest(&mut tx, &found, &Refusal::ApprovalWithdrawn, &Step::default()).await?;
            sqlx::query(
                "UPDATE payouts SET state = 'done', failed_rows = failed_rows + $3, done_at = $4 \
                 WHERE municipality = $1 AND id = $2",
            )
            .bind(municipality)
            .bind(payout)
            .bind(rest)
            .bind(at)
            .execute(&mut *tx)
            .await?;
            let end = (at, 0, PayoutState::Done, "");
            check::write_event(&mut tx, municipality, payout, event(), end).await?;
        }
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
        self.lock_in_state(&mut tx, municipality, payout, from).await?;
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
