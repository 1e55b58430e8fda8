//! Literals that decide which pins a node has, as they were probably meant.
//!
//! A misspelt one is a fault of its own; the pins that it was meant to give keep the node's links from being faulty too.

use crate::block::{Alias, Shape};
use crate::graph::Node;
use crate::value::{Map, Text, Value};

use super::calls::GRAPH;
use super::repair;

/// Returns a node's literals with those that decide its pins put right; `None` where they are right.
pub(super) fn literals(
    base: &Shape,
    node: &Node,
    alias: Option<Alias>,
    called: Option<&Text>,
) -> Option<Map> {
    let mut mended: Option<Map> = None;
    let mut put = |name: &Text, value: Value| {
        mended
            .get_or_insert_with(|| node.inputs.clone())
            .insert(name.clone(), value);
    };
    for pin in base.inputs.iter().filter(|pin| pin.config) {
        let ours = |key: &str| alias.map_or(key, |alias| alias.pin(key)) == pin.name.as_str();
        let written = node.inputs.iter().find(|(key, _)| ours(key.as_str()));
        if pin.name.as_str() == GRAPH
            && let Some(called) = called
        {
            put(&pin.name, Value::Text(called.clone()));
            continue;
        }
        match written {
            Some((_, value)) if pin.ty.fits(value) => {}
            Some((_, value)) => {
                if let Some(meant) = repair::meant(&pin.ty, value) {
                    put(&pin.name, meant);
                }
            }
            None => {
                let unknown = |key: &str| base.input(key).is_none();
                let near = |key: &str| !crate::fault::nearest(key, [pin.name.as_str()]).is_empty();
                let misspelt = node.inputs.iter().find(|(key, value)| {
                    unknown(key.as_str()) && near(key.as_str()) && pin.ty.fits(value)
                });
                if let Some((_, value)) = misspelt {
                    put(&pin.name, value.clone());
                }
            }
        }
    }
    mended
}

/// Says whether a literal is missing without which it cannot be told which pins the node has.
pub(super) fn is_vague(shape: &Shape, literals: &Map) -> bool {
    let missing = |name: &str| literals.get(name).is_none_or(|value| !value_decides(value));
    let mut config = shape.inputs.iter().filter(|pin| pin.config);
    config.any(|pin| pin.required && missing(pin.name.as_str()))
}

fn value_decides(value: &Value) -> bool {
    !value.is_null()
}
