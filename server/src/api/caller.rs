//! Who calls: the key in `Authorization`, and what it may do. Every handler asks for the scope it needs; municipality
//! and merchant come from the key and from nowhere else.

use std::net::SocketAddr;

use app::House;
use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{header, request::Parts},
};
use people::{ApiKey, KeyOwner, Scope};

use super::Problem;

/// A program with a key that works.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Its key.
    pub key: ApiKey,
    /// Now, in ms; one instant for the whole request.
    pub at: i64,
    /// From which address it calls, for the audit log.
    pub ip: String,
}

impl Caller {
    /// Refuses (403) unless the key may do this.
    pub fn must(&self, scope: Scope) -> Result<(), Problem> {
        if self.key.may(scope) {
            Ok(())
        } else {
            Err(Problem::forbidden(format!(
                "the key has no scope {}",
                scope.name()
            )))
        }
    }

    /// The municipality and merchant whose key this is, with this scope; a card network's is refused (403).
    pub fn merchant(&self, scope: Scope) -> Result<(i64, i64), Problem> {
        self.must(scope)?;
        match self.key.owner {
            KeyOwner::Merchant(merchant) => Ok((self.key.municipality, merchant)),
            KeyOwner::Network(_) => Err(Problem::forbidden("this is for keys of merchants")),
        }
    }

    /// The card network whose key this is, with this scope; a merchant's is refused (403).
    pub fn network(&self, scope: Scope) -> Result<&str, Problem> {
        self.must(scope)?;
        match &self.key.owner {
            KeyOwner::Network(name) => Ok(name),
            KeyOwner::Merchant(_) => Err(Problem::forbidden("this is for keys of card networks")),
        }
    }

    /// Writes to the audit log; a failure is an error of the request, since what is not on record must not happen.
    pub async fn audit(
        &self,
        house: &House,
        action: &str,
        record: &str,
        detail: &str,
    ) -> Result<(), Problem> {
        let entry = people::Audit {
            municipality: self.key.municipality,
            actor_kind: people::Actor::ApiKey,
            actor_id: self.key.id,
            action: action.into(),
            record: record.into(),
            from_ip: self.ip.clone(),
            detail: detail.into(),
        };
        Ok(house.people.audit(entry, self.at).await?)
    }

    /// How the ledger names whoever asks.
    pub fn actor(&self) -> String {
        format!("api_key/{}", self.key.id)
    }
}

impl FromRequestParts<House> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, house: &House) -> Result<Self, Problem> {
        let at = house.now();
        let text = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, text)| text.trim())
            .ok_or_else(Problem::unauthorized)?;
        let key = house.people.api_key(text, at).await?;
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self {
            key: key.ok_or_else(Problem::unauthorized)?,
            at,
            ip: app::door::client_ip(&parts.headers, peer.map(|peer| peer.0.ip())),
        })
    }
}
