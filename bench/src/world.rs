//! 50,000 residents with two lots each and 1,000 merchants, all of them real rows.
//!
//! Each resident holds a large lot and, anew in each round, a small one of 10 won that ends sooner. Two payments
//! of a round fall to each: 5 won (from the small lot alone) and 10 won (what is left of it and some of the large
//! one): one lot and two lots by turns, for ever.

use ledger::{
    Category, ExpiryRule, Ledger, MIGRATIONS, NewMerchant, NewMunicipality, NewProgramme, Operation, Request,
};
use sqlx::{Any, AssertSqlSafe, Transaction};
use store::{Engine, Store};

use crate::Anything;

/// 수원시.
pub const MUNICIPALITY: i64 = 41110;
/// 1 January 2026, noon in Seoul, ms.
pub const NOON: i64 = 1_767_236_400_000;
/// How many residents.
pub const HOLDERS: i64 = 50_000;
/// How many payments a round has.
pub const PAYMENTS: i64 = 2 * HOLDERS;
/// A step that visits all of them in no order that an index would like.
pub const STRIDE: i64 = 7_919;
/// How many payments lie between a resident's first and second of a round, so that they do not meet.
const LAG: i64 = 2_000;
const YEAR: i64 = 365 * 86_400_000;

/// What there is.
pub struct World {
    store: Store,
    /// Of which every lot is.
    pub programme: i64,
    budget: i64,
    /// Ids of the merchants.
    pub merchants: Vec<i64>,
    /// Id of the first wallet; the others follow.
    pub wallets: i64,
    /// Id of the first large lot; the others follow.
    pub large: i64,
    /// Id of the first small lot of this round; the others follow.
    pub small: i64,
    /// How often it was filled.
    pub round: i64,
}

impl World {
    /// A new municipality with everything but small lots.
    pub async fn new(store: &Store) -> Anything<Self> {
        eprintln!("filling: {:?}", store.engine);
        store.migrate(&MIGRATIONS).await?;
        let ledger = Ledger::new(store.clone());
        let new = NewMunicipality {
            code: MUNICIPALITY,
            name_en: "Suwon".to_owned(),
            currency_name: "페이".to_owned(),
            currency_name_en: "Pay".to_owned(),
            help_line: "-".to_owned(),
            help_hours: "-".to_owned(),
        };
        ledger.open_municipality(new, NOON).await?;
        let new = NewProgramme::given("수당", "Allowance", ExpiryRule::Months(60), "bench");
        let programme = ledger.create_programme(MUNICIPALITY, new, NOON).await?.id;
        let operation = Operation::Fund {
            programme,
            amount_won: 1_000_000_000_000,
        };
        let request = Request {
            municipality: MUNICIPALITY,
            key: "fund".to_owned(),
            actor: "bench".to_owned(),
            at: NOON,
            operation,
        };
        ledger.post(request).await?;
        let mut merchants = Vec::new();
        for number in 0..1_000 {
            let new = NewMerchant {
                code: format!("M{number}"),
                name: format!("상점 {number}"),
                category: Category::Mart,
                revenue_won_year: 0,
                address: "-".to_owned(),
                district: "-".to_owned(),
            };
            merchants.push(ledger.create_merchant(MUNICIPALITY, new, NOON).await?.id);
        }
        let (budget,): (i64,) = sqlx::query_as("SELECT id FROM accounts WHERE kind = 'budget'")
            .fetch_one(&store.read)
            .await?;
        let wallets = store.ids(MUNICIPALITY, HOLDERS).await?.first();
        let mut tx = begin(store).await?;
        run(
            &mut tx,
            &format!(
                "{} INSERT INTO accounts (municipality, id, kind, owner) \
                 SELECT {MUNICIPALITY}, {wallets} + i, 'wallet', i + 1 FROM n",
                numbers()
            ),
        )
        .await?;
        tx.commit().await?;
        let mut world = Self {
            store: store.clone(),
            programme,
            budget,
            merchants,
            wallets,
            large: 0,
            small: 0,
            round: 0,
        };
        world.large = world.grant(1_000_000, NOON + 5 * YEAR).await?;
        Ok(world)
    }

    /// A small lot for each resident, and the tables as a well-kept server has them.
    pub async fn refill(&mut self) -> Anything<()> {
        self.round += 1;
        self.small = self.grant(10, NOON + YEAR + self.round).await?;
        self.tidy().await
    }

    pub async fn tidy(&self) -> Anything<()> {
        if self.store.engine == Engine::Postgres {
            sqlx::raw_sql("VACUUM ANALYZE").execute(&self.store.write).await?;
            sqlx::raw_sql("CHECKPOINT").execute(&self.store.write).await?;
        } else {
            sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                .execute(&self.store.write)
                .await?;
        }
        Ok(())
    }

    /// Who pays how much with payment `number` of a round.
    pub fn payment(number: i64) -> (i64, i64) {
        let pair = number / 2;
        let (visit, amount_won) = if number % 2 == 0 {
            (pair, 5)
        } else {
            ((pair + HOLDERS - LAG) % HOLDERS, 10)
        };
        (visit * STRIDE % HOLDERS + 1, amount_won)
    }

    /// Whether it all adds up.
    pub async fn verify(&self) -> Anything<()> {
        self.tidy().await?;
        let verification = Ledger::new(self.store.clone()).verify().await?;
        eprintln!("{verification:?}");
        verification
            .difference
            .map_or(Ok(()), |difference| Err(format!("{difference:?}").into()))
    }

