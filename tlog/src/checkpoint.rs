//! Checkpoints: "this log has so many leaves and this root", signed.

use signed_note::{Note, NoteError, Signer};
use tlog_tiles::{
    checkpoint::Checkpoint as Body,
    tlog::{Hash, check_tree},
};

use crate::{Keys, LogError, Verifying};

/// What a checkpoint says, and who said it.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// The log's name.
    pub origin: String,
    /// How many leaves.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// Key ids (eight hexadecimal digits) whose signatures were found good.
    pub signed_by: Vec<String>,
}

impl Checkpoint {
    /// Signs one with every private key of the list.
    pub fn sign(keys: &Keys, size: u64, root: Hash) -> Result<String, LogError> {
        let body = Body::new(keys.name(), size, root, "").map_err(|_| LogError::Malformed)?;
        let mut note = Note::new(&body.to_bytes(), &[]).map_err(|_| LogError::Malformed)?;
        let signers: Vec<&dyn Signer> = keys.signers.iter().map(|signer| signer as &dyn Signer).collect();
        note.add_sigs(&signers).map_err(|_| LogError::Malformed)?;
        String::from_utf8(note.to_bytes()).map_err(|_| LogError::Malformed)
    }

    /// Reads one and checks that a known key has signed it, for the log of these keys.
    pub fn open(note: &str, known: &Verifying) -> Result<Self, LogError> {
        let note = Note::from_bytes(note.as_bytes()).map_err(|_| LogError::Malformed)?;
        let (good, _) = note.verify(&known.verifiers()).map_err(|error| match error {
            NoteError::UnverifiedNote => LogError::UnknownKey,
            NoteError::MalformedNote => LogError::Malformed,
            _ => LogError::FalseSignature,
        })?;
        let mut read = body(&note)?;
        if read.origin != known.name() {
            return Err(LogError::OtherLog {
                expected: known.name().to_owned(),
                found: read.origin,
            });
        }
        read.signed_by = good
            .iter()
            .map(|signature| format!("{:08x}", signature.id()))
            .collect();
        Ok(read)
    }
}

/// Reads what a note says without asking who signed it: only to show it, never to believe it.
pub fn read_unchecked(note: &str) -> Result<Checkpoint, LogError> {
    body(&Note::from_bytes(note.as_bytes()).map_err(|_| LogError::Malformed)?)
}

fn body(note: &Note) -> Result<Checkpoint, LogError> {
    let body = Body::from_bytes(&[note.text(), b"\n"].concat())
        .or_else(|_| Body::from_bytes(note.text()))
        .map_err(|_| LogError::Malformed)?;
    Ok(Checkpoint {
        origin: body.origin().to_owned(),
        size: body.size(),
        root: *body.hash(),
        signed_by: Vec::new(),
    })
}

/// Checks that `now` continues `before`, both opened already, by the proof that the log gave (RFC 6962, 2.1.2;
/// empty where the sizes are equal or the log was empty).
pub fn consistency(before: &Checkpoint, now: &Checkpoint, proof: &[Hash]) -> Result<(), LogError> {
    if now.size < before.size {
        return Err(LogError::Shrunk {
            before: before.size,
            now: now.size,
        });
    }
    let forked = LogError::Forked {
        before: before.size,
        now: now.size,
    };
    if before.size == 0 {
        return if before.root == crate::EMPTY_HASH {
            Ok(())
        } else {
            Err(forked)
        };
    }
    if before.size == now.size {
        return if before.root == now.root {
            Ok(())
        } else {
            Err(forked)
        };
    }
    check_tree(&proof.to_vec(), now.size, now.root, before.size, before.root).map_err(|_| forked)
}
