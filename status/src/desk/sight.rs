//! What the probes see, on the desk's board: each question with what it came to, and what is believed of each
//! component. Beside it an operator sees at once where the public page says something else.

use leptos::prelude::*;

use super::Desk;
use crate::{
    pages::{icon, moment, state_icon},
    probes::{Finding, Look},
    words::{Lang, Times, word},
};

fn finding(lang: Lang, finding: Finding) -> String {
    match finding {
        Finding::Well => word!(lang, probes.well),
        Finding::Silent => word!(lang, probes.silent),
        Finding::Status(status) => word!(lang, probes.status, status = status),
        Finding::Strange => word!(lang, probes.strange),
    }
}

fn questions(lang: Lang, look: &Look) -> Vec<(String, String)> {
    let round = &look.round;
    let mut rows = vec![
        (word!(lang, probes.front), finding(lang, round.front)),
        (word!(lang, probes.sign_in), finding(lang, round.sign_in)),
        (
            word!(lang, probes.health),
            round
                .health
                .map_or_else(|| word!(lang, probes.no_key), |health| finding(lang, health)),
        ),
    ];
    if let Some((answer, canary)) = round.canary {
        let text = match (answer, canary.pay_ms, canary.cancel_ms) {
            (Finding::Well, None, _) => word!(lang, probes.canary_unpaid),
            (Finding::Well, Some(pay), None) => word!(lang, probes.canary_kept, pay = pay),
            (Finding::Well, Some(pay), Some(cancel)) => {
                word!(lang, probes.canary_well, pay = pay, cancel = cancel)
            }
            _ => finding(lang, answer),
        };
        let missing = (canary.whole == Some(false)).then(|| word!(lang, probes.canary_missing));
        rows.push((
            word!(lang, probes.canary),
            [Some(text), missing]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" "),
        ));
    }
    let Some(signals) = &round.signals else {
        return rows;
    };
    if let Some(database) = signals.database {
        let text = if database.reachable {
            word!(lang, probes.reachable)
        } else {
            word!(lang, probes.unreachable)
        };
        rows.push((word!(lang, probes.database), text));
    }
    if let Some(payouts) = signals.payouts {
        rows.push((
            word!(lang, probes.payouts),
            Times::length(lang, payouts.oldest_s * 1000),
        ));
    }
    if let Some(poster) = signals.poster {
        let text = word!(lang, probes.of, queued = poster.queued, most = poster.most);
        rows.push((word!(lang, probes.poster), text));
    }
    if let Some(age) = signals.checkpoint_age_s {
        rows.push((word!(lang, probes.checkpoint), Times::length(lang, age * 1000)));
    }
    for work in &signals.work {
        let text = word!(
            lang,
            probes.work,
            kind = &work.kind,
            requests = work.requests,
            failed = work.failed,
            p99 = work.p99_ms
        );
        rows.push((String::new(), text));
    }
    rows
}

/// How the static copy is.
fn twin(desk: &Desk) -> Option<AnyView> {
    let (lang, reader) = (desk.lang, desk.reader());
    let (at, failed) = desk.site.twin.get()?;
    let failed = failed.map(|why| view! { <p class="error">{word!(lang, twin.desk_failed, why = why)}</p> });
    let written = (at > 0).then(|| {
        view! { <p class="soft small">{word!(lang, twin.desk_written)} " " {moment(reader, at)}</p> }
    });
    Some(view! { {failed}{written} }.into_any())
}

/// The section.
pub(super) fn sight(desk: &Desk) -> AnyView {
    let (lang, reader) = (desk.lang, desk.reader());
    let snapshot = desk.site.snapshot();
    let inside = match desk.site.sight.get() {
        None if desk.site.is_watching => {
            view! { <p class="soft">{word!(lang, probes.sight_never)}</p> }.into_any()
        }
        None => view! { <p class="soft">{word!(lang, probes.sight_off)}</p> }.into_any(),
        Some(look) => {
            let rows = questions(lang, &look)
                .into_iter()
                .map(|(question, finding)| view! { <tr><td>{question}</td><td>{finding}</td></tr> })
                .collect_view();
            let believed = snapshot
                .world
                .components
                .iter()
                .filter_map(|component| {
                    let (status, since) = *look.believed.get(&component.id)?;
                    Some(view! {
                        <li data-state=status.as_str()>
                            <span>{component.name(lang).to_owned()}</span> " "
                            <span class="component-state">{icon(state_icon(status), "icon icon-s")}{status.label(lang)}</span> " "
                            <span class="soft small">{moment(reader, since)}</span>
                        </li>
                    })
                })
                .collect_view();
            let failed = look
                .failed
                .map(|why| view! { <p class="error">{word!(lang, probes.sight_failed, why = why)}</p> });
            view! {
                {failed}
                <p class="soft small">{word!(lang, probes.sight_at)} " " {moment(reader, look.round.at)}</p>
                <div class="table-wrap" role="region" tabindex="0" aria-label=word!(lang, probes.question)>
                    <table class="table table-dense">
                        <thead><tr><th scope="col">{word!(lang, probes.question)}</th><th scope="col">{word!(lang, probes.finding)}</th></tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
                <h3>{word!(lang, probes.believed)}</h3>
                <ul class="state-list">{believed}</ul>
            }
            .into_any()
        }
    };
    view! {
        <section class="section" aria-labelledby="sight">
            <div class="section-head"><h2 id="sight">{word!(lang, probes.sight)}</h2></div>
            <div class="stack stack-s">{inside}{twin(desk)}</div>
        </section>
    }
    .into_any()
}
