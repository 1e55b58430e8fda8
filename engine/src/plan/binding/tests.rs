//! What a call gives by position is what it would give by name, and what is plainly fit is fit.

use std::sync::Arc;

use crate::block::types::PinType;
use crate::block::{
    BlockError, BlockInfo, BoxFuture, Context, DynBlock, DynEmitter, InputPin, Inputs, Literals,
    OutputPin, Role, Shape, ShapeEnv, ShapeError,
};
use crate::dense::NodeIx;
use crate::event::Given;
use crate::plan::{GivenIx, Plan};
use crate::value::{Map, Value};
use crate::{Engine, Registry};

/// Has the role that it says, and does nothing.
struct Plain(BlockInfo);

impl DynBlock for Plain {
    fn info(&self) -> &BlockInfo {
        &self.0
    }

    fn describe(&self) -> Result<Shape, ShapeError> {
        let name = InputPin::new("name", PinType::Text).required().config();
        let inputs = match self.0.role {
            Role::Call => vec![InputPin::new("graph", PinType::Text).required().config()],
            _ => vec![InputPin::new("value", PinType::Integer), name],
        };
        Ok(Shape::new(
            inputs,
            vec![OutputPin::new("gives", PinType::Any)],
        ))
    }

    fn shape(
        &self,
        base: &Arc<Shape>,
        literals: &Literals<'_>,
        env: &dyn ShapeEnv,
    ) -> Result<Arc<Shape>, ShapeError> {
        let Some(child) = literals.text("graph").and_then(|name| env.graph(name)) else {
            return Ok(Arc::clone(base));
        };
        let inputs = base.inputs.iter().chain(&child.inputs).cloned();
        Ok(Arc::new(Shape::new(
            inputs.collect(),
            child.outputs.clone(),
        )))
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

/// A graph that calls another one twice, alike, and once with something else.
fn plan() -> Arc<Plan> {
    let mut registry = Registry::new();
    let block = |id, role| Plain(BlockInfo::new(id, 1, "Stands in.").role(role));
    registry.add(block("b.in", Role::Input)).unwrap();
    registry.add(block("b.out", Role::Output)).unwrap();
    registry.add(block("b.call", Role::Call)).unwrap();
    let call =
        |inputs: &str| format!(r#"{{"block": "b.call", "inputs": {{"graph": "g"{inputs}}}}}"#);
    let json = format!(
        r#"{{"format": 1, "nodes": {{"a": {}, "b": {}, "c": {}}}, "graphs": {{"g": {{"format": 1, "nodes": {{
            "must": {{"block": "b.in", "inputs": {{"name": "must"}}}},
            "may": {{"block": "b.in", "inputs": {{"name": "may", "value": 7}}}},
            "again": {{"block": "b.in", "inputs": {{"name": "must"}}}},
            "out": {{"block": "b.out", "inputs": {{"name": "y"}}}}}},
            "links": [{{"from": "must.gives", "to": "out.value"}}]}}}}}}"#,
        call(r#", "must": 1"#),
        call(r#", "must": 1"#),
        call(r#", "must": 2"#)
    );
    Engine::new(registry).load(json.as_bytes()).unwrap()
}

#[test]
fn calls_that_say_the_same_share_what_is_made_of_it() {
    let plan = plan();
    let cold = |node: u32| plan.cold.at(NodeIx(node));
    assert!(Arc::ptr_eq(&cold(0).shape, &cold(1).shape));
    assert!(Arc::ptr_eq(&cold(0).template, &cold(1).template));
    assert_eq!(cold(2).template.last(), cold(2).template.last());
    assert!(!Arc::ptr_eq(&cold(0).template, &cold(2).template));
}

#[test]
fn what_is_given_by_position_is_what_is_given_by_name() {
    let plan = plan();
    let own = plan.options(NodeIx(0)).unwrap();
    let (called, binding) = (own.call.as_ref().unwrap(), own.binding.as_ref().unwrap());
    assert_eq!(binding.port(NodeIx(3)), Some(0));
    assert_eq!(binding.port(NodeIx(0)), None);
    let values = [
        None,
        Some(Value::Null),
        Some(Value::Int(1)),
        Some(Value::from(1.0)),
        Some(Value::from(1.5)),
        Some(Value::from("text")),
    ];
    let (mut fit, mut faulty) = (0, 0);
    for must in &values {
        for may in &values {
            let slots = [Some(Value::from("g")), must.clone(), may.clone()];
            let names = ["must", "may"].into_iter().zip(&slots[1..]);
            let inputs: Map = names
                .filter_map(|(name, slot)| Some((name, slot.clone()?)))
                .collect();
            let given = Given {
                inputs,
                overrides: Vec::new(),
            };
            let (mut placed, mut by_name) = (GivenIx::default(), GivenIx::default());
            binding.place(&slots, &mut placed);
            called.place_into(&given, &mut by_name);
            assert_eq!(placed, by_name, "{slots:?}");
            let (mut taken, mut room) = (Vec::new(), Vec::new());
            let faults = called.check_placed(&given, &placed, &mut taken, &mut room);
            let fits = binding.fits(called, &slots);
            assert!(!fits || faults.is_empty(), "{slots:?}: {faults:?}");
            fit += usize::from(fits);
            faulty += usize::from(!faults.is_empty());
        }
    }
    // An integer, or a number that is one, where one must be; one of these or nothing where one may be.
    assert_eq!((fit, faulty > 0), (6, true));
}
