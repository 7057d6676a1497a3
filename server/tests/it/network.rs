//! Real processes: a portal that is stopped, goes on, is killed and comes back, and a network that goes on asking. On both
//! engines: nobody is charged elsewhere without having chosen it, nothing stays set aside, and all of it is in the
//! history.

use std::{
    collections::BTreeMap,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use ledger::{
    Category, ExpiryRule, HoldState, Ledger, ListKey, NewCard, NewMerchant, NewMunicipality, NewProgramme,
    Operation,
};
use people::{KeyOwner, Keys, NewApiKey, Outbox, People, Policy, Scope};
use store::{Engine, testing::TestStore};
use tokio::process::{Child, Command};

const PLACE: i64 = 41390;
const HOLDER: i64 = 7;
const START_WON: i64 = 1_000_000;
const TOKEN: &str = "tok_process_000001";
const NEUL: &str = env!("CARGO_BIN_EXE_neul");
/// Such questions find that the commit takes too long (on `PostgreSQL`, which can be made to).
const SLOW_WON: i64 = 1_060;

struct World {
    test: TestStore,
    ledger: Ledger,
    key: String,
    public_key: String,
    folder: tempfile::TempDir,
    ports: [u16; 2],
}

fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

impl World {
    async fn new(test: TestStore) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir_all(folder.path().join("site/pkg")).unwrap();
        let hashes = std::fs::read_to_string(Path::new(NEUL).with_file_name("hash.txt")).unwrap_or_default();
        let css = hashes.lines().find_map(|line| line.strip_prefix("css:"));
        let css = css.map_or("neul.css".to_owned(), |hash| format!("neul.{}.css", hash.trim()));
        std::fs::write(folder.path().join("site/pkg").join(css), "").unwrap();
        test.store.migrate(&ledger::MIGRATIONS).await.unwrap();
        test.store.migrate(&people::MIGRATIONS).await.unwrap();
        let ledger = Ledger::new(test.store.clone());
        let at = now() - 86_400_000;
        let new = NewMunicipality {
            code: PLACE,
            name_en: "Siheung-si".into(),
            currency_name: "시루".into(),
            currency_name_en: "Siru".into(),
            help_line: "031-310-0000".into(),
            help_hours: "09–18".into(),
        };
        ledger.open_municipality(new, at).await.unwrap();
        let new = NewProgramme::given("수당", "Grant", ExpiryRule::Months(6), "test");
        let programme = ledger.create_programme(PLACE, new, at).await.unwrap().id;
        let shop = NewMerchant {
            code: "A002".into(),
            name: "오이도 커피".into(),
            category: Category::Cafe,
            revenue_won_year: 1,
            address: "시흥시".into(),
            district: "정왕동".into(),
        };
        ledger.create_merchant(PLACE, shop, at).await.unwrap();
        for (key, operation) in [
            (
                "fund",
                Operation::Fund {
                    programme,
                    amount_won: START_WON,
                },
            ),
            (
                "grant",
                Operation::Grant {
                    programme,
                    holder: HOLDER,
                    amount_won: START_WON,
                    payout: None,
                },
            ),
        ] {
            let request = ledger::Request {
                municipality: PLACE,
                key: key.into(),
                actor: "test".into(),
                at,
                operation,
            };
            ledger.post(request).await.unwrap();
        }
        let new = NewCard {
            municipality: PLACE,
            holder: HOLDER,
            network: "demo".into(),
            token: TOKEN.into(),
        };
        let card = ledger.register_card(new, at).await.unwrap().id;
        let chosen = [(Category::Cafe, 5_000)];
        ledger
            .choose_fallback(PLACE, HOLDER, card, &chosen, "test", at)
            .await
            .unwrap();
        if test.store.engine == Engine::Postgres {
            let slow = format!(
                "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                 IF NEW.amount_won = {SLOW_WON} AND NEW.decided_by = 'ledger' THEN PERFORM pg_sleep(0.4); END IF; \
                 RETURN NULL; END $$; CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON card_authorisations \
                 DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()"
            );
            sqlx::raw_sql(sqlx::AssertSqlSafe(slow))
                .execute(&test.store.write)
                .await
                .unwrap();
        }
        let keys = Keys::load_or_make(&data.join("keys")).unwrap();
        let people = People::new(
            test.store.clone(),
            keys,
            std::sync::Arc::new(Outbox::default()),
            Policy::default(),
        );
        let new = NewApiKey {
            municipality: 0,
            owner: KeyOwner::Network("demo".into()),
            label: "network".into(),
            scopes: vec![Scope::CardWrite],
        };
        let (_, key) = people.make_api_key(&new, "test", "", now()).await.unwrap();
        Self {
            test,
            ledger,
            key: key.0,
            public_key: ListKey::from_hex(&"05".repeat(32)).unwrap().public_hex(),
            folder,
            ports: [free_port(), free_port()],
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(NEUL);
        command
            .env("DATABASE_URL", &self.test.url)
            .env("NEUL_CARD_KEY", "05".repeat(32))
            .env("NEUL_DATA_DIR", self.folder.path().join("data"))
            .env("NEUL_SITE_DIR", self.folder.path().join("site"))
            .env("NEUL_ADDR", format!("127.0.0.1:{}", self.ports[0]))
            .env("NEUL_ADMIN_ADDR", format!("127.0.0.1:{}", self.ports[1]))
            .env("NEUL_NETWORK_KEY", &self.key)
            .env("RUST_LOG", "warn")
            .kill_on_drop(true);
        command
    }

    async fn serve(&self) -> Child {
        let child = self
            .command()
            .args(["serve", "--no-status"])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        for _ in 0..400 {
            if tokio::net::TcpStream::connect(("127.0.0.1", self.ports[0]))
                .await
                .is_ok()
            {
                return child;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the portal does not open");
    }
}

fn signal(child: &Child, name: &str) {
    let pid = child.id().expect("it runs").to_string();
    let done = std::process::Command::new("kill")
        .args([name, &pid])
        .status()
        .unwrap();
    assert!(done.success());
}

async fn pause(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silenced_and_killed_nobody_is_charged_elsewhere_without_choice_and_nothing_stays_set_aside() {
    for test in store::testing::both().await {
        let world = World::new(test).await;
        let engine = world.test.store.engine;
        let mut portal = world.serve().await;
        let dir = world.folder.path().join("network");
        let began = Instant::now();
        let network = world
            .command()
            .args([
                "simulate",
                "network",
                "--url",
                &format!("http://127.0.0.1:{}", world.ports[0]),
            ])
            .args([
                "--public-key",
                &world.public_key,
                "--card",
                TOKEN,
                "--mcc",
                "5814,5541",
            ])
            .args([
                "--asks",
                "120",
                "--every",
                "50",
                "--list-every",
                "1000",
                "--patience",
                "60",
            ])
            .args(["--dir", &dir.display().to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        pause(1_500).await;
        signal(&portal, "-STOP");
        pause(1_200).await;
        signal(&portal, "-CONT");
        pause(1_200).await;
        portal.kill().await.unwrap();
        pause(600).await;
        portal = world.serve().await;
        let done = network.wait_with_output().await.unwrap();
        let text = String::from_utf8_lossy(&done.stdout).into_owned();
        println!("{engine:?} after {:?}: {text}", began.elapsed());
        assert!(
            done.status.success(),
            "all that it decided was acknowledged: {text}"
        );
        let report: BTreeMap<String, u64> = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        assert_eq!(
            (report["asked"], report["capture_refused"], report["waiting"]),
            (120, 0, 0)
        );
        assert!(
            report["approved"] > 0 && report["charged_elsewhere"] > 0 && report["declined"] > 0,
            "{text}"
        );

        // Whoever was killed on the way left something to take back, perhaps.
        let mut rows = Vec::new();
        for _ in 0..100 {
            rows = world
                .ledger
                .card_authorisations(PLACE, HOLDER, 200)
                .await
                .unwrap();
            if rows.iter().all(|row| row.hold != Some(HoldState::Open)) {
                break;
            }
            pause(100).await;
        }
        assert_eq!(rows.len(), 120, "each decision is in the history");
        let (mut paid_won, mut elsewhere, mut late) = (0, 0, 0);
        for row in &rows {
            assert_ne!(row.hold, Some(HoldState::Open), "{row:?}");
            paid_won += row.captured_won;
            late += usize::from(row.reversed_why.is_some());
            if let Some(fallback) = &row.fallback {
                elsewhere += 1;
                assert!(fallback.by_choice && row.class == Category::Cafe, "{row:?}");
                assert_eq!(row.captured_won, 0, "charged once: {row:?}");
            }
        }
        assert_eq!(elsewhere, report["charged_elsewhere"]);
        println!("{engine:?}: {late} approvals were taken back");
        if engine == Engine::Postgres {
            let slow: Vec<_> = rows
                .iter()
                .filter(|row| row.amount_won == SLOW_WON && row.hold.is_some())
                .collect();
            assert!(
                !slow.is_empty() && slow.iter().all(|row| row.hold == Some(HoldState::Released)),
                "{slow:?}"
            );
            assert!(
                slow.iter().any(|row| row.reversed_why.as_deref() == Some("late")),
                "{slow:?}"
            );
        }
        let left = world.ledger.wallet(PLACE, HOLDER, now()).await.unwrap().total_won;
        assert_eq!(left, START_WON - paid_won);
        assert_eq!(world.ledger.verify().await.unwrap().difference, None);

        // The network's day agrees with ours.
        let day = std::fs::read_dir(&dir)
            .unwrap()
            .map(|file| file.unwrap().path())
            .find(|file| file.extension().is_some_and(|kind| kind == "csv"))
            .unwrap();
        let done = world
            .command()
            .args([
                "card",
                "reconcile",
                &day.display().to_string(),
                "--network",
                "demo",
            ])
            .output()
            .await
            .unwrap();
        let text = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(
            done.status.success(),
            "{text} {}",
            String::from_utf8_lossy(&done.stderr)
        );
        assert!(text.contains("\"cases\":{}"), "{text}");
        portal.kill().await.unwrap();
    }
}
