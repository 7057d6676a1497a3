//! A small municipality to test in.

use ledger::{
    Category, ExpiryRule, Ledger, LedgerError, MIGRATIONS, Merchant, NewMerchant, NewMunicipality,
    NewProgramme, Operation, Programme, Receipt, Refusal, Request,
};
use store::testing::TestStore;

/// 수원시, and its neighbour 성남시 in the same database.
pub const SUWON: i64 = 41110;
/// The neighbour.
pub const SEONGNAM: i64 = 41130;
/// 1 January 2026, noon in Seoul.
pub const NOON: i64 = 1_767_236_400_000;
/// A day, ms.
pub const DAY: i64 = 86_400_000;

/// A ledger in a fresh database.
pub struct World {
    pub ledger: Ledger,
    pub test: TestStore,
}

impl World {
    /// Both municipalities open, nothing else.
    pub async fn new(test: TestStore) -> Self {
        test.store.migrate(&MIGRATIONS).await.expect("migrates");
        let ledger = Ledger::new(test.store.clone());
        for (code, name_en) in [(SUWON, "Suwon"), (SEONGNAM, "Seongnam")] {
            let new = NewMunicipality {
                code,
                name_en: name_en.to_owned(),
                currency_name: "페이".to_owned(),
                currency_name_en: "Pay".to_owned(),
                help_line: "031-000-0000".to_owned(),
                help_hours: "09–18".to_owned(),
            };
            ledger.open_municipality(new, NOON).await.expect("opens");
        }
        Self { ledger, test }
    }

    /// One on each engine.
    pub async fn both() -> [Self; 2] {
        let [sqlite, postgres] = store::testing::both().await;
        [Self::new(sqlite).await, Self::new(postgres).await]
    }

    pub async fn programme(&self, new: NewProgramme) -> Programme {
        self.ledger
            .create_programme(SUWON, new, NOON)
            .await
            .expect("a programme")
    }

    /// A given programme, valid 12 months, with this budget.
    pub async fn given(&self, name: &str, budget_won: i64) -> Programme {
        let programme = self
            .programme(NewProgramme::given(name, name, ExpiryRule::Months(12), "clerk"))
            .await;
        self.fund(programme.id, budget_won).await;
        programme
    }

    pub async fn fund(&self, programme: i64, amount_won: i64) -> Receipt {
        let key = format!("fund {programme} {amount_won}");
        self.post(
            &key,
            NOON,
            Operation::Fund {
                programme,
                amount_won,
            },
        )
        .await
        .expect("funded")
    }

    pub async fn merchant(&self, code: &str, category: Category, revenue_won_year: i64) -> Merchant {
        let new = NewMerchant {
            code: code.to_owned(),
            name: format!("{code} 상회"),
            category,
            revenue_won_year,
            address: "수원시 팔달구 1".to_owned(),
            district: "매산동".to_owned(),
        };
        self.ledger
            .create_merchant(SUWON, new, NOON)
            .await
            .expect("a merchant")
    }

    pub fn request(key: &str, at: i64, operation: Operation) -> Request {
        Request {
            municipality: SUWON,
            key: key.to_owned(),
            actor: "test".to_owned(),
            at,
            operation,
        }
    }

    pub async fn post(&self, key: &str, at: i64, operation: Operation) -> Result<Receipt, LedgerError> {
        self.ledger.post(Self::request(key, at, operation)).await
    }

    pub async fn sell(&self, key: &str, programme: i64, holder: i64, value_won: i64) -> Receipt {
        let operation = Operation::Sell {
            programme,
            holder,
            value_won,
            deposit: None,
        };
        self.post(key, NOON, operation).await.expect("sold")
    }

    pub async fn grant(&self, key: &str, programme: i64, holder: i64, amount_won: i64) -> Receipt {
        let operation = Operation::Grant {
            programme,
            holder,
            amount_won,
            payout: None,
        };
        self.post(key, NOON, operation).await.expect("granted")
    }

    pub async fn total(&self, holder: i64, at: i64) -> i64 {
        self.ledger
            .wallet(SUWON, holder, at)
            .await
            .expect("a wallet")
            .total_won
    }

    pub async fn assert_clean(&self) {
        let verification = self.ledger.verify().await.expect("verifies");
        assert_eq!(verification.difference, None);
    }
}

/// The refusal in an answer.
#[track_caller]
pub fn refusal<T: std::fmt::Debug>(answer: Result<T, LedgerError>) -> Refusal {
    match answer {
        Err(LedgerError::Refused(refusal)) => refusal,
        other => panic!("expected a refusal, not {other:?}"),
    }
}
