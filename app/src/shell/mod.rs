//! The frame of every page: head, header, banner of an open incident, content, footer with the help line.

mod answer;
mod frame;
mod settings;

pub use answer::{Page, attachment, json, page, problem, redirect, redirect_with};
pub use settings::post as post_settings;
