//! Seeing who a holder is: masked for officials, whole for the person's own pages.

use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;

use super::CHUNK;
use crate::{Fault, People, Person, UnsealError, masked_name, masked_phone, sql::places};

type ResidentRow = (i64, String, String, String, Option<i64>);

/// What an official may see of a holder in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HolderProfile {
    /// The holder's id.
    pub holder: i64,
    /// 홍*동.
    pub name: String,
    /// 010-****-5678.
    pub phone: String,
    /// Whether the person has signed up.
    pub signed_up: bool,
}

impl People {
    /// What an official may see of one holder; `None` where this municipality has no such holder.
    pub async fn holder_profile(
        &self,
        municipality: i64,
        holder: i64,
    ) -> Result<Option<HolderProfile>, Fault> {
        Ok(self.holder_profiles(municipality, &[holder]).await?.pop())
    }

    /// The same for many (in the order of their ids; those unknown here are left out).
    pub async fn holder_profiles(
        &self,
        municipality: i64,
        holders: &[i64],
    ) -> Result<Vec<HolderProfile>, Fault> {
        let mut profiles = Vec::with_capacity(holders.len());
        for row in self.resident_rows(municipality, holders).await? {
            let person = self.open_resident(municipality, &row)?;
            profiles.push(HolderProfile {
                holder: row.0,
                name: masked_name(&person.name),
                phone: masked_phone(&person.phone),
                signed_up: row.4.is_some(),
            });
        }
        profiles.sort_by_key(|profile| profile.holder);
        Ok(profiles)
    }

    /// The whole person behind a holder: for the person's own pages and for sending them word. Officials see
    /// [`People::holder_profile`].
    pub async fn holder_person(&self, municipality: i64, holder: i64) -> Result<Option<Person>, Fault> {
        match self.resident_rows(municipality, &[holder]).await?.first() {
            Some(row) => Ok(Some(self.open_resident(municipality, row)?)),
            None => Ok(None),
        }
    }

    async fn resident_rows(&self, municipality: i64, holders: &[i64]) -> Result<Vec<ResidentRow>, Fault> {
        let mut all = Vec::with_capacity(holders.len());
        for chunk in holders.chunks(CHUNK) {
            let sql = format!(
                "SELECT id, name_sealed, birth_sealed, phone_sealed, login FROM residents \
                 WHERE municipality = $1 AND wiped_at IS NULL AND id IN ({})",
                places(2, chunk.len())
            );
            let mut query = sqlx::query_as::<_, ResidentRow>(AssertSqlSafe(sql)).bind(municipality);
            for holder in chunk {
                query = query.bind(*holder);
            }
            all.extend(query.fetch_all(&self.store().read).await?);
        }
        Ok(all)
    }

    fn open_resident(&self, municipality: i64, row: &ResidentRow) -> Result<Person, Fault> {
        let open =
            |column, sealed| -> Result<String, UnsealError> { self.unseal_as(municipality, column, sealed) };
        let birth = open("residents.birth", &row.2)?;
        Ok(Person {
            name: open("residents.name", &row.1)?,
            birth: birth
                .parse()
                .map_err(|_| Fault::Row(format!("birth date of resident {}", row.0)))?,
            phone: open("residents.phone", &row.3)?,
        })
    }
}
