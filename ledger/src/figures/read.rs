//! What the desk sees: the kept figures of a time, from one moment.

use std::collections::BTreeMap;

use jiff::{ToSpan, civil::Date};
use sqlx::{Any, Transaction};

use super::{Forecast, count, day_number, day_of_number, forecast};
use crate::{Category, Ledger, TransferKind, calendar, error::Result};

/// Full days that a forecast looks back on: a month of them, and a week.
const MONTH_DAYS: i64 = 28;
const WEEK_DAYS: i64 = 7;

/// Of which time and programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeskFilter {
    /// The first day, in Seoul.
    pub from: Date,
    /// The last day.
    pub until: Date,
    /// This programme alone.
    pub programme: Option<i64>,
}

/// What happened to value, won.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// Sold and given.
    pub issued_won: i64,
    /// Paid to merchants, less what was cancelled.
    pub spent_won: i64,
    /// Ended unspent.
    pub expired_won: i64,
    /// Refunded to buyers, with the discount that went back to the budget.
    pub refunded_won: i64,
    /// Taken back by the municipality.
    pub taken_back_won: i64,
    /// How many payments were made.
    pub payments: i64,
}

/// One programme's figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgrammeFlow {
    /// The programme.
    pub programme: i64,
    /// Its name.
    pub name: String,
    /// The same in English.
    pub name_en: String,
    /// In the time asked for.
    pub flow: Flow,
    /// Today.
    pub today: Flow,
    /// In wallets now, with what has ended and was not swept yet; won.
    pub held_won: i64,
    /// Its budget.
    pub budget: Budget,
}

/// How a budget went, and how it may go on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// What it has now, won.
    pub left_won: i64,
    /// What it had at the end of each day of the time asked for, up to today; won.
    pub by_day: Vec<(Date, i64)>,
    /// Going by the last 28 full days.
    pub month: Option<Forecast>,
    /// Going by the last 7.
    pub week: Option<Forecast>,
}

/// One day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayFlow {
    /// In Seoul.
    pub day: Date,
    /// What happened.
    pub flow: Flow,
}

/// One hour of the day, over all days of the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HourFlow {
    /// Paid to merchants, less what was cancelled in that hour; won.
    pub spent_won: i64,
    /// How many payments were made.
    pub payments: i64,
}

/// Spending at one kind of place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceFlow<T> {
    /// Where.
    pub place: T,
    /// Paid, less what was cancelled; won.
    pub spent_won: i64,
    /// How many payments were made.
    pub payments: i64,
}

/// All that the desk shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Desk {
    /// How many transfers of the log are not counted yet; the few that are not in the log yet apart.
    pub waiting: i64,
    /// Over all programmes asked for.
    pub flow: Flow,
    /// The same, today.
    pub today: Flow,
    /// By programme, the oldest first.
    pub programmes: Vec<ProgrammeFlow>,
    /// By day, days without anything left out.
    pub days: Vec<DayFlow>,
    /// By hour of the day.
    pub hours: [HourFlow; 24],
    /// By 읍면동, most first.
    pub districts: Vec<PlaceFlow<String>>,
    /// By line of business, most first; a code that is no more is left out of nothing: it is `Other`.
    pub categories: Vec<PlaceFlow<Category>>,
}

impl Flow {
    fn add(&mut self, kind: TransferKind, transfers: i64, wallet_won: i64) {
        match kind {
            TransferKind::Grant | TransferKind::Sell => self.issued_won += wallet_won,
            TransferKind::Pay => {
                self.spent_won -= wallet_won;
                self.payments += transfers;
            }
            TransferKind::Cancel => self.spent_won -= wallet_won,
            TransferKind::Expire => self.expired_won -= wallet_won,
            TransferKind::Refund => self.refunded_won -= wallet_won,
            TransferKind::TakeBack => self.taken_back_won -= wallet_won,
            _ => {}
        }
    }
}

/// One row of `figure_days`.
struct Cell {
    day: i64,
    programme: i64,
    kind: TransferKind,
    transfers: i64,
    wallet_won: i64,
    budget_won: i64,
}

