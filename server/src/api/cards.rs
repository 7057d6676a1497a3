//! Card authorisations, for card networks. The rule stands in `ledger/src/cards`, the protocol in docs/CARDS.md.
//!
//! The answer is due 300 ms after a question has arrived; all that happens from there on counts, reading the body, the
//! key and waiting for a connection included. A question that has waited on its way (its `asked_at` is long ago) is
//! already late when it is read: the network has decided by its list, and nothing is set aside for it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use app::House;
use axum::{
    Json,
    extract::{FromRequest, FromRequestParts, Request, State},
};
use ledger::{
    Advice, CardAsk as Ask, CardWhy as Why, DecidedBy, Decision, LedgerError, Refusal, SignedList,
    TransferKind,
};
use people::Scope;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Caller, FromBody, FromPath, Problem, ProblemBody, check, korean_time, whole};

/// When the answer is due after a question's arrival, ms.
const ANSWER_MS: i64 = 300;
/// What writing the answer takes of that, ms.
const MARGIN_MS: i64 = 30;
/// How far a network's clock may be behind ours before its questions count as late, ms. A network waits at least as much
/// longer than [`ANSWER_MS`].
const CLOCKS_MS: i64 = 150;

/// What the network did, or is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CardDecision {
    /// The money is set aside: capture it, or reverse it.
    Approve,
    /// The card does not pay.
    Decline,
    /// The holder chose beforehand that their bank account be charged.
    Fallback,
}

/// What a network did while we were silent. Only the ledger approves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdvisedDecision {
    /// The card did not pay.
    Decline,
    /// The holder's bank account was charged.
    Fallback,
}

/// Who decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CardDecider {
    /// The ledger.
    Ledger,
    /// The stand-in list, because the ledger was silent: send an advice.
    List,
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAuthorisation {
    /// The network's own id of it, the idempotency key: 1–40 printable ASCII characters without a space.
    #[schema(pattern = "^[!-~]{1,40}$", example = "20261125-000017")]
    pub id: String,
    /// The network's token of the card, never a card number.
    #[schema(
        pattern = "^[0-9A-Za-z_-]{12,64}$",
        min_length = 12,
        max_length = 64,
        example = "tok_demo_citizen_0001"
    )]
    pub card: String,
    /// The merchant's code with the card's municipality.
    #[schema(pattern = "^[!-~]{1,40}$", example = "A002")]
    pub merchant: String,
    /// The merchant category code (ISO 18245).
    #[schema(pattern = "^[0-9]{4}$", example = "5814")]
    pub mcc: String,
    /// How much, won.
    #[schema(minimum = 1, maximum = 1_000_000_000_000_i64)]
    #[serde(deserialize_with = "whole::number")]
    pub amount_won: i64,
    /// When the network asked, by its clock.
    #[schema(format = DateTime)]
    pub asked_at: String,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuthorisationAnswer {
    /// The network's id.
    pub id: String,
    /// What to do.
    pub decision: CardDecision,
    /// Why, as a code.
    #[schema(example = "held")]
    pub why: String,
    /// Who decided.
    pub by: CardDecider,
    /// By which version of the stand-in list.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub list_version: Option<i64>,
}

/// What a network did while we were silent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAdvice {
    /// The card, as in the question.
    #[schema(pattern = "^[0-9A-Za-z_-]{12,64}$", min_length = 12, max_length = 64)]
    pub card: String,
    /// The merchant, as in the question.
    #[schema(pattern = "^[!-~]{1,40}$")]
    pub merchant: String,
    /// The merchant category code, as in the question.
    #[schema(pattern = "^[0-9]{4}$")]
    pub mcc: String,
    /// How much, as in the question, won.
    #[schema(minimum = 1, maximum = 1_000_000_000_000_i64)]
    #[serde(deserialize_with = "whole::number")]
    pub amount_won: i64,
    /// When the network asked.
    #[schema(format = DateTime)]
    pub asked_at: String,
    /// What it did.
    pub decision: AdvisedDecision,
    /// By which version of the list.
    #[serde(default, deserialize_with = "whole::optional")]
    #[schema(minimum = 1, maximum = 1_000_000_000_000_i64)]
    pub list_version: Option<i64>,
    /// When it decided.
    #[schema(format = DateTime)]
    pub decided_at: String,
}

