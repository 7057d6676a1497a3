//! A house with two municipalities and somebody of every kind, on either engine.

use std::{
    path::PathBuf,
    sync::{Arc, atomic::AtomicI64},
};

use app::{
    House,
    house::{Assets, Settings},
};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request, Response, StatusCode, header},
};
use ledger::{ExpiryRule, Ledger, NewMunicipality, NewProgramme, Operation};
use people::{Client, Keys, NewStaff, Outbox, People, Policy, Role};
use store::testing::TestStore;
use tokio::sync::{Notify, watch};
use tower::ServiceExt;

/// 경기도 시흥시.
pub const OWN: i64 = 41390;
/// 경기도 군포시.
pub const OTHER: i64 = 41410;
/// 2026-03-02 12:00 in Seoul.
pub const NOW: i64 = 1_772_420_400_000;
pub const PASSWORD: &str = "고요한 바다 위 서른두 척";

/// Who knocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visitor {
    Stranger,
    Citizen,
    Staff(Role),
}

pub struct TestHouse {
    pub house: House,
    pub router: Router,
    pub outbox: Arc<Outbox>,
    pub log_keys: tlog::Keys,
    pub own_programme: i64,
    pub other_programme: i64,
    pub own_merchant: i64,
    _store: TestStore,
    _folder: tempfile::TempDir,
}

pub struct Answer {
    pub status: StatusCode,
    pub location: String,
    pub body: String,
    pub cookies: Vec<String>,
}

impl TestHouse {
    pub async fn new(store: TestStore) -> Self {
        let folder = tempfile::tempdir().unwrap();
        store.store.migrate(&ledger::MIGRATIONS).await.unwrap();
        store.store.migrate(&people::MIGRATIONS).await.unwrap();
        let ledger = Ledger::new(store.store.clone());
        let outbox = Arc::new(Outbox::default());
        let log_keys = tlog::Keys::parse(&tlog::Keys::generate("test/log")).unwrap();
        let keys = Keys::load_or_make(folder.path()).unwrap();
        let people = People::new(store.store.clone(), keys, outbox.clone(), Policy::default());
        // What is tried here is not the second factor, but for its own tests, whose officials set one up.
        people.mark_demo(NOW).await.unwrap();
        for (code, name_en) in [(OWN, "Siheung-si"), (OTHER, "Gunpo-si")] {
            let new = NewMunicipality {
                code,
                name_en: name_en.into(),
                currency_name: "시루".into(),
                currency_name_en: "Siru".into(),
                help_line: "031-310-0000".into(),
                help_hours: "09–18".into(),
            };
            ledger.open_municipality(new, NOW).await.unwrap();
        }
        let mut ids = Vec::new();
        for municipality in [OWN, OTHER] {
            let new = NewProgramme::given("청년기본소득", "Youth", ExpiryRule::Months(6), "test");
            ids.push(ledger.create_programme(municipality, new, NOW).await.unwrap().id);
        }
        let shop = ledger::NewMerchant {
            code: "A001".into(),
            name: "할매국밥".into(),
            category: ledger::Category::Restaurant,
            revenue_won_year: 100_000_000,
            address: "경기도 시흥시".into(),
            district: "대야동".into(),
        };
        let own_merchant = ledger.create_merchant(OWN, shop, NOW).await.unwrap().id;
        for role in Role::ALL {
            let municipality = if role == Role::Operator { 0 } else { OWN };
            add_staff(
                &people,
                municipality,
                role.name(),
                role,
                (role == Role::Merchant).then_some(own_merchant),
            )
            .await;
        }
        for role in [Role::Clerk, Role::Approver, Role::Auditor, Role::Administrator] {
            add_staff(&people, OTHER, &format!("other-{}", role.name()), role, None).await;
        }
        let (municipalities, _) = watch::channel(ledger.municipalities().await.unwrap());
        let (_, status) = watch::channel(app::incidents::StatusNow::default());
        let house = House {
            ledger,
            people,
            status,
            municipalities,
            calm: app::calm::Calm::default(),
            card_lists: app::cards::CardLists::new(ledger::ListKey::from_hex(&"07".repeat(32)).unwrap()),
            payout_approved: Arc::new(Notify::new()),
            bank_rung: Arc::new(Notify::new()),
            assets: Arc::new(Assets {
                css: "neul.css".into(),
                site_dir: folder.path().display().to_string(),
            }),
            settings: Arc::new(Settings {
                status_url: "http://127.0.0.1:1".into(),
                portal_url: "http://127.0.0.1:2".into(),
                secure_cookies: false,
                roster_max_bytes: 1 << 20,
                upload_dir: PathBuf::from(folder.path()),
                demo: true,
                bank: false,
                outbox: Some(outbox.clone()),
            }),
            log_keys: Arc::new(log_keys.verifying().clone()),
            frozen_at: Arc::new(AtomicI64::new(NOW)),
        };
        let test = Self {
            log_keys,
            router: server::routes::portal(house.clone(), false),
            house,
            outbox,
            own_programme: ids[0],
            other_programme: ids[1],
            own_merchant,
            _store: store,
            _folder: folder,
        };
        test.sign_up().await;
        test
    }

