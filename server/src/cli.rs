//! The command line. Every flag mirrors an environment variable of the contract (DESIGN.md).

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};

use crate::simulate::Mode;

/// 늘: the local-currency portal that stays open.
#[derive(Debug, Parser)]
#[command(name = "neul", version, about, long_about = None)]
pub struct Cli {
    /// Where things lie and how they are reached.
    #[command(flatten)]
    pub settings: Settings,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Settings, from flags or the environment.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// The database: sqlite://… or postgres://…
    #[arg(
        long,
        env = "DATABASE_URL",
        default_value = "sqlite://data/neul.db",
        global = true,
        hide_env_values = true
    )]
    pub database_url: String,
    /// Portal, desk and API.
    #[arg(long, env = "NEUL_ADDR", default_value = "127.0.0.1:3000", global = true)]
    pub addr: SocketAddr,
    /// The status site.
    #[arg(
        long,
        env = "NEUL_STATUS_ADDR",
        default_value = "127.0.0.1:3001",
        global = true
    )]
    pub status_addr: SocketAddr,
    /// Metrics and health, for operators only.
    #[arg(
        long,
        env = "NEUL_ADMIN_ADDR",
        default_value = "127.0.0.1:3002",
        global = true
    )]
    pub admin_addr: SocketAddr,
    /// The status site's own store and files.
    #[arg(long, env = "NEUL_STATUS_DIR", default_value = "data/status", global = true)]
    pub status_dir: PathBuf,
    /// Where the status site writes a copy of itself as plain files on each change; by default `twin` in its folder.
    /// `none`: nowhere.
    #[arg(long, env = "NEUL_STATUS_TWIN", global = true)]
    pub status_twin: Option<PathBuf>,
    /// The mail server by which the status site writes to subscribers: `smtps://user:password@host`, or
    /// `smtp://127.0.0.1:25`. Without it nobody can subscribe by e-mail.
    #[arg(long, env = "NEUL_STATUS_SMTP", global = true, hide_env_values = true)]
    pub status_smtp: Option<String>,
    /// Who writes to subscribers: `Neul <status@example.kr>`.
    #[arg(long, env = "NEUL_STATUS_MAIL_FROM", global = true)]
    pub status_mail_from: Option<String>,
    /// Webhooks of the status site may lead to private addresses and go by plain HTTP.
    #[arg(long, env = "NEUL_STATUS_HOOKS_PRIVATE", global = true)]
    pub status_hooks_private: bool,
    /// Keys and the demo's password, each file readable by its owner only.
    #[arg(long, env = "NEUL_DATA_DIR", default_value = "data", global = true)]
    pub data_dir: PathBuf,
    /// The built browser files.
    #[arg(long, env = "NEUL_SITE_DIR", default_value = "target/site", global = true)]
    pub site_dir: PathBuf,
    /// Where browsers and the portal reach the status site; by default its loopback address.
    #[arg(long, env = "NEUL_STATUS_URL", global = true)]
    pub status_url: Option<String>,
    /// Where the status site and residents reach the portal; by default its loopback address.
    #[arg(long, env = "NEUL_PORTAL_URL", global = true)]
    pub portal_url: Option<String>,
    /// The key by which the status site asks the portal how it is; made and kept in data/keys where it is not given.
    #[arg(
        long,
        env = "NEUL_PROBE_KEY",
        global = true,
        hide_env_values = true,
        hide = true
    )]
    pub probe_key: Option<String>,
    /// The key by which the status site makes the canary pay; made and kept in data/keys where it is not given.
    #[arg(
        long,
        env = "NEUL_CANARY_KEY",
        global = true,
        hide_env_values = true,
        hide = true
    )]
    pub canary_key: Option<String>,
    /// The status site looks at the portal every so many seconds; 0: not at all.
    #[arg(long, env = "NEUL_PROBE_SECONDS", default_value_t = 5, global = true)]
    pub probe_seconds: u64,
    /// Signs the stand-in lists of card networks: 64 hexadecimal digits; made and kept in data/keys where it is not given.
    #[arg(
        long,
        env = "NEUL_CARD_KEY",
        global = true,
        hide_env_values = true,
        hide = true
    )]
    pub card_key: Option<String>,
    /// Signs sessions and tickets: hex keys, by comma; the first signs, all verify.
    #[arg(
        long,
        env = "NEUL_SECRET_KEYS",
        global = true,
        hide_env_values = true,
        hide = true
    )]
    pub secret_keys: Option<String>,
    /// Seals personal data: hex keys, by comma; the first seals, all open.
    #[arg(
        long,
        env = "NEUL_DATA_KEYS",
        global = true,
        hide_env_values = true,
        hide = true
    )]
    pub data_keys: Option<String>,
    /// Signs the public log's checkpoints: private keys, by comma, all of which sign; a retired key's public form
    /// may follow.
    #[arg(
        long,
        env = "NEUL_LOG_KEY",
        global = true,
        hide_env_values = true,
        hide = true
    )]
    pub log_key: Option<String>,
    /// Password of every demo login; made at random where it is not given.
    #[arg(
        long,
        env = "NEUL_DEMO_PASSWORD",
        global = true,
        hide_env_values = true,
        hide = true
    )]
    pub demo_password: Option<String>,
    /// HTTP SMS gateway for one-time codes; without it codes stand in the demo's outbox.
    #[arg(long, env = "NEUL_SMS_URL", global = true)]
    pub sms_url: Option<String>,
    /// Token of the SMS gateway.
    #[arg(
        long,
        env = "NEUL_SMS_TOKEN",
        global = true,
        hide_env_values = true,
        hide = true
    )]
    pub sms_token: Option<String>,
    /// The bank that collects and sends money (docs/BANK.md); without it only a demo moves any.
    #[arg(long, env = "NEUL_BANK_URL", global = true)]
    pub bank_url: Option<String>,
    /// The key that portal and bank sign with: 64 hexadecimal digits.
    #[arg(
        long,
        env = "NEUL_BANK_KEY",
        global = true,
        hide_env_values = true,
        hide = true
    )]
    pub bank_key: Option<String>,
    /// Where a collector takes traces and logs by OTLP over HTTP: `http://127.0.0.1:4318`. Without it there are none but
    /// the lines on standard error.
    #[arg(long, env = "NEUL_OTLP_ENDPOINT", global = true, hide_env_values = true)]
    pub otlp_endpoint: Option<String>,
    /// Largest roster, in bytes.
    #[arg(long, env = "NEUL_ROSTER_MAX_BYTES", default_value_t = 1 << 30, global = true)]
    pub roster_max_bytes: u64,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the portal, the desk and the API, and start the status site beside them.
    Serve {
        /// Another supervisor runs the status site.
        #[arg(long, env = "NEUL_NO_STATUS")]
        no_status: bool,
        /// Serve a demo database on an address that others can reach.
        #[arg(long, env = "NEUL_DEMO_IN_PUBLIC")]
        demo_in_public: bool,
    },
    /// The status site: alone, or its operators.
    Status {
        /// Without it: serve the status site alone.
        #[command(subcommand)]
        command: Option<StatusCommand>,
    },
    /// Bring the database up to date.
    Migrate,
    /// Fill an empty database with a demo; a full one is refused.
    Demo {
        /// Do nothing, successfully, where the demo stands already.
        #[arg(long)]
        once: bool,
    },
    /// Check or import a roster.
    Payout {
        /// Which.
        #[command(subcommand)]
        command: PayoutCommand,
    },
    /// The ledger.
    Ledger {
        /// Which.
        #[command(subcommand)]
        command: LedgerCommand,
    },
    /// The public log.
    Log {
        /// Which.
        #[command(subcommand)]
        command: LogCommand,
    },
    /// Sign-ins.
    Sessions {
        /// Which.
        #[command(subcommand)]
        command: SessionsCommand,
    },
    /// Cards of card networks.
    Card {
        /// Which.
        #[command(subcommand)]
        command: CardCommand,
    },
    /// The bank.
    Bank {
        /// Which.
        #[command(subcommand)]
        command: BankCommand,
    },
    /// What stands in for somebody else, to test against.
    Simulate {
        /// Which.
        #[command(subcommand)]
        command: SimulateCommand,
    },
    /// Officials.
    Staff {
        /// Which.
        #[command(subcommand)]
        command: StaffCommand,
    },
    /// The audit log.
    Audit {
        /// Which.
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// The keys of personal data.
    Keys {
        /// Which.
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Keys of programs.
    ApiKey {
        /// Which.
        #[command(subcommand)]
        command: ApiKeyCommand,
    },
    /// Write a copy of the database to a file.
    Backup {
        /// The file; it must not exist yet.
        file: PathBuf,
    },
    /// Bring a copy back into an empty database.
    Restore {
        /// The file that `neul backup` wrote.
        file: PathBuf,
        /// The last public checkpoint, a file or an address (the status site keeps it): what was lost is told by it.
        #[arg(long)]
        checkpoint: Option<String>,
    },
}

/// The status site's commands.
#[derive(Debug, Subcommand)]
pub enum StatusCommand {
    /// Say that an operator has looked at an alarm of the public log; it ends, on record.
    LogAccept {
        /// Who has looked.
        #[arg(long)]
        by: String,
    },
    /// Write the whole site as plain files, beside a running one or without.
    Export {
        /// The folder: new, empty, or an earlier copy.
        #[arg(long)]
        to: PathBuf,
    },
    /// People who open and resolve incidents.
    Operator {
        /// Which.
        #[command(subcommand)]
        command: OperatorCommand,
    },
}

/// Operators of the status site.
#[derive(Debug, Subcommand)]
pub enum OperatorCommand {
    /// Add one; the password is read from standard input.
    Add {
        /// Login id.
        login: String,
    },
}

/// Rosters.
#[derive(Debug, Subcommand)]
pub enum PayoutCommand {
    /// Read a roster and say what would come of each row; pays nothing.
    Check {
        /// .xlsx or CSV.
        file: PathBuf,
        /// One JSON document.
        #[arg(long)]
        json: bool,
        /// The municipality's code: a roster whose title names another is refused.
        #[arg(long)]
        municipality: Option<i64>,
    },
    /// Hand a roster in as a payout that a second official must approve.
    Import {
        /// .xlsx or CSV.
        file: PathBuf,
        /// Login id of the official who hands it in.
        #[arg(long)]
        by: String,
        /// The programme's id.
        #[arg(long)]
        programme: i64,
        /// What officials will see it called.
        #[arg(long)]
        title: Option<String>,
    },
}

/// The ledger's commands.
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Recompute everything from the entries, and the public log; name the first difference and exit with 1.
    Verify {
        /// A signed checkpoint that somebody outside has kept: a file or an address.
        #[arg(long)]
        checkpoint: Option<String>,
    },
}

