//! Every address of the portal. Who may see a page stands in `app::access::ROUTES` and is enforced twice:
//! by a layer before the page, and inside the page, which takes its municipality from the session alone.

use std::time::Duration;

use app::House;
use axum::{
    Router,
    body::Body,
    extract::DefaultBodyLimit,
    http::{HeaderValue, Response, StatusCode, header},
    middleware::{from_fn, from_fn_with_state},
    routing::any,
};
use tower::ServiceBuilder;
use tower_http::{services::ServeDir, set_header::SetResponseHeaderLayer, timeout::TimeoutLayer};

use crate::{
    api,
    layers::{self, Lanes},
};

/// A page that takes longer is given up; uploads have their own limit.
const PAGE_DEADLINE: Duration = Duration::from_secs(20);

/// The portal.
pub fn portal(house: House, tls: bool) -> Router {
    portal_in(house, tls, Lanes::default())
}

/// The portal with lanes of another width.
pub fn portal_in(house: House, tls: bool, lanes: Lanes) -> Router {
    let site = house.assets.site_dir.clone();
    let api = api::router(house.clone());
    let pages = app::routes::pages()
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            PAGE_DEADLINE,
        ))
        .merge(app::routes::uploads().layer(DefaultBodyLimit::disable()))
        .fallback(app::routes::not_found)
        .layer(
            ServiceBuilder::new()
                .layer(from_fn_with_state((lanes, house.clone()), layers::lanes))
                .layer(from_fn_with_state(house.clone(), layers::same_origin))
                .layer(from_fn_with_state(house.clone(), app::access::guard)),
        )
        .with_state(house);
    let portal = Router::new()
        .nest_service(
            "/pkg",
            files(format!("{site}/pkg"), "public, max-age=31536000, immutable"),
        )
        .nest_service(
            "/fonts",
            files(format!("{site}/fonts"), "public, max-age=31536000, immutable"),
        )
        .nest_service("/icons", files(format!("{site}/icons"), "public, max-age=86400"))
        .merge(root_files(&site))
        .nest("/api/v1", api)
        // The one address below it that a nested router is not asked for.
        .route("/api/v1/", any(|| async { api::Problem::not_found() }))
        .merge(pages);
    layers::reload(portal)
        .layer(from_fn_with_state(tls, layers::security))
        .layer(from_fn(layers::trace))
}

fn files(
    folder: String,
    cache: &'static str,
) -> tower::util::BoxCloneSyncService<axum::extract::Request, Response<Body>, std::convert::Infallible> {
    let service = ServiceBuilder::new()
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            HeaderValue::from_static(cache),
        ))
        .map_response(|response: Response<_>| response.map(Body::new))
        .service(ServeDir::new(folder).precompressed_br());
    tower::util::BoxCloneSyncService::new(service)
}

/// Files that browsers ask for at the root.
fn root_files(site: &str) -> Router {
    let mut router = Router::new();
    for name in [
        "favicon.svg",
        "favicon.ico",
        "icons.svg",
        "manifest.webmanifest",
        "robots.txt",
    ] {
        let file = tower_http::services::ServeFile::new(format!("{site}/{name}")).precompressed_br();
        let service = ServiceBuilder::new()
            .layer(SetResponseHeaderLayer::if_not_present(
                header::CACHE_CONTROL,
                HeaderValue::from_static("public, max-age=86400"),
            ))
            .service(file);
        router = router.route_service(&format!("/{name}"), service);
    }
    for (name, policy) in [
        // The worker asks this site and nobody else; the page's policy does not hold for it.
        ("sw.js", "default-src 'none'; connect-src 'self'"),
        ("offline.js", "default-src 'none'"),
    ] {
        let file = tower_http::services::ServeFile::new(format!("{site}/{name}")).precompressed_br();
        let header =
            |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
        let service = ServiceBuilder::new()
            .layer(header(header::CACHE_CONTROL, "no-cache"))
            .layer(header(header::CONTENT_SECURITY_POLICY, policy))
            .service(file);
        router = router.route_service(&format!("/{name}"), service);
    }
    router
}
