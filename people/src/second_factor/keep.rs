//! Second factors in the database.

use sqlx::{Any, AssertSqlSafe, Transaction};
use zeroize::Zeroizing;

use super::{Whose, secret};
use crate::{By, Fault, People, StaffError, audit, sql::places};

/// What is kept of one.
pub(super) struct Kept {
    pub(super) secret: Zeroizing<String>,
    pub(super) confirmed_at: Option<i64>,
}

const DOMAIN: &str = "recovery code v1";

fn named(login: i64, plain: &str) -> String {
    format!("{login}\u{1f}{plain}")
}

impl People {
    pub(super) async fn kept(&self, whose: Whose) -> Result<Option<Kept>, Fault> {
        let row: Option<(String, Option<i64>)> = sqlx::query_as(
            "SELECT secret_sealed, confirmed_at FROM totp WHERE login = $1 AND municipality = $2",
        )
        .bind(whose.login)
        .bind(whose.municipality)
        .fetch_optional(&self.store().write)
        .await?;
        let Some((sealed, confirmed_at)) = row else {
            return Ok(None);
        };
        let secret = Zeroizing::new(self.unseal_as(whose.municipality, "totp.secret", &sealed)?);
        Ok(Some(Kept { secret, confirmed_at }))
    }

    /// Uses a time step up; `false` where it, or a later one, was used before.
    pub(super) async fn use_step(
        transaction: &mut Transaction<'static, Any>,
        login: i64,
        step: i64,
    ) -> sqlx::Result<bool> {
        let done = sqlx::query("UPDATE totp SET last_step = $1 WHERE login = $2 AND last_step < $1")
            .bind(step)
            .bind(login)
            .execute(&mut **transaction)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Uses a recovery code up; `false` where it is none, or was used before.
    pub(super) async fn use_recovery_code(
        &self,
        transaction: &mut Transaction<'static, Any>,
        login: i64,
        code: &str,
        at: i64,
    ) -> sqlx::Result<bool> {
        let Some(plain) = secret::plain(code) else {
            return Ok(false);
        };
        let hashes = self.inner.sealer.index_keys(DOMAIN, &named(login, &plain));
        let sql = format!(
            "UPDATE recovery_codes SET used_at = $1 WHERE login = $2 AND used_at IS NULL AND code_hash IN ({})",
            places(3, hashes.len())
        );
        let mut query = sqlx::query(AssertSqlSafe(sql)).bind(at).bind(login);
        for hash in hashes {
            query = query.bind(hash);
        }
        Ok(query.execute(&mut **transaction).await?.rows_affected() == 1)
    }

    /// Keeps new recovery codes instead of the old ones.
    pub(super) async fn keep_recovery_codes(
        &self,
        transaction: &mut Transaction<'static, Any>,
        login: i64,
        codes: &[String],
        at: i64,
    ) -> sqlx::Result<()> {
        sqlx::query("DELETE FROM recovery_codes WHERE login = $1")
            .bind(login)
            .execute(&mut **transaction)
            .await?;
        for plain in codes.iter().filter_map(|code| secret::plain(code)) {
            sqlx::query("INSERT INTO recovery_codes (login, code_hash, made_at) VALUES ($1, $2, $3)")
                .bind(login)
                .bind(self.inner.sealer.index_key(DOMAIN, &named(login, &plain)))
                .bind(at)
                .execute(&mut **transaction)
                .await?;
        }
        Ok(())
    }

    pub(super) async fn mark_shown(
        transaction: &mut Transaction<'static, Any>,
        session: i64,
        at: i64,
    ) -> sqlx::Result<()> {
        sqlx::query("UPDATE sessions SET proved_at = $1 WHERE id = $2")
            .bind(at)
            .bind(session)
            .execute(&mut **transaction)
            .await?;
        Ok(())
    }

    /// Takes a second factor away, with what belongs to it: its owner sets up another.
    pub(crate) async fn drop_second_factor(
        transaction: &mut Transaction<'static, Any>,
        login: i64,
    ) -> sqlx::Result<()> {
        for sql in [
            "DELETE FROM totp WHERE login = $1",
            "DELETE FROM recovery_codes WHERE login = $1",
        ] {
            sqlx::query(sql).bind(login).execute(&mut **transaction).await?;
        }
        Ok(())
    }

    /// Takes the second factor of a member away who has lost phone and recovery codes, and ends their sessions: for the
    /// command line, where whoever asks has the machine anyway. At the desk it takes an invitation.
    pub async fn reset_second_factor(
        &self,
        municipality: i64,
        staff: i64,
        by: impl Into<By>,
        at: i64,
    ) -> Result<(), StaffError> {
        let audit_id = self.store().id(municipality).await?;
        let mut transaction = self.store().begin().await?;
        let found: Option<(i64,)> =
            sqlx::query_as("SELECT id FROM logins WHERE municipality = $1 AND id = $2 AND kind = 'staff'")
                .bind(municipality)
                .bind(staff)
                .fetch_optional(&mut *transaction)
                .await?;
        if found.is_none() {
            return Err(StaffError::NotHere);
        }
        Self::drop_second_factor(&mut transaction, staff).await?;
        crate::sessions::end_all(&mut transaction, staff, "second factor was reset", at).await?;
        let deed = crate::staff::deed(municipality, by.into(), "second_factor.reset", staff, "");
        audit::write(&mut transaction, audit_id, &deed, at).await?;
        transaction.commit().await?;
        Ok(())
    }
}
