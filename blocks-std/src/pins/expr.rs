//! The pins of the blocks of the family `expr`.

use graphloom::Value;

graphloom::pins! {
    /// `expr.eval`: Evaluates an expression over named values.
    pub mod eval: Eval = "expr.eval" {
        in {
            /// The expression: `order.total > 100 and country in ["CH", "LI"]`.
            expression: String,
            /// What it may refer to, by name; a link to `values.name` sets one of them.
            values: graphloom::value::Map,
        }
        out {
            /// What it gives: a value of any type.
            result: Value,
        }
    }
}

pub use self::eval::Eval;
