//! Invitations: how somebody becomes staff, or gets back in, without anybody else ever knowing their password.
//!
//! The administrator gets a link, shown once, and hands it over; whoever opens it sets a password, and the second
//! factor at the first sign-in. A link is good once and for three days; its text is kept hashed.
//!
//! **Who can make an approver.** An invitation (or a reset) of a login that approves or administers is good for nothing
//! until a *second* person has agreed to it: another administrator of the municipality, or an operator of the platform.
//! So nobody makes themselves a clerk and an approver out of two logins, nor a second administrator to agree with
//! themselves. One case is free: an operator's invitation of the first administrator where there is none. And no login
//! made at the desk both prepares and approves.

mod accept;
mod list;

use serde::{Deserialize, Serialize};

use crate::{
    Audit, Fault, Field, People, Problem, Reason, Role, Roles, audit, house::HOUR_MS, normal_login_id,
    person::normal_name, secret, staff::check_roles,
};

/// How long a link is good, ms.
pub(super) const LIFE_MS: i64 = 72 * HOUR_MS;

/// Somebody to invite.
#[derive(Clone)]
pub struct NewInvitation {
    /// Where they will belong.
    pub municipality: i64,
    /// Their login id.
    pub login_id: String,
    /// Their name.
    pub name: String,
    /// What they may do.
    pub roles: Roles,
    /// Whose account it is; with [`Role::Merchant`] and only with it.
    pub merchant: Option<i64>,
}

impl std::fmt::Debug for NewInvitation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewInvitation({}, {:?})", self.municipality, self.roles)
    }
}

/// The secret part of a link. Shown once to whoever invites, never kept and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct InvitationLink(pub String);

impl std::fmt::Debug for InvitationLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InvitationLink(…)")
    }
}

/// What came of inviting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invited {
    /// The invitation's id.
    pub id: i64,
    /// The link's secret.
    pub link: InvitationLink,
    /// Whether a second person must agree first.
    pub needs_second: bool,
}

/// An invitation as those see it who decide about it, or whom it is for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Its id.
    pub id: i64,
    /// Where.
    pub municipality: i64,
    /// Whether it is for somebody who is staff already and lost the way in.
    pub is_reset: bool,
    /// The login id.
    pub login_id: String,
    /// The name.
    pub name: String,
    /// The roles.
    pub roles: Roles,
    /// When it was made, ms.
    pub made_at: i64,
    /// By which login.
    pub made_by: i64,
    /// Until when it is good, ms.
    pub until_at: i64,
    /// Whether a second person must agree and has not yet.
    pub waits_for_second: bool,
}

impl std::fmt::Debug for Invitation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Invitation({}, {:?})", self.id, self.roles)
    }
}

/// Why an invitation, or an answer to one, was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvitationError {
    /// Fields to set right, each with its reason.
    #[error("not right: {}", crate::problem::list(.0))]
    Refused(Vec<Problem>),
    /// There is no such invitation, or it is used, withdrawn or too old.
    #[error("no such invitation")]
    NotHere,
    /// Nobody agrees to their own.
    #[error("a second person must agree, not the one who invited")]
    Own,
    /// A second person has not agreed yet.
    #[error("a second person has not agreed yet")]
    Waiting,
    /// The house could not do it.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<sqlx::Error> for InvitationError {
    fn from(error: sqlx::Error) -> Self {
        Self::Fault(error.into())
    }
}

/// Whether a second person must agree to a login with these roles.
fn is_high(roles: &Roles) -> bool {
    roles.has_any(&[Role::Approver, Role::Administrator, Role::Operator])
}

impl People {
    /// Invites somebody; `by` is the login that does it, of the same municipality or of the platform.
    pub async fn invite(
        &self,
        new: NewInvitation,
        by: i64,
        from_ip: &str,
        at: i64,
    ) -> Result<Invited, InvitationError> {
        let mut problems = Vec::new();
        let login_id = normal_login_id(&new.login_id)
            .map_err(|problem| problems.push(problem))
            .ok();
        let name = normal_name(&new.name)
            .map_err(|problem| problems.push(problem))
            .ok();
        problems.extend(check_roles(new.municipality, &new.roles, new.merchant));
        if new.roles.has(Role::Clerk) && new.roles.has(Role::Approver) {
            problems.push(Problem::new(Field::Roles, Reason::NotAllowed));
        }
        if let Some(login_id) = &login_id
            && self.is_spoken_for(login_id, at).await?
        {
            problems.push(Problem::new(Field::LoginId, Reason::Taken));
        }
        let (Some(login_id), Some(name), true) = (login_id, name, problems.is_empty()) else {
            return Err(InvitationError::Refused(problems));
        };
        let needs_second = is_high(&new.roles)
            && !self
                .is_first_administrator(new.municipality, &new.roles, by)
                .await?;
        let row = Row {
            municipality: new.municipality,
            login: None,
            login_id,
            name,
            roles: new.roles,
            merchant: new.merchant,
            needs_second,
        };
        self.write_invitation(row, by, from_ip, at).await
    }

