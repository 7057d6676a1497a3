//! What a leaf is made of. A leaf is a digest with a salt: the log says nothing of anybody to who has not the salt.

use sha2::{Digest, Sha256};
use tlog_tiles::tlog::{Hash, record_hash};

const LEAF: &[u8] = b"neul transfer v1\n";
const SEAL: &[u8] = b"neul sealed v1\n";

/// The RFC 6962 leaf hash of a record: of the 32 bytes SHA-256 over our word, the salt and the record.
pub fn leaf_hash(salt: &[u8; 16], record: &str) -> Hash {
    record_hash(&digest(LEAF, salt, record))
}

/// What stands in a record for what only the house should read (who asked, by which key): bound to the leaf, and
/// not told to who gets the record.
pub fn seal(salt: &[u8; 16], inner: &str) -> String {
    hex::encode(digest(SEAL, salt, inner))
}

fn digest(word: &[u8], salt: &[u8; 16], text: &str) -> [u8; 32] {
    Sha256::new()
        .chain_update(word)
        .chain_update(salt)
        .chain_update(text)
        .finalize()
        .into()
}
