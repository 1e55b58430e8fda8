//! The pins of the blocks of the family `kv`.

use graphloom::Value;

graphloom::pins! {
    /// `kv.delete`: Forgets the value that was kept under a key.
    pub mod delete: Delete = "kv.delete" {
        in {
            /// The key, of at most 1,024 bytes.
            key: String,
            /// Whether this agent's runs share it, or those of all agents.
            scope: String,
        }
        out {
            /// Whether something was kept under the key. A repeated attempt says no where the first one has forgotten it.
            found: bool,
        }
    }

    /// `kv.get`: Returns the value that was kept under a key.
    pub mod get: Get = "kv.get" {
        in {
            /// The key, of at most 1,024 bytes.
            key: String,
            /// Whether this agent's runs share it, or those of all agents.
            scope: String,
            /// What to emit if nothing is kept under the key; without it, that is an error.
            default: Value,
        }
        out {
            /// The value, or the default.
            value: Value,
            /// Whether something was kept under the key.
            found: bool,
        }
    }

    /// `kv.put`: Keeps a value under a key for later runs.
    pub mod put: Put = "kv.put" {
        in {
            /// Under which key, of at most 1,024 bytes.
            key: String,
            /// The value to keep.
            value: Value,
            /// Whether this agent's runs share it, or those of all agents.
            scope: String,
        }
        out {
            /// The value, once it is kept.
            value: Value,
        }
    }
}

pub use self::delete::Delete;
pub use self::get::Get;
pub use self::put::Put;
