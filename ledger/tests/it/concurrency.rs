//! Many at once: nothing is overspent, nothing is done twice.

use ledger::{Category, LedgerError, NewProgramme, Operation, Refusal, Request};

use crate::world::{NOON, SUWON, World};

const ANNA: i64 = 7;

fn request(key: String, operation: Operation) -> Request {
    Request {
        municipality: SUWON,
        key,
        actor: "test".to_owned(),
        at: NOON,
        operation,
    }
}

/// Posts all at once, and gives every answer.
async fn at_once(world: &World, requests: Vec<Request>) -> Vec<Result<ledger::Receipt, LedgerError>> {
    let tasks: Vec<_> = requests
        .into_iter()
        .map(|request| {
            let ledger = world.ledger.clone();
            tokio::spawn(async move { ledger.post(request).await })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.expect("no task panics"));
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_two_payments_from_one_wallet_never_overspend_it() {
    for world in World::both().await {
        let programme = world.given("수당", 1_000_000).await;
        world.grant("g1", programme.id, ANNA, 6_000).await;
        world.grant("g2", programme.id, ANNA, 4_500).await;
        let shop = world.merchant("A1", Category::Cafe, 0).await;
        let pay = |n| {
            request(
                format!("p{n}"),
                Operation::Pay {
                    holder: ANNA,
                    merchant: shop.id,
                    amount_won: 1_000,
                },
            )
        };
        let answers = at_once(&world, (0..32).map(pay).collect()).await;
        let paid = answers.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(paid, 10, "{answers:?}");
        for answer in answers {
            if let Err(error) = answer {
                let LedgerError::Refused(Refusal::NotEnough {
                    usable_won: 500,
                    total_won: 500,
                }) = error
                else {
                    panic!("{error:?}")
                };
            }
        }
        assert_eq!(world.total(ANNA, NOON).await, 500);
        world.assert_clean().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_sixteen_times_at_once_posts_once() {
    for world in World::both().await {
        let programme = world.given("수당", 1_000_000).await;
        world.grant("g", programme.id, ANNA, 1_000).await;
        let shop = world.merchant("A1", Category::Cafe, 0).await;
        let pay = Operation::Pay {
            holder: ANNA,
            merchant: shop.id,
            amount_won: 1_000,
        };
        let answers = at_once(&world, vec![request("once".to_owned(), pay); 16]).await;
        let receipts: Vec<_> = answers
            .into_iter()
            .map(|answer| answer.expect("all are answered"))
            .collect();
        assert_eq!(receipts.iter().filter(|receipt| !receipt.replayed).count(), 1);
        assert!(
            receipts
                .iter()
                .all(|receipt| receipt.transfer == receipts[0].transfer)
        );
        world.assert_clean().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_for_two_wallets_at_once_is_done_for_one_and_refused_for_the_other() {
    for world in World::both().await {
        let programme = world.given("수당", 1_000_000).await;
        let grant = |holder| {
            let operation = Operation::Grant {
                programme: programme.id,
                holder,
                amount_won: 10,
                payout: None,
            };
            request("same".to_owned(), operation)
        };
        let answers = at_once(&world, (0..8).map(|n| grant(n % 2 + 1)).collect()).await;
        let done = answers
            .iter()
            .filter(|answer| answer.as_ref().is_ok_and(|receipt| !receipt.replayed))
            .count();
        let reused = answers
            .iter()
            .filter(|a| matches!(a, Err(LedgerError::Refused(Refusal::KeyReused))))
            .count();
        assert_eq!((done, reused), (1, 4), "{answers:?}");
        world.assert_clean().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_is_never_overspent_and_a_limit_never_passed_however_many_come() {
    for world in World::both().await {
        let mut new = NewProgramme::sold("페이", "Pay", 1_000, "clerk");
        new.monthly_limit_won = Some(50_000);
        let programme = world.programme(new).await;
        world.fund(programme.id, 10_000).await;
        // Each of 4 people may buy 5 times; the budget's discounts reach for 10 sales.
        let sell = |n: i64| {
            let operation = Operation::Sell {
                programme: programme.id,
                holder: n % 4,
                value_won: 10_000,
                deposit: None,
            };
            request(format!("s{n}"), operation)
        };
        let answers = at_once(&world, (0..32).map(sell).collect()).await;
        assert_eq!(
            answers.iter().filter(|answer| answer.is_ok()).count(),
            10,
            "{answers:?}"
        );
        for holder in 0..4 {
            assert!(world.total(holder, NOON).await <= 50_000);
        }
        world.assert_clean().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn payments_and_their_cancellations_at_once_neither_lose_nor_make_a_won() {
    for world in World::both().await {
        let programme = world.given("수당", 1_000_000).await;
        let shop = world.merchant("A1", Category::Cafe, 0).await;
        let mut requests = Vec::new();
        for holder in 1..=4 {
            world
                .grant(&format!("g{holder}"), programme.id, holder, 10_000)
                .await;
            let pay = Operation::Pay {
                holder,
                merchant: shop.id,
                amount_won: 5_000,
            };
            let paid = world
                .post(&format!("first{holder}"), NOON, pay)
                .await
                .unwrap()
                .transfer;
            for n in 0..4 {
                let cancel = Operation::Cancel {
                    transfer: paid,
                    amount_won: Some(2_000),
                };
                requests.push(request(format!("c{holder}-{n}"), cancel));
                let pay = Operation::Pay {
                    holder,
                    merchant: shop.id,
                    amount_won: 1_000,
                };
                requests.push(request(format!("p{holder}-{n}"), pay));
            }
        }
        let answers = at_once(&world, requests).await;
        let cancelled = answers
            .iter()
            .filter(|a| {
                a.as_ref()
                    .is_ok_and(|receipt| receipt.kind == ledger::TransferKind::Cancel)
            })
            .count();
        assert_eq!(
            cancelled, 8,
            "of each payment of 5,000 two parts of 2,000 come back: {answers:?}"
        );
        world.assert_clean().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_dropped_half_way_leaves_no_open_transaction_behind() {
    let world = World::new(store::testing::postgres().await).await;
    let programme = world.given("수당", 1_000_000).await;
    let watcher = store::Store::open(&world.test.url).await.unwrap();
    // A browser that hangs up drops its request wherever it stands; the connection goes back to the pool.
    for n in 0..80 {
        let operation = Operation::Grant {
            programme: programme.id,
            holder: ANNA,
            amount_won: 1,
            payout: None,
        };
        let mut asked = Box::pin(world.ledger.post(request(format!("d{n}"), operation)));
        let mut polls = 0;
        std::future::poll_fn(|context| {
            polls += 1;
            if polls > n / 2 {
                std::task::Poll::Ready(())
            } else {
                asked.as_mut().poll(context).map(|_| ())
            }
        })
        .await;
        drop(asked);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        let (open,): (i64,) = sqlx::query_as(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() \
             AND state LIKE 'idle in transaction%'",
        )
        .fetch_one(&watcher.read)
        .await
        .unwrap();
        assert_eq!(
            open,
            0,
            "a transaction that nobody will end, after {} polls",
            n / 2
        );
    }
    world.assert_clean().await;
}
