//! Which part of the history is shown: period, programme, kind, and of which municipality. All of it stands
//! in the address, so that a page can be kept and the file is the same selection.

use jiff::{ToSpan, civil::Date};
use ledger::{Cursor, HistoryFilter, Programme, ProgrammeState, TransferKind};
use leptos::prelude::*;

use crate::{
    door::{Citizen, Ctx, Field, Form, PageError, day_end, day_start},
    wallet::municipality_name,
    word, words,
};

/// What happens in a wallet; funding a budget does not.
const KINDS: [TransferKind; 12] = [
    TransferKind::Pay,
    TransferKind::Cancel,
    TransferKind::Sell,
    TransferKind::Grant,
    TransferKind::Refund,
    TransferKind::Gift,
    TransferKind::GiftClaim,
    TransferKind::GiftReturn,
    TransferKind::Expire,
    TransferKind::TakeBack,
    TransferKind::Hold,
    TransferKind::Release,
];

/// What was asked for.
pub(super) struct Filters {
    pub(super) municipality: i64,
    pub(super) holder: i64,
    pub(super) filter: HistoryFilter,
    pub(super) cursor: Option<Cursor>,
    from: Option<Date>,
    until: Option<Date>,
}

impl Filters {
    /// Reads the address. A municipality where this person holds nothing is no page at all.
    pub(super) fn read(ctx: &Ctx, citizen: &Citizen, form: &mut Form) -> Result<Self, PageError> {
        let wished = form.get("m").parse::<i64>().ok();
        let found = match wished {
            Some(code) => citizen
                .holders
                .iter()
                .find(|(municipality, _)| *municipality == code),
            None => citizen.holders.first(),
        };
        let (municipality, holder) = *found.ok_or(PageError::NotFound)?;
        let from = form.date_if_any(ctx, "from");
        let until = form.date_if_any(ctx, "until");
        if let (Some(from), Some(until)) = (from, until)
            && until < from
        {
            form.fail("until", word!(ctx.lang, history.bad_order));
        }
        let filter = HistoryFilter {
            from: from.map(day_start),
            until: until.map(day_end),
            programme: form.get("programme").parse().ok(),
            kind: TransferKind::from_code(form.get("kind")),
        };
        let cursor = form.get("after").parse().ok();
        Ok(Self {
            municipality,
            holder,
            filter,
            cursor,
            from,
            until,
        })
    }

    /// Whether anything is left out.
    pub(super) fn is_any(&self) -> bool {
        self.filter != HistoryFilter::default() || self.cursor.is_some()
    }

    /// The same selection in an address, from another place on.
    pub(super) fn query(&self, after: Option<Cursor>) -> String {
        self.query_from(self.from, self.until, after)
    }

    fn query_from(&self, from: Option<Date>, until: Option<Date>, after: Option<Cursor>) -> String {
        let mut list = vec![("m", self.municipality.to_string())];
        list.extend(from.map(|from| ("from", from.to_string())));
        list.extend(until.map(|until| ("until", until.to_string())));
        list.extend(
            self.filter
                .programme
                .map(|programme| ("programme", programme.to_string())),
        );
        list.extend(self.filter.kind.map(|kind| ("kind", kind.code().to_owned())));
        list.extend(after.map(|after| ("after", after.to_string())));
        serde_urlencoded::to_string(list).unwrap_or_default()
    }

    fn chips(&self, ctx: &Ctx) -> AnyView {
        let lang = ctx.lang;
        let today = words::day_of(ctx.at);
        let chip = |from: Option<Date>, label: String| {
            let current = (self.from == from && self.until.is_none()).then_some("true");
            let href = format!("/wallet/history?{}", self.query_from(from, None, None));
            view! { <a class="chip" href=href aria-current=current>{label}</a> }
        };
        view! {
            <nav class="chips" aria-label=word!(lang, history.period)>
                {chip(None, word!(lang, history.ever))}
                {chip(Some(today.saturating_sub(1.month())), word!(lang, history.month_1))}
                {chip(Some(today.saturating_sub(3.months())), word!(lang, history.month_3))}
                {chip(Some(today.saturating_sub(12.months())), word!(lang, history.month_12))}
            </nav>
        }
        .into_any()
    }

    /// The form.
    pub(super) fn view(
        &self,
        ctx: &Ctx,
        form: &Form,
        programmes: Vec<Programme>,
        citizen: &Citizen,
    ) -> AnyView {
        let lang = ctx.lang;
        let all = || (String::new(), word!(lang, history.all));
        let of_programmes = std::iter::once(all())
            .chain(
                programmes
                    .into_iter()
                    .filter(|programme| programme.state != ProgrammeState::Draft)
                    .map(|programme| {
                        let name = words::named(lang, &programme.name, &programme.name_en).to_owned();
                        (programme.id.to_string(), name)
                    }),
            )
            .collect();
        let of_kinds = std::iter::once(all())
            .chain(
                KINDS
                    .iter()
                    .map(|kind| (kind.code().to_owned(), words::transfer_kind(lang, *kind))),
            )
            .collect();
        let municipality = if citizen.holders.len() > 1 {
            let places = citizen
                .holders
                .iter()
                .map(|(code, _)| (code.to_string(), municipality_name(ctx, *code)));
            let label = word!(lang, history.municipality);
            let field = Field {
                name: "m",
                label,
                choices: places.collect(),
                plain: true,
                ..Field::default()
            };
            form.field(ctx, field)
        } else {
            ().into_any()
        };
        let field = |name, label, kind, choices| {
            form.field(
                ctx,
                Field {
                    name,
                    label,
                    kind,
                    choices,
                    plain: true,
                    ..Field::default()
                },
            )
        };
        view! {
            <div class="stack">
                {self.chips(ctx)}
                <form class="filters" method="get" action="/wallet/history" aria-label=word!(lang, history.filters)>
                    {municipality}
                    {field("from", word!(lang, history.from), "date", Vec::new())}
                    {field("until", word!(lang, history.until), "date", Vec::new())}
                    {field("programme", word!(lang, history.programme), "", of_programmes)}
                    {field("kind", word!(lang, history.kind), "", of_kinds)}
                    <button class="button" type="submit">{word!(lang, history.show)}</button>
                </form>
            </div>
        }
        .into_any()
    }
}
