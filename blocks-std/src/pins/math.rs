//! The pins of the blocks of the family `math`.

use graphloom::Value;

graphloom::pins! {
    /// `math.calculate`: Adds, subtracts, multiplies, divides, takes the remainder or the power of two numbers.
    pub mod calculate: Calculate = "math.calculate" {
        in {
            /// What to do.
            operation: String,
            /// The first number.
            a: f64,
            /// The second number: what is added, subtracted, multiplied or divided by, or the exponent.
            b: f64,
            /// Rounds the result to a whole number; halves go to the even neighbour.
            round: bool,
        }
        out {
            /// The result.
            result: f64,
        }
    }

    /// `math.count_items`: Counts the items of a list, the entries of a map or the characters of a text.
    pub mod count_items: CountItems = "math.count_items" {
        in {
            /// What to count: a list, a map or a text.
            collection: Value,
        }
        out {
            /// How many there are.
            count: i64,
        }
    }
}

pub use self::calculate::Calculate;
pub use self::count_items::CountItems;
