//! `neul`: the portal, the desk, and the status site beside them; one program with roles.

use clap::Parser;

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let arguments = server::cli::Cli::parse();
    server::logs::start();
    match server::commands::run(arguments).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("neul: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}
