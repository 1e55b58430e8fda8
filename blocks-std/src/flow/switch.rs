//! `flow.switch`: one of many ways, by value.

use std::sync::Arc;

use graphloom::block::types::PinType;
use graphloom::block::{
    BoxFuture, ERROR_PIN, InputPin, Inputs, Literals, OutputPin, Shape, ShapeEnv, ShapeError,
};
use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Category, DynBlock, DynEmitter, Example, Value};

/// Sends a value one of many ways; the node has an output for each case.
pub(super) struct Switch;

const ON: &str = "on";
const CASES: &str = "cases";
const VALUE: &str = "value";
/// The output for what no case matches.
const OTHER: &str = "other";

/// How many cases a node may have.
const MAX_CASES: usize = 256;

const INFO: BlockInfo = BlockInfo::new(
    "flow.switch",
    1,
    "Sends a value one of several ways, by which case it equals.",
)
.details(
    "`cases` is a map from the name of an output to the value that leads there, or to a list of such values: `{\"small\": \
     1, \"large\": [2, 3]}`. The first case that matches has the value; if none does, the output `other`. Numbers are \
     equal when they say the same (1 and 1.0).",
)
.category(Category::Flow)
.config(&[CASES])
.examples(&[
    Example::new(
        "a case",
        r#"{"on": "de", "value": "Hallo", "cases": {"german": ["de", "at"], "french": "fr"}}"#,
        r#"[["german", "Hallo"]]"#,
    ),
    Example::new(
        "none",
        r#"{"on": 3, "cases": {"one": 1, "two": 2}}"#,
        r#"[["other", 3]]"#,
    ),
]);

impl DynBlock for Switch {
    fn info(&self) -> &BlockInfo {
        &INFO
    }

    fn describe(&self) -> Result<Shape, ShapeError> {
        let cases = InputPin::new(CASES, PinType::Map(Box::new(PinType::Any)))
            .required()
            .config()
            .doc("The value, or list of values, that leads to each output, by the name of the output.");
        let inputs = vec![
            InputPin::new(ON, PinType::Any)
                .required()
                .doc("What is compared with the cases."),
            cases,
            InputPin::new(VALUE, PinType::Any)
                .doc("What is sent on its way; without it, what was compared."),
        ];
        let other = OutputPin::new(OTHER, PinType::Any).doc("The value, if no case matches.");
        Ok(Shape::new(inputs, vec![other]))
    }

    fn shape(
        &self,
        base: &Arc<Shape>,
        literals: &Literals<'_>,
        _: &dyn ShapeEnv,
    ) -> Result<Arc<Shape>, ShapeError> {
        // What is missing, or no map, is a fault of its own.
        let Some(cases) = literals.get(CASES).and_then(Value::as_map) else {
            return Ok(Arc::clone(base));
        };
        if cases.len() > MAX_CASES {
            let message = format!("{} cases, and {MAX_CASES} may be there", cases.len());
            return Err(ShapeError::new(CASES, message));
        }
        let taken = [OTHER, ERROR_PIN, ""];
        if let Some(name) = cases.keys().find(|name| taken.contains(&name.as_str())) {
            let message =
                format!("a case cannot be called \"{name}\": that output is not for a case");
            return Err(ShapeError::new(CASES, message));
        }
        let pin = |name| OutputPin::new(name, PinType::Any).doc("The value, if this case matches.");
        let outputs = cases.keys().cloned().map(pin);
        let outputs = outputs.chain(base.outputs.iter().cloned()).collect();
        Ok(Arc::new(Shape::new(base.inputs.clone(), outputs)))
    }

    fn run<'a>(
        &'a self,
        _: &'a Context,
        inputs: Inputs<'a>,
        out: DynEmitter<'a>,
    ) -> BoxFuture<'a, Result<(), BlockError>> {
        Box::pin(async move {
            let on = inputs.get(ON).cloned().unwrap_or_default();
            let cases = inputs.get(CASES).and_then(Value::as_map);
            let name = cases.and_then(|cases| case_of(cases, &on));
            let value = inputs.get(VALUE).cloned().unwrap_or(on);
            out.emit(name.unwrap_or(OTHER), value).await?;
            Ok(())
        })
    }
}

/// Returns the first case that a value matches.
fn case_of<'c>(cases: &'c Map, on: &Value) -> Option<&'c str> {
    let is = |value: &Value| value.loosely_eq(on);
    let leads =
        |value: &Value| is(value) || value.as_list().is_some_and(|list| list.iter().any(is));
    let found = cases.iter().find(|(_, value)| leads(value));
    found.map(|(name, _)| name.as_str())
}
