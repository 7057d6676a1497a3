//! What has to happen at midnight in Seoul, whoever is awake: holds time out, gifts come back,
//! lots end.
//!
//! Safe to run twice and by any number of nodes at once: each is dealt with under its own lock and key, so the second
//! finds nothing left to do. A node that dies leaves whole transfers behind and the rest to the next run. What is late
//! changes nothing for people: lots that have ended cannot be spent, swept or not.
//! Cost: one transaction of about 12 statements a lot, and one query of a few hundred lots a page.

use serde::{Deserialize, Serialize};

use crate::{
    Ledger, Operation, Receipt, Refusal, Request,
    error::{LedgerError, Result},
};

/// Lots per page.
const PAGE: i64 = 500;

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swept {
    /// How many holds that nobody captured were given back.
    pub holds: i64,
    /// How many gifts that nobody claimed went back.
    pub gifts: i64,
    /// How many lots that had ended were emptied.
    pub lots: i64,
    /// What was left of them, won.
    pub lots_won: i64,
    /// How many things could not be dealt with; the log says why. The next sweep tries again.
    pub failed: i64,
}

impl Ledger {
    /// Deals with everything of a municipality that has come to its end by `at`.
    pub async fn sweep(&self, municipality: i64, at: i64) -> Result<Swept> {
        let mut swept = Swept::default();
        // What comes back comes back first: it may have ended in the meantime.
        swept.holds = self
            .sweep_late(
                municipality,
                at,
                "SELECT id FROM holds WHERE municipality = $1 AND state = 'open' AND until_at <= $2 LIMIT $3",
                |hold| (format!("hold:{hold}:timeout"), Operation::TimeOut { hold }),
                &mut swept,
            )
            .await?;
        swept.gifts = self
            .sweep_late(
                municipality,
                at,
                "SELECT id FROM gifts WHERE municipality = $1 AND state = 'waiting' AND lapse_at <= $2 LIMIT $3",
                |gift| (format!("gift:{gift}:lapse"), Operation::LapseGift { gift }),
                &mut swept,
            )
            .await?;
        self.sweep_lots(municipality, at, &mut swept).await?;
        Ok(swept)
    }

    /// Ends what `late` selects, page by page, each by what `ending` makes of its id: how many were ended.
    async fn sweep_late(
        &self,
        municipality: i64,
        at: i64,
        late: &'static str,
        ending: fn(i64) -> (String, Operation),
        swept: &mut Swept,
    ) -> Result<i64> {
        let mut ended = 0;
        loop {
            let ids: Vec<(i64,)> = sqlx::query_as(late)
                .bind(municipality)
                .bind(at)
                .bind(PAGE)
                .fetch_all(&self.store.read)
                .await?;
            let before = swept.failed;
            for (id,) in &ids {
                let (key, operation) = ending(*id);
                let done = self.sweep_one(municipality, key, operation, at, swept).await?;
                ended += i64::from(done.is_some());
            }
            // A page of failures only would come again for ever.
            if (ids.len() as i64) < PAGE || swept.failed - before >= PAGE {
                return Ok(ended);
            }
        }
    }

    async fn sweep_lots(&self, municipality: i64, at: i64, swept: &mut Swept) -> Result<()> {
        loop {
            let ended = self.ended_lots(municipality, at).await?;
            let before = swept.failed;
            for (lot, times) in &ended {
                let operation = Operation::Expire {
                    lot: *lot,
                    before: *times,
                };
                let key = format!("expire:{lot}:{times}");
                if let Some(receipt) = self.sweep_one(municipality, key, operation, at, swept).await? {
                    swept.lots += 1;
                    swept.lots_won += receipt.amount_won;
                }
            }
            // A page of failures only would come again for ever.
            if (ended.len() as i64) < PAGE || swept.failed - before >= PAGE {
                return Ok(());
            }
        }
    }

    /// Lots that have ended with something left, and how many times each was swept before.
    async fn ended_lots(&self, municipality: i64, at: i64) -> Result<Vec<(i64, i64)>> {
        Ok(sqlx::query_as(
            "SELECT l.id, (SELECT COUNT(*) FROM entries e WHERE e.municipality = l.municipality \
               AND e.account = l.account AND e.created_at >= l.expires_at AND e.lot = l.id AND e.kind = 'expire') \
             FROM programmes p JOIN lots l ON l.municipality = p.municipality AND l.programme = p.id \
             WHERE p.municipality = $1 AND l.is_open = 1 AND l.expires_at <= $2 LIMIT $3",
        )
        .bind(municipality)
        .bind(at)
        .bind(PAGE)
        .fetch_all(&self.store.read)
        .await?)
    }

    /// Does one thing of a sweep. `None`: somebody else did it, or it could not be done, which is counted.
    async fn sweep_one(
        &self,
        municipality: i64,
        key: String,
        operation: Operation,
        at: i64,
        swept: &mut Swept,
    ) -> Result<Option<Receipt>> {
        let request = Request {
            municipality,
            key,
            actor: "sweep".to_owned(),
            at,
            operation,
        };
        match self.post_own(&request).await {
            Ok(receipt) => Ok((!receipt.replayed).then_some(receipt)),
            Err(LedgerError::Refused(
                Refusal::NothingLeft | Refusal::GiftEnded { .. } | Refusal::HoldEnded { .. },
            )) => Ok(None),
            Err(LedgerError::Refused(refusal)) => {
                tracing::error!(%refusal, key = request.key, "not swept");
                swept.failed += 1;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}
