//! Personal data is masked on the desk's pages until an official asks for it with a reason, which the audit log keeps.
//! What was asked for is one record, in one session, for a quarter of an hour.

use crate::{Audit, Client, Fault, People, Session, Who, audit, house::MINUTE_MS};

/// How long a record stays unmasked, ms.
pub const REVEAL_MS: i64 = 15 * MINUTE_MS;

impl People {
    /// Unmasks a record (`payout/123`) for this session. `reason` goes into the audit log as it was typed.
    pub async fn reveal(
        &self,
        session: &Session,
        record: &str,
        reason: &str,
        client: &Client,
        at: i64,
    ) -> Result<(), Fault> {
        let Who::Staff {
            id: login,
            municipality,
            ..
        } = session.who
        else {
            return Err(Fault::Row("a resident unmasks nothing".to_owned()));
        };
        let mut ids = self.store().ids(municipality, 2).await?;
        let (Some(id), Some(audit_id)) = (ids.next(), ids.next()) else {
            return Err(Fault::Row("no ids".to_owned()));
        };
        let mut transaction = self.store().begin().await?;
        sqlx::query(
            "INSERT INTO reveals (municipality, id, session, record, until_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(municipality)
        .bind(id)
        .bind(session.id)
        .bind(record)
        .bind(at + REVEAL_MS)
        .execute(&mut *transaction)
        .await?;
        let deed = Audit {
            municipality,
            actor_kind: session.who.actor(),
            actor_id: login,
            action: "person.reveal".to_owned(),
            record: record.to_owned(),
            from_ip: client.ip.clone(),
            detail: reason.to_owned(),
        };
        audit::write(&mut transaction, audit_id, &deed, at).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Until when a record is unmasked for this session, if it is.
    pub async fn revealed_until(
        &self,
        session: &Session,
        record: &str,
        at: i64,
    ) -> Result<Option<i64>, Fault> {
        let row: (Option<i64>,) = sqlx::query_as(
            "SELECT MAX(until_at) AS until_at FROM reveals WHERE session = $1 AND record = $2 AND until_at > $3",
        )
        .bind(session.id)
        .bind(record)
        .bind(at)
        .fetch_one(&self.store().write)
        .await?;
        Ok(row.0)
    }
}
