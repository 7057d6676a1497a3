//! What a completed proof is good for: looked at, and used up.

use sqlx::{Any, Transaction};

use super::{ProvenPhone, Purpose};
use crate::{Fault, People, secret};

/// A proof that [`People::prove`] completed, as its owner's token finds it.
pub(crate) struct Proven {
    pub token_hash: String,
    pub phone: String,
}

impl People {
    /// The phone behind a token that was made for one of these purposes, if it may still be used. Spends one
    /// of its five uses: a token is no licence to try birth dates.
    pub(crate) async fn look_at_proof(
        &self,
        proven: &ProvenPhone,
        purposes: &[Purpose],
        at: i64,
    ) -> Result<Option<Proven>, Fault> {
        let token_hash = secret::hash(&proven.0);
        let row: Option<(String, String)> = sqlx::query_as(
            "UPDATE proofs SET token_tries_left = token_tries_left - 1 WHERE token_hash = $1 \
             AND token_expires_at > $2 AND used_at IS NULL AND token_tries_left > 0 \
             RETURNING purpose, phone_sealed",
        )
        .bind(&token_hash)
        .bind(at)
        .fetch_optional(&self.store().write)
        .await?;
        match row {
            Some((purpose, sealed)) if purposes.iter().any(|known| known.name() == purpose) => {
                let phone = self.unseal_as(0, "proofs.phone", &sealed)?;
                Ok(Some(Proven { token_hash, phone }))
            }
            _ => Ok(None),
        }
    }

    /// The same without spending a use, for one purpose.
    pub(crate) async fn peek_proof(
        &self,
        proven: &ProvenPhone,
        purpose: Purpose,
        at: i64,
    ) -> Result<Option<Proven>, Fault> {
        let token_hash = secret::hash(&proven.0);
        let row: Option<(String,)> = sqlx::query_as(
            "SELECT phone_sealed FROM proofs WHERE token_hash = $1 AND token_expires_at > $2 AND used_at IS NULL \
             AND purpose = $3",
        )
        .bind(&token_hash)
        .bind(at)
        .bind(purpose.name())
        .fetch_optional(&self.store().read)
        .await?;
        match row {
            Some((sealed,)) => {
                let phone = self.unseal_as(0, "proofs.phone", &sealed)?;
                Ok(Some(Proven { token_hash, phone }))
            }
            None => Ok(None),
        }
    }

    /// Uses a proof up, with what it was used for; whether it was still there.
    pub(crate) async fn use_proof(
        transaction: &mut Transaction<'static, Any>,
        proven: &Proven,
        at: i64,
    ) -> sqlx::Result<bool> {
        let done = sqlx::query("UPDATE proofs SET used_at = $1 WHERE token_hash = $2 AND used_at IS NULL")
            .bind(at)
            .bind(&proven.token_hash)
            .execute(&mut **transaction)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// The phone of a token that may still be used, for showing it on the next page (masked); spends nothing.
    pub async fn proven_phone(&self, proven: &ProvenPhone, at: i64) -> Result<Option<String>, Fault> {
        let row: Option<(String,)> = sqlx::query_as(
            "SELECT phone_sealed FROM proofs WHERE token_hash = $1 AND token_expires_at > $2 AND used_at IS NULL \
             AND token_tries_left > 0",
        )
        .bind(secret::hash(&proven.0))
        .bind(at)
        .fetch_optional(&self.store().read)
        .await?;
        match row {
            Some((sealed,)) => Ok(Some(self.unseal_as(0, "proofs.phone", &sealed)?)),
            None => Ok(None),
        }
    }
}
