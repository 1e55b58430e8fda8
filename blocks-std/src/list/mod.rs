//! Lists.

mod by;
mod position;
mod seen;
mod size;

use crate::family::family;

pub(crate) use position::item;

family! {
    add_items::AddItems,
    collect::Collect,
    concatenate::Concatenate,
    create::Create,
    difference::Difference,
    filter::Filter,
    find_item::FindItem,
    flatten::Flatten,
    get_item::GetItem,
    interleave::Interleave,
    intersection::Intersection,
    is_empty::IsEmpty,
    map_items::MapItems,
    remove_item::RemoveItem,
    replace_item::ReplaceItem,
    reverse::Reverse,
    slice::Slice,
    sort::Sort,
    unique::Unique,
    zip::Zip,
}
