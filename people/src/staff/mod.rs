//! Staff: officials of a municipality, operators of the platform, accounts of shops.

mod change;

use serde::{Deserialize, Serialize};

use crate::{
    Audit, By, Fault, Field, People, Problem, Reason, Role, Roles, audit, check_password, login_id,
    normal_login_id, passwords, person::normal_name,
};

/// Somebody to take on.
#[derive(Clone)]
pub struct NewStaff {
    /// Where they belong (0: the platform).
    pub municipality: i64,
    /// The login id.
    pub login_id: String,
    /// The person's name.
    pub name: String,
    /// What they may do.
    pub roles: Roles,
    /// The first password.
    pub password: String,
    /// Whose account it is; with [`Role::Merchant`] and only with it.
    pub merchant: Option<i64>,
}

impl std::fmt::Debug for NewStaff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewStaff")
            .field("municipality", &self.municipality)
            .field("roles", &self.roles)
            .finish_non_exhaustive()
    }
}

/// One of the staff, as the administrator sees them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffMember {
    /// The login's id.
    pub id: i64,
    /// Where they belong (0: the platform).
    pub municipality: i64,
    /// The login id.
    pub login_id: String,
    /// The person's name.
    pub name: String,
    /// What they may do.
    pub roles: Roles,
    /// Whose account it is, where it is a merchant's.
    pub merchant: Option<i64>,
    /// Whether they can sign in.
    pub active: bool,
    /// When they were taken on, in milliseconds.
    pub made_at: i64,
}

impl std::fmt::Debug for StaffMember {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StaffMember({}, {:?})", self.id, self.roles)
    }
}

/// Why a change of the staff was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum StaffError {
    /// Fields to set right, each with its reason.
    #[error("not right: {}", crate::problem::list(.0))]
    Refused(Vec<Problem>),
    /// This municipality has no such member.
    #[error("no such member of the staff here")]
    NotHere,
    /// The house could not do it.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<sqlx::Error> for StaffError {
    fn from(error: sqlx::Error) -> Self {
        Self::Fault(error.into())
    }
}

type StaffRow = (i64, i64, String, String, String, Option<i64>, i64, i64);

impl People {
    /// Takes somebody on; `by` is the staff login that does it, or the part of the system. Gives the login's id.
    pub async fn add_staff(&self, new: NewStaff, by: impl Into<By>, at: i64) -> Result<i64, StaffError> {
        let by = by.into();
        let mut problems = Vec::new();
        let login_id = normal_login_id(&new.login_id)
            .map_err(|problem| problems.push(problem))
            .ok();
        let name = normal_name(&new.name)
            .map_err(|problem| problems.push(problem))
            .ok();
        problems.extend(check_roles(new.municipality, &new.roles, new.merchant));
        if let Err(problem) =
            check_password(&new.password, login_id.as_deref().unwrap_or(""), &new.name, None)
        {
            problems.push(problem);
        }
        let (Some(login_id), Some(name), true) = (login_id, name, problems.is_empty()) else {
            return Err(StaffError::Refused(problems));
        };
        let hash = self.inner.hasher.hash(&passwords::normal(&new.password)).await?;
        let (id, audit_id) = self.two_ids(new.municipality).await?;
        let mut transaction = self.store().begin().await?;
        let done = sqlx::query(
            "INSERT INTO logins (id, municipality, kind, login_id, password_hash, name_sealed, roles, merchant, \
             made_at, made_by, password_at) VALUES ($1, $2, 'staff', $3, $4, $5, $6, $7, $8, $9, $8) \
             ON CONFLICT (login_id) DO NOTHING",
        )
        .bind(id)
        .bind(new.municipality)
        .bind(&login_id)
        .bind(hash)
        .bind(self.seal_as(new.municipality, "logins.name", &name))
        .bind(new.roles.to_text())
        .bind(new.merchant)
        .bind(at)
        .bind(by.id)
        .execute(&mut *transaction)
        .await?;
        if done.rows_affected() == 0 {
            return Err(StaffError::Refused(vec![Problem::new(
                Field::LoginId,
                Reason::Taken,
            )]));
        }
        let deed = deed(new.municipality, by, "staff.add", id, &new.roles.to_text());
        audit::write(&mut transaction, audit_id, &deed, at).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// The staff of a municipality, those who can sign in first, then by login id.
    pub async fn staff(&self, municipality: i64) -> Result<Vec<StaffMember>, Fault> {
        let rows: Vec<StaffRow> = sqlx::query_as(
            "SELECT id, municipality, login_id, name_sealed, roles, merchant, active, made_at FROM logins \
             WHERE municipality = $1 AND kind = 'staff' ORDER BY active DESC, login_id",
        )
        .bind(municipality)
        .fetch_all(&self.store().read)
        .await?;
        rows.into_iter().map(|row| self.open_staff(row)).collect()
    }

    /// The member behind a login id, wherever they belong, if they can sign in: for the command line, where
    /// nobody is signed in to say whose desk it is.
    pub async fn staff_by_login(&self, login_id: &str) -> Result<Option<StaffMember>, Fault> {
        let row: Option<StaffRow> = sqlx::query_as(
            "SELECT id, municipality, login_id, name_sealed, roles, merchant, active, made_at FROM logins \
             WHERE login_id = $1 AND kind = 'staff' AND active = 1",
        )
        .bind(login_id::fold(login_id))
        .fetch_optional(&self.store().read)
        .await?;
        row.map(|row| self.open_staff(row)).transpose()
    }

    fn open_staff(
        &self,
        (id, municipality, login_id, name, roles, merchant, active, made_at): StaffRow,
    ) -> Result<StaffMember, Fault> {
        Ok(StaffMember {
            id,
            municipality,
            login_id,
            name: self.unseal_as(municipality, "logins.name", &name)?,
            roles: Roles::from_text(&roles),
            merchant,
            active: active == 1,
            made_at,
        })
    }

    async fn two_ids(&self, municipality: i64) -> Result<(i64, i64), Fault> {
        let mut ids = self.store().ids(municipality, 2).await?;
        match (ids.next(), ids.next()) {
            (Some(first), Some(second)) => Ok((first, second)),
            _ => Err(Fault::Row("too few ids".to_owned())),
        }
    }
}

/// Operators belong to the platform and nobody else does; a shop's account is that and nothing more, and names
/// its shop; nobody is without a role.
pub(crate) fn check_roles(municipality: i64, roles: &Roles, merchant: Option<i64>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut wrong = |field, reason| problems.push(Problem::new(field, reason));
    if municipality < 0 {
        wrong(Field::Municipality, Reason::Missing);
    }
    if roles.is_empty() {
        wrong(Field::Roles, Reason::Missing);
    }
    let alone = roles.iter().count() == 1;
    if roles.has(Role::Operator) != (municipality == 0) && !roles.is_empty()
        || roles.has(Role::Merchant) && !alone
    {
        wrong(Field::Roles, Reason::NotAllowed);
    }
    if roles.has(Role::Merchant) != merchant.is_some() {
        wrong(
            Field::Merchant,
            if merchant.is_some() {
                Reason::NotAllowed
            } else {
                Reason::Missing
            },
        );
    }
    problems
}

pub(crate) fn deed(municipality: i64, by: By, action: &str, staff: i64, detail: &str) -> Audit {
    Audit {
        municipality,
        actor_kind: by.kind,
        actor_id: by.id,
        action: action.to_owned(),
        record: format!("login/{staff}"),
        from_ip: String::new(),
        detail: [detail, by.part.as_str()]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("; "),
    }
}
