//! Values that another format cannot say.

use graphloom::json::Pointer;
use graphloom::prelude::*;
use graphloom::{Text, Value};

/// No block goes through more values than this; a value that shares its parts may hold more than any memory.
pub(crate) const MAX_VALUES: usize = 4_000_000;

/// Refuses a value that holds a secret, which is not to leave the graph in a text.
pub(crate) fn refuse_secrets(value: &Value) -> Result<(), BlockError> {
    refuse(value, |value| matches!(value, Value::Sealed(_)))
}

/// Refuses a value for which this holds, saying what it is and where; and one of too many values.
pub(crate) fn refuse(value: &Value, is_odd: fn(&Value) -> bool) -> Result<(), BlockError> {
    let mut left = MAX_VALUES;
    match walk(value, is_odd, &mut left) {
        Ok(()) => Ok(()),
        Err(Stop::Many) => Err(BlockError::input(format!(
            "there are more than {MAX_VALUES} values in this value"
        ))),
        Err(Stop::Odd(what, mut steps)) => {
            steps.reverse();
            let mut place = Pointer::root();
            for step in steps {
                place = match step {
                    Step::Key(key) => place.push(&key),
                    Step::Index(index) => place.push_index(index),
                };
            }
            let place = if place.is_root() {
                "the value".to_owned()
            } else {
                format!("what stands at \"{place}\"")
            };
            Err(BlockError::input(format!(
                "{place} is {what}, which cannot be written here: take it out or convert it first"
            )))
        }
    }
}

enum Stop {
    Many,
    Odd(String, Vec<Step>),
}

enum Step {
    Key(Text),
    Index(usize),
}

fn walk(value: &Value, is_odd: fn(&Value) -> bool, left: &mut usize) -> Result<(), Stop> {
    if *left == 0 {
        return Err(Stop::Many);
    }
    *left -= 1;
    if is_odd(value) {
        let what = match value {
            Value::Float(float) => format!("the number {float}"),
            other => format!("a {}", other.type_name()),
        };
        return Err(Stop::Odd(what, Vec::new()));
    }
    let inside = |mut stop: Stop, step: Step| {
        if let Stop::Odd(_, steps) = &mut stop {
            steps.push(step);
        }
        stop
    };
    match value {
        Value::List(list) => list.iter().enumerate().try_for_each(|(index, item)| {
            walk(item, is_odd, left).map_err(|stop| inside(stop, Step::Index(index)))
        }),
        Value::Map(map) => map.iter().try_for_each(|(key, item)| {
            walk(item, is_odd, left).map_err(|stop| inside(stop, Step::Key(key.clone())))
        }),
        _ => Ok(()),
    }
}
