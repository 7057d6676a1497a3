//! A form as it was posted: what was typed, and what is wrong with it, field by field. A refused form is
//! shown again with both; nothing that was typed is lost.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::header,
};
use leptos::prelude::*;

use super::Ctx;
use crate::word;

/// Largest body of an ordinary form, in bytes.
const FORM_BYTES_MAX: usize = 64 * 1024;
/// More than any single amount that this house knows, in won; keeps sums far from overflow.
const AMOUNT_WON_MAX: i64 = 1_000_000_000_000;

/// Values and errors of one form.
#[derive(Clone, Debug, Default)]
pub struct Form {
    values: Vec<(String, String)>,
    errors: Vec<(String, String)>,
}

/// A posted form with its request; a missing or foreign token is already an error of the form.
pub struct Posted {
    /// The request.
    pub ctx: Ctx,
    /// The form.
    pub form: Form,
}

impl FromRequest<crate::House> for Posted {
    type Rejection = axum::response::Response;

    async fn from_request(request: Request, house: &crate::House) -> Result<Self, Self::Rejection> {
        let (mut parts, body) = request.into_parts();
        let Ok(ctx) = Ctx::from_request_parts(&mut parts, house).await;
        let plain = parts
            .headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
        let body: Bytes = match axum::body::to_bytes(body, FORM_BYTES_MAX).await {
            Ok(body) => body,
            Err(_) => return Err(super::PageError::TooLarge.page(&ctx).await),
        };
        let values: Vec<(String, String)> =
            if plain { serde_urlencoded::from_bytes(&body).unwrap_or_default() } else { Vec::new() };
        let mut form = Form::of(values);
        form.check_token(&ctx);
        Ok(Self { ctx, form })
    }
}

/// How a field looks.
#[derive(Clone, Debug, Default)]
pub struct Field {
    /// Name in the form.
    pub name: &'static str,
    /// Label.
    pub label: String,
    /// What would be right, before anything is wrong.
    pub hint: Option<String>,
    /// `type` of the input; `text` if empty.
    pub kind: &'static str,
    /// `autocomplete`.
    pub autocomplete: &'static str,
    /// `inputmode`.
    pub inputmode: &'static str,
    /// May stay empty.
    pub optional: bool,
    /// Choices (value, label): makes it a select.
    pub choices: Vec<(String, String)>,
    /// Several lines.
    pub long: bool,
}

impl Form {
    /// A form nobody has filled yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A form with these values.
    pub fn of(values: Vec<(String, String)>) -> Self {
        Self { values, errors: Vec::new() }
    }

    /// Adds the form's error where its token is missing, old or somebody else's.
    pub fn check_token(&mut self, ctx: &Ctx) {
        if !ctx.house.people.check_form_token(&ctx.form_secret, self.get("_token")) {
            self.fail("", word!(ctx.lang, errors.token));
        }
    }

    /// What was typed; empty where nothing was.
    pub fn get(&self, name: &str) -> &str {
        self.values.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }

