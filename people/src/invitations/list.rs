//! Invitations that wait, and what a second person, or the first, decides about them.

use sqlx::AssertSqlSafe;

use super::{Invitation, InvitationError, deed};
use crate::{Fault, People, Roles, audit};

const COLUMNS: &str = "id, municipality, login, login_id, name_sealed, roles, made_at, made_by, until_at, \
    needs_second, confirmed_at";

pub(super) type InvitationRow = (
    i64,
    i64,
    Option<i64>,
    String,
    String,
    String,
    i64,
    i64,
    i64,
    i64,
    Option<i64>,
);

pub(super) const OPEN: &str = "used_at IS NULL AND withdrawn_at IS NULL";

impl People {
    /// A municipality's invitations that can still be used, newest first.
    pub async fn invitations(&self, municipality: i64, at: i64) -> Result<Vec<Invitation>, Fault> {
        let sql = format!(
            "SELECT {COLUMNS} FROM invitations WHERE municipality = $1 AND until_at > $2 AND {OPEN} ORDER BY id DESC"
        );
        let rows: Vec<InvitationRow> = sqlx::query_as(AssertSqlSafe(sql))
            .bind(municipality)
            .bind(at)
            .fetch_all(&self.store().read)
            .await?;
        rows.into_iter()
            .map(|row| self.open_invitation_row(row))
            .collect()
    }

    /// Those of every municipality that wait for a second person: for the operators of the platform.
    pub async fn invitations_to_agree(&self, at: i64) -> Result<Vec<Invitation>, Fault> {
        let sql = format!(
            "SELECT {COLUMNS} FROM invitations WHERE needs_second = 1 AND confirmed_at IS NULL AND until_at > $1 \
             AND {OPEN} ORDER BY municipality, id DESC LIMIT 200"
        );
        let rows: Vec<InvitationRow> = sqlx::query_as(AssertSqlSafe(sql))
            .bind(at)
            .fetch_all(&self.store().read)
            .await?;
        rows.into_iter()
            .map(|row| self.open_invitation_row(row))
            .collect()
    }

    pub(super) fn open_invitation_row(&self, row: InvitationRow) -> Result<Invitation, Fault> {
        let (
            id,
            municipality,
            login,
            login_id,
            name,
            roles,
            made_at,
            made_by,
            until_at,
            needs_second,
            confirmed_at,
        ) = row;
        Ok(Invitation {
            id,
            municipality,
            is_reset: login.is_some(),
            login_id,
            name: self.unseal_as(municipality, "invitations.name", &name)?,
            roles: Roles::from_text(&roles),
            made_at,
            made_by,
            until_at,
            waits_for_second: needs_second == 1 && confirmed_at.is_none(),
        })
    }

    /// A second person agrees. Never the one who invited, nor the one whom a reset is for.
    pub async fn agree_to_invitation(
        &self,
        municipality: i64,
        id: i64,
        by: i64,
        from_ip: &str,
        at: i64,
    ) -> Result<(), InvitationError> {
        let audit_id = self.store().id(municipality).await?;
        let mut transaction = self.store().begin().await?;
        let sql = format!(
            "SELECT made_by, login FROM invitations WHERE municipality = $1 AND id = $2 AND needs_second = 1 \
             AND confirmed_at IS NULL AND until_at > $3 AND {OPEN}{}",
            self.store().for_update()
        );
        let found: Option<(i64, Option<i64>)> = sqlx::query_as(AssertSqlSafe(sql))
            .bind(municipality)
            .bind(id)
            .bind(at)
            .fetch_optional(&mut *transaction)
            .await?;
        let Some((made_by, login)) = found else {
            return Err(InvitationError::NotHere);
        };
        if made_by == by || login == Some(by) {
            return Err(InvitationError::Own);
        }
        sqlx::query(
            "UPDATE invitations SET confirmed_at = $1, confirmed_by = $2 WHERE municipality = $3 AND id = $4",
        )
        .bind(at)
        .bind(by)
        .bind(municipality)
        .bind(id)
        .execute(&mut *transaction)
        .await?;
        let deed = deed(
            (municipality, id),
            by,
            "staff.invite_agree",
            from_ip,
            String::new(),
        );
        audit::write(&mut transaction, audit_id, &deed, at).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Takes an invitation back: its link is good for nothing.
    pub async fn withdraw_invitation(
        &self,
        municipality: i64,
        id: i64,
        by: i64,
        from_ip: &str,
        at: i64,
    ) -> Result<(), InvitationError> {
        let audit_id = self.store().id(municipality).await?;
        let mut transaction = self.store().begin().await?;
        let sql = format!(
            "UPDATE invitations SET withdrawn_at = $1 WHERE municipality = $2 AND id = $3 AND {OPEN}"
        );
        let done = sqlx::query(AssertSqlSafe(sql))
            .bind(at)
            .bind(municipality)
            .bind(id)
            .execute(&mut *transaction)
            .await?;
        if done.rows_affected() == 0 {
            return Err(InvitationError::NotHere);
        }
        let deed = deed(
            (municipality, id),
            by,
            "staff.invite_withdraw",
            from_ip,
            String::new(),
        );
        audit::write(&mut transaction, audit_id, &deed, at).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The invitation behind a link, whether a second person has agreed or not.
    pub async fn invitation(&self, link: &str, at: i64) -> Result<Option<Invitation>, Fault> {
        let sql =
            format!("SELECT {COLUMNS} FROM invitations WHERE token_hash = $1 AND until_at > $2 AND {OPEN}");
        let row: Option<InvitationRow> = sqlx::query_as(AssertSqlSafe(sql))
            .bind(crate::secret::hash(link))
            .bind(at)
            .fetch_optional(&self.store().write)
            .await?;
        row.map(|row| self.open_invitation_row(row)).transpose()
    }
}
