//! Excel workbooks.

mod texts;
mod workbook;

use crate::family::family;

pub(crate) use texts::texts;
pub(crate) use workbook::sheet;

family! {
    read::Read,
}
