//! Looking: once over what happened since the last look.

use std::collections::HashMap;

use sqlx::{Any, Transaction};

use super::{AlertRule, Claim, Found, Paid, Shop, Thresholds, find};
use crate::{Ledger, error::Result};

/// The longest time that one look covers, ms: a house that was closed for long catches up in steps.
const STEP_MS: i64 = 7 * 86_400_000;

/// What came of a look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// How many alerts were raised.
    pub raised: i64,
    /// Whether there is more time to look at.
    pub more: bool,
}

impl Ledger {
    /// Looks at what happened in a municipality since the last look, up to `at` (ms), by its own thresholds, and raises
    /// what it finds. To be called again while there is more. Any number of processes may; one of them raises. Costs: the
    /// payments of the time that the rules look back on, in memory.
    pub async fn look_for_alerts(&self, municipality: i64, at: i64) -> Result<Looked> {
        let rules = self.alert_rules(municipality).await?;
        let mut seen = self.store.begin_snapshot().await?;
        let last: Option<(i64,)> = sqlx::query_as("SELECT until_at FROM alert_looks WHERE municipality = $1")
            .bind(municipality)
            .fetch_optional(&mut *seen)
            .await?;
        let back_ms = rules
            .iter()
            .map(|(rule, set)| rule.looks_back_ms(set))
            .max()
            .unwrap_or(0);
        let since = match last {
            Some((since,)) => since,
            // The first look: what is older than the rules reach back is not gone through.
            None => at - back_ms,
        };
        let until = at.min(since.saturating_add(STEP_MS));
        if until <= since {
            seen.rollback().await?;
            return Ok(Looked::default());
        }
        let from = since.saturating_sub(back_ms);
        let paid = paid(&mut seen, municipality, from, until).await?;
        let claims = claims(&mut seen, municipality, from, until).await?;
        let shops: HashMap<i64, Shop> =
            sqlx::query_as::<_, (i64, i64)>("SELECT id, created_at FROM merchants WHERE municipality = $1")
                .bind(municipality)
                .fetch_all(&mut *seen)
                .await?
                .into_iter()
                .collect();
        seen.rollback().await?;
        let found: Vec<(Found, Thresholds)> = tokio::task::spawn_blocking(move || {
            rules
                .iter()
                .flat_map(|(rule, set)| {
                    find(*rule, set, since, &paid, &claims, &shops)
                        .into_iter()
                        .map(|found| (found, *set))
                })
                .collect()
        })
        .await
        .map_err(|error| sqlx::Error::Io(std::io::Error::other(error)))?;
        let last = last.map(|(last,)| last);
        let raised = self.raise(municipality, last, until, found, at).await?;
        Ok(Looked {
            raised,
            more: until < at,
        })
    }

    /// The rules with this city's thresholds.
    pub async fn alert_rules(&self, municipality: i64) -> Result<Vec<(AlertRule, Thresholds)>> {
        let rows: Vec<(String, i64, i64, i64, i64, i64)> = sqlx::query_as(
            "SELECT rule, is_on, won, count, span, factor FROM alert_rules WHERE municipality = $1",
        )
        .bind(municipality)
        .fetch_all(&self.store.read)
        .await?;
        let own: HashMap<String, Thresholds> = rows
            .into_iter()
            .map(|(rule, is_on, won, count, span, factor)| {
                let set = Thresholds {
                    is_on: is_on == 1,
                    won,
                    count,
                    span,
                    factor,
                };
                (rule, set)
            })
            .collect();
        Ok(AlertRule::ALL
            .into_iter()
            .map(|rule| {
                (
                    rule,
                    own.get(rule.code()).copied().unwrap_or_else(|| rule.defaults()),
                )
            })
            .collect())
    }
}

/// Payments of a time, less those cancelled in whole, in the order of time.
async fn paid(tx: &mut Transaction<'_, Any>, municipality: i64, from: i64, until: i64) -> Result<Vec<Paid>> {
    let rows: Vec<(i64, i64, i64, i64, i64)> = sqlx::query_as(
        "SELECT t.id, t.holder, t.merchant, t.amount_won - COALESCE((SELECT CAST(SUM(c.amount_won) AS BIGINT) \
           FROM transfers c WHERE c.municipality = t.municipality AND c.cancels = t.id), 0), t.created_at \
         FROM transfers t WHERE t.municipality = $1 AND t.created_at > $2 AND t.created_at <= $3 AND t.kind = 'pay' \
         ORDER BY t.created_at, t.id",
    )
    .bind(municipality)
    .bind(from)
    .bind(until)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .filter(|row| row.3 > 0)
        .map(|(transfer, holder, merchant, won, at)| Paid {
            transfer,
            holder,
            merchant,
            won,
            at,
        })
        .collect())
}

/// Gifts that were taken in a time, in the order of time.
async fn claims(
    tx: &mut Transaction<'_, Any>,
    municipality: i64,
    from: i64,
    until: i64,
) -> Result<Vec<Claim>> {
    let rows: Vec<(i64, i64, i64, i64, i64)> = sqlx::query_as(
        "SELECT ended_by, sender, claimed_by, amount_won, updated_at FROM gifts WHERE municipality = $1 \
         AND updated_at > $2 AND updated_at <= $3 AND state = 'claimed' ORDER BY updated_at, id",
    )
    .bind(municipality)
    .bind(from)
    .bind(until)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(transfer, sender, holder, won, at)| Claim {
            transfer,
            sender,
            holder,
            won,
            at,
        })
        .collect())
}
