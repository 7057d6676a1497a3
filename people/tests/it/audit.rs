//! The audit log only grows, and each municipality reads its own.

use people::{Actor, Audit, AuditCursor, AuditDifference, AuditFilter};
use store::Engine;

use crate::{HOME, NOW, OTHER, houses};

fn deed(municipality: i64, action: &str, record: &str) -> Audit {
    Audit {
        municipality,
        actor_kind: Actor::System,
        actor_id: 0,
        action: action.into(),
        record: record.into(),
        from_ip: "203.0.113.7".into(),
        detail: "rows 3".into(),
    }
}

#[tokio::test]
async fn a_line_can_be_neither_changed_nor_deleted() {
    for house in houses().await {
        house
            .people
            .audit(deed(HOME, "payout.approve", "payout/1"), NOW)
            .await
            .unwrap();
        let store = &house.test.store;
        for sql in [
            "UPDATE audit SET detail = ''",
            "DELETE FROM audit",
            "UPDATE audit SET at = 0 WHERE id > 0",
        ] {
            let refused = sqlx::query(sql).execute(&store.write).await.unwrap_err();
            assert!(refused.to_string().contains("append-only"), "{sql}: {refused}");
        }
        if store.engine == Engine::Postgres {
            assert!(sqlx::query("TRUNCATE audit").execute(&store.write).await.is_err());
        }
        let rows = house
            .people
            .audit_log(HOME, &AuditFilter::default(), None, 10)
            .await
            .unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].at, rows[0].detail.as_str()), (NOW, "rows 3"));
    }
}

#[tokio::test]
async fn each_municipality_reads_its_own_newest_first_page_by_page() {
    for house in houses().await {
        let people = &house.people;
        for n in 0..25 {
            // Two at a time share a millisecond.
            people
                .audit(deed(HOME, "payout.submit", &format!("payout/{n}")), NOW + n / 2)
                .await
                .unwrap();
        }
        people
            .audit(deed(OTHER, "payout.submit", "payout/99"), NOW)
            .await
            .unwrap();
        let mut read = Vec::new();
        let mut cursor = None;
        loop {
            let rows = people
                .audit_log(HOME, &AuditFilter::default(), cursor, 7)
                .await
                .unwrap();
            let Some(last) = rows.last() else { break };
            cursor = Some(AuditCursor::from(last));
            read.extend(rows.into_iter().map(|row| row.record));
        }
        let newest_first: Vec<String> = (0..25).rev().map(|n| format!("payout/{n}")).collect();
        assert_eq!(read, newest_first);
        let elsewhere = people
            .audit_log(OTHER, &AuditFilter::default(), None, 100)
            .await
            .unwrap();
        assert_eq!(elsewhere.len(), 1);
    }
}

#[tokio::test]
async fn the_log_is_asked_by_deed_actor_record_and_time() {
    for house in houses().await {
        let people = &house.people;
        people
            .audit(deed(HOME, "payout.submit", "payout/1"), NOW)
            .await
            .unwrap();
        people
            .audit(deed(HOME, "payout.approve", "payout/1"), NOW + 1)
            .await
            .unwrap();
        people
            .audit(deed(HOME, "staff.add", "login/1"), NOW + 2)
            .await
            .unwrap();
        let ask = async |filter: AuditFilter| people.audit_log(HOME, &filter, None, 10).await.unwrap().len();
        let action = |text: &str| AuditFilter {
            action: Some(text.into()),
            ..AuditFilter::default()
        };
        assert_eq!(ask(action("payout.")).await, 2);
        assert_eq!(ask(action("%")).await, 0, "a filter is no pattern");
        assert_eq!(
            ask(AuditFilter {
                record: Some("payout/1".into()),
                ..action("payout.approve")
            })
            .await,
            1
        );
        assert_eq!(
            ask(AuditFilter {
                actor_id: Some(0),
                record: Some("login/1".into()),
                ..action("staff")
            })
            .await,
            1
        );
        assert_eq!(
            ask(AuditFilter {
                actor_id: Some(7),
                ..AuditFilter::default()
            })
            .await,
            0
        );
        let within = AuditFilter {
            from_at: Some(NOW + 1),
            until_at: Some(NOW + 2),
            ..AuditFilter::default()
        };
        assert_eq!(ask(within).await, 1);
    }
}

/// Takes the triggers away, as somebody who has the database could.
async fn unlocked(house: &crate::House, sql: &'static str) {
    let write = &house.test.store.write;
    if house.test.store.engine == Engine::Postgres {
        for table in ["audit", "audit_links", "audit_heads"] {
            let sql = format!("ALTER TABLE {table} DISABLE TRIGGER USER");
            sqlx::query(sqlx::AssertSqlSafe(sql))
                .execute(write)
                .await
                .unwrap();
        }
    } else {
        for trigger in [
            "audit_no_update",
            "audit_no_delete",
            "audit_links_no_update",
            "audit_links_no_delete",
            "audit_heads_forward",
            "audit_heads_no_delete",
        ] {
            let sql = format!("DROP TRIGGER IF EXISTS {trigger}");
            sqlx::query(sqlx::AssertSqlSafe(sql))
                .execute(write)
                .await
                .unwrap();
        }
    }
    sqlx::query(sql).execute(write).await.unwrap();
}

