//! The canary pays and takes back for ever and never has more than it began with; no list, desk or settlement knows it.

use ledger::{CANARY_WON, LedgerError, Refusal};
use proptest::prelude::*;

use crate::world::{NOON, World};

#[derive(Clone, Copy, Debug)]
enum Deed {
    /// Asked for again, as by a portal that starts.
    Open,
    /// Pays, and dies before it takes back.
    Pay,
    /// Pays under the key of the last payment: an answer was lost.
    PayAgain,
    /// Pays and takes back.
    Round,
    /// Takes back what is left.
    Tidy,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    prop::collection::vec(
        prop_oneof![
            Just(Deed::Open),
            Just(Deed::Pay),
            Just(Deed::PayAgain),
            Just(Deed::Round),
            Just(Deed::Tidy)
        ],
        1..40,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// Against the simplest model: a number that payments lower by one and taking back raises by one.
    #[test]
    fn the_canary_is_one_purse_of_a_hundred_won(deeds in deeds()) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            for world in World::both().await {
                let ledger = &world.ledger;
                let mut at = NOON;
                let mut canary = ledger.canary(at).await.expect("a canary");
                let (mut model_won, mut payments, mut open) = (CANARY_WON, 0, Vec::new());
                for deed in &deeds {
                    at += 1;
                    match deed {
                        Deed::Open => canary = ledger.canary(at).await.expect("the same"),
                        Deed::Pay | Deed::Round => {
                            payments += 1;
                            let paid = ledger.canary_pay(canary, &payments.to_string(), at).await.expect("paid");
                            if matches!(deed, Deed::Round) {
                                ledger.canary_cancel(paid, at).await.expect("taken back");
                            } else {
                                open.push(paid);
                                model_won -= 1;
                            }
                        }
                        Deed::PayAgain if payments > 0 => {
                            ledger.canary_pay(canary, &payments.to_string(), at).await.expect("answered");
                        }
                        Deed::PayAgain => {}
                        Deed::Tidy => {
                            ledger.canary_tidy(at).await.expect("tidied");
                            // It looks at the last movements only; what lies further back is found by a later round.
                            let left = ledger.canary_left_won(at).await.expect("a wallet");
                            prop_assert!(left >= model_won && left <= CANARY_WON, "{left}");
                            model_won = left;
                            open.clear();
                        }
                    }
                    prop_assert_eq!(ledger.canary_left_won(at).await.expect("a wallet"), model_won);
                }
                world.assert_clean().await;
            }
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn it_stands_outside_every_list_and_cannot_be_filled_up() {
    for world in World::both().await {
        let ledger = &world.ledger;
        let listed = ledger.municipalities().await.unwrap();
        let (one, other) = tokio::join!(ledger.canary(NOON), ledger.canary(NOON));
        assert_eq!(one.unwrap(), other.unwrap(), "two processes find one canary");
        assert_eq!(ledger.municipalities().await.unwrap(), listed);
        let canary = ledger.canary(NOON).await.unwrap();
        let mut paid = Vec::new();
        for number in 0..CANARY_WON {
            paid.push(
                ledger
                    .canary_pay(canary, &number.to_string(), NOON)
                    .await
                    .unwrap(),
            );
        }
        let broke = ledger.canary_pay(canary, "one more", NOON).await;
        assert!(
            matches!(broke, Err(LedgerError::Refused(Refusal::NotEnough { .. }))),
            "{broke:?}"
        );
        assert_eq!(
            ledger.canary(NOON).await.unwrap(),
            canary,
            "nothing is given to it again"
        );
        assert_eq!(ledger.canary_left_won(NOON).await.unwrap(), 0);
        for payment in paid {
            ledger.canary_cancel(payment, NOON).await.unwrap();
        }
        assert_eq!(ledger.canary_left_won(NOON).await.unwrap(), CANARY_WON);
        world.assert_clean().await;
    }
}
