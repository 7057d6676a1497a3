//! One file per command of the contract.

mod api_key;
mod audit;
mod backup;
mod bank;
mod card;
mod demo;
mod keys;
mod ledger_verify;
mod log;
mod payout;
mod sessions;
mod simulate;
mod staff;
mod status;

use std::process::ExitCode;

use crate::{
    cli::{
        ApiKeyCommand, AuditCommand, BankCommand, CardCommand, Cli, Command, KeysCommand, LedgerCommand,
        LogCommand, OperatorCommand, PayoutCommand, SessionsCommand, SimulateCommand, StaffCommand,
        StatusCommand,
    },
    config::{Rooms, StartError},
    serve,
};

/// Does what the command line says.
pub async fn run(cli: Cli) -> Result<ExitCode, StartError> {
    let settings = cli.settings;
    match cli.command {
        Command::Serve {
            no_status,
            demo_in_public,
        } => serve::serve(settings, no_status, demo_in_public).await?,
        Command::Status { command: None } => status::serve(&settings).await?,
        Command::Status {
            command:
                Some(StatusCommand::Operator {
                    command: OperatorCommand::Add { login },
                }),
        } => {
            status::operator_add(&settings, &login).await?;
        }
        Command::Status {
            command: Some(StatusCommand::Export { to }),
        } => status::export(&settings, &to).await?,
        Command::Status {
            command: Some(StatusCommand::LogAccept { by }),
        } => status::log_accept(&settings, &by).await?,
        Command::Migrate => {
            Rooms::open(&settings).await?.migrate().await?;
            println!("the database is up to date");
        }
        Command::Demo { once } => demo::fill(&settings, once).await?,
        Command::Payout {
            command:
                PayoutCommand::Check {
                    file,
                    json,
                    municipality,
                },
        } => {
            return payout::check(&settings, &file, json, municipality);
        }
        Command::Payout {
            command:
                PayoutCommand::Import {
                    file,
                    by,
                    programme,
                    title,
                },
        } => {
            return payout::import(&settings, &file, &by, programme, title).await;
        }
        Command::Keys {
            command: KeysCommand::Reseal,
        } => keys::reseal(&settings).await?,
        Command::Keys {
            command: KeysCommand::Status,
        } => keys::status(&settings).await?,
        Command::Audit {
            command: AuditCommand::Verify,
        } => return audit::verify(&settings).await,
        Command::Ledger {
            command: LedgerCommand::Verify { checkpoint },
        } => return ledger_verify::run(&settings, checkpoint.as_deref()).await,
        Command::Log {
            command: LogCommand::Check { file, keys },
        } => return log::check(&file, keys.as_deref()),
        Command::Log {
            command: LogCommand::Key { new },
        } => log::key(&settings, new)?,
        Command::Sessions {
            command: SessionsCommand::End(asked),
        } => sessions::end(&settings, asked).await?,
        Command::Sessions {
            command: SessionsCommand::Lost { from, until },
        } => sessions::lost(&settings, from, until).await?,
        Command::Card {
            command: CardCommand::Add { login, network },
        } => card::add(&settings, &login, &network).await?,
        Command::Card {
            command: CardCommand::Reconcile { file, network },
        } => return card::reconcile(&settings, &file, &network).await,
        Command::Card {
            command: CardCommand::PublicKey,
        } => println!("{}", crate::config::list_key(&settings)?.public_hex()),
        Command::Simulate {
            command: SimulateCommand::Network(options),
        } => return crate::simulate::network(options).await,
        Command::Bank {
            command: BankCommand::Reconcile { date, municipality },
        } => return bank::reconcile(&settings, date, municipality).await,
        Command::Simulate { command } => simulate::run(&settings, command).await?,
        Command::Staff {
            command:
                StaffCommand::Add {
                    municipality,
                    login,
                    name,
                    roles,
                },
        } => {
            staff::add(&settings, municipality, &login, &name, &roles).await?;
        }
        Command::Staff {
            command: StaffCommand::ResetSecondFactor { login },
        } => staff::reset_second_factor(&settings, &login).await?,
        Command::ApiKey {
            command:
                ApiKeyCommand::Add {
                    municipality,
                    merchant,
                    network,
                    label,
                    scopes,
                },
        } => {
            let of = match (network, municipality, merchant) {
                (Some(network), ..) => api_key::Of::Network(network),
                (None, Some(municipality), Some(merchant)) => api_key::Of::Merchant(municipality, merchant),
                _ => return crate::config::say("give --network, or --municipality and --merchant"),
            };
            api_key::add(&settings, of, label, scopes).await?;
        }
        Command::Backup { file } => backup::backup(&settings, &file).await?,
        Command::Restore { file, checkpoint } => {
            backup::restore(&settings, &file, checkpoint.as_deref()).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A password from standard input, where no shell history keeps it.
fn password_from_stdin() -> Result<String, StartError> {
    use std::io::IsTerminal;
    if std::io::stdin().is_terminal() {
        eprint!("password: ");
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
