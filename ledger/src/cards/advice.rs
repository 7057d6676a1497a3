//! What a network decided while we were silent, told afterwards. It is repeated until acknowledged, so it is done once.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    Ask, Decision, Why, ask_body,
    authorise::{Earlier, earlier, reversal, undo_in},
    cases::{self, CaseKind, CaseState, NewCase},
    choices::had_chosen,
    class_of_mcc,
    register::{Card, of_token},
};
use crate::{
    HoldState, Ledger, Refusal,
    error::{LedgerError, Result, is_transient},
    transfers::check_amount,
};

const TRIES: u32 = 6;

/// A network's advice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// The question as it was asked; `due_at` says nothing here.
    pub ask: Ask,
    /// What the network did: decline, or charge the holder's bank account. It never approves in our name.
    pub decision: Decision,
    /// By which version of the list.
    pub list_version: Option<i64>,
    /// When it decided, ms.
    pub decided_at: i64,
}

/// What became of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advised {
    /// Whether money that was set aside has gone back by it.
    pub reversed: bool,
    /// Of a charge elsewhere: whether its holder had chosen it.
    pub by_choice: Option<bool>,
    /// Whether it was told before.
    pub replayed: bool,
}

impl Ledger {
    /// Writes down what a network did without us, and gives back what was set aside in vain.
    /// Refused: [`Refusal::UnknownHold`] (no such card), [`Refusal::KeyReused`] (another body), [`Refusal::Invalid`]
    /// (`decision`), and the amounts of a payment.
    pub async fn advise(&self, advice: &Advice, at: i64) -> Result<Advised> {
        if advice.decision == Decision::Approve {
            return Err(Refusal::Invalid {
                field: "decision".to_owned(),
            }
            .into());
        }
        check_amount(advice.ask.amount_won)?;
        let ask = &advice.ask;
        let card = of_token(&self.store.read, &ask.network, &ask.token).await?;
        let card = card.ok_or(Refusal::UnknownHold)?;
        for attempt in 0..TRIES {
            match self.advise_once(advice, &card, at).await {
                Ok(Some(advised)) => return Ok(advised),
                // Somebody was in between: look again.
                Ok(None) => {}
                Err(LedgerError::Store(error)) if is_transient(&error) => {}
                Err(error) => return Err(error),
            }
            tokio::time::sleep(Duration::from_millis(5 << attempt)).await;
        }
        Err(Refusal::Busy { retry_after_ms: 1000 }.into())
    }

