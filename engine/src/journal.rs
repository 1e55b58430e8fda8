//! How events are kept: the format of rows and lines, for those who write a store or read an export.
//!
//! docs/formats/journal.md describes it.

mod export;

pub use crate::event::{
    JOURNAL_FORMAT, Row, RowError, kind_name, kind_of, read_line, read_row, write_line, write_row,
};
pub use export::Export;
