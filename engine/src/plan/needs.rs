//! What a plan reaches outside for, as data: told by its blocks from what is written in the graph, and asked of nobody.

use std::collections::{BTreeMap, BTreeSet};

use crate::block::{CredentialNeed, Literals, Needs};
use crate::dense::NodeIx;
use crate::value::{Map, Text, Value};

use super::Plan;

impl Plan {
    /// Returns what a node reaches outside for. An input that is linked is left to what arrives, whatever is written there.
    #[must_use]
    pub fn needs(&self, node: NodeIx) -> Needs {
        let cold = self.cold.at(node);
        let linked: BTreeSet<u16> = self
            .nodes
            .at(node)
            .pins()
            .map(|pin| self.pins.at(pin).slot)
            .collect();
        let mut literals = Map::new();
        for (slot, pin) in (0_u16..).zip(&cold.shape.inputs) {
            let written = cold
                .template
                .get(usize::from(slot))
                .and_then(Option::as_ref);
            match written.or(pin.default.as_ref()) {
                Some(value) if !linked.contains(&slot) => {
                    literals.insert(pin.name.clone(), value.clone());
                }
                _ => {}
            }
        }
        cold.block.needs(&Literals::new(&literals))
    }
}

/// What nodes need, added up.
#[derive(Debug, Default)]
pub(super) struct Sum {
    hosts: BTreeSet<Text>,
    credentials: BTreeMap<(Text, Option<Text>), bool>,
    models: BTreeSet<Text>,
    costs: BTreeMap<Text, (f64, Option<f64>)>,
}

impl Sum {
    pub(super) fn of<'n>(needs: impl IntoIterator<Item = &'n Needs>) -> Self {
        let mut sum = Self::default();
        for one in needs {
            sum.add(one);
        }
        sum
    }

    fn add(&mut self, needs: &Needs) {
        self.hosts.extend(needs.hosts.iter().cloned());
        self.models.extend(needs.models.iter().cloned());
        for need in &needs.credentials {
            let key = (need.provider.clone(), need.name.clone());
            // Who cannot do without it decides.
            let optional = self.credentials.entry(key).or_insert(true);
            *optional &= need.optional;
        }
        for cost in &needs.costs {
            let (low, high) = self
                .costs
                .entry(cost.unit.clone())
                .or_insert((0.0, Some(0.0)));
            *low += cost.low;
            *high = high.zip(cost.high).map(|(sum, more)| sum + more);
        }
    }

    /// Puts in what there is: `hosts`, `credentials`, `models`, `costs`.
    pub(super) fn put(&self, map: &mut Map) {
        let texts = |set: &BTreeSet<Text>| set.iter().cloned().map(Value::from).collect::<Value>();
        if !self.hosts.is_empty() {
            map.insert("hosts", texts(&self.hosts));
        }
        if !self.credentials.is_empty() {
            let needs = self.credentials.iter().map(|((provider, name), optional)| {
                let mut need = CredentialNeed::new(provider.clone()).named(name.clone());
                need.optional = *optional;
                credential(&need)
            });
            map.insert("credentials", needs.collect::<Value>());
        }
        if !self.models.is_empty() {
            map.insert("models", texts(&self.models));
        }
        if !self.costs.is_empty() {
            let costs = self.costs.iter().map(|(unit, (low, high))| {
                let mut map = Map::new();
                map.insert("unit", unit.clone());
                map.insert("low", *low);
                if let Some(high) = high {
                    map.insert("high", *high);
                }
                Value::from(map)
            });
            map.insert("costs", costs.collect::<Value>());
        }
    }
}

fn credential(need: &CredentialNeed) -> Value {
    let mut map = Map::new();
    map.insert("provider", need.provider.clone());
    if let Some(name) = &need.name {
        map.insert("name", name.clone());
    }
    map.insert("optional", need.optional);
    map.into()
}

#[cfg(test)]
mod tests {
    use crate::block::{
        BlockError, BlockInfo, BoxFuture, Capability, Context, Cost, CredentialNeed, DynBlock,
        DynEmitter, InputPin, Inputs, Literals, Needs, OutputPin, Shape, ShapeError,
        types::PinType,
    };
    use crate::{Engine, Registry, Value, value};

    struct Ask;

    impl DynBlock for Ask {
        fn info(&self) -> &BlockInfo {
            const INFO: BlockInfo =
                BlockInfo::new("t.ask", 1, "Asks.").capabilities(&[Capability::Http]);
            &INFO
        }

        fn describe(&self) -> Result<Shape, ShapeError> {
            let mut host = InputPin::new("host", PinType::Text);
            host.default = Some(Value::from("a.example"));
            Ok(Shape::new(
                vec![host],
                vec![OutputPin::new("out", PinType::Text)],
            ))
        }

        fn needs(&self, literals: &Literals<'_>) -> Needs {
            let host = literals.text("host");
            let named = host.map(crate::Text::from);
            Needs::default()
                .host(host.unwrap_or("*"))
                .credential(CredentialNeed::new("web").named(named))
                .model("m")
                .cost(Cost::between("usd", 0.5, host.map(|_| 2.0)))
        }

        fn run<'a>(
            &'a self,
            _: &'a Context,
            _: Inputs<'a>,
            _: DynEmitter<'a>,
        ) -> BoxFuture<'a, Result<(), BlockError>> {
            Box::pin(std::future::ready(Ok(())))
        }
    }

    fn overview(nodes: &str, links: &str) -> Value {
        let mut registry = Registry::new();
        registry.add(Ask).unwrap();
        let json = format!("{{\"format\": 1, \"nodes\": {nodes}, \"links\": {links}}}");
        Engine::new(registry)
            .load(json.as_bytes())
            .unwrap()
            .overview()
    }

    #[test]
    fn a_node_needs_what_is_written_in_the_graph() {
        let seen = overview(
            r#"{"a": {"block": "t.ask"}, "b": {"block": "t.ask", "inputs": {"host": "b.example"}}}"#,
            "[]",
        );
        assert_eq!(seen.get("hosts"), Some(&value!(["a.example", "b.example"])));
        assert_eq!(seen.get("models"), Some(&value!(["m"])));
        assert_eq!(
            seen.get("costs"),
            Some(&value!([{ "unit": "usd", "low": 1.0, "high": 4.0 }]))
        );
        let nodes = seen.get("nodes").and_then(Value::as_list).unwrap();
        let node = &nodes[1];
        assert_eq!(node.get("hosts"), Some(&value!(["b.example"])));
        assert_eq!(
            node.get("credentials"),
            Some(&value!([{ "provider": "web", "name": "b.example", "optional": false }]))
        );
    }

    #[test]
    fn what_arrives_over_a_link_is_not_known_before() {
        let seen = overview(
            r#"{"a": {"block": "t.ask"}, "b": {"block": "t.ask", "inputs": {"host": "b.example"}}}"#,
            r#"[{"from": "a.out", "to": "b.host"}]"#,
        );
        assert_eq!(seen.get("hosts"), Some(&value!(["*", "a.example"])));
        // One of them has no upper bound, so the sum has none.
        assert_eq!(
            seen.get("costs"),
            Some(&value!([{ "unit": "usd", "low": 1.0 }]))
        );
    }
}
