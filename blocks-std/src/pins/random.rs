//! The pins of the blocks of the family `random`.

use graphloom::Value;

graphloom::pins! {
    /// `random.choice`: Draws one item of a list by chance.
    pub mod choice: Choice = "random.choice" {
        in {
            /// The list to draw from.
            input_list: Vec<Value>,
            /// How likely each item is, in proportion to the others, in the order of the list; all alike without them.
            weights: Option<Vec<f64>>,
        }
        out {
            /// The item.
            item: Value,
            /// Its place in the list, from 0.
            index: i64,
        }
    }

    /// `random.number`: Draws a number by chance.
    pub mod number: Number = "random.number" {
        in {
            /// Any value: it says when to draw, not what.
            trigger: Value,
            /// The smallest number that may be drawn.
            min: f64,
            /// The largest number that may be drawn. If both are whole, so is what is drawn.
            max: f64,
        }
        out {
            /// The number.
            number: f64,
        }
    }

    /// `random.sample`: Draws some items of a list by chance, none twice.
    pub mod sample: Sample = "random.sample" {
        in {
            /// The list to draw from.
            input_list: Vec<Value>,
            /// How many items to draw; as many as the list has: all of them in a new order.
            size: i64,
            /// Keeps the items in the order of the list.
            keep_order: bool,
        }
        out {
            /// The items, in the order in which they were drawn.
            sample: Vec<Value>,
            /// Their places in the list, from 0.
            indices: Vec<i64>,
        }
    }
}

pub use self::choice::Choice;
pub use self::number::Number;
pub use self::sample::Sample;
