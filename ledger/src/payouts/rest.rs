//! The rest of a payout: its rows that were not paid become a payout of their own, which is checked, handed in and
//! approved like any other. Set by set, whatever their number.

use sha2::{Digest, Sha256};

use super::{NewPayout, Payout, PayoutKind, PayoutState};
use crate::{Ledger, Refusal, error::Result};

impl Ledger {
    /// Makes a payout of the rows that an ended one did not pay, checked and not handed in; the same one, if there is
    /// one already that was not given up. Refused: [`Refusal::PayoutState`] (it has not ended),
    /// [`Refusal::NothingToPay`] (all of it was paid).
    pub async fn pay_the_rest(
        &self,
        municipality: i64,
        payout: i64,
        title: &str,
        by: i64,
        at: i64,
    ) -> Result<Payout> {
        let ended = self.payout(municipality, payout).await?;
        if ended.state != PayoutState::Done || ended.kind == PayoutKind::Budget {
            return Err(Refusal::PayoutState { state: ended.state }.into());
        }
        if ended.failed_rows == 0 {
            return Err(Refusal::NothingToPay.into());
        }
        let mut new = NewPayout::new(ended.kind, ended.programme, title.to_owned(), by);
        new.file_name.clone_from(&ended.file_name);
        new.file_sha256 = hex::encode(Sha256::digest(format!("rest of {payout}")));
        new.rest_of = Some(payout);
        let made = match self.create_payout(municipality, new, at).await {
            Ok(made) => made,
            Err(crate::LedgerError::Refused(Refusal::SameFile { payout })) => {
                return self.payout(municipality, payout).await;
            }
            Err(error) => return Err(error),
        };
        let mut tx = self.store.begin().await?;
        self.lock_in_state(&mut tx, municipality, made.id, &[PayoutState::Draft])
            .await?;
        sqlx::query(
            "INSERT INTO payout_rows (municipality, payout, row_number, sealed, person_key, amount_won, outcome, field, \
             why, state) SELECT municipality, $3, row_number, sealed, person_key, amount_won, outcome, field, why, \
             'waiting' FROM payout_rows WHERE municipality = $1 AND payout = $2 AND outcome = 'ok' \
             AND state IN ('failed', 'waiting')",
        )
        .bind(municipality)
        .bind(payout)
        .bind(made.id)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        self.finish_check(municipality, made.id, by, at).await
    }
}
