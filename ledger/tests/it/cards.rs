//! Card authorisations: answered in time or taken back, once, and nothing charged elsewhere in silence.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use ledger::{
    Advice, Card, CardAsk as Ask, CardWhy as Why, CaseKind, CaseState, Category, Clock, DailyLine, DecidedBy,
    Decision, HoldState, LineKind, ListKey, NewCard, Refusal, StandIn, TransferKind, key_of_text,
};

use crate::world::{DAY, NOON, SUWON, World, refusal};

const ANNA: i64 = 7;
const TOKEN: &str = "tok_anna_00000001";
const NET: &str = "hanul";
const CAFE: &str = "5814";
const FUEL: &str = "5541";

/// Time stands still.
fn still(at: i64) -> Clock {
    Arc::new(move || at)
}

/// Time passes, from `at` on.
fn passing(at: i64) -> Clock {
    let began = Instant::now();
    Arc::new(move || at + began.elapsed().as_millis() as i64)
}

/// At its `n`th look the clock has passed the time.
fn jumping(at: i64, n: i64, to: i64) -> Clock {
    let looks = AtomicI64::new(0);
    Arc::new(move || {
        if looks.fetch_add(1, Ordering::Relaxed) < n {
            at
        } else {
            to
        }
    })
}

fn ask(id: &str, amount_won: i64) -> Ask {
    Ask {
        network: NET.into(),
        id: id.into(),
        token: TOKEN.into(),
        merchant: "A1".into(),
        mcc: CAFE.into(),
        amount_won,
        asked_at: NOON,
        due_at: NOON + 5_000,
    }
}

fn advice(ask: Ask, decision: Decision) -> Advice {
    Advice {
        decision,
        list_version: Some(1),
        decided_at: ask.asked_at + 500,
        ask,
    }
}

fn line(kind: LineKind, id: &str, amount_won: i64) -> DailyLine {
    DailyLine {
        day: "2026-01-01".into(),
        kind,
        authorisation: id.into(),
        card: TOKEN.into(),
        merchant: "A1".into(),
        mcc: CAFE.into(),
        amount_won,
        at: NOON + 500,
    }
}

/// Anna has a card and 20,000 won.
async fn wallet(world: &World) -> Card {
    let programme = world.given("수당", 100_000).await;
    world.grant("g", programme.id, ANNA, 20_000).await;
    world.merchant("A1", Category::Cafe, 0).await;
    let new = NewCard {
        municipality: SUWON,
        holder: ANNA,
        network: NET.into(),
        token: TOKEN.into(),
    };
    world.ledger.register_card(new, NOON).await.unwrap()
}

async fn list(world: &World, at: i64) -> StandIn {
    let key = ListKey::from_hex(&"09".repeat(32)).unwrap();
    let signed = world.ledger.publish_list(NET, &key, at).await.unwrap();
    let keys = [key_of_text(&key.public_hex()).unwrap()];
    signed.open(&keys, NET, 0, at).unwrap()
}

async fn state(world: &World, id: &str) -> ledger::Authorisation {
    let all = world.ledger.card_authorisations(SUWON, ANNA, 50).await.unwrap();
    all.into_iter().find(|one| one.network_id == id).unwrap()
}

