//! What went wrong with a batch, and what follows from it.

use sqlx::{Error, error::ErrorKind};

use crate::error::is_transient;

/// What to do after an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Somebody was in between: the same batch again, under locks.
    Collision,
    /// The connection or the server is gone: another connection, and the keys tell what was done.
    Lost,
    /// Nothing can be written now (disk full, read-only): the same for every member, no use in trying each.
    Everybodys,
    /// Perhaps the fault of one member.
    Somebodys,
}

/// Judges an error.
pub(super) fn judge(error: &Error) -> Fault {
    let Some(database) = error.as_database_error() else {
        return match error {
            Error::Io(_)
            | Error::Tls(_)
            | Error::Protocol(_)
            | Error::PoolTimedOut
            | Error::PoolClosed
            | Error::WorkerCrashed => Fault::Lost,
            _ => Fault::Somebodys,
        };
    };
    let code = database.code().unwrap_or_default();
    if is_transient(error) {
        return Fault::Collision;
    }
    // SQLite: the low byte of an extended code is the plain one.
    if let Ok(number) = code.parse::<u32>()
        && code.len() < 5
    {
        return match number & 0xff {
            8 | 10 | 11 | 13 | 14 | 26 => Fault::Everybodys,
            _ => Fault::Somebodys,
        };
    }
    match code.as_ref() {
        "57P01" | "57P02" | "57P03" | "57P05" | "25006" | "25P03" => Fault::Lost,
        code if code.starts_with("08") => Fault::Lost,
        code if code.starts_with("53") || code.starts_with("58") || code.starts_with("57") => {
            Fault::Everybodys
        }
        // A key or a balance that somebody took between reading and writing.
        _ if matches!(
            database.kind(),
            ErrorKind::UniqueViolation | ErrorKind::CheckViolation
        ) =>
        {
            Fault::Collision
        }
        _ => Fault::Somebodys,
    }
}

/// The same error for another caller.
pub(super) fn copy_of(error: &Error) -> Error {
    Error::Io(std::io::Error::other(error.to_string()))
}
