//! A site of its own for each test, with a clock that stands until it is moved, and a browser without scripts.

use std::{
    collections::HashMap,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

use reqwest::{Client, Response, StatusCode, header, redirect};
use serde_json::Value;
use status::{Config, StatusError};
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinHandle};

pub const LOGIN: &str = "operator";
pub const PASSWORD: &str = "a long enough password";
/// Tue 24 Nov 2026, 15:00 in Korea.
pub const START: i64 = 1_795_500_000_000;
pub const MINUTE: i64 = 60_000;

pub struct Site {
    pub dir: TempDir,
    pub base: String,
    clock: Arc<AtomicI64>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), StatusError>>,
}

pub fn config(dir: &Path, clock: &Arc<AtomicI64>) -> Config {
    let mut config = Config::new(SocketAddr::from(([127, 0, 0, 1], 0)), dir);
    let clock = clock.clone();
    config.clock = Arc::new(move || clock.load(Ordering::Relaxed));
    config
}

impl Site {
    /// A fresh site with one operator.
    pub async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        status::operator_add(dir.path(), LOGIN, PASSWORD)
            .await
            .expect("an operator");
        Self::open(dir, Arc::new(AtomicI64::new(START)), |_| {}).await
    }

    /// As [`Site::new`], with other settings.
    pub async fn with(change: impl Fn(&mut Config)) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        status::operator_add(dir.path(), LOGIN, PASSWORD)
            .await
            .expect("an operator");
        Self::open(dir, Arc::new(AtomicI64::new(START)), change).await
    }

    async fn open(dir: TempDir, clock: Arc<AtomicI64>, change: impl Fn(&mut Config)) -> Self {
        let mut config = config(dir.path(), &clock);
        change(&mut config);
        let bound = status::bind(config).await.expect("the site binds");
        let base = format!("http://{}", bound.addr());
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(bound.run(async {
            let _ = stopped.await;
        }));
        Self {
            dir,
            base,
            clock,
            stop,
            task,
        }
    }

    /// Stops it and starts it again on the same folder.
    pub async fn restart(self) -> Self {
        self.restart_with(|_| {}).await
    }

    /// As [`Site::restart`], with other settings.
    pub async fn restart_with(self, change: impl Fn(&mut Config)) -> Self {
        let Self {
            dir,
            clock,
            stop,
            task,
            ..
        } = self;
        let _ = stop.send(());
        task.await.expect("no panic").expect("it stops cleanly");
        Self::open(dir, clock, change).await
    }

    /// Ends it; the folder stays.
    pub async fn end(self) -> (TempDir, Arc<AtomicI64>) {
        let _ = self.stop.send(());
        self.task.await.expect("no panic").expect("it stops cleanly");
        (self.dir, self.clock)
    }

    pub fn now(&self) -> i64 {
        self.clock.load(Ordering::Relaxed)
    }

    pub fn pass(&self, ms: i64) {
        self.clock.fetch_add(ms, Ordering::Relaxed);
    }

    pub fn browser(&self) -> Browser {
        Browser {
            base: self.base.clone(),
            client: Client::builder()
                .redirect(redirect::Policy::none())
                .build()
                .expect("a client"),
            cookies: Mutex::default(),
        }
    }

    /// A browser of the operator, signed in.
    pub async fn operator(&self) -> Browser {
        let browser = self.browser();
        let page = browser.page("/desk/sign-in").await;
        let answer = browser
            .post(
                "/desk/sign-in",
                &[
                    ("token", &hidden(&page, "token")),
                    ("login", LOGIN),
                    ("password", PASSWORD),
                ],
            )
            .await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        browser
    }

    pub async fn json(&self, path: &str) -> Value {
        let answer = self.browser().get(path).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.json().await.expect("JSON")
    }
}

/// A field of `<input type="datetime-local">`, in Korean time.
pub fn field(at: i64) -> String {
    jiff::Timestamp::from_millisecond(at)
        .expect("a time")
        .in_tz("Asia/Seoul")
        .expect("Korea")
        .strftime("%Y-%m-%dT%H:%M")
        .to_string()
}