impl Ledger {
    /// The desk's figures of a time, at `at` (ms). Costs: the cells of the time, not its transfers.
    pub async fn desk(&self, municipality: i64, filter: &DeskFilter, at: i64) -> Result<Desk> {
        let today = calendar::date(at);
        let mut tx = self.store.begin_snapshot().await?;
        let (counted, size) = count::head(&mut tx).await?;
        let programmes = programmes(&mut tx, municipality, filter.programme).await?;
        let sums = sums(&mut tx, municipality).await?;
        let looked_back = today.saturating_sub(MONTH_DAYS.days());
        let cells = cells(&mut tx, municipality, filter.from.min(looked_back)).await?;
        let hours = hours(&mut tx, municipality, filter).await?;
        let places = places(&mut tx, municipality, filter).await?;
        tx.rollback().await?;

        let (from, until) = (day_number(filter.from), day_number(filter.until));
        let now = day_number(today);
        let within = |cell: &&Cell| (from..=until).contains(&cell.day);
        let mut desk = Desk {
            waiting: size - counted,
            flow: Flow::default(),
            today: Flow::default(),
            programmes: Vec::new(),
            days: Vec::new(),
            hours,
            districts: Vec::new(),
            categories: Vec::new(),
        };
        let mut by_day: BTreeMap<i64, Flow> = BTreeMap::new();
        for (programme, name, name_en) in programmes {
            let own: Vec<&Cell> = cells.iter().filter(|cell| cell.programme == programme).collect();
            let mut flow = Flow::default();
            let mut on_today = Flow::default();
            for cell in &own {
                if within(cell) {
                    flow.add(cell.kind, cell.transfers, cell.wallet_won);
                    desk.flow.add(cell.kind, cell.transfers, cell.wallet_won);
                    by_day
                        .entry(cell.day)
                        .or_default()
                        .add(cell.kind, cell.transfers, cell.wallet_won);
                }
                if cell.day == now {
                    on_today.add(cell.kind, cell.transfers, cell.wallet_won);
                    desk.today.add(cell.kind, cell.transfers, cell.wallet_won);
                }
            }
            let (held_won, left_won) = sums.get(&programme).copied().unwrap_or_default();
            desk.programmes.push(ProgrammeFlow {
                programme,
                name,
                name_en,
                flow,
                today: on_today,
                held_won,
                budget: budget(left_won, &own, (from, until), today),
            });
        }
        desk.days = by_day
            .into_iter()
            .map(|(day, flow)| DayFlow {
                day: day_of_number(day),
                flow,
            })
            .collect();
        let mut districts: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        let mut categories: BTreeMap<&'static str, (i64, i64)> = BTreeMap::new();
        for (district, category, payments, spent_won) in places {
            let category = Category::from_code(&category).unwrap_or(Category::Other).code();
            for sum in [
                districts.entry(district).or_default(),
                categories.entry(category).or_default(),
            ] {
                *sum = (sum.0 + spent_won, sum.1 + payments);
            }
        }
        desk.districts = most_first(districts.into_iter());
        desk.categories = most_first(
            categories
                .into_iter()
                .map(|(code, sums)| (Category::from_code(code).unwrap_or(Category::Other), sums)),
        );
        Ok(desk)
    }
}

fn most_first<T>(sums: impl Iterator<Item = (T, (i64, i64))>) -> Vec<PlaceFlow<T>> {
    let mut list: Vec<_> = sums
        .map(|(place, (spent_won, payments))| PlaceFlow {
            place,
            spent_won,
            payments,
        })
        .collect();
    list.sort_by_key(|place| std::cmp::Reverse(place.spent_won));
    list
}

/// The days of the time asked for, by what is left now and what happened since each of them.
fn budget(left_won: i64, own: &[&Cell], (from, until): (i64, i64), today: Date) -> Budget {
    let now = day_number(today);
    let mut moved: BTreeMap<i64, i64> = BTreeMap::new();
    let mut spent: BTreeMap<i64, i64> = BTreeMap::new();
    for cell in own {
        *moved.entry(cell.day).or_default() += cell.budget_won;
        if cell.kind != TransferKind::Fund {
            *spent.entry(cell.day).or_default() -= cell.budget_won;
        }
    }
    let last = until.min(now);
    let mut after_won: i64 = moved.range(last + 1..).map(|(_, won)| won).sum();
    let mut by_day = Vec::new();
    for day in (from..=last).rev() {
        by_day.push((day_of_number(day), left_won - after_won));
        after_won += moved.get(&day).copied().unwrap_or(0);
    }
    by_day.reverse();
    let of_last = |days: i64| -> Vec<i64> {
        (now - days..now)
            .map(|day| spent.get(&day).copied().unwrap_or(0))
            .collect()
    };
    Budget {
        left_won,
        by_day,
        month: forecast(left_won, &of_last(MONTH_DAYS), today),
        week: forecast(left_won, &of_last(WEEK_DAYS), today),
    }
}

