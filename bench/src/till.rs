//! Payments as tills make them: over HTTP, through `/api/v1/payments`, each with a code and a key of its own, on
//! `PostgreSQL`. Client, portal and database share the machine.

use std::{fmt::Write as _, path::Path, time::Duration};

use clap::Parser;
use people::{KeyOwner, NewApiKey, Scope};
use server::{cli::Cli, config::Rooms};

use crate::{
    Anything,
    child::{Child, free_address, neul},
    pgbench,
    report::{Better, Report},
    world::{MUNICIPALITY, PAYMENTS, World},
};

/// Tills that pay, each of a shop of its own: a shop has at most 64 payments by code in hand.
const SHOPS: usize = 64;
const THREADS: usize = 2;
const CONNECTIONS: usize = 256;
/// More than this a second nobody has seen here; so many codes are made.
pub const PAYMENTS_S: i64 = 25_000;
const ROWS: i64 = 1_000;

/// wrk's own script: each thread sends the requests of its file, one after the other, and ends with them.
const SCRIPT: &str = r#"
local number = 0
function setup(thread)
  thread:set("file", number)
  number = number + 1
end
function init(args)
  lines = io.lines(args[1] .. "/requests." .. file)
end
function request()
  local key, idempotency, body = lines():match("(%S+) (%S+) (.*)")
  return wrk.format("POST", "/api/v1/payments", {
    ["Authorization"] = "Bearer " .. key,
    ["Idempotency-Key"] = idempotency,
    ["Content-Type"] = "application/json",
  }, body)
end
"#;

/// Payments a second, against `pgbench` in the same run.
pub async fn measure(length: Duration, report: &mut Report) -> Anything<()> {
    let postgres = std::env::var("NEUL_TEST_POSTGRES")
        .map_err(|_| "NEUL_TEST_POSTGRES is not set: run this by scripts/with-postgres")?;
    let pgbench = pgbench::tcpb_like(&postgres, length).await?;
    let test = store::testing::postgres().await;
    let mut world = World::new(&test.store).await?;
    world.refill().await?;
    let folder = tempfile::tempdir()?;
    let place = folder.path().display().to_string();
    let (portal, admin) = (free_address()?, free_address()?);
    let words = [
        "neul",
        "--database-url",
        &test.url,
        "--data-dir",
        &place,
        "migrate",
    ];
    let rooms = Rooms::open(&Cli::try_parse_from(words)?.settings).await?;
    rooms.migrate().await?;
    let keys = keys(&rooms, &world).await?;
    let payments = PAYMENTS.min(PAYMENTS_S * length.as_secs().max(1) as i64);
    requests(&rooms, &world, &keys, payments, folder.path()).await?;
    let environment = [
        ("DATABASE_URL", test.url.clone()),
        ("NEUL_DATA_DIR", place.clone()),
        ("NEUL_ADDR", portal.clone()),
        ("NEUL_ADMIN_ADDR", admin.clone()),
    ];
    let child = Child::start(&neul(), &["serve", "--no-status"], &environment)?;
    child.answers(&format!("http://{admin}/readyz")).await?;
    let paid = wrk(length, folder.path(), &format!("http://{portal}/")).await?;
    child.end().await?;
    report.row("till.payments_over_http", paid, "payments/s").against(
        "pgbench tcpb-like -s 50 -c 20 -j 2 -M prepared",
        pgbench,
        2.0,
        Better::Higher,
    );
    world.verify().await
}

/// A key for each shop, and the shop.
pub async fn keys(rooms: &Rooms, world: &World) -> Anything<Vec<String>> {
    let mut keys = Vec::with_capacity(SHOPS);
    for merchant in &world.merchants[..SHOPS] {
        let new = NewApiKey {
            municipality: MUNICIPALITY,
            owner: KeyOwner::Merchant(*merchant),
            label: "bench".to_owned(),
            scopes: vec![Scope::PaymentsWrite],
        };
        let at = jiff::Timestamp::now().as_millisecond();
        keys.push(rooms.people.make_api_key(&new, "bench", "", at).await?.1.0);
    }
    Ok(keys)
}

/// Makes a code for each payment of the round, and writes the requests into a file for each of wrk's threads.
pub async fn requests(
    rooms: &Rooms,
    world: &World,
    keys: &[String],
    payments: i64,
    folder: &Path,
) -> Anything<()> {
    let (store, people) = (&rooms.store, &rooms.people);
    let now = jiff::Timestamp::now().as_millisecond();
    let (first, until_at) = (store.ids(MUNICIPALITY, payments).await?.first(), now + 3_600_000);
    let mut files = vec![String::new(); THREADS];
    for from in (0..payments).step_by(ROWS as usize) {
        let mut rows = String::new();
        for number in from..payments.min(from + ROWS) {
            let id = first + number;
            let name = people.code_name(MUNICIPALITY, id);
            let (holder, amount_won) = World::payment(number);
            let comma = if number == from { "" } else { ", " };
            write!(
                rows,
                "{comma}({MUNICIPALITY}, {id}, '{name}', {holder}, {now}, {until_at})"
            )?;
            let digits = people
                .code_digits(MUNICIPALITY, id, &name)
                .ok_or("a code without digits")?;
            let key = &keys[number as usize % keys.len()];
            writeln!(
                files[number as usize % THREADS],
                "{key} bench-{}-{number} {{\"code\":\"{digits}\",\"amount_won\":{amount_won},\"order_id\":\"{number}\"}}",
                world.round
            )?;
        }
        let sql =
            format!("INSERT INTO codes (municipality, id, name, holder, made_at, until_at) VALUES {rows}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(&store.write)
            .await?;
    }
    for (number, file) in files.iter().enumerate() {
        std::fs::write(folder.join(format!("requests.{number}")), file)?;
    }
    sqlx::raw_sql("VACUUM ANALYZE").execute(&store.write).await?;
    Ok(())
}

/// Payments a second; one that was refused is an error of the run.
pub async fn wrk(length: Duration, folder: &Path, url: &str) -> Anything<f64> {
    let script = folder.join("pay.lua");
    std::fs::write(&script, SCRIPT)?;
    let output = tokio::process::Command::new("wrk")
        .args([
            format!("-t{THREADS}"),
            format!("-c{CONNECTIONS}"),
            format!("-d{}s", length.as_secs().max(1)),
            "--timeout".to_owned(),
            "10s".to_owned(),
            "-s".to_owned(),
            script.display().to_string(),
            url.to_owned(),
            "--".to_owned(),
            folder.display().to_string(),
        ])
        .output()
        .await
        .map_err(|error| format!("wrk: {error}; scripts/setup bench installs it"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let bad = ["Non-2xx", "Socket errors"];
    if let Some(line) = text.lines().find(|line| bad.iter().any(|bad| line.contains(bad))) {
        return Err(format!("{url}: {line}").into());
    }
    let figure = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("Requests/sec:"))
        .ok_or_else(|| {
            format!(
                "wrk said nothing: {text}{}",
                String::from_utf8_lossy(&output.stderr)
            )
        })?;
    Ok(figure.trim().parse()?)
}
