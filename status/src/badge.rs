//! `/badge.svg` and `/badge/{component}.svg`: the state in a picture that other sites show. A word and a sign, not
//! a colour alone; no font of anyone's; the width is estimated and then enforced by `textLength`.

use std::fmt::Write as _;

use crate::{
    components::ComponentStatus,
    incidents::Impact,
    pages::{Reader, headline},
    snapshot::{Kind, Made, World},
    words::word,
};

/// The badges: their addresses, and of which component; `None`: of all together.
pub(crate) fn all(world: &World) -> Vec<(String, Option<String>)> {
    let one = |id: &String| (format!("/badge/{id}.svg"), Some(id.clone()));
    let mut badges = vec![("/badge.svg".to_owned(), None)];
    badges.extend(world.components.iter().map(|component| one(&component.id)));
    badges
}

/// About how wide a text of 11 px is (px): what is not ASCII is square.
fn width(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 7 } else { 11 }).sum()
}

fn encoded(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// White text on these has a contrast of more than 4.5.
fn colour(impact: Impact) -> &'static str {
    match impact {
        Impact::None => "#0a6b3b",
        Impact::Maintenance => "#0b4390",
        Impact::Minor => "#7a5200",
        Impact::Major | Impact::Critical => "#b3261e",
    }
}

/// The badge.
pub(crate) fn render(component: Option<&str>, reader: Reader<'_>, world: &World) -> Made {
    let lang = reader.lang;
    let (label, state, impact) = match component.and_then(|id| world.component(id)) {
        Some(component) => {
            let state: ComponentStatus = world.state(&component.id);
            (
                component.name(lang).to_owned(),
                state.label(lang),
                Impact::of_component(state),
            )
        }
        None => (
            format!("{} {}", reader.house.page.name(lang), word!(lang, badge.label)),
            headline(reader, world),
            world.impact(),
        ),
    };
    let sign = match impact {
        Impact::None => "✓",
        Impact::Maintenance => "●",
        Impact::Minor => "–",
        Impact::Major | Impact::Critical => "✕",
    };
    let (left, right) = (width(&label), width(&state));
    let (split, whole) = (left + 16, left + right + 16 + 32);
    let (label, state, colour) = (encoded(&label), encoded(&state), colour(impact));
    let mut svg = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{whole}\" height=\"24\" viewBox=\"0 0 {whole} 24\" \
         role=\"img\" aria-label=\"{label}: {state}\"><title>{label}: {state}</title>\
         <rect width=\"{whole}\" height=\"24\" rx=\"4\" fill=\"{colour}\"/>\
         <path d=\"M4 0h{}v24H4a4 4 0 0 1-4-4V4a4 4 0 0 1 4-4z\" fill=\"#333\"/>\
         <g fill=\"#fff\" font-family=\"sans-serif\" font-size=\"11\" font-weight=\"700\">\
         <text x=\"8\" y=\"16\" textLength=\"{left}\" lengthAdjust=\"spacingAndGlyphs\">{label}</text>\
         <text x=\"{}\" y=\"16\">{sign}</text>\
         <text x=\"{}\" y=\"16\" textLength=\"{right}\" lengthAdjust=\"spacingAndGlyphs\">{state}</text></g></svg>",
        split - 4,
        split + 8,
        split + 22,
    );
    Made::new(Kind::Badge, Some(lang), svg.into())
}
