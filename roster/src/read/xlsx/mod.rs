//! Workbooks (.xlsx), streamed: a zip of XML parts of which the sheet is read row by row.
//!
//! Memory: the texts shared between cells (bounded by `max_shared_bytes`) and one row. What is unpacked is
//! counted as it comes, because a zip bomb lies about its size.

mod package;
mod shared;
mod sheet;
mod styles;
mod xml;

pub(crate) use package::Workbook;
