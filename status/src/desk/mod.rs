//! `/desk`: where an operator speaks to the public. Everything works without a script; nothing that was typed is
//! lost; each change is one transaction with its line in the log.

mod board;
mod door;
pub(crate) mod fields;
pub(crate) mod form;
mod incident;
mod maintenance;
mod sight;
mod sign_in;

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRequestParts},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware,
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};

use crate::{
    http::{chosen_lang, cookie},
    operators::{self, Deed, Session},
    pages::{Head, Reader, error_page},
    site::Site,
    snapshot::{Answer, Made},
    subscriptions,
    words::{Lang, word},
};

/// A form is never larger (bytes).
const FORM_BYTES: usize = 64 * 1024;

/// The desk's routes.
pub(crate) fn routes(site: Arc<Site>) -> Router<Arc<Site>> {
    Router::new()
        .route("/desk", get(board::show))
        .route("/desk/sign-in", get(sign_in::show).post(sign_in::submit))
        .route("/desk/sign-out", post(sign_in::leave))
        .route("/desk/incidents", post(board::open))
        .route("/desk/incidents/{id}", get(incident::show).post(incident::update))
        .route(
            "/desk/maintenance",
            get(maintenance::show).post(maintenance::announce),
        )
        .merge(match &site.outbound {
            Some(_) => subscriptions::routes(),
            None => Router::new(),
        })
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .layer(middleware::from_fn_with_state(site, door::guard))
}

/// From which address a request came, as the log and the throttle want it. Put there by the guard.
#[derive(Clone, Debug)]
pub(crate) struct Origin(pub(crate) String);

/// A signed-in operator's request.
pub(crate) struct Desk {
    /// The site.
    pub(crate) site: Arc<Site>,
    /// Who.
    pub(crate) session: Session,
    /// In which language.
    pub(crate) lang: Lang,
    /// From which address.
    pub(crate) origin: String,
    /// Now (ms).
    pub(crate) at: i64,
    path: String,
}

impl Desk {
    /// For pages.
    pub(crate) fn reader(&self) -> Reader<'_> {
        Reader::live(self.lang, &self.site.house, self.at)
    }

    /// For the log.
    pub(crate) fn deed<'a>(&'a self, action: &'a str) -> Deed<'a> {
        Deed {
            operator: &self.session.login,
            action,
            origin: &self.origin,
        }
    }

    /// What this session's forms carry.
    pub(crate) fn token(&self) -> String {
        self.session.form_token(&self.site.keys)
    }

    /// The head of a page of the desk.
    pub(crate) fn head(&self, title: String) -> Head {
        Head {
            about: title.clone(),
            title,
            path: self.path.clone(),
            public: false,
            operator: Some((self.session.login.clone(), self.token())),
        }
    }
}

impl FromRequestParts<Arc<Site>> for Desk {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Response> {
        let lang = chosen_lang(&parts.uri, &parts.headers);
        let at = (site.clock)();
        let value = cookie(&parts.headers, cookie_name(site)).unwrap_or_default();
        let found = operators::find(&site.db, &site.keys, value, at).await;
        match found {
            Ok(Some(session)) => {
                let origin = parts
                    .extensions
                    .get::<Origin>()
                    .map_or_else(|| "-".to_owned(), |from| from.0.clone());
                let path = parts.uri.path().to_owned();
                Ok(Self {
                    site: site.clone(),
                    session,
                    lang,
                    origin,
                    at,
                    path,
                })
            }
            Ok(None) => {
                let reader = Reader::live(lang, &site.house, at);
                Err(Redirect::to(&reader.href("/desk/sign-in")).into_response())
            }
            Err(error) => Err(store_away(site, lang, &error)),
        }
    }
}

/// The desk's cookie: another name than the portal's, because cookies ignore ports.
pub(crate) fn cookie_name(site: &Site) -> &'static str {
    if site.house.is_https() {
        "__Host-neul_desk"
    } else {
        "neul_desk"
    }
}

/// A page of the desk: nobody else's, kept nowhere.
pub(crate) fn page(site: &Site, lang: Lang, status: StatusCode, html: String) -> Response {
    let mut response = Answer::new(Made::page(lang, html).status(status), site.house.is_https())
        .respond(&Method::GET, &HeaderMap::new());
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().remove(header::ETAG);
    response
}

/// After a change: on to a page that can be loaded again.
pub(crate) fn onward(path: &str) -> Response {
    Redirect::to(path).into_response()
}

/// The store cannot be used: said as it is, and that the public still sees the last state.
pub(crate) fn store_away(site: &Site, lang: Lang, error: &sqlx::Error) -> Response {
    let (id, why) = away(site, lang, error);
    let reader = Reader::live(lang, &site.house, (site.clock)());
    let html = error_page(reader, word!(lang, desk.store_away), why, Some(id));
    page(site, lang, StatusCode::SERVICE_UNAVAILABLE, html)
}

/// The id under which a failure of the store stands in the log, and what it means for the operator.
pub(crate) fn away(site: &Site, lang: Lang, error: &sqlx::Error) -> (String, String) {
    let id = crate::db::new_id();
    tracing::error!(id, %error, "the desk could not use its store");
    let shown = site.house.times.full(lang, site.snapshot().world.at);
    (id, word!(lang, desk.store_away_why, time = shown))
}

/// A request that is refused: another site's form, an old form.
pub(crate) fn refused(site: &Site, lang: Lang, status: StatusCode, why: String) -> Response {
    let reader = Reader::live(lang, &site.house, (site.clock)());
    let html = error_page(reader, word!(lang, desk.refused), why, None);
    page(site, lang, status, html)
}
