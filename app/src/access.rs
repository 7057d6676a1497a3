//! Who may see which address: one table, enforced by a layer before every page (and once more inside each
//! page, which takes the municipality from the session). An address that is not in the table is refused.

use axum::{
    extract::{FromRequestParts, MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use people::Role;

use crate::{House, door::Ctx};

/// Who may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone.
    Anyone,
    /// Whoever is signed in.
    SignedIn,
    /// Staff who are signed in, with or without their second factor.
    HalfSignedIn,
    /// A resident who is signed in.
    Citizen,
    /// Somebody with one of these roles.
    Staff(&'static [Role]),
}

/// Whoever works at a municipality's desk.
pub const ANY_OFFICIAL: &[Role] = &[Role::Clerk, Role::Approver, Role::Auditor, Role::Administrator];
const CLERKS: &[Role] = &[Role::Clerk];
const APPROVERS: &[Role] = &[Role::Approver];
const PAYOUTS: &[Role] = &[Role::Clerk, Role::Approver];
const ADMINISTRATORS: &[Role] = &[Role::Administrator];
const OPERATORS: &[Role] = &[Role::Operator];
const AUDIT: &[Role] = &[Role::Auditor, Role::Administrator];
const SHOPS: &[Role] = &[Role::Merchant];
/// Whoever is no resident.
pub const ANY_STAFF: &[Role] = &Role::ALL;
/// Who invites staff, and agrees to what another has invited.
pub const INVITERS: &[Role] = &[Role::Administrator, Role::Operator];

/// Every address: `GET` and `POST` with their access.
pub const ROUTES: &[(&str, &str, Access)] = &[
    ("GET", "/", Access::Anyone),
    ("POST", "/settings", Access::Anyone),
    ("GET", "/login", Access::Anyone),
    ("POST", "/login", Access::Anyone),
    ("POST", "/logout", Access::Anyone),
    ("GET", "/signup", Access::Anyone),
    ("POST", "/signup", Access::Anyone),
    ("GET", "/signup/code", Access::Anyone),
    ("POST", "/signup/code", Access::Anyone),
    ("GET", "/signup/details", Access::Anyone),
    ("POST", "/signup/details", Access::Anyone),
    ("GET", "/recover", Access::Anyone),
    ("POST", "/recover", Access::Anyone),
    ("GET", "/recover/code", Access::Anyone),
    ("POST", "/recover/code", Access::Anyone),
    ("GET", "/recover/password", Access::Anyone),
    ("POST", "/recover/password", Access::Anyone),
    ("GET", "/outbox", Access::Anyone),
    ("GET", "/incidents", Access::Anyone),
    ("GET", "/incidents/{id}", Access::Anyone),
    ("GET", "/merchants", Access::Anyone),
    ("GET", "/log/checkpoint", Access::Anyone),
    ("GET", "/log/consistency", Access::Anyone),
    ("GET", "/log/keys", Access::Anyone),
    ("GET", "/invitations/{id}", Access::Anyone),
    ("POST", "/invitations/{id}", Access::Anyone),
    ("GET", "/second-factor", Access::HalfSignedIn),
    ("POST", "/second-factor", Access::HalfSignedIn),
    ("GET", "/security", Access::Staff(ANY_STAFF)),
    ("POST", "/security", Access::Staff(ANY_STAFF)),
    ("GET", "/password", Access::SignedIn),
    ("POST", "/password", Access::SignedIn),
    ("GET", "/wallet", Access::Citizen),
    // Says itself, by 401, that nobody is signed in: the service worker reads it, and a sign-in page would be kept.
    ("GET", "/wallet/offline", Access::Anyone),
    ("GET", "/wallet/history", Access::Citizen),
    ("GET", "/wallet/history.csv", Access::Citizen),
    ("GET", "/wallet/transfers/{id}", Access::Citizen),
    ("GET", "/wallet/transfers/{id}/proof.json", Access::Citizen),
    ("GET", "/wallet/charge", Access::Citizen),
    ("POST", "/wallet/charge", Access::Citizen),
    ("GET", "/wallet/charge/{id}", Access::Citizen),
    ("POST", "/wallet/charge/{id}", Access::Citizen),
    ("GET", "/wallet/pay", Access::Citizen),
    ("POST", "/wallet/pay", Access::Citizen),
    ("GET", "/wallet/code", Access::Citizen),
    ("POST", "/wallet/code", Access::Citizen),
    ("GET", "/wallet/gift", Access::Citizen),
    ("POST", "/wallet/gift", Access::Citizen),
    ("POST", "/wallet/gift/{id}", Access::Citizen),
    ("GET", "/wallet/refund", Access::Citizen),
    ("POST", "/wallet/refund", Access::Citizen),
    ("GET", "/wallet/refund/account", Access::Citizen),
    ("POST", "/wallet/refund/account", Access::Citizen),
    ("GET", "/wallet/notices", Access::Citizen),
    ("GET", "/wallet/statement", Access::Citizen),
    ("GET", "/wallet/statement.xlsx", Access::Citizen),
    ("GET", "/wallet/card", Access::Citizen),
    ("POST", "/wallet/card", Access::Citizen),
    ("GET", "/wallet/data", Access::Citizen),
    ("POST", "/wallet/data", Access::Citizen),
    ("GET", "/wallet/data.json", Access::Citizen),
    ("GET", "/wallet/devices", Access::Citizen),
    ("POST", "/wallet/devices", Access::Citizen),
    ("GET", "/shop", Access::Staff(SHOPS)),
    ("POST", "/shop", Access::Staff(SHOPS)),
    ("GET", "/shop/settlements", Access::Staff(SHOPS)),
    ("GET", "/shop/keys", Access::Staff(SHOPS)),
    ("POST", "/shop/keys", Access::Staff(SHOPS)),
    ("GET", "/shop/transfers/{id}", Access::Staff(SHOPS)),
    ("POST", "/shop/transfers/{id}", Access::Staff(SHOPS)),
    ("GET", "/shop/account", Access::Staff(SHOPS)),
    ("POST", "/shop/account", Access::Staff(SHOPS)),
    ("GET", "/admin", Access::Staff(ANY_OFFICIAL)),
    ("GET", "/admin/programmes", Access::Staff(ANY_OFFICIAL)),
    ("GET", "/admin/programmes/new", Access::Staff(CLERKS)),
    ("POST", "/admin/programmes/new", Access::Staff(CLERKS)),
    ("GET", "/admin/programmes/{id}", Access::Staff(ANY_OFFICIAL)),
    ("POST", "/admin/programmes/{id}", Access::Staff(CLERKS)),
    ("GET", "/admin/programmes/{id}/change", Access::Staff(CLERKS)),
    ("POST", "/admin/programmes/{id}/change", Access::Staff(CLERKS)),
    ("GET", "/admin/vouchers", Access::Staff(ANY_OFFICIAL)),
    ("POST", "/admin/vouchers", Access::Staff(CLERKS)),
    ("GET", "/admin/payouts", Access::Staff(ANY_OFFICIAL)),
    ("GET", "/admin/payouts/new", Access::Staff(CLERKS)),
    ("POST", "/admin/payouts/new", Access::Staff(CLERKS)),
    ("GET", "/admin/payouts/rules", Access::Staff(ANY_OFFICIAL)),
    ("POST", "/admin/payouts/rules", Access::Staff(ADMINISTRATORS)),
    ("GET", "/admin/payouts/{id}", Access::Staff(ANY_OFFICIAL)),
    ("GET", "/admin/payouts/{id}/progress", Access::Staff(ANY_OFFICIAL)),
    (
        "GET",
        "/admin/payouts/{id}/result.csv",
        Access::Staff(ANY_OFFICIAL),
    ),
    (
        "GET",
        "/admin/payouts/{id}/result.xlsx",
        Access::Staff(ANY_OFFICIAL),
    ),
    ("POST", "/admin/payouts/{id}/submit", Access::Staff(CLERKS)),
    ("POST", "/admin/payouts/{id}/approve", Access::Staff(APPROVERS)),
    ("POST", "/admin/payouts/{id}/return", Access::Staff(APPROVERS)),
    ("POST", "/admin/payouts/{id}/cancel", Access::Staff(PAYOUTS)),
    ("POST", "/admin/payouts/{id}/repeats", Access::Staff(CLERKS)),
    ("POST", "/admin/payouts/{id}/rest", Access::Staff(CLERKS)),
    ("GET", "/admin/payouts/{id}/withdraw", Access::Staff(APPROVERS)),
    ("POST", "/admin/payouts/{id}/withdraw", Access::Staff(APPROVERS)),
    ("GET", "/admin/merchants", Access::Staff(ANY_OFFICIAL)),
    ("POST", "/admin/merchants", Access::Staff(CLERKS)),
    ("GET", "/admin/merchants/new", Access::Staff(CLERKS)),
    ("POST", "/admin/merchants/new", Access::Staff(CLERKS)),
    ("GET", "/admin/settlements", Access::Staff(ANY_OFFICIAL)),
    ("GET", "/admin/settlements.csv", Access::Staff(ANY_OFFICIAL)),
    ("GET", "/admin/reports", Access::Staff(ANY_OFFICIAL)),
    ("GET", "/admin/reports/month.xlsx", Access::Staff(ANY_OFFICIAL)),
    ("GET", "/admin/reports/exchange", Access::Staff(ANY_OFFICIAL)),
    ("GET", "/admin/reports/exchange.xlsx", Access::Staff(ANY_OFFICIAL)),
    ("GET", "/admin/municipalities", Access::Staff(OPERATORS)),
    ("POST", "/admin/municipalities", Access::Staff(OPERATORS)),
    ("GET", "/admin/cards", Access::Staff(OPERATORS)),
    ("POST", "/admin/cards", Access::Staff(OPERATORS)),
    ("GET", "/admin/audit", Access::Staff(AUDIT)),
    ("GET", "/admin/reveal", Access::Staff(PAYOUTS)),
    ("POST", "/admin/reveal", Access::Staff(PAYOUTS)),
    ("GET", "/admin/audit.csv", Access::Staff(AUDIT)),
    ("GET", "/admin/audit.xlsx", Access::Staff(AUDIT)),
    ("GET", "/admin/staff", Access::Staff(ADMINISTRATORS)),
    ("POST", "/admin/staff", Access::Staff(ADMINISTRATORS)),
    ("GET", "/admin/staff/{id}", Access::Staff(ADMINISTRATORS)),
    ("POST", "/admin/invitations", Access::Staff(INVITERS)),
];

/// Whether an address answers while the session store is away: what is for anyone, what is shown from memory, and
/// forms, which say themselves that they are put off and keep what was typed. Others answer "not now" before they ask.
fn goes_on(access: Option<(&str, Access)>, method: &str) -> bool {
    match access {
        Some((_, Access::Anyone)) | None => true,
        Some((path, _)) if method == "GET" => crate::calm::FROM_MEMORY.contains(&path),
        // A file is not read only to be thrown away.
        Some((path, _)) => path != "/admin/payouts/new",
    }
}

/// The layer: reads who asks, once, and lets them in or not.
pub async fn guard(State(house): State<House>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(ctx) = Ctx::from_request_parts(&mut parts, &house).await;
    if let Some(path) = parts.extensions.get::<MatchedPath>() {
        let method = if parts.method == "HEAD" {
            "GET"
        } else {
            parts.method.as_str()
        };
        let access = ROUTES
            .iter()
            .find(|(verb, known, _)| *verb == method && *known == path.as_str());
        let refused = match access {
            _ if ctx.store_away && !goes_on(access.map(|(_, path, access)| (*path, *access)), method) => {
                Some(crate::door::PageError::Away)
            }
            Some((_, _, Access::Anyone)) => None,
            Some((_, _, Access::SignedIn)) => ctx.signed_in().err(),
            Some((_, _, Access::HalfSignedIn)) => ctx.half_signed_in().err(),
            Some((_, _, Access::Citizen)) => ctx.citizen().err(),
            Some((_, _, Access::Staff(roles))) => ctx.official(roles).err(),
            // axum answers 405 by itself where the address is known and the method is not.
            None if ROUTES.iter().any(|(_, known, _)| *known == path.as_str()) => None,
            None => Some(crate::door::PageError::Forbidden),
        };
        if let Some(refused) = refused {
            if matches!(refused, crate::door::PageError::Forbidden) {
                let login = ctx.session.as_ref().map_or(0, |session| session.who.login());
                let (method, ip) = (parts.method.as_str(), ctx.client.ip.as_str());
                tracing::warn!(
                    method,
                    path = path.as_str(),
                    login,
                    ip,
                    "refused: not for this person"
                );
            }
            return refused.page(&ctx).await;
        }
    }
    parts.extensions.insert(ctx);
    next.run(Request::from_parts(parts, body)).await
}
