//! The lines of a payout's result, a page at a time: the official's own columns as they were, the outcome after them.
//!
//! Like the page it is masked until names were asked for with a reason: names are hidden, and no own column is there.
//! Memory: one page of rows, and their cells.

use std::collections::HashMap;

use ledger::payouts::{Payout, PayoutRow, RowOutcome};

use super::{intake::OWN, rows, said};
use crate::{
    door::{Ctx, Official, PageError},
    reveals, word,
};

/// Rows asked for at once.
const PAGE: i64 = 1_000;
/// Pages of own cells asked for at once.
const OWN_PAGES: i64 = 8;

/// Where a reading of a payout's rows is.
pub(super) struct Lines {
    ctx: Ctx,
    official: Official,
    payout: Payout,
    /// The payout whose file has the own columns, and what stands over them.
    own: Option<(i64, Vec<String>)>,
    /// Whether names were asked for with a reason.
    bare: bool,
    after: i64,
    ended: bool,
}

impl Lines {
    pub(super) async fn of(ctx: &Ctx, official: &Official, payout: Payout) -> Result<Self, PageError> {
        let bare = reveals::is_bare(ctx, official, &format!("payout/{}", payout.id)).await?;
        let own = if bare {
            ctx.house.ledger.payout_file(&payout).await?
        } else {
            None
        };
        Ok(Self {
            ctx: ctx.clone(),
            official: official.clone(),
            payout,
            own,
            bare,
            after: -1,
            ended: false,
        })
    }

    /// What stands over the columns.
    pub(super) fn head(&self) -> Vec<String> {
        let lang = self.ctx.lang;
        let mut head = match &self.own {
            // No amount of ours beside theirs: a result that is mended and handed in anew has one.
            Some((_, header)) => header.clone(),
            None => vec![
                word!(lang, payouts.row),
                word!(lang, payouts.person),
                word!(lang, payouts.amount),
            ],
        };
        head.extend([word!(lang, payouts.outcome), word!(lang, payouts.why)]);
        head
    }

    /// Nothing more is to be read.
    pub(super) fn end(&mut self) {
        self.ended = true;
    }

    /// The next lines; `None` at the end. An error breaks the file off, so that nobody takes half of it for the whole.
    pub(super) async fn next(&mut self) -> std::io::Result<Option<Vec<Vec<String>>>> {
        if self.ended {
            return Ok(None);
        }
        let page = self
            .ctx
            .house
            .ledger
            .payout_rows(self.official.municipality, self.payout.id, None, self.after, PAGE)
            .await
            .map_err(std::io::Error::other)?;
        self.ended = (page.len() as i64) < PAGE;
        let (Some(first), Some(last)) = (page.first(), page.last()) else {
            return Ok(None);
        };
        self.after = last.checked.row;
        let mut own = match &self.own {
            Some((file, _)) => self.own_cells(*file, first.checked.row, last.checked.row).await?,
            None => HashMap::new(),
        };
        let lines = page
            .iter()
            .map(|row| self.line(row, own.remove(&row.checked.row)))
            .collect();
        Ok(Some(lines))
    }

    /// The own cells of the rows from `first` to `last`.
    async fn own_cells(
        &self,
        file: i64,
        first: i64,
        last: i64,
    ) -> std::io::Result<HashMap<i64, Vec<String>>> {
        let (house, municipality) = (&self.ctx.house, self.official.municipality);
        let mut found = HashMap::new();
        let mut from = first;
        while from <= last {
            let pages = house
                .ledger
                .payout_own(municipality, file, from, OWN_PAGES)
                .await
                .map_err(std::io::Error::other)?;
            let Some(end) = pages.last().map(|page| page.last_row) else {
                break;
            };
            for page in pages.iter().filter(|page| page.first_row <= last) {
                let text = house
                    .people
                    .unseal_as(municipality, OWN, &page.sealed)
                    .map_err(std::io::Error::other)?;
                let cells: Vec<(i64, Vec<String>)> =
                    // The message of serde_json would quote the data.
                    serde_json::from_str(&text).map_err(|_| std::io::Error::other("unreadable cells"))?;
                found.extend(cells.into_iter().filter(|(row, _)| (first..=last).contains(row)));
            }
            if end < from {
                break;
            }
            from = end + 1;
        }
        Ok(found)
    }

    fn line(&self, row: &PayoutRow, own: Option<Vec<String>>) -> Vec<String> {
        let lang = self.ctx.lang;
        let mut line = if let Some((_, header)) = &self.own {
            let mut cells = own.unwrap_or_default();
            // A row wider than the header would push the outcome aside.
            cells.resize(header.len(), String::new());
            cells
        } else {
            let opened = rows::open(&self.ctx.house.people, &self.official, row, self.bare);
            let amount = if row.checked.outcome == RowOutcome::Ok {
                row.checked.amount_won.to_string()
            } else {
                String::new()
            };
            vec![row.checked.row.to_string(), opened.name, amount]
        };
        line.extend([said::outcome(lang, row).1, said::why(lang, row)]);
        line
    }
}
