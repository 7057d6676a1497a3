//! Personal data shows itself to one session, for one record, for a quarter of an hour, and the log knows why.

use people::{AuditFilter, NewStaff, Role};

use crate::{HOME, MINUTE, NOW, PASSWORD, desk_client, houses};

#[tokio::test]
async fn one_record_in_one_session_for_a_while_with_its_reason_on_record() {
    for house in houses().await {
        let people = &house.people;
        let new = NewStaff {
            municipality: HOME,
            login_id: "clerk".into(),
            name: "김담당".into(),
            roles: [Role::Clerk].into(),
            password: PASSWORD.into(),
            merchant: None,
        };
        people.add_staff(new, "test", NOW).await.unwrap();
        let one = house.sign_in("clerk", NOW).await.session;
        let other = house.sign_in("clerk", NOW).await.session;
        people
            .reveal(&one, "payout/7", "민원 확인", &desk_client(), NOW)
            .await
            .unwrap();
        let until = async |session, record, at| people.revealed_until(session, record, at).await.unwrap();
        assert_eq!(until(&one, "payout/7", NOW).await, Some(NOW + 15 * MINUTE));
        assert_eq!(until(&one, "payout/7", NOW + 15 * MINUTE).await, None);
        assert_eq!(until(&one, "payout/8", NOW).await, None);
        assert_eq!(until(&other, "payout/7", NOW).await, None);
        let filter = AuditFilter {
            action: Some("person.reveal".into()),
            ..AuditFilter::default()
        };
        let log = people.audit_log(HOME, &filter, None, 10).await.unwrap();
        assert_eq!(
            (log.len(), log[0].record.as_str(), log[0].detail.as_str()),
            (1, "payout/7", "민원 확인")
        );
        people.tidy(NOW + 16 * MINUTE).await.unwrap();
        assert_eq!(house.count("SELECT COUNT(*) FROM reveals").await, 0);
    }
}
