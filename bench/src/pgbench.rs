//! The yardstick that everybody has: `pgbench`.

use std::{path::PathBuf, process::Command, time::Duration};

use sqlx::{AssertSqlSafe, Connection};

use crate::Anything;

/// `pgbench -b tpcb-like -s 50 -c 20 -j 2 -M prepared` in a database of its own on the same server, transactions/s.
pub async fn tcpb_like(server: &str, length: Duration) -> Anything<f64> {
    sqlx::any::install_default_drivers();
    let name = format!("pgbench_{}", std::process::id());
    let mut admin = sqlx::AnyConnection::connect(server).await?;
    sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(&mut admin)
        .await?;
    let (base, _) = server
        .rsplit_once('/')
        .ok_or("the address of a database ends in /name")?;
    let url = format!("{base}/{name}");
    run(&["-i", "-q", "-s", "50", &url])?;
    let seconds = length.as_secs().max(1).to_string();
    let told = run(&[
        "-b",
        "tpcb-like",
        "-s",
        "50",
        "-c",
        "20",
        "-j",
        "2",
        "-M",
        "prepared",
        "-n",
        "-T",
        &seconds,
        &url,
    ])?;
    sqlx::raw_sql(AssertSqlSafe(format!("DROP DATABASE {name}")))
        .execute(&mut admin)
        .await?;
    let tps = told.lines().find_map(|line| line.strip_prefix("tps = "));
    let tps = tps
        .and_then(|rest| rest.split(' ').next())
        .ok_or("pgbench says no tps")?;
    Ok(tps.parse()?)
}

fn run(arguments: &[&str]) -> Anything<String> {
    tool("pgbench", arguments)
}

/// One of `PostgreSQL`'s programs, and what it said.
pub fn tool(name: &str, arguments: &[&str]) -> Anything<String> {
    let bin = Command::new("pg_config").arg("--bindir").output();
    let bin = bin
        .ok()
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let beside = bin
        .map(|bin| PathBuf::from(bin).join(name))
        .filter(|file| file.exists());
    let installed = || {
        let folders = std::fs::read_dir("/usr/lib/postgresql").ok()?;
        folders
            .flatten()
            .map(|folder| folder.path().join("bin").join(name))
            .find(|file| file.exists())
    };
    let program = beside.or_else(installed).unwrap_or_else(|| PathBuf::from(name));
    let output = Command::new(program).args(arguments).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(String::from_utf8(output.stdout)?)
}
