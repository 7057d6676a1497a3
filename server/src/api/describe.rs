//! What every operation may answer besides its own: described once, and put into the description of each.

use ledger::Refusal;
use utoipa::openapi::{
    ContentBuilder, HeaderBuilder, OpenApi, Ref, RefOr, ResponseBuilder,
    example::ExampleBuilder,
    path::Operation,
    schema::{ObjectBuilder, SchemaType, Type},
};

use super::Problem;

/// Adds to each operation the problems that any call may meet, and to each with a body those of a body.
pub(super) fn complete(description: &mut OpenApi) {
    for path in description.paths.paths.values_mut() {
        let operations = [
            &mut path.get,
            &mut path.put,
            &mut path.post,
            &mut path.delete,
            &mut path.patch,
        ];
        for operation in operations.into_iter().flatten() {
            let id = operation.operation_id.clone().unwrap_or_default();
            for (description, problems) in own(&id) {
                add(operation, description, &problems);
            }
            if operation
                .security
                .as_ref()
                .is_some_and(|needed| !needed.is_empty())
            {
                add(
                    operation,
                    "No key, or none that works",
                    &[Problem::unauthorized()],
                );
                add(
                    operation,
                    "The key may not do this",
                    &[Problem::forbidden("the key has no such scope")],
                );
                add(
                    operation,
                    "Not now; the same request with the same Idempotency-Key may come again",
                    &[
                        Problem::from(Refusal::Busy { retry_after_ms: 400 }),
                        Problem::unavailable_example(),
                    ],
                );
            }
            if operation.request_body.is_some() {
                add(
                    operation,
                    "The request cannot be read",
                    &[Problem::bad_request("this is no JSON")],
                );
                add(
                    operation,
                    "The request is larger than 16 KiB",
                    &[Problem::too_large()],
                );
                add(
                    operation,
                    "The body is not JSON by its Content-Type",
                    &[Problem::not_json()],
                );
                add(
                    operation,
                    "The request is not as described",
                    &[Problem::invalid().wrong("/amount_won", "must be from 1 to 1000000000000")],
                );
            }
        }
    }
}

/// The problems that only this operation has, by status: made by the same code that answers with them.
fn own(operation: &str) -> Vec<(&'static str, Vec<Problem>)> {
    let of = |refusals: Vec<Refusal>| refusals.into_iter().map(Problem::from).collect::<Vec<_>>();
    let no_code = ("No code has these digits", of(vec![Refusal::UnknownCode]));
    let tries = (
        "Too many wrong codes at this shop",
        vec![Problem::too_many_tries(240_000)],
    );
    let query = (
        "The query is not as described",
        vec![Problem::invalid().wrong("limit", "must be from 1 to 200")],
    );
    match operation {
        "takePayment" => vec![
            no_code,
            (
                "Right by itself, but not as things are: nothing was paid",
                of(vec![
                    Refusal::CodeEnded,
                    Refusal::CodeUsed,
                    Refusal::OrderPaid,
                    Refusal::NotEnough {
                        usable_won: 0,
                        total_won: 0,
                    },
                    Refusal::MerchantBarred { total_won: 0 },
                    Refusal::MerchantNotAccepting,
                    Refusal::KeyReused,
                ]),
            ),
            tries,
        ],
        "checkCode" => vec![
            no_code,
            (
                "The code cannot pay any more",
                of(vec![Refusal::CodeEnded, Refusal::CodeUsed]),
            ),
            tries,
        ],
        "cancelPayment" => vec![
            ("No such payment to this shop", vec![Problem::not_found()]),
            (
                "Right by itself, but not as things are: nothing was cancelled",
                of(vec![
                    Refusal::AlreadyCancelled { left_won: 0 },
                    Refusal::CancelTooLate { days: 7 },
                    Refusal::MerchantShort { left_won: 0 },
                    Refusal::KeyReused,
                ]),
            ),
        ],
        "getPayment" => vec![("No such payment to this shop", vec![Problem::not_found()])],
        "listTakings" => vec![query],
        _ => Vec::new(),
    }
}

/// Adds the problems of one status, unless the operation describes that status itself.
fn add(operation: &mut Operation, description: &str, problems: &[Problem]) {
    let Some(problem) = problems.first() else { return };
    let status = problem.status().as_u16().to_string();
    let examples = problems.iter().map(|problem| {
        let body = problem.body();
        let name = body.kind.rsplit(':').next().unwrap_or_default().to_owned();
        let example = ExampleBuilder::new()
            .summary(body.title.clone())
            .value(serde_json::to_value(&body).ok())
            .build();
        (name, RefOr::T(example))
    });
    let content = ContentBuilder::new()
        .schema(Some(RefOr::Ref(Ref::from_schema_name("Problem"))))
        .examples_from_iter(examples)
        .build();
    let mut response = ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", content);
    for (name, what, kind) in problem.described_headers() {
        let schema = ObjectBuilder::new().schema_type(SchemaType::new(kind));
        response = response.header(
            name,
            HeaderBuilder::new()
                .schema(schema)
                .description(Some(what))
                .build(),
        );
    }
    operation
        .responses
        .responses
        .entry(status)
        .or_insert_with(|| RefOr::T(response.build()));
}

impl Problem {
    /// The headers that come with it: name, what it says, of which type.
    fn described_headers(&self) -> Vec<(&'static str, &'static str, Type)> {
        match self.status().as_u16() {
            401 => vec![("WWW-Authenticate", "Bearer", Type::String)],
            429 | 503 => vec![("Retry-After", "Seconds to wait", Type::Integer)],
            _ => Vec::new(),
        }
    }
}
