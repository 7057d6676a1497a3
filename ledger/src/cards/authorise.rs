//! A network asks; it is answered in time or not at all.
//!
//! Costs: card, row and merchant are looked up, the hold is a transfer of its own with the row in its commit, and one
//! more commit puts on record that the approval is going to be answered.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use serde::Serialize;

use super::{
    DecidedBy, Decision, Said, StandIn, Verdict, Why, class_of_mcc, decide,
    register::{Card, CardState, of_token},
    token_digest,
};
use crate::{
    Ledger, Operation, Refusal, Request,
    error::{LedgerError, Result, corrupt, is_transient},
    holds::HoldState,
    transfers::{Prepared, body_hash, check_amount, post_in},
};

/// What tells the time, ms: the ledger has no clock of its own, and this is the one place that must see it pass.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

const TRIES: u32 = 6;
/// How long an approval may stay unrecorded before the job takes it back, ms after its answer was due: whoever is still
/// at it sees by itself that it is late.
const UNANSWERED_MS: i64 = 1_000;
/// Rows a page of the job.
const PAGE: i64 = 200;

/// A network's question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Which network, by its key.
    pub network: String,
    /// The network's own id of it: 1–40 printable characters.
    pub id: String,
    /// Its token of the card.
    pub token: String,
    /// The merchant's code with the card's municipality.
    pub merchant: String,
    /// The merchant category code, four digits.
    pub mcc: String,
    /// How much, won.
    pub amount_won: i64,
    /// When it asked, by its clock, ms.
    pub asked_at: i64,
    /// When our answer is due, ms.
    pub due_at: i64,
}

#[derive(Serialize)]
struct Body<'a> {
    token: &'a str,
    merchant: &'a str,
    mcc: &'a str,
    amount_won: i64,
}

/// The hash of what a question asks: the same id with another body is refused.
pub(crate) fn ask_body(ask: &Ask) -> String {
    body_hash(&Body {
        token: &ask.token,
        merchant: &ask.merchant,
        mcc: &ask.mcc,
        amount_won: ask.amount_won,
    })
}

/// The row of an earlier question with the same id.
pub(super) struct Earlier {
    pub(super) municipality: i64,
    pub(super) id: i64,
    pub(super) body_hash: String,
    pub(super) decision: Decision,
    pub(super) why: Why,
    pub(super) hold: Option<i64>,
    pub(super) hold_state: Option<HoldState>,
    pub(super) answered: bool,
    pub(super) reversed: bool,
    pub(super) fallback_won: i64,
}

pub(super) async fn earlier<'e, E: sqlx::Executor<'e, Database = sqlx::Any>>(
    executor: E,
    network: &str,
    id: &str,
) -> Result<Option<Earlier>> {
    type Row = (
        i64,
        i64,
        String,
        String,
        String,
        Option<i64>,
        Option<String>,
        Option<i64>,
        Option<i64>,
        i64,
    );
    let row: Option<Row> = sqlx::query_as(
        "SELECT a.municipality, a.id, a.body_hash, a.decision, a.why, a.hold, h.state, a.answered_at, a.reversed_at, \
         a.fallback_won FROM card_authorisations a LEFT JOIN holds h ON h.municipality = a.municipality AND h.id = a.hold \
         WHERE a.network = $1 AND a.network_id = $2",
    )
    .bind(network)
    .bind(id)
    .fetch_optional(executor)
    .await?;
    let Some((
        municipality,
        id,
        body_hash,
        decision,
        why,
        hold,
        state,
        answered_at,
        reversed_at,
        fallback_won,
    )) = row
    else {
        return Ok(None);
    };
    let hold_state = state
        .map(|state| HoldState::from_code(&state).ok_or_else(|| corrupt("hold state", &state)))
        .transpose()?;
    Ok(Some(Earlier {
        municipality,
        id,
        body_hash,
        decision: Decision::from_code(&decision).ok_or_else(|| corrupt("decision", &decision))?,
        why: Why::from_code(&why).ok_or_else(|| corrupt("why", &why))?,
        hold,
        hold_state,
        answered: answered_at.is_some(),
        reversed: reversed_at.is_some(),
        fallback_won,
    }))
}

impl Earlier {
    /// What the row says to whoever asks again.
    fn said(&self) -> Said {
        match self.decision {
            Decision::Approve if self.reversed => Said::Refused(Why::Reversed),
            // Who captures was told.
            Decision::Approve if self.answered || self.hold_state == Some(HoldState::Captured) => {
                match self.hold_state {
                    Some(HoldState::Open | HoldState::Captured) => Said::Held,
                    _ => Said::Refused(Why::Reversed),
                }
            }
            // Somebody is at it this moment, or died at it and the job takes it back.
            Decision::Approve => Said::Slow,
            Decision::Decline | Decision::Fallback => Said::Refused(self.why),
        }
    }
}