/// What became of an advice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AdviceAnswer {
    /// Whether money that was set aside went back by it.
    pub reversed: bool,
    /// Of a charge to the bank account: whether the holder had chosen it. `false` is a case for the operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub by_choice: Option<bool>,
    /// Whether it was told before.
    pub replayed: bool,
}

/// What is captured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCapture {
    /// How much, won; all of it where it is left out. The rest is given back.
    #[serde(default, deserialize_with = "whole::optional")]
    #[schema(minimum = 1, maximum = 1_000_000_000_000_i64)]
    pub amount_won: Option<i64>,
}

/// What is taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReversal {
    /// The network's own id of the reversal.
    #[schema(pattern = "^[!-~]{1,40}$")]
    pub id: String,
    /// Of a captured authorisation: how much, won; all that is left where it is left out.
    #[serde(default, deserialize_with = "whole::optional")]
    #[schema(minimum = 1, maximum = 1_000_000_000_000_i64)]
    pub amount_won: Option<i64>,
}

/// What was done with the money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CardReceipt {
    /// The number printed on receipts.
    pub receipt_number: String,
    /// What was done.
    pub what: CardMoved,
    /// How much, won.
    pub amount_won: i64,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// Whether it was done before.
    pub replayed: bool,
}

/// What was done with the money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CardMoved {
    /// Paid to the merchant.
    Captured,
    /// Given back before it was paid.
    Released,
    /// Given back after it was paid.
    Refunded,
}

/// A stand-in list as it was signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StandInList {
    /// The name of the key that signed it.
    pub key: String,
    /// The list's JSON, exactly as it was signed: network, version, `issued_at` and `valid_until` (ms since 1970),
    /// classes, entries by token digest.
    pub payload: String,
    /// Ed25519 over `neul stand-in list 1`, a line feed and the payload; hexadecimal.
    pub signature: String,
}

impl From<SignedList> for StandInList {
    fn from(list: SignedList) -> Self {
        Self {
            key: list.key,
            payload: list.payload,
            signature: list.signature,
        }
    }
}

fn time(text: &str, at: &str) -> Result<i64, Problem> {
    let parsed: Result<jiff::Timestamp, _> = text.parse();
    parsed
        .map(jiff::Timestamp::as_millisecond)
        .map_err(|_| Problem::invalid().wrong(at, "must be a time by RFC 3339"))
}

/// What a network may be told of a refusal: of its own cards nothing is hidden.
fn refused(error: LedgerError) -> Problem {
    match error {
        LedgerError::Refused(Refusal::UnknownHold) => Problem::not_found(),
        LedgerError::Refused(refusal @ Refusal::BadKey) => {
            Problem::invalid().wrong("/id", refusal.to_string())
        }
        LedgerError::Refused(refusal @ (Refusal::HoldEnded { .. } | Refusal::CaptureTooLarge { .. })) => {
            Problem::new(
                axum::http::StatusCode::CONFLICT,
                "hold-ended",
                "What was set aside is not there any more, or less",
            )
            .detail(refusal.to_string())
        }
        other => other.into(),
    }
}

fn moved(receipt: ledger::Receipt) -> Json<CardReceipt> {
    Json(CardReceipt {
        receipt_number: receipt.number,
        what: match receipt.kind {
            TransferKind::Pay => CardMoved::Captured,
            TransferKind::Cancel => CardMoved::Refunded,
            _ => CardMoved::Released,
        },
        amount_won: receipt.amount_won,
        at: korean_time(receipt.at),
        replayed: receipt.replayed,
    })
}

