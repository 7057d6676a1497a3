//! The portal's side of docs/BANK.md.
//!
//! Every call has a deadline. What follows from a call that failed depends on whether the order may have arrived: where
//! no connection was made, or the bank says that it took nothing, the order simply waits; where it may have arrived, a
//! transfer is unknown, and only the statement tells (a deposit's order moves nothing here and is asked again).

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use jiff::civil::Date;
use ledger::{Bank, BankAnswer, BankLine, Deposit, Payee, Remittance, deposit_reference, remittance_reference};
use people::{AccountOwner, People};
use reqwest::{Method, StatusCode};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    sign::{self, BankKey},
    wire,
};

/// How long an order may take.
const DEADLINE: Duration = Duration::from_secs(5);
/// How long a day's statement may take.
const STATEMENT_DEADLINE: Duration = Duration::from_mins(1);
/// Largest statement, in bytes: a million lines.
const STATEMENT_BYTES_MAX: usize = 200 << 20;
/// Largest answer to an order, in bytes.
const ANSWER_BYTES_MAX: usize = 64 << 10;
/// After a call that was not answered, the bank is left alone so long, ms.
const AWAY_MS: i64 = 30_000;

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum BankError {
    /// The order did not get there, or was not taken: nothing can have moved.
    #[error("the bank cannot be reached: {0}")]
    NotTaken(String),
    /// It may have got there.
    #[error("the bank gave no answer that can be understood: {0}")]
    Unclear(String),
}

/// A bank over HTTP.
#[derive(Clone, Debug)]
pub struct HttpBank {
    http: reqwest::Client,
    base: String,
    key: BankKey,
    people: People,
    away_until: Arc<AtomicI64>,
}

fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

impl HttpBank {
    /// The bank at `base` (`NEUL_BANK_URL`); `people` knows which account is whose.
    pub fn new(base: &str, key: BankKey, people: People) -> reqwest::Result<Self> {
        // An order that is redirected has not been taken, and must not be shown to somebody else.
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(2))
            .build()?;
        Ok(Self {
            http,
            base: base.trim_end_matches('/').to_owned(),
            key,
            people,
            away_until: Arc::default(),
        })
    }

    /// Whether a call has just failed.
    pub fn is_away(&self) -> bool {
        now() < self.away_until.load(Ordering::Relaxed)
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        target: &str,
        body: Vec<u8>,
        deadline: Duration,
        bytes_max: usize,
    ) -> Result<T, BankError> {
        let answer = tokio::time::timeout(deadline, self.exchange(method, target, body, bytes_max)).await;
        let answer = answer.unwrap_or_else(|_| Err(BankError::Unclear("no answer in time".to_owned())));
        let away_until = if answer.is_err() { now() + AWAY_MS } else { 0 };
        self.away_until.store(away_until, Ordering::Relaxed);
        answer
    }

    async fn exchange<T: DeserializeOwned>(
        &self,
        method: Method,
        target: &str,
        body: Vec<u8>,
        bytes_max: usize,
    ) -> Result<T, BankError> {
        let url = format!("{}{target}", self.base);
        // What is signed is the path at the bank, wherever its door stands.
        let path = reqwest::Url::parse(&url).map_err(|error| BankError::NotTaken(error.to_string()))?;
        let signed = match path.query() {
            Some(query) => format!("{}?{query}", path.path()),
            None => path.path().to_owned(),
        };
        let signature = self.key.sign(now(), method.as_str(), &signed, &body);
        let mut answer = self
            .http
            .request(method, path)
            .header(sign::HEADER, signature)
            .header("content-type", "application/json")
            .body(body)
            .send()
            .await
            .map_err(|error| {
                let text = error.to_string();
                if error.is_connect() || error.is_builder() {
                    BankError::NotTaken(text)
                } else {
                    BankError::Unclear(text)
                }
            })?;
        match answer.status() {
            StatusCode::OK => {}
            // By the protocol nothing was taken.
            status @ (StatusCode::BAD_REQUEST
            | StatusCode::UNAUTHORIZED
            | StatusCode::FORBIDDEN
            | StatusCode::NOT_FOUND
            | StatusCode::TOO_MANY_REQUESTS) => return Err(BankError::NotTaken(status.to_string())),
            status => return Err(BankError::Unclear(status.to_string())),
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = answer
            .chunk()
            .await
            .map_err(|error| BankError::Unclear(error.to_string()))?
        {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > bytes_max {
                return Err(BankError::Unclear("the answer is too long".to_owned()));
            }
        }
        serde_json::from_slice(&bytes).map_err(|error| BankError::Unclear(error.to_string()))
    }

    async fn order(
        &self,
        target: &str,
        order: &impl Serialize,
        reference: &str,
        amount_won: i64,
    ) -> Result<wire::OrderAnswer, BankError> {
        let body = serde_json::to_vec(order).map_err(|error| BankError::NotTaken(error.to_string()))?;
        let answer: wire::OrderAnswer = self
            .call(Method::POST, target, body, DEADLINE, ANSWER_BYTES_MAX)
            .await?;
        if answer.reference != reference || answer.amount_won != amount_won {
            return Err(BankError::Unclear("the answer is of another order".to_owned()));
        }
        Ok(answer)
    }

    /// The statement of a day of a municipality's account.
    pub async fn statement(&self, municipality: i64, day: Date) -> Result<Vec<BankLine>, BankError> {
        let account = account(municipality);
        let target = format!("/v1/statement?account={account}&date={day}");
        let statement: wire::Statement = self
            .call(Method::GET, &target, Vec::new(), STATEMENT_DEADLINE, STATEMENT_BYTES_MAX)
            .await?;
        if statement.account != account || statement.date != day.to_string() || !statement.complete {
            return Err(BankError::Unclear("not the statement of that day".to_owned()));
        }
        Ok(statement.lines)
    }
}

