//! Words for the states, kinds, outcomes and reasons of payouts.

use ledger::{
    Refusal,
    payouts::{PayoutKind, PayoutRow, PayoutState, RowOutcome},
};
use roster::Why;

use crate::{
    word,
    words::{self, Lang},
};

/// The reader's language as the room of rosters knows it.
pub fn roster_lang(lang: Lang) -> roster::Lang {
    match lang {
        Lang::ko => roster::Lang::Ko,
        Lang::en => roster::Lang::En,
    }
}

/// Where a payout is on its way.
pub fn state(lang: Lang, state: PayoutState) -> String {
    match state {
        PayoutState::Draft => word!(lang, payouts.draft),
        PayoutState::Checked => word!(lang, payouts.checked),
        PayoutState::Submitted => word!(lang, payouts.submitted),
        PayoutState::Approved => word!(lang, payouts.approved),
        PayoutState::Running => word!(lang, payouts.running),
        PayoutState::Done => word!(lang, payouts.done),
        PayoutState::Returned => word!(lang, payouts.returned),
        PayoutState::Cancelled => word!(lang, payouts.cancelled),
        PayoutState::FirstApproved => word!(lang, approvals.first_approved),
        PayoutState::Withdrawn => word!(lang, approvals.withdrawn),
        PayoutState::RepeatsPaid => word!(lang, repeats.event_paid),
        PayoutState::RepeatsLeftOut => word!(lang, repeats.event_left_out),
    }
}

/// The badge's tone of a state (style/README.md).
pub fn tone(state: PayoutState) -> &'static str {
    match state {
        PayoutState::Draft => "neutral",
        PayoutState::Checked => "info",
        PayoutState::Submitted | PayoutState::RepeatsPaid | PayoutState::RepeatsLeftOut => "warning",
        PayoutState::FirstApproved | PayoutState::Approved | PayoutState::Running => "primary",
        PayoutState::Done => "success",
        PayoutState::Returned | PayoutState::Cancelled | PayoutState::Withdrawn => "danger",
    }
}

/// What a payout is for.
pub fn kind(lang: Lang, kind: PayoutKind) -> String {
    match kind {
        PayoutKind::Roster => word!(lang, payouts.kind_roster),
        PayoutKind::Voucher => word!(lang, payouts.kind_voucher),
        PayoutKind::Single => word!(lang, payouts.kind_single),
        PayoutKind::Budget => word!(lang, payouts.kind_budget),
    }
}

/// What came of a row, with its tone: of the check, and later of paying.
pub(super) fn outcome(lang: Lang, row: &PayoutRow) -> (&'static str, String) {
    match (row.checked.outcome, row.state.as_str()) {
        (RowOutcome::Error, _) => ("danger", word!(lang, payouts.row_error)),
        (RowOutcome::Duplicate, _) => ("warning", word!(lang, payouts.row_duplicate)),
        (RowOutcome::Ok, "paid") => ("success", word!(lang, payouts.row_paid)),
        (RowOutcome::Ok, "failed") => ("danger", word!(lang, payouts.row_failed)),
        (RowOutcome::Ok, _) => ("info", word!(lang, payouts.row_ok)),
    }
}

/// Why a row is left out or was not paid; empty where nothing is to be said.
pub(super) fn why(lang: Lang, row: &PayoutRow) -> String {
    match row.checked.outcome {
        RowOutcome::Error => reason(lang, &row.checked.why),
        RowOutcome::Duplicate if row.checked.why.is_empty() => word!(lang, payouts.why_duplicate),
        RowOutcome::Duplicate => word!(lang, payouts.why_duplicate_of, row = row.checked.why.clone()),
        RowOutcome::Ok if row.failure.is_empty() => String::new(),
        RowOutcome::Ok => match serde_json::from_str::<Refusal>(&row.failure) {
            Ok(refusal) => words::refusal(lang, &refusal),
            Err(_) => word!(lang, payouts.why_no_recipient),
        },
    }
}

/// A reason by its code; a code that is not known any more stands for itself.
fn reason(lang: Lang, code: &str) -> String {
    let known = Why::ALL.iter().find(|why| why.code() == code);
    known.map_or_else(
        || code.to_owned(),
        |why| why.message(roster_lang(lang)).to_owned(),
    )
}

/// Which field of a form for one person a reason belongs to.
pub fn error_field(why: Why) -> &'static str {
    why.field().as_str()
}

#[cfg(test)]
mod tests {
    use ledger::payouts::NewRow;

    use super::*;

    #[test]
    fn a_row_says_why_in_the_readers_language() {
        let mut row = PayoutRow {
            checked: NewRow {
                row: 5,
                sealed: String::new(),
                person_key: String::new(),
                amount_won: 0,
                outcome: RowOutcome::Error,
                field: "birth".into(),
                why: "birth-impossible".into(),
            },
            state: "left_out".into(),
            failure: String::new(),
            holder: None,
            transfer: None,
        };
        assert!(why(Lang::ko, &row).contains("달력에 없는"));
        row.checked.outcome = RowOutcome::Duplicate;
        row.checked.why = "3".into();
        assert!(why(Lang::en, &row).contains('3'));
        row.checked.outcome = RowOutcome::Ok;
        row.failure = serde_json::to_string(&Refusal::BudgetExhausted { left_won: 70 }).unwrap();
        assert!(why(Lang::ko, &row).contains("70원"));
    }
}
