//! The public log for programs: its newest checkpoint, its keys, and that it continues what it was. Anyone may ask;
//! there is nothing of anybody in it. A receipt's proof is its owner's alone (`crate::transfers`).

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Serialize;

use crate::{
    door::{Answer, Ctx},
    shell,
};

/// GET `/log/checkpoint`: the newest signed note (C2SP `tlog-checkpoint`). 404 until the first was signed.
pub async fn get_checkpoint(ctx: Ctx) -> Answer {
    let Some(newest) = ctx.house.ledger.latest_checkpoint().await? else {
        return Ok(problem(
            StatusCode::NOT_FOUND,
            "not-found",
            "The log has no checkpoint yet.",
        ));
    };
    Ok(text(newest.note))
}

/// GET `/log/keys`: the public keys, one a line; the first signs.
pub async fn get_keys(ctx: Ctx) -> Answer {
    Ok(text(format!("{}\n", ctx.house.log_keys)))
}

#[derive(Serialize)]
struct Consistency {
    from: u64,
    to: u64,
    /// Base64, as RFC 6962, 2.1.2 orders them.
    hashes: Vec<String>,
}

/// GET `/log/consistency?from=…&to=…`: the proof that the log of `to` leaves continues that of `from` (RFC 6962,
/// 2.1.2). 400 where a number is missing, 404 where the log has not so many leaves.
pub async fn get_consistency(ctx: Ctx) -> Answer {
    let query = ctx.path.split_once('?').map_or("", |(_, query)| query);
    let pairs = serde_urlencoded::from_str::<Vec<(String, String)>>(query).unwrap_or_default();
    let number = |name: &str| {
        let found = pairs.iter().find(|(key, _)| key == name)?;
        found
            .1
            .parse::<u64>()
            .ok()
            .filter(|number| i64::try_from(*number).is_ok())
    };
    let (Some(from), Some(to)) = (number("from"), number("to")) else {
        let detail = "Both from and to are numbers of leaves.";
        return Ok(problem(StatusCode::BAD_REQUEST, "bad-request", detail));
    };
    let Some(hashes) = ctx.house.ledger.log_consistency(from, to).await? else {
        let detail = "The log has not so many leaves, or from is more than to.";
        return Ok(problem(StatusCode::NOT_FOUND, "not-found", detail));
    };
    let hashes = hashes.iter().map(ToString::to_string).collect();
    Ok(shell::json(&Consistency { from, to, hashes }))
}

fn text(body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=5"),
    );
    // Any page may check: there is nothing private here.
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// RFC 9457, for a program.
fn problem(status: StatusCode, kind: &str, detail: &str) -> Response {
    let body = serde_json::json!({
        "type": format!("urn:neul:problem:{kind}"),
        "title": status.canonical_reason().unwrap_or_default(),
        "status": status.as_u16(),
        "detail": detail,
    });
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
