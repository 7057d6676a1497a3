//! A programme's rules in words, for the desk and for the preview of what a resident will read.

use ledger::{ExpiryRule, NewProgramme, Programme, ProgrammeKind, ProgrammeState};

use crate::{
    word,
    words::{self, Lang},
};

/// Sold or given, as officials call it.
pub fn kind(lang: Lang, kind: ProgrammeKind) -> String {
    match kind {
        ProgrammeKind::Sold => word!(lang, programmes.kind_sold),
        ProgrammeKind::Given => word!(lang, programmes.kind_given),
    }
}

/// Draft, open or stopped.
pub fn state(lang: Lang, state: ProgrammeState) -> String {
    match state {
        ProgrammeState::Draft => word!(lang, programmes.draft),
        ProgrammeState::Open => word!(lang, programmes.open),
        ProgrammeState::Stopped => word!(lang, programmes.stopped),
    }
}

/// The badge's tone of a state.
pub fn tone(state: ProgrammeState) -> &'static str {
    match state {
        ProgrammeState::Draft => "neutral",
        ProgrammeState::Open => "success",
        ProgrammeState::Stopped => "danger",
    }
}

/// When its money ends: `지급일로부터 6개월`, `2026년 12월 31일 24:00까지`.
pub fn expiry(lang: Lang, rule: ExpiryRule) -> String {
    match rule {
        ExpiryRule::Months(months) if months % 12 == 0 => {
            word!(lang, programmes.expiry_years, years = months / 12)
        }
        ExpiryRule::Months(months) => word!(lang, programmes.expiry_months, months = months),
        ExpiryRule::Until(until) => word!(lang, programmes.expiry_until, date = words::day(lang, until)),
    }
}

/// The discount; a dash where money is given.
pub fn discount(_lang: Lang, programme: &Programme) -> String {
    match programme.kind {
        ProgrammeKind::Sold => words::percent(programme.discount_bp),
        ProgrammeKind::Given => "–".to_owned(),
    }
}

/// A limit, or that there is none.
pub fn limit(lang: Lang, won: Option<i64>) -> String {
    won.map_or_else(|| word!(lang, programmes.no_limit), |won| words::won(lang, won))
}

/// The dates of sale.
pub fn sale(lang: Lang, from: Option<i64>, until: Option<i64>) -> String {
    match (from, until) {
        (None, None) => word!(lang, programmes.sale_always),
        (Some(from), None) => word!(lang, programmes.sale_from_on, date = words::date(lang, from)),
        (None, Some(until)) => word!(lang, programmes.sale_until_on, date = words::day(lang, until)),
        (Some(from), Some(until)) => format!("{} – {}", words::date(lang, from), words::day(lang, until)),
    }
}

/// What a resident will read of a programme that does not exist yet, sentence by sentence.
pub fn preview(lang: Lang, new: &NewProgramme, at: i64) -> Vec<String> {
    let mut said = preview_but_end(lang, new);
    let ends = words::day(lang, new.expiry.expires_at(at));
    said.push(match new.kind {
        ProgrammeKind::Sold => word!(lang, programmes.says_ends_sold, date = ends),
        ProgrammeKind::Given => word!(lang, programmes.says_ends_given, date = ends),
    });
    said.push(says_where(lang, new));
    said
}

/// What a resident will read from `at` on, as it will be said of that day.
pub(super) fn preview_from(lang: Lang, new: &NewProgramme, at: i64) -> Vec<String> {
    let mut said = preview_but_end(lang, new);
    said.push(word!(
        lang,
        programmes.says_ends_from,
        day = words::date(lang, at),
        date = words::day(lang, new.expiry.expires_at(at))
    ));
    said.push(says_where(lang, new));
    said
}

fn says_where(lang: Lang, new: &NewProgramme) -> String {
    word!(
        lang,
        programmes.says_where,
        place = words::restriction(lang, &new.restriction)
    )
}

fn preview_but_end(lang: Lang, new: &NewProgramme) -> Vec<String> {
    let mut said = Vec::new();
    match new.kind {
        ProgrammeKind::Sold => {
            // The smallest round purchase, as a resident thinks of it.
            let (value, price) = (100_000, 100_000 - 100_000 * new.discount_bp / 10_000);
            let (value, price) = (words::won(lang, value), words::won(lang, price));
            said.push(word!(lang, programmes.says_sold, value = value, price = price));
            if let Some(limit) = new.monthly_limit_won {
                said.push(word!(
                    lang,
                    programmes.says_monthly,
                    limit = words::won(lang, limit)
                ));
            }
            if let Some(limit) = new.holding_limit_won {
                said.push(word!(
                    lang,
                    programmes.says_holding,
                    limit = words::won(lang, limit)
                ));
            }
            if new.monthly_budget_won.is_some() {
                said.push(word!(lang, programmes.says_monthly_budget));
            }
            said.push(word!(
                lang,
                programmes.says_sale,
                period = sale(lang, new.sale_from, new.sale_until)
            ));
            said.push(word!(
                lang,
                programmes.says_refund,
                percent = new.refund_threshold_pct
            ));
        }
        ProgrammeKind::Given => said.push(word!(lang, programmes.says_given)),
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_said_in_years_where_it_is_years() {
        assert_eq!(expiry(Lang::ko, ExpiryRule::Months(60)), "받은 날부터 5년");
        assert_eq!(expiry(Lang::ko, ExpiryRule::Months(6)), "받은 날부터 6개월");
        let until = "2026-12-01T00:00+09:00"
            .parse::<jiff::Timestamp>()
            .unwrap()
            .as_millisecond();
        assert_eq!(
            expiry(Lang::ko, ExpiryRule::Until(until)),
            "2026년 11월 30일 24:00까지"
        );
    }

    #[test]
    fn a_preview_says_the_price_that_a_resident_pays() {
        let new = NewProgramme::sold("시루", "Siru", 1_000, "");
        let said = preview(Lang::ko, &new, 0).join(" ");
        assert!(said.contains("90,000원") && said.contains("30억원"), "{said}");
    }
}