/// Who has the last word: the task that sets money aside, or whoever waits for it until the answer is due.
const UNDECIDED: u8 = 0;
const ANSWERED: u8 = 1;
const GIVEN_UP: u8 = 2;

/// Gives up when dropped, so that a network that hangs up is not taken for one that was told.
struct Waiting(Arc<AtomicU8>);

impl Waiting {
    fn give_up(&self) -> bool {
        self.0
            .compare_exchange(UNDECIDED, GIVEN_UP, Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.give_up();
    }
}

impl Ledger {
    /// Decides, by [`decide`], no later than `ask.due_at`: what the ledger has not said by then is silence, and what it
    /// then commits all the same it takes back by itself. `list`: this network's stand-in list as it was last signed.
    /// Refused, in time: [`Refusal::KeyReused`] (the id was used for another question), [`Refusal::BadKey`].
    pub async fn authorise(&self, ask: &Ask, list: Option<&StandIn>, clock: Clock) -> Result<Verdict> {
        if !(1..=40).contains(&ask.id.len()) || !ask.id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Refusal::BadKey.into());
        }
        let standing = |at: i64| {
            list.map_or(super::CardStanding::NoList, |list| {
                list.standing(&token_digest(&ask.network, &ask.token), &ask.mcc, at)
            })
        };
        if check_amount(ask.amount_won).is_err() {
            return Ok(Verdict::of(Decision::Decline, Why::BadAmount, DecidedBy::Ledger));
        }
        let now = clock();
        let left = Duration::from_millis(u64::try_from(ask.due_at - now).unwrap_or(0));
        if left.is_zero() {
            return Ok(decide(Said::Slow, standing(now), ask.amount_won));
        }
        let word = Arc::new(AtomicU8::new(UNDECIDED));
        let waiting = Waiting(word.clone());
        let mut task = tokio::spawn(say(self.clone(), ask.clone(), word, clock.clone()));
        let said = match tokio::time::timeout(left, &mut task).await {
            Ok(said) => Some(said),
            Err(_) if waiting.give_up() => None,
            // It has just said that it is going to be answered; the answer is there.
            Err(_) => Some(task.await),
        };
        let said = match said {
            None => Said::Slow,
            Some(Ok(Ok(said))) => said,
            Some(Ok(Err(LedgerError::Refused(refusal @ (Refusal::KeyReused | Refusal::BadKey))))) => {
                return Err(refusal.into());
            }
            Some(Ok(Err(error))) => {
                tracing::warn!(%error, "a card authorisation had no answer of the ledger's");
                Said::Down
            }
            Some(Err(error)) => {
                tracing::error!(%error, "a card authorisation broke off");
                Said::Down
            }
        };
        Ok(decide(said, standing(clock()), ask.amount_won))
    }

    /// Takes back approvals of which nobody knows that they were answered: whoever made them died on the way. Any
    /// number of nodes may do it at once. Gives how many.
    pub async fn reverse_unanswered(&self, at: i64) -> Result<i64> {
        let mut reversed = 0;
        loop {
            let rows: Vec<(i64, i64)> = sqlx::query_as(
                "SELECT a.municipality, a.id FROM card_authorisations a JOIN holds h ON h.municipality = a.municipality \
                 AND h.id = a.hold AND h.state = 'open' WHERE a.decision = 'approve' AND a.answered_at IS NULL \
                 AND a.reversed_at IS NULL AND a.due_at < $1 ORDER BY a.due_at LIMIT $2",
            )
            .bind(at - UNANSWERED_MS)
            .bind(PAGE)
            .fetch_all(&self.store.read)
            .await?;
            let mut done = 0;
            for (municipality, id) in &rows {
                done += i64::from(self.undo_approval(*municipality, *id, "unanswered", at).await?);
            }
            reversed += done;
            if (rows.len() as i64) < PAGE || done == 0 {
                return Ok(reversed);
            }
        }
    }

    /// Gives back what was set aside and writes why, in one commit; false if somebody did before, or it was captured.
    /// `unanswered` takes back only what nobody has put on record as answered.
    pub(super) async fn undo_approval(
        &self,
        municipality: i64,
        authorisation: i64,
        why: &'static str,
        at: i64,
    ) -> Result<bool> {
        let Some((hold,)): Option<(Option<i64>,)> =
            sqlx::query_as("SELECT hold FROM card_authorisations WHERE municipality = $1 AND id = $2")
                .bind(municipality)
                .bind(authorisation)
                .fetch_optional(&self.store.write)
                .await?
        else {
            return Ok(false);
        };
        let Some(hold) = hold else { return Ok(false) };
        let request = reversal(municipality, authorisation, hold, at);
        let prepared = self.prepare(&request).await?;
        for attempt in 0..TRIES {
            let mut tx = self.store.begin().await?;
            let done = undo_in(&mut tx, &self.store, &request, &prepared, authorisation, why).await;
            match done {
                Ok(true) => {
                    tx.commit().await?;
                    return Ok(true);
                }
                Ok(false) | Err(LedgerError::Refused(Refusal::HoldEnded { .. })) => return Ok(false),
                Err(LedgerError::Store(error)) if is_transient(&error) => {
                    drop(tx);
                    tokio::time::sleep(Duration::from_millis(5 << attempt)).await;
                }
                Err(error) => return Err(error),
            }
        }
        Err(Refusal::Busy { retry_after_ms: 1000 }.into())
    }
}

