//! Who stands behind a session, and what they may do.

use serde::{Deserialize, Serialize};

use crate::{Actor, Role, Roles};

/// Who is signed in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Who {
    /// A resident.
    Resident {
        /// The login's id.
        login: i64,
        /// The login id as typed at sign-in.
        login_id: String,
        /// The person's name.
        name: String,
        /// The municipalities in which they hold money, each with the holder's id there; home first.
        holders: Vec<(i64, i64)>,
    },
    /// An official, an operator, or a shop's account.
    Staff {
        /// The login's id.
        id: i64,
        /// The login id as typed at sign-in.
        login_id: String,
        /// The person's name.
        name: String,
        /// Where they belong (0: the platform).
        municipality: i64,
        /// What they may do.
        roles: Roles,
        /// Whose account it is, where it is a merchant's.
        merchant: Option<i64>,
    },
}

impl Who {
    /// The login's id.
    pub fn login(&self) -> i64 {
        match self {
            Self::Resident { login: id, .. } | Self::Staff { id, .. } => *id,
        }
    }

    /// The login id as typed at sign-in.
    pub fn login_id(&self) -> &str {
        match self {
            Self::Resident { login_id, .. } | Self::Staff { login_id, .. } => login_id,
        }
    }

    /// The person's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Resident { name, .. } | Self::Staff { name, .. } => name,
        }
    }

    /// What to write into [`crate::Audit::actor_kind`].
    pub fn actor(&self) -> Actor {
        match self {
            Self::Resident { .. } => Actor::Resident,
            Self::Staff { .. } => Actor::Staff,
        }
    }

    /// Whether it is staff with this role (anywhere).
    pub fn has(&self, role: Role) -> bool {
        matches!(self, Self::Staff { roles, .. } if roles.has(role))
    }

    /// Whether it is staff of this municipality with this role: what a page of its desk must ask.
    pub fn may(&self, municipality: i64, role: Role) -> bool {
        matches!(self, Self::Staff { municipality: own, roles, .. } if *own == municipality && roles.has(role))
    }

    /// The holder's id in a municipality, for a resident who has money there.
    pub fn holder(&self, municipality: i64) -> Option<i64> {
        match self {
            Self::Resident { holders, .. } => holders
                .iter()
                .find(|(own, _)| *own == municipality)
                .map(|(_, holder)| *holder),
            Self::Staff { .. } => None,
        }
    }
}

impl std::fmt::Debug for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Resident { login, .. } => write!(f, "Resident({login})"),
            Self::Staff {
                id,
                municipality,
                roles,
                ..
            } => write!(f, "Staff({id}, {municipality}, {roles:?})"),
        }
    }
}
