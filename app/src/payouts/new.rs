//! `/admin/payouts/new`: a roster is handed in. Nothing is paid by it.

use axum::extract::Request;
use ledger::{Programme, ProgrammeState, Refusal};
use leptos::prelude::*;
use people::Role;

use super::{
    intake::{Intake, IntakeRefused},
    upload,
};
use crate::{
    door::{Answer, Ctx, Field, Form, PageError},
    shell::{self, Page, icon},
    word, words,
};

/// GET `/admin/payouts/new`.
pub async fn get(ctx: Ctx) -> Answer {
    let official = ctx.official(&[Role::Clerk])?;
    let programmes = open_programmes(&ctx, official.municipality).await?;
    Ok(show(&ctx, Form::new(), &programmes, None))
}

/// Programmes that can pay now; others would refuse every row.
pub async fn open_programmes(ctx: &Ctx, municipality: i64) -> Result<Vec<Programme>, PageError> {
    let mut list = ctx.house.ledger.programmes(municipality).await?;
    list.retain(|programme| {
        let ended = matches!(programme.expiry, ledger::ExpiryRule::Until(until) if until <= ctx.at);
        programme.state == ProgrammeState::Open && !ended
    });
    Ok(list)
}

/// The choice of a programme, given ones first.
pub fn programme_choices(ctx: &Ctx, programmes: &[Programme]) -> Vec<(String, String)> {
    let lang = ctx.lang;
    let mut choices = vec![(String::new(), word!(lang, payouts.choose_programme))];
    let mut sorted: Vec<&Programme> = programmes.iter().collect();
    sorted.sort_by_key(|programme| programme.kind == ledger::ProgrammeKind::Sold);
    choices.extend(sorted.into_iter().map(|programme| {
        let name = words::named(lang, &programme.name, &programme.name_en);
        let left = words::won(lang, programme.budget_left_won);
        (
            programme.id.to_string(),
            word!(lang, payouts.programme_with_budget, name = name, left = left),
        )
    }));
    choices
}

/// POST `/admin/payouts/new`, as a form with a file.
pub async fn post(ctx: Ctx, request: Request) -> Answer {
    let official = ctx.official(&[Role::Clerk])?;
    let lang = ctx.lang;
    let programmes = open_programmes(&ctx, official.municipality).await?;
    let (mut form, file) = upload::receive(&ctx, request, "file").await?;
    if form.is_bad() {
        return Ok(show(&ctx, form, &programmes, None));
    }
    let programme = form.id(&ctx, "programme");
    if programme.is_some_and(|id| programmes.iter().all(|one| one.id != id)) {
        form.fail("programme", word!(lang, errors.choose));
    }
    let title = form.text(&ctx, "title", 0, 100);
    if file.is_none() {
        form.fail("file", word!(lang, payouts.no_file));
    }
    let again_why = if form.ticked("again") {
        form.text(&ctx, "again_why", 2, 200)
    } else {
        None
    };
    let (Some(programme), Some(title), Some(file), false) = (programme, title, file, form.is_bad()) else {
        return Ok(show(&ctx, form, &programmes, None));
    };
    let house = ctx.house.clone();
    let (clerk, municipality, at) = (official.id, official.municipality, ctx.at);
    // On its own: a browser that goes away leaves no half roster behind.
    let taken = tokio::spawn(async move {
        let name = file.name.clone();
        let intake = Intake {
            ledger: &house.ledger,
            people: &house.people,
            municipality,
            clerk,
            programme,
            title: if title.is_empty() { stem(&name) } else { title },
            file_name: name,
            again_why,
            max_bytes: house.settings.roster_max_bytes,
            at,
        };
        intake.take(file.path()).await
    });
    match taken.await.map_err(PageError::inside)? {
        Ok(payout) => {
            let detail = format!(
                "{}/{}/{}",
                payout.ok_rows, payout.error_rows, payout.duplicate_rows
            );
            ctx.audit(
                &official,
                "payout.create",
                &format!("payout/{}", payout.id),
                &detail,
            )
            .await?;
            Ok(shell::redirect_with(
                &ctx,
                &format!("/admin/payouts/{}", payout.id),
                &word!(lang, payouts.was_checked),
            ))
        }
        Err(IntakeRefused::Broken(what)) => Err(PageError::Broken(what)),
        Err(refused) => {
            if let IntakeRefused::File(problem) = &refused {
                ctx.audit(&official, "payout.refused", "payout/new", problem.code())
                    .await?;
            }
            let earlier = match &refused {
                IntakeRefused::Ledger(Refusal::SameFile { payout }) => {
                    Some(ctx.house.ledger.payout(municipality, *payout).await?)
                }
                _ => None,
            };
            match refused {
                IntakeRefused::Ledger(Refusal::Invalid { .. }) => form.fail("title", refused.message(lang)),
                IntakeRefused::Ledger(Refusal::UnknownProgramme) => {
                    form.fail("programme", refused.message(lang));
                }
                _ => form.fail("file", refused.message(lang)),
            }
            let earlier = earlier.map(|payout| (payout.id, payout.title));
            Ok(show(&ctx, form, &programmes, earlier))
        }
    }
}

