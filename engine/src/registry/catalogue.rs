//! Blocks as data: what catalogues, hosts and editors show of them.

use std::fmt::Write;

use crate::block::{ERROR_PIN, Effect, Gathering, InputPin, OutputPin};
use crate::json::{Limits, read_value, to_json};
use crate::value::{Map, Value};

use super::Entry;

impl Entry {
    /// Returns a line of a catalogue: `id`, `available` (true), `version`, `summary`, `category`, `effect`,
    /// `capabilities`, and where there are any `autogpt` (`uuid`, `name`), `native`, `feature` and `replaced_by`.
    #[must_use]
    pub fn to_summary(&self) -> Value {
        let info = self.info();
        let mut map = Map::new();
        map.insert("id", info.id);
        map.insert("available", true);
        map.insert("version", info.version);
        map.insert("summary", info.summary);
        map.insert("category", info.category.as_str());
        map.insert("effect", info.effect.as_str());
        let asks = info.capabilities.iter().map(|c| c.as_str());
        map.insert("capabilities", asks.collect::<Value>());
        if let Some(alias) = info.alias {
            let mut autogpt = Map::new();
            autogpt.insert("uuid", alias.uuid);
            autogpt.insert("name", alias.name);
            map.insert("autogpt", autogpt);
        }
        if let Some(id) = info.native {
            map.insert("native", id);
        }
        if !info.feature.is_empty() {
            map.insert("feature", info.feature);
        }
        if let Some(id) = info.replaced_by {
            map.insert("replaced_by", id);
        }
        map.into()
    }

    /// Returns all that the block says of itself: what [`Entry::to_summary`] has, and `details`, `signature`, `role`,
    /// `resource`, `repeatable` (an attempt may be made again by itself), `serial`, `inputs`, `outputs`, `examples`, and
    /// `node`, an example of a node as a graph has it.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let info = self.info();
        let mut map = self.to_summary().as_map().cloned().unwrap_or_default();
        if !info.details.is_empty() {
            map.insert("details", info.details);
        }
        map.insert("signature", self.signature());
        map.insert("role", info.role.as_str());
        map.insert("resource", info.resource.as_str());
        map.insert("repeatable", info.effect != Effect::AtMostOnce);
        map.insert("serial", info.serial);
        map.insert(
            "inputs",
            self.shape().inputs.iter().map(input).collect::<Value>(),
        );
        let outputs = self.shape().outputs.iter().map(output).chain([error_pin()]);
        map.insert("outputs", outputs.collect::<Value>());
        map.insert("examples", self.examples());
        map.insert("node", self.example_node());
        map.into()
    }

    /// Returns the pins in one line: `text.split(text: text, delimiter: text, strip: bool = true) -> texts: list of text`.
    /// What need not be given has a default or a question mark.
    #[must_use]
    pub fn signature(&self) -> String {
        let mut line = format!("{}(", self.info().id);
        // Writing to a text cannot fail.
        for (position, pin) in self.shape().inputs.iter().enumerate() {
            let comma = if position > 0 { ", " } else { "" };
            let _ = match &pin.default {
                Some(Value::Null) => write!(line, "{comma}{}?: {}", pin.name, pin.ty),
                Some(default) => {
                    write!(
                        line,
                        "{comma}{}: {} = {}",
                        pin.name,
                        pin.ty,
                        to_json(default)
                    )
                }
                None if pin.required => write!(line, "{comma}{}: {}", pin.name, pin.ty),
                None => write!(line, "{comma}{}?: {}", pin.name, pin.ty),
            };
        }
        line.push(')');
        for (position, pin) in self.shape().outputs.iter().enumerate() {
            let joint = if position > 0 { " | " } else { " -> " };
            let _ = write!(line, "{joint}{}: {}", pin.name, pin.ty);
        }
        line
    }

    fn examples(&self) -> Value {
        let parsed =
            |json: &str| read_value(json.as_bytes(), &Limits::default()).unwrap_or(Value::Null);
        let examples = self.info().examples.iter().map(|example| {
            let mut map = Map::new();
            map.insert("name", example.name);
            map.insert("inputs", parsed(example.inputs));
            map.insert("outputs", parsed(example.outputs));
            if example.varies {
                map.insert("varies", true);
            }
            Value::from(map)
        });
        examples.collect()
    }

    /// Returns a node of this block as a graph has it: with the inputs of the first example, or what is required.
    #[must_use]
    pub fn example_node(&self) -> Value {
        let shown = self.info().examples.iter().find_map(|example| {
            let fails = |(pin, _): &(crate::value::Text, Value)| pin.as_str() == ERROR_PIN;
            let inputs = example.read_inputs()?;
            (!example.read_outputs()?.iter().any(fails)).then_some(inputs)
        });
        let made_up = || {
            let required = self.shape().inputs.iter().filter(|pin| pin.required);
            let value =
                |pin: &InputPin| Some((pin.name.clone(), crate::plan::stand_in_for(&pin.ty)?));
            required.filter_map(value).collect::<Map>()
        };
        let mut node = Map::new();
        node.insert("block", self.info().id);
        let inputs = shown.unwrap_or_else(made_up);
        if !inputs.is_empty() {
            node.insert("inputs", inputs);
        }
        node.into()
    }
}

