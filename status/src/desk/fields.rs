//! The pieces of the desk's forms: label, hint, field, and its error beside it, tied together for screen readers.

use leptos::prelude::*;

use super::form::{Errors, Typed};
use crate::{
    components::{Component, ComponentStatus},
    pages::{Icon, icon},
    words::{Lang, word},
};

/// A form being shown: what stands in it and what is wrong with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shown<'a> {
    /// The reader's language.
    pub(crate) lang: Lang,
    /// What stands in it.
    pub(crate) typed: &'a Typed,
    /// What is wrong.
    pub(crate) errors: &'a Errors,
}

/// One field's look.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// Its name and id.
    pub(crate) name: String,
    /// What it is.
    pub(crate) label: String,
    /// What helps.
    pub(crate) hint: Option<String>,
    /// The language of what is typed, where it differs from the page's.
    pub(crate) of_lang: Option<Lang>,
}

impl Field {
    /// A field without a hint.
    pub(crate) fn new(name: impl Into<String>, label: String) -> Self {
        Self {
            name: name.into(),
            label,
            hint: None,
            of_lang: None,
        }
    }

    /// With a hint.
    pub(crate) fn hint(self, hint: String) -> Self {
        Self {
            hint: Some(hint),
            ..self
        }
    }

    /// For text in this language.
    pub(crate) fn of_lang(self, lang: Lang) -> Self {
        Self {
            of_lang: Some(lang),
            ..self
        }
    }
}

/// What goes between `<textarea>` and `</textarea>`: leptos 0.8.23 does not encode it. The line break in front
/// is the one that HTML drops, so that a text's own first line break stays.
pub(crate) fn encoded(text: &str) -> String {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    format!("\n{text}")
}

