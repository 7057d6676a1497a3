//! Recomputing everything from the entries.
//!
//! Each check is one statement that gives the first row where two numbers differ: municipality, id, what was
//! expected, what was found. All run on one snapshot, so a ledger at work can be verified. To add a check, add
//! a line to [`CHECKS`]; compare with sums made first and joined after (`SQLite`, knowing no statistics, walks the
//! wrong index of a join from row to rows and never ends).

use serde::{Deserialize, Serialize};
use sqlx::{Any, Transaction};

use crate::{Ledger, LogFigures, Published, error::Result, log::verify_log};

/// The first place where the ledger does not add up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Which rule is broken.
    pub what: String,
    /// Where: municipality and id.
    pub where_: String,
    /// What the entries say (won, or a count).
    pub expected: i64,
    /// What stands there.
    pub found: i64,
}

/// What was looked at, and the first difference, if there is one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// How many municipalities.
    pub municipalities: i64,
    /// How many accounts.
    pub accounts: i64,
    /// How many transfers.
    pub transfers: i64,
    /// How many entries.
    pub entries: i64,
    /// How many lots.
    pub lots: i64,
    /// The public log.
    pub log: LogFigures,
    /// What does not agree with the public log, whatever else does not add up.
    pub log_difference: Option<Difference>,
    /// The first difference.
    pub difference: Option<Difference>,
}

