//! Finding many holders by what rosters keep of them: the keyed hash of the person.

use std::collections::HashMap;

use sqlx::AssertSqlSafe;
use store::Engine;

use crate::{Fault, People, sql::places};

/// Keys in one question, on `SQLite`; `PostgreSQL` takes all of them as one array.
const KEYS_MAX: usize = 1_000;

impl People {
    /// The holders of these person keys ([`People::person_key`]) in a municipality, by key; who has none is left out.
    /// A key made under an older data key finds only rows of that key: whoever is missing may still be found by
    /// [`People::recipients`]. Costs one query, on `SQLite` one per 1,000.
    pub async fn holders_of_keys(
        &self,
        municipality: i64,
        keys: &[&str],
    ) -> Result<HashMap<String, i64>, Fault> {
        let mut found = HashMap::with_capacity(keys.len());
        let store = self.store();
        if store.engine == Engine::Postgres {
            // Hex digits: nothing in them means anything to an array.
            let hex = |key: &&&str| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_hexdigit());
            let array: Vec<&str> = keys.iter().filter(hex).copied().collect();
            let rows: Vec<(String, i64)> = sqlx::query_as(
                "SELECT person_key, id FROM residents WHERE municipality = $1 \
                 AND person_key = ANY(CAST(CAST($2 AS TEXT) AS TEXT[]))",
            )
            .bind(municipality)
            .bind(format!("{{{}}}", array.join(",")))
            .fetch_all(&store.read)
            .await?;
            found.extend(rows);
            return Ok(found);
        }
        for chunk in keys.chunks(KEYS_MAX) {
            let sql = format!(
                "SELECT person_key, id FROM residents WHERE municipality = $1 AND person_key IN ({})",
                places(2, chunk.len())
            );
            let mut query = sqlx::query_as::<_, (String, i64)>(AssertSqlSafe(sql)).bind(municipality);
            for key in chunk {
                query = query.bind((*key).to_owned());
            }
            found.extend(query.fetch_all(&store.read).await?);
        }
        Ok(found)
    }
}
