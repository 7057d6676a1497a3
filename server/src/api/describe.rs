//! What every operation may answer besides its own: described once, and put into the description of each.

use utoipa::openapi::{
    ContentBuilder, HeaderBuilder, OpenApi, Ref, RefOr, ResponseBuilder,
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
            if operation
                .security
                .as_ref()
                .is_some_and(|needed| !needed.is_empty())
            {
                add(operation, "No key, or none that works", &Problem::unauthorized());
                add(
                    operation,
                    "The key may not do this",
                    &Problem::forbidden("the key has no such scope"),
                );
                add(
                    operation,
                    "Not now; the same request with the same Idempotency-Key may come again",
                    &Problem::unavailable_example(),
                );
            }
            if operation.request_body.is_some() {
                add(
                    operation,
                    "The request cannot be read",
                    &Problem::bad_request("this is no JSON"),
                );
                add(
                    operation,
                    "The request is larger than 16 KiB",
                    &Problem::too_large(),
                );
                add(
                    operation,
                    "The body is not JSON by its Content-Type",
                    &Problem::not_json(),
                );
                add(
                    operation,
                    "The request is not as described",
                    &Problem::invalid().wrong("/amount_won", "must be positive"),
                );
            }
        }
    }
}

/// Adds one problem, unless the operation describes that status itself.
fn add(operation: &mut Operation, description: &str, problem: &Problem) {
    let status = problem.status().as_u16().to_string();
    let content = ContentBuilder::new()
        .schema(Some(RefOr::Ref(Ref::from_schema_name("Problem"))))
        .example(serde_json::to_value(problem.body()).ok())
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
            503 => vec![("Retry-After", "Seconds to wait", Type::Integer)],
            _ => Vec::new(),
        }
    }
}
