//! The pins of the blocks of the family `math`.

use graphloom::Value;

graphloom::pins! {
    /// `math.aggregate`: Makes one number of many: sum, mean, smallest, largest or median.
    pub mod aggregate: Aggregate = "math.aggregate" {
        in {
            /// The numbers.
            numbers: Vec<f64>,
            /// Which number to make of them.
            operation: String,
        }
        out {
            /// The number.
            result: f64,
        }
    }

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

    /// `math.round`: Rounds a number.
    pub mod round: Round = "math.round" {
        in {
            /// The number.
            number: f64,
            /// How many digits to leave after the point; -2 rounds to hundreds.
            digits: i64,
            /// Which of its neighbours to take.
            mode: String,
        }
        out {
            /// The rounded number; a whole one, where no digits are left after the point and 64 bits hold it.
            result: f64,
        }
    }
}

pub use self::aggregate::Aggregate;
pub use self::calculate::Calculate;
pub use self::count_items::CountItems;
pub use self::round::Round;
