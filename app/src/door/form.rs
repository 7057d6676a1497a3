//! A form as it was posted: what was typed, and what is wrong with it, field by field. A refused form is
//! shown again with both; nothing that was typed is lost.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::header,
};

use super::{
    Ctx,
    amount::{WrongAmount, read_won},
};
use crate::{calm, word};

/// Largest body of an ordinary form, in bytes.
const FORM_BYTES_MAX: usize = 64 * 1024;

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
        let values: Vec<(String, String)> = if plain {
            serde_urlencoded::from_bytes(&body).unwrap_or_default()
        } else {
            Vec::new()
        };
        let mut form = Form::of(values);
        form.check_token(&ctx);
        if let Some(put_off) = put_off(&ctx, parts.uri.path(), &form) {
            return Err(put_off);
        }
        Ok(Self { ctx, form })
    }
}

/// What goes on while the database is away: it needs none, or does here what can be done.
const ALWAYS: [&str; 2] = ["/settings", "/logout"];

/// The answer to a change that cannot be made now, with what was typed; nothing of it is begun.
fn put_off(ctx: &Ctx, path: &str, form: &Form) -> Option<axum::response::Response> {
    let away = ctx.store_away || ctx.house.condition() != store::Condition::Well;
    (away && !ALWAYS.contains(&path)).then(|| calm::not_now(ctx, form, calm::Done::Nothing))
}

impl Form {
    /// A form nobody has filled yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A form with these values.
    pub fn of(values: Vec<(String, String)>) -> Self {
        Self {
            values,
            errors: Vec::new(),
        }
    }

    /// Adds the form's error where its token is missing, old or somebody else's.
    pub fn check_token(&mut self, ctx: &Ctx) {
        if !ctx
            .house
            .people
            .check_form_token(&ctx.form_secret, self.get("_token"))
        {
            self.fail("", word!(ctx.lang, errors.token));
        }
    }

    /// What was typed; empty where nothing was.
    pub fn get(&self, name: &str) -> &str {
        self.values
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value.as_str())
    }

    /// All that was typed: (field, value), in the order of the form.
    pub(crate) fn typed(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
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

    /// All that is wrong: (field, message), in the order it was found.
    pub(super) fn all_errors(&self) -> impl Iterator<Item = (&str, &str)> {
        self.errors
            .iter()
            .map(|(name, message)| (name.as_str(), message.as_str()))
    }

    /// What is wrong with a field.
    pub fn error(&self, name: &str) -> Option<&str> {
        self.errors
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, message)| message.as_str())
    }

    /// Whether anything is wrong.
    pub fn is_bad(&self) -> bool {
        !self.errors.is_empty()
    }

    /// A text of `min` to `max` characters, trimmed; `None` with a reason at the field if it is not.
    pub fn text(&mut self, ctx: &Ctx, name: &str, min: usize, max: usize) -> Option<String> {
        if self.drop_resident_number(ctx, name) {
            return None;
        }
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

    /// Empties a field that holds what looks like a resident registration number, with the reason: such a
    /// number is never kept, and never shown again (DESIGN 13). Gives whether it did.
    pub fn drop_resident_number(&mut self, ctx: &Ctx, name: &str) -> bool {
        let found = people::looks_like_registration_number(self.get(name));
        if found {
            self.set(name, "");
            self.fail(name, word!(ctx.lang, problems.registration_number));
        }
        found
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

    /// The idempotency key that came with the form.
    pub fn key(&self) -> String {
        match self.get("_key") {
            "" => people::random_token(),
            key => key.chars().take(64).collect(),
        }
    }
}
