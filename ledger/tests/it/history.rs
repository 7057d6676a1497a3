//! A history of 100,000 lines is a walk of an index.

use ledger::{Category, HistoryFilter, Operation, TransferKind};
use store::Engine;

use crate::world::{DAY, NOON, SUWON, World};

const ANNA: i64 = 7;

#[tokio::test]
async fn a_history_goes_back_by_cursor_and_filters() {
    for world in World::both().await {
        let first = world.given("수당", 1_000_000).await;
        let second = world.given("쿠폰", 1_000_000).await;
        let shop = world.merchant("A1", Category::Cafe, 0).await;
        world.grant("g1", first.id, ANNA, 10_000).await;
        world.grant("g2", second.id, ANNA, 10_000).await;
        let mut paid = 0;
        for n in 1..=5 {
            let pay = Operation::Pay {
                holder: ANNA,
                merchant: shop.id,
                amount_won: 3_000,
            };
            paid = world
                .post(&format!("p{n}"), NOON + n * DAY, pay)
                .await
                .unwrap()
                .transfer;
        }
        let cancel = Operation::Cancel {
            transfer: paid,
            amount_won: Some(500),
        };
        world.post("c", NOON + 6 * DAY, cancel).await.unwrap();

        let all = HistoryFilter::default();
        let mut lines = Vec::new();
        let mut cursor = None;
        loop {
            let page = world.ledger.history(SUWON, ANNA, &all, cursor, 3).await.unwrap();
            lines.extend(page.lines);
            let Some(next) = page.next else { break };
            cursor = Some(next.to_string().parse().expect("a cursor survives its text"));
        }
        let won: Vec<_> = lines.iter().map(|line| line.amount_won).collect();
        assert_eq!(won, [500, -3_000, -3_000, -3_000, -3_000, -3_000, 10_000, 10_000]);
        assert_eq!(lines[1].cancelled_won, 500);
        assert_eq!(lines[1].counterparty.as_deref(), Some("A1 상회"));
        assert_eq!(
            lines[2].lots.len(),
            2,
            "the fourth payment took the end of one lot and the start of another"
        );

        let count = async |filter: HistoryFilter| {
            let page = world
                .ledger
                .history(SUWON, ANNA, &filter, None, 100)
                .await
                .unwrap();
            (
                page.lines.len(),
                page.lines.iter().map(|line| line.amount_won).sum::<i64>(),
            )
        };
        let kind = Some(TransferKind::Pay);
        assert_eq!(
            count(HistoryFilter {
                kind,
                ..HistoryFilter::default()
            })
            .await,
            (5, -15_000)
        );
        let programme = Some(first.id);
        assert_eq!(
            count(HistoryFilter {
                programme,
                ..HistoryFilter::default()
            })
            .await,
            (5, 0)
        );
        let (from, until) = (Some(NOON + DAY), Some(NOON + 3 * DAY));
        assert_eq!(
            count(HistoryFilter {
                from,
                until,
                ..HistoryFilter::default()
            })
            .await,
            (2, -6_000)
        );
    }
}

#[tokio::test]
async fn a_hundred_thousand_lines_are_walked_by_the_index_and_never_sorted() {
    for world in World::both().await {
        let programme = world.given("수당", 10_000_000_000).await;
        world.grant("g", programme.id, ANNA, 1_000_000_000).await;
        world.merchant("A1", Category::Cafe, 0).await;
        fill(&world, 100_000).await;
        let [page, whole] = ledger::history_sql();
        let page = plan(&world, &page).await;
        assert!(page.contains("entries_history"), "{page}");
        for slow in ["TEMP B-TREE", "Sort", "Seq Scan on entries", "SCAN"] {
            assert!(!page.contains(slow), "{slow} in {page}");
        }
        let whole = plan(&world, &whole).await;
        for slow in [
            "Seq Scan on entries",
            "Seq Scan on transfers",
            "SCAN e",
            "SCAN t",
            "SCAN c",
            "SCAN l",
            // SQLite, by an index, and yet everything that the municipality has.
            "(municipality=?)",
        ] {
            assert!(!whole.contains(slow), "{slow} in {whole}");
        }
        assert!(whole.contains("transfers_cancels"), "{whole}");
        // The deepest page, and a kind that stands once among them all: found, and right.
        let filter = HistoryFilter {
            kind: Some(TransferKind::Grant),
            ..HistoryFilter::default()
        };
        let page = world
            .ledger
            .history(SUWON, ANNA, &filter, None, 20)
            .await
            .unwrap();
        assert_eq!((page.lines.len(), page.lines[0].amount_won), (1, 1_000_000_000));
        let filter = HistoryFilter {
            until: Some(NOON + 10),
            ..HistoryFilter::default()
        };
        let page = world
            .ledger
            .history(SUWON, ANNA, &filter, None, 20)
            .await
            .unwrap();
        assert_eq!(
            (page.lines.len(), page.lines[0].at, page.next),
            (10, NOON + 9, None)
        );
        world.assert_clean().await;
    }
}