    async fn advise_once(&self, advice: &Advice, card: &Card, at: i64) -> Result<Option<Advised>> {
        let ask = &advice.ask;
        let known = earlier(&self.store.write, &ask.network, &ask.id).await?;
        if known
            .as_ref()
            .is_some_and(|known| known.body_hash != ask_body(ask))
        {
            return Err(Refusal::KeyReused.into());
        }
        let mut ids = self.store.ids(card.municipality, 2).await?;
        let (id, case_id) = (ids.next().unwrap_or_default(), ids.next().unwrap_or_default());
        let open_hold = known.as_ref().and_then(|known| {
            let hold = known.hold?;
            (known.hold_state == Some(HoldState::Open))
                .then(|| reversal(card.municipality, known.id, hold, at))
        });
        let prepared = match &open_hold {
            Some(request) => Some(self.prepare(request).await?),
            None => None,
        };
        let mut advised = Advised::default();
        let mut tx = self.store.begin().await?;
        if let (Some(request), Some(prepared), Some(known)) = (&open_hold, &prepared, &known) {
            match undo_in(&mut tx, &self.store, request, prepared, known.id, "advice").await {
                Ok(true) => advised.reversed = true,
                Ok(false) | Err(LedgerError::Refused(Refusal::HoldEnded { .. })) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        if known.is_none() && !insert(&mut tx, advice, card, id, at).await? {
            return Ok(None);
        }
        if advice.decision == Decision::Fallback {
            let authorisation = known.as_ref().map_or(id, |known| known.id);
            if known.as_ref().is_some_and(|known| known.fallback_won > 0) {
                tx.rollback().await?;
                return Ok(Some(Advised {
                    replayed: true,
                    ..advised
                }));
            }
            let by_choice = charged(&mut tx, advice, card, authorisation).await?;
            advised.by_choice = Some(by_choice);
            let captured = known
                .as_ref()
                .is_some_and(|known| known.hold_state == Some(HoldState::Captured));
            let kind = if captured {
                Some(CaseKind::Double)
            } else {
                (!by_choice).then_some(CaseKind::ChargedElsewhere)
            };
            if let Some(kind) = kind {
                let case = NewCase {
                    municipality: card.municipality,
                    network: &ask.network,
                    network_id: &ask.id,
                    kind,
                    authorisation: Some(authorisation),
                    ours_won: if captured { ask.amount_won } else { 0 },
                    theirs_won: ask.amount_won,
                    state: CaseState::Open,
                    note: "advice",
                };
                cases::write(&mut *tx, case_id, &case, at).await?;
            }
        } else {
            advised.replayed = known.as_ref().is_some_and(Earlier::is_settled);
        }
        tx.commit().await?;
        Ok(Some(advised))
    }
}

impl Earlier {
    /// Whether nothing was set aside any more when it was looked at.
    fn is_settled(&self) -> bool {
        self.hold_state != Some(HoldState::Open)
    }
}

/// The row of a question that never arrived; false if it has arrived this moment.
async fn insert(
    tx: &mut sqlx::AnyConnection,
    advice: &Advice,
    card: &Card,
    id: i64,
    at: i64,
) -> Result<bool> {
    let ask = &advice.ask;
    let merchant: Option<(i64,)> =
        sqlx::query_as("SELECT id FROM merchants WHERE municipality = $1 AND code = $2")
            .bind(card.municipality)
            .bind(ask.merchant.trim().to_ascii_uppercase())
            .fetch_optional(&mut *tx)
            .await?;
    let why = if advice.decision == Decision::Fallback {
        Why::ByChoice
    } else {
        Why::NoChoice
    };
    let done = sqlx::query(
        "INSERT INTO card_authorisations (municipality, id, network, network_id, body_hash, card, holder, merchant, \
         merchant_code, class, amount_won, decision, why, decided_by, asked_at, due_at, decided_at, list_version, \
         created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'network', $14, $15, $15, $16, $17) \
         ON CONFLICT (network, network_id) DO NOTHING",
    )
    .bind(card.municipality)
    .bind(id)
    .bind(&ask.network)
    .bind(&ask.id)
    .bind(ask_body(ask))
    .bind(card.id)
    .bind(card.holder)
    .bind(merchant.map(|(id,)| id))
    .bind(&ask.merchant)
    .bind(class_of_mcc(&ask.mcc).code())
    .bind(ask.amount_won)
    .bind(advice.decision.code())
    .bind(why.code())
    .bind(ask.asked_at)
    .bind(advice.decided_at)
    .bind(advice.list_version)
    .bind(at)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes down that the bank account was charged; whether its holder had chosen it.
async fn charged(
    tx: &mut sqlx::AnyConnection,
    advice: &Advice,
    card: &Card,
    authorisation: i64,
) -> Result<bool> {
    let ask = &advice.ask;
    let class = class_of_mcc(&ask.mcc);
    let by_choice = had_chosen(
        tx,
        card.municipality,
        card.id,
        class,
        ask.amount_won,
        advice.decided_at,
    )
    .await?;
    sqlx::query(
        "UPDATE card_authorisations SET fallback_won = $3, fallback_at = $4, consent = $5, list_version = $6 \
         WHERE municipality = $1 AND id = $2 AND fallback_won = 0",
    )
    .bind(card.municipality)
    .bind(authorisation)
    .bind(ask.amount_won)
    .bind(advice.decided_at)
    .bind(i64::from(by_choice))
    .bind(advice.list_version)
    .execute(tx)
    .await?;
    Ok(by_choice)
}
