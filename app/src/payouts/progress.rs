//! The live progress of a payout that runs: the one thing of the desk that must live in the browser.
//!
//! Without JavaScript the page refreshes itself; with it, this island asks every second and leaves the
//! page as it is until the payout is done. Words and figures come from the server, ready to be read: the
//! island formats nothing, so that a phone downloads no dictionary and no number formats.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// What `/admin/payouts/{id}/progress` answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgressNow {
    /// Rows that were paid or could not be.
    pub handled_rows: i64,
    /// Rows in all.
    pub rows: i64,
    /// The same in the reader's language.
    pub line: String,
    /// Nothing more will change.
    pub done: bool,
}

/// The progress bar, named `label`. `address` answers with [`ProgressNow`]; `waiting` is said while the
/// server does not answer.
#[island]
pub fn PayoutProgress(address: String, start: ProgressNow, label: String, waiting: String) -> impl IntoView {
    let rows = start.rows.max(1).to_string();
    let (handled, set_handled) = signal(start.handled_rows);
    let (line, set_line) = signal(start.line);
    #[cfg(feature = "hydrate")]
    leptos::task::spawn_local(async move {
        loop {
            gloo_timers::future::TimeoutFuture::new(1_000).await;
            let Some(now) = ask(&address).await else {
                set_line.set(waiting.clone());
                continue;
            };
            set_handled.set(now.handled_rows);
            set_line.set(now.line);
            if now.done {
                // The page with the result.
                if let Some(window) = web_sys::window() {
                    let _ = window.location().reload();
                }
                return;
            }
        }
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = (address, waiting, set_handled, set_line);
    view! {
        <div class="stack">
            <progress class="progress" aria-label=label max=rows value=move || handled.get().to_string()></progress>
            <p role="status">{move || line.get()}</p>
        </div>
    }
}

/// One answer of the server; `None` where there is none that can be read. By hand: `gloo-net` weighs 3 kB.
#[cfg(feature = "hydrate")]
async fn ask(address: &str) -> Option<ProgressNow> {
    use wasm_bindgen_futures::JsFuture;
    let asked = web_sys::window()?.fetch_with_str(address);
    let answer = web_sys::Response::from(JsFuture::from(asked).await.ok()?);
    if !answer.ok() {
        return None;
    }
    let text = JsFuture::from(answer.text().ok()?).await.ok()?.as_string()?;
    serde_json::from_str(&text).ok()
}
