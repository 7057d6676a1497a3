//! Signing up: a resident's login, and with it all money that waits for the same person.
//!
//! Knowing a name, a birth date and a phone number takes nothing: the phone must have been proved, and only then
//! are waiting rows of the same three claimed, in every municipality, each with a line in its audit log.

mod form;

use std::collections::BTreeMap;

use form::check_age;
pub use form::{Login, SignUp, SignUpError};
use sqlx::{Any, AssertSqlSafe, Transaction};
use store::IdRange;

use crate::{
    Actor, Audit, Fault, Field, People, Person, Problem, Purpose, Reason, audit, check_password,
    house::HOUR_MS,
    normal_login_id, passwords,
    proofs::Proven,
    residents::{self, NewResident, logins_by_key},
    sql::{lock_persons, places},
};

/// A sign-up whose fields are right.
struct Ready {
    login: i64,
    login_id: String,
    hash: String,
    person: Person,
    proven: Proven,
    municipality: i64,
    keys: Vec<String>,
    ip: String,
}

/// How one try at the transaction ended.
enum Tried {
    Done(Login),
    /// Somebody added a row meanwhile, for which no audit id was taken: try again.
    Again,
}

impl People {
    /// Makes a resident's login and claims what waits for the person. All problems of the fields are told at
    /// once. The proof is used up by success only.
    pub async fn sign_up(&self, form: SignUp, ip: &str, at: i64) -> Result<Login, SignUpError> {
        let mut problems = Vec::new();
        let login_id = normal_login_id(&form.login_id)
            .map_err(|problem| problems.push(problem))
            .ok();
        if form.municipality < 1 {
            problems.push(Problem::new(Field::Municipality, Reason::Missing));
        }
        for (given, field) in [
            (form.consent_terms, Field::ConsentTerms),
            (form.consent_privacy, Field::ConsentPrivacy),
        ] {
            if !given {
                problems.push(Problem::new(field, Reason::Missing));
            }
        }
        if let Err(reason) = check_age(form.birth, at) {
            problems.push(Problem::new(Field::Birth, reason));
        }
        // The phone is read without spending the proof: a form is often set right several times.
        let phone = self.proven_phone(&form.proven, at).await?;
        if phone.is_none() {
            problems.push(Problem::new(Field::Proof, Reason::ProofInvalid));
        }
        let person = match Person::new(&form.name, form.birth, phone.as_deref().unwrap_or("01000000000")) {
            Ok(person) => Some(person),
            Err(problem) => {
                if !problems.iter().any(|known| known.field == problem.field) {
                    problems.push(problem);
                }
                None
            }
        };
        let id = login_id.as_deref().unwrap_or_default();
        if let Err(problem) = check_password(&form.password, id, &form.name, person.as_ref()) {
            problems.push(problem);
        }
        let (Some(login_id), Some(person), true) = (login_id, person, problems.is_empty()) else {
            return Err(SignUpError::Refused(problems));
        };
        let Some(proven) = self.peek_proof(&form.proven, Purpose::SignUp, at).await? else {
            return Err(SignUpError::one(Field::Proof, Reason::ProofInvalid));
        };
        // A proved phone is no licence to ask which login ids are taken, nor to make the house hash.
        let limit = self.limit("sign-up", &proven.token_hash, 20, HOUR_MS);
        if let Err(refused) = self.try_pass(&limit, at).await? {
            return Err(Fault::Busy {
                retry_after_ms: refused.retry_after_ms,
            }
            .into());
        }
        let hash = self.inner.hasher.hash(&passwords::normal(&form.password)).await?;
        let keys = self.person_keys(&person);
        let login = self.store().id(form.municipality).await?;
        let ready = Ready {
            login,
            login_id,
            hash,
            person,
            proven,
            municipality: form.municipality,
            keys,
            ip: ip.to_owned(),
        };
        for _ in 0..5 {
            match self.try_sign_up(&ready, at).await? {
                Tried::Done(login) => return Ok(login),
                Tried::Again => {}
            }
        }
        Err(Fault::Busy { retry_after_ms: 1000 }.into())
    }

