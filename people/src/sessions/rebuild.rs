//! Sessions that the store has lost for good: it was restored from a copy that is older than they are (DESIGN 7).
//!
//! An operator says from when to when sign-ins may be missing. A resident's cookie from that time, signed by a key of
//! ours, whose row is not there at all, is then a session again; unless it was issued before the login's last known
//! revocation: the end of any of its sessions, or its password. Staff sign in anew: what they may do weighs more than
//! their trouble. What ended *after* the copy and before the loss is not known any more and may come back; where that
//! matters, `neul sessions end` ends it once more.

use super::{Claims, Client, Kind, Opening};
use crate::{Fault, People};

const KEY: &str = "sessions_lost";

impl People {
    /// Says that sign-ins between these instants (ms, the second left out) may be missing from the store.
    pub async fn sessions_were_lost(&self, from: i64, until: i64) -> Result<(), Fault> {
        sqlx::query(
            "INSERT INTO house (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        )
        .bind(KEY)
        .bind(format!("{from} {until}"))
        .execute(&self.store().write)
        .await?;
        Ok(())
    }

    /// Makes the row of a lost session anew; whether there is one now.
    pub(super) async fn rebuild(&self, claims: &Claims, client: &Client, at: i64) -> Result<bool, Fault> {
        let Some(lost) = self.value(KEY).await? else {
            return Ok(false);
        };
        let mut ends = lost.split(' ').map(|text| text.parse::<i64>().unwrap_or(0));
        let (from, until) = (ends.next().unwrap_or(0), ends.next().unwrap_or(0));
        let issued_at = claims.issued_at;
        if claims.kind != Kind::Resident
            || !(from..until).contains(&issued_at)
            || self.is_over(claims.kind, issued_at, issued_at, at)
        {
            return Ok(false);
        }
        let mut transaction = self.store().begin().await?;
        let row: Option<(i64, i64, i64)> = sqlx::query_as(
            "SELECT l.municipality, (SELECT COUNT(*) FROM sessions WHERE id = $1) AS there, \
             COALESCE((SELECT MAX(ended_at) FROM sessions WHERE login = l.id), 0) AS revoked_at FROM logins l \
             WHERE l.id = $2 AND l.kind = 'resident' AND l.active = 1 AND l.password_at <= $3",
        )
        .bind(claims.session)
        .bind(claims.login)
        .bind(issued_at)
        .fetch_optional(&mut *transaction)
        .await?;
        let Some((municipality, 0, revoked_at)) = row else {
            return Ok(false);
        };
        if issued_at < revoked_at {
            return Ok(false);
        }
        let opening = Opening {
            id: claims.session,
            municipality,
            login: claims.login,
            client,
        };
        let opened = Self::open(&mut transaction, &opening, issued_at).await;
        match opened {
            Ok(()) => transaction.commit().await?,
            // Another request of the same browser was faster.
            Err(error) if store::is_unique_violation(&error) => {}
            Err(error) => return Err(error.into()),
        }
        tracing::info!(
            session = claims.session,
            "a lost session was made anew from its cookie"
        );
        Ok(true)
    }
}
