//! The canary: a wallet of the platform's own, by which whoever watches from outside pays one won and takes it back, to
//! know that payments work before a resident finds that they do not.
//!
//! It stands outside every report: it belongs to municipality 0, the platform itself, which no list of municipalities
//! names ([`Ledger::municipalities`]), so no desk, settlement, figure or statement of a bank knows it. It is capped: its
//! value, [`CANARY_WON`], is made once, under a key that the database keeps unique, and comes back with each
//! cancellation; its one merchant is never settled. So nobody gains by it, whoever holds its key, and the rule that no
//! value is made on one official's word (DESIGN 11) loses nothing.
//!
//! It goes the way that every payment goes: the poster, lots, the public log, and is recomputed by `verify` like the rest.

use crate::{
    Category, ExpiryRule, HistoryFilter, Ledger, LedgerError, NewMerchant, NewProgramme, Operation, Refusal,
    Request, TransferKind, error::Result,
};

/// The platform itself.
const PLATFORM: i64 = 0;
const HOLDER: i64 = 1;
const MERCHANT: &str = "CANARY";
const ACTOR: &str = "canary";
/// All the value that it ever has, won.
pub const CANARY_WON: i64 = 100;
/// So many of the last movements are searched for payments that nobody took back.
const LOOK_BACK: i64 = 20;

/// Where the canary pays. Cheap to clone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Canary {
    merchant: i64,
}

impl Ledger {
    /// The canary, made where it is not there yet. Safe to ask at once by several processes.
    pub async fn canary(&self, at: i64) -> Result<Canary> {
        if self.municipality(PLATFORM).await?.is_none() {
            self.open_platform(at).await?;
        }
        let merchant = match self.merchant_by_code(PLATFORM, MERCHANT).await? {
            Some(merchant) => merchant,
            None => self.canary_merchant(at).await?,
        };
        let programmes = self.programmes(PLATFORM).await?;
        let programme = if let Some(programme) = programmes.first() {
            programme.id
        } else {
            let new = NewProgramme::given("점검", "Canary", ExpiryRule::Months(1_200), ACTOR);
            self.create_programme(PLATFORM, new, at).await?.id
        };
        if self.wallet(PLATFORM, HOLDER, at).await?.total_won == 0 {
            // Each once for all time: the same key with the same body is answered and not done again, and with another
            // programme, of two processes that began at once, it is refused.
            for (key, operation) in [
                (
                    "canary:fund",
                    Operation::Fund {
                        programme,
                        amount_won: CANARY_WON,
                    },
                ),
                (
                    "canary:grant",
                    Operation::Grant {
                        programme,
                        holder: HOLDER,
                        amount_won: CANARY_WON,
                        payout: None,
                    },
                ),
            ] {
                match self.post(request(key.to_owned(), operation, at)).await {
                    Ok(_) | Err(LedgerError::Refused(Refusal::KeyReused)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(Canary {
            merchant: merchant.id,
        })
    }

    /// Pays one won under this key; the payment's id.
    pub async fn canary_pay(&self, canary: Canary, key: &str, at: i64) -> Result<i64> {
        let operation = Operation::Pay {
            holder: HOLDER,
            merchant: canary.merchant,
            amount_won: 1,
        };
        Ok(self
            .post(request(format!("canary:pay:{key}"), operation, at))
            .await?
            .transfer)
    }

    /// Takes a payment back.
    pub async fn canary_cancel(&self, payment: i64, at: i64) -> Result<()> {
        let operation = Operation::Cancel {
            transfer: payment,
            amount_won: None,
        };
        self.post(request(format!("canary:back:{payment}"), operation, at))
            .await?;
        Ok(())
    }

    /// What its wallet holds, won: [`CANARY_WON`] where every payment was taken back.
    pub async fn canary_left_won(&self, at: i64) -> Result<i64> {
        Ok(self.wallet(PLATFORM, HOLDER, at).await?.total_won)
    }

    /// Takes back what an earlier round paid and could not take back.
    pub async fn canary_tidy(&self, at: i64) -> Result<()> {
        let filter = HistoryFilter::default();
        let page = self.history(PLATFORM, HOLDER, &filter, None, LOOK_BACK).await?;
        for line in page.lines {
            if line.kind == TransferKind::Pay && line.cancelled_won == 0 {
                self.canary_cancel(line.transfer, at).await?;
            }
        }
        Ok(())
    }

    async fn canary_merchant(&self, at: i64) -> Result<crate::Merchant> {
        let new = NewMerchant {
            code: MERCHANT.to_owned(),
            name: "점검".to_owned(),
            category: Category::Other,
            revenue_won_year: 0,
            address: "-".to_owned(),
            district: "-".to_owned(),
        };
        match self.create_merchant(PLATFORM, new, at).await {
            // Another process was faster.
            Err(LedgerError::Refused(Refusal::MerchantCodeTaken)) => self
                .merchant_by_code(PLATFORM, MERCHANT)
                .await?
                .ok_or_else(|| Refusal::UnknownMerchant.into()),
            made => made,
        }
    }

    /// A row for the platform, with the accounts that a municipality has.
    async fn open_platform(&self, at: i64) -> Result<()> {
        let mut ids = self.store.ids(PLATFORM, 4).await?;
        let mut tx = self.store.begin().await?;
        sqlx::query(
            "INSERT INTO municipalities (code, name, name_en, currency_name, currency_name_en, help_line, \
             help_hours, opened_at) VALUES ($1, '늘', 'Neul', '점검', 'Canary', '-', '-', $2) \
             ON CONFLICT (code) DO NOTHING",
        )
        .bind(PLATFORM)
        .bind(at)
        .execute(&mut *tx)
        .await?;
        for (kind, id) in ["treasury", "clearing", "gifts", "holds"]
            .into_iter()
            .zip(&mut ids)
        {
            sqlx::query(
                "INSERT INTO accounts (municipality, id, kind, owner) VALUES ($1, $2, $3, 0) \
                 ON CONFLICT (municipality, kind, owner) DO NOTHING",
            )
            .bind(PLATFORM)
            .bind(id)
            .bind(kind)
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

fn request(key: String, operation: Operation, at: i64) -> Request {
    Request {
        municipality: PLATFORM,
        key,
        actor: ACTOR.to_owned(),
        at,
        operation,
    }
}