    async fn try_sign_up(&self, ready: &Ready, at: i64) -> Result<Tried, SignUpError> {
        let mut connection = self.store().read.acquire().await?;
        let expected = waiting(&mut connection, &ready.keys).await?;
        drop(connection);
        let mut ids = self.ids_for(ready.municipality, &expected).await?;
        let mut transaction = self.store().begin().await?;
        lock_persons(self.store(), &mut transaction, &ready.keys).await?;
        if let Some(login) = logins_by_key(&mut transaction, &ready.keys)
            .await?
            .into_values()
            .next()
        {
            let (login_id,): (String,) = sqlx::query_as("SELECT login_id FROM logins WHERE id = $1")
                .bind(login)
                .fetch_one(&mut *transaction)
                .await?;
            return Err(SignUpError::AlreadyHere { login_id });
        }
        if !Self::use_proof(&mut transaction, &ready.proven, at).await? {
            return Err(SignUpError::one(Field::Proof, Reason::ProofInvalid));
        }
        if !self.insert_login(&mut transaction, ready, at).await? {
            return Err(SignUpError::one(Field::LoginId, Reason::Taken));
        }
        let claimed = waiting(&mut transaction, &ready.keys).await?;
        if claimed.iter().any(|row| !expected.contains(row)) {
            return Ok(Tried::Again);
        }
        let mut id = |municipality: i64| {
            ids.get_mut(&municipality)
                .and_then(Iterator::next)
                .ok_or_else(|| Fault::Row("too few ids".to_owned()))
        };
        for (municipality, holder) in &claimed {
            sqlx::query(
                "UPDATE residents SET login = $1, claimed_at = $2 WHERE municipality = $3 AND id = $4 AND login IS NULL",
            )
            .bind(ready.login)
            .bind(at)
            .bind(municipality)
            .bind(holder)
            .execute(&mut *transaction)
            .await?;
            let deed = residents::claim(
                *municipality,
                *holder,
                ready.login,
                (Actor::Resident, ready.login),
                &ready.ip,
            );
            audit::write(&mut transaction, id(*municipality)?, &deed, at).await?;
        }
        let there = claimed
            .iter()
            .find(|(municipality, _)| *municipality == ready.municipality);
        let home = if let Some(home) = there {
            *home
        } else {
            let holder = id(ready.municipality)?;
            let new = NewResident {
                id: holder,
                key: &ready.keys[0],
                person: &ready.person,
                login: Some(ready.login),
            };
            self.insert_residents(&mut transaction, ready.municipality, &[new], ready.login, at)
                .await?;
            (ready.municipality, holder)
        };
        let mut holders = vec![home];
        holders.extend(claimed.iter().filter(|holder| **holder != home));
        let deed = Audit {
            municipality: ready.municipality,
            actor_kind: Actor::Resident,
            actor_id: ready.login,
            action: "login.sign_up".to_owned(),
            record: format!("login/{}", ready.login),
            from_ip: ready.ip.clone(),
            detail: format!("claimed {}", claimed.len()),
        };
        audit::write(&mut transaction, id(ready.municipality)?, &deed, at).await?;
        transaction.commit().await?;
        Ok(Tried::Done(Login {
            id: ready.login,
            login_id: ready.login_id.clone(),
            claimed,
            holders,
        }))
    }

    /// Whether the row was made: not where the login id is taken.
    async fn insert_login(
        &self,
        transaction: &mut Transaction<'static, Any>,
        ready: &Ready,
        at: i64,
    ) -> sqlx::Result<bool> {
        let own = ready.municipality;
        let done = sqlx::query(
            "INSERT INTO logins (id, municipality, kind, login_id, password_hash, name_sealed, birth_sealed, \
             phone_sealed, person_key, phone_key, consent_terms_at, consent_privacy_at, made_at, made_by, \
             password_at) VALUES ($1, $2, 'resident', $3, $4, $5, $6, $7, $8, $9, $10, $10, $10, $1, $10) \
             ON CONFLICT (login_id) DO NOTHING",
        )
        .bind(ready.login)
        .bind(own)
        .bind(&ready.login_id)
        .bind(&ready.hash)
        .bind(self.seal_as(own, "logins.name", &ready.person.name))
        .bind(self.seal_as(own, "logins.birth", &ready.person.birth.to_string()))
        .bind(self.seal_as(own, "logins.phone", &ready.person.phone))
        .bind(&ready.keys[0])
        .bind(self.phone_key(&ready.person.phone))
        .bind(at)
        .execute(&mut **transaction)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Ids for what the transaction will write: one audit line per claim, and three more at home.
    async fn ids_for(&self, home: i64, claims: &[(i64, i64)]) -> Result<BTreeMap<i64, IdRange>, Fault> {
        let mut counts = BTreeMap::from([(home, 3)]);
        for (municipality, _) in claims {
            *counts.entry(*municipality).or_insert(0) += 1;
        }
        let mut ids = BTreeMap::new();
        for (municipality, count) in counts {
            ids.insert(municipality, self.store().ids(municipality, count).await?);
        }
        Ok(ids)
    }
}

/// Rows that wait for a person, everywhere: the one question that crosses municipalities, asked only for
/// somebody who has proved the phone.
async fn waiting(connection: &mut sqlx::AnyConnection, keys: &[String]) -> sqlx::Result<Vec<(i64, i64)>> {
    let sql = format!(
        "SELECT municipality, id FROM residents WHERE person_key IN ({}) AND login IS NULL ORDER BY municipality, id",
        places(1, keys.len())
    );
    let mut query = sqlx::query_as::<_, (i64, i64)>(AssertSqlSafe(sql));
    for key in keys {
        query = query.bind(key.clone());
    }
    query.fetch_all(connection).await
}
