//! `neul`: the portal, the desk, and the status site beside them; one program with roles.

mod cli;
mod commands;
mod config;
mod jobs;
mod layers;
mod logs;
mod routes;
mod serve;
mod status_child;
mod status_watch;

use clap::Parser;

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let arguments = cli::Cli::parse();
    logs::start();
    match commands::run(arguments).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("neul: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}
