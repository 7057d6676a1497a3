//! The site as a witness of a log, before a portal of the test's own that can be honest, forked, shrunk, or signed
//! by somebody else.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    extract::{RawQuery, State},
    http::StatusCode,
    routing::get,
};
use serde_json::Value;
use tlog::{Checkpoint, Hash, Keys, Tail, Tiles, leaf_hash};

use crate::house::Site;

/// What the portal answers.
struct Portal {
    keys: Keys,
    leaves: Vec<Hash>,
}

impl Portal {
    fn tree(&self, size: usize) -> (Tiles, Hash) {
        let (mut tail, mut tiles) = (Tail::default(), Tiles::default());
        for (id, hashes) in tail.append(&self.leaves[..size]) {
            tiles.insert(id, hashes);
        }
        (tiles, tail.root())
    }

    fn checkpoint(&self) -> String {
        let size = self.leaves.len();
        Checkpoint::sign(&self.keys, size as u64, self.tree(size).1).expect("signed")
    }
}

type Shared = Arc<Mutex<Portal>>;

async fn consistency(State(portal): State<Shared>, RawQuery(query): RawQuery) -> (StatusCode, String) {
    let query = query.unwrap_or_default();
    let number = |name: &str| -> u64 {
        let found = query
            .split('&')
            .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        found.and_then(|text| text.parse().ok()).expect("a number")
    };
    let (from, to) = (number("from"), number("to"));
    let portal = portal.lock().unwrap();
    let (tiles, _) = portal.tree(to as usize);
    let hashes: Vec<String> = tiles
        .consistency(to, from)
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    (
        StatusCode::OK,
        serde_json::json!({"from": from, "to": to, "hashes": hashes}).to_string(),
    )
}

async fn serve(portal: Shared) -> String {
    let router =
        Router::new()
            .route(
                "/log/checkpoint",
                get(|State(portal): State<Shared>| async move { portal.lock().unwrap().checkpoint() }),
            )
            .route(
                "/log/keys",
                get(|State(portal): State<Shared>| async move {
                    portal.lock().unwrap().keys.verifying().to_string()
                }),
            )
            .route("/log/consistency", get(consistency))
            .with_state(portal);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

fn leaves(from: usize, until: usize, what: &str) -> impl Iterator<Item = Hash> {
    (from..until).map(move |number| leaf_hash(&[7; 16], &format!("{what} {number}")))
}

async fn json(site: &Site) -> Value {
    let text = reqwest::get(format!("{}/api/log.json", site.base))
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Waits until the public document says so.
async fn until(site: &Site, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..400 {
        let now = json(site).await;
        if fits(&now) {
            return now;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{what}: {}", json(site).await);
}

async fn witness(portal: &Shared) -> Site {
    let url = serve(portal.clone()).await;
    Site::with(|config| {
        config.portal_url.clone_from(&url);
        config.log_every = Some(Duration::from_millis(30));
    })
    .await
}

fn portal(size: usize) -> (Shared, String) {
    let key = Keys::generate("test/log");
    let portal = Portal {
        keys: Keys::parse(&key).unwrap(),
        leaves: leaves(0, size, "leaf").collect(),
    };
    (Arc::new(Mutex::new(portal)), key)
}

async fn page(site: &Site, path: &str) -> String {
    reqwest::get(format!("{}{path}", site.base))
        .await
        .unwrap()
        .text()
        .await
        .unwrap()
}

#[tokio::test]
async fn an_honest_log_is_shown_as_it_grows_and_its_key_can_be_rotated() {
    let (portal, old) = portal(300);
    let site = witness(&portal).await;
    until(&site, "seen", |now| now["latest"]["size"] == 300).await;
    portal.lock().unwrap().leaves.extend(leaves(300, 700, "leaf"));
    let grown = until(&site, "grown", |now| now["latest"]["size"] == 700).await;
    assert_eq!(grown["alarm"], Value::Null);
    assert_eq!(grown["history"].as_array().unwrap().len(), 2);
    // A new key signs beside the old one, then alone.
    let new = Keys::generate("test/log");
    portal.lock().unwrap().keys = Keys::parse(&format!("{new},{old}")).unwrap();
    until(&site, "the new key is believed", |now| {
        now["keys"].as_array().unwrap().len() == 2
    })
    .await;
    {
        let mut portal = portal.lock().unwrap();
        portal.keys = Keys::parse(&new).unwrap();
        portal.leaves.extend(leaves(700, 701, "leaf"));
    }
    let now = until(&site, "signed by the new key alone", |now| {
        now["latest"]["size"] == 701
    })
    .await;
    assert_eq!(now["alarm"], Value::Null);
    let html = page(&site, "/log?lang=en").await;
    assert!(html.contains("701") && html.contains("test/log"), "{html}");
    assert!(!html.contains("An operator is looking"), "{html}");
    site.end().await;
}

#[tokio::test]
async fn a_fork_is_an_alarm_until_an_operator_has_looked() {
    let (portal, _) = portal(300);
    let site = witness(&portal).await;
    until(&site, "seen", |now| now["latest"]["size"] == 300).await;
    // One old leaf is another, and the log goes on.
    {
        let mut portal = portal.lock().unwrap();
        portal.leaves[17] = leaf_hash(&[7; 16], "another");
        portal.leaves.extend(leaves(300, 310, "leaf"));
    }
    let forked = until(&site, "an alarm", |now| now["alarm"] == "forked").await;
    assert_eq!(forked["latest"]["size"], 300);
    for path in ["/?lang=en", "/log?lang=en"] {
        let html = page(&site, path).await;
        assert!(html.contains("An operator is looking into it"), "{path}: {html}");
    }
    // It ends by an operator's word, and both chains stay on record.
    assert!(
        status::log_accept(site.dir.path(), "kim", site.now())
            .await
            .unwrap()
    );
    let after = until(&site, "begun anew", |now| now["latest"]["size"] == 310).await;
    assert_eq!(after["alarm"], Value::Null);
    assert_eq!(after["latest"]["began_anew"], true);
    assert_eq!(after["alarms"].as_array().unwrap().len(), 1);
    // And not for ever: the next fork is one again.
    site.pass(1);
    tokio::time::sleep(Duration::from_millis(200)).await;
    portal.lock().unwrap().leaves[3] = leaf_hash(&[7; 16], "again");
    until(&site, "a second alarm", |now| now["alarm"] == "forked").await;
    site.end().await;
}

#[tokio::test]
async fn a_log_that_shrinks_or_is_signed_by_another_key_is_an_alarm() {
    let (portal, _) = portal(300);
    let site = witness(&portal).await;
    until(&site, "seen", |now| now["latest"]["size"] == 300).await;
    portal.lock().unwrap().leaves.truncate(299);
    until(&site, "shrunk", |now| now["alarm"] == "shrunk").await;
    site.end().await;

    let (portal, _) = self::portal(5);
    let site = witness(&portal).await;
    until(&site, "seen", |now| now["latest"]["size"] == 5).await;
    portal.lock().unwrap().keys = Keys::parse(&Keys::generate("test/log")).unwrap();
    let now = until(&site, "another's signature", |now| now["alarm"] == "signature").await;
    assert_eq!(now["keys"].as_array().unwrap().len(), 1);
    site.end().await;
}