/// What must hold, and the statement that finds the first row where it does not.
pub(crate) const CHECKS: &[(&str, &str)] = &[
    (
        "a transfer's entries sum to zero",
        "SELECT municipality, transfer, 0, CAST(SUM(amount_won) AS BIGINT) FROM entries \
         GROUP BY municipality, transfer HAVING SUM(amount_won) <> 0 ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "a transfer's amount is what its entries bring",
        "SELECT t.municipality, t.id, COALESCE(s.won, 0), t.amount_won FROM transfers t LEFT JOIN \
         (SELECT municipality, transfer, CAST(SUM(amount_won) AS BIGINT) AS won FROM entries \
          WHERE amount_won > 0 GROUP BY municipality, transfer) s \
         ON s.municipality = t.municipality AND s.transfer = t.id \
         WHERE COALESCE(s.won, 0) <> t.amount_won ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "an entry belongs to a transfer of its kind and time",
        "SELECT e.municipality, e.transfer, 1, 0 FROM entries e LEFT JOIN transfers t \
         ON t.municipality = e.municipality AND t.id = e.transfer AND t.kind = e.kind \
         AND t.created_at = e.created_at WHERE t.id IS NULL ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "an account's balance is the sum of its entries",
        "SELECT a.municipality, a.id, COALESCE(s.won, 0), a.balance_won FROM accounts a LEFT JOIN \
         (SELECT municipality, account, CAST(SUM(amount_won) AS BIGINT) AS won FROM entries \
          GROUP BY municipality, account) s ON s.municipality = a.municipality AND s.account = a.id \
         WHERE COALESCE(s.won, 0) <> a.balance_won ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "an entry belongs to an account",
        "SELECT e.municipality, e.transfer, 1, 0 FROM entries e LEFT JOIN accounts a \
         ON a.municipality = e.municipality AND a.id = e.account WHERE a.id IS NULL ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "no account but treasury and clearing is below zero",
        "SELECT municipality, id, 0, balance_won FROM accounts \
         WHERE balance_won < 0 AND kind NOT IN ('treasury', 'clearing') ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "what is left of a lot is the sum of its entries",
        "SELECT l.municipality, l.id, COALESCE(s.won, 0), l.left_won FROM lots l LEFT JOIN \
         (SELECT municipality, lot, CAST(SUM(amount_won) AS BIGINT) AS won FROM entries WHERE lot IS NOT NULL \
          GROUP BY municipality, lot) s ON s.municipality = l.municipality AND s.lot = l.id \
         WHERE COALESCE(s.won, 0) <> l.left_won ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "what is left of a lot lies between nothing and its value",
        "SELECT municipality, id, value_won, left_won FROM lots \
         WHERE left_won < 0 OR left_won > value_won ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "a lot's value is what its own transfer brought",
        "SELECT l.municipality, l.id, COALESCE(e.amount_won, 0), l.value_won FROM lots l LEFT JOIN entries e \
         ON e.municipality = l.municipality AND e.transfer = l.transfer AND e.lot = l.id \
         WHERE COALESCE(e.amount_won, 0) <> l.value_won ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "a wallet's balance is what is left of its lots",
        "SELECT a.municipality, a.id, COALESCE(s.won, 0), a.balance_won FROM accounts a LEFT JOIN \
         (SELECT municipality, account, CAST(SUM(left_won) AS BIGINT) AS won FROM lots \
          GROUP BY municipality, account) s ON s.municipality = a.municipality AND s.account = a.id \
         WHERE a.kind = 'wallet' AND COALESCE(s.won, 0) <> a.balance_won ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "no more was cancelled than was paid",
        "SELECT t.municipality, t.id, t.amount_won, s.won FROM (SELECT municipality, cancels, \
          CAST(SUM(amount_won) AS BIGINT) AS won FROM transfers WHERE cancels IS NOT NULL \
          GROUP BY municipality, cancels) s JOIN transfers t ON t.municipality = s.municipality \
         AND t.id = s.cancels WHERE s.won > t.amount_won ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "an idempotency key stands once",
        "SELECT municipality, MIN(id), 1, COUNT(*) FROM transfers GROUP BY municipality, idempotency_key \
         HAVING COUNT(*) > 1 ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "a payout's counters are what its rows say",
        "SELECT p.municipality, p.id, COALESCE(r.won, 0), p.paid_won FROM payouts p LEFT JOIN \
         (SELECT municipality, payout, CAST(SUM(amount_won) AS BIGINT) AS won, COUNT(*) AS paid FROM payout_rows \
          WHERE state = 'paid' GROUP BY municipality, payout) r ON r.municipality = p.municipality AND r.payout = p.id \
         WHERE p.kind <> 'budget' AND (COALESCE(r.won, 0) <> p.paid_won OR COALESCE(r.paid, 0) <> p.paid_rows) \
         ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "a paid row has its transfer, and a payout's transfer its row",
        "SELECT r.municipality, r.payout, r.amount_won, COALESCE(t.amount_won, 0) FROM payout_rows r \
         LEFT JOIN transfers t ON t.municipality = r.municipality AND t.id = r.transfer AND t.payout = r.payout \
         AND t.holder = r.holder WHERE r.state = 'paid' AND COALESCE(t.amount_won, 0) <> r.amount_won \
         ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "a payout's transfers are as many as its paid rows",
        "SELECT p.municipality, p.id, p.paid_rows, COALESCE(t.number, 0) FROM payouts p LEFT JOIN \
         (SELECT municipality, payout, COUNT(*) AS number FROM transfers WHERE payout IS NOT NULL \
          GROUP BY municipality, payout) t ON t.municipality = p.municipality AND t.payout = p.id \
         WHERE p.kind <> 'budget' AND COALESCE(t.number, 0) <> p.paid_rows ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "a confirmed deposit has its sale",
        "SELECT d.municipality, d.id, d.value_won, COALESCE(t.amount_won, 0) FROM deposits d LEFT JOIN transfers t \
         ON t.municipality = d.municipality AND t.id = d.transfer AND t.deposit = d.id \
         WHERE d.state = 'confirmed' AND COALESCE(t.amount_won, 0) <> d.value_won ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "what moves a wallet moves a lot, and nothing else does",
        "SELECT e.municipality, e.transfer, CASE WHEN a.kind = 'wallet' THEN 1 ELSE 0 END, \
         CASE WHEN e.lot IS NULL THEN 0 ELSE 1 END FROM entries e JOIN accounts a \
         ON a.municipality = e.municipality AND a.id = e.account \
         WHERE (a.kind = 'wallet') <> (e.lot IS NOT NULL) ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "a remittance has its transfer",
        "SELECT r.municipality, r.id, r.amount_won, COALESCE(t.amount_won, 0) FROM remittances r \
         LEFT JOIN transfers t ON t.municipality = r.municipality AND t.id = r.id \
         WHERE COALESCE(t.amount_won, 0) <> r.amount_won ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "a remittance that failed was given back, and no other",
        "SELECT r.municipality, r.id, CASE WHEN r.state = 'failed' THEN r.amount_won ELSE 0 END, \
         COALESCE(t.amount_won, 0) FROM remittances r LEFT JOIN transfers t ON t.municipality = r.municipality \
         AND t.id = r.returned AND t.kind = 'remit_return' \
         WHERE CASE WHEN r.state = 'failed' THEN r.amount_won ELSE 0 END <> COALESCE(t.amount_won, 0) \
         ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "a remittance's transfers are as many as the remittances say",
        "SELECT m.code, m.code, COALESCE(r.number, 0), COALESCE(t.number, 0) FROM municipalities m LEFT JOIN \
         (SELECT municipality, COUNT(*) + SUM(CASE WHEN returned IS NULL THEN 0 ELSE 1 END) AS number \
          FROM remittances GROUP BY municipality) r ON r.municipality = m.code LEFT JOIN \
         (SELECT municipality, COUNT(*) AS number FROM transfers WHERE kind IN ('remit', 'remit_return', 'settle') \
          GROUP BY municipality) t ON t.municipality = m.code \
         WHERE COALESCE(r.number, 0) <> COALESCE(t.number, 0) ORDER BY 1 LIMIT 1",
    ),
    (
        "the gifts account holds what waits to be claimed",
        "SELECT a.municipality, a.id, COALESCE(g.won, 0), a.balance_won FROM accounts a LEFT JOIN \
         (SELECT municipality, CAST(SUM(amount_won) AS BIGINT) AS won FROM gifts WHERE state = 'waiting' \
          GROUP BY municipality) g ON g.municipality = a.municipality \
         WHERE a.kind = 'gifts' AND COALESCE(g.won, 0) <> a.balance_won ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "a gift has its transfer, and its transfer the gift",
        "SELECT t.municipality, t.id, t.amount_won, COALESCE(g.amount_won, 0) FROM transfers t LEFT JOIN gifts g \
         ON g.municipality = t.municipality AND g.id = t.id AND g.sender = t.holder \
         WHERE t.kind = 'gift' AND COALESCE(g.amount_won, 0) <> t.amount_won ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "a gift's parts are what its transfer took from each lot",
        "SELECT p.municipality, p.gift, p.amount_won, COALESCE(-e.amount_won, 0) FROM gift_parts p LEFT JOIN entries e \
         ON e.municipality = p.municipality AND e.transfer = p.gift AND e.lot = p.lot \
         WHERE COALESCE(-e.amount_won, 0) <> p.amount_won ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "a gift's parts add up to it",
        "SELECT g.municipality, g.id, g.amount_won, COALESCE(p.won, 0) FROM gifts g LEFT JOIN \
         (SELECT municipality, gift, CAST(SUM(amount_won) AS BIGINT) AS won FROM gift_parts \
          GROUP BY municipality, gift) p ON p.municipality = g.municipality AND p.gift = g.id \
         WHERE COALESCE(p.won, 0) <> g.amount_won ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "a gift ended by one transfer of its amount",
        "SELECT g.municipality, g.id, g.amount_won, COALESCE(t.amount_won, 0) FROM gifts g LEFT JOIN transfers t \
         ON t.municipality = g.municipality AND t.id = g.ended_by \
         AND t.kind = CASE WHEN g.state = 'claimed' THEN 'gift_claim' ELSE 'gift_return' END \
         AND t.holder = COALESCE(g.claimed_by, g.sender) \
         WHERE g.state <> 'waiting' AND COALESCE(t.amount_won, 0) <> g.amount_won ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "what was claimed of a gift keeps the price of what was given",
        "SELECT g.municipality, g.id, p.price_won, COALESCE(l.price_won, -1) FROM gifts g JOIN \
         (SELECT municipality, gift, CAST(SUM(price_won) AS BIGINT) AS price_won FROM gift_parts \
          GROUP BY municipality, gift) p ON p.municipality = g.municipality AND p.gift = g.id LEFT JOIN \
         (SELECT municipality, transfer, CAST(SUM(price_won) AS BIGINT) AS price_won FROM lots \
          WHERE kind = 'gifted' GROUP BY municipality, transfer) l ON l.municipality = g.municipality \
         AND l.transfer = g.ended_by \
         WHERE g.state = 'claimed' AND COALESCE(l.price_won, -1) <> p.price_won ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "a settlement's takings are the merchant's entries of its time",
        "SELECT s.municipality, s.id, s.won, s.taken_won FROM (SELECT s.municipality, s.id, s.taken_won, \
         COALESCE((SELECT CAST(SUM(e.amount_won) AS BIGINT) FROM entries e WHERE e.municipality = s.municipality \
          AND e.account = (SELECT a.id FROM accounts a WHERE a.municipality = s.municipality AND a.kind = 'merchant' \
           AND a.owner = s.merchant) AND e.created_at >= s.from_at AND e.created_at < s.until_at \
          AND e.kind <> 'settle'), 0) AS won FROM settlements s) s WHERE s.won <> s.taken_won ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "a merchant's settlements follow each other without a gap, and carry over what was not sent",
        "SELECT s.municipality, s.id, COALESCE(b.carried_won, 0), s.brought_won FROM settlements s \
         LEFT JOIN settlements b ON b.municipality = s.municipality AND b.merchant = s.merchant \
         AND b.until_at = s.from_at \
         WHERE COALESCE(b.carried_won, 0) <> s.brought_won OR (b.id IS NULL AND s.from_at <> 0) \
         ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "a settlement has its transfer, and its transfer the settlement",
        "SELECT t.municipality, t.id, t.amount_won, COALESCE(s.sent_won, 0) FROM transfers t LEFT JOIN settlements s \
         ON s.municipality = t.municipality AND s.id = t.id AND s.merchant = t.merchant \
         WHERE t.kind = 'settle' AND COALESCE(s.sent_won, 0) <> t.amount_won ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "the holds account has what is set aside",
        "SELECT a.municipality, a.id, COALESCE(h.won, 0), a.balance_won FROM accounts a LEFT JOIN \
         (SELECT municipality, CAST(SUM(amount_won) AS BIGINT) AS won FROM holds WHERE state = 'open' \
          GROUP BY municipality) h ON h.municipality = a.municipality \
         WHERE a.kind = 'holds' AND COALESCE(h.won, 0) <> a.balance_won ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "a hold has its transfer, and its transfer the hold",
        "SELECT t.municipality, t.id, t.amount_won, COALESCE(h.amount_won, 0) FROM transfers t LEFT JOIN holds h \
         ON h.municipality = t.municipality AND h.id = t.id AND h.holder = t.holder AND h.merchant = t.merchant \
         WHERE t.kind = 'hold' AND COALESCE(h.amount_won, 0) <> t.amount_won ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "a hold that ended was released, by one transfer of its amount",
        "SELECT h.municipality, h.id, h.amount_won, COALESCE(t.amount_won, 0) FROM holds h LEFT JOIN transfers t \
         ON t.municipality = h.municipality AND t.id = h.ended_by AND t.kind = 'release' AND t.holder = h.holder \
         WHERE h.state <> 'open' AND COALESCE(t.amount_won, 0) <> h.amount_won ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "a captured hold has its payment",
        "SELECT h.municipality, h.id, h.captured_won, COALESCE(t.amount_won, 0) FROM holds h LEFT JOIN transfers t \
         ON t.municipality = h.municipality AND t.id = h.payment AND t.kind = 'pay' AND t.merchant = h.merchant \
         AND t.holder = h.holder WHERE h.captured_won <> COALESCE(t.amount_won, 0) ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "an approved card authorisation has its hold",
        "SELECT a.municipality, a.id, a.amount_won, COALESCE(h.amount_won, 0) FROM card_authorisations a \
         LEFT JOIN holds h ON h.municipality = a.municipality AND h.id = a.hold AND h.holder = a.holder \
         WHERE a.decision = 'approve' AND COALESCE(h.amount_won, 0) <> a.amount_won ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "what a card authorisation set aside went back when it was reversed",
        "SELECT a.municipality, a.id, 1, 0 FROM card_authorisations a JOIN holds h \
         ON h.municipality = a.municipality AND h.id = a.hold \
         WHERE a.reversed_at IS NOT NULL AND h.state <> 'released' ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "nothing is set aside here for what was charged elsewhere",
        "SELECT a.municipality, a.id, 0, h.amount_won FROM card_authorisations a JOIN holds h \
         ON h.municipality = a.municipality AND h.id = a.hold \
         WHERE a.fallback_won > 0 AND h.state = 'open' ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "what was charged both here and elsewhere is a case",
        "SELECT a.municipality, a.id, 1, 0 FROM card_authorisations a JOIN holds h \
         ON h.municipality = a.municipality AND h.id = a.hold LEFT JOIN card_cases c \
         ON c.network = a.network AND c.network_id = a.network_id AND c.kind = 'double' \
         WHERE a.fallback_won > 0 AND h.state = 'captured' AND c.id IS NULL ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "what was charged elsewhere without its holder's choice is a case",
        "SELECT a.municipality, a.id, 1, 0 FROM card_authorisations a LEFT JOIN card_cases c \
         ON c.network = a.network AND c.network_id = a.network_id AND c.kind IN ('charged_elsewhere', 'double') \
         WHERE a.fallback_won > 0 AND a.consent = 0 AND c.id IS NULL ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "what was taken back is recorded, with who and why",
        "SELECT t.municipality, t.id, t.amount_won, COALESCE(b.amount_won, 0) FROM transfers t LEFT JOIN take_backs b \
         ON b.municipality = t.municipality AND b.id = t.id \
         WHERE t.kind = 'take_back' AND COALESCE(b.amount_won, 0) <> t.amount_won ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "what a code paid is a payment to its merchant",
        "SELECT c.municipality, c.transfer, 1, 0 FROM code_payments c LEFT JOIN transfers t \
         ON t.municipality = c.municipality AND t.id = c.transfer AND t.kind = 'pay' AND t.merchant = c.merchant \
         WHERE t.id IS NULL ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "a code pays for its own holder",
        "SELECT c.municipality, c.id, c.holder, t.holder FROM codes c JOIN code_payments p \
         ON p.municipality = c.municipality AND p.code = c.id JOIN transfers t \
         ON t.municipality = p.municipality AND t.id = p.transfer WHERE t.holder <> c.holder ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "the months of a programme have the discounts of its sales",
        "SELECT municipality, programme, CAST(SUM(sold) AS BIGINT), CAST(SUM(counted) AS BIGINT) FROM \
         (SELECT municipality, programme, value_won - price_won AS sold, 0 AS counted FROM lots WHERE kind = 'bought' \
          UNION ALL SELECT municipality, programme, 0, discount_won FROM programme_months) c \
         GROUP BY municipality, programme HAVING SUM(sold) <> SUM(counted) ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "the figures count no more than the log has",
        "SELECT 0, f.one, h.size, f.counted FROM figure_head f CROSS JOIN log_head h WHERE f.counted > h.size LIMIT 1",
    ),
    (
        "the figures say of an hour what its entries say",
        "SELECT municipality, programme, \
         CAST(CASE WHEN SUM(ew) <> SUM(fw) THEN SUM(ew) WHEN SUM(eb) <> SUM(fb) THEN SUM(eb) ELSE SUM(en) END AS BIGINT), \
         CAST(CASE WHEN SUM(ew) <> SUM(fw) THEN SUM(fw) WHEN SUM(eb) <> SUM(fb) THEN SUM(fb) ELSE SUM(fn) END AS BIGINT) \
         FROM (SELECT e.municipality AS municipality, (e.created_at + 32400000) / 3600000 AS hour, \
          e.programme AS programme, e.kind AS kind, COUNT(DISTINCT e.transfer) AS en, \
          SUM(CASE WHEN a.kind = 'wallet' THEN e.amount_won ELSE 0 END) AS ew, \
          SUM(CASE WHEN a.kind = 'budget' THEN e.amount_won ELSE 0 END) AS eb, 0 AS fn, 0 AS fw, 0 AS fb \
          FROM log_leaves l JOIN entries e ON e.municipality = l.municipality AND e.transfer = l.transfer \
          JOIN accounts a ON a.municipality = e.municipality AND a.id = e.account \
          WHERE l.number < (SELECT counted FROM figure_head WHERE one = 1) AND e.programme IS NOT NULL \
          GROUP BY 1, 2, 3, 4 \
          UNION ALL SELECT municipality, hour, programme, kind, 0, 0, 0, transfers, wallet_won, budget_won \
          FROM figure_hours) c GROUP BY municipality, hour, programme, kind \
         HAVING SUM(ew) <> SUM(fw) OR SUM(eb) <> SUM(fb) OR SUM(en) <> SUM(fn) ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "the figures of a day are those of its hours",
        "SELECT municipality, programme, CAST(SUM(hw) AS BIGINT), CAST(SUM(dw) AS BIGINT) FROM \
         (SELECT municipality, hour / 24 AS day, programme, kind, transfers AS hn, wallet_won AS hw, budget_won AS hb, \
          0 AS dn, 0 AS dw, 0 AS db FROM figure_hours UNION ALL \
          SELECT municipality, day, programme, kind, 0, 0, 0, transfers, wallet_won, budget_won FROM figure_days) c \
         GROUP BY municipality, day, programme, kind \
         HAVING SUM(hn) <> SUM(dn) OR SUM(hw) <> SUM(dw) OR SUM(hb) <> SUM(db) ORDER BY 1, 2 LIMIT 1",
    ),
    (
        "what was spent at places is what left wallets for them",
        "SELECT municipality, programme, CAST(SUM(dw) AS BIGINT), CAST(SUM(pw) AS BIGINT) FROM \
         (SELECT municipality, day, programme, CASE WHEN kind = 'pay' THEN transfers ELSE 0 END AS dn, \
          -wallet_won AS dw, 0 AS pn, 0 AS pw FROM figure_days WHERE kind IN ('pay', 'cancel') UNION ALL \
          SELECT municipality, day, programme, 0, 0, payments, spent_won FROM figure_places) c \
         GROUP BY municipality, day, programme HAVING SUM(dn) <> SUM(pn) OR SUM(dw) <> SUM(pw) ORDER BY 1, 2 LIMIT 1",
    ),
];

