//! What a plan means to recorded events, which name nodes, pins and ports by number.

use std::collections::BTreeMap;

use crate::value::{CanonicalHasher, ContentHash, Text, Value};

use super::Plan;

impl Plan {
    /// Returns the version of each block that the plan uses, those of its sub-graphs too.
    #[must_use]
    pub fn block_versions(&self) -> BTreeMap<Text, u32> {
        let mut versions = BTreeMap::new();
        self.add_versions(&mut versions);
        versions
    }

    fn add_versions(&self, versions: &mut BTreeMap<Text, u32>) {
        for cold in self.cold.iter() {
            let info = cold.block.info();
            if !versions.contains_key(info.id) {
                versions.insert(Text::from(info.id), info.version);
            }
        }
        for sub in self.subgraphs.values() {
            sub.add_versions(versions);
        }
    }

    /// Returns the hash of what events name by number. Two plans with one hash give one meaning to the same events.
    #[must_use]
    pub fn layout(&self) -> ContentHash {
        let hash = || {
            let value = self.layout_value();
            CanonicalHasher::new("layout").value(&value).finish()
        };
        *self.layout.get_or_init(hash)
    }

    fn layout_value(&self) -> Value {
        let node = |node| {
            let cold = self.cold.at(node);
            let outputs = cold.shape.outputs.iter();
            let inputs = cold.shape.inputs.iter();
            let pins = self.nodes.at(node).pins().map(|pin| {
                let path = self.paths.get(&pin).map(ToString::to_string);
                Value::from(format!(
                    "{}{}",
                    self.pins.at(pin).slot,
                    path.unwrap_or_default()
                ))
            });
            Value::from(vec![
                Value::from(cold.id.clone()),
                Value::from(cold.block.info().id),
                Value::from(pins.collect::<Vec<_>>()),
                Value::from(
                    inputs
                        .map(|p| Value::from(p.name.clone()))
                        .collect::<Vec<_>>(),
                ),
                Value::from(
                    outputs
                        .map(|p| Value::from(p.name.clone()))
                        .collect::<Vec<_>>(),
                ),
            ])
        };
        let mut layout = vec![Value::from(
            self.node_positions().map(node).collect::<Vec<_>>(),
        )];
        let mut names: Vec<&Text> = self.subgraphs.keys().collect();
        names.sort();
        for name in names {
            if let Some(sub) = self.subgraphs.get(name) {
                layout.push(Value::from(name.clone()));
                layout.push(sub.layout_value());
            }
        }
        Value::from(layout)
    }
}
