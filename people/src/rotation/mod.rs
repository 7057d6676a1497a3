//! Turning the data keys without downtime: everything sealed or hashed with an older key is done anew with the first.
//!
//! The way (docs/OPERATIONS.md): the new key *second* everywhere, then *first* everywhere, then [`People::reseal`] beside
//! the running portal, then the old one goes. While it runs every row is under the one key or the other, and every
//! program knows both. Each row is replaced only if it is still what was read, so nothing that a resident or an
//! official changes meanwhile is lost; safe to break off and to run twice, also by two at once.
//!
//! What is not done anew: proofs of phones (gone after a day), and the rows of payouts, whose content is fixed by the
//! hash that was approved. [`People::keys_in_use`] and the ledger's counts tell what each key still opens.

use std::collections::BTreeMap;

use sqlx::AssertSqlSafe;

use crate::{Fault, People, Person, UnsealError};

/// Rows read at a time.
const PAGE: i64 = 500;

/// A table with one sealed column of each row's municipality.
struct Column {
    table: &'static str,
    /// What a row is found by, beside its municipality.
    ids: &'static [&'static str],
    sealed: &'static str,
    /// The name that the seal is bound to.
    bound: &'static str,
}

/// Every sealed column but those of persons, who have keyed hashes to be made anew too.
const COLUMNS: [Column; 5] = [
    Column {
        table: "logins",
        ids: &["id"],
        sealed: "name_sealed",
        bound: "logins.name",
    },
    Column {
        table: "bank_accounts",
        ids: &["owner"],
        sealed: "number_sealed",
        bound: "bank_accounts.number",
    },
    Column {
        table: "bank_accounts",
        ids: &["owner"],
        sealed: "name_sealed",
        bound: "bank_accounts.name",
    },
    Column {
        table: "totp",
        ids: &["login"],
        sealed: "secret_sealed",
        bound: "totp.secret",
    },
    Column {
        table: "invitations",
        ids: &["id"],
        sealed: "name_sealed",
        bound: "invitations.name",
    },
];

/// A person under an older key: municipality, id, the phone as it was sealed, and who it is.
type Older = (i64, i64, String, Person);

/// How many texts each key still opens, by the key's public name (eight hexadecimal digits).
pub type KeysInUse = BTreeMap<String, i64>;

impl People {
    /// The public name of the key that seals.
    pub fn sealing_key(&self) -> String {
        self.inner.sealer.keys().data()[0].id()
    }

    /// Seals everything anew that another key than the first sealed; returns how many rows were changed.
    pub async fn reseal(&self) -> Result<u64, Fault> {
        let mut done = 0;
        for column in &COLUMNS {
            done += self.reseal_column(column).await?;
        }
        done += self.reseal_residents().await?;
        done += self.reseal_logins().await?;
        Ok(done)
    }

    /// What the first key did not seal: it begins otherwise.
    fn fresh(&self) -> String {
        format!("v1.{}.", self.sealing_key())
    }

    async fn reseal_column(&self, column: &Column) -> Result<u64, Fault> {
        let Column {
            table,
            ids,
            sealed: column,
            bound,
        } = column;
        let id = ids[0];
        let fresh = self.fresh();
        let read = format!(
            "SELECT DISTINCT municipality, {id}, {column} FROM {table} WHERE {column} IS NOT NULL \
             AND SUBSTR({column}, 1, {}) <> $1 LIMIT {PAGE}",
            fresh.len()
        );
        // Of two accounts of one owner (a holder's, a merchant's) each is found by its own text.
        let write = format!(
            "UPDATE {table} SET {column} = $1 WHERE municipality = $2 AND {id} = $3 AND {column} = $4"
        );
        let mut done = 0;
        loop {
            let rows: Vec<(i64, i64, String)> = sqlx::query_as(AssertSqlSafe(read.clone()))
                .bind(&fresh)
                .fetch_all(&self.store().write)
                .await?;
            if rows.is_empty() {
                return Ok(done);
            }
            for (municipality, id, old) in rows {
                let text = self.unseal_as(municipality, bound, &old)?;
                done += sqlx::query(AssertSqlSafe(write.clone()))
                    .bind(self.seal_as(municipality, bound, &text))
                    .bind(municipality)
                    .bind(id)
                    .bind(old)
                    .execute(&self.store().write)
                    .await?
                    .rows_affected();
            }
        }
    }

