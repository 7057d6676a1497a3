//! `neul`: the portal, the desk, and the status site beside them; one program with roles.

use clap::Parser;

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let arguments = server::cli::Cli::parse();
    server::logs::start(
        server::config::collector(&arguments.settings)
            .ok()
            .flatten()
            .as_ref(),
    );
    let done = server::commands::run(arguments).await;
    server::logs::finish();
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("neul: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}
