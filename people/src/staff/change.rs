//! Changing what staff may do, closing and opening their logins, setting their passwords anew.

use sqlx::{Any, Transaction};

use super::{StaffError, check_roles, deed};
use crate::{Audit, By, Fault, People, Roles, audit, check_password, passwords, sessions};

impl People {
    /// Sets what a member may do; it holds from their next request on.
    pub async fn set_roles(
        &self,
        municipality: i64,
        staff: i64,
        roles: Roles,
        by: impl Into<By>,
        at: i64,
    ) -> Result<(), StaffError> {
        let audit_id = self.store().id(municipality).await?;
        let mut transaction = self.store().begin().await?;
        let found: Option<(Option<i64>,)> = sqlx::query_as(
            "SELECT merchant FROM logins WHERE municipality = $1 AND id = $2 AND kind = 'staff'",
        )
        .bind(municipality)
        .bind(staff)
        .fetch_optional(&mut *transaction)
        .await?;
        let Some((merchant,)) = found else {
            return Err(StaffError::NotHere);
        };
        let problems = check_roles(municipality, &roles, merchant);
        if !problems.is_empty() {
            return Err(StaffError::Refused(problems));
        }
        sqlx::query("UPDATE logins SET roles = $1 WHERE municipality = $2 AND id = $3")
            .bind(roles.to_text())
            .bind(municipality)
            .bind(staff)
            .execute(&mut *transaction)
            .await?;
        let deed = deed(
            municipality,
            by.into(),
            "staff.set_roles",
            staff,
            &roles.to_text(),
        );
        audit::write(&mut transaction, audit_id, &deed, at).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Closes a member's login and ends their sessions.
    pub async fn deactivate(
        &self,
        municipality: i64,
        staff: i64,
        by: impl Into<By>,
        at: i64,
    ) -> Result<(), StaffError> {
        self.set_active(municipality, staff, (0, "staff.deactivate"), by, at)
            .await
    }

    /// Opens a closed login again.
    pub async fn reactivate(
        &self,
        municipality: i64,
        staff: i64,
        by: impl Into<By>,
        at: i64,
    ) -> Result<(), StaffError> {
        self.set_active(municipality, staff, (1, "staff.reactivate"), by, at)
            .await
    }

    async fn set_active(
        &self,
        municipality: i64,
        staff: i64,
        (active, action): (i64, &str),
        by: impl Into<By>,
        at: i64,
    ) -> Result<(), StaffError> {
        let audit_id = self.store().id(municipality).await?;
        let mut transaction = self.store().begin().await?;
        let done = sqlx::query(
            "UPDATE logins SET active = $1 WHERE municipality = $2 AND id = $3 AND kind = 'staff'",
        )
        .bind(active)
        .bind(municipality)
        .bind(staff)
        .execute(&mut *transaction)
        .await?;
        if done.rows_affected() == 0 {
            return Err(StaffError::NotHere);
        }
        self.end_and_write(
            transaction,
            audit_id,
            deed(municipality, by.into(), action, staff, ""),
            staff,
            at,
        )
        .await
    }

    /// Sets a member's password anew (the administrator's way for somebody who forgot it) and ends their
    /// sessions.
    pub async fn set_staff_password(
        &self,
        municipality: i64,
        staff: i64,
        password: &str,
        by: impl Into<By>,
        at: i64,
    ) -> Result<(), StaffError> {
        let found: Option<(String, String)> = sqlx::query_as(
            "SELECT login_id, name_sealed FROM logins WHERE municipality = $1 AND id = $2 AND kind = 'staff'",
        )
        .bind(municipality)
        .bind(staff)
        .fetch_optional(&self.store().read)
        .await?;
        let Some((login_id, name)) = found else {
            return Err(StaffError::NotHere);
        };
        let name = self
            .unseal_as(municipality, "logins.name", &name)
            .map_err(Fault::from)?;
        check_password(password, &login_id, &name, None)
            .map_err(|problem| StaffError::Refused(vec![problem]))?;
        let hash = self.inner.hasher.hash(&passwords::normal(password)).await?;
        let audit_id = self.store().id(municipality).await?;
        let mut transaction = self.store().begin().await?;
        sqlx::query(
            "UPDATE logins SET password_hash = $1, password_at = $2 WHERE municipality = $3 AND id = $4",
        )
        .bind(hash)
        .bind(at)
        .bind(municipality)
        .bind(staff)
        .execute(&mut *transaction)
        .await?;
        let deed = deed(municipality, by.into(), "staff.set_password", staff, "");
        self.end_and_write(transaction, audit_id, deed, staff, at).await
    }

    async fn end_and_write(
        &self,
        mut transaction: Transaction<'static, Any>,
        audit_id: i64,
        deed: Audit,
        staff: i64,
        at: i64,
    ) -> Result<(), StaffError> {
        sessions::end_all(&mut transaction, staff, &deed.action, at).await?;
        audit::write(&mut transaction, audit_id, &deed, at).await?;
        transaction.commit().await?;
        Ok(())
    }
}