/// The name of a municipality's account at the bank.
fn account(municipality: i64) -> String {
    format!("{municipality:05}")
}

fn heard(answer: wire::OrderAnswer) -> BankAnswer {
    match answer.state {
        wire::OrderState::Accepted => BankAnswer::Accepted {
            account: answer.pay_to,
        },
        wire::OrderState::Done => BankAnswer::Confirmed,
        wire::OrderState::Failed => BankAnswer::Failed {
            reason: answer.reason.chars().take(200).collect(),
        },
    }
}

impl Bank for HttpBank {
    async fn collect(&self, deposit: &Deposit) -> BankAnswer {
        let order = wire::DepositOrder {
            account: account(deposit.municipality),
            reference: deposit_reference(deposit.id),
            amount_won: deposit.price_won,
        };
        match self
            .order("/v1/deposits", &order, &order.reference, order.amount_won)
            .await
        {
            Ok(answer) => heard(answer),
            Err(error) => {
                tracing::warn!(deposit = deposit.id, %error, "a deposit waits");
                BankAnswer::Pending
            }
        }
    }

    async fn send(&self, remittance: &Remittance) -> BankAnswer {
        let owner = match remittance.payee {
            Payee::Holder(holder) => AccountOwner::Holder(holder),
            Payee::Merchant(merchant) => AccountOwner::Merchant(merchant),
        };
        let to = match self.people.bank_account(remittance.municipality, owner).await {
            Ok(Some(to)) => to,
            Ok(None) => return BankAnswer::Pending,
            Err(error) => {
                tracing::error!(remittance = remittance.id, %error, "whose account it is cannot be read");
                return BankAnswer::Pending;
            }
        };
        let order = wire::TransferOrder {
            account: account(remittance.municipality),
            reference: remittance_reference(remittance.id),
            amount_won: remittance.amount_won,
            to: wire::Payee {
                bank: to.bank,
                number: to.number,
                name: to.name,
            },
        };
        match self
            .order("/v1/transfers", &order, &order.reference, order.amount_won)
            .await
        {
            Ok(answer) => heard(answer),
            Err(error @ BankError::NotTaken(_)) => {
                tracing::warn!(remittance = remittance.id, %error, "a transfer waits");
                BankAnswer::Pending
            }
            Err(error @ BankError::Unclear(_)) => {
                tracing::warn!(remittance = remittance.id, %error, "a transfer is unknown");
                BankAnswer::Unknown {
                    reason: error.to_string().chars().take(200).collect(),
                }
            }
        }
    }
}