async fn written(house: &crate::House) {
    for n in 0..5 {
        let line = deed(HOME, "payout.submit", &format!("payout/{n}"));
        house.people.audit(line, NOW + n).await.unwrap();
    }
    house
        .people
        .audit(deed(OTHER, "payout.submit", "payout/9"), NOW)
        .await
        .unwrap();
}

#[tokio::test]
async fn an_untouched_log_is_one_chain_for_each_municipality() {
    for house in houses().await {
        written(&house).await;
        let heads = house.people.verify_audit().await.unwrap().unwrap();
        let lengths: Vec<(i64, i64)> = heads.iter().map(|head| (head.municipality, head.seq)).collect();
        assert_eq!(lengths, [(HOME, 5), (OTHER, 1)]);
        assert_eq!(heads, house.people.audit_heads().await.unwrap());
    }
}

#[tokio::test]
async fn writers_at_once_make_one_chain() {
    for house in houses().await {
        let mut tasks = Vec::new();
        for n in 0..24 {
            let people = house.people.clone();
            tasks.push(tokio::spawn(async move {
                let line = deed(if n % 3 == 0 { OTHER } else { HOME }, "payout.view", "payout/1");
                people.audit(line, NOW + n).await
            }));
        }
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        let heads = house.people.verify_audit().await.unwrap().unwrap();
        assert_eq!(heads.iter().map(|head| head.seq).sum::<i64>(), 24);
    }
}

#[tokio::test]
async fn a_line_changed_taken_out_or_slipped_in_is_found() {
    for (sql, wanted) in [
        (
            "UPDATE audit SET detail = 'rows 4' WHERE record = 'payout/2'",
            "changed",
        ),
        ("DELETE FROM audit WHERE record = 'payout/2'", "missing"),
        (
            "DELETE FROM audit_links WHERE municipality = 41390 AND seq = 3",
            "missing",
        ),
        (
            "DELETE FROM audit_links WHERE municipality = 41390 AND seq = 5",
            "end",
        ),
        (
            "INSERT INTO audit SELECT municipality, id + 7777777, at, actor_kind, actor_id, action, record, from_ip, \
             detail FROM audit WHERE record = 'payout/2'",
            "foreign",
        ),
    ] {
        for house in houses().await {
            written(&house).await;
            unlocked(&house, sql).await;
            let found = house.people.verify_audit().await.unwrap().unwrap_err();
            let kind = match found {
                AuditDifference::Changed { seq: 3, .. } => "changed",
                AuditDifference::Missing { seq: 3, .. } => "missing",
                AuditDifference::End { seq: 4, head: 5, .. } => "end",
                AuditDifference::Foreign { count: 1, .. } => "foreign",
                _ => "another",
            };
            assert_eq!(kind, wanted, "{sql}: {found}");
        }
    }
}

#[tokio::test]
async fn what_was_written_before_there_was_a_chain_is_chained_first() {
    for house in houses().await {
        for n in 0..3 {
            sqlx::query(
                "INSERT INTO audit (municipality, id, at, actor_kind, actor_id, action, record, from_ip, detail) \
                 VALUES ($1, $2, $3, 'system', 0, 'old', '', '', '')",
            )
            .bind(HOME)
            .bind(n + 1)
            .bind(NOW - n)
            .execute(&house.test.store.write)
            .await
            .unwrap();
        }
        let people = &house.people;
        people
            .audit(deed(HOME, "payout.view", "payout/1"), NOW)
            .await
            .unwrap();
        let heads = people.verify_audit().await.unwrap().unwrap();
        assert_eq!(heads[0].seq, 4);
    }
}

#[tokio::test]
async fn the_log_is_searched_by_text_and_a_text_is_no_pattern() {
    for house in houses().await {
        let people = &house.people;
        people
            .audit(deed(HOME, "payout.submit", "payout/1"), NOW)
            .await
            .unwrap();
        let percent = Audit {
            detail: "100% of Rows".into(),
            ..deed(HOME, "payout.view", "payout/2")
        };
        people.audit(percent, NOW + 1).await.unwrap();
        let ask = async |text: &str| {
            let filter = AuditFilter {
                text: Some(text.into()),
                ..AuditFilter::default()
            };
            people.audit_log(HOME, &filter, None, 10).await.unwrap().len()
        };
        assert_eq!(ask("ROWS").await, 2);
        assert_eq!(ask("100%").await, 1);
        assert_eq!(ask("1%0").await, 0);
        assert_eq!(ask("203.0.113").await, 2);
        assert_eq!(ask("payout_submit").await, 0);
    }
}
