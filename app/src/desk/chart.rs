//! Charts, drawn on the server: SVG that a page carries, without a script, a style or a picture of another file.
//!
//! A drawing has a name and says in a sentence what it shows; the numbers stand in the table beside it. No text is in
//! the drawing itself, so that it may be stretched to any width while words keep their size: axes are words of the page.
//! Series differ in fill and outline, never by colour alone (style/chart.css).

use std::fmt::Write as _;

use leptos::prelude::*;

/// Width of one place on the axis, and height of a drawing, in its own units.
const PLACE: i64 = 100;
const HEIGHT: i64 = 1_000;

/// One row of numbers along the axis.
#[derive(Clone, Debug)]
pub(super) struct Series {
    pub(super) name: String,
    pub(super) values: Vec<i64>,
}

/// What stands around a drawing.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    /// Unique on the page.
    pub(super) id: String,
    /// What it is.
    pub(super) title: String,
    /// What it shows, in a sentence.
    pub(super) says: String,
    /// The top of the axis, in words.
    pub(super) top: String,
    /// First, (middle,) last place of the axis, in words.
    pub(super) axis: Vec<String>,
}

/// Bars side by side, one of each series at each place.
pub(super) fn bars(frame: Frame, series: &[Series]) -> AnyView {
    let places = series.iter().map(|one| one.values.len()).max().unwrap_or(0);
    let top = top_of(series);
    let paths = series
        .iter()
        .enumerate()
        .map(|(number, one)| {
            (
                class_of(number),
                bars_path(&one.values, top, number, series.len()),
            )
        })
        .collect();
    drawing(frame, places, series, paths)
}

/// A line from place to place, with what is under it.
pub(super) fn line(frame: Frame, one: Series) -> AnyView {
    let series = [one];
    let top = top_of(&series);
    let places = series[0].values.len();
    let path = line_path(&series[0].values, top);
    drawing(frame, places, &series, vec![("chart-area", path)])
}

/// A share as a bar for the cell of a table, where the number stands beside it.
pub(super) fn share(won: i64, of: i64) -> AnyView {
    let width = if of <= 0 {
        0
    } else {
        (won.max(0).saturating_mul(1_000) / of).min(1_000)
    };
    view! {
        <svg class="chart-share" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
            <rect class="chart-a" width=width.to_string() height="10"></rect>
        </svg>
    }
    .into_any()
}

/// The highest value, at least 1.
fn top_of(series: &[Series]) -> i64 {
    let values = series.iter().flat_map(|one| &one.values);
    values.copied().max().unwrap_or(0).max(1)
}

fn class_of(number: usize) -> &'static str {
    if number == 0 { "chart-a" } else { "chart-b" }
}

fn drawing(frame: Frame, places: usize, series: &[Series], paths: Vec<(&'static str, String)>) -> AnyView {
    let width = PLACE * i64::try_from(places.max(1)).unwrap_or(1);
    let (title_id, says_id) = (format!("{}-title", frame.id), format!("{}-says", frame.id));
    let labelled = format!("{title_id} {says_id}");
    let half = HEIGHT / 2;
    let grid = format!("M0 0H{width}M0 {half}H{width}M0 {HEIGHT}H{width}");
    let legend = (series.len() > 1).then(|| {
        let keys: Vec<_> = series
            .iter()
            .enumerate()
            .map(|(number, one)| {
                view! {
                    <span class="chart-key">
                        <svg viewBox="0 0 10 10" aria-hidden="true"><rect class=class_of(number) width="10" height="10"></rect></svg>
                        {one.name.clone()}
                    </span>
                }
            })
            .collect();
        view! { <span class="chart-keys">{keys}</span> }
    });
    let paths: Vec<_> = paths
        .into_iter()
        .map(|(class, path)| view! { <path class=class d=path></path> })
        .collect();
    let axis: Vec<_> = frame
        .axis
        .into_iter()
        .map(|word| view! { <span>{word}</span> })
        .collect();
    view! {
        <figure class="chart">
            <figcaption class="chart-head"><span class="strong">{frame.title.clone()}</span>{legend}</figcaption>
            <p class="chart-top">{frame.top}</p>
            <svg class="chart-plot" viewBox=format!("0 0 {width} {HEIGHT}") preserveAspectRatio="none" role="img" aria-labelledby=labelled>
                <title id=title_id>{frame.title}</title>
                <desc id=says_id>{frame.says}</desc>
                <path class="chart-grid" d=grid></path>
                {paths}
            </svg>
            <p class="chart-axis" aria-hidden="true">{axis}</p>
        </figure>
    }
    .into_any()
}

/// Each bar of series `number` of `of`, as one path; what is below zero is not drawn (the table says it).
fn bars_path(values: &[i64], top: i64, number: usize, of: usize) -> String {
    // A fifth of the place is air; the rest is shared.
    let room = PLACE * 4 / 5 / i64::try_from(of.max(1)).unwrap_or(1);
    let offset = PLACE / 10 + room * i64::try_from(number).unwrap_or(0);
    let mut path = String::new();
    for (place, value) in values.iter().enumerate() {
        let height = height_of(*value, top);
        if height > 0 {
            let x = PLACE * i64::try_from(place).unwrap_or(0) + offset;
            let _ = write!(path, "M{x} {HEIGHT}v-{height}h{room}v{height}z");
        }
    }
    path
}

fn line_path(values: &[i64], top: i64) -> String {
    let mut path = String::new();
    for (place, value) in values.iter().enumerate() {
        let x = PLACE * i64::try_from(place).unwrap_or(0) + PLACE / 2;
        let y = HEIGHT - height_of(*value, top);
        let _ = match place {
            0 => write!(path, "M{x} {HEIGHT}V{y}"),
            _ => write!(path, "L{x} {y}"),
        };
    }
    if !path.is_empty() {
        let _ = write!(path, "V{HEIGHT}z");
    }
    path
}

/// From 0 to the whole height; something is never drawn as nothing.
fn height_of(value: i64, top: i64) -> i64 {
    if value <= 0 {
        return 0;
    }
    let height = i128::from(value) * i128::from(HEIGHT) / i128::from(top.max(1));
    i64::try_from(height).unwrap_or(HEIGHT).clamp(2, HEIGHT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_bar_reaches_the_top_and_the_smallest_is_seen() {
        assert_eq!(
            bars_path(&[10, 5, 0, -3], 10, 0, 1),
            "M10 1000v-1000h80v1000zM110 1000v-500h80v500z"
        );
        assert_eq!(bars_path(&[10], 10, 1, 2), "M50 1000v-1000h40v1000z");
        assert_eq!(height_of(1, i64::MAX), 2);
        assert_eq!(height_of(i64::MAX, 1), HEIGHT);
    }

    #[test]
    fn a_line_is_closed_along_the_ground() {
        assert_eq!(line_path(&[10, 5], 10), "M50 1000V0L150 500V1000z");
        assert_eq!(line_path(&[], 10), "");
    }
}
