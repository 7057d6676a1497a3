//! What the room promises, on both engines.

mod accounts;
mod api_keys;
mod audit;
mod claims;
mod codes;
mod erasure;
mod gateway;
mod invitations;
mod keys;
mod person;
mod personal_data;
mod proofs;
mod recovery;
mod reveals;
mod rotation;
mod second_factor;
mod sessions;
mod sign_in;
mod sign_up;
mod staff;
mod theirs;

use std::sync::Arc;

use jiff::civil::{Date, date};
use people::{
    Client, Keys, Login, MIGRATIONS, Outbox, People, Person, Policy, ProvenPhone, Purpose, SignUp,
    SignUpError, SignedIn,
};
use store::testing::{TestStore, both};

/// 24 November 2026, 09:00 in Seoul.
pub(crate) const NOW: i64 = 1_795_478_400_000;
pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;
/// 시흥시 and 군포시.
pub(crate) const HOME: i64 = 41390;
pub(crate) const OTHER: i64 = 41410;
pub(crate) const PASSWORD: &str = "맑은 날 감나무 아래 7";
pub(crate) const PHONE: &str = "01012345678";
pub(crate) const BIRTH: Date = date(1984, 5, 7);
pub(crate) const CHROME: &str = "Mozilla/5.0 (Linux; Android 14; SM-S921N) AppleWebKit/537.36 (KHTML, like Gecko) \
     Chrome/126.0.0.0 Mobile Safari/537.36";
pub(crate) const FIREFOX: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0";

pub(crate) fn key(letter: char) -> String {
    letter.to_string().repeat(64)
}

pub(crate) fn keys() -> Keys {
    Keys::parse(&key('a'), &key('b')).expect("keys")
}

/// Hashing that costs next to nothing: what it costs is not what these tests are about.
pub(crate) fn policy() -> Policy {
    Policy {
        argon2: (8, 1, 1),
        seen_wait_ms: 30_000,
        ..Policy::default()
    }
}

/// One room on one engine, with its outbox.
pub(crate) struct House {
    pub(crate) people: People,
    pub(crate) outbox: Outbox,
    pub(crate) test: TestStore,
}

impl House {
    pub(crate) async fn new(test: TestStore, keys: Keys, policy: Policy) -> Self {
        test.store.migrate(&MIGRATIONS).await.expect("migrations run");
        let outbox = Outbox::new();
        let people = People::new(test.store.clone(), keys, Arc::new(outbox.clone()), policy);
        Self { people, outbox, test }
    }

    /// Another process over the same database.
    pub(crate) fn again(&self, keys: Keys) -> People {
        People::new(
            self.test.store.clone(),
            keys,
            Arc::new(self.outbox.clone()),
            policy(),
        )
    }

    pub(crate) async fn proven(&self, purpose: Purpose, phone: &str, at: i64) -> ProvenPhone {
        let id = self
            .people
            .begin_proof(purpose, phone, "203.0.113.7", at)
            .await
            .expect("a code is sent");
        let code = self.outbox.last_code(phone).expect("the code is in the outbox");
        self.people
            .prove(&id, &code, at)
            .await
            .expect("the code proves the phone")
    }

    pub(crate) async fn form(&self, login_id: &str, name: &str, phone: &str) -> SignUp {
        SignUp {
            login_id: login_id.to_owned(),
            password: PASSWORD.to_owned(),
            name: name.to_owned(),
            birth: BIRTH,
            proven: self.proven(Purpose::SignUp, phone, NOW).await,
            municipality: HOME,
            consent_terms: true,
            consent_privacy: true,
        }
    }

    pub(crate) async fn sign_up(
        &self,
        login_id: &str,
        name: &str,
        phone: &str,
    ) -> Result<Login, SignUpError> {
        let form = self.form(login_id, name, phone).await;
        self.people.sign_up(form, "203.0.113.7", NOW).await
    }

    pub(crate) async fn sign_in(&self, login_id: &str, at: i64) -> SignedIn {
        self.people
            .sign_in(login_id, PASSWORD, &phone_client(), at)
            .await
            .expect("signs in")
    }

    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        let (count,): (i64,) = sqlx::query_as(sql)
            .fetch_one(&self.test.store.read)
            .await
            .expect("counts");
        count
    }
}

pub(crate) fn phone_client() -> Client {
    Client::new("198.51.100.23", CHROME)
}

pub(crate) fn desk_client() -> Client {
    Client::new("2001:db8:12:34::5", FIREFOX)
}

pub(crate) async fn houses() -> Vec<House> {
    let mut houses = Vec::new();
    for test in both().await {
        houses.push(House::new(test, keys(), policy()).await);
    }
    houses
}

pub(crate) fn person(name: &str, phone: &str) -> Person {
    Person::new(name, BIRTH, phone).expect("a person")
}
