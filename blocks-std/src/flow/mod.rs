//! Control: conditions, iteration, calls.

use crate::family::family;

family! {
    call_graph::CallGraph,
    condition::If,
    each::Each,
    review::Review,
}

pub(crate) use condition::Operator;