/// The public log's commands.
#[derive(Debug, Subcommand)]
pub enum LogCommand {
    /// Check a receipt's proof without asking anybody; exit with 1 where it does not hold.
    Check {
        /// The file from the receipt's page.
        file: PathBuf,
        /// The log's public keys, as the status site shows them; without it those in the file.
        #[arg(long)]
        keys: Option<String>,
    },
    /// Print the log's public keys.
    Key {
        /// Print a new private key instead: put it before the old one in the list.
        #[arg(long)]
        new: bool,
    },
}

/// Sign-ins.
#[derive(Debug, Subcommand)]
pub enum SessionsCommand {
    /// End sign-ins on purpose; the sign-in page tells their owners that it was us, when and why.
    End(EndSessions),
    /// Say that sign-ins of a time are missing because the database was restored from an older copy: residents' cookies
    /// from then are sessions again, none issued before its login's last known revocation.
    Lost {
        /// The copy's time: `2026-11-25T09:00:00+09:00`.
        #[arg(long)]
        from: jiff::Timestamp,
        /// When the database was lost.
        #[arg(long)]
        until: jiff::Timestamp,
    },
}

/// Whose sign-ins end, and why.
#[derive(Debug, clap::Args)]
pub struct EndSessions {
    /// Why, in Korean; everybody concerned reads it.
    #[arg(long)]
    pub reason: String,
    /// The same in English; without it the Korean stands there too.
    #[arg(long)]
    pub reason_en: Option<String>,
    /// Everybody's.
    #[arg(long)]
    pub everybody: bool,
    /// One login's.
    #[arg(long)]
    pub login: Option<String>,
    /// Those that began before an instant: `2026-11-25T09:00:00+09:00`.
    #[arg(long)]
    pub signed_in_before: Option<jiff::Timestamp>,
}

