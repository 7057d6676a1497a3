//! Which function answers at which address. Who may come in stands in [`crate::access`].

use axum::{Router, response::IntoResponse, routing::get, routing::post};

use crate::{
    House, accounts, audit, calm, cards, charge, codes, data, desk, devices,
    door::{Answer, Ctx, Form, PageError},
    front, gifts, history, incidents, invitations, log, merchants, municipalities, notices, offline, outbox,
    password, pay, payouts, programmes, recover, refunds, reports, reveals, second_factor, security,
    settlements, shell, shop, shops, signin, signup, staff, transfers, vouchers, wallet,
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
            let answer: Answer = calm::within(&ctx, $handler(ctx.clone())).await;
            match answer {
                Ok(response) => PageAnswer(response),
                Err(problem) => PageAnswer(problem.page(&ctx).await),
            }
        }
    };
    ($handler:path, path) => {
        |axum::extract::Path(id): axum::extract::Path<String>, ctx: Ctx| async move {
            let answer: Answer = calm::within(&ctx, $handler(ctx.clone(), id)).await;
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
            let (ctx, form) = (posted.ctx.clone(), posted.form.clone());
            let answer: Answer = calm::within(&ctx, $handler(posted)).await;
            match answer {
                Ok(response) => PageAnswer(response),
                Err(PageError::Away) => PageAnswer(unanswered(&ctx, &form)),
                Err(problem) => PageAnswer(problem.page(&ctx).await),
            }
        }
    };
    ($handler:path, path) => {
        |axum::extract::Path(id): axum::extract::Path<String>, posted: crate::door::Posted| async move {
            let (ctx, form) = (posted.ctx.clone(), posted.form.clone());
            let answer: Answer = calm::within(&ctx, $handler(posted, id)).await;
            match answer {
                Ok(response) => PageAnswer(response),
                Err(PageError::Away) => PageAnswer(unanswered(&ctx, &form)),
                Err(problem) => PageAnswer(problem.page(&ctx).await),
            }
        }
    };
}

/// A change that was begun and not answered.
fn unanswered(ctx: &Ctx, form: &Form) -> axum::response::Response {
    ctx.house.ledger.store().pulse().doubt();
    calm::not_now(ctx, form, calm::Done::Unknown)
}

