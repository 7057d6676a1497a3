//! Who is signed in, also while the session store is away (DESIGN 7): then the cookie's signature and what this process
//! remembers must do, and they give sight only.

use people::{Client, Session};
use store::Condition;

use super::{ASK_MAX, FROM_MEMORY, SESSION_MAX};
use crate::House;

/// The session behind a cookie, and whether the store could not be asked for it.
///
/// While it can be asked, its word alone counts. While it cannot, whoever was signed in stays so; a resident whom this
/// process has not seen yet (it was started anew) is signed in by the cookie without name and money, so that nobody is
/// told to sign in who could not.
pub(crate) async fn session(
    house: &House,
    cookie: &str,
    client: &Client,
    path: &str,
    at: i64,
) -> (Option<Session>, bool) {
    let Some(claims) = house.people.verify_cookie(cookie) else {
        return (None, false);
    };
    if house.condition() != Condition::Away {
        // A page that can be shown from memory need not wait; any other waits while there is hope.
        let patience = if FROM_MEMORY.contains(&path) {
            ASK_MAX
        } else {
            SESSION_MAX
        };
        let pulse = house.ledger.store().pulse();
        let asked = tokio::time::timeout(patience, async {
            tokio::select! {
                biased;
                found = house.people.session(cookie, client, at) => Some(found),
                () = pulse.gone() => None,
            }
        });
        match asked.await.ok().flatten() {
            Some(Ok(Some(session))) => {
                house.calm.remember(&session, at);
                return (Some(session), false);
            }
            Some(Ok(None)) => {
                house.calm.forget(claims.session);
                return (None, false);
            }
            Some(Err(error)) => tracing::warn!(%error, "the session store cannot be asked"),
            None => tracing::warn!("the session store does not answer"),
        }
        house.doubt();
    }
    let known = house.calm.remembered(claims.session, at);
    (house.people.session_by_cookie(&claims, known, at), true)
}