async fn programmes(
    tx: &mut Transaction<'_, Any>,
    municipality: i64,
    only: Option<i64>,
) -> Result<Vec<(i64, String, String)>> {
    let found = sqlx::query_as(
        "SELECT id, name, name_en FROM programmes WHERE municipality = $1 AND ($2 = 0 OR id = $2) \
         ORDER BY created_at, id",
    )
    .bind(municipality)
    .bind(only.unwrap_or(0))
    .fetch_all(&mut **tx)
    .await?;
    Ok(found)
}

/// programme → in wallets, in the budget; won, of all time.
async fn sums(tx: &mut Transaction<'_, Any>, municipality: i64) -> Result<BTreeMap<i64, (i64, i64)>> {
    let rows: Vec<(i64, i64, i64)> = sqlx::query_as(
        "SELECT programme, CAST(SUM(wallet_won) AS BIGINT), CAST(SUM(budget_won) AS BIGINT) FROM figure_days \
         WHERE municipality = $1 GROUP BY programme",
    )
    .bind(municipality)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(programme, wallet, budget)| (programme, (wallet, budget)))
        .collect())
}

async fn cells(tx: &mut Transaction<'_, Any>, municipality: i64, from: Date) -> Result<Vec<Cell>> {
    let rows: Vec<(i64, i64, String, i64, i64, i64)> = sqlx::query_as(
        "SELECT day, programme, kind, transfers, wallet_won, budget_won FROM figure_days \
         WHERE municipality = $1 AND day >= $2",
    )
    .bind(municipality)
    .bind(day_number(from))
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(day, programme, kind, transfers, wallet_won, budget_won)| {
            Some(Cell {
                day,
                programme,
                kind: TransferKind::from_code(&kind)?,
                transfers,
                wallet_won,
                budget_won,
            })
        })
        .collect())
}

async fn hours(
    tx: &mut Transaction<'_, Any>,
    municipality: i64,
    filter: &DeskFilter,
) -> Result<[HourFlow; 24]> {
    let rows: Vec<(i64, i64, i64)> = sqlx::query_as(
        "SELECT hour % 24, CAST(SUM(CASE WHEN kind = 'pay' THEN transfers ELSE 0 END) AS BIGINT), \
         CAST(SUM(-wallet_won) AS BIGINT) FROM figure_hours WHERE municipality = $1 AND hour >= $2 AND hour < $3 \
         AND kind IN ('pay', 'cancel') AND ($4 = 0 OR programme = $4) GROUP BY 1",
    )
    .bind(municipality)
    .bind(day_number(filter.from) * 24)
    .bind((day_number(filter.until) + 1) * 24)
    .bind(filter.programme.unwrap_or(0))
    .fetch_all(&mut **tx)
    .await?;
    let mut hours = [HourFlow::default(); 24];
    for (hour, payments, spent_won) in rows {
        hours[usize::try_from(hour).unwrap_or(0) % 24] = HourFlow { spent_won, payments };
    }
    Ok(hours)
}

/// district, category, payments, spent (won).
async fn places(
    tx: &mut Transaction<'_, Any>,
    municipality: i64,
    filter: &DeskFilter,
) -> Result<Vec<(String, String, i64, i64)>> {
    let found = sqlx::query_as(
        "SELECT district, category, CAST(SUM(payments) AS BIGINT), CAST(SUM(spent_won) AS BIGINT) FROM figure_places \
         WHERE municipality = $1 AND day >= $2 AND day <= $3 AND ($4 = 0 OR programme = $4) GROUP BY district, category",
    )
    .bind(municipality)
    .bind(day_number(filter.from))
    .bind(day_number(filter.until))
    .bind(filter.programme.unwrap_or(0))
    .fetch_all(&mut **tx)
    .await?;
    Ok(found)
}
