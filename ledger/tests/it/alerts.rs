//! Alerts on both engines: raised once with their evidence, decided by people, and nobody blocked.

use ledger::{AlertDecision, AlertRule, AlertState, Category, NewProgramme, Operation, Thresholds};

use crate::world::{DAY, NOON, SEONGNAM, SUWON, World};

const HOLDER: i64 = 7;

async fn pay(world: &World, key: &str, merchant: i64, amount_won: i64, at: i64) -> i64 {
    let operation = Operation::Pay {
        holder: HOLDER,
        merchant,
        amount_won,
    };
    world.post(key, at, operation).await.unwrap().transfer
}

fn set(won: i64, count: i64, span: i64) -> Thresholds {
    Thresholds {
        is_on: true,
        won,
        count,
        span,
        factor: 1,
    }
}

#[tokio::test]
async fn a_pattern_is_raised_once_with_its_evidence_and_every_decision_stays() {
    for world in World::both().await {
        let programme = world.given("수당", 10_000_000).await;
        world.grant("g", programme.id, HOLDER, 1_000_000).await;
        let shop = world.merchant("A", Category::Cafe, 0).await;
        let ledger = &world.ledger;
        let rule = AlertRule::RepeatPair;
        let off = Thresholds {
            is_on: false,
            ..set(1, 1, 1)
        };
        for other in AlertRule::ALL {
            let numbers = if other == rule { set(3_000, 3, 7) } else { off };
            ledger
                .set_alert_rule(SUWON, other, numbers, "admin", NOON)
                .await
                .unwrap();
        }
        let mut paid = Vec::new();
        for n in 0..3 {
            paid.push(pay(&world, &format!("p{n}"), shop.id, 1_000, NOON + n * DAY).await);
        }
        // One that was cancelled is none.
        let gone = pay(&world, "gone", shop.id, 5_000, NOON + 2 * DAY).await;
        let cancel = Operation::Cancel {
            transfer: gone,
            amount_won: None,
        };
        world.post("c", NOON + 2 * DAY, cancel).await.unwrap();
        let at = NOON + 3 * DAY;
        let (one, two) = tokio::join!(
            ledger.look_for_alerts(SUWON, at),
            ledger.look_for_alerts(SUWON, at)
        );
        assert_eq!(one.unwrap().raised + two.unwrap().raised, 1);
        assert_eq!(ledger.look_for_alerts(SEONGNAM, at).await.unwrap().raised, 0);
        let page = ledger.alerts(SUWON, AlertState::Open, 10, 0).await.unwrap();
        assert_eq!(page.count, 1);
        let alert = page.alerts[0].clone();
        assert_eq!(
            (alert.holder, alert.merchant, alert.won),
            (Some(HOLDER), shop.id, 3_000)
        );
        assert_eq!(alert.transfers, paid);
        assert_eq!(alert.thresholds, set(3_000, 3, 7));
        assert_eq!(ledger.alert(SEONGNAM, alert.id).await.unwrap(), None);

        // What goes on is not raised again; and the resident pays on, whatever anybody thinks.
        pay(&world, "p3", shop.id, 1_000, at + DAY).await;
        assert_eq!(
            ledger.look_for_alerts(SUWON, at + 2 * DAY).await.unwrap().raised,
            0
        );

        let decision = |state, reason: &str| AlertDecision {
            state,
            reason: reason.to_owned(),
            decided_by: "3".to_owned(),
            decided_at: at,
        };
        let cleared = decision(AlertState::Cleared, "단골입니다");
        ledger
            .decide_alert(SUWON, alert.id, "d1", &cleared)
            .await
            .unwrap();
        ledger
            .decide_alert(SUWON, alert.id, "d1", &cleared)
            .await
            .unwrap();
        let confirmed = decision(AlertState::Confirmed, "다시 보니 다릅니다");
        ledger
            .decide_alert(SUWON, alert.id, "d2", &confirmed)
            .await
            .unwrap();
        assert!(
            ledger
                .decide_alert(SUWON, alert.id, "d3", &decision(AlertState::Open, " "))
                .await
                .is_err()
        );
        assert!(
            ledger
                .decide_alert(SEONGNAM, alert.id, "d4", &confirmed)
                .await
                .is_err()
        );
        let (after, decided) = ledger.alert(SUWON, alert.id).await.unwrap().unwrap();
        assert_eq!(after.state, AlertState::Confirmed);
        assert_eq!(decided, [cleared, confirmed]);
        for sql in [
            "UPDATE alerts SET won = won + 1",
            "DELETE FROM alerts",
            "UPDATE alert_decisions SET reason = 'x'",
            "DELETE FROM alert_decisions",
        ] {
            assert!(
                sqlx::raw_sql(sql).execute(&world.test.store.write).await.is_err(),
                "{sql}"
            );
        }
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn gifts_that_come_together_at_one_shop_are_a_circle() {
    for world in World::both().await {
        // What was given cannot be given on.
        let programme = world
            .programme(NewProgramme::sold("페이", "Pay", 0, "clerk"))
            .await;
        let shop = world.merchant("A", Category::Cafe, 0).await;
        for n in 0..3 {
            world.sell(&format!("g{n}"), programme.id, 20 + n, 200_000).await;
            let gift = Operation::Gift {
                holder: 20 + n,
                recipient: "7".to_owned(),
                amount_won: 150_000,
            };
            let gift = world
                .post(&format!("gift{n}"), NOON + n, gift)
                .await
                .unwrap()
                .transfer;
            let claim = Operation::ClaimGift {
                gift,
                holder: HOLDER,
                recipient: "7".to_owned(),
            };
            world
                .post(&format!("claim{n}"), NOON + 10 + n, claim)
                .await
                .unwrap();
        }
        let old = AlertRule::LargeAtNew;
        let off = Thresholds {
            is_on: false,
            ..old.defaults()
        };
        world
            .ledger
            .set_alert_rule(SUWON, old, off, "admin", NOON)
            .await
            .unwrap();
        pay(&world, "p", shop.id, 400_000, NOON + DAY).await;
        // A month is looked at in steps.
        let mut raised = 0;
        loop {
            let looked = world.ledger.look_for_alerts(SUWON, NOON + 2 * DAY).await.unwrap();
            raised += looked.raised;
            if !looked.more {
                break;
            }
        }
        assert_eq!(raised, 1);
        let page = world.ledger.alerts(SUWON, AlertState::Open, 10, 0).await.unwrap();
        assert_eq!(page.alerts[0].rule, AlertRule::GiftCircle);
        assert_eq!(
            (page.alerts[0].holder, page.alerts[0].transfers.len()),
            (Some(HOLDER), 4)
        );
    }
}