/// So many payments of 1 won, a millisecond apart, as the ledger would have written them.
async fn fill(world: &World, count: i64) {
    let numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)";
    let ids = world.test.store.ids(SUWON, count + 1).await.unwrap().first();
    let mut tx = world.test.store.begin().await.unwrap();
    if world.test.store.engine == Engine::Postgres {
        // Half a million checks of triggers would take a minute; verify looks at the result anyway.
        sqlx::raw_sql("SET LOCAL session_replication_role = replica")
            .execute(&mut *tx)
            .await
            .unwrap();
    }
    let transfers = format!(
        "{numbers} INSERT INTO transfers (municipality, id, idempotency_key, body_hash, kind, amount_won, \
         created_at, actor, holder, merchant) SELECT {SUWON}, $2 + i, 'fill ' || CAST(i AS TEXT), '', 'pay', 1, \
         {NOON} + i, 'test', {ANNA}, m.id FROM n, merchants m"
    );
    // PostgreSQL wants WITH before INSERT, SQLite takes it there too.
    sqlx::query(sqlx::AssertSqlSafe(transfers))
        .bind(count)
        .bind(ids)
        .execute(&mut *tx)
        .await
        .unwrap();
    for (line, kind, amount, lot) in [(0, "wallet", -1, "l.id"), (1, "merchant", 1, "NULL")] {
        let entries = format!(
            "{numbers} INSERT INTO entries (municipality, transfer, line, account, amount_won, lot, programme, kind, \
             created_at) SELECT {SUWON}, $2 + i, {line}, a.id, {amount}, {lot}, l.programme, 'pay', {NOON} + i \
             FROM n, accounts a, lots l WHERE a.kind = '{kind}'"
        );
        sqlx::query(sqlx::AssertSqlSafe(entries))
            .bind(count)
            .bind(ids)
            .execute(&mut *tx)
            .await
            .unwrap();
    }
    if world.test.store.engine == Engine::Postgres {
        // What the trigger would have done: each transfer waits for the public log.
        sqlx::query("INSERT INTO log_pending (municipality, transfer) SELECT municipality, id FROM transfers WHERE id > $1")
            .bind(ids)
            .execute(&mut *tx)
            .await
            .unwrap();
    }
    for sql in [
        "UPDATE accounts SET balance_won = balance_won - $1 WHERE kind = 'wallet'",
        "UPDATE accounts SET balance_won = balance_won + $1 WHERE kind = 'merchant'",
        "UPDATE lots SET left_won = left_won - $1",
    ] {
        sqlx::query(sql).bind(count).execute(&mut *tx).await.unwrap();
    }
    tx.commit().await.unwrap();
    if world.test.store.engine == Engine::Postgres {
        sqlx::raw_sql("VACUUM ANALYZE")
            .execute(&world.test.store.write)
            .await
            .unwrap();
    }
}

/// How the engine would run it.
async fn plan(world: &World, sql: &str) -> String {
    let explain = match world.test.store.engine {
        Engine::Sqlite => "EXPLAIN QUERY PLAN",
        Engine::Postgres => "EXPLAIN",
    };
    let column = if world.test.store.engine == Engine::Sqlite {
        3
    } else {
        0
    };
    let sql = format!("{explain} {sql}");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(SUWON)
        .bind(ANNA)
        .bind(i64::MIN)
        .bind(NOON + 50_000)
        .bind(i64::MAX)
        .bind(0_i64)
        .bind("")
        .bind(21_i64)
        .fetch_all(&world.test.store.read)
        .await
        .unwrap();
    rows.iter()
        .map(|row| sqlx::Row::get::<String, _>(row, column))
        .collect::<Vec<_>>()
        .join("\n")
}
