//! The pins of the blocks of the family `flow`.

use graphloom::Value;

graphloom::pins! {
    /// `flow.each`: Emits the items of a list or map one after the other, each with its key.
    pub mod each: Each = "flow.each" {
        in {
            /// The list or map to go through.
            items: Value,
        }
        out {
            /// The next item.
            item: Value,
            /// Its place in the list, from 0, or its key in the map.
            key: Value,
        }
    }

    /// `flow.if`: Compares two values and sends one on its way: yes or no.
    pub mod r#if: If = "flow.if" {
        in {
            /// The value to compare.
            value: Value,
            /// How to compare.
            operator: String,
            /// What to compare it with.
            other: Value,
            /// What to emit when the comparison holds, instead of the value; null counts.
            yes_value: Value,
            /// What to emit when it does not, instead of the value; null counts.
            no_value: Value,
        }
        out {
            /// Whether the comparison holds.
            result: bool,
            /// The value, or what stands for it, when it does.
            yes: Value,
            /// The value, or what stands for it, when it does not.
            no: Value,
        }
    }

    /// `flow.review`: Waits until a person approves or rejects a value, and sends it one way or the other.
    pub mod review: Review = "flow.review" {
        in {
            /// The value to look at.
            data: Value,
            /// What the review is called; an answer names it.
            name: String,
            /// Whether the person may change the value.
            editable: bool,
        }
        out {
            /// The value, as the person left it, if it was approved.
            approved_data: Value,
            /// The value, as the person left it, if it was rejected.
            rejected_data: Value,
            /// What the person said to it, if anything.
            review_message: String,
        }
    }
}

pub use each::Each;
pub use r#if::If;
pub use review::Review;
