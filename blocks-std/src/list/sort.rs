//! `list.sort`: a list in order.

use std::cmp::Ordering;

use graphloom::prelude::*;
use graphloom::value::List;
use graphloom::{Category, Example, Resource, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::by::keys;
use super::seen::check_size;
use crate::python::compare;

/// Puts the items of a list in order.
pub(super) struct Sort;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The list.
    input_list: List,
    /// What to order by: the key of an entry of each item, or a dotted path, `address.city`. Without it by the items.
    by: Option<String>,
    /// The largest first.
    #[serde(default)]
    descending: bool,
    /// Takes upper and lower case for alike.
    #[serde(default)]
    ignore_case: bool,
    /// Puts items with null last in place of refusing them.
    #[serde(default)]
    null_last: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The items in order.
    SortedList(List),
}

impl Block for Sort {
    const INFO: BlockInfo = BlockInfo::new("list.sort", 1, "Puts the items of a list in order.")
        .details(
            "Numbers by size, texts by code points, false before true, lists by their first items that differ. Items \
             that are alike keep their order, in both directions. Values of different types have no order, and \
             dictionaries have none.",
        )
        .category(Category::List)
        .resource(Resource::Cpu)
        .examples(&[
            Example::new(
                "numbers",
                r#"{"input_list": [10, 9.5, -1]}"#,
                r#"[["sorted_list", [-1, 9.5, 10]]]"#,
            ),
            Example::new(
                "by a key, the largest first",
                r#"{"input_list": [{"n": 1, "x": "a"}, {"n": 2}, {"n": 1, "x": "b"}], "by": "n", "descending": true}"#,
                r#"[["sorted_list", [{"n": 2}, {"n": 1, "x": "a"}, {"n": 1, "x": "b"}]]]"#,
            ),
            Example::new(
                "null last",
                r#"{"input_list": [null, "b", "A"], "ignore_case": true, "null_last": true}"#,
                r#"[["sorted_list", ["A", "b", null]]]"#,
            ),
            Example::new(
                "different types",
                r#"{"input_list": [1, "2"]}"#,
                r#"[["error", "items 0 and 1 have no order: integer and text"]]"#,
            ),
            Example::new(
                "no such key",
                r#"{"input_list": [{"n": 1}, {}], "by": "n"}"#,
                r#"[["error", "item 1 has no \"n\""]]"#,
            ),
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        check_size([&input.input_list])?;
        out.emit(Output::SortedList(sorted(&input)?.into())).await?;
        Ok(())
    }
}

/// What is compared: with folded texts where case means nothing.
enum Key<'l> {
    As(&'l Value),
    Folded(Value),
}

impl<'l> Key<'l> {
    fn of(value: &'l Value, ignore_case: bool) -> Self {
        match value {
            Value::Text(text) if ignore_case => Self::Folded(Value::from(text.to_lowercase())),
            other => Self::As(other),
        }
    }

    fn value(&self) -> &Value {
        match self {
            Self::As(value) => value,
            Self::Folded(value) => value,
        }
    }
}

fn sorted(input: &Input) -> Result<Vec<Value>, BlockError> {
    let list = &input.input_list;
    let mut all = Vec::with_capacity(list.len());
    let mut nulls = Vec::new();
    for (index, value) in keys(list, input.by.as_deref())?.into_iter().enumerate() {
        match value {
            Value::Null if input.null_last => nulls.push(index),
            value => all.push((index, Key::of(value, input.ignore_case))),
        }
    }
    let all = merge_sort(all, |(i, a), (j, b)| {
        let order = ordered(a.value(), b.value()).ok_or_else(|| {
            let (a, b) = (a.value().type_name(), b.value().type_name());
            BlockError::input(format!(
                "items {i} and {j} have no order: {a} and {b}; give numbers, or texts, or lists of such"
            ))
        })?;
        Ok(match input.descending {
            true => order.reverse(),
            false => order,
        })
    })?;
    let places = all.into_iter().map(|(index, _)| index).chain(nulls);
    let items = places.filter_map(|index| list.get(index).cloned());
    Ok(items.collect())
}

fn ordered(a: &Value, b: &Value) -> Option<Ordering> {
    // A bool is a number to Python, and not to whoever sorts.
    if matches!(a, Value::Bool(_)) != matches!(b, Value::Bool(_)) {
        return None;
    }
    compare(a, b).ok().flatten()
}

/// Sorts stably by a comparison that may fail. The standard library's sort wants an order of all values, and may panic
/// where some have none; two neighbours of the result were compared, so that none without an order gets through.
fn merge_sort<T>(
    all: Vec<T>,
    compare: impl Fn(&T, &T) -> Result<Ordering, BlockError>,
) -> Result<Vec<T>, BlockError> {
    let mut runs: Vec<Vec<T>> = all.into_iter().map(|one| vec![one]).collect();
    while runs.len() > 1 {
        let mut merged = Vec::with_capacity(runs.len().div_ceil(2));
        let mut pairs = runs.into_iter();
        while let Some(left) = pairs.next() {
            merged.push(match pairs.next() {
                Some(right) => merge(left, right, &compare)?,
                None => left,
            });
        }
        runs = merged;
    }
    Ok(runs.pop().unwrap_or_default())
}

fn merge<T>(
    left: Vec<T>,
    right: Vec<T>,
    compare: &impl Fn(&T, &T) -> Result<Ordering, BlockError>,
) -> Result<Vec<T>, BlockError> {
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let next = if compare(a, b)?.is_le() {
            &mut left
        } else {
            &mut right
        };
        merged.extend(next.next());
    }
    merged.extend(left);
    merged.extend(right);
    Ok(merged)
}
