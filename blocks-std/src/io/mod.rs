//! Inputs and outputs of a graph, and notes.

use crate::family::family;

pub(crate) mod choice;
pub(crate) mod given;
mod moment;

family! {
    input::InputValue,
    input_text::InputText,
    input_long_text::InputLongText,
    input_integer::InputInteger,
    input_toggle::InputToggle,
    input_date::InputDate,
    input_time::InputTime,
    input_choice::InputChoice,
    input_table::InputTable,
    note::Note,
    output::OutputValue,
}
