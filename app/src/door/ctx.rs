//! Who asks, from where, in which language and look: read once per request, before any page runs.

use std::{convert::Infallible, net::SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, header, request::Parts},
};
use people::{Client, Role, Session, Who};

use super::{PageError, cookies};
use crate::{House, words::Lang};

/// One request as the pages see it.
#[derive(Clone)]
pub struct Ctx {
    /// The house.
    pub house: House,
    /// Now, in ms; one instant for the whole request.
    pub at: i64,
    /// The reader's language.
    pub lang: Lang,
    /// `normal`, `large` or `larger`.
    pub text: String,
    /// `auto`, `light`, `dark` or `high`.
    pub look: String,
    /// Path with query, for the way back.
    pub path: String,
    /// Where the request came from.
    pub client: Client,
    /// The session, if one is valid.
    pub session: Option<Session>,
    /// A cookie of ours whose session is no more: for the sign-in page to say why.
    pub ended_cookie: Option<String>,
    /// Set where the session store could not be asked: then nobody is signed out, and money waits.
    pub store_away: bool,
    /// What form tokens are bound to: the session's cookie, or an anonymous one.
    pub form_secret: String,
    /// Set where the anonymous cookie must be handed out with this answer.
    pub new_form_secret: bool,
    /// One message for the next page, after a redirect.
    pub flash: Option<String>,
}

/// A resident who is signed in.
#[derive(Clone, Debug)]
pub struct Citizen {
    /// The login.
    pub login: i64,
    /// Name to greet by.
    pub name: String,
    /// Whose money it is: (municipality, holder), home first.
    pub holders: Vec<(i64, i64)>,
}

impl Citizen {
    /// Whose money it is in a municipality; a place where this person holds nothing is no page at all.
    pub fn holder(&self, municipality: i64) -> Result<i64, PageError> {
        let found = self.holders.iter().find(|(own, _)| *own == municipality);
        found.map(|(_, holder)| *holder).ok_or(PageError::NotFound)
    }

    /// How the ledger names whoever asks.
    pub fn actor(&self) -> String {
        format!("resident/{}", self.login)
    }

    /// The ledger's key of a form's request: the form's own, within this person's.
    pub fn request_key(&self, form: &super::Form) -> String {
        let own: String = form.key().chars().take(40).collect();
        format!("w{}:{own}", self.login)
    }
}

/// Someone who works for a municipality (0: the platform) and is signed in.
#[derive(Clone, Debug)]
pub struct Official {
    /// The staff id.
    pub id: i64,
    /// Name to greet by.
    pub name: String,
    /// The municipality whose desk this is; every query takes it from here and nowhere else.
    pub municipality: i64,
    /// The roles.
    pub roles: people::Roles,
    /// The shop, for a merchant's account.
    pub merchant: Option<i64>,
}

impl Ctx {
    /// The session of whoever is signed in, or the way to the sign-in page; of staff, to the second factor.
    pub fn signed_in(&self) -> Result<&Session, PageError> {
        let session = self.session.as_ref().ok_or_else(|| self.sign_in_first())?;
        if session.second_factor.is_enough() {
            Ok(session)
        } else {
            Err(PageError::SecondFactor {
                next: self.path.clone(),
            })
        }
    }

    /// The session of staff, whether its second factor was shown or not: for the page that asks for it, and no other.
    pub fn half_signed_in(&self) -> Result<&Session, PageError> {
        match self.session.as_ref().map(|session| (session, &session.who)) {
            Some((session, Who::Staff { .. })) => Ok(session),
            Some(_) => Err(PageError::Forbidden),
            None => Err(self.sign_in_first()),
        }
    }

    /// The signed-in resident, or the way to the sign-in page.
    pub fn citizen(&self) -> Result<Citizen, PageError> {
        match self.session.as_ref().map(|session| &session.who) {
            Some(Who::Resident {
                login, name, holders, ..
            }) => Ok(Citizen {
                login: *login,
                name: name.clone(),
                holders: holders.clone(),
            }),
            Some(_) => Err(PageError::Forbidden),
            None => Err(self.sign_in_first()),
        }
    }

    /// The signed-in resident, where money may leave their wallets now.
    pub fn payer(&self) -> Result<Citizen, PageError> {
        let citizen = self.citizen()?;
        match self.session.as_ref().and_then(|session| session.locked_at) {
            Some(_) => Err(PageError::Locked),
            None => Ok(citizen),
        }
    }

    /// The signed-in official, if they hold one of these roles and have shown their second factor.
    pub fn official(&self, any_of: &[Role]) -> Result<Official, PageError> {
        match self.session.as_ref().map(|session| &session.who) {
            Some(Who::Staff {
                id,
                name,
                municipality,
                roles,
                merchant,
                ..
            }) => {
                if any_of.iter().any(|role| roles.has(*role)) {
                    self.signed_in()?;
                    Ok(Official {
                        id: *id,
                        name: name.clone(),
                        municipality: *municipality,
                        roles: roles.clone(),
                        merchant: *merchant,
                    })
                } else {
                    Err(PageError::Forbidden)
                }
            }
            Some(_) => Err(PageError::Forbidden),
            None => Err(self.sign_in_first()),
        }
    }

