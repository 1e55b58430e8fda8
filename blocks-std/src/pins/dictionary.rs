//! The pins of the blocks of the family `dictionary`.

use graphloom::Value;

graphloom::pins! {
    /// `dictionary.add_entries`: Sets one or more keys of a dictionary.
    pub mod add_entries: AddEntries = "dictionary.add_entries" {
        in {
            /// The dictionary to add to. Default: an empty one.
            dictionary: graphloom::value::Map,
            /// One key to set. Default, and "": none.
            key: String,
            /// The value for `key`. Default: none, and nothing is set. A null that is given is set.
            value: Value,
            /// Keys and values to set, after `key`. Default: none.
            entries: graphloom::value::Map,
        }
        out {
            /// The dictionary with the new entries; a key that was there keeps its place.
            updated_dictionary: graphloom::value::Map,
        }
    }

    /// `dictionary.create`: Makes a dictionary of the given entries.
    pub mod create: Create = "dictionary.create" {
        in {
            /// The entries; a link to `values.name` sets one of them.
            values: graphloom::value::Map,
        }
        out {
            /// The dictionary.
            dictionary: graphloom::value::Map,
        }
    }

    /// `dictionary.find_value`: Returns the value at a key of a dictionary, or at an index of a list.
    pub mod find_value: FindValue = "dictionary.find_value" {
        in {
            /// The dictionary, or the list.
            input: Value,
            /// The key in a dictionary; in a list the index, 0 for the first item, -1 for the last.
            key: Value,
        }
        out {
            /// The value, which may be null.
            output: Value,
            /// What was looked through, if there is no such key or index, or it is neither a dictionary nor a list.
            missing: Value,
        }
    }

    /// `dictionary.is_empty`: Says whether a dictionary is empty.
    pub mod is_empty: IsEmpty = "dictionary.is_empty" {
        in {
            /// The dictionary.
            dictionary: graphloom::value::Map,
        }
        out {
            /// True if it has no entries.
            is_empty: bool,
        }
    }

    /// `dictionary.keys`: Lists the keys and the values of a dictionary.
    pub mod keys: Keys = "dictionary.keys" {
        in {
            /// The dictionary.
            dictionary: graphloom::value::Map,
        }
        out {
            /// Its keys, in their order.
            keys: Vec<String>,
            /// Its values, in the same order.
            values: Vec<Value>,
            /// How many entries it has.
            count: i64,
        }
    }

    /// `dictionary.merge`: Puts the entries of several dictionaries into one.
    pub mod merge: Merge = "dictionary.merge" {
        in {
            /// The dictionaries. Where two have a key, the later one's value holds.
            dictionaries: Vec<graphloom::value::Map>,
            /// Merges dictionaries that stand at the same key too, in place of taking the later one.
            deep: bool,
        }
        out {
            /// All entries; each key stands where it came first.
            dictionary: graphloom::value::Map,
        }
    }

    /// `dictionary.pick`: Takes some entries of a dictionary.
    pub mod pick: Pick = "dictionary.pick" {
        in {
            /// The dictionary.
            dictionary: graphloom::value::Map,
            /// The keys of the entries to take.
            keys: Vec<String>,
            /// Fails where a key is not there, in place of leaving it out.
            strict: bool,
        }
        out {
            /// The entries with these keys, in the order of the keys.
            picked: graphloom::value::Map,
            /// The other entries, in their order.
            rest: graphloom::value::Map,
        }
    }

    /// `dictionary.remove_entry`: Removes a key of a dictionary.
    pub mod remove_entry: RemoveEntry = "dictionary.remove_entry" {
        in {
            /// The dictionary.
            dictionary: graphloom::value::Map,
            /// The key to remove.
            key: Value,
            /// Returns the value that was removed. Default: false.
            return_value: bool,
        }
        out {
            /// The dictionary without the key; the rest keeps its order.
            updated_dictionary: graphloom::value::Map,
            /// The value that was removed, if asked for.
            removed_value: Value,
        }
    }

    /// `dictionary.replace_value`: Puts a value in the place of another in a dictionary.
    pub mod replace_value: ReplaceValue = "dictionary.replace_value" {
        in {
            /// The dictionary.
            dictionary: graphloom::value::Map,
            /// The key whose value is replaced; it must be there.
            key: Value,
            /// The new value.
            value: Value,
        }
        out {
            /// The dictionary with the new value, at the same place.
            updated_dictionary: graphloom::value::Map,
            /// The value that was there.
            old_value: Value,
        }
    }
}

pub use self::add_entries::AddEntries;
pub use self::create::Create;
pub use self::find_value::FindValue;
pub use self::is_empty::IsEmpty;
pub use self::keys::Keys;
pub use self::merge::Merge;
pub use self::pick::Pick;
pub use self::remove_entry::RemoveEntry;
pub use self::replace_value::ReplaceValue;
