//! Residents: who holds money in a municipality, whether or not they have signed up.
//!
//! A row is made the first time that a roster, a voucher or a sign-up names the person there; the ledger knows
//! only its id. It gets a login when the person proves the phone, never before.

mod lookup;
mod profile;

use std::collections::{BTreeMap, HashMap, HashSet};

pub use profile::HolderProfile;
use sqlx::{Any, AssertSqlSafe, Transaction};

use crate::{
    Actor, Audit, By, Fault, People, Person, audit,
    sql::{lock_persons, places, rows},
};

/// How many persons one transaction takes: a bounded lock time, and bound values far below every limit.
const CHUNK: usize = 200;

impl People {
    /// The holder's id of a person in a municipality; makes the row where there is none. `actor` is the staff
    /// login that named the person, or the part of the system. Where the same person has proved the phone already,
    /// anywhere, the row is theirs at once, and that is audited.
    pub async fn recipient(
        &self,
        municipality: i64,
        person: &Person,
        actor: impl Into<By>,
        at: i64,
    ) -> Result<i64, Fault> {
        let ids = self
            .recipients(municipality, std::slice::from_ref(person), actor, at)
            .await?;
        ids.into_iter()
            .next()
            .ok_or_else(|| Fault::Row("no holder was made".to_owned()))
    }

    /// The same for many, in their order (a person named twice gives the same id twice). Costs one query per
    /// 200 known persons, and one transaction per 200 with somebody new among them.
    pub async fn recipients(
        &self,
        municipality: i64,
        people: &[Person],
        actor: impl Into<By>,
        at: i64,
    ) -> Result<Vec<i64>, Fault> {
        let actor = actor.into().id;
        let mut holders = Vec::with_capacity(people.len());
        for chunk in people.chunks(CHUNK) {
            holders.extend(self.recipients_chunk(municipality, chunk, actor, at).await?);
        }
        Ok(holders)
    }

    async fn recipients_chunk(
        &self,
        municipality: i64,
        people: &[Person],
        actor: i64,
        at: i64,
    ) -> Result<Vec<i64>, Fault> {
        let keys: Vec<Vec<String>> = people.iter().map(|person| self.person_keys(person)).collect();
        let find = |found: &HashMap<String, i64>, keys: &[String]| {
            keys.iter().find_map(|key| found.get(key)).copied()
        };
        let mut connection = self.store().read.acquire().await?;
        let mut found = holders_by_key(&mut connection, municipality, &keys.concat()).await?;
        drop(connection);
        let mut missing: BTreeMap<&str, usize> = BTreeMap::new();
        for (index, keys) in keys.iter().enumerate() {
            if find(&found, keys).is_none() {
                missing.entry(keys[0].as_str()).or_insert(index);
            }
        }
        if !missing.is_empty() {
            let missing: Vec<(&Person, &[String])> = missing
                .values()
                .map(|index| (&people[*index], keys[*index].as_slice()))
                .collect();
            found.extend(self.make_residents(municipality, &missing, actor, at).await?);
        }
        keys.iter()
            .map(|keys| find(&found, keys).ok_or_else(|| Fault::Row("no holder was made".to_owned())))
            .collect()
    }

    /// Makes rows for persons that had none a moment ago; gives all of them by key.
    async fn make_residents(
        &self,
        municipality: i64,
        people: &[(&Person, &[String])],
        actor: i64,
        at: i64,
    ) -> Result<HashMap<String, i64>, Fault> {
        let keys: Vec<String> = people.iter().flat_map(|(_, keys)| keys.iter().cloned()).collect();
        let mut ids = self.store().ids(municipality, 2 * people.len() as i64).await?;
        let mut id = || ids.next().ok_or_else(|| Fault::Row("too few ids".to_owned()));
        let mut transaction = self.store().begin().await?;
        lock_persons(self.store(), &mut transaction, &keys).await?;
        let there = holders_by_key(&mut transaction, municipality, &keys).await?;
        let logins = logins_by_key(&mut transaction, &keys).await?;
        let mut new = Vec::new();
        for (person, keys) in people {
            if keys.iter().any(|key| there.contains_key(key)) {
                continue;
            }
            let login = keys.iter().find_map(|key| logins.get(key)).copied();
            new.push(NewResident {
                id: id()?,
                key: &keys[0],
                person,
                login,
            });
        }
        self.insert_residents(&mut transaction, municipality, &new, actor, at)
            .await?;
        let all = holders_by_key(&mut transaction, municipality, &keys).await?;
        for resident in &new {
            if let Some(login) = resident
                .login
                .filter(|_| all.get(resident.key) == Some(&resident.id))
            {
                let deed = claim(municipality, resident.id, login, (Actor::System, 0), "");
                audit::write(&mut transaction, id()?, &deed, at).await?;
            }
        }
        transaction.commit().await?;
        Ok(all)
    }

