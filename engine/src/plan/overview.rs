//! What a plan would do, as data: for people and programs that look before they run.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::block::Needs;
use crate::dense::NodeIx;
use crate::graph::Policy;
use crate::value::{ContentHash, Map, Value};

use super::needs::Sum;
use super::{Node, Plan};

impl Plan {
    /// Returns the circles: for each, its nodes in the order of the graph.
    #[must_use]
    pub fn cycles(&self) -> Vec<Vec<NodeIx>> {
        let mut cycles: BTreeMap<_, Vec<NodeIx>> = BTreeMap::new();
        for node in self.node_positions() {
            if self.nodes.at(node).is(Node::CYCLE) {
                let component = self.cold.at(node).component;
                cycles.entry(component).or_default().push(node);
            }
        }
        let mut cycles: Vec<Vec<NodeIx>> = cycles.into_values().collect();
        cycles.sort();
        cycles
    }

    /// Returns what would run: `name`, `semantic_hash`, `policy`, `inputs` and `outputs` of the graph, `capabilities`,
    /// `effects` (how many nodes of each class), `nodes` (`id`, `block`, `effect`, `resource`, `capabilities`), the number
    /// of `links`, `starts` (the nodes that fire by themselves), `cycles`, and `graphs`, the same of sub-graphs; of one
    /// that was told already only the name and the hash.
    ///
    /// A node, and with it the graph and whatever calls it, also has what it reaches outside for, as far as the graph
    /// tells: `hosts`, `credentials` (`provider`, `name`, `optional`), `models`, and `costs` (`unit`, `low`, and `high` where
    /// there is a bound) of one firing; of a graph, those of one firing of each of its nodes. `*` is what arrives over a
    /// link.
    #[must_use]
    pub fn overview(&self) -> Value {
        self.look(&mut HashSet::new(), &mut Vec::new())
    }

    fn look(&self, seen: &mut HashSet<ContentHash>, above: &mut Vec<Needs>) -> Value {
        let mut map = Map::new();
        map.insert("name", self.name.clone());
        map.insert("semantic_hash", self.hash.to_string());
        // Graphs may call each other in a pattern that has many more ways than graphs.
        if !seen.insert(self.hash) {
            return map.into();
        }
        map.insert("policy", policy(&self.policy));
        self.put_interface(&mut map);
        let mut needs = Vec::new();
        self.put_nodes(&mut map, &mut needs);
        map.insert("links", self.links.len());
        map.insert("starts", self.ids(self.starts.iter().copied()));
        let cycles = self.cycles().into_iter().map(|nodes| self.ids(nodes));
        map.insert("cycles", cycles.collect::<Value>());
        if !self.subgraphs.is_empty() {
            let mut names: Vec<_> = self.subgraphs.iter().collect();
            names.sort_by_key(|(name, _)| *name);
            let graphs = names
                .into_iter()
                .map(|(name, plan)| (name.clone(), plan.look(seen, &mut needs)));
            map.insert("graphs", graphs.collect::<Map>());
        }
        Sum::of(&needs).put(&mut map);
        above.append(&mut needs);
        map.into()
    }

    fn ids(&self, nodes: impl IntoIterator<Item = NodeIx>) -> Value {
        nodes.into_iter().map(|node| self.node_id(node)).collect()
    }

    fn put_interface(&self, map: &mut Map) {
        let inputs = self.interface.inputs.iter().map(|pin| {
            let mut map = Map::new();
            map.insert("name", pin.name.clone());
            map.insert("type", pin.ty.to_string());
            map.insert("required", pin.required);
            if let Some(default) = &pin.default {
                map.insert("default", default.clone());
            }
            Value::from(map)
        });
        map.insert("inputs", inputs.collect::<Value>());
        let outputs = self.interface.outputs.iter().map(|pin| {
            let mut map = Map::new();
            map.insert("name", pin.name.clone());
            map.insert("type", pin.ty.to_string());
            Value::from(map)
        });
        map.insert("outputs", outputs.collect::<Value>());
    }

    fn put_nodes(&self, map: &mut Map, needs: &mut Vec<Needs>) {
        let mut all = BTreeSet::new();
        let mut effects: BTreeMap<_, u64> = BTreeMap::new();
        let nodes = self.node_positions().map(|node| {
            let info = self.cold.at(node).block.info();
            all.extend(info.capabilities.iter().copied());
            *effects.entry(info.effect).or_default() += 1;
            let mut map = Map::new();
            map.insert("id", self.node_id(node));
            map.insert("block", format!("{}@{}", info.id, info.version));
            map.insert("effect", info.effect.as_str());
            map.insert("resource", info.resource.as_str());
            let asks = info.capabilities.iter().map(|c| c.as_str());
            map.insert("capabilities", asks.collect::<Value>());
            let own = self.needs(node);
            Sum::of([&own]).put(&mut map);
            needs.push(own);
            Value::from(map)
        });
        let nodes: Value = nodes.collect();
        map.insert(
            "capabilities",
            all.iter().map(|c| c.as_str()).collect::<Value>(),
        );
        let effects = effects
            .iter()
            .map(|(effect, count)| (effect.as_str(), *count));
        map.insert("effects", effects.collect::<Map>());
        map.insert("nodes", nodes);
    }
}

fn policy(policy: &Policy) -> Value {
    let mut map = Map::new();
    map.insert("on_error", policy.on_error.as_str());
    map.insert("coercion", policy.coercion.as_str());
    map.insert("cycles", policy.cycles.as_str());
    map.insert("nulls", policy.nulls.as_str());
    if let Some(ms) = policy.timeout_ms {
        map.insert("timeout_ms", ms);
    }
    if let Some(max) = policy.max_parallel {
        map.insert("max_parallel", max);
    }
    if let Some(max) = policy.max_firings {
        map.insert("max_firings", max);
    }
    map.into()
}

#[cfg(test)]
mod tests {
    use crate::block::{
        BlockError, BlockInfo, BoxFuture, Capability, Context, DynBlock, DynEmitter, InputPin,
        Inputs, OutputPin, Shape, ShapeError, types::PinType,
    };
    use crate::{Engine, Registry};

    struct Pass;

    impl DynBlock for Pass {
        fn info(&self) -> &BlockInfo {
            const { &BlockInfo::new("test.pass", 1, "Passes on.").capabilities(&[Capability::Clock]) }
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
    fn a_plan_tells_its_circles_and_what_it_reaches_for() {
        let mut registry = Registry::new();
        registry.add(Pass).unwrap();
        let graph = br#"{"format": 1, "name": "g", "policy": {"cycles": "allow"},
            "nodes": {"a": {"block": "test.pass"}, "b": {"block": "test.pass"}, "c": {"block": "test.pass"}, "d": {"block": "test.pass"}},
            "links": [{"from": "a.out", "to": "b.in"}, {"from": "b.out", "to": "c.in"}, {"from": "c.out", "to": "b.in"}]}"#;
        let plan = Engine::new(registry).load(graph).unwrap();
        let overview = plan.overview();
        let told = |key: &str| overview.get(key).unwrap().to_string();
        assert_eq!(told("cycles"), r#"[["b","c"]]"#);
        assert_eq!(told("starts"), r#"["a","d"]"#);
        assert_eq!(told("capabilities"), r#"["clock"]"#);
        assert_eq!(told("effects"), r#"{"pure":4}"#);
        assert_eq!(told("links"), "3");
    }
}