    async fn reseal_residents(&self) -> Result<u64, Fault> {
        let mut done = 0;
        loop {
            let rows = self.older_persons("residents", "wiped_at IS NULL").await?;
            if rows.is_empty() {
                return Ok(done);
            }
            for (municipality, id, phone, person) in rows {
                done += sqlx::query(
                    "UPDATE residents SET name_sealed = $1, birth_sealed = $2, phone_sealed = $3, person_key = $4 \
                     WHERE municipality = $5 AND id = $6 AND phone_sealed = $7",
                )
                .bind(self.seal_as(municipality, "residents.name", &person.name))
                .bind(self.seal_as(municipality, "residents.birth", &person.birth.to_string()))
                .bind(self.seal_as(municipality, "residents.phone", &person.phone))
                .bind(self.person_key(&person))
                .bind(municipality)
                .bind(id)
                .bind(phone)
                .execute(&self.store().write)
                .await?
                .rows_affected();
            }
        }
    }

    /// Residents' logins; staff have a name alone.
    async fn reseal_logins(&self) -> Result<u64, Fault> {
        let mut done = 0;
        loop {
            let rows = self
                .older_persons("logins", "kind = 'resident' AND birth_sealed IS NOT NULL")
                .await?;
            if rows.is_empty() {
                return Ok(done);
            }
            for (municipality, id, phone, person) in rows {
                done += sqlx::query(
                    "UPDATE logins SET birth_sealed = $1, phone_sealed = $2, person_key = $3, phone_key = $4 \
                     WHERE id = $5 AND phone_sealed = $6",
                )
                .bind(self.seal_as(municipality, "logins.birth", &person.birth.to_string()))
                .bind(self.seal_as(municipality, "logins.phone", &person.phone))
                .bind(self.person_key(&person))
                .bind(self.phone_key(&person.phone))
                .bind(id)
                .bind(phone)
                .execute(&self.store().write)
                .await?
                .rows_affected();
            }
        }
    }

    /// A page of a table's persons whose phone another key than the first sealed.
    async fn older_persons(&self, table: &str, which: &str) -> Result<Vec<Older>, Fault> {
        let fresh = self.fresh();
        let read = format!(
            "SELECT municipality, id, name_sealed, birth_sealed, phone_sealed FROM {table} \
             WHERE {which} AND SUBSTR(phone_sealed, 1, {}) <> $1 LIMIT {PAGE}",
            fresh.len()
        );
        let rows: Vec<(i64, i64, String, String, String)> = sqlx::query_as(AssertSqlSafe(read))
            .bind(fresh)
            .fetch_all(&self.store().write)
            .await?;
        rows.into_iter()
            .map(|(municipality, id, name, birth, phone)| {
                let open = |column: &str, sealed: &str| {
                    self.unseal_as(municipality, &format!("{table}.{column}"), sealed)
                };
                let person = person(
                    open("name", &name)?,
                    &open("birth", &birth)?,
                    open("phone", &phone)?,
                )?;
                Ok((municipality, id, phone, person))
            })
            .collect()
    }

    /// What each key still opens in this room.
    pub async fn keys_in_use(&self) -> Result<KeysInUse, Fault> {
        let mut all = KeysInUse::new();
        let persons = [
            ("logins", "birth_sealed"),
            ("logins", "phone_sealed"),
            ("residents", "name_sealed"),
            ("residents", "birth_sealed"),
            ("residents", "phone_sealed"),
            ("proofs", "phone_sealed"),
        ];
        let columns = COLUMNS.iter().map(|one| (one.table, one.sealed)).chain(persons);
        for (table, column) in columns {
            let sql = format!(
                "SELECT SUBSTR({column}, 4, 8) AS key_id, COUNT(*) AS texts FROM {table} \
                 WHERE {column} IS NOT NULL AND {column} <> '' GROUP BY SUBSTR({column}, 4, 8)"
            );
            let rows: Vec<(String, i64)> = sqlx::query_as(AssertSqlSafe(sql))
                .fetch_all(&self.store().read)
                .await?;
            for (key, texts) in rows {
                *all.entry(key).or_insert(0) += texts;
            }
        }
        Ok(all)
    }
}

fn person(name: String, birth: &str, phone: String) -> Result<Person, Fault> {
    let birth = birth.parse().map_err(|_| Fault::Sealed(UnsealError::Tampered))?;
    Ok(Person { name, birth, phone })
}
