//! Proof that somebody holds a phone, by a one-time code (six digits, five minutes, five tries).
//!
//! The answer to [`People::begin_proof`] is the same whether or not the phone is known here. Ids, codes and
//! tokens are kept only hashed, the code under a key, for a million codes are soon tried.

mod senders;
mod token;

pub use senders::{CodeSender, HttpGateway, Outbox, OutboxMessage, SendError, Sending};
use serde::{Deserialize, Serialize};
pub(crate) use token::Proven;

use crate::{
    Fault, Field, People, Problem, Reason,
    house::HOUR_MS,
    limits::subscriber,
    person::{is_mobile, normal_phone},
    secret,
};

/// What a phone is proved for. A proof for one serves no other, so that a code given away "for the id" cannot
/// change a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To sign up.
    SignUp,
    /// To find a forgotten login id.
    FindId,
    /// To set a new password.
    ResetPassword,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::SignUp => "sign_up",
            Self::FindId => "find_id",
            Self::ResetPassword => "reset_password",
        }
    }
}

/// Names a proof under way. Cannot be guessed; stands in the form where the code is typed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProofId(pub String);

/// Stands for a phone just proved. Whoever has it may act for that phone until it is used or runs out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProvenPhone(pub String);

impl std::fmt::Debug for ProofId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProofId(…)")
    }
}

impl std::fmt::Debug for ProvenPhone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProvenPhone(…)")
    }
}

/// Why no code was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum BeginProofError {
    /// The number is not one, or not a mobile one.
    #[error(transparent)]
    Phone(Problem),
    /// Too many codes to this phone or from this address; when to come again, in milliseconds.
    #[error("too many codes; again in {retry_after_ms} ms")]
    SlowDown {
        /// When to come again, in milliseconds.
        retry_after_ms: i64,
    },
    /// The gateway did not take the message.
    #[error("the code could not be sent")]
    NotSent,
    /// The house could not do it.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Why a code proved nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum ProofError {
    /// Not the code.
    #[error("wrong code; {tries_left} tries left")]
    WrongCode {
        /// How often one may still try.
        tries_left: i64,
    },
    /// Too late, used already, or never begun.
    #[error("the code has expired")]
    Expired,
    /// Wrong too often: a new code is needed.
    #[error("too many wrong codes")]
    TooMany,
    /// The house could not do it.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<sqlx::Error> for ProofError {
    fn from(error: sqlx::Error) -> Self {
        Self::Fault(error.into())
    }
}

/// The message with a code, in Korean: what it is for, and a warning.
pub fn code_text(purpose: Purpose, code: &str) -> String {
    let what = match purpose {
        Purpose::SignUp => "회원가입",
        Purpose::FindId => "아이디 찾기",
        Purpose::ResetPassword => "비밀번호 재설정",
    };
    format!("[늘] {what} 인증번호는 {code}입니다. 5분 안에 입력하세요. 누구에게도 알려 주지 마세요.")
}

impl People {
    /// Sends a code to a phone.
    pub async fn begin_proof(
        &self,
        purpose: Purpose,
        phone: &str,
        ip: &str,
        at: i64,
    ) -> Result<ProofId, BeginProofError> {
        let phone = normal_phone(phone).map_err(BeginProofError::Phone)?;
        if !is_mobile(&phone) {
            return Err(BeginProofError::Phone(Problem::new(
                Field::Phone,
                Reason::NotMobile,
            )));
        }
        let policy = &self.inner.policy;
        let by_ip = self.limit("code ip", &subscriber(ip), policy.codes_per_ip_hour, HOUR_MS);
        let by_phone = self.limit("code phone", &phone, policy.codes_per_phone_hour, HOUR_MS);
        for limit in [by_ip, by_phone] {
            if let Err(refused) = self.try_pass(&limit, at).await? {
                return Err(BeginProofError::SlowDown {
                    retry_after_ms: refused.retry_after_ms,
                });
            }
        }
        let id = secret::token();
        let code = secret::code();
        sqlx::query(
            "INSERT INTO proofs (id_hash, purpose, phone_sealed, phone_key, code_hash, made_at, expires_at, \
             tries_left) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(secret::hash(&id))
        .bind(purpose.name())
        .bind(self.seal_as(0, "proofs.phone", &phone))
        .bind(self.phone_key(&phone))
        .bind(self.code_hashes(&id, &code).swap_remove(0))
        .bind(at)
        .bind(at + policy.code_life_ms)
        .bind(policy.code_tries)
        .execute(&self.store().write)
        .await
        .map_err(Fault::from)?;
        let text = (policy.code_text)(purpose, &code);
        self.inner.sender.send(&phone, &text).await.map_err(|error| {
            tracing::warn!(%error, "a code was not sent");
            BeginProofError::NotSent
        })?;
        Ok(ProofId(id))
    }

    /// Checks a code. A try is counted before it is compared, so that many at once are no more than few.
    pub async fn prove(&self, id: &ProofId, code: &str, at: i64) -> Result<ProvenPhone, ProofError> {
        let id_hash = secret::hash(&id.0);
        let tried: Option<(String, i64)> = sqlx::query_as(
            "UPDATE proofs SET tries_left = tries_left - 1 \
             WHERE id_hash = $1 AND tries_left > 0 AND expires_at > $2 AND token_hash IS NULL \
             RETURNING code_hash, tries_left",
        )
        .bind(&id_hash)
        .bind(at)
        .fetch_optional(&self.store().write)
        .await?;
        let Some((kept, tries_left)) = tried else {
            return Err(self.why_not(&id_hash, at).await?);
        };
        let code: String = unicode_digits(code);
        let fits = self.code_hashes(&id.0, &code).iter().fold(false, |fits, hash| {
            fits | secret::same(hash.as_bytes(), kept.as_bytes())
        });
        if !fits {
            return Err(if tries_left == 0 {
                ProofError::TooMany
            } else {
                ProofError::WrongCode { tries_left }
            });
        }
        let token = secret::token();
        let done = sqlx::query(
            "UPDATE proofs SET token_hash = $1, token_expires_at = $2 WHERE id_hash = $3 AND token_hash IS NULL",
        )
        .bind(secret::hash(&token))
        .bind(at + self.inner.policy.proven_life_ms)
        .bind(&id_hash)
        .execute(&self.store().write)
        .await?;
        if done.rows_affected() == 1 {
            Ok(ProvenPhone(token))
        } else {
            Err(ProofError::Expired)
        }
    }

    async fn why_not(&self, id_hash: &str, at: i64) -> Result<ProofError, ProofError> {
        let row: Option<(i64, i64)> = sqlx::query_as(
            "SELECT tries_left, expires_at FROM proofs WHERE id_hash = $1 AND token_hash IS NULL",
        )
        .bind(id_hash)
        .fetch_optional(&self.store().write)
        .await?;
        Ok(match row {
            Some((0, expires_at)) if expires_at > at => ProofError::TooMany,
            _ => ProofError::Expired,
        })
    }

    fn code_hashes(&self, id: &str, code: &str) -> Vec<String> {
        self.inner
            .sealer
            .index_keys("code v1", &format!("{id}\u{1f}{code}"))
    }
}

/// Digits as a phone's keyboard may write them, spaces left out.
fn unicode_digits(code: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    code.chars()
        .take(32)
        .nfkc()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .collect()
}