    async fn sign_up(&self) {
        let people = &self.house.people;
        let proof = people
            .begin_proof(people::Purpose::SignUp, "01012345678", "127.0.0.1", NOW)
            .await
            .unwrap();
        let code = self
            .outbox
            .messages()
            .last()
            .map(people::OutboxMessage::code)
            .unwrap();
        let proven = people.prove(&proof, &code, NOW).await.unwrap();
        let new = people::SignUp {
            login_id: "citizen".into(),
            password: PASSWORD.into(),
            name: "이하늘".into(),
            birth: jiff::civil::date(1999, 3, 14),
            proven,
            municipality: OWN,
            consent_terms: true,
            consent_privacy: true,
        };
        people.sign_up(new, "127.0.0.1", NOW).await.unwrap();
    }

    /// Whose wallet the citizen's is.
    pub async fn citizen(&self) -> i64 {
        let person = people::Person::new("이하늘", jiff::civil::date(1999, 3, 14), "01012345678").unwrap();
        let found = self.house.people.find_holder(OWN, &person).await;
        found.unwrap().unwrap()
    }

    /// Money in a holder's wallet.
    pub async fn give(&self, municipality: i64, programme: i64, holder: i64, amount_won: i64) {
        for (key, operation) in [
            (
                "fund",
                Operation::Fund {
                    programme,
                    amount_won,
                },
            ),
            (
                "grant",
                Operation::Grant {
                    programme,
                    holder,
                    amount_won,
                    payout: None,
                },
            ),
        ] {
            self.post(municipality, &format!("{key} {holder} {amount_won}"), operation)
                .await;
        }
    }

    /// One transfer.
    pub async fn post(&self, municipality: i64, key: &str, operation: Operation) -> ledger::Receipt {
        let request = ledger::Request {
            municipality,
            key: key.into(),
            actor: "test".into(),
            at: NOW,
            operation,
        };
        self.house.ledger.post(request).await.unwrap()
    }

    /// A visitor's cookie header; empty for a stranger.
    pub async fn cookie(&self, login_id: &str) -> String {
        let client = Client::new("127.0.0.1", "test");
        let signed_in = self
            .house
            .people
            .sign_in(login_id, PASSWORD, &client, NOW)
            .await
            .unwrap();
        format!("neul={}", signed_in.cookie_value)
    }

    pub async fn cookie_of(&self, visitor: Visitor) -> String {
        match visitor {
            Visitor::Stranger => String::new(),
            Visitor::Citizen => self.cookie("citizen").await,
            Visitor::Staff(role) => self.cookie(role.name()).await,
        }
    }

    /// One request as a browser on one of our own pages would send it.
    pub async fn ask(&self, method: &str, path: &str, cookie: &str, form: Option<&[(&str, &str)]>) -> Answer {
        let mut request = Request::builder()
            .method(method.parse::<Method>().unwrap())
            .uri(path)
            .header(header::HOST, "127.0.0.1")
            .header("sec-fetch-site", "same-origin");
        if !cookie.is_empty() {
            request = request.header(header::COOKIE, cookie);
        }
        let body = match form {
            None => Body::empty(),
            Some(values) => {
                request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
                Body::from(serde_urlencoded::to_string(values).unwrap())
            }
        };
        answer(
            self.router
                .clone()
                .oneshot(request.body(body).unwrap())
                .await
                .unwrap(),
        )
        .await
    }

    pub async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.ask("GET", path, cookie, None).await
    }

    /// The token that a form of this page carries.
    pub async fn token(&self, page: &str, cookie: &str) -> String {
        let page = self.get(page, cookie).await;
        let after = page
            .body
            .split("name=\"_token\" value=\"")
            .nth(1)
            .expect("the page has a form");
        after.split('"').next().unwrap().replace("&amp;", "&")
    }
}

pub async fn answer(response: Response<Body>) -> Answer {
    let status = response.status();
    let text = |name: header::HeaderName| {
        response
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    let location = text(header::LOCATION);
    let cookies = response
        .headers()
        .get_all(header::SET_COOKIE)
        .iter()
        .filter_map(|value| Some(value.to_str().ok()?.to_owned()))
        .collect();
    let body = to_bytes(response.into_body(), 10 << 20).await.unwrap();
    Answer {
        status,
        location,
        body: String::from_utf8_lossy(&body).into_owned(),
        cookies,
    }
}

async fn add_staff(people: &People, municipality: i64, login_id: &str, role: Role, merchant: Option<i64>) {
    let new = NewStaff {
        municipality,
        login_id: login_id.into(),
        name: format!("{login_id} 님"),
        roles: [role].into_iter().collect(),
        password: PASSWORD.into(),
        merchant,
    };
    people.add_staff(new, "test", NOW).await.unwrap();
}
