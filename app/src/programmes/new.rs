//! `/admin/programmes/new`: the rules are written, read once more as a resident will read them, and made.

use ledger::{Category, ExpiryRule, LedgerError, NewProgramme, ProgrammeKind, ProgrammeState, Restriction};
use people::Role;

use super::form::show;
use crate::{
    door::{Answer, Ctx, Form, Posted, day_end, day_start},
    shell, word, words,
};

/// Most months that money may hold, 20 years.
const MONTHS_MAX: i64 = 240;

/// GET `/admin/programmes/new`.
pub async fn get(ctx: Ctx) -> Answer {
    ctx.official(&[Role::Clerk])?;
    let mut form = Form::new();
    for (name, value) in [
        ("kind", "given"),
        ("expiry", "until"),
        ("months", "60"),
        ("revenue_limit", "3,000,000,000"),
        ("refund", "60"),
        ("discount", "10"),
    ] {
        form.set(name, value);
    }
    Ok(show(&ctx, form, None))
}

/// POST `/admin/programmes/new`: first shows what was written in words; with `made` it is made.
pub async fn post(posted: Posted) -> Answer {
    let Posted { ctx, mut form } = posted;
    let official = ctx.official(&[Role::Clerk])?;
    let lang = ctx.lang;
    let new = read(&ctx, &mut form, &format!("staff/{}", official.id));
    let Some(new) = new.filter(|_| !form.is_bad()) else {
        return Ok(show(&ctx, form, None));
    };
    let same = ctx.house.ledger.programmes(official.municipality).await?;
    if let Some(same) = same.iter().find(|programme| programme.name == new.name) {
        // Made in the last minutes with this name: the same form came twice.
        let again =
            form.ticked("made") && ctx.at - same.created_at < 600_000 && same.created_by == new.created_by;
        if again {
            return Ok(shell::redirect(&ctx, &format!("/admin/programmes/{}", same.id)));
        }
        form.fail("name", word!(lang, programmes.name_taken));
        return Ok(show(&ctx, form, None));
    }
    if !form.ticked("made") {
        return Ok(show(&ctx, form, Some(new)));
    }
    let name = new.name.clone();
    let id = match ctx
        .house
        .ledger
        .create_programme(official.municipality, new, ctx.at)
        .await
    {
        Ok(programme) => programme.id,
        Err(LedgerError::Refused(refusal)) => {
            form.fail("", words::refusal(lang, &refusal));
            return Ok(show(&ctx, form, None));
        }
        Err(other) => return Err(other.into()),
    };
    ctx.audit(&official, "programme.add", &format!("programme/{id}"), "")
        .await?;
    let said = word!(lang, programmes.made, name = name);
    Ok(shell::redirect_with(
        &ctx,
        &format!("/admin/programmes/{id}"),
        &said,
    ))
}

