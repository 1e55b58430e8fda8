//! The pins of the blocks of the family `id`.

use graphloom::Value;

graphloom::pins! {
    /// `id.new`: Makes a UUID, a name that nothing else has.
    pub mod new: New = "id.new" {
        in {
            /// Any value: it says when to make an id, not what.
            trigger: Value,
            /// Which version of UUID.
            kind: String,
        }
        out {
            /// The id.
            id: String,
        }
    }
}

pub use self::new::New;
