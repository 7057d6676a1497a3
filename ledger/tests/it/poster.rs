//! Payments in batches: each is answered by itself, and nothing is lost, whoever dies.

use std::time::Duration;

use ledger::{
    Category, Ledger, LedgerError, NewProgramme, Operation, PosterOptions, Receipt, Refusal, Request,
    TransferKind,
};
use store::{Engine, Store};
use tokio::task::JoinHandle;

use crate::world::{NOON, SUWON, World, refusal};

const ANNA: i64 = 7;

type Answer = Result<Receipt, LedgerError>;

fn pay(key: &str, holder: i64, merchant: i64, amount_won: i64) -> Request {
    let operation = Operation::Pay {
        holder,
        merchant,
        amount_won,
    };
    request(key, operation)
}

fn request(key: &str, operation: Operation) -> Request {
    Request {
        municipality: SUWON,
        key: key.to_owned(),
        actor: "test".to_owned(),
        at: NOON,
        operation,
    }
}

/// On a runtime of one thread all that is begun in a row, before the next `await`, is one batch.
fn begin(ledger: &Ledger, request: Request) -> JoinHandle<Answer> {
    let ledger = ledger.clone();
    tokio::spawn(async move { ledger.post(request).await })
}

async fn all(tasks: Vec<JoinHandle<Answer>>) -> Vec<Answer> {
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.expect("no task panics"));
    }
    answers
}

/// A wallet of two lots, 6,000 and 4,500 won, and a shop.
async fn world_with_a_wallet(world: &World) -> i64 {
    let programme = world.given("수당", 1_000_000).await;
    world.grant("g1", programme.id, ANNA, 6_000).await;
    world.grant("g2", programme.id, ANNA, 4_500).await;
    world.merchant("A1", Category::Cafe, 0).await.id
}

