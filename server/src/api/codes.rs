//! Codes that customers show.

use app::House;
use axum::{Json, extract::State};
use ledger::Refusal;
use people::{Scope, TooManyTries};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Caller, FromBody, Problem, check, korean_time};

/// A code to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeToCheck {
    /// Its digits, without blanks.
    #[schema(
        pattern = "^[0-9]{12}$",
        min_length = 12,
        max_length = 12,
        example = "482915730164"
    )]
    pub code: String,
}

/// A code that can pay now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckedCode {
    /// Until when it can pay: the instant after the last moment.
    #[schema(format = DateTime)]
    pub until: String,
}

/// Looks whether a code can pay, before the amount is known. It tells nothing of whose it is or what they hold, and
/// a wrong code counts like a wrong payment. Scope: `payments:write`.
#[utoipa::path(
    post,
    path = "/codes/check",
    operation_id = "checkCode",
    tag = "codes",
    security(("key" = ["payments:write"])),
    request_body = CodeToCheck,
    responses((status = 200, description = "The code can pay", body = CheckedCode))
)]
pub async fn check(
    State(house): State<House>,
    caller: Caller,
    FromBody(asked): FromBody<CodeToCheck>,
) -> Result<Json<CheckedCode>, Problem> {
    let (municipality, merchant) = caller.merchant(Scope::PaymentsWrite)?;
    check::code(&asked.code)?;
    let tried = house
        .people
        .try_code(municipality, merchant, caller.at)
        .map_err(|TooManyTries { retry_after_ms }| Problem::too_many_tries(retry_after_ms))?;
    let names = house.people.code_names(municipality, &asked.code);
    let Some(code) = house.ledger.code_by_name(municipality, &names).await? else {
        tried.wrong(caller.at).await?;
        return Err(Refusal::UnknownCode.into());
    };
    if code.payment.is_some() {
        return Err(Refusal::CodeUsed.into());
    }
    if !code.is_live(caller.at) {
        return Err(Refusal::CodeEnded.into());
    }
    Ok(Json(CheckedCode {
        until: korean_time(code.until_at),
    }))
}