/// Handlers that read the request themselves, piece by piece.
macro_rules! upload {
    ($handler:path) => {
        |ctx: Ctx, request: axum::extract::Request| async move {
            let answer: Answer = $handler(ctx.clone(), request).await;
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
        .merge(doors())
        .merge(resident())
        .merge(desk())
        .merge(till())
}

/// The ways in, and what anyone may see.
fn doors() -> Router<House> {
    Router::new()
        .route("/login", get(page!(signin::get)).post(form!(signin::post)))
        .route("/logout", post(form!(signin::post_logout)))
        .route("/signup", get(page!(signup::get)).post(form!(signup::post)))
        .route(
            "/signup/code",
            get(page!(signup::get_later)).post(form!(signup::post_code)),
        )
        .route(
            "/signup/details",
            get(page!(signup::get_later)).post(form!(signup::post_details)),
        )
        .route("/recover", get(page!(recover::get)).post(form!(recover::post)))
        .route(
            "/recover/code",
            get(page!(recover::get_later)).post(form!(recover::post_code)),
        )
        .route(
            "/recover/password",
            get(page!(recover::get_later)).post(form!(recover::post_password)),
        )
        .route(
            "/invitations/{id}",
            get(page!(invitations::get, path)).post(form!(invitations::post, path)),
        )
        .route(
            "/second-factor",
            get(page!(second_factor::get)).post(form!(second_factor::post)),
        )
        .route("/security", get(page!(security::get)).post(form!(security::post)))
        .route("/password", get(page!(password::get)).post(form!(password::post)))
        .route("/outbox", get(page!(outbox::get)))
        .route("/incidents", get(page!(incidents::get)))
        .route("/incidents/{id}", get(page!(incidents::get_one, path)))
        .route("/merchants", get(page!(merchants::get)))
        .route("/log/checkpoint", get(page!(log::get_checkpoint)))
        .route("/log/consistency", get(page!(log::get_consistency)))
        .route("/log/keys", get(page!(log::get_keys)))
}

/// The resident's own.
fn resident() -> Router<House> {
    Router::new()
        .route("/wallet", get(page!(wallet::get)))
        .route("/wallet/notices", get(page!(notices::get)))
        .route("/wallet/offline", get(page!(offline::get)))
        .route("/wallet/statement", get(page!(reports::get_statement)))
        .route("/wallet/statement.xlsx", get(page!(reports::get_statement_xlsx)))
        .route("/wallet/history", get(page!(history::get)))
        .route("/wallet/history.csv", get(page!(history::get_csv)))
        .route("/wallet/transfers/{id}", get(page!(transfers::get, path)))
        .route(
            "/wallet/transfers/{id}/proof.json",
            get(page!(transfers::get_proof, path)),
        )
        .route("/wallet/gift", get(page!(gifts::get)).post(form!(gifts::post)))
        .route("/wallet/gift/{id}", post(form!(gifts::post_one, path)))
        .route(
            "/wallet/refund",
            get(page!(refunds::get)).post(form!(refunds::post)),
        )
        .route(
            "/wallet/refund/account",
            get(page!(refunds::get_account)).post(form!(refunds::post_account)),
        )
        .route(
            "/wallet/devices",
            get(page!(devices::get)).post(form!(devices::post)),
        )
        .route("/wallet/data", get(page!(data::get)).post(form!(data::post)))
        .route("/wallet/data.json", get(page!(data::get_json)))
        .route(
            "/wallet/charge",
            get(page!(charge::get)).post(form!(charge::post)),
        )
        .route(
            "/wallet/charge/{id}",
            get(page!(charge::get_deposit, path)).post(form!(charge::post_deposit, path)),
        )
        .route("/wallet/card", get(page!(cards::get)).post(form!(cards::post)))
        .route("/wallet/pay", get(page!(pay::get)).post(form!(pay::post)))
        .route("/wallet/code", get(page!(codes::get)).post(form!(codes::post)))
}

/// The municipality's desk.
fn desk() -> Router<House> {
    Router::new()
        .route("/admin", get(page!(desk::get)))
        .route("/admin/reports", get(page!(reports::get)))
        .route("/admin/reports/month.xlsx", get(page!(reports::get_month_xlsx)))
        .route("/admin/reports/exchange", get(page!(reports::get_exchange)))
        .route(
            "/admin/reports/exchange.xlsx",
            get(page!(reports::get_exchange_xlsx)),
        )
        .route("/admin/programmes", get(page!(programmes::get)))
        .route(
            "/admin/programmes/new",
            get(page!(programmes::get_new)).post(form!(programmes::post_new)),
        )
        .route(
            "/admin/programmes/{id}",
            get(page!(programmes::get_one, path)).post(form!(programmes::post_one, path)),
        )
        .route(
            "/admin/programmes/{id}/change",
            get(page!(programmes::get_change, path)).post(form!(programmes::post_change, path)),
        )
        .route(
            "/admin/vouchers",
            get(page!(vouchers::get)).post(form!(vouchers::post)),
        )
        .route("/admin/payouts", get(page!(payouts::get)))
        .route(
            "/admin/payouts/rules",
            get(page!(payouts::get_rules)).post(form!(payouts::post_rules)),
        )
        .route("/admin/payouts/{id}", get(page!(payouts::get_one, path)))
        .route(
            "/admin/payouts/{id}/progress",
            get(page!(payouts::get_progress, path)),
        )
        .route(
            "/admin/payouts/{id}/result.csv",
            get(page!(payouts::get_result_csv, path)),
        )
        .route(
            "/admin/payouts/{id}/result.xlsx",
            get(page!(payouts::get_result_xlsx, path)),
        )
        .route(
            "/admin/payouts/{id}/submit",
            post(form!(payouts::post_submit, path)),
        )
        .route(
            "/admin/payouts/{id}/approve",
            post(form!(payouts::post_approve, path)),
        )
        .route(
            "/admin/payouts/{id}/return",
            post(form!(payouts::post_return, path)),
        )
        .route(
            "/admin/payouts/{id}/cancel",
            post(form!(payouts::post_cancel, path)),
        )
        .route(
            "/admin/payouts/{id}/repeats",
            post(form!(payouts::post_repeats, path)),
        )
        .route("/admin/payouts/{id}/rest", post(form!(payouts::post_rest, path)))
        .route(
            "/admin/payouts/{id}/withdraw",
            get(page!(payouts::get_withdraw, path)).post(form!(payouts::post_withdraw, path)),
        )
        .route(
            "/admin/merchants",
            get(page!(shops::get)).post(form!(shops::post)),
        )
        .route(
            "/admin/merchants/new",
            get(page!(shops::get_new)).post(form!(shops::post_new)),
        )
        .route("/admin/settlements", get(page!(settlements::get)))
        .route("/admin/settlements.csv", get(page!(settlements::get_csv)))
        .route(
            "/admin/municipalities",
            get(page!(municipalities::get)).post(form!(municipalities::post)),
        )
        .route(
            "/admin/cards",
            get(page!(cards::get_cases)).post(form!(cards::post_cases)),
        )
        .route(
            "/admin/reveal",
            get(page!(reveals::get)).post(form!(reveals::post)),
        )
        .route("/admin/audit", get(page!(audit::get)))
        .route("/admin/audit.csv", get(page!(audit::get_csv)))
        .route("/admin/audit.xlsx", get(page!(audit::get_xlsx)))
        .route("/admin/staff", get(page!(staff::get)).post(form!(staff::post)))
        .route("/admin/staff/{id}", get(page!(staff::get_one, path)))
        .route("/admin/invitations", post(form!(invitations::post_decision)))
}

/// A merchant's own.
fn till() -> Router<House> {
    Router::new()
        .route(
            "/shop/account",
            get(page!(accounts::get)).post(form!(accounts::post)),
        )
        .route("/shop", get(page!(shop::get)).post(form!(shop::post)))
        .route(
            "/shop/transfers/{id}",
            get(page!(shop::get_payment, path)).post(form!(shop::post_payment, path)),
        )
        .route("/shop/settlements", get(page!(shop::get_settlements)))
        .route(
            "/shop/keys",
            get(page!(shop::get_keys)).post(form!(shop::post_keys)),
        )
}

/// Addresses that take a file: no limit of size or time but their own.
pub fn uploads() -> Router<House> {
    Router::new().route(
        "/admin/payouts/new",
        get(page!(payouts::get_new)).post(upload!(payouts::post_new)),
    )
}

/// Any other address.
pub async fn not_found(ctx: Ctx) -> axum::response::Response {
    PageError::NotFound.page(&ctx).await
}