    pub(crate) async fn insert_residents(
        &self,
        transaction: &mut Transaction<'static, Any>,
        municipality: i64,
        new: &[NewResident<'_>],
        actor: i64,
        at: i64,
    ) -> sqlx::Result<()> {
        if new.is_empty() {
            return Ok(());
        }
        let sql = format!(
            "INSERT INTO residents (municipality, id, person_key, login, name_sealed, birth_sealed, phone_sealed, \
             made_at, made_by, claimed_at) VALUES {} ON CONFLICT (municipality, person_key) DO NOTHING",
            rows(new.len(), 10)
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for resident in new {
            query = query
                .bind(municipality)
                .bind(resident.id)
                .bind(resident.key.to_owned())
                .bind(resident.login)
                .bind(self.seal_as(municipality, "residents.name", &resident.person.name))
                .bind(self.seal_as(
                    municipality,
                    "residents.birth",
                    &resident.person.birth.to_string(),
                ))
                .bind(self.seal_as(municipality, "residents.phone", &resident.person.phone))
                .bind(at)
                .bind(actor)
                .bind(resident.login.map(|_| at));
        }
        query.execute(&mut **transaction).await?;
        Ok(())
    }

    /// Where a login holds money: `(municipality, holder)`.
    pub async fn holders_of_login(&self, login: i64) -> Result<Vec<(i64, i64)>, Fault> {
        Ok(sqlx::query_as(
            "SELECT municipality, id FROM residents WHERE login = $1 ORDER BY municipality, id",
        )
        .bind(login)
        .fetch_all(&self.store().read)
        .await?)
    }

    /// Where a resident's login is at home: municipality and holder.
    pub async fn home_of_login(&self, login_id: &str) -> Result<Option<(i64, i64)>, Fault> {
        Ok(sqlx::query_as(
            "SELECT r.municipality, r.id FROM logins l JOIN residents r ON r.login = l.id \
             AND r.municipality = l.municipality WHERE l.login_id = $1 AND l.kind = 'resident' AND l.active = 1 LIMIT 1",
        )
        .bind(crate::login_id::fold(login_id))
        .fetch_optional(&self.store().read)
        .await?)
    }

    /// The holder's id of a person in a municipality, without making one.
    pub async fn find_holder(&self, municipality: i64, person: &Person) -> Result<Option<i64>, Fault> {
        let keys = self.person_keys(person);
        let mut connection = self.store().read.acquire().await?;
        let found = holders_by_key(&mut connection, municipality, &keys).await?;
        Ok(keys.iter().find_map(|key| found.get(key)).copied())
    }
}

/// One row to make.
pub(crate) struct NewResident<'a> {
    pub id: i64,
    pub key: &'a str,
    pub person: &'a Person,
    pub login: Option<i64>,
}

/// The deed of linking a resident's row to a login.
pub(crate) fn claim(municipality: i64, holder: i64, login: i64, actor: (Actor, i64), from_ip: &str) -> Audit {
    Audit {
        municipality,
        actor_kind: actor.0,
        actor_id: actor.1,
        action: "resident.claim".to_owned(),
        record: format!("resident/{holder}"),
        from_ip: from_ip.to_owned(),
        detail: format!("login {login}"),
    }
}

async fn holders_by_key(
    connection: &mut sqlx::AnyConnection,
    municipality: i64,
    keys: &[String],
) -> sqlx::Result<HashMap<String, i64>> {
    let keys: HashSet<&String> = keys.iter().collect();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "SELECT person_key, id FROM residents WHERE municipality = $1 AND person_key IN ({})",
        places(2, keys.len())
    );
    let mut query = sqlx::query_as::<_, (String, i64)>(AssertSqlSafe(sql)).bind(municipality);
    for key in keys {
        query = query.bind(key.clone());
    }
    Ok(query.fetch_all(connection).await?.into_iter().collect())
}

/// The logins of persons who have proved their phone, by person key.
pub(crate) async fn logins_by_key(
    connection: &mut sqlx::AnyConnection,
    keys: &[String],
) -> sqlx::Result<HashMap<String, i64>> {
    let sql = format!(
        "SELECT person_key, id FROM logins WHERE person_key IN ({})",
        places(1, keys.len())
    );
    let mut query = sqlx::query_as::<_, (String, i64)>(AssertSqlSafe(sql));
    for key in keys {
        query = query.bind(key.clone());
    }
    Ok(query.fetch_all(connection).await?.into_iter().collect())
}
