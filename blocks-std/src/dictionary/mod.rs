//! Dictionaries: maps from text to any value.

mod key;

use crate::family::family;

pub(crate) use key::Key;

family! {
    add_entries::AddEntries,
    create::Create,
    find_value::FindValue,
    is_empty::IsEmpty,
    keys::Keys,
    merge::Merge,
    pick::Pick,
    remove_entry::RemoveEntry,
    replace_value::ReplaceValue,
}
