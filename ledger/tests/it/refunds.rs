//! The rest of a purchase goes back to whoever paid for it, and out by the bank.

use ledger::{
    Bank, BankAnswer, BankSimulator, Category, Deposit, NewProgramme, Operation, Payee, Programme, Refusal,
    Remittance, RemittanceState, TransferKind,
};

use crate::world::{DAY, NOON, SEONGNAM, SUWON, World, refusal};

const ANNA: i64 = 7;
const BEN: i64 = 8;

/// 페이 at 10 %, of which Anna buys 100,000.
async fn purchase(world: &World) -> (Programme, i64) {
    let programme = world
        .programme(NewProgramme::sold("페이", "Pay", 1_000, "clerk"))
        .await;
    world.fund(programme.id, 1_000_000).await;
    let lot = world.sell("buy", programme.id, ANNA, 100_000).await.lots[0].lot;
    (programme, lot)
}

fn refund(lot: i64) -> Operation {
    Operation::Refund { holder: ANNA, lot }
}

async fn budget(world: &World, programme: i64) -> i64 {
    let programme = world.ledger.programme(SUWON, programme).await.unwrap();
    programme.unwrap().budget_left_won
}

#[tokio::test]
async fn an_unused_purchase_gives_its_whole_price_back_and_the_discount_to_the_budget() {
    for world in World::both().await {
        let (programme, lot) = purchase(&world).await;
        assert_eq!(budget(&world, programme.id).await, 990_000);
        let quote = world.ledger.refund_quotes(SUWON, ANNA, NOON).await.unwrap();
        assert_eq!(
            (quote[0].back_won, quote[0].discount_won, &quote[0].refusal),
            (90_000, 10_000, &None)
        );
        let receipt = world.post("r", NOON, refund(lot)).await.unwrap();
        assert_eq!(
            (receipt.kind, receipt.amount_won),
            (TransferKind::Refund, 100_000)
        );
        assert_eq!(world.ledger.refundable(SUWON, ANNA).await.unwrap(), 90_000);
        assert_eq!(budget(&world, programme.id).await, 1_000_000);
        assert_eq!(world.total(ANNA, NOON).await, 0);
        let again = world.post("r", NOON + DAY, refund(lot)).await.unwrap();
        assert!(again.replayed);
        assert_eq!(
            refusal(world.post("r2", NOON, refund(lot)).await),
            Refusal::NothingLeft
        );
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn the_share_used_is_of_that_purchase_not_of_the_wallet_nor_of_what_is_left() {
    for world in World::both().await {
        let (programme, first) = purchase(&world).await;
        let second = world.sell("buy 2", programme.id, ANNA, 50_000).await.lots[0].lot;
        let shop = world.merchant("A1", Category::Cafe, 0).await;
        let pay = |amount_won| Operation::Pay {
            holder: ANNA,
            merchant: shop.id,
            amount_won,
        };
        // 59,999 of the first; the second stays whole.
        world.post("p1", NOON, pay(59_999)).await.unwrap();
        let early = Refusal::RefundTooEarly {
            spent_won: 59_999,
            needed_won: 60_000,
        };
        let quotes = world.ledger.refund_quotes(SUWON, ANNA, NOON).await.unwrap();
        assert_eq!(quotes[0].refusal, Some(early.clone()));
        assert_eq!(
            (quotes[1].lot, quotes[1].back_won, &quotes[1].refusal),
            (second, 45_000, &None)
        );
        assert_eq!(refusal(world.post("r1", NOON, refund(first)).await), early);
        let paid = world.post("p2", NOON, pay(1)).await.unwrap().transfer;
        // What was cancelled is not spent.
        let cancel = Operation::Cancel {
            transfer: paid,
            amount_won: None,
        };
        world.post("c", NOON, cancel).await.unwrap();
        assert_eq!(refusal(world.post("r2", NOON, refund(first)).await), early);
        world.post("p3", NOON, pay(1)).await.unwrap();
        let receipt = world.post("r3", NOON, refund(first)).await.unwrap();
        assert_eq!(receipt.lots[0].amount_won, -40_000);
        assert_eq!(world.ledger.refundable(SUWON, ANNA).await.unwrap(), 36_000);
        assert_eq!(budget(&world, programme.id).await, 985_000 + 4_000);
        world.assert_clean().await;
    }
}

#[tokio::test]
async fn neither_granted_nor_ended_nor_anothers_money_is_refunded() {
    for world in World::both().await {
        let (_, lot) = purchase(&world).await;
        let given = world.given("수당", 10_000).await;
        let granted = world.grant("g", given.id, ANNA, 10_000).await.lots[0].lot;
        assert_eq!(
            refusal(world.post("1", NOON, refund(granted)).await),
            Refusal::NotRefundable
        );
        let by_ben = Operation::Refund { holder: BEN, lot };
        assert_eq!(refusal(world.post("2", NOON, by_ben).await), Refusal::UnknownLot);
        let ended_at = world.ledger.wallet(SUWON, ANNA, NOON).await.unwrap().pots[1].lots[0].expires_at;
        assert_eq!(
            refusal(world.post("3", ended_at, refund(lot)).await),
            Refusal::LotEnded { ended_at }
        );
        let there = ledger::Request {
            municipality: SEONGNAM,
            key: "4".to_owned(),
            actor: "test".to_owned(),
            at: NOON,
            operation: refund(lot),
        };
        assert_eq!(refusal(world.ledger.post(there).await), Refusal::UnknownLot);
        world.assert_clean().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_purchase_is_refunded_once_however_many_ask_and_leaves_once() {
    for world in World::both().await {
        let (_, lot) = purchase(&world).await;
        let asked: Vec<_> = (0..12)
            .map(|n| {
                let ledger = world.ledger.clone();
                let request = World::request(&format!("r{n}"), NOON, refund(lot));
                tokio::spawn(async move { ledger.post(request).await })
            })
            .collect();
        let mut done = 0;
        for task in asked {
            done += usize::from(task.await.unwrap().is_ok());
        }
        assert_eq!(done, 1);
        let asked: Vec<_> = (0..6)
            .map(|_| {
                let ledger = world.ledger.clone();
                tokio::spawn(async move { ledger.remit_refunds(SUWON, NOON).await.unwrap() })
            })
            .collect();
        let mut made = 0;
        for task in asked {
            made += task.await.unwrap();
        }
        assert_eq!(
            (made, world.ledger.refundable(SUWON, ANNA).await.unwrap()),
            (1, 0)
        );
        let sent = world
            .ledger
            .remittances(SUWON, Payee::Holder(ANNA), 9)
            .await
            .unwrap();
        assert_eq!(
            (sent.len(), sent[0].amount_won, sent[0].state),
            (1, 90_000, RemittanceState::Pending)
        );
        world.assert_clean().await;
    }
}

struct SaysBank(BankAnswer);

impl Bank for SaysBank {
    async fn collect(&self, _deposit: &Deposit) -> BankAnswer {
        self.0.clone()
    }

    async fn send(&self, _remittance: &Remittance) -> BankAnswer {
        self.0.clone()
    }
}

#[tokio::test]
async fn what_the_bank_could_not_send_comes_back_and_what_is_unknown_stays_so() {
    for world in World::both().await {
        let (_, lot) = purchase(&world).await;
        world.post("r", NOON, refund(lot)).await.unwrap();
        let ledger = &world.ledger;
        let reason = || "no such account".to_owned();
        assert_eq!(ledger.remit_refunds(SUWON, NOON).await.unwrap(), 1);
        let first = ledger.open_remittances(SUWON, 0, 9).await.unwrap().remove(0);

        let unknown = SaysBank(BankAnswer::Unknown { reason: reason() });
        let after = ledger.send(&unknown, &first, NOON).await.unwrap();
        assert_eq!(after.state, RemittanceState::Unknown);
        let after = ledger
            .send(&BankSimulator { at_once: true }, &after, NOON)
            .await
            .unwrap();
        assert_eq!(
            after.state,
            RemittanceState::Unknown,
            "what is unknown is not sent again"
        );
        assert_eq!(ledger.remit_refunds(SUWON, NOON).await.unwrap(), 0);
        let failed = ledger
            .settle_remittance(SUWON, first.id, RemittanceState::Failed, "looked", NOON)
            .await
            .unwrap();
        assert!(failed.returned.is_some());
        assert_eq!(ledger.refundable(SUWON, ANNA).await.unwrap(), 90_000);
        let refused = ledger
            .settle_remittance(SUWON, first.id, RemittanceState::Confirmed, "", NOON)
            .await;
        assert_eq!(refusal(refused), Refusal::RemittanceSettled);
        world.assert_clean().await;

        assert_eq!(ledger.remit_refunds(SUWON, NOON + DAY).await.unwrap(), 1);
        let second = ledger
            .open_remittances(SUWON, first.id, 9)
            .await
            .unwrap()
            .remove(0);
        let sent = ledger
            .send(&BankSimulator { at_once: true }, &second, NOON)
            .await
            .unwrap();
        assert_eq!(sent.state, RemittanceState::Confirmed);
        // The bank contradicts itself: what was written first stands.
        let contradicts = SaysBank(BankAnswer::Failed { reason: reason() });
        let after = ledger.send(&contradicts, &second, NOON).await.unwrap();
        assert_eq!(after.state, RemittanceState::Confirmed);
        assert_eq!(ledger.refundable(SUWON, ANNA).await.unwrap(), 0);
        assert!(ledger.open_remittances(SUWON, 0, 9).await.unwrap().is_empty());
        world.assert_clean().await;
    }
}
