//! Whoever has the link sets the password: the login is made, or set anew.

use sqlx::AssertSqlSafe;

use super::{Invitation, InvitationError, deed, list::OPEN};
use crate::{Field, People, Problem, Reason, audit, check_password, passwords, secret, sessions};

impl People {
    /// Uses the link up. Gives the login id to sign in with. A reset ends every session and takes the second factor
    /// away, which is set up anew at the next sign-in.
    pub async fn accept_invitation(
        &self,
        link: &str,
        password: &str,
        from_ip: &str,
        at: i64,
    ) -> Result<String, InvitationError> {
        let invitation = self.invitation(link, at).await?.ok_or(InvitationError::NotHere)?;
        if invitation.waits_for_second {
            return Err(InvitationError::Waiting);
        }
        let Invitation {
            municipality,
            login_id,
            name,
            ..
        } = &invitation;
        let municipality = *municipality;
        check_password(password, login_id, name, None)
            .map_err(|problem| InvitationError::Refused(vec![problem]))?;
        let hash = self.inner.hasher.hash(&passwords::normal(password)).await?;
        let mut ids = self.store().ids(municipality, 2).await?;
        let (Some(new), Some(audit_id)) = (ids.next(), ids.next()) else {
            return Err(crate::Fault::Row("no ids".to_owned()).into());
        };
        let mut transaction = self.store().begin().await?;
        // Of two that use it at once, one does.
        let sql = format!(
            "UPDATE invitations SET used_at = $1 WHERE municipality = $2 AND id = $3 AND token_hash = $4 AND {OPEN} \
             AND (needs_second = 0 OR confirmed_at IS NOT NULL) RETURNING login, merchant"
        );
        let used: Option<(Option<i64>, Option<i64>)> = sqlx::query_as(AssertSqlSafe(sql))
            .bind(at)
            .bind(municipality)
            .bind(invitation.id)
            .bind(secret::hash(link))
            .fetch_optional(&mut *transaction)
            .await?;
        let Some((login, merchant)) = used else {
            return Err(InvitationError::NotHere);
        };
        let login = if let Some(login) = login {
            let done = sqlx::query(
                "UPDATE logins SET password_hash = $1, password_at = $2 WHERE municipality = $3 AND id = $4 \
                 AND kind = 'staff' AND active = 1",
            )
            .bind(&hash)
            .bind(at)
            .bind(municipality)
            .bind(login)
            .execute(&mut *transaction)
            .await?;
            if done.rows_affected() == 0 {
                return Err(InvitationError::NotHere);
            }
            Self::drop_second_factor(&mut transaction, login).await?;
            sessions::end_all(&mut transaction, login, "set anew by invitation", at).await?;
            login
        } else {
            let done = sqlx::query(
                "INSERT INTO logins (id, municipality, kind, login_id, password_hash, name_sealed, roles, merchant, \
                 made_at, made_by, password_at) VALUES ($1, $2, 'staff', $3, $4, $5, $6, $7, $8, $9, $8) \
                 ON CONFLICT (login_id) DO NOTHING",
            )
            .bind(new)
            .bind(municipality)
            .bind(login_id)
            .bind(&hash)
            .bind(self.seal_as(municipality, "logins.name", name))
            .bind(invitation.roles.to_text())
            .bind(merchant)
            .bind(at)
            .bind(invitation.made_by)
            .execute(&mut *transaction)
            .await?;
            if done.rows_affected() == 0 {
                // A resident took the login id since: the invitation stays, and the administrator makes another.
                let taken = Problem::new(Field::LoginId, Reason::Taken);
                return Err(InvitationError::Refused(vec![taken]));
            }
            new
        };
        let deed = deed(
            (municipality, invitation.id),
            login,
            "staff.join",
            from_ip,
            format!("login/{login}"),
        );
        audit::write(&mut transaction, audit_id, &deed, at).await?;
        transaction.commit().await?;
        Ok(invitation.login_id)
    }
}
