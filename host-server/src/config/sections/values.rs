//! Values that blocks keep beyond a run.

use crate::config::section::section;
use crate::lent::ValueLimits;

section! {
    /// Values that blocks keep beyond a run (`kv.*`).
    Values in "values." {
        /// How large one may be, in bytes of JSON.
        max_value_bytes: u64 = 1_048_576, 1..=1_073_741_824;
        /// How large all of a tenant may be together, with their names, in bytes.
        max_bytes: u64 = 268_435_456, 1..=1_099_511_627_776;
    }
}

impl Values {
    /// Returns them as the application takes them.
    #[must_use]
    pub fn limits(&self) -> ValueLimits {
        ValueLimits {
            max_value_bytes: self.max_value_bytes,
            max_bytes: self.max_bytes,
        }
    }
}
