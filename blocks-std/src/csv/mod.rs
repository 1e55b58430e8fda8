//! Tables as text, a line a row.

use crate::family::family;

mod dialect;
pub(crate) mod rows;
mod scalar;

family! {
    parse::Parse,
    write::Write,
}
