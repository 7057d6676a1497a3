//! The live progress of a payout that runs: the one thing of the desk that must live in the browser.
//!
//! Without JavaScript the page refreshes itself; with it, this island asks every second and leaves the
//! page as it is until the payout is done.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// What `/admin/payouts/{id}/progress` answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgressNow {
    /// Rows paid.
    pub paid_rows: i64,
    /// Rows that could not be paid.
    pub failed_rows: i64,
    /// Rows in all.
    pub rows: i64,
    /// Won paid.
    pub paid_won: i64,
    /// Nothing more will change.
    pub done: bool,
}

/// The words of the island, in the reader's language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgressWords {
    /// Name of the progress bar.
    pub label: String,
    /// `{paid}` and `{rows}` are replaced.
    pub line: String,
    /// Said while the server does not answer.
    pub waiting: String,
}

/// The progress bar. `address` answers with [`ProgressNow`].
#[island]
pub fn PayoutProgress(address: String, start: ProgressNow, words: ProgressWords) -> impl IntoView {
    let (now, set_now) = signal(start);
    let (away, set_away) = signal(false);
    #[cfg(feature = "hydrate")]
    watch_progress(address, set_now, set_away);
    #[cfg(not(feature = "hydrate"))]
    let _ = (address, set_now, set_away);
    let line = words.line.clone();
    let text = move || {
        let now = now.get();
        line.replace("{paid}", &(now.paid_rows + now.failed_rows).to_string())
            .replace("{rows}", &now.rows.to_string())
    };
    view! {
        <div class="stack">
            <progress class="progress" aria-label=words.label
                max=move || now.get().rows.max(1).to_string()
                value=move || (now.get().paid_rows + now.get().failed_rows).to_string()></progress>
            <p role="status">{text}</p>
            <p class="progress-note">{move || away.get().then(|| words.waiting.clone())}</p>
        </div>
    }
}

/// Asks once a second until the payout is done, then loads the page with its result.
#[cfg(feature = "hydrate")]
fn watch_progress(address: String, set_now: WriteSignal<ProgressNow>, set_away: WriteSignal<bool>) {
    leptos::task::spawn_local(async move {
        loop {
            gloo_timers::future::TimeoutFuture::new(1_000).await;
            let answer = match gloo_net::http::Request::get(&address).send().await {
                Ok(answer) if answer.ok() => answer.json::<ProgressNow>().await.ok(),
                _ => None,
            };
            set_away.set(answer.is_none());
            let Some(answer) = answer else { continue };
            let done = answer.done;
            set_now.set(answer);
            if done {
                if let Some(window) = web_sys::window() {
                    let _ = window.location().reload();
                }
                return;
            }
        }
    });
}