fn input(pin: &InputPin) -> Value {
    let mut map = Map::new();
    map.insert("name", pin.name.clone());
    map.insert("type", pin.ty.to_string());
    map.insert("required", pin.required);
    if let Some(default) = &pin.default {
        map.insert("default", default.clone());
    }
    map.insert("doc", pin.doc.clone());
    if pin.config {
        map.insert("config", true);
    }
    if pin.unwaited {
        map.insert("unwaited", true);
    }
    if pin.together {
        map.insert("together", true);
    }
    match pin.gather {
        Some(Gathering::UntilClosed) => drop(map.insert("gather", "until_closed")),
        Some(Gathering::Every(n)) => drop(map.insert("gather", n)),
        None => {}
    }
    map.into()
}

fn output(pin: &OutputPin) -> Value {
    let mut map = Map::new();
    map.insert("name", pin.name.clone());
    map.insert("type", pin.ty.to_string());
    map.insert("doc", pin.doc.clone());
    if pin.sticky {
        map.insert("sticky", true);
    }
    if pin.tools {
        map.insert("tools", true);
    }
    map.into()
}

fn error_pin() -> Value {
    let mut map = Map::new();
    map.insert("name", ERROR_PIN);
    map.insert("type", "any");
    map.insert(
        "doc",
        "What went wrong, if it is linked: `code`, `message` and `attempt`; under AutoGPT's policy the message alone.",
    );
    map.into()
}

#[cfg(test)]
mod tests {
    use crate::Registry;
    use crate::block::types::PinType;
    use crate::block::{
        BlockError, BlockInfo, BoxFuture, Context, DynBlock, DynEmitter, Effect, InputPin, Inputs,
        OutputPin, Shape, ShapeError,
    };
    use crate::value;

    struct Post;

    impl DynBlock for Post {
        fn info(&self) -> &BlockInfo {
            const INFO: BlockInfo = BlockInfo::new("autogpt.post", 1, "Posts a letter.")
                .effect(Effect::AtMostOnce)
                .native("post.send")
                .feature("post");
            const { &INFO }
        }

        fn describe(&self) -> Result<Shape, ShapeError> {
            let mut stamps = InputPin::new("stamps", PinType::Integer);
            stamps.required = false;
            stamps.default = Some(value!(1));
            let mut note = InputPin::new("note", PinType::Text);
            note.required = false;
            Ok(Shape::new(
                vec![InputPin::new("to", PinType::Text).required(), stamps, note],
                vec![
                    OutputPin::new("sent", PinType::Bool),
                    OutputPin::new("cost", PinType::Number),
                ],
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
    fn a_block_tells_its_signature_and_how_it_may_be_treated() {
        let mut registry = Registry::new();
        registry.add(Post).unwrap();
        let entry = registry.get("autogpt.post").unwrap();
        assert_eq!(
            entry.signature(),
            "autogpt.post(to: text, stamps: integer = 1, note?: text) -> sent: bool | cost: number"
        );
        let facts = entry.to_value();
        let fact = |key: &str| facts.get(key).unwrap().to_string();
        assert_eq!(
            ["available", "repeatable", "native", "feature"].map(fact),
            ["true", "false", "\"post.send\"", "\"post\""]
        );
    }
}
