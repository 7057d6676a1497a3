//! A network's daily file against the ledger. Its layout stands in `docs/CARDS.md`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    Advice, Ask, Decision,
    authorise::earlier,
    cases::{self, CaseKind, CaseState, NewCase},
    token_digest,
};
use crate::{
    HoldState, Ledger, Refusal, calendar,
    error::{LedgerError, Result},
};

/// What a line of the file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// The network took it from us.
    Capture,
    /// It gave it back to us.
    Reversal,
    /// It charged the holder's bank account.
    Fallback,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DailyLine {
    /// The day of business, `2026-11-25`; the same in all lines.
    pub day: String,
    /// What happened.
    pub kind: LineKind,
    /// The network's id of the authorisation.
    pub authorisation: String,
    /// The network's token of the card.
    pub card: String,
    /// The merchant's code.
    pub merchant: String,
    /// The merchant category code.
    pub mcc: String,
    /// How much, won.
    pub amount_won: i64,
    /// When, ms since 1970.
    pub at: i64,
}

impl DailyLine {
    /// Reads a file: CSV in UTF-8 with a line of names. An error says which line.
    pub fn read(bytes: &[u8]) -> std::result::Result<Vec<Self>, String> {
        let mut lines = Vec::new();
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
        for line in reader.deserialize() {
            let line: Self = line.map_err(|error| error.to_string())?;
            if line.amount_won <= 0 || line.day.parse::<jiff::civil::Date>().is_err() {
                return Err(format!("line {}: no such amount or day", lines.len() + 2));
            }
            lines.push(line);
        }
        if lines.iter().any(|line| line.day != lines[0].day) {
            return Err("the lines are of more than one day".to_owned());
        }
        Ok(lines)
    }
}

/// What came of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconciled {
    /// Lines read.
    pub lines: i64,
    /// Authorisations that agree.
    pub agree: i64,
    /// New cases, by kind.
    pub cases: BTreeMap<String, i64>,
    /// Of these, settled by the rule.
    pub settled: i64,
    /// Whether this very file was read before; it was read again, to no effect.
    pub again: bool,
}

/// What the file says about one authorisation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Theirs {
    captures: i64,
    captured_won: i64,
    reversed_won: i64,
    fallbacks: i64,
    fallback_won: i64,
    line: Option<DailyLine>,
}

/// What the ledger has of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ours {
    hold: Option<HoldState>,
    held_won: i64,
    captured_won: i64,
    cancelled_won: i64,
    fallback_won: i64,
}

/// What is done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Remedy {
    /// Nothing by itself.
    Look,
    /// The capture was lost on its way: make up for it.
    Capture(i64),
    /// The bank was charged: give back what is set aside, or was paid, here.
    GiveBack,
    /// The advice was lost on its way: write it down; whether it was the holder's choice decides the rest.
    Advise,
}

/// Where the two differ, and what the rule allows.
fn judge(ours: Option<Ours>, theirs: &Theirs) -> Option<(CaseKind, Remedy)> {
    use CaseKind::{ChargedElsewhere, DifferentAmount, Double, MissingHere};
    if theirs.captures > 1 || theirs.fallbacks > 1 || (theirs.captures > 0 && theirs.fallbacks > 0) {
        return Some((Double, Remedy::Look));
    }
    let Some(ours) = ours else {
        return Some(if theirs.fallbacks > 0 {
            (ChargedElsewhere, Remedy::Advise)
        } else {
            (MissingHere, Remedy::Look)
        });
    };
    if theirs.fallbacks > 0 {
        let paid_won = ours.captured_won - ours.cancelled_won;
        return match ours.hold {
            Some(HoldState::Open) => Some((Double, Remedy::GiveBack)),
            Some(HoldState::Captured) if paid_won > 0 => Some((Double, Remedy::GiveBack)),
            _ if ours.fallback_won == theirs.fallback_won => None,
            _ if ours.fallback_won > 0 => Some((DifferentAmount, Remedy::Look)),
            _ => Some((ChargedElsewhere, Remedy::Advise)),
        };
    }
    if theirs.captures == 0 {
        // A reversal alone: of an earlier day's capture.
        return (ours.cancelled_won < theirs.reversed_won).then_some((DifferentAmount, Remedy::Look));
    }
    match ours.hold {
        Some(HoldState::Open) if theirs.captured_won <= ours.held_won => {
            Some((MissingHere, Remedy::Capture(theirs.captured_won)))
        }
        Some(HoldState::Captured) if ours.captured_won == theirs.captured_won => {
            (ours.cancelled_won < theirs.reversed_won).then_some((DifferentAmount, Remedy::Look))
        }
        Some(HoldState::Open | HoldState::Captured) => Some((DifferentAmount, Remedy::Look)),
        _ => Some((MissingHere, Remedy::Look)),
    }
}