fn read(ctx: &Ctx, form: &mut Form, by: &str) -> Option<NewProgramme> {
    let lang = ctx.lang;
    let kind = ProgrammeKind::from_code(form.get("kind"));
    if kind.is_none() {
        form.fail("kind", word!(lang, errors.choose));
    }
    let sold = kind == Some(ProgrammeKind::Sold);
    let name = form.text(ctx, "name", 1, 40);
    let name_en = form.text(ctx, "name_en", 1, 60);
    let discount_bp = if sold { basis_points(ctx, form) } else { Some(0) };
    let monthly_limit_won = if sold {
        optional_won(ctx, form, "monthly_limit")
    } else {
        None
    };
    let holding_limit_won = if sold {
        optional_won(ctx, form, "holding_limit")
    } else {
        None
    };
    let monthly_budget_won = if sold {
        optional_won(ctx, form, "monthly_budget")
    } else {
        None
    };
    let expiry = read_expiry(ctx, form);
    let revenue_limit_won = optional_won(ctx, form, "revenue_limit");
    let barred_categories = Category::ALL
        .into_iter()
        .filter(|category| form.ticked(&barred_name(*category)))
        .collect();
    let refund_threshold_pct = if sold {
        refund_threshold(ctx, form)
    } else {
        Some(60)
    };
    let sale_from = if sold {
        form.date_if_any(ctx, "sale_from").map(day_start)
    } else {
        None
    };
    let sale_until = if sold {
        form.date_if_any(ctx, "sale_until").map(day_end)
    } else {
        None
    };
    if let (Some(from), Some(until)) = (sale_from, sale_until)
        && until <= from
    {
        form.fail("sale_until", word!(lang, programmes.sale_order));
    }
    Some(NewProgramme {
        kind: kind?,
        name: name?,
        name_en: name_en?,
        discount_bp: discount_bp?,
        monthly_limit_won,
        holding_limit_won,
        monthly_budget_won,
        expiry: expiry?,
        restriction: Restriction {
            revenue_limit_won,
            barred_categories,
        },
        refund_threshold_pct: refund_threshold_pct?,
        sale_from,
        sale_until,
        state: ProgrammeState::Draft,
        created_by: by.to_owned(),
    })
}

pub(super) fn read_expiry(ctx: &Ctx, form: &mut Form) -> Option<ExpiryRule> {
    let lang = ctx.lang;
    match form.get("expiry") {
        "months" => {
            let months = form
                .get("months")
                .trim()
                .parse()
                .ok()
                .filter(|months| (1..=MONTHS_MAX).contains(months));
            if months.is_none() {
                form.fail("months", word!(lang, programmes.months_wrong, max = MONTHS_MAX));
            }
            months.map(ExpiryRule::Months)
        }
        "until" => {
            let until = form.date(ctx, "until").map(day_end)?;
            if until <= ctx.at {
                form.fail("until", word!(lang, programmes.until_past));
            }
            Some(ExpiryRule::Until(until))
        }
        _ => {
            form.fail("expiry", word!(lang, errors.choose));
            None
        }
    }
}

/// A whole number of per cent.
pub(super) fn refund_threshold(ctx: &Ctx, form: &mut Form) -> Option<i64> {
    let typed = form.get("refund").trim().trim_end_matches('%');
    let refund = typed.parse().ok().filter(|pct| (0..=100).contains(pct));
    if refund.is_none() {
        form.fail("refund", word!(ctx.lang, programmes.refund_wrong));
    }
    refund
}

pub(super) fn optional_won(ctx: &Ctx, form: &mut Form, name: &str) -> Option<i64> {
    if form.get(name).trim().is_empty() {
        None
    } else {
        form.won(ctx, name)
    }
}

/// `10`, `7.5` or `10%` as basis points.
pub(super) fn basis_points(ctx: &Ctx, form: &mut Form) -> Option<i64> {
    let read = read_percent(form.get("discount"));
    if read.is_none() {
        form.fail("discount", word!(ctx.lang, programmes.discount_wrong));
    }
    read
}

fn read_percent(typed: &str) -> Option<i64> {
    let text = typed.trim().trim_end_matches('%').trim_end();
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    if whole.is_empty() || whole.len() > 2 || part.len() > 2 || !digits(whole) || !digits(part) {
        return None;
    }
    let part: i64 = format!("{part:0<2}").parse().ok()?;
    Some(whole.parse::<i64>().ok()? * 100 + part)
}

pub(super) fn barred_name(category: Category) -> String {
    format!("barred_{}", category.code())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_is_read_in_basis_points() {
        for (typed, expected) in [
            ("10", 1_000),
            ("7.5", 750),
            (" 12.25 % ", 1_225),
            ("0", 0),
            ("99.99%", 9_999),
        ] {
            assert_eq!(read_percent(typed), Some(expected), "{typed}");
        }
        for typed in ["", "-5", "100", "1.234", "ten", "."] {
            assert_eq!(read_percent(typed), None, "{typed}");
        }
    }
}