    /// Sets what a field shows.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        match self.values.iter_mut().find(|(key, _)| key == name) {
            Some((_, old)) => *old = value,
            None => self.values.push((name.to_owned(), value)),
        }
    }

    /// Whether a box is ticked.
    pub fn ticked(&self, name: &str) -> bool {
        !self.get(name).is_empty()
    }

    /// Says what is wrong with a field (`""`: with the form as a whole).
    pub fn fail(&mut self, name: &str, message: impl Into<String>) {
        if self.error(name).is_none() {
            self.errors.push((name.to_owned(), message.into()));
        }
    }

    /// What is wrong with a field.
    pub fn error(&self, name: &str) -> Option<&str> {
        self.errors.iter().find(|(key, _)| key == name).map(|(_, message)| message.as_str())
    }

    /// Whether anything is wrong.
    pub fn is_bad(&self) -> bool {
        !self.errors.is_empty()
    }

    /// A text of `min` to `max` characters, trimmed; `None` with a reason at the field if it is not.
    pub fn text(&mut self, ctx: &Ctx, name: &str, min: usize, max: usize) -> Option<String> {
        let value = self.get(name).trim().to_owned();
        let length = value.chars().count();
        if length == 0 && min > 0 {
            self.fail(name, word!(ctx.lang, errors.empty));
        } else if length < min {
            self.fail(name, word!(ctx.lang, errors.too_short, min = min));
        } else if length > max {
            self.fail(name, word!(ctx.lang, errors.too_long, max = max));
        } else {
            return Some(value);
        }
        None
    }

    /// An amount of won: digits, with thousands separators and 원 if the writer likes.
    pub fn won(&mut self, ctx: &Ctx, name: &str) -> Option<i64> {
        match read_won(self.get(name)) {
            Ok(value) => Some(value),
            Err(wrong) => {
                let lang = ctx.lang;
                let message = match wrong {
                    WrongAmount::Empty => word!(lang, errors.amount_empty),
                    WrongAmount::NotDigits => word!(lang, errors.amount_not_digits),
                    WrongAmount::Fraction => word!(lang, errors.amount_fraction),
                    WrongAmount::NotPositive => word!(lang, errors.amount_not_positive),
                    WrongAmount::TooLarge => word!(lang, errors.amount_too_large),
                };
                self.fail(name, message);
                None
            }
        }
    }

    /// An id chosen from a list.
    pub fn id(&mut self, ctx: &Ctx, name: &str) -> Option<i64> {
        let id = self.get(name).trim().parse().ok().filter(|id| *id > 0);
        if id.is_none() {
            self.fail(name, word!(ctx.lang, errors.choose));
        }
        id
    }

    /// Token and idempotency key that every form carries. The key is made once when the form is first shown
    /// and stays with it, so that posting twice does it once (DESIGN 3).
    pub fn hidden(&self, ctx: &Ctx) -> AnyView {
        let key = match self.get("_key") {
            "" => people::random_token(),
            key => key.chars().take(64).collect(),
        };
        view! {
            <input type="hidden" name="_token" value=ctx.form_token() />
            <input type="hidden" name="_key" value=key />
        }
        .into_any()
    }

    /// The idempotency key that came with the form.
    pub fn key(&self) -> String {
        match self.get("_key") {
            "" => people::random_token(),
            key => key.chars().take(64).collect(),
        }
    }

    /// The summary of what is wrong, for the top of the form.
    pub fn summary(&self, ctx: &Ctx) -> AnyView {
        if !self.is_bad() {
            return ().into_any();
        }
        let lines: Vec<_> = self
            .errors
            .iter()
            .map(|(name, message)| {
                let message = message.clone();
                if name.is_empty() {
                    view! { <li>{message}</li> }.into_any()
                } else {
                    view! { <li><a href=format!("#f-{name}")>{message}</a></li> }.into_any()
                }
            })
            .collect();
        view! {
            <div class="notice notice--danger" role="alert" tabindex="-1" id="form-errors">
                <p class="notice__title">{word!(ctx.lang, errors.form_title)}</p>
                <ul>{lines}</ul>
            </div>
        }
        .into_any()
    }

    /// One field with its label, hint and error.
    pub fn field(&self, ctx: &Ctx, field: Field) -> AnyView {
        let name = field.name;
        let id = format!("f-{name}");
        let error = self.error(name).map(str::to_owned);
        let described = match (&field.hint, &error) {
            (None, None) => None,
            (Some(_), None) => Some(format!("{id}-hint")),
            (None, Some(_)) => Some(format!("{id}-error")),
            (Some(_), Some(_)) => Some(format!("{id}-hint {id}-error")),
        };
        let invalid = error.as_ref().map(|_| "true");
        let value = self.get(name).to_owned();
        let required = !field.optional;
        let control = if !field.choices.is_empty() {
            let options: Vec<_> = field
                .choices
                .into_iter()
                .map(|(option, label)| {
                    let selected = option == value;
                    view! { <option value=option selected=selected>{label}</option> }
                })
                .collect();
            view! {
                <select class="select" id=id.clone() name=name aria-describedby=described aria-invalid=invalid
                    required=required>
                    {options}
                </select>
            }
            .into_any()
        } else if field.long {
            let kind = TextArea {
                id: id.clone(),
                name: name.to_owned(),
                value,
                described,
                invalid: error.is_some(),
                required,
            };
            kind.view()
        } else {
            let kind = if field.kind.is_empty() { "text" } else { field.kind };
            // A password that was typed is not sent back to the page.
            let value = if kind == "password" { String::new() } else { value };
            let autocomplete = (!field.autocomplete.is_empty()).then_some(field.autocomplete);
            let inputmode = (!field.inputmode.is_empty()).then_some(field.inputmode);
            view! {
                <input class="input" id=id.clone() name=name type=kind value=value autocomplete=autocomplete
                    inputmode=inputmode aria-describedby=described aria-invalid=invalid required=required />
            }
            .into_any()
        };
        let optional = field
            .optional
            .then(|| view! { <span class="field__optional">{word!(ctx.lang, common.optional)}</span> });
        view! {
            <div class="field" class:field--invalid=error.is_some()>
                <label class="field__label" for=id.clone()>{field.label}" "{optional}</label>
                {field.hint.map(|hint| view! { <p class="field__hint" id=format!("{id}-hint")>{hint}</p> })}
                {control}
                {error.map(|error| view! { <p class="field__error" id=format!("{id}-error")>{error}</p> })}
            </div>
        }
        .into_any()
    }
}

