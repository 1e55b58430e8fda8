//! The bridge from [`Block`] to [`DynBlock`]: decode, run, encode; and pins read out of the JSON schemas.

use std::any::Any;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value as Json;

use crate::value::{Text, Value, from_slots};

use super::gather::GATHER_KEYWORD;
use super::types::PinType;
use super::{
    Block, BlockError, BlockInfo, BoxFuture, Context, DynBlock, DynEmitter, Emitter, Gathering,
    InputPin, Inputs, Literals, Needs, OutputPin, Shape, ShapeEnv, ShapeError, polled,
};

impl<B: Block> DynBlock for B {
    fn info(&self) -> &BlockInfo {
        const { &B::INFO }
    }

    fn describe(&self) -> Result<Shape, ShapeError> {
        describe_typed::<B>()
    }

    fn shape(
        &self,
        base: &Arc<Shape>,
        literals: &Literals<'_>,
        env: &dyn ShapeEnv,
    ) -> Result<Arc<Shape>, ShapeError> {
        Block::shape(self, base, literals, env)
    }

    fn needs(&self, literals: &Literals<'_>) -> Needs {
        Block::needs(self, literals)
    }

    fn run<'a>(
        &'a self,
        cx: &'a Context,
        _: Inputs<'a>,
        _: DynEmitter<'a>,
    ) -> BoxFuture<'a, Result<(), BlockError>> {
        Box::pin(attempt(self, cx))
    }

    fn start(&self, mut call: Box<Context>) -> BoxFuture<'static, Box<Context>> {
        Box::pin(async move {
            // The plan that the call holds keeps the block alive: no reference count a call.
            let block: &dyn Any = call.host.block(call.node);
            let error = match block.downcast_ref::<B>() {
                Some(block) => {
                    let mut run = pin!(attempt(block, &call));
                    poll_fn(|cx| polled(run.as_mut().poll(cx))).await
                }
                None => Some(Box::new(BlockError::Bug {
                    message: "the plan holds another block".to_owned(),
                })),
            };
            if let Some(error) = error {
                call.error = Some(error);
            }
            call
        })
    }
}

#[inline]
async fn attempt<B: Block>(block: &B, cx: &Context) -> Result<(), BlockError> {
    let input = from_slots::<B::Input>(&cx.host.shape(cx.node).names, &cx.slots)?;
    Block::run(block, cx, input, Emitter::new(cx)).await
}

/// Returns the pins of a typed block, read out of the JSON schemas of its input and output.
///
/// # Errors
/// [`ShapeError`] where the input is not a struct, the output not an enum whose variants hold one value each, or the
/// info names a pin that is not there.
pub fn describe_typed<B: Block>() -> Result<Shape, ShapeError> {
    let shape = Shape::new(inputs::<B>()?, outputs::<B>()?);
    let info = &B::INFO;
    let named = info.config.iter().chain(info.unwaited);
    for name in named.chain(info.together) {
        if shape.input(name).is_none() {
            return Err(ShapeError::new(
                *name,
                format!("the info names an input \"{name}\" that is not there"),
            ));
        }
    }
    for name in info.sticky {
        if !shape.outputs.iter().any(|pin| pin.name.as_str() == *name) {
            return Err(ShapeError::new(
                *name,
                format!("the info names an output \"{name}\" that is not there"),
            ));
        }
    }
    Ok(shape)
}

fn schema<T: JsonSchema>(input: bool) -> Json {
    let settings = SchemaSettings::draft2020_12();
    let settings = if input {
        settings.for_deserialize()
    } else {
        settings.for_serialize()
    };
    settings
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value()
}

fn text(part: &Json, key: &str) -> Text {
    Text::from(part.get(key).and_then(Json::as_str).unwrap_or(""))
}

fn inputs<B: Block>() -> Result<Vec<InputPin>, ShapeError> {
    let root = schema::<B::Input>(true);
    let required: Vec<&str> = root
        .get("required")
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .collect();
    let Some(properties) = root.get("properties").and_then(Json::as_object) else {
        return match root.get("type").and_then(Json::as_str) {
            Some("object" | "null") => Ok(Vec::new()),
            _ => Err(ShapeError::new(
                "",
                "the input must be a struct with named fields",
            )),
        };
    };
    properties
        .iter()
        .map(|(name, part)| {
            let gather = part
                .get(GATHER_KEYWORD)
                .and_then(Json::as_u64)
                .map(|every| match every {
                    0 => Gathering::UntilClosed,
                    every => Gathering::Every(u32::try_from(every).unwrap_or(u32::MAX)),
                });
            let default = part
                .get("default")
                .map(|d| serde_json::from_value::<Value>(d.clone()));
            let default = default
                .transpose()
                .map_err(|error| ShapeError::new(name, error.to_string()))?;
            let ty = PinType::from_schema(&root, part);
            if let Some(value) = &default
                && !value.is_null()
                && !ty.fits(value)
            {
                return Err(ShapeError::new(
                    name,
                    format!("the default {value} does not fit {ty}"),
                ));
            }
            Ok(InputPin {
                name: Text::from(name.as_str()),
                ty,
                required: required.contains(&name.as_str()),
                default: default.filter(|value| !value.is_null()),
                doc: text(part, "description"),
                config: B::INFO.config.contains(&name.as_str()),
                unwaited: B::INFO.unwaited.contains(&name.as_str()),
                together: B::INFO.together.contains(&name.as_str()),
                gather,
            })
        })
        .collect()
}

fn outputs<B: Block>() -> Result<Vec<OutputPin>, ShapeError> {
    let root = schema::<B::Output>(false);
    let bad = || {
        ShapeError::new(
            "",
            "the output must be an enum whose variants hold one value or named fields each: a unit variant has no value",
        )
    };
    // An enum with one variant has no `oneOf` around it; one without variants has nothing at all.
    let single = [root.clone()];
    let variants: &[Json] = match root
        .get("oneOf")
        .or_else(|| root.get("anyOf"))
        .and_then(Json::as_array)
    {
        Some(list) => list,
        None if root.get("properties").is_some() => &single,
        None if root
            .get("enum")
            .and_then(Json::as_array)
            .is_some_and(Vec::is_empty)
            || root.get("not").is_some()
            || root == Json::Bool(false) =>
        {
            return Ok(Vec::new());
        }
        None => return Err(bad()),
    };
    variants
        .iter()
        .map(|variant| {
            let properties = variant
                .get("properties")
                .and_then(Json::as_object)
                .ok_or_else(bad)?;
            let mut entries = properties.iter();
            let (Some((name, part)), None) = (entries.next(), entries.next()) else {
                return Err(bad());
            };
            if name == super::ERROR_PIN {
                return Err(ShapeError::new(
                    name,
                    "every block has the output pin \"error\": return an error instead",
                ));
            }
            let doc = match text(variant, "description") {
                doc if doc.as_str().is_empty() => text(part, "description"),
                doc => doc,
            };
            Ok(OutputPin {
                name: Text::from(name.as_str()),
                ty: PinType::from_schema(&root, part),
                sticky: B::INFO.sticky.contains(&name.as_str()),
                tools: false,
                doc,
            })
        })
        .collect()
}