/// Cards.
#[derive(Debug, Subcommand)]
pub enum CardCommand {
    /// Make a resident's card known; the network's token is read from standard input.
    Add {
        /// The resident's login id.
        #[arg(long)]
        login: String,
        /// The network.
        #[arg(long)]
        network: String,
    },
    /// Compare a network's daily file with the ledger (docs/CARDS.md); what differs becomes a case.
    Reconcile {
        /// CSV.
        file: PathBuf,
        /// The network.
        #[arg(long)]
        network: String,
    },
    /// Print the key by which networks verify their stand-in lists.
    PublicKey,
}

/// The bank's commands.
#[derive(Debug, Subcommand)]
pub enum BankCommand {
    /// Fetch the bank's statements up to a day, compare them with the books, and exit with 1 where they differ.
    Reconcile {
        /// The last day, as 2026-11-24; yesterday in Korea without it.
        #[arg(long)]
        date: Option<jiff::civil::Date>,
        /// The municipality's code; every one without it.
        #[arg(long)]
        municipality: Option<i64>,
    },
}

/// Who can be stood in for.
#[derive(Debug, Subcommand)]
pub enum SimulateCommand {
    /// A bank that speaks docs/BANK.md and misbehaves as it is told. Needs the bank's key.
    Bank {
        /// Where it listens.
        #[arg(long, default_value = "127.0.0.1:3010")]
        listen: SocketAddr,
        /// How it behaves.
        #[arg(long, value_enum, default_value = "honest")]
        mode: Mode,
        /// Decides over each order in mixed mode.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// How long an order takes, ms.
        #[arg(long, default_value_t = 2_000)]
        delay_ms: u64,
        /// Where it keeps its book; in memory only without one.
        #[arg(long)]
        file: Option<PathBuf>,
        /// By how much its clock is ahead, ms: yesterday's statement without waiting for tomorrow.
        #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
        ahead_ms: i64,
        /// Tells the portal of news.
        #[arg(long)]
        tell: bool,
    },
    /// A card network: asks, obeys the stand-in list where it hears nothing, captures, writes its daily file.
    Network(crate::simulate::NetworkOptions),
}

