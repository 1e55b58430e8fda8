//! `list.flatten`: lists inside of lists as one.

use graphloom::prelude::*;
use graphloom::value::List;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::size::{MAX_ITEMS, too_many};

/// Takes the items out of lists inside of a list.
pub(super) struct Flatten;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The list with lists inside. Dictionaries stay whole.
    nested_list: List,
    /// How many levels of lists inside are opened: 0 none, 1 only those directly in the list. Default -1: all.
    #[serde(default = "all")]
    max_depth: i64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The items.
    FlattenedList(List),
    /// How many items it has.
    Length(usize),
    /// How deep lists stood in each other before; 1 is a list without lists inside.
    OriginalDepth(usize),
}

impl Block for Flatten {
    const INFO: BlockInfo = BlockInfo::new(
        "list.flatten",
        1,
        "Takes the items out of lists inside of a list.",
    )
    .category(Category::List)
    .autogpt("cc45bb0f-d035-4756-96a7-fe3e36254b4d", "FlattenListBlock")
    .examples(&[
        Example::new(
            "all levels",
            r#"{"nested_list": [1, [2, [3]]]}"#,
            r#"[["flattened_list", [1, 2, 3]], ["length", 3], ["original_depth", 3]]"#,
        ),
        Example::new(
            "one level",
            r#"{"nested_list": [1, [2, [3]]], "max_depth": 1}"#,
            r#"[["flattened_list", [1, 2, [3]]], ["length", 3], ["original_depth", 3]]"#,
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
        let Input {
            nested_list,
            max_depth,
        } = input;
        let depth = depth(&nested_list)?;
        let items = flatten(
            &nested_list,
            usize::try_from(max_depth).unwrap_or(usize::MAX),
        )?;
        let length = items.len();
        out.emit(Output::FlattenedList(items.into())).await?;
        out.emit(Output::Length(length)).await?;
        out.emit(Output::OriginalDepth(depth)).await?;
        Ok(())
    }
}

fn all() -> i64 {
    -1
}

/// Returns how deep lists stand in each other.
fn depth(list: &List) -> Result<usize, BlockError> {
    let (mut deepest, mut n) = (1, list.len());
    let mut open = vec![list.iter()];
    while let Some(level) = open.last_mut() {
        match level.find_map(Value::as_list) {
            Some(inner) => {
                n += inner.len().max(1);
                if n > MAX_ITEMS {
                    return Err(too_many());
                }
                open.push(inner.iter());
                deepest = deepest.max(open.len());
            }
            None => {
                open.pop();
            }
        }
    }
    Ok(deepest)
}

/// Returns the items with `levels` levels of lists opened. Without recursion: a list may be of any depth.
fn flatten(list: &List, levels: usize) -> Result<Vec<Value>, BlockError> {
    let mut items = Vec::with_capacity(list.len());
    let mut open = vec![list.iter()];
    while let Some(level) = open.last_mut() {
        match level.next() {
            None => {
                open.pop();
            }
            Some(Value::List(inner)) if open.len() <= levels => open.push(inner.iter()),
            Some(item) => {
                if items.len() == MAX_ITEMS {
                    return Err(too_many());
                }
                items.push(item.clone());
            }
        }
    }
    Ok(items)
}

#[cfg(test)]
mod tests {
    use graphloom::value;

    use super::*;

    fn list(value: &Value) -> List {
        value.as_list().cloned().unwrap_or_default()
    }

    #[test]
    fn depth_counts_lists_only() {
        for (value, expected) in [
            (value!([]), 1),
            (value!([1]), 1),
            (value!([[], 1]), 2),
            (value!([{"a": [1]}, [{"b": [2]}]]), 2),
            (value!([[[[[[1]]]]]]), 6),
        ] {
            assert_eq!(depth(&list(&value)).ok(), Some(expected), "{value}");
        }
    }

    #[test]
    fn levels_are_counted() {
        let nested = value!([1, [2, [3, [4]]], []]);
        for (levels, expected) in [
            (0, value!([1, [2, [3, [4]]], []])),
            (1, value!([1, 2, [3, [4]]])),
            (2, value!([1, 2, 3, [4]])),
            (usize::MAX, value!([1, 2, 3, 4])),
        ] {
            let items = flatten(&list(&nested), levels).map(Value::from);
            assert_eq!(items.ok(), Some(expected), "{levels}");
        }
    }

    #[test]
    fn a_list_that_holds_itself_over_and_over_is_refused() {
        let bomb = (0..60).fold(value!([]), |inner, _| {
            Value::from(vec![inner.clone(), inner])
        });
        assert!(depth(&list(&bomb)).is_err());
    }
}