impl Ledger {
    /// Compares a network's day with the ledger's: each difference becomes a case, and what the rule allows is set right
    /// at once. The same file again changes nothing.
    pub async fn reconcile_cards(&self, network: &str, lines: &[DailyLine], at: i64) -> Result<Reconciled> {
        let mut done = Reconciled {
            lines: lines.len() as i64,
            ..Reconciled::default()
        };
        let mut theirs: BTreeMap<&str, Theirs> = BTreeMap::new();
        for line in lines {
            let of = theirs.entry(&line.authorisation).or_default();
            match line.kind {
                LineKind::Capture => {
                    of.captures += 1;
                    of.captured_won = of.captured_won.saturating_add(line.amount_won);
                }
                LineKind::Reversal => of.reversed_won = of.reversed_won.saturating_add(line.amount_won),
                LineKind::Fallback => {
                    of.fallbacks += 1;
                    of.fallback_won = of.fallback_won.saturating_add(line.amount_won);
                }
            }
            of.line.get_or_insert_with(|| line.clone());
        }
        for (id, theirs) in &theirs {
            self.reconcile_one(network, id, theirs, &mut done, at).await?;
        }
        if let Some(day) = lines.first().and_then(|line| line.day.parse().ok()) {
            for (municipality, authorisation, id, won) in self.of_day(network, day).await? {
                if theirs.contains_key(id.as_str()) {
                    continue;
                }
                let case = NewCase {
                    municipality,
                    network,
                    network_id: &id,
                    kind: CaseKind::MissingThere,
                    authorisation: Some(authorisation),
                    ours_won: won,
                    theirs_won: 0,
                    state: CaseState::Open,
                    note: "file",
                };
                self.note_case(&case, &mut done, at).await?;
            }
            let digest = hex::encode(Sha256::digest(serde_json::to_vec(lines).unwrap_or_default()));
            let written = sqlx::query(
                "INSERT INTO card_files (network, digest, day, lines, imported_at) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (network, digest) DO NOTHING",
            )
            .bind(network)
            .bind(digest)
            .bind(&lines[0].day)
            .bind(done.lines)
            .bind(at)
            .execute(&self.store.write)
            .await?;
            done.again = written.rows_affected() == 0;
        }
        Ok(done)
    }

    async fn reconcile_one(
        &self,
        network: &str,
        id: &str,
        theirs: &Theirs,
        done: &mut Reconciled,
        at: i64,
    ) -> Result<()> {
        let known = earlier(&self.store.write, network, id).await?;
        let ours = match &known {
            Some(known) => Some(self.ours(known.municipality, known.id).await?),
            None => None,
        };
        let Some((kind, remedy)) = judge(ours, theirs) else {
            done.agree += 1;
            return Ok(());
        };
        let advice = theirs.line.as_ref().map(|line| Advice {
            ask: Ask {
                network: network.to_owned(),
                id: id.to_owned(),
                token: line.card.clone(),
                merchant: line.merchant.clone(),
                mcc: line.mcc.clone(),
                amount_won: theirs.fallback_won.max(1),
                asked_at: line.at,
                due_at: line.at,
            },
            decision: Decision::Fallback,
            list_version: None,
            decided_at: line.at,
        });
        let ours_won = ours.map_or(0, |ours| ours.captured_won.max(ours.fallback_won));
        let mut case = NewCase {
            municipality: known.as_ref().map_or(0, |known| known.municipality),
            network,
            network_id: id,
            kind,
            authorisation: known.as_ref().map(|known| known.id),
            ours_won,
            theirs_won: theirs.captured_won + theirs.fallback_won,
            state: CaseState::Open,
            note: "file",
        };
        match remedy {
            Remedy::Look => {}
            Remedy::Capture(won) => match self.capture_card(network, id, Some(won), at).await {
                Ok(_) => case.state = CaseState::Captured,
                Err(LedgerError::Refused(refusal)) => {
                    tracing::info!(%refusal, network, id, "a capture in the file cannot be made up for");
                }
                Err(error) => return Err(error),
            },
            Remedy::GiveBack => {
                match self.reverse_card(network, id, "file", None, at).await {
                    Ok(_) => case.state = CaseState::Reversed,
                    Err(LedgerError::Refused(refusal)) => {
                        tracing::info!(%refusal, network, id, "charged here and at the bank");
                    }
                    Err(error) => return Err(error),
                }
                // Before the advice, which would open the same case.
                self.note_case(&case, done, at).await?;
                if let Some(advice) = &advice {
                    self.advise_from_file(advice, at).await?;
                }
                return Ok(());
            }
            Remedy::Advise => {
                if let Some(advice) = &advice
                    && let Some(by_choice) = self.advise_from_file(advice, at).await?
                {
                    if by_choice {
                        done.agree += 1;
                    } else {
                        // The advice has opened the case.
                        *done.cases.entry(kind.code().to_owned()).or_insert(0) += 1;
                    }
                    return Ok(());
                }
            }
        }
        self.note_case(&case, done, at).await
    }

