//! Axum's extractors with this API's answers where they refuse.

use axum::{
    extract::{FromRequest, FromRequestParts, Path, Query, Request, rejection::JsonRejection},
    http::{StatusCode, request::Parts},
};
use serde::de::DeserializeOwned;

use super::Problem;

/// A JSON body.
#[derive(Clone, Debug)]
pub struct FromBody<T>(pub T);

/// The query of the address.
#[derive(Clone, Debug)]
pub struct FromQuery<T>(pub T);

/// The variable parts of the path; one that cannot be read names nothing (404).
#[derive(Clone, Debug)]
pub struct FromPath<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for FromBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let body = axum::Json::<T>::from_request(request, state).await;
        body.map(|body| Self(body.0))
            .map_err(|rejection| match rejection {
                JsonRejection::MissingJsonContentType(_) => Problem::not_json(),
                JsonRejection::JsonDataError(error) => Problem::invalid().wrong("/", error.body_text()),
                other if other.status() == StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(),
                other => Problem::bad_request(other.body_text()),
            })
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for FromQuery<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query
            .map(|query| Self(query.0))
            .map_err(|rejection| Problem::invalid().wrong("query", rejection.body_text()))
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for FromPath<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<T>::from_request_parts(parts, state).await;
        path.map(|path| Self(path.0)).map_err(|_| Problem::not_found())
    }
}
