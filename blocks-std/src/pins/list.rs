//! The pins of the blocks of the family `list`.

use graphloom::Gather;
use graphloom::Value;

graphloom::pins! {
    /// `list.add_items`: Puts one or more items into a list.
    pub mod add_items: AddItems = "list.add_items" {
        in {
            /// The list to add to. Default: an empty one.
            list: Vec<Value>,
            /// One item to add, after `entries`. Default: none. A null that is given is added.
            entry: Value,
            /// Items to add. Default: none.
            entries: Vec<Value>,
            /// Where to add: before the item with this index, 0 for the start; negative counts from the end, and what lies
            /// outside is the nearest end. Default: at the end.
            position: Option<i64>,
        }
        out {
            /// The list with the new items.
            updated_list: Vec<Value>,
        }
    }

    /// `list.collect`: Collects everything that arrives into one list.
    pub mod collect: Collect = "list.collect" {
        in {
            /// The items, one at a time. The block waits until no more can come.
            items: Gather<Value>,
        }
        out {
            /// All items, in the order in which they arrived.
            list: Vec<Value>,
        }
    }

    /// `list.concatenate`: Joins lists into one, in order.
    pub mod concatenate: Concatenate = "list.concatenate" {
        in {
            /// The lists to join.
            lists: Vec<Vec<Value>>,
            /// Keeps only the first of equal items. Default: false.
            deduplicate: bool,
            /// Leaves nulls out. Default: false.
            remove_none: bool,
        }
        out {
            /// The items of all lists.
            concatenated_list: Vec<Value>,
            /// How many items it has.
            length: i64,
        }
    }

    /// `list.create`: Makes a list of the given values, or several of limited size.
    pub mod create: Create = "list.create" {
        in {
            /// The values.
            values: Vec<Value>,
            /// The most items of one list; what is over goes into further lists. Default, and 0: no limit.
            max_size: Option<i64>,
            /// The most tokens of one list, by an estimate of one token for four characters of JSON. A larger item stands alone.
            /// Default, and 0: no limit.
            max_tokens: Option<i64>,
        }
        out {
            /// The list; one after the other where a limit is set.
            list: Vec<Value>,
        }
    }

    /// `list.difference`: Returns the items of one list that another does not have.
    pub mod difference: Difference = "list.difference" {
        in {
            /// The list whose items are kept, in its order.
            list_a: Vec<Value>,
            /// The list whose items are left out.
            list_b: Vec<Value>,
            /// Adds the items of `list_b` that `list_a` does not have. Default: false.
            symmetric: bool,
        }
        out {
            /// The items, in order; equal ones stay as often as they are there.
            difference: Vec<Value>,
            /// How many they are.
            length: i64,
        }
    }

    /// `list.filter`: Keeps the items of a list for which an expression holds.
    pub mod filter: Filter = "list.filter" {
        in {
            /// The list.
            input_list: Vec<Value>,
            /// The expression, with the item as `item` and its place, from 0, as `index`: `item.price > limit`.
            condition: String,
            /// What else it may refer to, by name.
            values: graphloom::value::Map,
        }
        out {
            /// The items for which it holds, in their order.
            kept: Vec<Value>,
            /// The others, in their order.
            rejected: Vec<Value>,
        }
    }

    /// `list.find_item`: Finds the first item of a list that equals a value.
    pub mod find_item: FindItem = "list.find_item" {
        in {
            /// The list to look through.
            list: Vec<Value>,
            /// The value to look for.
            value: Value,
        }
        out {
            /// Where it stands, 0 for the first item; nothing if it is not there.
            index: i64,
            /// Whether it is there.
            found: bool,
            /// The value that was looked for, if it is not there.
            not_found_value: Value,
        }
    }

    /// `list.flatten`: Takes the items out of lists inside of a list.
    pub mod flatten: Flatten = "list.flatten" {
        in {
            /// The list with lists inside. Dictionaries stay whole.
            nested_list: Vec<Value>,
            /// How many levels of lists inside are opened: 0 none, 1 only those directly in the list. Default -1: all.
            max_depth: i64,
        }
        out {
            /// The items.
            flattened_list: Vec<Value>,
            /// How many items it has.
            length: i64,
            /// How deep lists stood in each other before; 1 is a list without lists inside.
            original_depth: i64,
        }
    }

    /// `list.get_item`: Returns the item of a list at an index.
    pub mod get_item: GetItem = "list.get_item" {
        in {
            /// The list.
            list: Vec<Value>,
            /// Which item: 0 is the first, -1 the last.
            index: i64,
        }
        out {
            /// The item.
            item: Value,
        }
    }

    /// `list.interleave`: Takes items from lists in turn until all are used up.
    pub mod interleave: Interleave = "list.interleave" {
        in {
            /// The lists. One that is used up is passed over.
            lists: Vec<Vec<Value>>,
        }
        out {
            /// The first items of all lists, then the second, and so on.
            interleaved_list: Vec<Value>,
            /// How many items it has.
            length: i64,
        }
    }

    /// `list.intersection`: Returns the items that two lists have in common, each once.
    pub mod intersection: Intersection = "list.intersection" {
        in {
            /// The list whose items are kept, in its order.
            list_a: Vec<Value>,
            /// The list to compare with.
            list_b: Vec<Value>,
        }
        out {
            /// The common items, in the order of `list_a`.
            intersection: Vec<Value>,
            /// How many they are.
            length: i64,
        }
    }

    /// `list.is_empty`: Says whether a list is empty.
    pub mod is_empty: IsEmpty = "list.is_empty" {
        in {
            /// The list.
            list: Vec<Value>,
        }
        out {
            /// True if it has no items.
            is_empty: bool,
        }
    }

    /// `list.map_items`: Makes a list of what an expression gives for each item of a list.
    pub mod map_items: MapItems = "list.map_items" {
        in {
            /// The list.
            input_list: Vec<Value>,
            /// The expression, with the item as `item` and its place, from 0, as `index`: `item.name`.
            expression: String,
            /// What else it may refer to, by name.
            values: graphloom::value::Map,
        }
        out {
            /// What it gives for each item, in their order.
            mapped_list: Vec<Value>,
        }
    }

    /// `list.remove_item`: Removes one item of a list, by index or by value.
    pub mod remove_item: RemoveItem = "list.remove_item" {
        in {
            /// The list.
            list: Vec<Value>,
            /// Removes the first item that equals this value, unless `index` is given. Default: none.
            value: Value,
            /// Removes the item at this index: 0 is the first, -1 the last. Default: none.
            index: Option<i64>,
            /// Returns the item that was removed. Default: false.
            return_item: bool,
        }
        out {
            /// The list without the item.
            updated_list: Vec<Value>,
            /// The item that was removed, if asked for.
            removed_item: Value,
        }
    }

    /// `list.replace_item`: Puts a value in the place of an item of a list.
    pub mod replace_item: ReplaceItem = "list.replace_item" {
        in {
            /// The list.
            list: Vec<Value>,
            /// Which item: 0 is the first, -1 the last.
            index: i64,
            /// What to put there.
            value: Value,
        }
        out {
            /// The list with the new item.
            updated_list: Vec<Value>,
            /// The item that was there.
            old_item: Value,
        }
    }

    /// `list.reverse`: Turns the order of a list around.
    pub mod reverse: Reverse = "list.reverse" {
        in {
            /// The list.
            input_list: Vec<Value>,
        }
        out {
            /// Its items, the last first.
            reversed_list: Vec<Value>,
        }
    }

    /// `list.slice`: Takes a part of a list.
    pub mod slice: Slice = "list.slice" {
        in {
            /// The list.
            input_list: Vec<Value>,
            /// The index of the first item to take: 0 for the first of all, -1 for the last.
            start: i64,
            /// The index of the item before which to stop; without it all up to the end.
            end: Option<i64>,
            /// Takes every so many-th item; 2: every other one.
            step: i64,
        }
        out {
            /// The part, which may be empty.
            slice: Vec<Value>,
        }
    }

    /// `list.sort`: Puts the items of a list in order.
    pub mod sort: Sort = "list.sort" {
        in {
            /// The list.
            input_list: Vec<Value>,
            /// What to order by: the key of an entry of each item, or a dotted path, `address.city`. Without it by the items.
            by: Option<String>,
            /// The largest first.
            descending: bool,
            /// Takes upper and lower case for alike.
            ignore_case: bool,
            /// Puts items with null last in place of refusing them.
            null_last: bool,
        }
        out {
            /// The items in order.
            sorted_list: Vec<Value>,
        }
    }

    /// `list.unique`: Keeps the first of items that are equal.
    pub mod unique: Unique = "list.unique" {
        in {
            /// The list.
            input_list: Vec<Value>,
            /// What to compare: the key of an entry of each item, or a dotted path, `address.city`. Without it the items.
            by: Option<String>,
        }
        out {
            /// The first of each, in their order.
            unique_list: Vec<Value>,
            /// The items that were equal to an earlier one, in their order.
            doubles: Vec<Value>,
        }
    }

    /// `list.zip`: Groups the items of lists by index.
    pub mod zip: Zip = "list.zip" {
        in {
            /// The lists.
            lists: Vec<Vec<Value>>,
            /// Goes on to the end of the longest list, not only of the shortest. Default: false.
            pad_to_longest: bool,
            /// What stands for the items of lists that are too short. Default: null.
            fill_value: Value,
        }
        out {
            /// One list an index, with an item of each list.
            zipped_list: Vec<Vec<Value>>,
            /// How many groups there are.
            length: i64,
        }
    }
}

pub use self::add_items::AddItems;
pub use self::collect::Collect;
pub use self::concatenate::Concatenate;
pub use self::create::Create;
pub use self::difference::Difference;
pub use self::filter::Filter;
pub use self::find_item::FindItem;
pub use self::flatten::Flatten;
pub use self::get_item::GetItem;
pub use self::interleave::Interleave;
pub use self::intersection::Intersection;
pub use self::is_empty::IsEmpty;
pub use self::map_items::MapItems;
pub use self::remove_item::RemoveItem;
pub use self::replace_item::ReplaceItem;
pub use self::reverse::Reverse;
pub use self::slice::Slice;
pub use self::sort::Sort;
pub use self::unique::Unique;
pub use self::zip::Zip;
