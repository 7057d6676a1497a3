//! A receipt's proof in one file, which can be checked without us: `neul log check FILE`.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use tlog_tiles::tlog::Hash;

use crate::{Checkpoint, LogError, Verifying, leaf_hash, tree::included};

/// The first line of a proof (C2SP `tlog-proof`).
pub const FORMAT: &str = "c2sp.org/tlog-proof@v1";

/// One transfer, the salt of its leaf, and the way from the leaf to a signed checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofFile {
    /// What was logged, line by line: the transfer, its entries, the lots it made.
    pub record: String,
    /// The leaf's salt, hex. Nobody but who has this file can tell from the log what the leaf says.
    pub salt: String,
    /// C2SP `tlog-proof`: number, hashes, checkpoint.
    pub proof: String,
    /// The log's public keys as the portal gave them; compare them with those on the status site.
    pub keys: Vec<String>,
}

impl ProofFile {
    /// Puts one together.
    pub fn new(
        record: String,
        salt: &[u8; 16],
        number: u64,
        hashes: &[Hash],
        note: &str,
        keys: &Verifying,
    ) -> Self {
        let mut proof = format!("{FORMAT}\nindex {number}\n");
        for hash in hashes {
            let _ = writeln!(proof, "{hash}");
        }
        proof.push('\n');
        proof.push_str(note);
        Self {
            record,
            salt: hex::encode(salt),
            proof,
            keys: keys.list().to_vec(),
        }
    }

    /// Reads the file's JSON.
    pub fn read(text: &str) -> Result<Self, LogError> {
        serde_json::from_str(text)
            .map_err(|_| LogError::NoProof("it is not the JSON that the receipt's page gives"))
    }

    /// Checks everything: that the record is the leaf, that the leaf is in the tree, that the tree is signed by a key
    /// of `known`. Answers with the leaf's number and the checkpoint.
    pub fn check(&self, known: &Verifying) -> Result<(u64, Checkpoint), LogError> {
        let salt: [u8; 16] = hex::decode(&self.salt)
            .ok()
            .and_then(|salt| salt.try_into().ok())
            .ok_or(LogError::NoProof("the salt is not 32 hexadecimal digits"))?;
        let (head, note) = self
            .proof
            .split_once("\n\n")
            .ok_or(LogError::NoProof("no checkpoint"))?;
        let mut lines = head.lines();
        if lines.next() != Some(FORMAT) {
            return Err(LogError::NoProof("not the first line of a tlog-proof"));
        }
        let mut number = lines.next();
        if number.is_some_and(|line| line.starts_with("extra ")) {
            number = lines.next();
        }
        let number: u64 = number
            .and_then(|line| line.strip_prefix("index ")?.parse().ok())
            .ok_or(LogError::NoProof("no index"))?;
        let hashes = lines.map(crate::parse_hash);
        let hashes: Vec<Hash> = hashes.collect::<Result<_, _>>()?;
        let checkpoint = Checkpoint::open(note, known)?;
        if number >= checkpoint.size {
            return Err(LogError::NotIncluded);
        }
        included(
            &hashes,
            checkpoint.size,
            checkpoint.root,
            number,
            leaf_hash(&salt, &self.record),
        )?;
        Ok((number, checkpoint))
    }
}
