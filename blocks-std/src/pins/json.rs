//! The pins of the blocks of the family `json`.

use graphloom::Value;

graphloom::pins! {
    /// `json.parse`: Reads a JSON text.
    pub mod parse: Parse = "json.parse" {
        in {
            /// The JSON text, nothing before or behind it but blanks.
            text: String,
        }
        out {
            /// What it says.
            value: Value,
        }
    }

    /// `json.patch`: Changes a value as a patch says.
    pub mod patch: Patch = "json.patch" {
        in {
            /// The value to change.
            document: Value,
            /// The changes: a list of operations such as `{"op": "replace", "path": "/a", "value": 1}`, or, for `merge`, a map
            /// of what is new, with null for what goes.
            patch: Value,
            /// What the patch is.
            kind: String,
        }
        out {
            /// The value with the changes.
            document: Value,
        }
    }

    /// `json.query`: Finds what a JSONPath means in a value.
    pub mod query: Query = "json.query" {
        in {
            /// Where to look.
            value: Value,
            /// What to look for, for example `$.books[?@.price < 10].title`.
            path: String,
            /// Tells where each value was found too.
            with_paths: bool,
        }
        out {
            /// All that was found, perhaps nothing.
            values: Vec<Value>,
            /// The first that was found; nothing is emitted if there is none.
            first: Value,
            /// Where each was found, as a path such as `$['books'][0]['title']`, if that is asked for.
            paths: Vec<String>,
        }
    }

    /// `json.schema_check`: Checks whether a value is as a JSON Schema says.
    pub mod schema_check: SchemaCheck = "json.schema_check" {
        in {
            /// The value to check.
            value: Value,
            /// What it should be, for example `{"type": "object", "required": ["name"]}`.
            schema: Value,
            /// Checks formats such as `email`, `date` and `uri` too; otherwise `format` is only a remark.
            formats: bool,
        }
        out {
            /// The value, if it is as the schema says.
            valid: Value,
            /// What is wrong with it, if anything is: at most 100 mistakes.
            errors: Vec<graphloom::value::Map>,
        }
    }

    /// `json.write`: Writes a value as JSON.
    pub mod write: Write = "json.write" {
        in {
            /// The value to write.
            value: Value,
            /// Breaks lines and indents by two blanks; otherwise all is one line without blanks.
            pretty: bool,
            /// Sorts the keys of maps, so that equal values give equal texts; otherwise keys stand in the order in which they
            /// came.
            sort_keys: bool,
        }
        out {
            /// The JSON text.
            text: String,
        }
    }
}

pub use self::parse::Parse;
pub use self::patch::Patch;
pub use self::query::Query;
pub use self::schema_check::SchemaCheck;
pub use self::write::Write;