    /// Writes down a charge that the file tells; `None`: it cannot be (no such card, another body).
    async fn advise_from_file(&self, advice: &Advice, at: i64) -> Result<Option<bool>> {
        match self.advise(advice, at).await {
            Ok(advised) => Ok(Some(advised.by_choice.unwrap_or(true))),
            Err(LedgerError::Refused(Refusal::Busy { retry_after_ms })) => {
                Err(Refusal::Busy { retry_after_ms }.into())
            }
            Err(LedgerError::Refused(refusal)) => {
                let card = token_digest(&advice.ask.network, &advice.ask.token);
                tracing::warn!(%refusal, card, "a charge in the file could not be written down");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    async fn note_case(&self, case: &NewCase<'_>, done: &mut Reconciled, at: i64) -> Result<()> {
        let id = self.store.id(case.municipality).await?;
        if cases::write(&self.store.write, id, case, at).await? {
            *done.cases.entry(case.kind.code().to_owned()).or_insert(0) += 1;
            done.settled += i64::from(case.state != CaseState::Open);
        }
        Ok(())
    }

    async fn ours(&self, municipality: i64, authorisation: i64) -> Result<Ours> {
        let row: (Option<String>, Option<i64>, Option<i64>, i64, i64) = sqlx::query_as(
            "SELECT h.state, h.amount_won, h.captured_won, (SELECT COALESCE(CAST(SUM(t.amount_won) AS BIGINT), 0) \
              FROM transfers t WHERE t.municipality = a.municipality AND t.cancels = h.payment), a.fallback_won \
             FROM card_authorisations a LEFT JOIN holds h ON h.municipality = a.municipality AND h.id = a.hold \
             WHERE a.municipality = $1 AND a.id = $2",
        )
        .bind(municipality)
        .bind(authorisation)
        .fetch_one(&self.store.write)
        .await?;
        Ok(Ours {
            hold: row.0.as_deref().and_then(HoldState::from_code),
            held_won: row.1.unwrap_or(0),
            captured_won: row.2.unwrap_or(0),
            cancelled_won: row.3,
            fallback_won: row.4,
        })
    }

    /// What the ledger has of a network's day in Seoul: captures, and charges elsewhere.
    async fn of_day(&self, network: &str, day: jiff::civil::Date) -> Result<Vec<(i64, i64, String, i64)>> {
        let (from, until) = calendar::day(day);
        Ok(sqlx::query_as(
            "SELECT a.municipality, a.id, a.network_id, CASE WHEN t.id IS NULL THEN a.fallback_won ELSE t.amount_won END \
             FROM card_authorisations a LEFT JOIN holds h ON h.municipality = a.municipality AND h.id = a.hold \
             LEFT JOIN transfers t ON t.municipality = a.municipality AND t.id = h.payment \
             WHERE a.network = $1 AND ((t.created_at >= $2 AND t.created_at < $3) \
              OR (a.fallback_at >= $2 AND a.fallback_at < $3))",
        )
        .bind(network)
        .bind(from)
        .bind(until)
        .fetch_all(&self.store.read)
        .await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_the_file_and_the_ledger_differ_and_what_the_rule_allows() {
        let held = |hold, captured_won| Ours {
            hold: Some(hold),
            held_won: 1_000,
            captured_won,
            cancelled_won: 0,
            fallback_won: 0,
        };
        let open = Some(held(HoldState::Open, 0));
        let paid = Some(held(HoldState::Captured, 1_000));
        let back = Some(held(HoldState::Released, 0));
        let elsewhere = Some(Ours {
            hold: None,
            held_won: 0,
            captured_won: 0,
            cancelled_won: 0,
            fallback_won: 1_000,
        });
        let declined = elsewhere.map(|ours| Ours {
            fallback_won: 0,
            ..ours
        });
        let cancelled = paid.map(|ours| Ours {
            cancelled_won: 1_000,
            ..ours
        });
        let theirs = |captures, captured_won, fallbacks, fallback_won| Theirs {
            captures,
            captured_won,
            fallbacks,
            fallback_won,
            ..Theirs::default()
        };
        let capture = theirs(1, 1_000, 0, 0);
        let fallback = theirs(0, 0, 1, 1_000);
        use CaseKind::{ChargedElsewhere, DifferentAmount, Double, MissingHere};
        let rows = [
            (paid, &capture, None),
            (open, &capture, Some((MissingHere, Remedy::Capture(1_000)))),
            (
                open,
                &theirs(1, 1_001, 0, 0),
                Some((DifferentAmount, Remedy::Look)),
            ),
            (paid, &theirs(1, 999, 0, 0), Some((DifferentAmount, Remedy::Look))),
            (back, &capture, Some((MissingHere, Remedy::Look))),
            (declined, &capture, Some((MissingHere, Remedy::Look))),
            (None, &capture, Some((MissingHere, Remedy::Look))),
            (paid, &theirs(2, 2_000, 0, 0), Some((Double, Remedy::Look))),
            (elsewhere, &theirs(0, 0, 2, 2_000), Some((Double, Remedy::Look))),
            (paid, &theirs(1, 1_000, 1, 1_000), Some((Double, Remedy::Look))),
            (elsewhere, &fallback, None),
            (
                elsewhere,
                &theirs(0, 0, 1, 999),
                Some((DifferentAmount, Remedy::Look)),
            ),
            (open, &fallback, Some((Double, Remedy::GiveBack))),
            (paid, &fallback, Some((Double, Remedy::GiveBack))),
            (cancelled, &fallback, Some((ChargedElsewhere, Remedy::Advise))),
            (back, &fallback, Some((ChargedElsewhere, Remedy::Advise))),
            (declined, &fallback, Some((ChargedElsewhere, Remedy::Advise))),
            (None, &fallback, Some((ChargedElsewhere, Remedy::Advise))),
        ];
        for (ours, theirs, expected) in rows {
            assert_eq!(judge(ours, theirs), expected, "{ours:?} {theirs:?}");
        }
    }

    #[test]
    fn a_file_is_read_whole_or_not_at_all() {
        let head = "day,kind,authorisation,card,merchant,mcc,amount_won,at\n";
        let good = format!("{head}2026-11-25,capture,n1,tok_demo_citizen,A001,5814,4500,1764000000000\n");
        let lines = DailyLine::read(good.as_bytes()).unwrap();
        assert_eq!(
            (lines.len(), lines[0].kind, lines[0].amount_won),
            (1, LineKind::Capture, 4_500)
        );
        for bad in [
            "2026-11-25,capture,n1,t,A001,5814,-1,1\n",
            "2026-11-25,capture,n1,t,A001,5814,1.5,1\n",
            "2026-13-25,capture,n1,t,A001,5814,1,1\n",
            "2026-11-25,theft,n1,t,A001,5814,1,1\n",
            "2026-11-25,capture,n1,t,A001,5814,1,1\n2026-11-26,capture,n2,t,A001,5814,1,1\n",
        ] {
            assert!(
                DailyLine::read(format!("{head}{bad}").as_bytes()).is_err(),
                "{bad}"
            );
        }
    }
}
