//! The frame of every page: head, header, banner of an open incident, content, footer with the help line.

mod answer;
pub mod csv;
mod frame;
mod parts;
mod settings;
pub mod sheet;
mod table;

pub use answer::{Page, Width, attachment, json, page, problem, redirect, redirect_with};
pub use frame::icon;
pub use parts::{breadcrumb, empty, money, notice, page_head};
pub use settings::post as post_settings;
pub use table::{Column, Row, badge, pages, table};
