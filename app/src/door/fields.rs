//! How a form's parts look: fields with label, hint and error, boxes to tick, and the summary of errors.
//! The classes are style/README.md's.

use leptos::prelude::*;

use super::{Ctx, Form};
use crate::{shell::icon, word};

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
    /// May stay empty, and that needs no word: searches and filters.
    pub plain: bool,
    /// Choices (value, label): makes it a select.
    pub choices: Vec<(String, String)>,
    /// Several lines.
    pub long: bool,
    /// An amount of won: large, with its unit (give the unit's word).
    pub unit: Option<String>,
    /// One more class of the input: `input-short`, `input-code`.
    pub class: &'static str,
}

/// One choice of a list of radio buttons.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// Value in the form.
    pub value: String,
    /// What it is.
    pub label: String,
    /// More about it, under the label.
    pub hint: String,
}

impl Form {
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

    /// Fields of earlier steps that go along unseen.
    pub fn carry(&self, names: &[&'static str]) -> AnyView {
        names
            .iter()
            .map(|name| view! { <input type="hidden" name=*name value=self.get(name).to_owned() /> })
            .collect::<Vec<_>>()
            .into_any()
    }

    /// The summary of what is wrong, for the top of the form.
    pub fn summary(&self, ctx: &Ctx) -> AnyView {
        if !self.is_bad() {
            return ().into_any();
        }
        let lines: Vec<_> = self
            .all_errors()
            .map(|(name, message)| {
                let message = message.to_owned();
                if name.is_empty() {
                    view! { <li>{message}</li> }.into_any()
                } else {
                    view! { <li><a href=format!("#f-{name}")>{message}</a></li> }.into_any()
                }
            })
            .collect();
        view! {
            <div class="error-summary" role="alert" tabindex="-1" id="form-errors">
                <h2>{word!(ctx.lang, errors.form_title)}</h2>
                <ul>{lines}</ul>
            </div>
        }
        .into_any()
    }

    fn error_line(&self, id: &str, name: &str) -> Option<AnyView> {
        let message = self.error(name)?.to_owned();
        let id = format!("{id}-error");
        Some(
            view! { <p class="error" id=id>{icon("error", "icon icon-s")}<span>{message}</span></p> }
                .into_any(),
        )
    }

    /// One field with its label, hint and error.
    pub fn field(&self, ctx: &Ctx, field: Field) -> AnyView {
        let name = field.name;
        let id = format!("f-{name}");
        let error = self.error_line(&id, name);
        let described = match (&field.hint, &error) {
            (None, None) => None,
            (Some(_), None) => Some(format!("{id}-hint")),
            (None, Some(_)) => Some(format!("{id}-error")),
            (Some(_), Some(_)) => Some(format!("{id}-hint {id}-error")),
        };
        let invalid = error.as_ref().map(|_| "true");
        let value = self.get(name).to_owned();
        let required = !field.optional && !field.plain;
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
            let invalid = invalid.is_some();
            TextArea {
                id: id.clone(),
                name: name.to_owned(),
                value,
                described,
                invalid,
                required,
            }
            .view()
        } else {
            let kind = if field.kind.is_empty() { "text" } else { field.kind };
            // A password that was typed is not sent back to the page.
            let value = if kind == "password" { String::new() } else { value };
            let autocomplete = (!field.autocomplete.is_empty()).then_some(field.autocomplete);
            let inputmode = (!field.inputmode.is_empty()).then_some(field.inputmode);
            let class = format!("input {}", field.class);
            let input = view! {
                <input class=class.trim_end().to_owned() id=id.clone() name=name type=kind value=value
                    autocomplete=autocomplete inputmode=inputmode aria-describedby=described aria-invalid=invalid
                    required=required />
            };
            match field.unit {
                Some(unit) => view! {
                    <span class="input-amount">{input}<span class="unit" aria-hidden="true">{unit}</span></span>
                }
                .into_any(),
                None => input.into_any(),
            }
        };
        let optional = field
            .optional
            .then(|| view! { " "<span class="optional">{word!(ctx.lang, common.optional)}</span> });
        view! {
            <div class="field">
                <label class="label" for=id.clone()>{field.label}{optional}</label>
                {field.hint.map(|hint| view! { <p class="hint" id=format!("{id}-hint")>{hint}</p> })}
                {control}
                {error}
            </div>
        }
        .into_any()
    }

    /// A box to tick, with a line below its label.
    pub fn tick(&self, name: &'static str, label: String, hint: Option<String>) -> AnyView {
        let id = format!("f-{name}");
        let error = self.error_line(&id, name);
        let invalid = error.as_ref().map(|_| "true");
        let described = error.as_ref().map(|_| format!("{id}-error"));
        view! {
            <div class="field">
                <label class="choice" for=id.clone()>
                    <input type="checkbox" id=id.clone() name=name value="1" checked=self.ticked(name)
                        aria-invalid=invalid aria-describedby=described />
                    <span>{label}{hint.map(|hint| view! { <span class="hint">{hint}</span> })}</span>
                </label>
                {error}
            </div>
        }
        .into_any()
    }

    /// A list of which one is chosen.
    pub fn radios(&self, name: &'static str, legend: String, choices: Vec<Choice>) -> AnyView {
        let id = format!("f-{name}");
        let error = self.error_line(&id, name);
        let invalid = error.as_ref().map(|_| "true");
        let described = error.as_ref().map(|_| format!("{id}-error"));
        let value = self.get(name).to_owned();
        let choices: Vec<_> = choices
            .into_iter()
            .enumerate()
            .map(|(index, choice)| {
                let checked = choice.value == value;
                // The summary of errors leads to the first one.
                let own = if index == 0 {
                    id.clone()
                } else {
                    format!("{id}-{index}")
                };
                let hint =
                    (!choice.hint.is_empty()).then(|| view! { <span class="hint">{choice.hint}</span> });
                view! {
                    <label class="choice choice-card">
                        <input type="radio" id=own name=name value=choice.value checked=checked />
                        <span>{choice.label}{hint}</span>
                    </label>
                }
            })
            .collect();
        view! {
            <fieldset class="fieldset" aria-invalid=invalid aria-describedby=described>
                <legend>{legend}</legend>
                <div class="stack stack-s">{choices}</div>
                {error}
            </fieldset>
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
        let value = self
            .value
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        view! {
            <textarea class="textarea" id=self.id name=self.name rows="4" aria-describedby=self.described
                aria-invalid=self.invalid.then_some("true") required=self.required inner_html=value></textarea>
        }
        .into_any()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
