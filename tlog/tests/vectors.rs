//! The tree against RFC 6962's published vectors (those of the certificate-transparency reference tests), notes
//! against those of Go's `sumdb/note`, and both against a model.

use proptest::prelude::*;
use tlog::{
    Checkpoint, Hash, Keys, LogError, ProofFile, Tail, Tiles, Verifying, consistency, consistency_tiles,
    inclusion_tiles, leaf_hash,
};

/// Leaves and roots of 1 to 8 leaves.
const LEAVES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

#[test]
fn the_roots_are_rfc_6962s() {
    let mut tail = Tail::default();
    assert_eq!(tail.root(), tlog::EMPTY_HASH);
    for (leaf, root) in LEAVES.iter().zip(ROOTS) {
        let _ = tail.append(&[tlog_tiles::tlog::record_hash(&hex::decode(leaf).unwrap())]);
        assert_eq!(hex::encode(tail.root().0), root);
    }
}

#[test]
fn a_note_of_gos_tests_is_read_and_an_edit_of_it_is_not() {
    let keys =
        Verifying::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").unwrap();
    let note = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    // The signature is good; what it signs is no checkpoint.
    assert_eq!(Checkpoint::open(note, &keys), Err(LogError::Malformed));
    assert_eq!(
        Checkpoint::open(&note.replace("answer", "Answer"), &keys),
        Err(LogError::FalseSignature)
    );
    let other = Keys::parse(&Keys::generate("PeterNeumann")).unwrap();
    assert_eq!(
        Checkpoint::open(note, other.verifying()),
        Err(LogError::UnknownKey)
    );
}

#[test]
fn a_checkpoint_says_what_was_signed_and_survives_a_rotation() {
    let old = Keys::generate("suwon.example/log");
    let new = Keys::generate("suwon.example/log");
    let before = Keys::parse(&old).unwrap();
    let note = Checkpoint::sign(&before, 7, Hash([7; 32])).unwrap();
    assert!(note.starts_with("suwon.example/log\n7\n"), "{note}");
    let opened = Checkpoint::open(&note, before.verifying()).unwrap();
    assert_eq!((opened.size, opened.root), (7, Hash([7; 32])));

    // Both sign; who knows only the old key believes it, and so does who knows only the new.
    let both = Keys::parse(&format!("{new},{old}")).unwrap();
    let note_of_both = Checkpoint::sign(&both, 8, Hash([8; 32])).unwrap();
    assert_eq!(
        Checkpoint::open(&note_of_both, before.verifying())
            .unwrap()
            .signed_by
            .len(),
        1
    );
    assert_eq!(
        Checkpoint::open(&note_of_both, both.verifying())
            .unwrap()
            .signed_by
            .len(),
        2
    );

    // The old key is gone but for its public form: what it signed is still good, and it signs no more.
    let after = Keys::parse(&format!("{new}\n{}", before.verifying())).unwrap();
    assert!(Checkpoint::open(&note, after.verifying()).is_ok());
    let later = Checkpoint::sign(&after, 9, Hash([9; 32])).unwrap();
    assert_eq!(
        Checkpoint::open(&later, before.verifying()),
        Err(LogError::UnknownKey)
    );
    assert_eq!(later.lines().filter(|line| line.starts_with('—')).count(), 1);
}

#[test]
fn a_list_of_keys_is_of_one_log_and_can_sign() {
    let one = Keys::generate("a/log");
    assert!(Keys::parse(&format!("{one},{}", Keys::generate("b/log"))).is_err());
    let public = Keys::parse(&one).unwrap().verifying().to_string();
    assert!(Keys::parse(&public).is_err());
    assert!(Keys::parse("").is_err());
    assert!(Keys::parse("PRIVATE+KEY+a/log+00000000+AAAA").is_err());
    assert!(!format!("{:?}", Keys::parse(&one).unwrap()).contains("PRIVATE"));
    assert_eq!(Keys::parse(&Keys::generate("a b+c")).unwrap().name(), "abc");
}

fn leaf(number: u64) -> Hash {
    leaf_hash(&[number as u8; 16], &format!("leaf {number}"))
}

/// RFC 6962's definition, word by word: the model.
fn model_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => tlog::EMPTY_HASH,
        [one] => *one,
        many => {
            let half = many.len().next_power_of_two() / 2;
            let (left, right) = (model_root(&many[..half]), model_root(&many[half..]));
            tlog_tiles::tlog::node_hash(left, right)
        }
    }
}

/// A log kept as the ledger keeps it: tiles, and a tail read from them before each append.
#[derive(Default)]
struct Kept {
    tiles: Tiles,
    leaves: Vec<Hash>,
    roots: Vec<(u64, Hash)>,
}

impl Kept {
    fn append(&mut self, count: u64) {
        let size = self.leaves.len() as u64;
        let new: Vec<Hash> = (size..size + count).map(leaf).collect();
        let mut tail = Tail::new(size, &self.tiles).unwrap();
        for (id, hashes) in tail.append(&new) {
            self.tiles.insert(id, hashes);
        }
        self.leaves.extend(new);
        self.roots.push((self.leaves.len() as u64, tail.root()));
    }
}

fn head(size: u64, root: Hash) -> Checkpoint {
    Checkpoint {
        origin: String::new(),
        size,
        root,
        signed_by: Vec::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn however_it_grows_every_proof_leads_to_every_root(steps in prop::collection::vec(0u64..400, 1..6), pick: u64) {
        let keys = Keys::parse(&Keys::generate("test/log")).unwrap();
        let mut log = Kept::default();
        for count in steps {
            log.append(count);
            prop_assert_eq!(log.roots.last().unwrap().1, model_root(&log.leaves));
        }
        for (size, root) in log.roots.clone() {
            // An older root is the new tail cut off.
            prop_assert_eq!(Tail::new(size, &log.tiles).unwrap().root(), root);
            if size == 0 { continue; }
            let number = pick % size;
            prop_assert!(inclusion_tiles(size, number).unwrap().len() <= 4);
            let hashes = log.tiles.inclusion(size, number).unwrap();
            let note = Checkpoint::sign(&keys, size, root).unwrap();
            let salt = [number as u8; 16];
            let file = ProofFile::new(format!("leaf {number}"), &salt, number, &hashes, &note, keys.verifying());
            let file = ProofFile::read(&serde_json::to_string(&file).unwrap()).unwrap();
            prop_assert_eq!(file.check(keys.verifying()).unwrap().0, number);
            let mut changed = file.clone();
            changed.record.push('!');
            prop_assert_eq!(changed.check(keys.verifying()), Err(LogError::NotIncluded));
        }
        for (before, from) in &log.roots {
            for (now, to) in &log.roots {
                if before > now {
                    let shrunk = LogError::Shrunk { before: *before, now: *now };
                    prop_assert_eq!(consistency(&head(*before, *from), &head(*now, *to), &[]), Err(shrunk));
                    continue;
                }
                let _ = consistency_tiles(*now, *before).unwrap();
                let proof = log.tiles.consistency(*now, *before).unwrap();
                prop_assert!(consistency(&head(*before, *from), &head(*now, *to), &proof).is_ok());
                let forked = consistency(&head(*before, Hash([1; 32])), &head(*now, *to), &proof);
                prop_assert_eq!(forked, Err(LogError::Forked { before: *before, now: *now }));
            }
        }
    }
}
