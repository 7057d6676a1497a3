//! The audit log only grows, and each municipality reads its own.

use people::{Actor, Audit, AuditCursor, AuditFilter};
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
