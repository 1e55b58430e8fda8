//! Numbers.

use crate::family::family;

family! {
    aggregate::Aggregate,
    calculate::Calculate,
    count_items::CountItems,
    round::Round,
}

pub(crate) use calculate::Number;
pub(crate) use count_items::count;
