//! `neul demo`: fills an empty database with two municipalities that look like real ones, through the same
//! doors as everybody: budgets are approved by a second official, the citizen signs up with a code, money
//! moves by transfers. It refuses a database that holds anything.

use std::{
    fs,
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    sync::Arc,
};

use ledger::{
    Category, ExpiryRule, Ledger, NewCard, NewMerchant, NewMunicipality, NewProgramme, Operation, Programme,
    Request,
    payouts::{NewPayout, NewRow, PayoutKind, RowOutcome},
};
use people::{Outbox, Person, Role};

use crate::{
    cli::Settings,
    config::{Rooms, StartError, say},
    jobs::payouts::Named,
};

/// 경기도 시흥시, the demo's home.
const HOME: i64 = 41390;
/// 경기도 군포시, so that there is another one.
const OTHER: i64 = 41410;
const DAY_MS: i64 = 86_400_000;
/// Phone number of the demo's citizen; nobody's (the carriers never hand out 000-0000 numbers).
const CITIZEN_PHONE: &str = "01000001234";

/// The demo's staff: login id, name, roles.
const STAFF: [(&str, &str, &[Role]); 4] = [
    ("clerk", "김담당", &[Role::Clerk]),
    ("approver", "이승인", &[Role::Approver]),
    ("auditor", "박감사", &[Role::Auditor]),
    ("administrator", "최관리", &[Role::Administrator]),
];

/// Fills the database; `once` makes an existing demo a success.
pub async fn fill(settings: &Settings, once: bool) -> Result<(), StartError> {
    let rooms = Rooms::open(settings).await?;
    rooms.migrate().await?;
    let password = password(settings)?;
    if rooms.people.is_demo().await? && once {
        logins(settings, &password);
        return Ok(());
    }
    if !rooms.people.is_empty().await? || !rooms.ledger.municipalities().await?.is_empty() {
        return say("this database holds something already: `neul demo` fills only an empty one");
    }
    let Some(outbox) = rooms.outbox.clone() else {
        return say("`neul demo` sends no real message: unset NEUL_SMS_URL");
    };
    let now = jiff::Timestamp::now().as_millisecond();
    // First, so that a demo that breaks off half way is known as one.
    rooms.people.mark_demo(now).await?;
    let demo = Demo {
        rooms: &rooms,
        password: &password,
        now,
        outbox,
    };
    demo.municipality(HOME, "Siheung-si", "시루", "Siru", "031-310-0000")
        .await?;
    demo.municipality(OTHER, "Gunpo-si", "군포애머니", "Gunpo Aemoney", "031-390-0000")
        .await?;
    let staff = demo.staff().await?;
    let shops = demo.merchants(HOME, "시흥").await?;
    demo.merchants(OTHER, "군포").await?;
    demo.accounts(&shops).await?;
    demo.merchant_login(shops[0]).await?;
    demo.money(&staff, &shops).await?;
    demo.card().await?;
    status::fill_demo(&settings.status_dir, "operator", &password).await?;
    let found = rooms.ledger.verify().await?;
    if let Some(difference) = found.difference {
        return say(format!("the demo's ledger differs: {difference:?}"));
    }
    logins(settings, &password);
    Ok(())
}

fn logins(settings: &Settings, password: &str) {
    println!("demo logins: citizen, clerk, approver, auditor, administrator, operator, merchant");
    println!(
        "password of each: {password}  (kept in {})",
        settings.data_dir.join("demo-password").display()
    );
}

/// From the environment, the file of an earlier run, or made at random.
fn password(settings: &Settings) -> Result<String, StartError> {
    let file = settings.data_dir.join("demo-password");
    let password = match (&settings.demo_password, fs::read_to_string(&file)) {
        (Some(given), _) => given.clone(),
        (None, Ok(kept)) if !kept.trim().is_empty() => return Ok(kept.trim().to_owned()),
        (None, _) => people::random_token()[..16].to_owned(),
    };
    fs::create_dir_all(&settings.data_dir)?;
    let mut kept = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&file)?;
    // A file that was there before keeps its mode otherwise.
    kept.set_permissions(fs::Permissions::from_mode(0o600))?;
    writeln!(kept, "{password}")?;
    Ok(password)
}

/// Ids of the officials that act in the demo.
struct Staff {
    clerk: i64,
    approver: i64,
}

struct Demo<'a> {
    rooms: &'a Rooms,
    password: &'a str,
    now: i64,
    outbox: Arc<Outbox>,
}

