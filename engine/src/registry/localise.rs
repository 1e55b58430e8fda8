//! Graphs from AutoGPT in the names used here.

use crate::block::Alias;
use crate::graph::{Graph, Node, PinRef};
use crate::id::PinName;
use crate::value::Map;

use super::{Lookup, Registry};

impl Registry {
    /// Writes the blocks of a graph, and of the graphs inside it, by their ids here where they stand as AutoGPT UUIDs,
    /// and their pins by our names. It runs as before. Blocks that are not registered stay as they are.
    pub fn localise(&self, graph: &mut Graph) {
        for (_, inner) in &mut graph.graphs {
            self.localise(inner);
        }
        let mut aliases = std::collections::HashMap::new();
        for node in &mut graph.nodes {
            let Lookup::Found(entry) = self.find(node.block.as_str()) else {
                continue;
            };
            let alias = entry.info().alias;
            if let Some(alias) = alias.filter(|alias| alias.uuid == node.block.as_str()) {
                node.block = entry.info().id.into();
                rename_inputs(node, &alias);
                if !alias.pins.is_empty() {
                    aliases.insert(node.id.clone(), alias);
                }
            }
        }
        let rename = |end: &mut PinRef| {
            let ours = aliases
                .get(&end.node)
                .map(|alias| alias.pin(end.pin.as_str()));
            if let Some(Ok(pin)) = ours.map(PinName::parse) {
                end.pin = pin;
            }
        };
        for link in &mut graph.links {
            rename(&mut link.from);
            rename(&mut link.to);
        }
    }
}

fn rename_inputs(node: &mut Node, alias: &Alias) {
    if node
        .inputs
        .keys()
        .any(|key| alias.pin(key.as_str()) != key.as_str())
    {
        let entries = node.inputs.iter();
        let renamed = entries.map(|(key, value)| (alias.pin(key.as_str()), value.clone()));
        node.inputs = renamed.collect::<Map>();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::{
        BlockError, BlockInfo, BoxFuture, Context, DynBlock, DynEmitter, InputPin, Inputs,
        OutputPin, Shape, ShapeError, types::PinType,
    };
    use crate::{Engine, Value, value};

    struct Pass;

    impl DynBlock for Pass {
        fn info(&self) -> &BlockInfo {
            const INFO: BlockInfo = BlockInfo::new("test.pass", 1, "Passes on.")
                .autogpt("11111111-1111-1111-1111-111111111111", "PassBlock")
                .autogpt_pins(&[("Input", "in"), ("Output", "out")]);
            const { &INFO }
        }

        fn describe(&self) -> Result<Shape, ShapeError> {
            Ok(Shape::new(
                vec![InputPin::new("in", PinType::Any)],
                vec![OutputPin::new("out", PinType::Any)],
            ))
        }

        fn run<'a>(
            &'a self,
            _: &'a Context,
            _: Inputs<'a>,
            _: DynEmitter<'a>,
        ) -> BoxFuture<'a, Result<(), BlockError>> {
            Box::pin(async { Ok(()) })
        }
    }

    #[test]
    fn blocks_and_pins_get_our_names() {
        let mut registry = Registry::new();
        registry.add(Pass).unwrap();
        let export = value!({
            "nodes": [
                { "id": "a", "block_id": "11111111-1111-1111-1111-111111111111", "input_default": { "Input": 1 } },
                { "id": "b", "block_id": "11111111-1111-1111-1111-111111111111", "input_default": {} },
                { "id": "c", "block_id": "22222222-2222-2222-2222-222222222222", "input_default": {} },
            ],
            "links": [{ "id": "l", "source_id": "a", "source_name": "Output", "sink_id": "b", "sink_name": "Input_#_x" }],
        });
        let mut graph = Graph::parse(export.to_string().as_bytes()).unwrap();
        registry.localise(&mut graph);
        let blocks: Vec<&str> = graph.nodes.iter().map(|node| node.block.as_str()).collect();
        assert_eq!(
            blocks,
            [
                "test.pass",
                "test.pass",
                "22222222-2222-2222-2222-222222222222"
            ]
        );
        assert_eq!(
            Value::from(graph.nodes[0].inputs.clone()),
            value!({"in": 1})
        );
        let link = &graph.links[0];
        assert_eq!(
            (link.from.to_string(), link.to.to_string()),
            ("a.out".to_owned(), "b.in.x".to_owned())
        );
        graph.nodes.pop();
        assert!(Engine::new(registry).compile(&graph).is_ok());
    }
}
