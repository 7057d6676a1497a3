//! Which function answers at which address. Who may come in stands in [`crate::access`].

use axum::{Router, response::IntoResponse, routing::get, routing::post};

use crate::{
    House,
    door::{Answer, Ctx, PageError},
    front, history, shell, transfers, wallet,
};

impl IntoResponse for PageAnswer {
    fn into_response(self) -> axum::response::Response {
        self.0
    }
}

/// An answer, whether page or problem.
pub struct PageAnswer(axum::response::Response);

/// Makes handlers of functions that take a [`Ctx`] (or a form with its `Ctx`) and may fail.
macro_rules! page {
    ($handler:path) => {
        |ctx: Ctx| async move {
            let answer: Answer = $handler(ctx.clone()).await;
            match answer {
                Ok(response) => PageAnswer(response),
                Err(problem) => PageAnswer(problem.page(&ctx).await),
            }
        }
    };
    ($handler:path, path) => {
        |axum::extract::Path(id): axum::extract::Path<String>, ctx: Ctx| async move {
            let answer: Answer = $handler(ctx.clone(), id).await;
            match answer {
                Ok(response) => PageAnswer(response),
                Err(problem) => PageAnswer(problem.page(&ctx).await),
            }
        }
    };
}

/// Handlers of posted forms.
macro_rules! form {
    ($handler:path) => {
        |posted: crate::door::Posted| async move {
            let ctx = posted.ctx.clone();
            let answer: Answer = $handler(posted).await;
            match answer {
                Ok(response) => PageAnswer(response),
                Err(problem) => PageAnswer(problem.page(&ctx).await),
            }
        }
    };
    ($handler:path, path) => {
        |axum::extract::Path(id): axum::extract::Path<String>, posted: crate::door::Posted| async move {
            let ctx = posted.ctx.clone();
            let answer: Answer = $handler(posted, id).await;
            match answer {
                Ok(response) => PageAnswer(response),
                Err(problem) => PageAnswer(problem.page(&ctx).await),
            }
        }
    };
}

/// Pages and forms.
pub fn pages() -> Router<House> {
    Router::new()
        .route("/", get(page!(front::get)))
        .route("/settings", post(form!(shell::post_settings)))
        .merge(resident())
}

/// The resident's own.
fn resident() -> Router<House> {
    Router::new()
        .route("/wallet", get(page!(wallet::get)))
        .route("/wallet/history", get(page!(history::get)))
        .route("/wallet/history.csv", get(page!(history::get_csv)))
        .route("/wallet/transfers/{id}", get(page!(transfers::get, path)))
}

/// Addresses that take a file.
pub fn uploads() -> Router<House> {
    Router::new()
}

/// Any other address.
pub async fn not_found(ctx: Ctx) -> axum::response::Response {
    PageError::NotFound.page(&ctx).await
}