    /// One payment of 1 won from each resident's large lot, by set: twice as many entries as there are residents.
    pub async fn grow(&mut self) -> Anything<()> {
        self.round += 1;
        let first = self.store.ids(MUNICIPALITY, HOLDERS).await?.first();
        let shops: Vec<(i64, i64)> =
            sqlx::query_as("SELECT id, owner FROM accounts WHERE kind = 'merchant' ORDER BY owner")
                .fetch_all(&self.store.read)
                .await?;
        let (numbers, of_each) = (numbers(), HOLDERS / shops.len() as i64);
        let values: Vec<String> = shops
            .iter()
            .enumerate()
            .map(|(n, (account, merchant))| format!("({n}, {account}, {merchant})"))
            .collect();
        // Each shop takes from as many residents as the next one.
        let paid = format!(
            "{numbers}, shop (n, account, merchant) AS (VALUES {}), paid AS (SELECT n.i, shop.account, shop.merchant \
             FROM n JOIN shop ON shop.n = n.i % {})",
            values.join(", "),
            shops.len()
        );
        let Self {
            programme,
            wallets,
            large,
            round,
            ..
        } = *self;
        let at = NOON + round * 60_000;
        let mut tx = begin(&self.store).await?;
        for sql in [
            format!(
                "{paid} INSERT INTO transfers (municipality, id, idempotency_key, body_hash, kind, amount_won, \
                 created_at, actor, holder, merchant) SELECT {MUNICIPALITY}, {first} + i, 'grown:{round}:' || i, '', \
                 'pay', 1, {at}, 'bench', i + 1, merchant FROM paid"
            ),
            format!(
                "{paid} INSERT INTO entries (municipality, transfer, line, account, amount_won, lot, programme, kind, \
                 created_at) SELECT {MUNICIPALITY}, {first} + i, 0, {wallets} + i, -1, {large} + i, {programme}, 'pay', \
                 {at} FROM paid UNION ALL SELECT {MUNICIPALITY}, {first} + i, 1, account, 1, NULL, {programme}, 'pay', \
                 {at} FROM paid"
            ),
            "UPDATE accounts SET balance_won = balance_won - 1 WHERE kind = 'wallet'".to_owned(),
            format!("UPDATE accounts SET balance_won = balance_won + {of_each} WHERE kind = 'merchant'"),
            format!(
                "UPDATE lots SET left_won = left_won - 1 WHERE id >= {large} AND id < {large} + {HOLDERS}"
            ),
        ] {
            run(&mut tx, &sql).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// A lot for each resident, by set; the id of the first.
    async fn grant(&self, amount_won: i64, expires_at: i64) -> Anything<i64> {
        let ids = self.store.ids(MUNICIPALITY, 2 * HOLDERS).await?.first();
        let (lots, numbers, given_won) = (ids + HOLDERS, numbers(), amount_won * HOLDERS);
        let Self {
            programme,
            budget,
            wallets,
            round,
            ..
        } = *self;
        let mut tx = begin(&self.store).await?;
        for sql in [
            format!(
                "{numbers} INSERT INTO transfers (municipality, id, idempotency_key, body_hash, kind, amount_won, \
                 created_at, actor, programme, holder) SELECT {MUNICIPALITY}, {ids} + i, 'grant:{round}:' || i, '', \
                 'grant', {amount_won}, {NOON}, 'bench', {programme}, i + 1 FROM n"
            ),
            // What the trigger would have done: each transfer waits for the public log.
            self.untold_of_the_log(ids),
            format!(
                "{numbers} INSERT INTO lots (municipality, id, transfer, account, holder, programme, kind, price_won, \
                 value_won, left_won, created_at, expires_at) SELECT {MUNICIPALITY}, {lots} + i, {ids} + i, \
                 {wallets} + i, i + 1, {programme}, 'granted', 0, {amount_won}, {amount_won}, {NOON}, {expires_at} FROM n"
            ),
            format!(
                "{numbers} INSERT INTO entries (municipality, transfer, line, account, amount_won, lot, programme, kind, \
                 created_at) SELECT {MUNICIPALITY}, {ids} + i, 0, {budget}, -{amount_won}, NULL, {programme}, 'grant', \
                 {NOON} FROM n UNION ALL SELECT {MUNICIPALITY}, {ids} + i, 1, {wallets} + i, {amount_won}, {lots} + i, \
                 {programme}, 'grant', {NOON} FROM n"
            ),
            format!("UPDATE accounts SET balance_won = balance_won + {amount_won} WHERE kind = 'wallet'"),
            format!("UPDATE accounts SET balance_won = balance_won - {given_won} WHERE id = {budget}"),
        ] {
            run(&mut tx, &sql).await?;
        }
        tx.commit().await?;
        Ok(lots)
    }
}

impl World {
    /// `PostgreSQL` left out the trigger by which transfers from `first` on wait for the log; `SQLite` did not.
    fn untold_of_the_log(&self, first: i64) -> String {
        match self.store.engine {
            Engine::Sqlite => "SELECT 1".to_owned(),
            Engine::Postgres => format!(
                "INSERT INTO log_pending (municipality, transfer) SELECT municipality, id FROM transfers \
                 WHERE municipality = {MUNICIPALITY} AND id >= {first} AND id < {first} + {HOLDERS}"
            ),
        }
    }
}

/// A transaction in which `PostgreSQL` leaves out its triggers: [`World::verify`] looks at the result.
async fn begin(store: &Store) -> Anything<Transaction<'static, Any>> {
    let mut tx = store.begin().await?;
    if store.engine == Engine::Postgres {
        sqlx::raw_sql("SET LOCAL session_replication_role = replica")
            .execute(&mut *tx)
            .await?;
    }
    Ok(tx)
}

fn numbers() -> String {
    format!("WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {HOLDERS} - 1)")
}

async fn run(tx: &mut Transaction<'static, Any>, sql: &str) -> Anything<()> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(&mut **tx)
        .await?;
    Ok(())
}