/// A file's name without its ending.
fn stem(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem).trim();
    if stem.is_empty() {
        name.to_owned()
    } else {
        stem.to_owned()
    }
}

fn show(
    ctx: &Ctx,
    form: Form,
    programmes: &[Programme],
    earlier: Option<(i64, String)>,
) -> axum::response::Response {
    let lang = ctx.lang;
    let page = Page::new(word!(lang, payouts.new))
        .narrow()
        .refused_if(form.is_bad());
    shell::page(ctx, page, || {
        let above = vec![("/admin/payouts".to_owned(), word!(lang, payouts.title))];
        let body = if programmes.is_empty() {
            let action = ("/admin/programmes", word!(lang, payouts.to_programmes));
            shell::empty(
                "card",
                word!(lang, payouts.no_programme),
                word!(lang, payouts.no_programme_text),
                Some(action),
            )
        } else {
            upload_form(ctx, &form, programmes, earlier)
        };
        view! {
            {shell::breadcrumb(word!(lang, payouts.way), above, word!(lang, payouts.new))}
            {shell::page_head(word!(lang, payouts.new), Some(word!(lang, payouts.new_lead)), ())}
            {body}
        }
    })
}

fn upload_form(ctx: &Ctx, form: &Form, programmes: &[Programme], earlier: Option<(i64, String)>) -> AnyView {
    let lang = ctx.lang;
    let programme = Field {
        name: "programme",
        label: word!(lang, payouts.programme),
        choices: programme_choices(ctx, programmes),
        ..Field::default()
    };
    let title = Field {
        name: "title",
        label: word!(lang, payouts.name),
        hint: Some(word!(lang, payouts.name_hint)),
        autocomplete: "off",
        optional: true,
        ..Field::default()
    };
    let again = earlier.is_some() || form.ticked("again");
    let earlier = earlier.map(|(id, title)| {
        let link = view! { <a href=format!("/admin/payouts/{id}")>{title}</a> };
        shell::notice("warning", Some(word!(lang, payouts.same_file_title)), link)
    });
    let again = again.then(|| {
        let why = Field {
            name: "again_why",
            label: word!(lang, repeats.again_why),
            hint: Some(word!(lang, repeats.again_why_hint)),
            autocomplete: "off",
            optional: true,
            ..Field::default()
        };
        view! {
            <fieldset class="fieldset">
                <legend>{word!(lang, repeats.again_title)}</legend>
                {form.tick("again", word!(lang, repeats.again), Some(word!(lang, repeats.again_hint)))}
                {form.field(ctx, why)}
            </fieldset>
        }
    });
    // The fields stand before the file: the token is checked before the file is read.
    view! {
        <form class="form form-wide" method="post" enctype="multipart/form-data" novalidate=true>
            {form.hidden(ctx)}
            {form.summary(ctx)}
            {earlier}
            {form.field(ctx, programme)}
            {form.field(ctx, title)}
            {again}
            {file_field(ctx, form)}
            <details class="details">
                <summary>{word!(lang, payouts.how_title)}</summary>
                <div class="details-body stack">
                    <p>{word!(lang, payouts.how_columns)}</p>
                    <p>{word!(lang, payouts.how_numbers)}</p>
                    <p>{word!(lang, payouts.how_rrn)}</p>
                </div>
            </details>
            <div class="form-actions">
                <button class="button button-primary" type="submit">{word!(lang, payouts.check)}</button>
                <a class="button" href="/admin/payouts">{word!(lang, common.cancel)}</a>
            </div>
        </form>
    }
    .into_any()
}

fn file_field(ctx: &Ctx, form: &Form) -> AnyView {
    let lang = ctx.lang;
    let error = form.error("file").map(str::to_owned);
    let described = if error.is_some() {
        "f-file-hint f-file-error"
    } else {
        "f-file-hint"
    };
    let invalid = error.as_ref().map(|_| "true");
    let limit = words::bytes(ctx.house.settings.roster_max_bytes);
    view! {
        <div class="field">
            <label class="file-drop" for="f-file">
                <span class="strong">{word!(lang, payouts.file)}</span>
                <span class="hint" id="f-file-hint">{word!(lang, payouts.file_hint, limit = limit)}</span>
                <input type="file" id="f-file" name="file" required=true aria-describedby=described aria-invalid=invalid
                    accept=".xlsx,.csv,.tsv,.txt,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" />
            </label>
            {error.map(|error| view! { <p class="error" id="f-file-error">{icon("error", "icon icon-s")}<span>{error}</span></p> })}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payout_without_a_title_is_called_as_its_file() {
        assert_eq!(stem("11월 청년수당.xlsx"), "11월 청년수당");
        assert_eq!(stem(".csv"), ".csv");
        assert_eq!(stem("명단"), "명단");
    }
}