impl Ledger {
    /// Recomputes every balance and lot from the entries, and the public log from all of it; names the first
    /// difference.
    pub async fn verify(&self) -> Result<Verification> {
        self.verify_against(&[]).await
    }

    /// The same, against checkpoints that somebody outside has kept.
    pub async fn verify_against(&self, published: &[Published]) -> Result<Verification> {
        let mut tx = self.store.begin_snapshot().await?;
        if self.store.engine == store::Engine::Postgres {
            // For the first row alone it would walk two tables row by row, hoping to meet one soon; where all is
            // well there is none.
            sqlx::raw_sql("SET LOCAL enable_nestloop = off; SET LOCAL enable_mergejoin = off; SET LOCAL work_mem = '64MB'")
                .execute(&mut *tx)
                .await?;
        }
        let mut verification = Verification {
            municipalities: count(&mut tx, "SELECT COUNT(*) FROM municipalities").await?,
            accounts: count(&mut tx, "SELECT COUNT(*) FROM accounts").await?,
            transfers: count(&mut tx, "SELECT COUNT(*) FROM transfers").await?,
            entries: count(&mut tx, "SELECT COUNT(*) FROM entries").await?,
            lots: count(&mut tx, "SELECT COUNT(*) FROM lots").await?,
            log: LogFigures::default(),
            log_difference: None,
            difference: None,
        };
        if self.store.engine == store::Engine::Postgres {
            // The log's walk goes leaf by leaf, each by its key; the checks below are the other way round.
            sqlx::raw_sql("SET LOCAL enable_nestloop = on")
                .execute(&mut *tx)
                .await?;
        }
        let (figures, found) = verify_log(&mut tx, published).await?;
        verification.log = figures;
        if self.store.engine == store::Engine::Postgres {
            sqlx::raw_sql("SET LOCAL enable_nestloop = off")
                .execute(&mut *tx)
                .await?;
        }
        for (what, sql) in CHECKS {
            let row: Option<(i64, i64, i64, i64)> = sqlx::query_as(*sql).fetch_optional(&mut *tx).await?;
            if let Some((municipality, id, expected, found)) = row {
                let where_ = format!("municipality {municipality:05}, id {id}");
                verification.difference = Some(Difference {
                    what: (*what).to_owned(),
                    where_,
                    expected,
                    found,
                });
                break;
            }
        }
        // What does not add up says more than that it is not what was logged.
        verification.difference = verification.difference.or(found.clone());
        verification.log_difference = found;
        tx.rollback().await?;
        Ok(verification)
    }
}

async fn count(tx: &mut Transaction<'_, Any>, sql: &'static str) -> Result<i64> {
    let (count,): (i64,) = sqlx::query_as(sql).fetch_one(&mut **tx).await?;
    Ok(count)
}
