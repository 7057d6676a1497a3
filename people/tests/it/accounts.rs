//! Accounts that money is paid out to.

use people::{AccountOwner, Actor, AuditFilter, BankAccount};
use sqlx::Row;

use crate::{HOME, NOW, OTHER, houses};

#[tokio::test]
async fn an_account_is_sealed_replaced_and_its_change_is_on_record() {
    for house in houses().await {
        let people = &house.people;
        let owner = AccountOwner::Holder(7);
        assert_eq!(people.bank_account(HOME, owner).await.unwrap(), None);
        for number in ["110-222-333444", "3333-01-1234567"] {
            let account = BankAccount::new("088", number, "김하늘").unwrap();
            let by = (Actor::Resident, 5);
            people
                .set_bank_account(HOME, owner, &account, by, "127.0.0.1", NOW)
                .await
                .unwrap();
            assert_eq!(people.bank_account(HOME, owner).await.unwrap(), Some(account));
        }
        assert_eq!(people.bank_account(HOME, AccountOwner::Merchant(7)).await.unwrap(), None);
        assert_eq!(people.bank_account(OTHER, owner).await.unwrap(), None);
        let rows = sqlx::query("SELECT number_sealed, name_sealed FROM bank_accounts")
            .fetch_all(&house.test.store.read)
            .await
            .unwrap();
        assert_eq!(rows.len(), 1);
        for column in 0..2 {
            let text: String = rows[0].get(column);
            assert!(text.starts_with("v1.") && !text.contains("3333") && !text.contains("김"), "{text}");
        }
        let log = people
            .audit_log(HOME, &AuditFilter::default(), None, 9)
            .await
            .unwrap();
        assert_eq!(log.len(), 2);
        assert_eq!((log[0].action.as_str(), log[0].record.as_str()), ("bank_account.set", "holder/7"));
    }
}