/// Officials.
#[derive(Debug, Subcommand)]
pub enum StaffCommand {
    /// Add one; the password is read from standard input.
    Add {
        /// The municipality's five-digit code (0: the platform).
        #[arg(long)]
        municipality: i64,
        /// Login id.
        #[arg(long)]
        login: String,
        /// Name.
        #[arg(long)]
        name: String,
        /// clerk, approver, auditor, administrator, operator (by comma).
        #[arg(long)]
        roles: String,
    },
    /// Take away the second factor of somebody who has lost phone and recovery codes; their sessions end.
    ResetSecondFactor {
        /// Login id.
        login: String,
    },
}

/// The keys of personal data.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Seal anew with the first key of `NEUL_DATA_KEYS` what an older one sealed; the portal may run meanwhile.
    Reseal,
    /// Say how much each key still opens.
    Status,
}

/// The audit log.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Read every chain from its beginning; print the heads, or the first difference and exit with 1.
    Verify,
}

/// Keys of programs.
#[derive(Debug, Subcommand)]
pub enum ApiKeyCommand {
    /// Make a key for a merchant's tills, or for a card network; the key alone is printed, this once.
    Add {
        /// The municipality's five-digit code.
        #[arg(long, required_unless_present = "network")]
        municipality: Option<i64>,
        /// The merchant's code.
        #[arg(long, required_unless_present = "network")]
        merchant: Option<String>,
        /// The card network's name, instead of a merchant.
        #[arg(long, conflicts_with_all = ["municipality", "merchant"])]
        network: Option<String>,
        /// What people will call it.
        #[arg(long)]
        label: String,
        /// Of a merchant's: payments:write, payments:read, takings:read (by comma; by default all of them). Of a
        /// network's: card:write.
        #[arg(long)]
        scopes: Option<String>,
    },
}
