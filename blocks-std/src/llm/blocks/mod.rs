//! The blocks that ask a model once, or a few times.

mod asking;
mod conversation;
mod structured;
mod tagged;

use crate::family::family;

family! {
    chat::Chat,
    decide::Decide,
    generate_list::GenerateList,
    generate_object::GenerateObject,
    generate_text::GenerateText,
    summarize::Summarize,
}
