//! What merchants are owed, reckoned from all they ever took.

use super::{Book, day};

/// Holidays of 2026 that are no weekend, as the day of the year: 1 January; 16–18 February; 2 March; 1, 5, 25 May;
/// 3 June; 17 July; 17 August; 24, 25 September; 5, 9 October; 25 December.
const HOLIDAYS_2026: [i64; 16] = [
    1, 47, 48, 49, 61, 121, 125, 145, 154, 198, 229, 267, 268, 278, 282, 359,
];
/// The day before 1 January 2026, by its number.
const BEFORE_2026: i64 = 20_453;

fn works(day: i64) -> bool {
    // Day 0, 1 January 1970, was a Thursday.
    let weekend = matches!((day + 4).rem_euclid(7), 0 | 6);
    !weekend && !HOLIDAYS_2026.contains(&(day - BEFORE_2026))
}

impl Book {
    /// Which merchants are to be sent something: which, up to which day, won.
    pub fn due(&self, at: i64) -> Vec<(i64, i64, i64)> {
        // The last day after which two working days have begun.
        let today = day(at);
        let mut last = today;
        while (last + 1..=today).filter(|day| works(*day)).count() < 2 {
            last -= 1;
        }
        let mut due = Vec::new();
        for shop in &self.shops {
            let (settled_day, sent_won) = self.settled.get(&shop.id).copied().unwrap_or((0, 0));
            let until_then = |taking: &&(i64, i64, i64)| taking.0 == shop.id && day(taking.1) <= last;
            let taken_won: i64 = self
                .takings
                .iter()
                .filter(until_then)
                .map(|taking| taking.2)
                .sum();
            let has_won = self.balances.get(&("merchant", shop.id)).copied().unwrap_or(0);
            let won = (taken_won - sent_won).min(has_won);
            if last > settled_day && won > 0 {
                due.push((shop.id, last, won));
            }
        }
        due
    }

    pub fn settle(&mut self, id: i64, merchant: i64, day: i64, won: i64) {
        let settled = self.settled.entry(merchant).or_default();
        *settled = (day, settled.1 + won);
        self.send(id, ("merchant", merchant), won);
    }
}
