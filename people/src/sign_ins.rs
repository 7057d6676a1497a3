//! Sign-in history of staff: when, from where, with what, and how it went. A resident's devices are their history.

use serde::{Deserialize, Serialize};
use sqlx::{Any, Transaction};

use crate::{Client, DeviceForm, Fault, People, sessions::read_user_agent};

/// How a try to come in went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The password was right.
    SignedIn,
    /// The login id was theirs and the password was not.
    WrongPassword,
    /// The second factor was right.
    Shown,
    /// The second factor was wrong.
    WrongCode,
    /// A recovery code was used.
    RecoveryCode,
}

impl Outcome {
    const ALL: [(Self, &'static str); 5] = [
        (Self::SignedIn, "signed_in"),
        (Self::WrongPassword, "wrong_password"),
        (Self::Shown, "proved"),
        (Self::WrongCode, "wrong_code"),
        (Self::RecoveryCode, "recovery_code"),
    ];

    fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(one, _)| *one == self)
            .map_or("", |(_, name)| name)
    }
}

/// One line of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// When, ms.
    pub at: i64,
    /// How it went.
    pub outcome: Outcome,
    /// `Chrome`; empty when unknown.
    pub browser: String,
    /// `Windows`; empty when unknown.
    pub system: String,
    /// Phone, tablet, computer.
    pub form: DeviceForm,
    /// From which address, in full: the rule for access records asks for it.
    pub from_ip: String,
}

/// Writes one down with what it belongs to. `place` is the municipality and the line's id.
pub(crate) async fn write(
    transaction: &mut Transaction<'static, Any>,
    place: (i64, i64),
    login: i64,
    outcome: Outcome,
    client: &Client,
    at: i64,
) -> sqlx::Result<()> {
    let (browser, system, form) = read_user_agent(&client.user_agent);
    sqlx::query(
        "INSERT INTO sign_ins (municipality, id, login, at, outcome, browser, system, form, from_ip) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(place.0)
    .bind(place.1)
    .bind(login)
    .bind(at)
    .bind(outcome.name())
    .bind(browser)
    .bind(system)
    .bind(form.name())
    .bind(&client.ip)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

impl People {
    /// Writes a failure down. Nobody waits for it: the time of an answer must not tell whose login id there is.
    pub(crate) fn note_sign_in(
        &self,
        login: i64,
        municipality: i64,
        outcome: Outcome,
        client: &Client,
        at: i64,
    ) {
        let (people, client) = (self.clone(), client.clone());
        tokio::spawn(async move {
            let written = async {
                let id = people.store().id(municipality).await?;
                let mut transaction = people.store().begin().await?;
                write(&mut transaction, (municipality, id), login, outcome, &client, at).await?;
                transaction.commit().await?;
                Ok::<_, Fault>(())
            };
            if let Err(error) = written.await {
                tracing::warn!(%error, "a failed sign-in was not written down");
            }
        });
    }

    /// A member's last tries, newest first.
    pub async fn sign_ins(&self, municipality: i64, staff: i64, limit: i64) -> Result<Vec<SignIn>, Fault> {
        let rows: Vec<(i64, String, String, String, String, String)> = sqlx::query_as(
            "SELECT at, outcome, browser, system, form, from_ip FROM sign_ins \
             WHERE municipality = $1 AND login = $2 ORDER BY at DESC, id DESC LIMIT $3",
        )
        .bind(municipality)
        .bind(staff)
        .bind(limit.clamp(1, 500))
        .fetch_all(&self.store().read)
        .await?;
        rows.into_iter()
            .map(|(at, outcome, browser, system, form, from_ip)| {
                let outcome = Outcome::ALL
                    .iter()
                    .find(|(_, name)| *name == outcome)
                    .map(|(one, _)| *one)
                    .ok_or_else(|| Fault::Row(format!("a sign-in that went {outcome}")))?;
                Ok(SignIn {
                    at,
                    outcome,
                    browser,
                    system,
                    form: DeviceForm::from_name(&form),
                    from_ip,
                })
            })
            .collect()
    }
}