/// Asks whether a card may pay. Answered within 300 ms of its arrival; where the ledger does not answer in time, by the
/// stand-in list. Scope: `card:write`.
#[utoipa::path(
    post,
    path = "/card/authorisations",
    tag = "cards",
    security(("key" = ["card:write"])),
    request_body = NewAuthorisation,
    responses(
        (status = 200, description = "What to do", body = AuthorisationAnswer),
        (status = 409, description = "The id was used for another question", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn authorise(
    State(house): State<House>,
    request: Request,
) -> Result<Json<AuthorisationAnswer>, Problem> {
    // Before anything that can wait.
    let (began, arrived_at) = (Instant::now(), house.now());
    let bound = Duration::from_millis((ANSWER_MS - MARGIN_MS) as u64);
    let read = async {
        let (mut parts, body) = request.into_parts();
        let caller = Caller::from_request_parts(&mut parts, &house).await?;
        let network = caller.network(Scope::CardWrite)?.to_owned();
        let FromBody(new) =
            FromBody::<NewAuthorisation>::from_request(Request::from_parts(parts, body), &house).await?;
        Ok::<_, Problem>((network, new))
    };
    let (network, new) = match tokio::time::timeout(bound, read).await {
        Ok(read) => read?,
        // Nobody knows whose card it is: silence, which the network has its list for.
        Err(_) => {
            return Err(Problem::unavailable(
                "a card network's key could not be read in time",
            ));
        }
    };
    check::network_id(&new.id)?;
    check::card(&new.card)?;
    check::merchant(&new.merchant)?;
    check::mcc(&new.mcc)?;
    check::amount(new.amount_won)?;
    let asked_at = time(&new.asked_at, "/asked_at")?;
    let list = house.card_lists.newest(&network);
    let ask = Ask {
        network,
        id: new.id.clone(),
        token: new.card,
        merchant: new.merchant,
        mcc: new.mcc,
        amount_won: new.amount_won,
        asked_at,
        due_at: arrived_at.min(asked_at + CLOCKS_MS) + ANSWER_MS - MARGIN_MS,
    };
    let clock = {
        let house = house.clone();
        Arc::new(move || house.now())
    };
    let list = list.as_ref().map(|(_, list)| list.as_ref());
    let verdict = house.ledger.authorise(&ask, list, clock).await.map_err(refused)?;
    let by_list = verdict.by == DecidedBy::List;
    if by_list {
        let took_ms = began.elapsed().as_millis() as u64;
        tracing::warn!(
            network = ask.network,
            took_ms,
            why = verdict.why.code(),
            "a card authorisation was answered by the list"
        );
    }
    Ok(Json(AuthorisationAnswer {
        id: new.id,
        decision: match verdict.decision {
            Decision::Approve => CardDecision::Approve,
            Decision::Decline => CardDecision::Decline,
            Decision::Fallback => CardDecision::Fallback,
        },
        why: verdict.why.code().to_owned(),
        by: if by_list {
            CardDecider::List
        } else {
            CardDecider::Ledger
        },
        list_version: list
            .filter(|_| by_list && verdict.why != Why::NoList)
            .map(|list| list.version),
    }))
}

/// Tells what the network did because no answer of the ledger's came: after silence, and after every answer `by` the
/// list. To be repeated until it is acknowledged. Scope: `card:write`.
#[utoipa::path(
    post,
    path = "/card/authorisations/{id}/advice",
    tag = "cards",
    security(("key" = ["card:write"])),
    params(("id" = String, Path, description = "The network's id of the question")),
    request_body = NewAdvice,
    responses(
        (status = 200, description = "It is written down", body = AdviceAnswer),
        (status = 404, description = "No such card", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The id was used for another question", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn advise(
    State(house): State<House>,
    caller: Caller,
    FromPath(id): FromPath<String>,
    FromBody(new): FromBody<NewAdvice>,
) -> Result<Json<AdviceAnswer>, Problem> {
    let network = caller.network(Scope::CardWrite)?.to_owned();
    check::network_id(&id)?;
    check::card(&new.card)?;
    check::merchant(&new.merchant)?;
    check::mcc(&new.mcc)?;
    check::amount(new.amount_won)?;
    let asked_at = time(&new.asked_at, "/asked_at")?;
    let advice = Advice {
        decided_at: time(&new.decided_at, "/decided_at")?,
        ask: Ask {
            network,
            id,
            token: new.card,
            merchant: new.merchant,
            mcc: new.mcc,
            amount_won: new.amount_won,
            asked_at,
            due_at: asked_at,
        },
        decision: match new.decision {
            AdvisedDecision::Decline => Decision::Decline,
            AdvisedDecision::Fallback => Decision::Fallback,
        },
        list_version: new.list_version,
    };
    let advised = house.ledger.advise(&advice, caller.at).await.map_err(refused)?;
    Ok(Json(AdviceAnswer {
        reversed: advised.reversed,
        by_choice: advised.by_choice,
        replayed: advised.replayed,
    }))
}

/// Takes what was set aside, once, in whole or part. Scope: `card:write`.
#[utoipa::path(
    post,
    path = "/card/authorisations/{id}/capture",
    tag = "cards",
    security(("key" = ["card:write"])),
    params(("id" = String, Path, description = "The network's id of the question")),
    request_body = NewCapture,
    responses(
        (status = 200, description = "It is paid", body = CardReceipt),
        (status = 404, description = "No approved authorisation of that id", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Given back before, or more than was set aside", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn capture(
    State(house): State<House>,
    caller: Caller,
    FromPath(id): FromPath<String>,
    FromBody(new): FromBody<NewCapture>,
) -> Result<Json<CardReceipt>, Problem> {
    let network = caller.network(Scope::CardWrite)?;
    new.amount_won.map_or(Ok(()), check::amount)?;
    let receipt = house
        .ledger
        .capture_card(network, &id, new.amount_won, caller.at)
        .await;
    receipt.map(moved).map_err(refused)
}

/// Takes an approval or a capture back. Scope: `card:write`.
#[utoipa::path(
    post,
    path = "/card/authorisations/{id}/reversals",
    tag = "cards",
    security(("key" = ["card:write"])),
    params(("id" = String, Path, description = "The network's id of the question")),
    request_body = NewReversal,
    responses(
        (status = 200, description = "It is given back", body = CardReceipt),
        (status = 404, description = "No approved authorisation of that id", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Given back before, or too late", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn reverse(
    State(house): State<House>,
    caller: Caller,
    FromPath(id): FromPath<String>,
    FromBody(new): FromBody<NewReversal>,
) -> Result<Json<CardReceipt>, Problem> {
    let network = caller.network(Scope::CardWrite)?;
    check::network_id(&new.id)?;
    new.amount_won.map_or(Ok(()), check::amount)?;
    let receipt = house
        .ledger
        .reverse_card(network, &id, &new.id, new.amount_won, caller.at)
        .await;
    receipt.map(moved).map_err(refused)
}

/// What to do while we are silent, signed; to be asked for once a minute and kept. Scope: `card:write`.
#[utoipa::path(
    get,
    path = "/card/stand-in-list",
    tag = "cards",
    security(("key" = ["card:write"])),
    responses((status = 200, description = "The newest list", body = StandInList))
)]
pub async fn list(State(house): State<House>, caller: Caller) -> Result<Json<StandInList>, Problem> {
    let network = caller.network(Scope::CardWrite)?;
    // As fresh as the choices are; the one in memory where the database is away.
    match house.card_lists.refresh(&house.ledger, network, caller.at).await {
        Ok(list) => Ok(Json(list.into())),
        Err(error) => match house.card_lists.newest(network) {
            Some((list, _)) => Ok(Json(list.into())),
            None => Err(error.into()),
        },
    }
}
