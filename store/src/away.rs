//! Which errors say that the database is away, or cannot write now: no mistake of ours and none of whoever asked.

use sqlx::Error;

/// Whether an error means "not now": the connection or the server is gone, the pool gave none in time, the server is
/// read-only or starting, the disk is full. What is wrong with a statement or a row is not among them.
pub fn is_away(error: &Error) -> bool {
    let Some(database) = error.as_database_error() else {
        return matches!(
            error,
            Error::Io(_)
                | Error::Tls(_)
                | Error::Protocol(_)
                | Error::PoolTimedOut
                | Error::PoolClosed
                | Error::WorkerCrashed
        );
    };
    let code = database.code().unwrap_or_default();
    if code.len() < 5
        && let Ok(number) = code.parse::<u32>()
    {
        // SQLite, the low byte of an extended code: read-only, I/O, full, cannot open.
        return matches!(number & 0xff, 8 | 10 | 13 | 14);
    }
    // PostgreSQL: read-only; connection, resources, operator, system (appendix A of its manual).
    code == "25006"
        || ["08", "53", "57", "58"]
            .iter()
            .any(|class| code.starts_with(class))
}
