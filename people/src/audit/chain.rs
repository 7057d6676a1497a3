//! The chain of the audit log: SHA-256 over each line and the hash before it, one chain for each municipality.
//!
//! Plain hashes and no key: whoever reads an export can follow them, and a head that was kept elsewhere (the hourly
//! line in the program's log, an export, a backup) shows a chain that was written anew from some point on.

use sha2::{Digest, Sha256};
use sqlx::{Any, Transaction};

use super::Audit;
use crate::{Fault, People};

/// Links read at a time.
const PAGE: i64 = 1_000;

/// Where the next line goes: its place, and the hash before it.
pub(super) struct Place {
    seq: i64,
    before: String,
}

/// The newest link of a municipality's chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditHead {
    /// Whose (0: the platform's).
    pub municipality: i64,
    /// How many lines it has.
    pub seq: i64,
    /// Its hash, which depends on every line before it.
    pub hash: String,
}

/// The first place where a log is not what was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuditDifference {
    /// A line is gone, or a place in the chain.
    #[error("municipality {municipality}: line {seq} of the audit log is missing")]
    Missing {
        /// Whose.
        municipality: i64,
        /// Its place.
        seq: i64,
    },
    /// A line is not the one that was written.
    #[error("municipality {municipality}: line {seq} of the audit log ({id}) was changed")]
    Changed {
        /// Whose.
        municipality: i64,
        /// Its place.
        seq: i64,
        /// Its id.
        id: i64,
    },
    /// There are lines outside the chain.
    #[error("municipality {municipality}: {count} lines of the audit log are not in its chain")]
    Foreign {
        /// Whose.
        municipality: i64,
        /// How many.
        count: i64,
    },
    /// The chain ends elsewhere than its head says.
    #[error("municipality {municipality}: the audit log ends at line {seq}, its head says {head}")]
    End {
        /// Whose.
        municipality: i64,
        /// The last link that is there.
        seq: i64,
        /// What the head says.
        head: i64,
    },
}

fn genesis(municipality: i64) -> String {
    let mut hash = Sha256::new();
    hash.update(b"neul audit v1");
    hash.update(municipality.to_be_bytes());
    hex::encode(hash.finalize())
}

/// The hash of a line at its place. Every part is told apart by its length, so no two lines read alike.
fn hash(before: &str, seq: i64, id: i64, audit: &Parts<'_>, at: i64) -> String {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    part(before.as_bytes());
    for number in [seq, audit.municipality, id, at, audit.actor_id] {
        part(&number.to_be_bytes());
    }
    for text in [
        audit.actor_kind,
        audit.action,
        audit.record,
        audit.from_ip,
        audit.detail,
    ] {
        part(text.as_bytes());
    }
    hex::encode(hash.finalize())
}

/// What of a line is hashed.
struct Parts<'a> {
    municipality: i64,
    actor_kind: &'a str,
    actor_id: i64,
    action: &'a str,
    record: &'a str,
    from_ip: &'a str,
    detail: &'a str,
}

type Line = (i64, i64, String, i64, String, String, String, String);

fn parts(municipality: i64, line: &Line) -> Parts<'_> {
    let (_, _, actor_kind, actor_id, action, record, from_ip, detail) = line;
    Parts {
        municipality,
        actor_kind,
        actor_id: *actor_id,
        action,
        record,
        from_ip,
        detail,
    }
}

/// Takes the next place of a chain, which is this transaction's until it ends.
pub(super) async fn take_place(
    transaction: &mut Transaction<'static, Any>,
    municipality: i64,
) -> sqlx::Result<Place> {
    if let Some(place) = next(transaction, municipality).await? {
        return Ok(place);
    }
    sqlx::query(
        "INSERT INTO audit_heads (municipality, seq, hash) VALUES ($1, 0, $2) ON CONFLICT (municipality) DO NOTHING",
    )
    .bind(municipality)
    .bind(genesis(municipality))
    .execute(&mut **transaction)
    .await?;
    let Some(mut place) = next(transaction, municipality).await? else {
        return Err(sqlx::Error::RowNotFound);
    };
    if place.seq == 1 {
        adopt(transaction, municipality, &mut place).await?;
    }
    Ok(place)
}

async fn next(transaction: &mut Transaction<'static, Any>, municipality: i64) -> sqlx::Result<Option<Place>> {
    let row: Option<(i64, String)> =
        sqlx::query_as("UPDATE audit_heads SET seq = seq + 1 WHERE municipality = $1 RETURNING seq, hash")
            .bind(municipality)
            .fetch_optional(&mut **transaction)
            .await?;
    Ok(row.map(|(seq, before)| Place { seq, before }))
}

/// Chains what was written before there was a chain, oldest first.
async fn adopt(
    transaction: &mut Transaction<'static, Any>,
    municipality: i64,
    place: &mut Place,
) -> sqlx::Result<()> {
    let old: Vec<Line> = sqlx::query_as(
        "SELECT id, at, actor_kind, actor_id, action, record, from_ip, detail FROM audit \
         WHERE municipality = $1 ORDER BY at, id",
    )
    .bind(municipality)
    .fetch_all(&mut **transaction)
    .await?;
    for line in &old {
        let (id, at) = (line.0, line.1);
        let own = hash(&place.before, place.seq, id, &parts(municipality, line), at);
        write(transaction, municipality, place, id, &own).await?;
        *place = next(transaction, municipality)
            .await?
            .ok_or(sqlx::Error::RowNotFound)?;
    }
    Ok(())
}

