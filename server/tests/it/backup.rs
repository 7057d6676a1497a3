//! `neul backup` and `neul restore` as a person runs them, on both engines.

use std::{path::Path, process::Output};

use ledger::{ExpiryRule, Ledger, NewMunicipality, NewProgramme, Operation, Request, Step};
use store::testing::TestStore;

use crate::house::{NOW, OWN};

fn neul(folder: &Path, url: &str, arguments: &[&str]) -> Output {
    std::process::Command::new(env!("CARGO_BIN_EXE_neul"))
        .args(arguments)
        .env("DATABASE_URL", url)
        .env("NEUL_DATA_DIR", folder)
        .env("NEUL_STATUS_DIR", folder.join("status"))
        .env_remove("NEUL_LOG_KEY")
        .output()
        .expect("it runs")
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

async fn fund(ledger: &Ledger, programme: i64, key: &str) {
    let operation = Operation::Fund {
        programme,
        amount_won: 1_000,
    };
    let request = Request {
        municipality: OWN,
        key: key.to_owned(),
        actor: "test".to_owned(),
        at: NOW,
        operation,
    };
    ledger.post(request).await.unwrap();
}

async fn log_all(ledger: &Ledger, keys: &tlog::Keys) -> String {
    while !matches!(
        ledger.sequence().await.unwrap(),
        Step::Appended { more: false, .. }
    ) {}
    ledger.checkpoint(keys, NOW).await.unwrap().note
}

async fn there_and_back(from: TestStore, to: &str) {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let ran = neul(folder, &from.url, &["migrate"]);
    assert!(ran.status.success(), "{}", said(&ran));
    let ran = neul(folder, &from.url, &["log", "key"]);
    assert!(said(&ran).contains("127.0.0.1:3000/log+"), "{}", said(&ran));
    let keys = std::fs::read_to_string(folder.join("keys").join("log")).unwrap();
    let keys = tlog::Keys::parse(&keys).unwrap();

    let ledger = Ledger::new(from.store.clone());
    let new = NewMunicipality {
        code: OWN,
        name_en: "Siheung-si".into(),
        currency_name: "시루".into(),
        currency_name_en: "Siru".into(),
        help_line: "031-310-0000".into(),
        help_hours: "09–18".into(),
    };
    ledger.open_municipality(new, NOW).await.unwrap();
    let new = NewProgramme::given("수당", "Grant", ExpiryRule::Months(6), "test");
    let programme = ledger.create_programme(OWN, new, NOW).await.unwrap().id;
    for index in 0..5 {
        fund(&ledger, programme, &format!("before {index}")).await;
    }
    let kept = log_all(&ledger, &keys).await;
    let file = folder.join("copy");
    let path = file.display().to_string();
    let ran = neul(folder, &from.url, &["backup", &path]);
    assert!(ran.status.success(), "{}", said(&ran));
    let again = neul(folder, &from.url, &["backup", &path]);
    assert!(
        !again.status.success() && said(&again).contains("never overwrites"),
        "{}",
        said(&again)
    );
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);

    // Three more are made and published, and lost.
    for index in 0..3 {
        fund(&ledger, programme, &format!("after {index}")).await;
    }
    let last = folder.join("last");
    std::fs::write(&last, log_all(&ledger, &keys).await).unwrap();
    let first = folder.join("first");
    std::fs::write(&first, kept).unwrap();
    let last = last.display().to_string();
    let ran = neul(folder, to, &["restore", &path, "--checkpoint", &last]);
    let text = said(&ran);
    assert!(ran.status.success(), "{text}");
    assert!(text.contains("LOST: 3 transfers, numbers 5 to 7"), "{text}");
    assert!(
        text.contains("all agrees") && text.contains("restored and verified in"),
        "{text}"
    );

    // What is there is what was published then; a full place is refused; the log goes on.
    let first = first.display().to_string();
    let ran = neul(folder, to, &["ledger", "verify", "--checkpoint", &first]);
    assert!(ran.status.success(), "{}", said(&ran));
    let ran = neul(folder, to, &["ledger", "verify", "--checkpoint", &last]);
    assert_eq!(ran.status.code(), Some(1), "{}", said(&ran));
    let ran = neul(folder, to, &["restore", &path]);
    assert!(
        !ran.status.success() && said(&ran).contains("empty"),
        "{}",
        said(&ran)
    );
    let restored = Ledger::new(store::Store::open(to).await.unwrap());
    fund(&restored, programme, "later").await;
    log_all(&restored, &keys).await;
    let found = restored.verify().await.unwrap();
    assert_eq!((found.difference, found.log.size), (None, 6));
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_a_copy_comes_back_verified_and_what_was_lost_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let to = format!("sqlite://{}/restored/neul.db", folder.path().display());
    there_and_back(store::testing::sqlite().await, &to).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_a_copy_comes_back_verified_and_what_was_lost_is_counted() {
    let to = store::testing::postgres().await;
    there_and_back(store::testing::postgres().await, &to.url).await;
}
