//! The sign-in history as a table.

use leptos::prelude::*;
use people::{DeviceForm, SignIn, SignInOutcome};

use crate::{
    shell::{self, Column, Row, badge},
    word,
    words::{self, Lang},
};

/// The table; a line that says there is none yet where there is none.
pub(crate) fn table(lang: Lang, tries: &[SignIn]) -> AnyView {
    if tries.is_empty() {
        return view! { <p class="soft">{word!(lang, security.none)}</p> }.into_any();
    }
    let columns = vec![
        Column::text(word!(lang, security.when)),
        Column::text(word!(lang, security.what)),
        Column::text(word!(lang, security.device)),
        Column::text(word!(lang, security.address)),
    ];
    let rows = tries
        .iter()
        .map(|one| {
            let when = format!("{} {}", words::day_of(one.at), words::time_s(one.at));
            let (tone, said) = outcome(lang, one.outcome);
            Row::of(view! { <span class="nowrap num">{when}</span> })
                .and(badge(tone, said))
                .and(device(lang, one))
                .and(view! { <span class="num">{one.from_ip.clone()}</span> })
        })
        .collect();
    shell::table("sign-ins", word!(lang, security.caption), columns, rows)
}

fn outcome(lang: Lang, outcome: SignInOutcome) -> (&'static str, String) {
    match outcome {
        SignInOutcome::SignedIn => ("neutral", word!(lang, security.signed_in)),
        SignInOutcome::WrongPassword => ("warning", word!(lang, security.wrong_password)),
        SignInOutcome::Shown => ("success", word!(lang, security.shown)),
        SignInOutcome::WrongCode => ("warning", word!(lang, security.wrong_code)),
        SignInOutcome::RecoveryCode => ("warning", word!(lang, security.recovery_code)),
    }
}

fn device(lang: Lang, one: &SignIn) -> String {
    let form = match one.form {
        DeviceForm::Phone => word!(lang, devices.phone),
        DeviceForm::Tablet => word!(lang, devices.tablet),
        DeviceForm::Computer => word!(lang, devices.computer),
        DeviceForm::Other => word!(lang, devices.other),
    };
    [one.browser.clone(), one.system.clone(), form]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}