/// Chains a line that was just written.
pub(super) async fn link(
    transaction: &mut Transaction<'static, Any>,
    place: Place,
    id: i64,
    audit: &Audit,
    at: i64,
) -> sqlx::Result<()> {
    let line = Parts {
        municipality: audit.municipality,
        actor_kind: audit.actor_kind.name(),
        actor_id: audit.actor_id,
        action: &audit.action,
        record: &audit.record,
        from_ip: &audit.from_ip,
        detail: &audit.detail,
    };
    let own = hash(&place.before, place.seq, id, &line, at);
    write(transaction, audit.municipality, &place, id, &own).await
}

async fn write(
    transaction: &mut Transaction<'static, Any>,
    municipality: i64,
    place: &Place,
    id: i64,
    own: &str,
) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO audit_links (municipality, seq, audit_id, hash) VALUES ($1, $2, $3, $4)")
        .bind(municipality)
        .bind(place.seq)
        .bind(id)
        .bind(own)
        .execute(&mut **transaction)
        .await?;
    sqlx::query("UPDATE audit_heads SET hash = $1 WHERE municipality = $2")
        .bind(own)
        .bind(municipality)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

type Linked = (
    i64,
    String,
    Option<i64>,
    i64,
    Option<i64>,
    Option<String>,
    Option<i64>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
);

impl People {
    /// The heads of all chains, by municipality.
    pub async fn audit_heads(&self) -> Result<Vec<AuditHead>, Fault> {
        let rows: Vec<(i64, i64, String)> =
            sqlx::query_as("SELECT municipality, seq, hash FROM audit_heads ORDER BY municipality")
                .fetch_all(&self.store().read)
                .await?;
        Ok(rows
            .into_iter()
            .map(|(municipality, seq, hash)| AuditHead {
                municipality,
                seq,
                hash,
            })
            .collect())
    }

    /// Reads every chain from its beginning, in one view of the database: the heads, or the first difference.
    pub async fn verify_audit(&self) -> Result<Result<Vec<AuditHead>, AuditDifference>, Fault> {
        let mut snapshot = self.store().begin_snapshot().await?;
        let heads: Vec<(i64, i64, String)> =
            sqlx::query_as("SELECT municipality, seq, hash FROM audit_heads ORDER BY municipality")
                .fetch_all(&mut *snapshot)
                .await?;
        // Where nobody has written since there is a chain, there is no head and nothing to hold it against.
        let counts: Vec<(i64, i64)> = sqlx::query_as(
            "SELECT municipality, COUNT(*) AS lines FROM audit WHERE municipality IN \
             (SELECT municipality FROM audit_heads) GROUP BY municipality",
        )
        .fetch_all(&mut *snapshot)
        .await?;
        let mut found = Vec::new();
        for (municipality, head, head_hash) in heads {
            let mut before = genesis(municipality);
            let mut seq = 0;
            loop {
                let page = page(&mut snapshot, municipality, seq).await?;
                if page.is_empty() {
                    break;
                }
                for row in page {
                    match follow(municipality, seq + 1, &before, &row) {
                        Ok(own) => before = own,
                        Err(difference) => return Ok(Err(difference)),
                    }
                    seq += 1;
                }
            }
            if seq != head || before != head_hash {
                return Ok(Err(AuditDifference::End {
                    municipality,
                    seq,
                    head,
                }));
            }
            let lines = counts
                .iter()
                .find(|(own, _)| *own == municipality)
                .map_or(0, |(_, lines)| *lines);
            if lines != seq {
                let count = lines - seq;
                return Ok(Err(AuditDifference::Foreign { municipality, count }));
            }
            found.push(AuditHead {
                municipality,
                seq,
                hash: before,
            });
        }
        Ok(Ok(found))
    }
}

async fn page(
    snapshot: &mut Transaction<'static, Any>,
    municipality: i64,
    after: i64,
) -> sqlx::Result<Vec<Linked>> {
    sqlx::query_as(
        "SELECT l.seq, l.hash, a.id, l.audit_id, a.at, a.actor_kind, a.actor_id, a.action, a.record, a.from_ip, \
         a.detail FROM audit_links l LEFT JOIN audit a ON a.municipality = l.municipality AND a.id = l.audit_id \
         WHERE l.municipality = $1 AND l.seq > $2 ORDER BY l.seq LIMIT $3",
    )
    .bind(municipality)
    .bind(after)
    .bind(PAGE)
    .fetch_all(&mut **snapshot)
    .await
}

/// The hash of a link, if it is the one that comes next and its line is what it was.
fn follow(municipality: i64, seq: i64, before: &str, row: &Linked) -> Result<String, AuditDifference> {
    let missing = AuditDifference::Missing { municipality, seq };
    if row.0 != seq {
        return Err(missing);
    }
    let (
        _,
        known,
        Some(id),
        _,
        Some(at),
        Some(actor_kind),
        Some(actor_id),
        Some(action),
        Some(record),
        Some(from_ip),
        Some(detail),
    ) = row
    else {
        return Err(missing);
    };
    let line = Parts {
        municipality,
        actor_kind,
        actor_id: *actor_id,
        action,
        record,
        from_ip,
        detail,
    };
    let own = hash(before, seq, *id, &line, *at);
    if own == *known {
        Ok(own)
    } else {
        Err(AuditDifference::Changed {
            municipality,
            seq,
            id: *id,
        })
    }
}