#[tokio::test]
async fn approved_once_captured_once_and_given_back() {
    for world in World::both().await {
        wallet(&world).await;
        let ledger = &world.ledger;
        let verdict = ledger
            .authorise(&ask("n1", 5_000), None, still(NOON))
            .await
            .unwrap();
        assert_eq!(
            (verdict.decision, verdict.why, verdict.by),
            (Decision::Approve, Why::Held, DecidedBy::Ledger)
        );
        assert_eq!(world.total(ANNA, NOON).await, 15_000);
        let again = ledger
            .authorise(&ask("n1", 5_000), None, still(NOON))
            .await
            .unwrap();
        assert_eq!(again, verdict);
        assert_eq!(world.total(ANNA, NOON).await, 15_000, "the same question is one");
        let other = refusal(ledger.authorise(&ask("n1", 5_001), None, still(NOON)).await);
        assert_eq!(other, Refusal::KeyReused);

        let paid = ledger.capture_card(NET, "n1", Some(4_000), NOON).await.unwrap();
        assert_eq!((paid.kind, paid.amount_won), (TransferKind::Pay, 4_000));
        assert!(
            ledger
                .capture_card(NET, "n1", Some(4_000), NOON)
                .await
                .unwrap()
                .replayed
        );
        assert_eq!(
            refusal(ledger.capture_card(NET, "n1", None, NOON).await),
            Refusal::KeyReused
        );
        assert_eq!(
            refusal(ledger.capture_card("else", "n1", None, NOON).await),
            Refusal::UnknownHold
        );
        let back = ledger
            .reverse_card(NET, "n1", "r1", Some(1_000), NOON)
            .await
            .unwrap();
        assert_eq!((back.kind, back.amount_won), (TransferKind::Cancel, 1_000));
        assert!(
            ledger
                .reverse_card(NET, "n1", "r1", Some(1_000), NOON)
                .await
                .unwrap()
                .replayed
        );

        ledger
            .authorise(&ask("n2", 2_000), None, still(NOON))
            .await
            .unwrap();
        let back = ledger.reverse_card(NET, "n2", "r2", None, NOON).await.unwrap();
        assert_eq!((back.kind, back.amount_won), (TransferKind::Release, 2_000));
        assert_eq!(world.total(ANNA, NOON).await, 17_000);
        let late = refusal(ledger.capture_card(NET, "n2", None, NOON).await);
        assert_eq!(
            late,
            Refusal::HoldEnded {
                state: HoldState::Released
            }
        );
        assert_eq!(state(&world, "n2").await.reversed_why.as_deref(), Some("network"));
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn a_no_of_the_ledgers_is_a_no_whatever_was_chosen() {
    for world in World::both().await {
        let card = wallet(&world).await;
        let ledger = &world.ledger;
        let all = [(Category::Cafe, 1_000_000)];
        ledger
            .choose_fallback(SUWON, ANNA, card.id, &all, "anna", NOON)
            .await
            .unwrap();
        let list = list(&world, NOON).await;
        let rows = [
            (ask("n1", 20_001), Why::NotEnough),
            (
                Ask {
                    merchant: "ZZ".into(),
                    ..ask("n2", 1)
                },
                Why::UnknownMerchant,
            ),
            (
                Ask {
                    token: "tok_nobody_000001".into(),
                    ..ask("n3", 1)
                },
                Why::UnknownCard,
            ),
            (ask("n4", 0), Why::BadAmount),
        ];
        for (ask, why) in rows {
            let verdict = ledger.authorise(&ask, Some(&list), still(NOON)).await.unwrap();
            assert_eq!((verdict.decision, verdict.why), (Decision::Decline, why));
            let again = ledger.authorise(&ask, Some(&list), still(NOON)).await.unwrap();
            assert_eq!(again, verdict);
        }
        assert!(ledger.block_card(SUWON, ANNA, card.id, true, NOON).await.unwrap());
        let verdict = ledger
            .authorise(&ask("n5", 1), Some(&list), still(NOON))
            .await
            .unwrap();
        assert_eq!(
            (verdict.decision, verdict.why),
            (Decision::Decline, Why::CardBlocked)
        );
        assert!(
            !ledger
                .block_card(SUWON, ANNA + 1, card.id, false, NOON)
                .await
                .unwrap()
        );
        assert!(
            ledger
                .block_card(SUWON, ANNA, card.id, false, NOON)
                .await
                .unwrap()
        );
        let verdict = ledger
            .authorise(&ask("n6", 1), Some(&list), still(NOON))
            .await
            .unwrap();
        assert_eq!(verdict.decision, Decision::Approve);
        // Each decision is in the history; a card that nobody knows is nobody's.
        let seen = ledger.card_authorisations(SUWON, ANNA, 50).await.unwrap();
        assert_eq!(seen.len(), 4);
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn the_list_holds_what_was_chosen_and_nothing_else() {
    for world in World::both().await {
        let card = wallet(&world).await;
        let ledger = &world.ledger;
        let empty = list(&world, NOON).await;
        assert_eq!((empty.version, empty.entries.len()), (1, 0), "by default nothing");
        let wanted = [(Category::Cafe, 5_000), (Category::Fuel, 0)];
        let changed = ledger
            .choose_fallback(SUWON, ANNA, card.id, &wanted, "anna", NOON)
            .await
            .unwrap();
        assert_eq!(changed, 1, "nothing is as before");
        let chosen = list(&world, NOON).await;
        assert_eq!((chosen.version, chosen.entries.len()), (2, 1));
        assert_eq!(
            list(&world, NOON + 1).await.version,
            2,
            "the same content is the same version"
        );
        assert_eq!(
            list(&world, NOON + 13 * 3_600_000).await.version,
            3,
            "signed again before it is stale"
        );
        ledger.block_card(SUWON, ANNA, card.id, true, NOON).await.unwrap();
        assert_eq!(
            list(&world, NOON + 1).await.entries.len(),
            0,
            "a blocked card is in no list"
        );
        ledger
            .block_card(SUWON, ANNA, card.id, false, NOON)
            .await
            .unwrap();
        let none = [(Category::Cafe, 0)];
        ledger
            .choose_fallback(SUWON, ANNA, card.id, &none, "anna", NOON + 1)
            .await
            .unwrap();
        assert_eq!(list(&world, NOON + 2).await.entries.len(), 0, "withdrawn");
        let foreign = ledger
            .choose_fallback(SUWON, ANNA + 1, card.id, &wanted, "x", NOON)
            .await;
        assert_eq!(refusal(foreign), Refusal::UnknownHold);
        let much = [(Category::Cafe, 1_000_001)];
        let much = ledger
            .choose_fallback(SUWON, ANNA, card.id, &much, "anna", NOON)
            .await;
        assert!(matches!(refusal(much), Refusal::Invalid { .. }));
    }
}

#[tokio::test]
async fn silence_is_answered_by_the_list_and_in_time() {
    for world in World::both().await {
        let card = wallet(&world).await;
        let ledger = &world.ledger;
        let chosen = [(Category::Cafe, 5_000)];
        ledger
            .choose_fallback(SUWON, ANNA, card.id, &chosen, "anna", NOON)
            .await
            .unwrap();
        let list = list(&world, NOON).await;
        // Somebody holds the database: pool, write lock, the wallet's row.
        let mut busy = world.test.store.begin().await.unwrap();
        sqlx_touch(&mut busy).await;
        let rows = [
            ("s1", CAFE, 5_000, Decision::Fallback, Why::ByChoice),
            ("s2", CAFE, 5_001, Decision::Decline, Why::OverChoice),
            ("s3", FUEL, 5_000, Decision::Decline, Why::NoChoice),
        ];
        for (id, mcc, won, decision, why) in rows {
            let at = NOON;
            let ask = Ask {
                mcc: mcc.into(),
                due_at: at + 250,
                ..ask(id, won)
            };
            let began = Instant::now();
            let verdict = ledger.authorise(&ask, Some(&list), passing(at)).await.unwrap();
            let took = began.elapsed();
            assert_eq!(
                (verdict.decision, verdict.why, verdict.by),
                (decision, why, DecidedBy::List),
                "{id}"
            );
            assert!(took < Duration::from_millis(300), "{took:?}");
        }
        let ask = Ask {
            due_at: NOON + 50,
            ..ask("s4", 1)
        };
        let verdict = ledger.authorise(&ask, None, passing(NOON)).await.unwrap();
        assert_eq!((verdict.decision, verdict.why), (Decision::Decline, Why::NoList));
        busy.rollback().await.unwrap();
        // What waited for the lock finds that nobody waits for it any more, or gives back what it took.
        tokio::time::sleep(Duration::from_millis(400)).await;
        ledger.reverse_unanswered(NOON + DAY).await.unwrap();
        assert_eq!(world.total(ANNA, NOON).await, 20_000);
        world.assert_clean().await;
    }
}

/// Takes the lock that a hold needs.
async fn sqlx_touch(tx: &mut sqlx::Transaction<'static, sqlx::Any>) {
    sqlx::query("UPDATE accounts SET balance_won = balance_won WHERE kind = 'wallet'")
        .execute(&mut **tx)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_commit_after_the_answer_was_due_is_taken_back_by_itself() {
    for world in World::both().await {
        wallet(&world).await;
        // Whichever look at the clock is the first that comes too late: nothing stays set aside.
        for look in 1..12 {
            let ask = ask(&format!("l{look}"), 5_000);
            let clock = jumping(NOON, look, NOON + 60_000);
            let verdict = world.ledger.authorise(&ask, None, clock).await.unwrap();
            let left = world.total(ANNA, NOON).await;
            if verdict.decision == Decision::Approve {
                assert_eq!(left, 15_000);
                world
                    .ledger
                    .reverse_card(NET, &ask.id, "back", None, NOON)
                    .await
                    .unwrap();
            } else {
                assert_eq!((verdict.by, left), (DecidedBy::List, 20_000), "look {look}");
            }
        }
        let seen = world.ledger.card_authorisations(SUWON, ANNA, 50).await.unwrap();
        let late = seen
            .iter()
            .filter(|one| one.reversed_why.as_deref() == Some("late"))
            .count();
        assert!(late >= 1, "a late commit was among them: {seen:?}");
        world.assert_clean().await;
    }
}

/// The commit itself is slow: a trigger that runs at its very end sleeps. Only `PostgreSQL` can be made to do that.
#[tokio::test]
async fn a_commit_that_takes_too_long_is_taken_back_by_itself() {
    let world = World::new(store::testing::postgres().await).await;
    wallet(&world).await;
    let slow = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.5); \
        RETURN NULL; END $$; CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON card_authorisations \
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()";
    sqlx::raw_sql(slow)
        .execute(&world.test.store.write)
        .await
        .unwrap();
    let ask = Ask {
        due_at: NOON + 250,
        ..ask("c1", 5_000)
    };
    let began = Instant::now();
    let verdict = world.ledger.authorise(&ask, None, passing(NOON)).await.unwrap();
    assert_eq!((verdict.decision, verdict.why), (Decision::Decline, Why::NoList));
    assert!(began.elapsed() < Duration::from_millis(300));
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let seen = world.ledger.card_authorisations(SUWON, ANNA, 50).await.unwrap();
        if seen.first().is_some_and(|one| one.reversed_why.is_some()) {
            break;
        }
    }
    let seen = state(&world, "c1").await;
    assert_eq!(
        (seen.reversed_why.as_deref(), seen.hold),
        (Some("late"), Some(HoldState::Released))
    );
    assert_eq!(world.total(ANNA, NOON).await, 20_000);
    world.assert_clean().await;
}

#[tokio::test]
async fn killed_at_any_point_the_rule_holds() {
    for world in World::both().await {
        let card = wallet(&world).await;
        let ledger = &world.ledger;
        let chosen = [(Category::Cafe, 9_000)];
        ledger
            .choose_fallback(SUWON, ANNA, card.id, &chosen, "anna", NOON - DAY)
            .await
            .unwrap();
        // After the hold, before it was on record: the job finds it.
        ledger
            .authorise_until_killed(&ask("k1", 5_000), 1, still(NOON))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(world.total(ANNA, NOON).await, 15_000);
        assert_eq!(
            ledger.reverse_unanswered(NOON + 5_500).await.unwrap(),
            0,
            "its answer may be under way"
        );
        assert_eq!(ledger.reverse_unanswered(NOON + 6_001).await.unwrap(), 1);
        assert_eq!(ledger.reverse_unanswered(NOON + 6_001).await.unwrap(), 0);
        assert_eq!(
            state(&world, "k1").await.reversed_why.as_deref(),
            Some("unanswered")
        );
        // The network heard nothing, and says what it did.
        let advised = ledger
            .advise(&advice(ask("k1", 5_000), Decision::Fallback), NOON + DAY)
            .await
            .unwrap();
        assert_eq!((advised.reversed, advised.by_choice), (false, Some(true)));
        let again = ledger
            .advise(&advice(ask("k1", 5_000), Decision::Fallback), NOON + DAY)
            .await
            .unwrap();
        assert!(again.replayed);

        // On record, and the answer lost: the advice gives it back.
        ledger
            .authorise_until_killed(&ask("k2", 5_000), 2, still(NOON))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(ledger.reverse_unanswered(NOON + DAY).await.unwrap(), 0);
        let advised = ledger
            .advise(&advice(ask("k2", 5_000), Decision::Decline), NOON + DAY)
            .await
            .unwrap();
        assert!(advised.reversed);
        assert_eq!(world.total(ANNA, NOON).await, 20_000);
        let late = refusal(ledger.capture_card(NET, "k2", None, NOON + DAY).await);
        assert_eq!(
            late,
            Refusal::HoldEnded {
                state: HoldState::Released
            }
        );

        // The question comes after its advice: it is too late, and sets nothing aside.
        ledger
            .advise(&advice(ask("k3", 5_000), Decision::Decline), NOON)
            .await
            .unwrap();
        let verdict = ledger
            .authorise(&ask("k3", 5_000), None, still(NOON))
            .await
            .unwrap();
        assert_eq!(verdict.decision, Decision::Decline);
        assert_eq!(world.total(ANNA, NOON).await, 20_000);

        // Charged beyond the choice: a case, and its holder reads it.
        let advised = ledger
            .advise(&advice(ask("k4", 9_001), Decision::Fallback), NOON)
            .await
            .unwrap();
        assert_eq!(advised.by_choice, Some(false));
        assert_eq!(
            state(&world, "k4").await.case,
            Some((CaseKind::ChargedElsewhere, CaseState::Open))
        );
        let cases = ledger.card_cases(10).await.unwrap();
        assert_eq!((cases.len(), cases[0].theirs_won), (1, 9_001));
        assert!(
            ledger
                .close_card_case(cases[0].id, 1, "paid back by the network", NOON)
                .await
                .unwrap()
        );
        assert!(
            !ledger
                .close_card_case(cases[0].id, 1, "again", NOON)
                .await
                .unwrap()
        );
        let seen = ledger
            .card_fallbacks(SUWON, ANNA, NOON, NOON + DAY)
            .await
            .unwrap();
        assert_eq!(
            seen.iter()
                .map(|one| (one.won, one.by_choice))
                .collect::<Vec<_>>(),
            [(9_001, false), (5_000, true)]
        );
        let wrong = ledger
            .advise(&advice(ask("k5", 1), Decision::Approve), NOON)
            .await;
        assert!(matches!(refusal(wrong), Refusal::Invalid { .. }));
        world.assert_clean().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn asked_advised_and_swept_at_once_nothing_is_kept_and_charged_too() {
    for world in World::both().await {
        wallet(&world).await;
        for round in 0..12 {
            let question = ask(&format!("r{round}"), 1_000);
            let ledger = world.ledger.clone();
            let asking = tokio::spawn({
                let (ledger, question) = (ledger.clone(), question.clone());
                async move {
                    ledger
                        .authorise(&question, None, still(NOON))
                        .await
                        .unwrap()
                        .decision
                }
            });
            let telling = tokio::spawn({
                let ledger = ledger.clone();
                async move {
                    ledger
                        .advise(&advice(question, Decision::Decline), NOON)
                        .await
                        .unwrap()
                }
            });
            let job = tokio::spawn(async move { ledger.reverse_unanswered(NOON + DAY).await.unwrap() });
            asking.await.unwrap();
            telling.await.unwrap();
            job.await.unwrap();
            assert_eq!(world.total(ANNA, NOON).await, 20_000, "round {round}");
        }
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn the_daily_file_finds_what_differs_and_sets_right_what_the_rule_allows() {
    for world in World::both().await {
        let card = wallet(&world).await;
        let ledger = &world.ledger;
        let chosen = [(Category::Cafe, 3_000)];
        ledger
            .choose_fallback(SUWON, ANNA, card.id, &chosen, "anna", NOON - DAY)
            .await
            .unwrap();
        for id in ["d1", "d2", "d3", "d4", "d5", "d6", "d7"] {
            let verdict = ledger
                .authorise(&ask(id, 1_000), None, still(NOON))
                .await
                .unwrap();
            assert_eq!(verdict.decision, Decision::Approve);
        }
        for id in ["d1", "d2", "d4", "d5"] {
            ledger.capture_card(NET, id, None, NOON).await.unwrap();
        }
        let lines = [
            line(LineKind::Capture, "d1", 1_000),  // agrees
            line(LineKind::Capture, "d2", 1_001),  // another amount
            line(LineKind::Capture, "d3", 900),    // its capture was lost on its way
            line(LineKind::Fallback, "d4", 1_000), // captured here and charged at the bank
            line(LineKind::Fallback, "d6", 1_000), // set aside here and charged at the bank
            line(LineKind::Capture, "d7", 1_000),  // twice in the file
            line(LineKind::Capture, "d7", 1_000),
            line(LineKind::Fallback, "d8", 2_000), // the advice was lost; by choice
            line(LineKind::Fallback, "d9", 4_000), // the advice was lost; not by choice
            line(LineKind::Capture, "d10", 700),   // never heard of
        ]; // d5 was captured, and the network does not know it
        let done = ledger.reconcile_cards(NET, &lines, NOON + DAY).await.unwrap();
        assert_eq!(
            (done.lines, done.agree, done.settled, done.again),
            (10, 2, 3, false),
            "{done:?}"
        );
        let found: Vec<(&str, i64)> = done.cases.iter().map(|(kind, n)| (kind.as_str(), *n)).collect();
        assert_eq!(
            found,
            [
                ("charged_elsewhere", 1),
                ("different_amount", 1),
                ("double", 3),
                ("missing_here", 2),
                ("missing_there", 1)
            ]
        );
        let cases = ledger.card_cases(50).await.unwrap();
        let states: Vec<_> = {
            let mut states: Vec<_> = cases
                .iter()
                .map(|one| (one.network_id.as_str(), one.state))
                .collect();
            states.sort_by_key(|one| one.0);
            states
        };
        use CaseState::{Captured, Open, Reversed};
        assert_eq!(
            states,
            [
                ("d10", Open),
                ("d2", Open),
                ("d3", Captured),
                ("d4", Reversed),
                ("d5", Open),
                ("d6", Reversed),
                ("d7", Open),
                ("d9", Open)
            ]
        );
        // d1, d2, d5 paid; d3 paid 900; d4 and d6 back; d7 still set aside.
        assert_eq!(world.total(ANNA, NOON).await, 20_000 - 3_000 - 900 - 1_000);
        let again = ledger.reconcile_cards(NET, &lines, NOON + DAY).await.unwrap();
        assert!(
            again.again && again.cases.is_empty() && again.settled == 0,
            "{again:?}"
        );
        assert_eq!(ledger.card_cases(50).await.unwrap().len(), 8);
        assert_eq!(state(&world, "d6").await.fallback.map(|one| one.won), Some(1_000));
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn a_card_is_one_persons_and_its_number_never_comes_here() {
    for world in World::both().await {
        let card = wallet(&world).await;
        let new = |holder, token: &str| NewCard {
            municipality: SUWON,
            holder,
            network: NET.into(),
            token: token.into(),
        };
        let again = world.ledger.register_card(new(ANNA, TOKEN), NOON).await.unwrap();
        assert_eq!(again.id, card.id);
        let theirs = world.ledger.register_card(new(ANNA + 1, TOKEN), NOON).await;
        assert_eq!(refusal(theirs), Refusal::KeyReused);
        let number = world
            .ledger
            .register_card(new(ANNA, "9410123412341234"), NOON)
            .await;
        assert!(matches!(refusal(number), Refusal::Invalid { .. }));
    }
}
