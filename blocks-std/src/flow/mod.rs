//! Control: conditions, iteration, calls.

use crate::family::family;

mod callee;

family! {
    batch::Batch,
    call_graph::CallGraph,
    condition::If,
    each::Each,
    gate::Gate,
    map::MapItems,
    merge::Merge,
    retry_until::RetryUntil,
    review::Review,
    switch::Switch,
    zip::Zip,
}

pub(crate) use condition::Operator;
