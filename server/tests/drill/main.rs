//! The drill: 19 September 2025 replayed against real processes. A portal, a status site, a `PostgreSQL`, tills that pay
//! from outside at a constant rate whatever comes back, a card network, residents who are signed in and a browser; and
//! one fault after the other, judged by what people would have seen.
//!
//! `make drill` (scripts/drill, `NEUL_DRILL=all`) plays all fourteen and writes `target/drill.json` and
//! `target/drill.html`; `NEUL_DRILL=3,7` plays some. Without it, as part of `make test`, a short form plays four and
//! writes nothing. What cannot be played on a machine (a file system of its own, a clock of its own) is told as not
//! run and does not pass.

mod browser;
mod card_network;
mod day;
mod faults;
mod load;
mod report;
#[allow(dead_code, reason = "each program of tests uses a part")]
#[path = "../tools/mod.rs"]
mod tools;

use std::time::{Duration, Instant};

use day::Day;
use faults::Fault;
use report::{Row, Seen};

/// The public word comes at last after this.
const WORD_S: f64 = 30.0;
/// Payments work again at last so long after the fault has ended.
const RECOVERY_S: f64 = 5.0;
/// Before a fault begins, payments work for so long, and the status site has looked.
const BEFORE: Duration = Duration::from_secs(7);
/// A fault that fails nothing lasts so long.
const QUIET: Duration = Duration::from_secs(10);
/// A fault that is not told of is ended after this.
const LONGEST: Duration = Duration::from_secs(45);
/// Payments work again once they did for so long.
const STEADY: Duration = Duration::from_secs(3);
/// The short form, in `make test`.
const SHORT: [usize; 4] = [1, 3, 7, 12];

fn seconds(span: Duration) -> f64 {
    (span.as_secs_f64() * 10.0).round() / 10.0
}

#[tokio::test(flavor = "multi_thread")]
async fn the_day_is_replayed() {
    let asked = std::env::var("NEUL_DRILL").unwrap_or_default();
    let faults: Vec<Fault> = match asked.as_str() {
        "all" => Fault::ALL.to_vec(),
        "" => SHORT.iter().map(|number| Fault::ALL[number - 1]).collect(),
        list => list
            .split(',')
            .map(|number| Fault::ALL[number.trim().parse::<usize>().expect("a number") - 1])
            .collect(),
    };
    let mut day = Day::begin(!asked.is_empty()).await;
    let mut all = Vec::new();
    for fault in faults {
        let seen = replay(&mut day, fault).await;
        println!("{}", seen.line());
        all.push(seen);
        if !asked.is_empty() {
            report::write(&all);
        }
    }
    day.verify();
    day.end().await;
    let failed: Vec<_> = all.iter().filter(|seen| !seen.row.pass).collect();
    if asked.is_empty() {
        // A machine that builds and tests beside it is slow: what must be nothing is nothing all the same.
        for seen in &all {
            let row = &seen.row;
            let harm = row.lost + row.twice + row.sessions_lost + row.charged_elsewhere;
            assert_eq!(harm, 0, "{}", seen.line());
            let word = row.public_word_s.unwrap_or(0.0);
            assert!(!seen.told_late() && word <= WORD_S, "{}", seen.line());
        }
    } else {
        assert!(
            failed.is_empty(),
            "{} of {} rows missed their goals",
            failed.len(),
            all.len()
        );
    }
}

/// One fault from quiet to quiet.
async fn replay(day: &mut Day, fault: Fault) -> Seen {
    println!("{} …", fault.name());
    let mut seen = Seen::new(fault);
    if let Err(why) = day.prepare(fault).await {
        seen.not_run(why);
        return seen;
    }
    let load = load::start(&day.town, fault).await;
    let network = card_network::start(day, fault);
    tokio::time::sleep(BEFORE).await;

    let begun = Instant::now();
    if let Err(why) = fault.begin(day).await {
        load.end().await;
        network.end();
        seen.not_run(why);
        return seen;
    }
    let mut signed_out = vec![false; day.cookies.len()];
    let (mut word, mut watched) = (None, begun);
    let least = if fault.fails() { QUIET / 2 } else { QUIET };
    while begun.elapsed() < LONGEST {
        if word.is_none() && day.public_word(fault).await {
            word = Some(begun.elapsed());
        }
        if watched.elapsed() >= Duration::from_secs(1) {
            watched = Instant::now();
            day.look_for_lost_sessions(&mut signed_out).await;
        }
        if begun.elapsed() >= least && (word.is_some() || !fault.fails()) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    if let Err(why) = fault.midway(day).await {
        seen.miss(why);
    }
    day.pictures(fault, &mut seen).await;

    let told = fault.end(day).await;
    let ended = Instant::now();
    match told {
        Ok(Some(note)) => seen.note(note),
        Ok(None) => {}
        Err(why) => seen.miss(why),
    }
    while ended.elapsed() < LONGEST && !(ended.elapsed() > STEADY && load.is_steady(STEADY)) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let asked = load.end().await;
    let charged_elsewhere = network.end();
    let (failed_s, recovery) = load::failures(&asked, ended);
    let (lost, twice) = day.settle(fault, &asked).await;
    day.sessions_at_the_end(&mut signed_out).await;
    if let Some(why) = fault.unproven(day).await {
        seen.not_run(why);
    }
    seen.measured(Row {
        public_word_s: word.map(seconds),
        failed_payments_s: failed_s,
        recovery_s: seconds(recovery),
        lost,
        twice,
        sessions_lost: signed_out.iter().filter(|out| **out).count(),
        charged_elsewhere,
        ..seen.row.clone()
    });
    seen.note(format!("{} payments asked for", asked.len()));
    seen
}
