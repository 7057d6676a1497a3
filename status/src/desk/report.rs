//! `/desk/incidents/{id}/report` and `report.xlsx`: the form for the regulator.

use axum::{
    body::Body,
    extract::Path,
    http::{HeaderValue, StatusCode, Uri, header},
    response::Response,
};

use super::{Desk, incident::find, page};
use crate::{
    http::{failure, query_value},
    incidents::{Incident, Kind},
    pages::not_found,
    report::{Stage, report_page, workbook},
    words::word,
};

/// The incident, and which of the three reports; the first where none is named.
async fn asked(desk: &Desk, id: &str, uri: &Uri) -> Result<(Incident, Stage), Response> {
    let incident = find(desk, id).await?;
    let stage = query_value(uri, "stage").map_or(Some(Stage::First), Stage::parse);
    match (incident.kind, stage) {
        (Kind::Incident, Some(stage)) => Ok((incident, stage)),
        _ => Err(page(
            &desk.site,
            desk.lang,
            StatusCode::NOT_FOUND,
            not_found(desk.reader()),
        )),
    }
}

/// The page.
pub(super) async fn show(desk: Desk, Path(id): Path<String>, uri: Uri) -> Response {
    let (incident, stage) = match asked(&desk, &id, &uri).await {
        Ok(asked) => asked,
        Err(response) => return response,
    };
    let snapshot = desk.site.snapshot();
    let head = desk.head(word!(desk.lang, report.title));
    let html = report_page(desk.reader(), head, &incident, &snapshot.world.components, stage);
    page(&desk.site, desk.lang, StatusCode::OK, html)
}

/// The workbook.
pub(super) async fn sheet(desk: Desk, Path(id): Path<String>, uri: Uri) -> Response {
    let (incident, stage) = match asked(&desk, &id, &uri).await {
        Ok(asked) => asked,
        Err(response) => return response,
    };
    let snapshot = desk.site.snapshot();
    match workbook(desk.reader(), &incident, &snapshot.world.components, stage) {
        Ok(bytes) => {
            let mut response = Response::new(Body::from(bytes));
            let map = response.headers_mut();
            map.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            );
            let name = format!(
                "attachment; filename=\"report-{}-{}.xlsx\"",
                incident.id,
                stage.as_str()
            );
            if let Ok(name) = HeaderValue::from_str(&name) {
                map.insert(header::CONTENT_DISPOSITION, name);
            }
            response
        }
        Err(error) => failure(&desk.site, desk.lang, &error),
    }
}