#[tokio::test]
async fn each_member_of_a_batch_is_answered_by_itself() {
    for world in World::both().await {
        let shop = world_with_a_wallet(&world).await;
        world
            .post("old", NOON, pay("", ANNA, shop, 500).operation)
            .await
            .unwrap();
        let answers = all([
            pay("first", ANNA, shop, 7_000),
            pay("first", ANNA, shop, 7_000),
            pay("first", ANNA, shop, 7_001),
            pay("too much", ANNA, shop, 3_001),
            pay("old", ANNA, shop, 500),
            pay("old", ANNA, shop, 501),
            pay("nobody", ANNA, 1, 1),
            pay("nothing", ANNA, shop, 0),
            pay("stranger", 8, shop, 1),
            pay("rest", ANNA, shop, 3_000),
            pay("too much", ANNA, shop, 1),
        ]
        .map(|request| begin(&world.ledger, request))
        .into())
        .await;
        let mut answers = answers.into_iter();
        let mut next = || answers.next().expect("an answer to each");
        let first = next().unwrap();
        assert_eq!((first.replayed, first.lots.len()), (false, 2));
        let again = next().unwrap();
        assert_eq!(
            again,
            Receipt {
                replayed: true,
                ..first
            }
        );
        assert_eq!(refusal(next()), Refusal::KeyReused);
        let (usable_won, total_won) = (3_000, 3_000);
        assert_eq!(
            refusal(next()),
            Refusal::NotEnough {
                usable_won,
                total_won
            }
        );
        let old = next().unwrap();
        assert_eq!((old.replayed, old.amount_won), (true, 500));
        assert_eq!(refusal(next()), Refusal::KeyReused);
        assert_eq!(refusal(next()), Refusal::UnknownMerchant);
        assert_eq!(refusal(next()), Refusal::AmountNotPositive);
        let (usable_won, total_won) = (0, 0);
        assert_eq!(
            refusal(next()),
            Refusal::NotEnough {
                usable_won,
                total_won
            }
        );
        assert_eq!(next().unwrap().amount_won, 3_000);
        // A refused key was not used: in the same batch it may come again.
        assert_eq!(
            refusal(next()),
            Refusal::NotEnough {
                usable_won,
                total_won
            }
        );
        assert_eq!(world.total(ANNA, NOON).await, 0);
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn one_that_cannot_be_posted_takes_nobody_along() {
    for world in World::both().await {
        let shop = world_with_a_wallet(&world).await;
        if world.test.store.engine == Engine::Sqlite {
            // PostgreSQL takes no zero byte; SQLite needs some help to find fault with it.
            sqlx::query(
                "CREATE TRIGGER poison BEFORE INSERT ON transfers WHEN INSTR(NEW.actor, CHAR(0)) > 0 \
                 BEGIN SELECT RAISE(ABORT, 'a zero byte'); END",
            )
            .execute(&world.test.store.write)
            .await
            .unwrap();
        }
        let requests = (0..100).map(|n| {
            let mut request = pay(&format!("p{n}"), ANNA, shop, 100);
            if n % 37 == 5 {
                request.actor = "zero\0byte".to_owned();
            }
            request
        });
        let answers = all(requests.map(|request| begin(&world.ledger, request)).collect()).await;
        for (n, answer) in answers.iter().enumerate() {
            let failed = matches!(answer, Err(LedgerError::Store(_)));
            assert_eq!(failed, n % 37 == 5, "{n}: {answer:?}");
            assert_eq!(answer.is_ok(), !failed, "{n}: {answer:?}");
        }
        assert_eq!(world.total(ANNA, NOON).await, 10_500 - 97 * 100);
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn a_full_queue_says_busy_at_once_and_nothing_of_it_is_lost() {
    for world in World::both().await {
        let shop = world_with_a_wallet(&world).await;
        let options = PosterOptions {
            queue_max: 4,
            batch_max: 2,
            ..PosterOptions::default()
        };
        let ledger = Ledger::with_poster(world.test.store.clone(), options);
        let requests: Vec<_> = (0..32).map(|n| pay(&format!("p{n}"), ANNA, shop, 100)).collect();
        let answers = all(requests
            .iter()
            .map(|request| begin(&ledger, request.clone()))
            .collect())
        .await;
        for answer in &answers[..4] {
            assert!(answer.is_ok(), "{answer:?}");
        }
        for answer in answers.into_iter().skip(4) {
            let Refusal::Busy { retry_after_ms } = refusal(answer) else {
                panic!("busy, and nothing else")
            };
            assert!((100..=10_000).contains(&retry_after_ms), "{retry_after_ms} ms");
        }
        for (n, request) in requests.into_iter().enumerate() {
            let receipt = ledger.post(request).await.unwrap();
            assert_eq!(receipt.replayed, n < 4, "{n}");
        }
        assert_eq!(world.total(ANNA, NOON).await, 10_500 - 32 * 100);
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn a_caller_that_is_dropped_loses_its_answer_and_not_its_payment() {
    for world in World::both().await {
        let shop = world_with_a_wallet(&world).await;
        {
            let mut asked = Box::pin(world.ledger.post(pay("gone", ANNA, shop, 100)));
            std::future::poll_fn(|context| {
                assert!(
                    asked.as_mut().poll(context).is_pending(),
                    "it waits for its answer"
                );
                std::task::Poll::Ready(())
            })
            .await;
        }
        let after = world.ledger.post(pay("after", ANNA, shop, 50)).await.unwrap();
        assert!(!after.replayed);
        let again = world.ledger.post(pay("gone", ANNA, shop, 100)).await.unwrap();
        assert!(again.replayed, "it was posted, in its turn");
        assert_eq!(world.total(ANNA, NOON).await, 10_350);
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn a_ledger_that_is_finished_has_posted_what_was_queued_and_takes_no_more() {
    for world in World::both().await {
        let shop = world_with_a_wallet(&world).await;
        let tasks = (0..20)
            .map(|n| begin(&world.ledger, pay(&format!("p{n}"), ANNA, shop, 100)))
            .collect();
        tokio::task::yield_now().await;
        world.ledger.finish().await;
        for answer in all(tasks).await {
            assert!(answer.is_ok(), "{answer:?}");
        }
        let late = refusal(world.ledger.post(pay("late", ANNA, shop, 100)).await);
        assert!(matches!(late, Refusal::Busy { .. }), "{late:?}");
        world.assert_clean().await;
    }
}

/// Another process on the same database.
async fn other(world: &World) -> Ledger {
    Ledger::new(Store::open(&world.test.url).await.expect("opens once more"))
}

#[tokio::test(flavor = "multi_thread")]
async fn two_posters_on_the_same_lots_spend_each_won_once() {
    for world in World::both().await {
        let programme = world.given("수당", 10_000_000).await;
        let shop = world.merchant("A1", Category::Cafe, 0).await.id;
        let ledgers = [world.ledger.clone(), other(&world).await];
        for holder in 1..=4 {
            for (n, won) in [3_300, 3_300, 3_400].into_iter().enumerate() {
                world
                    .grant(&format!("g{holder}-{n}"), programme.id, holder, won)
                    .await;
            }
        }
        // Each wallet of 10,000 is asked for 30 times 1,000, by both, and every third key by both of them.
        let mut tasks = Vec::new();
        for n in 0..30 {
            for holder in 1..=4 {
                let request = pay(&format!("p{holder}-{n}"), holder, shop, 1_000);
                tasks.push(begin(&ledgers[n % 2], request.clone()));
                if n % 3 == 0 {
                    tasks.push(begin(&ledgers[(n + 1) % 2], request));
                }
            }
        }
        let answers = all(tasks).await;
        let paid: Vec<_> = answers
            .iter()
            .flatten()
            .filter(|receipt| !receipt.replayed)
            .collect();
        assert_eq!(paid.len(), 40);
        for answer in &answers {
            match answer {
                Ok(_)
                | Err(LedgerError::Refused(Refusal::NotEnough {
                    usable_won: 0,
                    total_won: 0,
                })) => {}
                other => panic!("{other:?}"),
            }
        }
        for holder in 1..=4 {
            assert_eq!(world.total(holder, NOON).await, 0);
        }
        world.assert_clean().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_posters_beside_cancellations_and_grants_come_out_to_the_won() {
    for world in World::both().await {
        let programme = world.given("수당", 10_000_000).await;
        let shops = [
            world.merchant("A1", Category::Cafe, 0).await.id,
            world.merchant("A2", Category::Mart, 0).await.id,
        ];
        let ledgers = [world.ledger.clone(), other(&world).await];
        let mut first = Vec::new();
        for holder in 1..=6 {
            world
                .grant(&format!("g{holder}"), programme.id, holder, 20_000)
                .await;
            let receipt = world
                .ledger
                .post(pay(&format!("f{holder}"), holder, shops[0], 10_000))
                .await;
            first.push(receipt.unwrap().transfer);
        }
        let mut tasks = Vec::new();
        for n in 0..10 {
            for holder in 1..=6_usize {
                let ledger = &ledgers[(n + holder) % 2];
                let key = |what: &str| format!("{what}{holder}-{n}");
                tasks.push(begin(ledger, pay(&key("p"), holder as i64, shops[n % 2], 700)));
                let cancel = Operation::Cancel {
                    transfer: first[holder - 1],
                    amount_won: Some(600),
                };
                tasks.push(begin(ledger, request(&key("c"), cancel)));
                let grant = Operation::Grant {
                    programme: programme.id,
                    holder: holder as i64,
                    amount_won: 50,
                    payout: None,
                };
                tasks.push(begin(ledger, request(&key("m"), grant)));
            }
        }
        let mut done = std::collections::HashMap::new();
        for answer in all(tasks).await {
            *done.entry(answer.expect("all can be done").kind).or_insert(0) += 1;
        }
        for kind in [TransferKind::Pay, TransferKind::Cancel, TransferKind::Grant] {
            assert_eq!(done[&kind], 60);
        }
        for holder in 1..=6 {
            assert_eq!(world.total(holder, NOON).await, 10_000 - 7_000 + 6_000 + 500);
        }
        world.assert_clean().await;
    }
}

/// A step and the one after it, which asks for the first one's transfer.
fn begin_two(
    ledger: &Ledger,
    key: &str,
    first: Operation,
    second: impl FnOnce(i64) -> Operation + Send + 'static,
) -> JoinHandle<Answer> {
    let (ledger, key) = (ledger.clone(), key.to_owned());
    tokio::spawn(async move {
        let first = ledger.post(request(&key, first)).await?;
        ledger
            .post(request(&format!("{key} again"), second(first.transfer)))
            .await
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn two_posters_beside_holds_gifts_and_take_backs_come_out_to_the_won() {
    const FRIEND: i64 = 99;
    for world in World::both().await {
        let granting = world.given("수당", 10_000_000).await;
        let selling = world
            .programme(NewProgramme::sold("페이", "Pay", 1_000, "clerk"))
            .await;
        world.fund(selling.id, 10_000_000).await;
        let shops = [
            world.merchant("A1", Category::Cafe, 0).await.id,
            world.merchant("A2", Category::Mart, 0).await.id,
        ];
        let ledgers = [world.ledger.clone(), other(&world).await];
        let mut granted = Vec::new();
        for holder in 1..=4 {
            world
                .sell(&format!("s{holder}"), selling.id, holder, 50_000)
                .await;
            let grant = world
                .grant(&format!("g{holder}"), granting.id, holder, 20_000)
                .await;
            granted.push(grant.lots[0].lot);
        }
        let mut tasks = Vec::new();
        for n in 0..8 {
            for holder in 1..=4_usize {
                let (ledger, lot) = (&ledgers[(n + holder) % 2], granted[holder - 1]);
                let (merchant, owner) = (shops[n % 2], holder as i64);
                let key = |what: &str| format!("{what}{holder}-{n}");
                tasks.push(begin(ledger, pay(&key("p"), owner, merchant, 700)));
                let hold = |amount_won| Operation::Hold {
                    holder: owner,
                    merchant,
                    amount_won,
                };
                tasks.push(begin_two(ledger, &key("c"), hold(500), |hold| {
                    let amount_won = Some(200);
                    Operation::Capture { hold, amount_won }
                }));
                tasks.push(begin_two(ledger, &key("r"), hold(900), |hold| {
                    Operation::Release { hold }
                }));
                let recipient = "keyed hash of a friend's number".to_owned();
                let give = Operation::Gift {
                    holder: owner,
                    recipient: recipient.clone(),
                    amount_won: 400,
                };
                tasks.push(begin_two(ledger, &key("f"), give, move |gift| {
                    Operation::ClaimGift {
                        gift,
                        holder: FRIEND,
                        recipient,
                    }
                }));
                if n == 4 {
                    let take_back = Operation::TakeBack {
                        lot,
                        by: 1,
                        reason: "paid twice".to_owned(),
                    };
                    tasks.push(begin(ledger, request(&key("t"), take_back)));
                }
            }
        }
        let (mut done, mut taken_won) = (std::collections::HashMap::new(), 0);
        for answer in all(tasks).await {
            let receipt = answer.expect("all can be done");
            *done.entry(receipt.kind).or_insert(0) += 1;
            if receipt.kind == TransferKind::TakeBack {
                taken_won += receipt.amount_won;
            }
        }
        let kinds = [
            (TransferKind::Pay, 64),
            (TransferKind::Release, 32),
            (TransferKind::GiftClaim, 32),
            (TransferKind::TakeBack, 4),
        ];
        for (kind, times) in kinds {
            assert_eq!(done[&kind], times, "{kind:?}");
        }
        let mut left_won = 0;
        for holder in 1..=4 {
            left_won += world.total(holder, NOON).await;
        }
        assert_eq!(left_won, 4 * (70_000 - 8 * (700 + 200 + 400)) - taken_won);
        assert_eq!(world.total(FRIEND, NOON).await, 32 * 400);
        world.assert_clean().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poster_whose_connection_is_killed_tells_the_truth_and_goes_on() {
    let world = World::new(store::testing::postgres().await).await;
    let programme = world.given("수당", 10_000_000).await;
    let shop = world.merchant("A1", Category::Cafe, 0).await.id;
    for holder in 0..8 {
        world
            .grant(&format!("g{holder}"), programme.id, holder, 100_000)
            .await;
    }
    let killer = Store::open(&world.test.url).await.unwrap();
    let mut keys = Vec::new();
    for round in 0..12 {
        let requests: Vec<_> = (0..100)
            .map(|n| pay(&format!("p{round}-{n}"), n % 8, shop, 10))
            .collect();
        let tasks: Vec<_> = requests
            .iter()
            .map(|request| begin(&world.ledger, request.clone()))
            .collect();
        tokio::time::sleep(Duration::from_micros(400 * round)).await;
        sqlx::query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .execute(&killer.read)
        .await
        .unwrap();
        for (request, answer) in requests.into_iter().zip(all(tasks).await) {
            match answer {
                Ok(receipt) => assert!(!receipt.replayed, "its own transfer, whichever try it was"),
                Err(LedgerError::Store(_)) => {}
                Err(refused) => panic!("{refused:?}"),
            }
            keys.push(request);
        }
    }
    for request in keys {
        // Done before, or done now: once in any case.
        world.ledger.post(request).await.expect("work goes on");
    }
    for holder in 0..8 {
        let paid = (0..100).filter(|n| n % 8 == holder).count() as i64 * 12;
        assert_eq!(world.total(holder, NOON).await, 100_000 - paid * 10);
    }
    world.assert_clean().await;
}
