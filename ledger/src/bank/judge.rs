//! What the lines of one reference mean for the item they name. No database in here.
//!
//! Every won of a difference is explained by exactly one line: what the bank has for the reference, less what the books
//! have, is the sum of [`Differing::bank_won`] less [`Differing::book_won`] over what this gives back.

use super::{Differing, Why};

/// An item of the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    /// Its state's code.
    pub(super) state: String,
    /// What its line should say, as the bank account feels it, won: a deposit's price, less a remittance's amount.
    pub(super) due_won: i64,
    /// What the books have for it, won: all of that, or nothing (a deposit not sold, a remittance given back).
    pub(super) book_won: i64,
}

/// A line of the bank's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) reference: String,
    /// As the bank account feels it, won.
    pub(super) won: i64,
}

/// The lines that the bank has not taken back by another of the same reference and the opposite amount.
fn standing(lines: &[Line]) -> Vec<&Line> {
    let mut standing: Vec<&Line> = Vec::with_capacity(lines.len());
    for line in lines {
        match standing.iter().rposition(|earlier| earlier.won == -line.won) {
            Some(earlier) => {
                standing.remove(earlier);
            }
            None => standing.push(line),
        }
    }
    standing
}

/// How the lines of one item, or of no item of ours, differ from the books. At least one line.
pub(super) fn judge(item: Option<&Item>, lines: &[Line]) -> Vec<Differing> {
    let reference = lines.first().map_or("", |line| line.reference.as_str());
    let differing = |line: &Line, why, book_won| Differing {
        why,
        reference: line.reference.clone(),
        line: line.name.clone(),
        state: item.map(|item| item.state.clone()).unwrap_or_default(),
        book_won,
        bank_won: line.won,
    };
    let lines = standing(lines);
    let Some(item) = item else {
        return lines
            .into_iter()
            .map(|line| differing(line, Why::MissingHere, 0))
            .collect();
    };
    if lines.is_empty() && item.book_won != 0 {
        return vec![Differing {
            why: Why::MissingThere,
            reference: reference.to_owned(),
            line: String::new(),
            state: item.state.clone(),
            book_won: item.book_won,
            bank_won: 0,
        }];
    }
    let exact = lines.iter().position(|line| line.won == item.due_won);
    let own = exact.unwrap_or(0);
    lines
        .into_iter()
        .enumerate()
        .filter_map(|(index, line)| {
            if index != own {
                return Some(differing(line, Why::Double, 0));
            }
            match (exact, item.book_won) {
                (Some(_), 0) => Some(differing(line, Why::MissingHere, 0)),
                (Some(_), _) => None,
                (None, book_won) => Some(differing(line, Why::OtherAmount, book_won)),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(state: &str, due_won: i64, book_won: i64) -> Item {
        Item {
            state: state.to_owned(),
            due_won,
            book_won,
        }
    }

    fn lines(amounts: &[i64]) -> Vec<Line> {
        let line = |(number, won): (usize, &i64)| Line {
            name: number.to_string(),
            reference: "d1".to_owned(),
            won: *won,
        };
        amounts.iter().enumerate().map(line).collect()
    }

    fn judged(item: Option<Item>, amounts: &[i64]) -> Vec<(Why, i64)> {
        judge(item.as_ref(), &lines(amounts))
            .into_iter()
            .map(|differing| (differing.why, differing.bank_won - differing.book_won))
            .collect()
    }

    #[test]
    fn each_difference_has_its_name_and_explains_its_won() {
        let sold = || Some(item("confirmed", 900, 900));
        assert_eq!(judged(sold(), &[900]), []);
        assert_eq!(judged(sold(), &[900, 900]), [(Why::Double, 900)]);
        assert_eq!(judged(sold(), &[800, 900]), [(Why::Double, 800)]);
        assert_eq!(judged(sold(), &[800]), [(Why::OtherAmount, -100)]);
        let failed = || Some(item("failed", 900, 0));
        assert_eq!(judged(failed(), &[900]), [(Why::MissingHere, 900)]);
        assert_eq!(judged(failed(), &[800]), [(Why::OtherAmount, 800)]);
        assert_eq!(judged(None, &[5, -4]), [(Why::MissingHere, 5), (Why::MissingHere, -4)]);
        let sent = || Some(item("confirmed", -500, -500));
        assert_eq!(judged(sent(), &[-500]), []);
        assert_eq!(judged(sent(), &[-500, -500]), [(Why::Double, -500)]);
        assert_eq!(judged(Some(item("failed", -500, 0)), &[-500]), [(Why::MissingHere, -500)]);
        // What the bank has taken back is gone.
        assert_eq!(judged(sold(), &[900, 900, -900]), []);
        assert_eq!(judged(failed(), &[900, -900]), []);
        assert_eq!(judged(None, &[5, -5]), []);
        assert_eq!(judged(sold(), &[900, -900]), [(Why::MissingThere, -900)]);
        // The wrong way round is another amount.
        assert_eq!(judged(sent(), &[500]), [(Why::OtherAmount, 1_000)]);
    }
}
