//! When a payout begins: a day and a time in Korea, or as soon as it is approved.

use jiff::civil::Time;
use ledger::payouts::{Payout, PayoutState};
use leptos::prelude::*;

use crate::{
    door::{Ctx, Field, Form, day_start},
    shell, word, words,
};

/// The two fields; both may stay empty.
pub(super) fn fields(ctx: &Ctx, form: &Form) -> AnyView {
    let lang = ctx.lang;
    let day = Field {
        name: "start_day",
        label: word!(lang, approvals.start_day),
        hint: Some(word!(lang, approvals.start_hint)),
        kind: "date",
        optional: true,
        class: "input-short",
        ..Field::default()
    };
    let time = Field {
        name: "start_time",
        label: word!(lang, approvals.start_time),
        hint: Some(word!(lang, approvals.start_time_hint)),
        autocomplete: "off",
        inputmode: "numeric",
        optional: true,
        class: "input-short",
        ..Field::default()
    };
    view! { {form.field(ctx, day)}{form.field(ctx, time)} }.into_any()
}

/// What was typed, as an instant; `None` where nothing was. What is wrong stands in the form.
pub(super) fn read(ctx: &Ctx, form: &mut Form) -> Option<i64> {
    let day = form.date_if_any(ctx, "start_day");
    let typed = form.get("start_time").trim().to_owned();
    let time = if typed.is_empty() {
        Some(Time::midnight())
    } else {
        time_of(&typed)
    };
    let Some(time) = time else {
        form.fail("start_time", word!(ctx.lang, approvals.start_time_wrong));
        return None;
    };
    if day.is_none() && !typed.is_empty() {
        form.fail("start_day", word!(ctx.lang, approvals.start_wrong));
    }
    let day = day?;
    let minutes = i64::from(time.hour()) * 60 + i64::from(time.minute());
    Some(day_start(day) + minutes * 60_000)
}

/// `9:00`, `09:30`.
fn time_of(typed: &str) -> Option<Time> {
    let (hour, minute) = typed.split_once(':')?;
    let digits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.chars().all(|letter| letter.is_ascii_digit())
    };
    if !digits(hour, 2) || !digits(minute, 2) || minute.len() != 2 {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

/// Says that it waits for its time.
pub(super) fn told(ctx: &Ctx, payout: &Payout) -> Option<AnyView> {
    let lang = ctx.lang;
    let start_at = payout.start_at.filter(|start_at| *start_at > ctx.at)?;
    let coming = matches!(payout.state, PayoutState::Submitted | PayoutState::Approved);
    coming.then(|| {
        let title = word!(lang, approvals.starts, when = words::when(lang, start_at));
        shell::notice("info", Some(title), word!(lang, approvals.starts_text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_read_as_people_write_it() {
        assert_eq!(time_of("09:30"), Time::new(9, 30, 0, 0).ok());
        assert_eq!(time_of("9:05"), Time::new(9, 5, 0, 0).ok());
        for wrong in ["9", "24:00", "9:5", "09:60", "a:00", "+9:00", "009:00"] {
            assert_eq!(time_of(wrong), None, "{wrong}");
        }
    }
}