/// The request that gives an authorisation's money back, the same whoever asks.
pub(super) fn reversal(municipality: i64, authorisation: i64, hold: i64, at: i64) -> Request {
    Request {
        municipality,
        key: format!("card:{authorisation}:reverse"),
        actor: "cards".to_owned(),
        at,
        operation: Operation::Release { hold },
    }
}

/// The reversal inside a transaction; what it refuses leaves the transaction without a change.
pub(super) async fn undo_in(
    tx: &mut sqlx::Transaction<'_, sqlx::Any>,
    store: &store::Store,
    request: &Request,
    prepared: &Prepared,
    authorisation: i64,
    why: &'static str,
) -> Result<bool> {
    let receipt = post_in(tx, store, request, prepared).await?;
    if receipt.replayed {
        return Ok(false);
    }
    let only = if why == "unanswered" {
        " AND answered_at IS NULL"
    } else {
        ""
    };
    let sql = format!(
        "UPDATE card_authorisations SET reversed_at = $3, reversed_why = $4 WHERE municipality = $1 AND id = $2 \
         AND reversed_at IS NULL{only}"
    );
    let done = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(request.municipality)
        .bind(authorisation)
        .bind(request.at)
        .bind(why)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// What the ledger says, whoever still waits for it.
async fn say(ledger: Ledger, ask: Ask, word: Arc<AtomicU8>, clock: Clock) -> Result<Said> {
    let body = ask_body(&ask);
    for attempt in 0..TRIES {
        match say_once(&ledger, &ask, &body, &clock).await {
            Err(LedgerError::Store(error)) if is_transient(&error) => {
                tokio::time::sleep(Duration::from_millis(2 << attempt)).await;
                if clock() >= ask.due_at {
                    return Ok(Said::Slow);
                }
            }
            Ok(Step::Said(said)) => return Ok(said),
            Ok(Step::SetAside(municipality, authorisation)) => {
                // From here on money is set aside: either it is on record that the approval is answered, and there is
                // somebody to answer, or it goes back.
                let recorded = record_answer(&ledger, municipality, authorisation, &ask, &clock).await;
                let answered = matches!(recorded, Ok(true))
                    && clock() < ask.due_at
                    && word
                        .compare_exchange(UNDECIDED, ANSWERED, Ordering::AcqRel, Ordering::Acquire)
                        .is_ok();
                if answered {
                    return Ok(Said::Held);
                }
                ledger
                    .undo_approval(municipality, authorisation, "late", clock())
                    .await?;
                tracing::info!(municipality, authorisation, "a late approval was taken back");
                return Ok(Said::Slow);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(Said::Slow)
}

/// How far one try came.
enum Step {
    Said(Said),
    /// Money is set aside by this authorisation.
    SetAside(i64, i64),
}

async fn say_once(ledger: &Ledger, ask: &Ask, body: &str, clock: &Clock) -> Result<Step> {
    if let Some(earlier) = earlier(&ledger.store.read, &ask.network, &ask.id).await? {
        if earlier.body_hash != body {
            return Err(Refusal::KeyReused.into());
        }
        return Ok(Step::Said(earlier.said()));
    }
    let Some(card) = of_token(&ledger.store.read, &ask.network, &ask.token).await? else {
        return Ok(Step::Said(Said::Refused(Why::UnknownCard)));
    };
    let merchant: Option<(i64,)> =
        sqlx::query_as("SELECT id FROM merchants WHERE municipality = $1 AND code = $2")
            .bind(card.municipality)
            .bind(ask.merchant.trim().to_ascii_uppercase())
            .fetch_optional(&ledger.store.read)
            .await?;
    let merchant = merchant.map(|(id,)| id);
    let refused = match (card.state, merchant) {
        (CardState::Blocked, _) => Some(Why::CardBlocked),
        (_, None) => Some(Why::UnknownMerchant),
        _ => None,
    };
    let operation = Operation::Hold {
        holder: card.holder,
        merchant: merchant.unwrap_or(0),
        amount_won: ask.amount_won,
    };
    let id = ledger.store.id(card.municipality).await?;
    let request = Request {
        municipality: card.municipality,
        key: format!("card:{id}:hold"),
        actor: format!("network/{}", ask.network),
        at: clock(),
        operation,
    };
    let prepared = ledger.prepare(&request).await?;
    let mut tx = ledger.store.begin().await?;
    let said = match refused {
        Some(why) => Err(why),
        None => match post_in(&mut tx, &ledger.store, &request, &prepared).await {
            Ok(receipt) => Ok(receipt.transfer),
            Err(LedgerError::Refused(refusal)) => Err(Why::of(&refusal).ok_or(refusal)?),
            Err(error) => return Err(error),
        },
    };
    let row = Row {
        card: &card,
        id,
        merchant,
        decision: if said.is_ok() {
            Decision::Approve
        } else {
            Decision::Decline
        },
        why: said.err().unwrap_or(Why::Held),
        hold: said.ok(),
        at: request.at,
    };
    if !write_row(&mut tx, ask, body, &row).await? {
        // An advice, or the same question, was faster: it is answered like any repetition.
        tx.rollback().await?;
        let Some(earlier) = earlier(&ledger.store.write, &ask.network, &ask.id).await? else {
            return Ok(Step::Said(Said::Slow));
        };
        if earlier.body_hash != body {
            return Err(Refusal::KeyReused.into());
        }
        return Ok(Step::Said(earlier.said()));
    }
    if said.is_ok() && clock() >= ask.due_at {
        // Nobody waits any more: nothing is set aside.
        tx.rollback().await?;
        return Ok(Step::Said(Said::Slow));
    }
    tx.commit().await?;
    Ok(match said {
        Ok(_) => Step::SetAside(card.municipality, id),
        Err(why) => Step::Said(Said::Refused(why)),
    })
}

struct Row<'a> {
    card: &'a Card,
    id: i64,
    merchant: Option<i64>,
    decision: Decision,
    why: Why,
    hold: Option<i64>,
    at: i64,
}

/// Writes the row; false if the network's id stands there already.
async fn write_row(tx: &mut sqlx::AnyConnection, ask: &Ask, body: &str, row: &Row<'_>) -> Result<bool> {
    let done = sqlx::query(
        "INSERT INTO card_authorisations (municipality, id, network, network_id, body_hash, card, holder, merchant, \
         merchant_code, class, amount_won, decision, why, decided_by, hold, asked_at, due_at, decided_at, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'ledger', $14, $15, $16, $17, $17) \
         ON CONFLICT (network, network_id) DO NOTHING",
    )
    .bind(row.card.municipality)
    .bind(row.id)
    .bind(&ask.network)
    .bind(&ask.id)
    .bind(body)
    .bind(row.card.id)
    .bind(row.card.holder)
    .bind(row.merchant)
    .bind(&ask.merchant)
    .bind(class_of_mcc(&ask.mcc).code())
    .bind(ask.amount_won)
    .bind(row.decision.code())
    .bind(row.why.code())
    .bind(row.hold)
    .bind(ask.asked_at)
    .bind(ask.due_at)
    .bind(row.at)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Puts on record that an approval is going to be answered; false if it was taken back before, or is late.
async fn record_answer(
    ledger: &Ledger,
    municipality: i64,
    authorisation: i64,
    ask: &Ask,
    clock: &Clock,
) -> Result<bool> {
    let mut connection = ledger.store.write.acquire().await?;
    let now = clock();
    if now >= ask.due_at {
        return Ok(false);
    }
    let done = sqlx::query(
        "UPDATE card_authorisations SET answered_at = $3 WHERE municipality = $1 AND id = $2 AND reversed_at IS NULL",
    )
    .bind(municipality)
    .bind(authorisation)
    .bind(now)
    .execute(&mut *connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

impl Ledger {
    /// Does what [`Ledger::authorise`] does up to where a process may be killed, for tests: 1 after the hold's commit,
    /// 2 after it was put on record as answered. Gives the authorisation, if money is set aside.
    #[doc(hidden)]
    pub async fn authorise_until_killed(
        &self,
        ask: &Ask,
        point: u8,
        clock: Clock,
    ) -> Result<Option<(i64, i64)>> {
        match say_once(self, ask, &ask_body(ask), &clock).await? {
            Step::Said(_) => Ok(None),
            Step::SetAside(municipality, id) => {
                if point >= 2 {
                    record_answer(self, municipality, id, ask, &clock).await?;
                }
                Ok(Some((municipality, id)))
            }
        }
    }
}
