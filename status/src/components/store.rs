//! Components in the store: made once, read on every rendering.

use sqlx::Row;

use super::Component;
use crate::{
    db::Db,
    words::{Lang, word},
};

fn texts(lang: Lang) -> [(&'static str, String, String); 6] {
    [
        (
            "portal",
            word!(lang, components.portal),
            word!(lang, components.portal_is),
        ),
        (
            "payment",
            word!(lang, components.payment),
            word!(lang, components.payment_is),
        ),
        (
            "cancellation",
            word!(lang, components.cancellation),
            word!(lang, components.cancellation_is),
        ),
        (
            "charging",
            word!(lang, components.charging),
            word!(lang, components.charging_is),
        ),
        (
            "payouts",
            word!(lang, components.payouts),
            word!(lang, components.payouts_is),
        ),
        (
            "sign-in",
            word!(lang, components.sign_in),
            word!(lang, components.sign_in_is),
        ),
    ]
}

/// Makes the components that are missing; those that are there stay as they are. Recording begins at `at` (ms).
pub(crate) async fn ensure(db: &Db, at: i64) -> sqlx::Result<()> {
    let mut change = db.begin().await?;
    for (position, (ko, en)) in (1_i64..).zip(texts(Lang::ko).into_iter().zip(texts(Lang::en))) {
        sqlx::query(
            "INSERT INTO component (id, name_ko, name_en, description_ko, description_en, position, start_at, \
             created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $7) ON CONFLICT DO NOTHING",
        )
        .bind(ko.0)
        .bind(ko.1)
        .bind(en.1)
        .bind(ko.2)
        .bind(en.2)
        .bind(position)
        .bind(at)
        .execute(&mut *change)
        .await?;
    }
    change.commit().await
}

/// All components in their order.
pub(crate) async fn load(db: &Db) -> sqlx::Result<Vec<Component>> {
    sqlx::query(
        "SELECT id, name_ko, name_en, description_ko, description_en, position, start_at, created_at, updated_at \
         FROM component ORDER BY position",
    )
    .fetch_all(&db.read)
    .await?
    .into_iter()
    .map(|row| {
        Ok(Component {
            id: row.try_get(0)?,
            name: [row.try_get(1)?, row.try_get(2)?],
            description: [row.try_get(3)?, row.try_get(4)?],
            position: row.try_get(5)?,
            start_at: row.try_get(6)?,
            created_at: row.try_get(7)?,
            updated_at: row.try_get(8)?,
        })
    })
    .collect()
}
