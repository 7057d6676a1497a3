//! Each word goes to whoever said yes to it, by mail and by signed webhook, and to nobody else.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::Sha256;
use status::{MailServer, Outbound};

use crate::{
    house::{MINUTE, Site},
    mailbox::Mailbox,
};

async fn site(mailbox: &Mailbox) -> Site {
    let url = format!("smtp://{}", mailbox.addr);
    Site::with(move |config| {
        config.outbound = Some(Outbound {
            mail: Some(MailServer {
                url: url.clone(),
                from: "Neul <status@example.kr>".to_owned(),
            }),
            allow_private: true,
        });
    })
    .await
}

#[tokio::test]
async fn a_mail_address_gets_each_word_after_it_said_yes_and_none_after_one_click() {
    let mailbox = Mailbox::new().await;
    let site = site(&mailbox).await;
    let desk = site.operator().await;
    let public = site.browser();
    let fields = [
        ("way", "email"),
        ("address", "Citizen@Example.kr"),
        ("component-payment", "yes"),
    ];
    let answer = public.post("/subscribe?lang=en", &fields).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let first = answer.text().await.expect("text");
    let question = mailbox.wait(1).await;
    assert_eq!(question.to, "Citizen@Example.kr");

    // Not yet confirmed: nothing is sent. A second request looks the same and sends nothing.
    let unconfirmed = desk.opened(&site, &[]).await;
    desk.update(&unconfirmed, &[("status", "resolved")]).await;
    let again = public
        .post("/subscribe?lang=en", &fields)
        .await
        .text()
        .await
        .expect("text");
    assert_eq!(first, again, "nobody learns whether an address is there");
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert_eq!(mailbox.mails().len(), 1);

    // Looking at the link is not saying yes.
    let link = question.link("/subscribe/confirm");
    let page = public.page(&link).await;
    assert!(page.contains("Press the button"));
    let id = desk.opened(&site, &[]).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(mailbox.mails().len(), 1);
    assert_eq!(public.post(&link, &[]).await.status(), StatusCode::OK);

    desk.update(
        &id,
        &[
            ("status", "identified"),
            ("body_en", "A switch failed & is replaced."),
        ],
    )
    .await;
    let word = mailbox.wait(2).await;
    let text = word.text();
    assert!(
        text.contains("A switch failed & is replaced.") && text.contains(&format!("/incidents/{id}?lang=en")),
        "{text}"
    );
    assert_eq!(word.header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    assert_eq!(word.header("Auto-Submitted"), "auto-generated");
    assert_eq!(
        word.header("List-Unsubscribe"),
        format!("<{}{}>", site.base, word.link("/unsubscribe"))
    );
    // Of another component: not asked for.
    desk.opened(
        &site,
        &[("component-payment", ""), ("component-payouts", "major_outage")],
    )
    .await;

    // As a mail program does it: no cookie, no origin.
    let end = word.link("/unsubscribe");
    let client = reqwest::Client::new();
    let forged = end.replace("token=", "token=0");
    let send = |path: String| {
        client
            .post(format!("{}{path}", site.base))
            .header("content-type", "application/x-www-form-urlencoded")
            .body("List-Unsubscribe=One-Click")
            .send()
    };
    assert_eq!(
        send(forged).await.expect("an answer").status(),
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        send(end.clone()).await.expect("an answer").status(),
        StatusCode::OK
    );
    assert_eq!(
        send(end).await.expect("an answer").status(),
        StatusCode::OK,
        "twice is the same"
    );
    desk.update(&id, &[("status", "resolved")]).await;
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert_eq!(mailbox.mails().len(), 2);

    // Nothing of the address is left, and it never stood there readable.
    let (dir, _) = site.end().await;
    let mut bytes = std::fs::read(dir.path().join("status.db")).expect("the store");
    bytes.extend(std::fs::read(dir.path().join("status.db-wal")).unwrap_or_default());
    let raw = String::from_utf8_lossy(&bytes).to_lowercase();
    assert!(!raw.contains("citizen@example.kr"));
}

#[tokio::test]
async fn what_a_mail_server_refuses_for_now_is_sent_later_and_once() {
    let mailbox = Mailbox::new().await;
    let site = site(&mailbox).await;
    mailbox.is_away(true);
    let answer = site
        .browser()
        .post("/subscribe", &[("way", "email"), ("address", "a@example.kr")])
        .await;
    assert_eq!(answer.status(), StatusCode::OK);
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert!(mailbox.mails().is_empty());
    mailbox.is_away(false);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert!(mailbox.mails().is_empty(), "its time has not come");
    site.pass(MINUTE);
    mailbox.wait(1).await;
    site.pass(60 * MINUTE);
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert_eq!(mailbox.mails().len(), 1);
}

#[derive(Clone, Default)]
struct Hook {
    got: Arc<Mutex<Vec<(HeaderMap, String)>>>,
    says: Arc<AtomicU16>,
}

impl Hook {
    async fn start() -> (Self, String) {
        let hook = Self::default();
        hook.says.store(200, Ordering::Relaxed);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let router = Router::new().route("/hook", post(take)).with_state(hook.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (hook, url)
    }

    async fn wait(&self, count: usize) -> (HeaderMap, Value) {
        let begun = Instant::now();
        loop {
            if let Some((headers, body)) = self.got.lock().expect("got").get(count - 1) {
                return (headers.clone(), serde_json::from_str(body).expect("JSON"));
            }
            assert!(
                begun.elapsed() < Duration::from_secs(15),
                "message {count} never came"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

async fn take(State(hook): State<Hook>, headers: HeaderMap, body: String) -> (StatusCode, String) {
    let said: Value = serde_json::from_str(&body).expect("JSON");
    hook.got.lock().expect("got").push((headers, body));
    let status = StatusCode::from_u16(hook.says.load(Ordering::Relaxed)).expect("a status");
    (
        status,
        said["data"]["challenge"].as_str().unwrap_or_default().to_owned(),
    )
}

#[tokio::test]
async fn a_webhook_is_verified_signed_and_tried_again_until_it_takes_the_message() {
    let mailbox = Mailbox::new().await;
    let site = site(&mailbox).await;
    let (hook, url) = Hook::start().await;
    let answer = site
        .browser()
        .post("/subscribe", &[("way", "webhook"), ("address", &url)])
        .await;
    assert_eq!(answer.status(), StatusCode::OK);
    let page = answer.text().await.expect("text");
    let secret = page
        .split("whsec_")
        .nth(1)
        .and_then(|rest| rest.split('<').next())
        .expect("the secret is shown once")
        .to_owned();
    let (_, question) = hook.wait(1).await;
    assert_eq!(question["type"], "subscription.verify");
    tokio::time::sleep(Duration::from_millis(1_500)).await;

    let desk = site.operator().await;
    hook.says.store(500, Ordering::Relaxed);
    let id = desk.opened(&site, &[]).await;
    let (first, said) = hook.wait(2).await;
    assert_eq!(said["type"], "incident.updated");
    assert_eq!(said["data"]["incident"]["id"], id.as_str());
    assert_eq!(
        said["data"]["incident"]["incident_updates"][0]["status"],
        "investigating"
    );
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    hook.says.store(200, Ordering::Relaxed);
    site.pass(MINUTE);
    let (second, _) = hook.wait(3).await;
    assert_eq!(first["webhook-id"], second["webhook-id"], "the same message");
    for index in [1, 2] {
        let (headers, body) = hook.got.lock().expect("got")[index].clone();
        let text = |name: &str| headers[name].to_str().expect("text").to_owned();
        let key = STANDARD.decode(&secret).expect("base64");
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key");
        mac.update(format!("{}.{}.{body}", text("webhook-id"), text("webhook-timestamp")).as_bytes());
        let wanted = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        assert_eq!(text("webhook-signature"), wanted);
    }
    // Gone: never again.
    hook.says.store(410, Ordering::Relaxed);
    desk.update(&id, &[("status", "resolved")]).await;
    hook.wait(4).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    desk.opened(&site, &[]).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(hook.got.lock().expect("got").len(), 4);
}

#[tokio::test]
async fn by_default_a_webhook_leads_nowhere_inside_and_the_form_says_what_is_wrong_beside_the_field() {
    let site = Site::with(|config| config.outbound = Some(Outbound::default())).await;
    let (hook, url) = Hook::start().await;
    let port = url
        .rsplit(':')
        .next()
        .and_then(|rest| rest.split('/').next())
        .expect("a port")
        .to_owned();
    let browser = site.browser();
    for inside in [
        url.as_str(),
        "https://user:pass@example.kr/",
        "ftp://example.kr/",
        "nothing",
    ] {
        let answer = browser
            .post("/subscribe", &[("way", "webhook"), ("address", inside)])
            .await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{inside}");
        let page = answer.text().await.expect("text");
        assert!(
            page.contains("id=\"address-error\"")
                && page.contains("aria-describedby=\"address-hint address-error\"")
        );
    }
    // A name that leads inside is refused at the sending.
    let named = format!("https://localhost:{port}/hook");
    let answer = browser
        .post("/subscribe", &[("way", "webhook"), ("address", &named)])
        .await;
    assert_eq!(answer.status(), StatusCode::OK);
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert!(hook.got.lock().expect("got").is_empty());
    // No mail server: no mail.
    let answer = browser
        .post("/subscribe", &[("way", "email"), ("address", "a@example.kr")])
        .await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    // And not without end.
    let mut last = StatusCode::OK;
    for n in 0..25 {
        let address = format!("https://localhost:{port}/{n}");
        last = browser
            .post("/subscribe", &[("way", "webhook"), ("address", &address)])
            .await
            .status();
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn where_nothing_leaves_the_site_nobody_can_subscribe() {
    let site = Site::new().await;
    assert_eq!(
        site.browser().get("/subscribe").await.status(),
        StatusCode::NOT_FOUND
    );
    assert!(!site.browser().page("/").await.contains("/subscribe"));
}
