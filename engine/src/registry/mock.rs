//! Rehearsals: a registry whose blocks touch nothing outside.

use std::sync::Arc;

use crate::block::{
    BlockError, BlockInfo, BoxFuture, Context, DynBlock, DynEmitter, ERROR_PIN, Effect, Inputs,
    Literals, Resource, Role, Shape, ShapeEnv, ShapeError,
};
use crate::plan::stand_in_for;
use crate::value::{Text, Value};

use super::{Entry, Registry};

impl Registry {
    /// Returns the same blocks, those that reach outside being replaced by ones that answer from their declaration.
    ///
    /// Replaced is what is not [`Effect::Pure`], or asks for a capability other than firing nodes of the graph itself.
    /// Such a block checks its inputs as ever, then emits the outputs of its first declared example that does not fail;
    /// without an example, the plainest value that fits each of its output pins.
    #[must_use]
    pub fn mocked(&self) -> Self {
        let mut mocked = self.clone();
        for entry in mocked
            .blocks
            .values_mut()
            .filter(|entry| entry.info().role == Role::Standard && entry.info().reaches_out())
        {
            entry.block = Arc::new(Mock::of(entry));
        }
        mocked
    }
}

/// A block that answers from its declaration.
pub(super) struct Mock {
    real: Arc<dyn DynBlock>,
    info: BlockInfo,
    answers: Option<Vec<(Text, Value)>>,
}

impl Mock {
    fn of(entry: &Entry) -> Self {
        let info = entry.info();
        let answers = info
            .examples
            .iter()
            .filter_map(|example| example.read_outputs())
            .find(|outputs| outputs.iter().all(|(pin, _)| pin.as_str() != ERROR_PIN));
        Self {
            real: Arc::clone(&entry.block),
            info: info
                .effect(Effect::Pure)
                .resource(Resource::Io)
                .capabilities(&[]),
            answers,
        }
    }
}

impl DynBlock for Mock {
    fn info(&self) -> &BlockInfo {
        &self.info
    }

    fn describe(&self) -> Result<Shape, ShapeError> {
        self.real.describe()
    }

    fn shape(
        &self,
        base: &Arc<Shape>,
        literals: &Literals<'_>,
        env: &dyn ShapeEnv,
    ) -> Result<Arc<Shape>, ShapeError> {
        self.real.shape(base, literals, env)
    }

    fn run<'a>(
        &'a self,
        cx: &'a Context,
        _: Inputs<'a>,
        out: DynEmitter<'a>,
    ) -> BoxFuture<'a, Result<(), BlockError>> {
        Box::pin(async move {
            let shape = cx.shape();
            match &self.answers {
                Some(answers) => {
                    // A node's literals may have given it other pins than the example's.
                    let known = |pin: &Text| shape.outputs.iter().any(|p| p.name == *pin);
                    for (pin, value) in answers.iter().filter(|(pin, _)| known(pin)) {
                        out.emit(pin.as_str(), value.clone()).await?;
                    }
                }
                None => {
                    for (index, pin) in shape.outputs.iter().enumerate() {
                        if let Some(value) = stand_in_for(&pin.ty).filter(|_| !pin.tools) {
                            out.emit_at(index, value).await?;
                        }
                    }
                }
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::{Capability, Example, InputPin, OutputPin, types::PinType};
    use crate::graph::Coercion;
    use crate::value::Map;
    use crate::{Engine, RunOptions, value};

    struct Post(BlockInfo);

    impl DynBlock for Post {
        fn info(&self) -> &BlockInfo {
            &self.0
        }

        fn describe(&self) -> Result<Shape, ShapeError> {
            let outputs = [
                ("id", PinType::Integer),
                ("tags", PinType::list(PinType::Text)),
            ];
            Ok(Shape::new(
                vec![InputPin::new("text", PinType::Text).required()],
                outputs.map(|(name, ty)| OutputPin::new(name, ty)).to_vec(),
            ))
        }

        fn run<'a>(
            &'a self,
            _: &'a Context,
            _: Inputs<'a>,
            out: DynEmitter<'a>,
        ) -> BoxFuture<'a, Result<(), BlockError>> {
            Box::pin(async move {
                out.emit("id", -1).await?;
                Err(BlockError::failed("acted"))
            })
        }
    }

    fn check(info: BlockInfo, inputs: Map, expected: &str) {
        let mut registry = Registry::new();
        registry.add(Post(info)).unwrap();
        let engine = Engine::new(registry.mocked());
        let run = engine.run_block(info.id, inputs, Coercion::Strict, RunOptions::new());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let told = match runtime.block_on(run) {
            Ok(run) => format!("{:?} {:?}", run.outputs, run.error.map(|e| e.code)),
            Err(faults) => faults.0[0].code.to_string(),
        };
        assert_eq!(told, expected);
    }

    #[test]
    fn what_acts_answers_from_its_declaration() {
        const INFO: BlockInfo = BlockInfo::new("web.post", 1, "Posts.");
        const SHOWN: BlockInfo = INFO.effect(Effect::AtMostOnce).examples(&[
            Example::new("fails", r#"{"text": ""}"#, r#"[["error", "empty"]]"#),
            Example::new("posts", r#"{"text": "a"}"#, r#"[["id", 7], ["gone", 1]]"#),
        ]);
        let given = || Map::from_iter([("text", "b")]);
        let text = |id: i64| format!("[(\"id\", {:?})]", value!(id));
        check(SHOWN, given(), &format!("{} None", text(7)));
        check(SHOWN, Map::new(), "GRAPH_INPUT_MISSING");
        check(INFO, given(), &format!("{} Some(BlockFailed)", text(-1)));
        let plain = INFO.capabilities(&[Capability::Http]);
        check(
            plain,
            given(),
            &format!(
                "{:?} None",
                [
                    (Text::from("id"), value!(0)),
                    (Text::from("tags"), value!([]))
                ]
            ),
        );
    }
}
