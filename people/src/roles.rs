//! What staff may do.

use serde::{Deserialize, Serialize};

/// One role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Prepares payouts and vouchers (담당자).
    Clerk,
    /// Approves what another official prepared (승인자).
    Approver,
    /// Reads the audit log (감사자).
    Auditor,
    /// Runs one municipality's desk: programmes, merchants, staff (관리자).
    Administrator,
    /// Runs the platform (municipality 0).
    Operator,
    /// A shop's account; [`crate::Who::Staff`] carries which.
    Merchant,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] = [
        Self::Clerk,
        Self::Approver,
        Self::Auditor,
        Self::Administrator,
        Self::Operator,
        Self::Merchant,
    ];

    /// Its name in code, page and database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Clerk => "clerk",
            Self::Approver => "approver",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
            Self::Operator => "operator",
            Self::Merchant => "merchant",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = crate::Problem;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|role| role.name() == name)
            .ok_or(crate::Problem::new(crate::Field::Roles, crate::Reason::Shape))
    }
}

/// A set of roles, each once, in the order of [`Role::ALL`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<Role>", into = "Vec<Role>")]
pub struct Roles(Vec<Role>);

impl Roles {
    /// Whether the role is in the set.
    pub fn has(&self, role: Role) -> bool {
        self.0.contains(&role)
    }

    /// Whether any of the roles is in the set.
    pub fn has_any(&self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.has(*role))
    }

    /// The roles, one by one.
    pub fn iter(&self) -> impl Iterator<Item = Role> {
        self.0.iter().copied()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As the database keeps them: `clerk,approver`.
    pub(crate) fn to_text(&self) -> String {
        self.0
            .iter()
            .map(|role| role.name())
            .collect::<Vec<_>>()
            .join(",")
    }

    /// From the database; a role that a newer program wrote is left out, which gives less, never more.
    pub(crate) fn from_text(text: &str) -> Self {
        text.split(',').filter_map(|name| name.parse().ok()).collect()
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        let mut roles: Vec<Role> = roles.into_iter().collect();
        roles.sort_unstable();
        roles.dedup();
        Self(roles)
    }
}

impl From<Vec<Role>> for Roles {
    fn from(roles: Vec<Role>) -> Self {
        roles.into_iter().collect()
    }
}

impl From<&[Role]> for Roles {
    fn from(roles: &[Role]) -> Self {
        roles.iter().copied().collect()
    }
}

impl<const N: usize> From<[Role; N]> for Roles {
    fn from(roles: [Role; N]) -> Self {
        roles.into_iter().collect()
    }
}

impl From<Roles> for Vec<Role> {
    fn from(roles: Roles) -> Self {
        roles.0
    }
}
