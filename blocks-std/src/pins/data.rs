//! The pins of the blocks of the family `data`.

use graphloom::Value;

graphloom::pins! {
    /// `data.convert`: Converts a value to a type; one that would lose its meaning is an error.
    pub mod convert: Convert = "data.convert" {
        in {
            /// The value to convert.
            value: Value,
            /// The type to convert it to.
            r#type("type"): String,
        }
        out {
            /// The converted value.
            value: Value,
        }
    }

    /// `data.store`: Emits a value that stays for all later firings of what it feeds.
    pub mod store: Store = "data.store" {
        in {
            /// The value, or what triggers the emission of the data.
            input: Value,
            /// What to emit instead of the input; null counts.
            data: Value,
        }
        out {
            /// The data if there is any, else the input.
            output: Value,
        }
    }
}

pub use self::convert::Convert;
pub use self::store::Store;
