//! Numbers.

use crate::family::family;

family! {
    calculate::Calculate,
    count_items::CountItems,
}

pub(crate) use calculate::Number;
pub(crate) use count_items::count;