impl Demo<'_> {
    fn ledger(&self) -> &Ledger {
        &self.rooms.ledger
    }

    async fn municipality(
        &self,
        code: i64,
        name_en: &str,
        currency: &str,
        currency_en: &str,
        help_line: &str,
    ) -> Result<(), StartError> {
        let new = NewMunicipality {
            code,
            name_en: name_en.into(),
            currency_name: currency.into(),
            currency_name_en: currency_en.into(),
            help_line: help_line.into(),
            help_hours: "평일 09:00–18:00".into(),
        };
        self.ledger()
            .open_municipality(new, self.now - 200 * DAY_MS)
            .await?;
        Ok(())
    }

    async fn add_staff(
        &self,
        municipality: i64,
        login: &str,
        name: &str,
        roles: &[Role],
        merchant: Option<i64>,
    ) -> Result<i64, StartError> {
        let new = people::NewStaff {
            municipality,
            login_id: login.into(),
            name: name.into(),
            roles: roles.iter().copied().collect(),
            password: self.password.into(),
            merchant,
        };
        match self.rooms.people.add_staff(new, "demo", self.now).await {
            Ok(id) => Ok(id),
            Err(error) => say(format!(
                "{login}: {error} (is NEUL_DEMO_PASSWORD long and unusual enough?)"
            )),
        }
    }

    async fn staff(&self) -> Result<Staff, StartError> {
        let mut ids = Vec::new();
        for (login, name, roles) in STAFF {
            ids.push(self.add_staff(HOME, login, name, roles, None).await?);
        }
        self.add_staff(0, "operator", "정운영", &[Role::Operator], None)
            .await?;
        Ok(Staff {
            clerk: ids[0],
            approver: ids[1],
        })
    }

    /// Where the shops' settlements go to: accounts of nobody.
    async fn accounts(&self, shops: &[i64]) -> Result<(), StartError> {
        for (number, shop) in shops.iter().enumerate() {
            let number = format!("30200000{number:04}");
            let account = people::BankAccount::new("011", &number, "시연 상인")
                .map_err(|error| StartError::Say(error.to_string()))?;
            let (owner, by) = (people::AccountOwner::Merchant(*shop), (people::Actor::System, 0));
            self.rooms
                .people
                .set_bank_account(HOME, owner, &account, by, "", self.now)
                .await?;
        }
        Ok(())
    }

    async fn merchant_login(&self, merchant: i64) -> Result<(), StartError> {
        self.add_staff(HOME, "merchant", "한상인", &[Role::Merchant], Some(merchant))
            .await?;
        Ok(())
    }

    async fn merchants(&self, municipality: i64, place: &str) -> Result<Vec<i64>, StartError> {
        let shops = [
            (
                "A001",
                "할매국밥",
                Category::Restaurant,
                240_000_000,
                "중앙로 12",
                "대야동",
            ),
            (
                "A002",
                "오이도 커피",
                Category::Cafe,
                130_000_000,
                "바다길 3",
                "정왕동",
            ),
            (
                "A003",
                "삼미시장 채소가게",
                Category::TraditionalMarket,
                90_000_000,
                "시장2길 7",
                "신천동",
            ),
            (
                "A004",
                "늘봄약국",
                Category::Pharmacy,
                610_000_000,
                "역전로 41",
                "대야동",
            ),
            (
                "A005",
                "푸른수학학원",
                Category::Academy,
                380_000_000,
                "은계로 88",
                "은행동",
            ),
            (
                "A006",
                "하나로 큰마트",
                Category::Mart,
                9_800_000_000,
                "산업대로 200",
                "정왕동",
            ),
            (
                "A007",
                "동네책방 느린오후",
                Category::Bookshop,
                70_000_000,
                "호수로 5",
                "배곧동",
            ),
            (
                "A008",
                "행복미용실",
                Category::Beauty,
                110_000_000,
                "비둘기길 19",
                "정왕동",
            ),
        ];
        let mut ids = Vec::new();
        for (code, name, category, revenue_won_year, street, district) in shops {
            let new = NewMerchant {
                code: code.into(),
                name: name.into(),
                category,
                revenue_won_year,
                address: format!("경기도 {place}시 {street}"),
                district: district.into(),
            };
            ids.push(
                self.ledger()
                    .create_merchant(municipality, new, self.now - 190 * DAY_MS)
                    .await?
                    .id,
            );
        }
        Ok(ids)
    }

    /// Three programmes with budgets, the citizen with a history of three months.
    async fn money(&self, staff: &Staff, shops: &[i64]) -> Result<(), StartError> {
        let begun = self.now - 120 * DAY_MS;
        let year_end = end_of_year(self.now);
        let mut sold = NewProgramme::sold("시루 모바일", "Siru Mobile", 1_000, "demo");
        sold.monthly_limit_won = Some(500_000);
        sold.holding_limit_won = Some(1_500_000);
        let sold = self.programme(HOME, sold, 500_000_000, begun, staff).await?;
        let mut youth = NewProgramme::given(
            "청년기본소득",
            "Youth Basic Income",
            ExpiryRule::Until(year_end),
            "demo",
        );
        youth.restriction.revenue_limit_won = Some(3_000_000_000);
        youth.restriction.barred_categories = vec![Category::Nightlife];
        let youth = self.programme(HOME, youth, 300_000_000, begun, staff).await?;
        let soon = self.now + 20 * DAY_MS;
        let culture = NewProgramme::given(
            "문화나들이 지원금",
            "Culture Outing Grant",
            ExpiryRule::Until(soon),
            "demo",
        );
        let culture = self.programme(HOME, culture, 50_000_000, begun, staff).await?;
        let citizen = self.citizen(begun).await?;
        self.grant(&culture, "4분기 문화나들이 지원금", 50_000, begun + DAY_MS, staff)
            .await?;
        self.grant(&youth, "3분기 청년기본소득", 250_000, begun + 10 * DAY_MS, staff)
            .await?;
        self.buy(&sold, citizen, 300_000, begun + 12 * DAY_MS).await?;
        self.spend(citizen, shops, begun).await?;
        self.buy(&sold, citizen, 200_000, self.now - 3 * DAY_MS).await?;
        // Not spent yet, and ending within a month: what a notice is for.
        let late = self.now - 3_600_000;
        self.grant(&culture, "연말 문화나들이 지원금", 30_000, late, staff)
            .await
    }

    /// The citizen's card: the one that `neul simulate network` pays with. What was chosen for it is nothing, as for
    /// every card.
    async fn card(&self) -> Result<(), StartError> {
        let Some((municipality, holder)) = self.rooms.people.home_of_login("citizen").await? else {
            return say("the demo's citizen has no wallet");
        };
        let new = NewCard {
            municipality,
            holder,
            network: "demo".into(),
            token: "tok_demo_citizen_0001".into(),
        };
        self.ledger().register_card(new, self.now - 100 * DAY_MS).await?;
        Ok(())
    }

    async fn programme(
        &self,
        municipality: i64,
        new: NewProgramme,
        budget_won: i64,
        at: i64,
        staff: &Staff,
    ) -> Result<Programme, StartError> {
        let programme = self.ledger().create_programme(municipality, new, at).await?;
        let mut budget = NewPayout::new(
            PayoutKind::Budget,
            programme.id,
            format!("{} 예산 편성", programme.name),
            staff.clerk,
        );
        budget.amount_won = Some(budget_won);
        let payout = self.ledger().create_payout(municipality, budget, at).await?.id;
        self.approve_and_run(municipality, payout, at, staff).await?;
        Ok(programme)
    }

    /// Pays the citizen by a payout of one row.
    async fn grant(
        &self,
        programme: &Programme,
        title: &str,
        amount_won: i64,
        at: i64,
        staff: &Staff,
    ) -> Result<(), StartError> {
        let person = citizen();
        let text = serde_json::to_string(&person).map_err(|error| StartError::Say(error.to_string()))?;
        let row = NewRow {
            row: 2,
            sealed: self.rooms.people.seal(HOME, &text),
            person_key: self.rooms.people.person_key(&person),
            amount_won,
            outcome: RowOutcome::Ok,
            field: String::new(),
            why: String::new(),
        };
        let new = NewPayout::new(PayoutKind::Single, programme.id, title.to_owned(), staff.clerk);
        let payout = self.ledger().create_payout(HOME, new, at).await?.id;
        self.ledger().add_payout_rows(HOME, payout, vec![row]).await?;
        self.approve_and_run(HOME, payout, at, staff).await
    }

    async fn approve_and_run(
        &self,
        municipality: i64,
        payout: i64,
        at: i64,
        staff: &Staff,
    ) -> Result<(), StartError> {
        let ledger = self.ledger();
        ledger.finish_check(municipality, payout, staff.clerk, at).await?;
        if !ledger.payout_repeats(municipality, payout).await?.is_empty() {
            // The demo's programmes pay the same people more than once, as allowances do.
            let again = ledger::payouts::RepeatsDecision::Pay;
            ledger
                .decide_repeats(municipality, payout, again, staff.clerk, at)
                .await?;
        }
        ledger
            .submit_payout(municipality, payout, staff.clerk, at)
            .await?;
        ledger
            .approve_payout(municipality, payout, staff.approver, at)
            .await?;
        let named = Named(self.rooms.people.clone());
        while !ledger
            .run_payout_step(municipality, payout, &named, 100, at)
            .await?
            .done
        {}
        Ok(())
    }

    /// The citizen signs up as everybody does: with the code that came to the phone.
    async fn citizen(&self, at: i64) -> Result<i64, StartError> {
        let people = &self.rooms.people;
        let person = citizen();
        let proof = match people
            .begin_proof(people::Purpose::SignUp, CITIZEN_PHONE, "127.0.0.1", at)
            .await
        {
            Ok(proof) => proof,
            Err(error) => return say(format!("the demo's citizen: {error}")),
        };
        let code = self
            .outbox
            .messages()
            .last()
            .map(people::OutboxMessage::code)
            .unwrap_or_default();
        let proven = match people.prove(&proof, &code, at).await {
            Ok(proven) => proven,
            Err(error) => return say(format!("the demo's citizen: {error}")),
        };
        let new = people::SignUp {
            login_id: "citizen".into(),
            password: self.password.into(),
            name: person.name().into(),
            birth: person.birth(),
            proven,
            municipality: HOME,
            consent_terms: true,
            consent_privacy: true,
        };
        match people.sign_up(new, "127.0.0.1", at).await {
            Ok(login) => match login.holders.first() {
                Some((_, holder)) => Ok(*holder),
                None => say("the demo's citizen has no wallet"),
            },
            Err(error) => say(format!("the demo's citizen: {error}")),
        }
    }

    async fn buy(
        &self,
        programme: &Programme,
        holder: i64,
        value_won: i64,
        at: i64,
    ) -> Result<(), StartError> {
        let key = format!("demo-buy-{at}");
        let deposit = self
            .ledger()
            .request_purchase(HOME, &key, holder, programme.id, value_won, "citizen", at)
            .await?;
        self.ledger()
            .confirm_deposit(HOME, deposit.id, at + 60_000)
            .await?;
        Ok(())
    }

    async fn spend(&self, holder: i64, shops: &[i64], begun: i64) -> Result<(), StartError> {
        let payments = [
            (15, 0, 9_000),
            (18, 1, 5_500),
            (24, 2, 23_400),
            (31, 0, 18_000),
            (40, 3, 12_300),
            (52, 6, 16_800),
            (66, 2, 31_000),
            (80, 4, 60_000),
            (95, 7, 25_000),
            (110, 1, 6_200),
            (118, 0, 27_000),
        ];
        let mut last = None;
        for (index, (day, shop, amount_won)) in payments.into_iter().enumerate() {
            let request = Request {
                municipality: HOME,
                key: format!("demo-pay-{index}"),
                actor: "citizen".into(),
                at: begun + day * DAY_MS,
                operation: Operation::Pay {
                    holder,
                    merchant: shops[shop],
                    amount_won,
                },
            };
            last = Some(self.ledger().post(request).await?);
        }
        // The last meal was one bowl too many on the bill.
        if let Some(receipt) = last {
            let request = Request {
                municipality: HOME,
                key: "demo-cancel".into(),
                actor: "merchant".into(),
                at: receipt.at + 3_600_000,
                operation: Operation::Cancel {
                    transfer: receipt.transfer,
                    amount_won: Some(9_000),
                },
            };
            self.ledger().post(request).await?;
        }
        Ok(())
    }
}

fn citizen() -> Person {
    Person::new("이하늘", jiff::civil::date(1999, 3, 14), CITIZEN_PHONE)
        .expect("the demo's citizen is a person")
}

/// The instant after the last moment of the year that `at` falls in, or of the next where that is near.
fn end_of_year(at: i64) -> i64 {
    let zone = jiff::tz::TimeZone::get("Asia/Seoul").unwrap_or(jiff::tz::TimeZone::UTC);
    let year = jiff::Timestamp::from_millisecond(at + 90 * DAY_MS)
        .unwrap_or_default()
        .to_zoned(zone.clone())
        .year();
    jiff::civil::date(year + 1, 1, 1)
        .to_zoned(zone)
        .map_or(at + 300 * DAY_MS, |midnight| {
            midnight.timestamp().as_millisecond()
        })
}