    /// Writes to the audit log; a failure is an error of the request, since what is not on record must not
    /// happen.
    pub async fn audit(
        &self,
        official: &Official,
        action: &str,
        record: &str,
        detail: &str,
    ) -> Result<(), PageError> {
        let entry = people::Audit {
            municipality: official.municipality,
            actor_kind: people::Actor::Staff,
            actor_id: official.id,
            action: action.into(),
            record: record.into(),
            from_ip: self.client.ip.clone(),
            detail: detail.into(),
        };
        self.house
            .people
            .audit(entry, self.at)
            .await
            .map_err(PageError::from)
    }

    /// The token that a form of this request must carry.
    pub fn form_token(&self) -> String {
        self.house.people.form_token(&self.form_secret)
    }

    fn sign_in_first(&self) -> PageError {
        if self.store_away {
            PageError::Away
        } else {
            PageError::SignIn {
                next: self.path.clone(),
            }
        }
    }
}

impl FromRequestParts<House> for Ctx {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, house: &House) -> Result<Self, Infallible> {
        // The guard before every page has read it already.
        if let Some(ctx) = parts.extensions.get::<Self>() {
            return Ok(ctx.clone());
        }
        let settings = &house.settings;
        let cookie = |name: &str| cookies::read(settings, &parts.headers, name);
        let at = house.now();
        let path = parts
            .uri
            .path_and_query()
            .map_or("/", |path| path.as_str())
            .to_owned();
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|peer| peer.0.ip());
        let client = Client {
            ip: client_ip(&parts.headers, peer),
            user_agent: header_text(&parts.headers, header::USER_AGENT.as_str())
                .chars()
                .take(300)
                .collect(),
        };
        let session_cookie = cookie("neul");
        let (session, store_away) = match &session_cookie {
            Some(value) => crate::calm::session(house, value, &client, parts.uri.path(), at).await,
            None => (None, false),
        };
        let (form_secret, new_form_secret) = match (&session, cookie("neul_form")) {
            (Some(session), _) => (session.form_secret(), false),
            // A value of ours has no space. Without this, a stranger's cookie `session 4711` would get a token that
            // fits that session's forms.
            (None, Some(value)) if !value.contains(' ') => (value, false),
            (None, _) => (house.people.anonymous_secret(), true),
        };
        let query_lang = parts.uri.query().and_then(|query| {
            serde_urlencoded::from_str::<Vec<(String, String)>>(query)
                .ok()?
                .into_iter()
                .find_map(|(name, value)| (name == "lang").then_some(value))
        });
        let lang = language(query_lang.or_else(|| cookie("neul_lang")), &parts.headers);
        let known = |value: Option<String>, known: &[&str]| {
            value
                .filter(|value| known.contains(&value.as_str()))
                .unwrap_or_else(|| known[0].to_owned())
        };
        Ok(Self {
            at,
            lang,
            text: known(cookie("neul_text"), &["normal", "large", "larger"]),
            look: known(cookie("neul_look"), &["auto", "light", "dark", "high"]),
            path,
            client,
            ended_cookie: session_cookie.filter(|_| session.is_none() && !store_away),
            session,
            store_away,
            form_secret,
            new_form_secret,
            flash: cookie("neul_flash").filter(|text| !text.is_empty()),
            house: house.clone(),
        })
    }
}

fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// The peer's address; behind a proxy on this machine, the last address that the proxy itself wrote.
pub fn client_ip(headers: &HeaderMap, peer: Option<std::net::IpAddr>) -> String {
    match peer {
        // A proxy may add a line of its own below the visitor's (HAProxy does): the last line counts.
        Some(ip) if ip.is_loopback() => headers
            .get_all("x-forwarded-for")
            .iter()
            .next_back()
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.rsplit(',').next())
            .and_then(|text| text.trim().parse::<std::net::IpAddr>().ok())
            .unwrap_or(ip)
            .to_string(),
        Some(ip) => ip.to_string(),
        None => String::new(),
    }
}

/// Korean, unless the reader chose English or their browser asks for it and not for Korean.
fn language(chosen: Option<String>, headers: &HeaderMap) -> Lang {
    match chosen.as_deref() {
        Some("en") => return Lang::en,
        Some("ko") => return Lang::ko,
        _ => {}
    }
    let accepted = header_text(headers, "accept-language").to_ascii_lowercase();
    let position = |tag: &str| accepted.split(',').position(|part| part.trim().starts_with(tag));
    match (position("ko"), position("en")) {
        (None, Some(_)) => Lang::en,
        (Some(ko), Some(en)) if en < ko => Lang::en,
        _ => Lang::ko,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_what_the_proxy_of_this_machine_wrote_last() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "203.0.113.9".parse().unwrap());
        headers.append("x-forwarded-for", "203.0.113.8, 198.51.100.7".parse().unwrap());
        let here: Option<std::net::IpAddr> = "127.0.0.1".parse().ok();
        let far: Option<std::net::IpAddr> = "192.0.2.1".parse().ok();
        assert_eq!(client_ip(&headers, here), "198.51.100.7");
        assert_eq!(client_ip(&headers, far), "192.0.2.1");
        assert_eq!(client_ip(&HeaderMap::new(), here), "127.0.0.1");
    }
}