/// Keeps cookies, sends `Origin` with forms, runs no script.
pub struct Browser {
    pub base: String,
    pub client: Client,
    pub cookies: Mutex<HashMap<String, String>>,
}

impl Browser {
    pub fn cookie_header(&self) -> String {
        let cookies = self.cookies.lock().expect("cookies");
        cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join("; ")
    }

    fn keep(&self, answer: &Response) {
        let mut cookies = self.cookies.lock().expect("cookies");
        for set in answer.headers().get_all(header::SET_COOKIE) {
            let text = set.to_str().expect("a cookie is text");
            let (name, value) = text
                .split(';')
                .next()
                .and_then(|pair| pair.split_once('='))
                .expect("a pair");
            if text.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    pub async fn get(&self, path: &str) -> Response {
        let request = self
            .client
            .get(format!("{}{path}", self.base))
            .header(header::COOKIE, self.cookie_header());
        let answer = request.send().await.expect("an answer");
        self.keep(&answer);
        answer
    }

    pub async fn page(&self, path: &str) -> String {
        self.get(path).await.text().await.expect("text")
    }

    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Response {
        let body = serde_urlencoded::to_string(form).expect("a form");
        let answer = self
            .client
            .post(format!("{}{path}", self.base))
            .header(header::COOKIE, self.cookie_header())
            .header(header::ORIGIN, &self.base)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await
            .expect("an answer");
        self.keep(&answer);
        answer
    }

    /// Opens an incident as the desk's form would; the defaults of the form stand where nothing is given.
    pub async fn open(&self, site: &Site, more: &[(&str, &str)]) -> Response {
        let page = self.page("/desk").await;
        let started = field(site.now());
        let (token, form) = (hidden(&page, "token"), hidden(&page, "form"));
        let mut fields = HashMap::from([
            ("token", token.as_str()),
            ("form", form.as_str()),
            ("title_ko", "결제가 되지 않습니다"),
            ("title_en", "Payments do not work"),
            ("body_ko", "원인을 찾고 있습니다."),
            ("body_en", "We are looking for the cause."),
            ("status", "investigating"),
            ("impact", "critical"),
            ("component-payment", "major_outage"),
            ("started", started.as_str()),
        ]);
        fields.extend(more.iter().copied());
        self.post("/desk/incidents", &fields.into_iter().collect::<Vec<_>>())
            .await
    }

    /// As [`Browser::open`]; gives back the incident's id.
    pub async fn opened(&self, site: &Site, more: &[(&str, &str)]) -> String {
        let answer = self.open(site, more).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        id_in(&answer)
    }

    /// Says the next word on an incident.
    pub async fn update(&self, id: &str, more: &[(&str, &str)]) -> Response {
        let path = format!("/desk/incidents/{id}");
        let page = self.page(&path).await;
        let (token, form) = (hidden(&page, "token"), hidden(&page, "form"));
        let mut fields = HashMap::from([
            ("token", token.as_str()),
            ("form", form.as_str()),
            ("body_ko", "새 소식입니다."),
            ("body_en", "There is news."),
            ("impact", "critical"),
        ]);
        fields.extend(more.iter().copied());
        self.post(&path, &fields.into_iter().collect::<Vec<_>>()).await
    }
}

/// The incident's id in a redirect.
pub fn id_in(answer: &Response) -> String {
    let location = answer.headers()[header::LOCATION].to_str().expect("text");
    let last = location.rsplit('/').next().expect("a path");
    last.split('?').next().expect("an id").to_owned()
}

/// The value of a hidden field: the last form of that page that has one is the page's own.
pub fn hidden(page: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let start = page
        .rfind(&mark)
        .unwrap_or_else(|| panic!("no field {name} in {page}"))
        + mark.len();
    page[start..].split('"').next().expect("a value").to_owned()
}