/// The one way to show a `<textarea>`: leptos 0.8 does not escape its content when it renders on the
/// server (FACTS section 6), so this does.
struct TextArea {
    id: String,
    name: String,
    value: String,
    described: Option<String>,
    invalid: bool,
    required: bool,
}

impl TextArea {
    fn view(self) -> AnyView {
        let value = self.value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        view! {
            <textarea class="textarea" id=self.id name=self.name rows="4" aria-describedby=self.described
                aria-invalid=self.invalid.then_some("true") required=self.required inner_html=value></textarea>
        }
        .into_any()
    }
}

/// What is wrong with an amount that somebody typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WrongAmount {
    Empty,
    NotDigits,
    Fraction,
    NotPositive,
    TooLarge,
}

/// Reads an amount of won as people type it.
fn read_won(typed: &str) -> Result<i64, WrongAmount> {
    let text: String = typed
        .chars()
        .map(|c| match c {
            '０'..='９' => char::from(b'0' + (c as u32 - '０' as u32) as u8),
            '−' | '－' | '–' => '-',
            '，' => ',',
            '．' => '.',
            c => c,
        })
        .filter(|c| !c.is_whitespace() && *c != ',')
        .collect();
    let text = text.trim_start_matches(['₩', '￦']).trim_end_matches('원');
    if text.is_empty() {
        return Err(WrongAmount::Empty);
    }
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    if let Some((whole, part)) = digits.split_once('.') {
        let all = |text: &str| text.chars().all(|c| c.is_ascii_digit());
        return Err(if all(whole) && all(part) { WrongAmount::Fraction } else { WrongAmount::NotDigits });
    }
    if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit()) {
        return Err(WrongAmount::NotDigits);
    }
    if negative {
        return Err(WrongAmount::NotPositive);
    }
    match digits.parse::<i64>() {
        Ok(0) => Err(WrongAmount::NotPositive),
        Ok(value) if value <= AMOUNT_WON_MAX => Ok(value),
        _ => Err(WrongAmount::TooLarge),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_as_people_type_it() {
        for typed in ["10000", "10,000", "10,000원", " ₩10000 ", "１００００"] {
            assert_eq!(read_won(typed), Ok(10_000), "{typed}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused_with_its_own_reason() {
        assert_eq!(read_won(""), Err(WrongAmount::Empty));
        assert_eq!(read_won("-1"), Err(WrongAmount::NotPositive));
        assert_eq!(read_won("0"), Err(WrongAmount::NotPositive));
        assert_eq!(read_won("1.5"), Err(WrongAmount::Fraction));
        assert_eq!(read_won("9,223,372,036,854,775,808"), Err(WrongAmount::TooLarge));
        assert_eq!(read_won("십만원"), Err(WrongAmount::NotDigits));
        assert_eq!(read_won("원"), Err(WrongAmount::Empty));
        assert_eq!(read_won("1e5"), Err(WrongAmount::NotDigits));
    }

    #[test]
    fn a_textarea_cannot_be_closed_from_inside() {
        let area = TextArea {
            id: "f".into(),
            name: "f".into(),
            value: "</textarea><script>alert(1)</script>".into(),
            described: None,
            invalid: false,
            required: false,
        };
        let html = Owner::new().with(|| area.view().to_html());
        assert!(!html.contains("<script>"), "{html}");
        assert!(html.contains("&lt;/textarea&gt;"), "{html}");
    }
}
