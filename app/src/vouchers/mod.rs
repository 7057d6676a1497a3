//! `/admin/vouchers`: value for one person, or for some, typed in by hand. It goes the way of every payout:
//! each line is judged as a roster's row is, and a second official approves it.

mod lines;
mod view;

use ledger::payouts::{NewPayout, NewRow, PayoutKind};
use people::Role;
use roster::{CheckedRow, Failure, Outcome};

use crate::{
    access::ANY_OFFICIAL,
    door::{Answer, Ctx, Form, Official, PageError, Posted},
    payouts::{self, IntakeRefused, check_options, error_field, kept_row, open_programmes, roster_lang},
    shell, word, words,
};

/// Most lines of one form; more is a roster's work.
const LINES_MAX: usize = 500;

/// GET `/admin/vouchers`.
pub async fn get(ctx: Ctx) -> Answer {
    let official = ctx.official(ANY_OFFICIAL)?;
    let mut form = Form::new();
    form.set("how", "one");
    view::show(&ctx, &official, form).await
}

/// POST `/admin/vouchers`: checked and handed in for approval, or the form again.
pub async fn post(posted: Posted) -> Answer {
    let Posted { ctx, mut form } = posted;
    let official = ctx.official(&[Role::Clerk])?;
    let lang = ctx.lang;
    let many = form.get("how") == "many";
    let programmes = open_programmes(&ctx, official.municipality).await?;
    let programme = form.id(&ctx, "programme");
    if programme.is_some_and(|id| programmes.iter().all(|one| one.id != id)) {
        form.fail("programme", word!(lang, errors.choose));
    }
    let reason = form.text(&ctx, "reason", 2, 100);
    let rows = if many {
        read_many(&ctx, &official, &mut form)?
    } else {
        read_one(&ctx, &official, &mut form)?
    };
    let (Some(programme), Some(reason), Some(rows), false) = (programme, reason, rows, form.is_bad()) else {
        return view::show(&ctx, &official, form).await;
    };
    let kind = if many {
        PayoutKind::Voucher
    } else {
        PayoutKind::Single
    };
    let total: i64 = rows.iter().map(|row| row.amount_won).sum();
    let count = rows.len();
    let new = NewPayout::new(kind, programme, reason, official.id);
    match payouts::hand_in(&ctx, &official, &form, new, rows).await? {
        Ok(payout) => {
            let said = word!(
                lang,
                vouchers.asked,
                count = count,
                amount = words::won(lang, total)
            );
            Ok(shell::redirect_with(
                &ctx,
                &format!("/admin/payouts/{payout}"),
                &said,
            ))
        }
        Err(refusal) => {
            form.fail("", words::refusal(lang, &refusal));
            view::show(&ctx, &official, form).await
        }
    }
}

/// The one person of the form: a roster of one row.
fn read_one(ctx: &Ctx, official: &Official, form: &mut Form) -> Result<Option<Vec<NewRow>>, PageError> {
    for name in ["name", "birth", "phone", "amount"] {
        form.drop_resident_number(ctx, name);
    }
    if form.is_bad() {
        return Ok(None);
    }
    let cells = ["name", "birth", "phone", "amount"].map(|name| form.get(name).trim().to_owned());
    let rows = match judge(ctx, official, &[cells])? {
        Ok(rows) => rows,
        Err(problem) => {
            form.fail("", problem);
            return Ok(None);
        }
    };
    let mut kept = Vec::new();
    for row in &rows {
        if let Outcome::Error { why, .. } = &row.outcome {
            form.fail(error_field(*why), why.message(roster_lang(ctx.lang)));
        }
        kept.push(kept_row(&ctx.house.people, official.municipality, row).map_err(broken)?);
    }
    if kept.is_empty() {
        form.fail("name", word!(ctx.lang, errors.empty));
    }
    Ok((!form.is_bad()).then_some(kept))
}

/// The people of the lines; each line that is wrong is said by its number.
fn read_many(ctx: &Ctx, official: &Official, form: &mut Form) -> Result<Option<Vec<NewRow>>, PageError> {
    let lang = ctx.lang;
    let clean = lines::without_resident_numbers(form.get("lines"));
    if clean != form.get("lines") {
        form.set("lines", clean);
        form.fail("lines", word!(lang, vouchers.registration_numbers));
        return Ok(None);
    }
    let lines = lines::split(form.get("lines"));
    if lines.is_empty() {
        form.fail("lines", word!(lang, vouchers.no_lines));
        return Ok(None);
    }
    if lines.len() > LINES_MAX {
        form.fail("lines", word!(lang, vouchers.too_many, max = LINES_MAX));
        return Ok(None);
    }
    let (numbers, cells): (Vec<usize>, Vec<[String; 4]>) = lines.into_iter().unzip();
    let rows = match judge(ctx, official, &cells)? {
        Ok(rows) => rows,
        Err(problem) => {
            form.fail("lines", problem);
            return Ok(None);
        }
    };
    // Row 1 is the header; a line that vanished (a sum, say) leaves its number out.
    let line_of = |row: u32| numbers.get(row as usize - 2).copied().unwrap_or_default();
    let mut wrong = Vec::new();
    let mut kept = Vec::new();
    for row in &rows {
        let line = line_of(row.row);
        match &row.outcome {
            Outcome::Ok(_) => {
                let mut row = kept_row(&ctx.house.people, official.municipality, row).map_err(broken)?;
                row.row = line as i64;
                kept.push(row);
            }
            Outcome::Error { why, .. } => {
                wrong.push(word!(
                    lang,
                    vouchers.line_wrong,
                    line = line,
                    why = why.message(roster_lang(lang))
                ));
            }
            Outcome::Duplicate { of_row } => {
                wrong.push(word!(
                    lang,
                    vouchers.line_twice,
                    line = line,
                    other = line_of(*of_row)
                ));
            }
        }
    }
    if !wrong.is_empty() {
        let more = wrong.len().saturating_sub(10);
        wrong.truncate(10);
        if more > 0 {
            wrong.push(word!(lang, vouchers.and_more, count = more));
        }
        form.fail("lines", wrong.join(" "));
        return Ok(None);
    }
    Ok(Some(kept))
}

/// The check of a roster, on lines that were typed: the same code, in memory. The inner error is a file's
/// problem (a resident registration number, say) in the reader's language.
fn judge(
    ctx: &Ctx,
    official: &Official,
    cells: &[[String; 4]],
) -> Result<Result<Vec<CheckedRow>, String>, PageError> {
    let file = lines::as_roster(cells).map_err(PageError::inside)?;
    let mut options = check_options(ctx.house.settings.roster_max_bytes, Some(official.municipality));
    options.today = words::day_of(ctx.at);
    let mut rows = Vec::new();
    let checked = roster::check(std::io::Cursor::new(file), &options, &mut |row| {
        rows.push(row);
        Ok::<_, std::convert::Infallible>(())
    });
    Ok(match checked {
        Ok(_) => Ok(rows),
        Err(Failure::Problem(roster::FileProblem::NoRows)) => Ok(Vec::new()),
        Err(Failure::Problem(problem @ roster::FileProblem::ResidentNumber { .. })) => {
            tracing::info!(code = problem.code(), "typed lines were refused");
            Err(word!(ctx.lang, problems.registration_number))
        }
        Err(Failure::Problem(problem)) => Err(problem.message(roster_lang(ctx.lang))),
        Err(Failure::Sink(never)) => match never {},
    })
}

fn broken(refused: IntakeRefused) -> PageError {
    PageError::Broken(refused.message(crate::words::Lang::en))
}
