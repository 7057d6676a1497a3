//! Bank accounts that money is paid out to: a holder's own, a merchant's. Personal data: sealed, shown masked, and whole
//! only to whoever tells the bank.

use std::fmt;

use crate::{Actor, Audit, Fault, Field, People, Problem, Reason, audit};

/// Codes of the banks of the country (금융회사 공동코드), as transfers are addressed.
pub const BANKS: [&str; 22] = [
    "004", "088", "020", "081", "011", "003", "090", "092", "089", "023", "027", "002", "007", "031", "032", "034",
    "035", "037", "039", "045", "048", "071",
];

/// Whose account it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AccountOwner {
    /// A holder of money in the municipality.
    Holder(i64),
    /// A merchant.
    Merchant(i64),
}

impl AccountOwner {
    fn parts(self) -> (&'static str, i64) {
        match self {
            Self::Holder(id) => ("holder", id),
            Self::Merchant(id) => ("merchant", id),
        }
    }
}

/// An account at a bank.
#[derive(Clone, PartialEq, Eq)]
pub struct BankAccount {
    /// The bank: one of [`BANKS`].
    pub bank: String,
    /// Digits only.
    pub number: String,
    /// In whose name.
    pub name: String,
}

impl BankAccount {
    /// Checks what was typed: a bank of the list, 8 to 16 digits (dashes and blanks left out), a name.
    pub fn new(bank: &str, number: &str, name: &str) -> Result<Self, Problem> {
        if !BANKS.contains(&bank) {
            return Err(Problem::new(Field::Bank, Reason::Missing));
        }
        if crate::looks_like_registration_number(number) {
            return Err(Problem::new(
                Field::AccountNumber,
                Reason::LooksLikeRegistrationNumber,
            ));
        }
        let digits: String = number
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .collect();
        let reason = match digits.len() {
            0 => Some(Reason::Missing),
            _ if !digits.bytes().all(|byte| byte.is_ascii_digit()) => Some(Reason::Shape),
            1..8 => Some(Reason::TooShort),
            17.. => Some(Reason::TooLong),
            _ => None,
        };
        if let Some(reason) = reason {
            return Err(Problem::new(Field::AccountNumber, reason));
        }
        let name = name.trim();
        if name.is_empty() {
            return Err(Problem::new(Field::Name, Reason::Missing));
        }
        if name.chars().count() > 100 || name.chars().any(char::is_control) {
            return Err(Problem::new(Field::Name, Reason::TooLong));
        }
        Ok(Self {
            bank: bank.to_owned(),
            number: digits,
            name: name.to_owned(),
        })
    }

    /// The number for people to recognise: all but the last four digits hidden.
    pub fn masked(&self) -> String {
        let shown = self.number.len().saturating_sub(4);
        format!("{}{}", "*".repeat(shown), self.number.get(shown..).unwrap_or_default())
    }
}

impl fmt::Debug for BankAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BankAccount({} …)", self.bank)
    }
}

impl People {
    /// Keeps an account in the place of an earlier one, and writes down who did it.
    pub async fn set_bank_account(
        &self,
        municipality: i64,
        owner: AccountOwner,
        account: &BankAccount,
        by: (Actor, i64),
        from_ip: &str,
        at: i64,
    ) -> Result<(), Fault> {
        let (kind, id) = owner.parts();
        let line = self.store().id(municipality).await?;
        let mut transaction = self.store().begin().await?;
        sqlx::query(
            "INSERT INTO bank_accounts (municipality, kind, owner, bank, number_sealed, name_sealed, set_at, set_by) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (municipality, kind, owner) DO UPDATE SET \
             bank = excluded.bank, number_sealed = excluded.number_sealed, name_sealed = excluded.name_sealed, \
             set_at = excluded.set_at, set_by = excluded.set_by",
        )
        .bind(municipality)
        .bind(kind)
        .bind(id)
        .bind(&account.bank)
        .bind(self.seal_as(municipality, "bank_accounts.number", &account.number))
        .bind(self.seal_as(municipality, "bank_accounts.name", &account.name))
        .bind(at)
        .bind(by.1)
        .execute(&mut *transaction)
        .await?;
        let deed = Audit {
            municipality,
            actor_kind: by.0,
            actor_id: by.1,
            action: "bank_account.set".to_owned(),
            record: format!("{kind}/{id}"),
            from_ip: from_ip.to_owned(),
            detail: String::new(),
        };
        audit::write(&mut transaction, line, &deed, at).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Somebody's account, if they have told one.
    pub async fn bank_account(
        &self,
        municipality: i64,
        owner: AccountOwner,
    ) -> Result<Option<BankAccount>, Fault> {
        let (kind, id) = owner.parts();
        let row: Option<(String, String, String)> = sqlx::query_as(
            "SELECT bank, number_sealed, name_sealed FROM bank_accounts \
             WHERE municipality = $1 AND kind = $2 AND owner = $3",
        )
        .bind(municipality)
        .bind(kind)
        .bind(id)
        .fetch_optional(&self.store().read)
        .await?;
        let Some((bank, number, name)) = row else {
            return Ok(None);
        };
        Ok(Some(BankAccount {
            bank,
            number: self.unseal_as(municipality, "bank_accounts.number", &number)?,
            name: self.unseal_as(municipality, "bank_accounts.name", &name)?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_digits_and_is_shown_by_its_last_four() {
        let account = BankAccount::new("004", "123-456-789012 ", "김하늘").unwrap();
        assert_eq!((account.number.as_str(), account.masked().as_str()), ("123456789012", "********9012"));
        assert!(!format!("{account:?}").contains("9012"));
        let wrong = |bank, number, name| BankAccount::new(bank, number, name).unwrap_err();
        assert_eq!(wrong("999", "123456789012", "김"), Problem::new(Field::Bank, Reason::Missing));
        assert_eq!(wrong("004", "12a456789012", "김"), Problem::new(Field::AccountNumber, Reason::Shape));
        assert_eq!(wrong("004", "1234567", "김"), Problem::new(Field::AccountNumber, Reason::TooShort));
        assert_eq!(wrong("004", "12345678901234567", "김"), Problem::new(Field::AccountNumber, Reason::TooLong));
        assert_eq!(
            wrong("004", "900101-1234567", "김"),
            Problem::new(Field::AccountNumber, Reason::LooksLikeRegistrationNumber)
        );
        assert_eq!(wrong("004", "123456789012", " "), Problem::new(Field::Name, Reason::Missing));
    }
}