    /// A link by which a member sets password and second factor anew. What they have is good until they use it.
    pub async fn invite_again(
        &self,
        municipality: i64,
        staff: i64,
        by: i64,
        from_ip: &str,
        at: i64,
    ) -> Result<Invited, InvitationError> {
        let member = self
            .staff(municipality)
            .await?
            .into_iter()
            .find(|one| one.id == staff && one.active)
            .ok_or(InvitationError::NotHere)?;
        let row = Row {
            municipality,
            login: Some(staff),
            login_id: member.login_id,
            name: member.name,
            needs_second: is_high(&member.roles),
            roles: member.roles,
            merchant: member.merchant,
        };
        self.write_invitation(row, by, from_ip, at).await
    }

    /// Whether somebody has this login id, or is invited under it.
    async fn is_spoken_for(&self, login_id: &str, at: i64) -> Result<bool, Fault> {
        let found: Option<(i64,)> = sqlx::query_as(
            "SELECT id FROM logins WHERE login_id = $1 UNION ALL SELECT id FROM invitations \
             WHERE login_id = $1 AND used_at IS NULL AND withdrawn_at IS NULL AND until_at > $2 LIMIT 1",
        )
        .bind(login_id)
        .bind(at)
        .fetch_optional(&self.store().write)
        .await?;
        Ok(found.is_some())
    }

    /// Whether an operator invites an administrator where nobody could agree, because there is none yet.
    async fn is_first_administrator(&self, municipality: i64, roles: &Roles, by: i64) -> Result<bool, Fault> {
        if !roles.has(Role::Administrator) || roles.has(Role::Approver) {
            return Ok(false);
        }
        let operator: Option<(i64,)> =
            sqlx::query_as("SELECT id FROM logins WHERE id = $1 AND municipality = 0 AND active = 1")
                .bind(by)
                .fetch_optional(&self.store().read)
                .await?;
        let staff = self.staff(municipality).await?;
        let mut others = staff.iter().filter(|one| one.active);
        Ok(operator.is_some() && !others.any(|one| one.roles.has(Role::Administrator)))
    }

    async fn write_invitation(
        &self,
        row: Row,
        by: i64,
        from_ip: &str,
        at: i64,
    ) -> Result<Invited, InvitationError> {
        let link = InvitationLink(secret::token());
        let mut ids = self.store().ids(row.municipality, 2).await?;
        let (Some(id), Some(audit_id)) = (ids.next(), ids.next()) else {
            return Err(Fault::Row("no ids".to_owned()).into());
        };
        let mut transaction = self.store().begin().await?;
        // The newest link of a login is the only one: an older one that went astray is good for nothing.
        sqlx::query(
            "UPDATE invitations SET withdrawn_at = $1 WHERE municipality = $2 AND login_id = $3 \
             AND used_at IS NULL AND withdrawn_at IS NULL",
        )
        .bind(at)
        .bind(row.municipality)
        .bind(&row.login_id)
        .execute(&mut *transaction)
        .await?;
        sqlx::query(
            "INSERT INTO invitations (municipality, id, token_hash, login, login_id, name_sealed, roles, merchant, \
             made_at, made_by, until_at, needs_second) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(row.municipality)
        .bind(id)
        .bind(secret::hash(&link.0))
        .bind(row.login)
        .bind(&row.login_id)
        .bind(self.seal_as(row.municipality, "invitations.name", &row.name))
        .bind(row.roles.to_text())
        .bind(row.merchant)
        .bind(at)
        .bind(by)
        .bind(at + LIFE_MS)
        .bind(i64::from(row.needs_second))
        .execute(&mut *transaction)
        .await?;
        let action = if row.login.is_some() {
            "staff.invite_again"
        } else {
            "staff.invite"
        };
        let deed = deed((row.municipality, id), by, action, from_ip, row.roles.to_text());
        audit::write(&mut transaction, audit_id, &deed, at).await?;
        transaction.commit().await?;
        Ok(Invited {
            id,
            link,
            needs_second: row.needs_second,
        })
    }
}

/// One to write down.
struct Row {
    municipality: i64,
    login: Option<i64>,
    login_id: String,
    name: String,
    roles: Roles,
    merchant: Option<i64>,
    needs_second: bool,
}

pub(super) fn deed(
    (municipality, id): (i64, i64),
    by: i64,
    action: &str,
    from_ip: &str,
    detail: String,
) -> Audit {
    Audit {
        municipality,
        actor_kind: crate::Actor::Staff,
        actor_id: by,
        action: action.to_owned(),
        record: format!("invitation/{id}"),
        from_ip: from_ip.to_owned(),
        detail,
    }
}
