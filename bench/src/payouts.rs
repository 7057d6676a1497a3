//! A roster at full size, on `PostgreSQL`: read, checked, paid, each apart; and a resident's wallet meanwhile.
//!
//! `NEUL_BENCH_ROWS` (200,000) people who do not exist; 2,500,000 is the largest that a country's money has had. The
//! floor is what the same money costs the database alone: as many transfers, lots and entries, inserted by three
//! `INSERT … SELECT` through `psql` into tables with the same indexes and guards. It makes no wallets, no sums and no
//! rows of a roster; the payout does.

use std::{
    fmt::Write as _,
    io::{BufWriter, Write as _},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use clap::Parser;
use ledger::{
    ExpiryRule, Ledger, NewMunicipality, NewProgramme, Operation, Request,
    payouts::{Payout, Ran, Recipients as _, RowPerson},
};
use people::{Client, Who};
use server::{
    cli::{Cli, Settings},
    config::Rooms,
    jobs::payouts::Named,
};
use sqlx::AssertSqlSafe;

use crate::{
    Anything,
    child::{Child, free_address, neul},
    pgbench,
    report::{Better, Report},
};

const PASSWORD: &str = "느티나무 아래 평상 둘";
/// As the portal's own job does it.
const BATCH: usize = 2_000;
/// Wallets looked at in a second, whether the portal keeps up or not.
const LOOKS_S: u64 = 40;
const MEMORY_MB: f64 = 300.0;

/// A demo in a database of its own, with everything that a payout needs.
struct Desk {
    rooms: Rooms,
    settings: Settings,
    environment: Vec<(&'static str, String)>,
    portal: String,
    admin: String,
    municipality: i64,
    programme: i64,
    clerk: i64,
    approver: i64,
    cookie: String,
}

/// All rows of payouts.
pub async fn measure(length: Duration, report: &mut Report) -> Anything<()> {
    let rows: i64 = std::env::var("NEUL_BENCH_ROWS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(200_000);
    let test = store::testing::postgres().await;
    let folder = tempfile::tempdir()?;
    let desk = Desk::open(&test.url, folder.path()).await?;
    let file = folder.path().join("roster.csv");
    write_roster(&file, rows, 1_000)?;

    let begun = Instant::now();
    let options = app::payouts::check_options(desk.settings.roster_max_bytes, Some(desk.municipality));
    let read = roster::check(
        std::io::BufReader::new(std::fs::File::open(&file)?),
        &options,
        &mut |_| Ok::<_, std::convert::Infallible>(()),
    );
    read.map_err(|error| format!("the roster cannot be read: {error:?}"))?;
    report.row("payouts.reading", seconds(begun), "s");

    // The whole way of the desk in this process, so that its memory can be watched.
    let memory = Memory::watch()?;
    let begun = Instant::now();
    let payout = desk.take(&file, "처음").await?;
    report.row("payouts.checking", seconds(begun), "s");
    let begun = Instant::now();
    desk.approve(payout.id).await?;
    report.row("payouts.approving", seconds(begun), "s");
    let begun = Instant::now();
    desk.recipients(payout.id).await?;
    report.row("payouts.people_made", seconds(begun), "s");
    let begun = Instant::now();
    let posting = desk.post(payout.id).await.map(|()| seconds(begun))?;
    report
        .row("payouts.memory", memory.grown_mb()?, "MB")
        .against("the goal", MEMORY_MB, 1.0, Better::Lower);
    desk.assert_paid(payout.id, rows).await?;

    let (floor, bare) = floor(rows).await?;
    report.row("payouts.floor_without_indexes", bare, "s");
    report.row("payouts.posting", posting, "s").against(
        "the same transfers, lots and entries by three INSERT … SELECT",
        floor,
        2.0,
        Better::Lower,
    );
    report.row("payouts.posted", rows as f64 / posting, "rows/s");

    desk.meanwhile(folder.path(), rows, length, report).await?;
    let verification = desk.rooms.ledger.verify().await?;
    verification
        .difference
        .map_or(Ok(()), |difference| Err(format!("{difference:?}").into()))
}

impl Desk {
    async fn open(url: &str, folder: &Path) -> Anything<Self> {
        let place = folder.display().to_string();
        let (portal, admin) = (free_address()?, free_address()?);
        let environment = vec![
            ("DATABASE_URL", url.to_owned()),
            ("NEUL_DATA_DIR", place.clone()),
            ("NEUL_STATUS_DIR", format!("{place}/status")),
            ("NEUL_ADDR", portal.clone()),
            ("NEUL_ADMIN_ADDR", admin.clone()),
            ("NEUL_DEMO_PASSWORD", PASSWORD.to_owned()),
        ];
        Child::start(&neul(), &["demo"], &environment)?
            .ends_well()
            .await?;
        let words = ["neul", "--database-url", url, "--data-dir", &place, "migrate"];
        let settings = Cli::try_parse_from(words)?.settings;
        let rooms = Rooms::open(&settings).await?;
        let now = jiff::Timestamp::now().as_millisecond();
        let client = Client::new("127.0.0.1", "bench");
        let citizen = rooms.people.sign_in("citizen", PASSWORD, &client, now).await?;
        let Who::Resident { holders, .. } = &citizen.session.who else {
            return Err("the demo's citizen is a resident".into());
        };
        let municipality = holders[0].0;
        let mut officials = Vec::new();
        for name in ["clerk", "approver"] {
            let signed_in = rooms.people.sign_in(name, PASSWORD, &client, now).await?;
            officials.push(signed_in.session.who.login());
        }
        let (programme, _) = programme(&rooms.ledger, municipality, now).await?;
        Ok(Self {
            cookie: format!("neul={}", citizen.cookie_value),
            rooms,
            settings,
            environment,
            portal,
            admin,
            municipality,
            programme,
            clerk: officials[0],
            approver: officials[1],
        })
    }

    /// The roster checked, as the desk and the command line do it.
    async fn take(&self, file: &Path, title: &str) -> Anything<Payout> {
        let intake = app::payouts::Intake {
            ledger: &self.rooms.ledger,
            people: &self.rooms.people,
            municipality: self.municipality,
            clerk: self.clerk,
            programme: self.programme,
            title: title.to_owned(),
            file_name: "roster.csv".to_owned(),
            again_why: None,
            max_bytes: self.settings.roster_max_bytes,
            at: jiff::Timestamp::now().as_millisecond(),
        };
        intake
            .take(file)
            .await
            .map_err(|refused| format!("{refused:?}").into())
    }

    async fn approve(&self, payout: i64) -> Anything<()> {
        let now = jiff::Timestamp::now().as_millisecond();
        let ledger = &self.rooms.ledger;
        ledger
            .submit_payout(self.municipality, payout, self.clerk, now)
            .await?;
        ledger
            .approve_payout(self.municipality, payout, self.approver, now)
            .await?;
        Ok(())
    }

    /// Everybody on the roster is found or made: what a first payout to somebody costs once.
    async fn recipients(&self, payout: i64) -> Anything<()> {
        let named = Named(self.rooms.people.clone());
        let now = jiff::Timestamp::now().as_millisecond();
        let mut after = 0;
        loop {
            let rows = self
                .rooms
                .ledger
                .payout_rows(self.municipality, payout, None, after, BATCH as i64)
                .await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.checked.row;
            let people: Vec<RowPerson> = rows
                .into_iter()
                .map(|row| RowPerson {
                    sealed: row.checked.sealed,
                    person_key: row.checked.person_key,
                })
                .collect();
            named.holders(self.municipality, &people, now).await?;
        }
    }

    async fn post(&self, payout: i64) -> Anything<()> {
        let named = Named(self.rooms.people.clone());
        let clock = || jiff::Timestamp::now().as_millisecond();
        let ran = self
            .rooms
            .ledger
            .run_payout(self.municipality, payout, &named, BATCH, clock, || false)
            .await?;
        if ran == Ran::Done {
            Ok(())
        } else {
            Err("the payout stopped".into())
        }
    }

    async fn assert_paid(&self, payout: i64, rows: i64) -> Anything<()> {
        let done = self.rooms.ledger.payout(self.municipality, payout).await?;
        if done.paid_rows == rows {
            Ok(())
        } else {
            Err(format!("{} of {rows} rows were paid", done.paid_rows).into())
        }
    }

    /// The same people once more, paid by the portal itself while a resident looks at the wallet.
    async fn meanwhile(
        &self,
        folder: &Path,
        rows: i64,
        length: Duration,
        report: &mut Report,
    ) -> Anything<()> {
        let file = folder.join("again.csv");
        write_roster(&file, rows, 2_000)?;
        let payout = self.take(&file, "다시").await?.id;
        sqlx::raw_sql("VACUUM ANALYZE")
            .execute(&self.rooms.store.write)
            .await?;
        let child = Child::start(&neul(), &["serve", "--no-status"], &self.environment)?;
        child.answers(&format!("http://{}/readyz", self.admin)).await?;
        // The sequencer of the public log has the first payout to take up: until it has, nothing is idle.
        while self.rooms.ledger.log_waiting().await? > 0 {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        let url = format!("http://{}/wallet", self.portal);
        let until = Instant::now() + length.max(Duration::from_secs(10));
        let idle = looks(&url, &self.cookie, || Instant::now() < until).await?;
        let idle_mb = child.memory_mb()?;
        self.approve(payout).await?;
        let begun = Instant::now();
        let running = Arc::new(AtomicBool::new(true));
        let watched = running.clone();
        let (ledger, municipality) = (self.rooms.ledger.clone(), self.municipality);
        let watch = tokio::spawn(async move {
            while ledger
                .payout(municipality, payout)
                .await
                .is_ok_and(|payout| payout.done_at.is_none())
            {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            watched.store(false, Ordering::Relaxed);
        });
        let mut most_mb = idle_mb;
        let busy = looks(&url, &self.cookie, || {
            most_mb = f64::max(most_mb, child.memory_mb().unwrap_or_default());
            running.load(Ordering::Relaxed)
        })
        .await?;
        watch.await?;
        report.row("payouts.by_the_portal", seconds(begun), "s");
        report.row("payouts.wallet_p99_meanwhile", busy, "ms").against(
            "the same with nothing to pay",
            idle,
            3.0,
            Better::Lower,
        );
        report
            .row("payouts.portal_memory_growth", most_mb - idle_mb, "MB")
            .against("the goal", MEMORY_MB, 1.0, Better::Lower);
        self.assert_paid(payout, rows).await?;
        child.end().await
    }
}

/// A given programme with budget enough, and its budget's account.
async fn programme(ledger: &Ledger, municipality: i64, now: i64) -> Anything<(i64, i64)> {
    let new = NewProgramme::given("큰 지급", "Large", ExpiryRule::Months(60), "bench");
    let programme = ledger.create_programme(municipality, new, now).await?.id;
    let request = Request {
        municipality,
        key: "bench fund".to_owned(),
        actor: "bench".to_owned(),
        at: now,
        operation: Operation::Fund {
            programme,
            amount_won: 1_000_000_000_000,
        },
    };
    ledger.post(request).await?;
    let (budget,): (i64,) =
        sqlx::query_as("SELECT id FROM accounts WHERE kind = 'budget' AND municipality = $1 AND owner = $2")
            .bind(municipality)
            .bind(programme)
            .fetch_one(&ledger.store().read)
            .await?;
    Ok((programme, budget))
}

/// Wallets looked at at a steady rate while `go_on`; the 99th percentile of the time from when each look was due, ms.
async fn looks(url: &str, cookie: &str, mut go_on: impl FnMut() -> bool) -> Anything<f64> {
    let client = reqwest::Client::new();
    let mut every = tokio::time::interval(Duration::from_millis(1_000 / LOOKS_S));
    let mut asked = Vec::new();
    while go_on() {
        let due = every.tick().await;
        let request = client.get(url).header("Cookie", cookie);
        asked.push(tokio::spawn(async move {
            let answer = request.send().await?.error_for_status()?;
            answer.bytes().await?;
            Ok::<_, reqwest::Error>(due.elapsed().as_secs_f64() * 1_000.0)
        }));
    }
    let mut latencies_ms = Vec::with_capacity(asked.len());
    for one in asked {
        latencies_ms.push(one.await??);
    }
    latencies_ms.sort_unstable_by(f64::total_cmp);
    latencies_ms
        .get(latencies_ms.len() * 99 / 100)
        .copied()
        .ok_or_else(|| "nobody looked".into())
}

/// People who do not exist, one a row.
fn write_roster(file: &Path, rows: i64, amount_won: i64) -> Anything<()> {
    let family: Vec<char> = "김이박최정강조윤장임".chars().collect();
    let given: Vec<char> = "가나다라마바사아자차카타파하서지민예도현".chars().collect();
    let mut out = BufWriter::new(std::fs::File::create(file)?);
    writeln!(out, "성명,생년월일,휴대전화,지급액")?;
    let mut name = String::new();
    for n in 0..rows as usize {
        name.clear();
        name.push(family[n % 10]);
        name.push(given[n / 10 % 20]);
        name.push(given[n / 200 % 20]);
        let (year, month, day) = (1950 + n % 55, n % 12 + 1, n % 28 + 1);
        let (middle, last) = (1_000 + n / 10_000, n % 10_000);
        writeln!(
            out,
            "{name},{year}-{month:02}-{day:02},010-{middle:04}-{last:04},{amount_won}"
        )?;
    }
    out.flush()?;
    Ok(())
}

/// Seconds of the three statements into tables as ours are, and into tables without an index or a guard.
async fn floor(rows: i64) -> Anything<(f64, f64)> {
    const MUNICIPALITY: i64 = 41110;
    let test = store::testing::postgres().await;
    test.store.migrate(&ledger::MIGRATIONS).await?;
    let ledger = Ledger::new(test.store.clone());
    let now = jiff::Timestamp::now().as_millisecond();
    let new = NewMunicipality {
        code: MUNICIPALITY,
        name_en: "Suwon".to_owned(),
        currency_name: "페이".to_owned(),
        currency_name_en: "Pay".to_owned(),
        help_line: "-".to_owned(),
        help_hours: "-".to_owned(),
    };
    ledger.open_municipality(new, now).await?;
    let (programme, budget) = programme(&ledger, MUNICIPALITY, now).await?;
    let first = test.store.ids(MUNICIPALITY, 3 * rows).await?.first();
    let (lots, wallets, ends) = (first + rows, first + 2 * rows, now + 1_000_000_000);
    // Not measured: wallets there must be.
    sqlx::raw_sql(AssertSqlSafe(format!(
        "INSERT INTO accounts (municipality, id, kind, owner) SELECT {MUNICIPALITY}, {wallets} + i, 'wallet', i \
         FROM generate_series(0, {rows} - 1) AS n (i)"
    )))
    .execute(&test.store.write)
    .await?;
    sqlx::raw_sql("VACUUM ANALYZE").execute(&test.store.write).await?;
    let statements = |schema: &str| {
        let mut sql = String::from("BEGIN;\n");
        let series = format!("FROM generate_series(0, {rows} - 1) AS n (i)");
        let hash = "0".repeat(64);
        let _ = writeln!(
            sql,
            "INSERT INTO {schema}transfers (municipality, id, idempotency_key, body_hash, kind, amount_won, created_at, \
             actor, programme, holder, payout) SELECT {MUNICIPALITY}, {first} + i, 'payout:1:' || i, '{hash}', 'grant', \
             1000, {now}, 'payout:1', {programme}, i, 1 {series};"
        );
        let _ = writeln!(
            sql,
            "INSERT INTO {schema}lots (municipality, id, transfer, account, holder, programme, kind, price_won, value_won, \
             left_won, created_at, expires_at) SELECT {MUNICIPALITY}, {lots} + i, {first} + i, {wallets} + i, i, \
             {programme}, 'granted', 0, 1000, 1000, {now}, {ends} {series};"
        );
        let _ = writeln!(
            sql,
            "INSERT INTO {schema}entries (municipality, transfer, line, account, amount_won, lot, programme, kind, \
             created_at) SELECT {MUNICIPALITY}, {first} + i, e.line, e.account, e.won, e.lot, {programme}, 'grant', {now} \
             {series} CROSS JOIN LATERAL (VALUES (0, {budget}, -1000, CAST(NULL AS BIGINT)), \
             (1, {wallets} + i, 1000, {lots} + i)) AS e (line, account, won, lot);"
        );
        sql.push_str("COMMIT;\n");
        sql
    };
    let folder = tempfile::tempdir()?;
    let run = |name: &str, sql: &str| -> Anything<f64> {
        let file = folder.path().join(name);
        std::fs::write(&file, sql)?;
        let file = file.display().to_string();
        let begun = Instant::now();
        pgbench::tool("psql", &["-q", "-v", "ON_ERROR_STOP=1", "-f", &file, &test.url])?;
        Ok(seconds(begun))
    };
    let guarded = run("floor.sql", &statements(""))?;
    sqlx::raw_sql(
        "CREATE SCHEMA bare; CREATE TABLE bare.transfers (LIKE transfers); CREATE TABLE bare.entries (LIKE entries); \
         CREATE TABLE bare.lots (LIKE lots)",
    )
    .execute(&test.store.write)
    .await?;
    let bare = run("bare.sql", &statements("bare."))?;
    Ok((guarded, bare))
}

fn seconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64()
}

/// How far this process's memory grows.
struct Memory {
    before_mb: f64,
}

impl Memory {
    fn watch() -> Anything<Self> {
        // What was highest until now is forgotten.
        std::fs::write("/proc/self/clear_refs", "5")?;
        Ok(Self {
            before_mb: Self::of("VmRSS:")?,
        })
    }

    fn of(name: &str) -> Anything<f64> {
        let text = std::fs::read_to_string("/proc/self/status")?;
        let kilobytes: f64 = text
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .and_then(|rest| rest.trim().split(' ').next())
            .ok_or("no such figure")?
            .parse()?;
        Ok(kilobytes * 1_024.0 / 1e6)
    }

    fn grown_mb(&self) -> Anything<f64> {
        Ok(Self::of("VmHWM:")? - self.before_mb)
    }
}
