//! Why the site cannot start or an operator's command cannot be done. What goes wrong inside a request is
//! `desk::Refusal` (said to the operator) or an id in the log.

use std::{io, net::SocketAddr, path::PathBuf};

/// What the command line is told; each message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StatusError {
    /// The folder cannot be made or written.
    #[error("the status site's folder {} cannot be used: {error}; NEUL_STATUS_DIR names another", dir.display())]
    Folder {
        /// The folder.
        dir: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Another process serves from this folder.
    #[error(
        "another status site is running on {}; stop it first, or give this one a folder of its own \
         (NEUL_STATUS_DIR)",
        dir.display()
    )]
    Running {
        /// The folder.
        dir: PathBuf,
    },
    /// The address is taken or not ours.
    #[error("the status site cannot listen on {addr}: {error}; NEUL_STATUS_ADDR names another")]
    Listen {
        /// The address.
        addr: SocketAddr,
        /// What the system said.
        error: io::Error,
    },
    /// The store cannot be opened or written.
    #[error("the status site's store: {0}")]
    Store(#[from] sqlx::Error),
    /// The store is of a newer program, or damaged.
    #[error("the status site's store cannot be brought up to date: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The key that signs the operators' sessions cannot be read.
    #[error("{} does not hold a session key of 64 hexadecimal digits; remove it and a new one is made", path.display())]
    Key {
        /// The key's file.
        path: PathBuf,
    },
    /// No such time zone.
    #[error("there is no time zone {0:?}; use an IANA name such as Asia/Seoul")]
    TimeZone(String),
    /// A folder of somebody else's would be lost.
    #[error("{} is not empty and holds no earlier copy of this site; name an empty folder, or one that is not there", dir.display())]
    NotOurs {
        /// The folder.
        dir: PathBuf,
    },
    /// The twin cannot be written.
    #[error("the static copy cannot be written to {}: {error}; NEUL_STATUS_TWIN names another folder", dir.display())]
    Twin {
        /// The folder.
        dir: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// There is nothing to write.
    #[error("there is no status site in {}; NEUL_STATUS_DIR names another folder", dir.display())]
    NoSite {
        /// The folder.
        dir: PathBuf,
    },
    /// The mail server cannot be used.
    #[error("{0}")]
    Mail(String),
    /// The probes cannot be set up.
    #[error(
        "the portal cannot be watched: {0}; NEUL_PORTAL_URL says where it is, NEUL_PROBE_SECONDS=0 turns it off"
    )]
    Probe(String),
    /// A login that cannot be.
    #[error("an operator's login is 1 to 64 letters, digits, dots, dashes or underscores")]
    Login,
    /// A password too short or too long.
    #[error("an operator's password has 12 to 256 characters")]
    Password,
    /// The password could not be hashed.
    #[error("the password could not be hashed: {0}")]
    Hash(String),
    /// The demo would mix with what is real.
    #[error("this status site has incidents already: the demo only fills an empty one")]
    NotEmpty,
    /// The server itself failed.
    #[error("the status site stopped: {0}")]
    Serve(io::Error),
}
