//! YAML: texts and values.

use crate::family::family;

mod exact;
mod read;

family! {
    parse::Parse,
    write::Write,
}