impl Shown<'_> {
    fn described(&self, field: &Field) -> Option<String> {
        let hint = field.hint.is_some().then(|| format!("{}-hint", field.name));
        let error = self
            .errors
            .get(&field.name)
            .map(|_| format!("{}-error", field.name));
        let ids: Vec<String> = hint.into_iter().chain(error).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    fn frame(&self, field: &Field, control: AnyView) -> AnyView {
        let error = self.errors.get(&field.name).map(|error| {
            let error = error.to_owned();
            view! {
                <p class="error" id=format!("{}-error", field.name)>{icon(Icon::Error, "icon icon-s")}<span>{error}</span></p>
            }
        });
        let hint = field.hint.clone().map(|hint| {
            view! { <p class="hint" id=format!("{}-hint", field.name)>{hint}</p> }
        });
        view! {
            <div class="field">
                <label class="label" for=field.name.clone()>{field.label.clone()}</label>
                {hint}
                {control}
                {error}
            </div>
        }
        .into_any()
    }

    fn invalid(&self, field: &Field) -> Option<&'static str> {
        self.errors.get(&field.name).map(|_| "true")
    }

    /// One line.
    pub(crate) fn line(&self, field: &Field, kind: &'static str, autocomplete: &'static str) -> AnyView {
        // A password is never sent back.
        let value = if kind == "password" {
            String::new()
        } else {
            self.typed.get(&field.name).to_owned()
        };
        let control = view! {
            <input class="input" type=kind id=field.name.clone() name=field.name.clone() value=value
                lang=field.of_lang.map(Lang::code) autocomplete=autocomplete
                aria-describedby=self.described(field) aria-invalid=self.invalid(field)/>
        };
        self.frame(field, control.into_any())
    }

    /// Several lines.
    pub(crate) fn text(&self, field: &Field) -> AnyView {
        let control = view! {
            <textarea class="textarea" id=field.name.clone() name=field.name.clone() rows="5"
                lang=field.of_lang.map(Lang::code)
                aria-describedby=self.described(field) aria-invalid=self.invalid(field)>
                {encoded(self.typed.get(&field.name))}
            </textarea>
        };
        self.frame(field, control.into_any())
    }

    /// One of several: values and their words.
    pub(crate) fn choice(&self, field: &Field, options: Vec<(&'static str, String)>) -> AnyView {
        let chosen = self.typed.get(&field.name).to_owned();
        let options = options
            .into_iter()
            .map(|(value, text)| {
                let selected = value == chosen;
                view! { <option value=value selected=selected>{text}</option> }
            })
            .collect_view();
        let control = view! {
            <select class="select" id=field.name.clone() name=field.name.clone()
                aria-describedby=self.described(field) aria-invalid=self.invalid(field)>
                {options}
            </select>
        };
        self.frame(field, control.into_any())
    }

    /// A choice of state for each component.
    pub(crate) fn components(&self, components: &[Component]) -> AnyView {
        let lang = self.lang;
        let fields = components
            .iter()
            .map(|component| {
                let field = Field::new(
                    format!("component-{}", component.id),
                    component.name(lang).to_owned(),
                );
                let mut options = vec![("", word!(lang, desk.not_affected))];
                options.extend(ComponentStatus::ALL.map(|status| (status.as_str(), status.label(lang))));
                self.choice(&field, options)
            })
            .collect_view();
        view! {
            <fieldset class="fieldset">
                <legend>{word!(lang, desk.components)}</legend>
                <div class="field-row">{fields}</div>
            </fieldset>
        }
        .into_any()
    }

    /// The sentences that only a person may say: no probe knows them.
    pub(crate) fn claims(&self) -> AnyView {
        let lang = self.lang;
        let boxes = [
            ("claim_money", word!(lang, desk.claim_money)),
            ("claim_intrusion", word!(lang, desk.claim_intrusion)),
        ];
        let boxes = boxes
            .into_iter()
            .map(|(name, sentence)| {
                let checked = !self.typed.get(name).is_empty();
                view! {
                    <label class="choice">
                        <input type="checkbox" name=name value="yes" checked=checked/>
                        <span>{sentence}</span>
                    </label>
                }
            })
            .collect_view();
        view! {
            <fieldset class="fieldset">
                <legend>{word!(lang, desk.claims)}</legend>
                {boxes}
            </fieldset>
        }
        .into_any()
    }

    /// The list of what is wrong, at the top, with a way to each field.
    pub(crate) fn summary(&self) -> Option<AnyView> {
        if self.errors.is_empty() {
            return None;
        }
        let lang = self.lang;
        let items = self
            .errors
            .iter()
            .map(|(name, error)| {
                let label = label(lang, name);
                let text = if label.is_empty() {
                    error.clone()
                } else {
                    format!("{label}: {error}")
                };
                view! { <li><a href=format!("#{name}")>{text}</a></li> }
            })
            .collect_view();
        Some(
            view! {
                <div class="error-summary" role="alert" tabindex="-1" id="errors">
                    <h2>{word!(lang, desk.please_mend)}</h2>
                    <ul>{items}</ul>
                </div>
            }
            .into_any(),
        )
    }
}

/// A field's label by its name, for the list of errors.
fn label(lang: Lang, name: &str) -> String {
    match name {
        "title_ko" => word!(lang, desk.title_ko),
        "title_en" => word!(lang, desk.title_en),
        "body_ko" => word!(lang, desk.body_ko),
        "body_en" => word!(lang, desk.body_en),
        "status" => word!(lang, desk.status),
        "impact" => word!(lang, desk.impact),
        "started" => word!(lang, desk.started),
        "next" => word!(lang, desk.next),
        "from" => word!(lang, desk.from),
        "until" => word!(lang, desk.until),
        "login" => word!(lang, desk.login),
        "password" => word!(lang, desk.password),
        _ => String::new(),
    }
}

/// The hidden fields that every form of a session carries: whose it is, and its own number.
pub(crate) fn hidden(token: String, form: String) -> AnyView {
    view! {
        <input type="hidden" name="token" value=token/>
        <input type="hidden" name="form" value=form/>
    }
    .into_any()
}

/// A notice over a page.
pub(crate) fn notice(tone: &'static str, which: Icon, text: String) -> AnyView {
    view! {
        <div class="notice" data-tone=tone role="status">{icon(which, "icon")}<p>{text}</p></div>
    }
    .into_any()
}
