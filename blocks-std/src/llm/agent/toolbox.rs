//! The tools of a node: what the model is told of them, and how what it calls is read.

use std::fmt::Write as _;

use graphloom::json::{Limits, read_value, to_json};
use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Text, Tool, Value};

use super::names::names;
use super::schema::{Parameter, description, parameters, schema};
use crate::llm::chat::{ToolCall, ToolSpec};

/// One answer may call so many tools; one that calls more is asked again.
pub(super) const MAX_CALLS: usize = 64;

/// A model is quoted with so many characters of what it got wrong.
const MAX_QUOTED: usize = 300;

/// What an untitled tool is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Naming {
    /// By its node.
    Node,
    /// As AutoGPT does: by the graph that it calls, else by its block.
    AutoGpt,
}

/// The tools of a node.
#[derive(Debug)]
pub(crate) struct Toolbox {
    specs: Vec<ToolSpec>,
    tools: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    index: u32,
    parameters: Vec<Parameter>,
    literals: Map,
}

/// A call that can be made.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ready {
    /// What the provider knows the call by.
    pub(crate) id: Text,
    /// The tool, as the model knows it.
    pub(crate) name: Text,
    /// The tool, as the run knows it.
    pub(crate) tool: u32,
    pub(crate) arguments: Map,
}

/// What becomes of a parameter that the model leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Absent {
    /// The tool has what the graph says, or its block.
    Default,
    /// The tool gets a null, as AutoGPT's links bring one.
    Null,
}

impl Toolbox {
    /// Returns the tools that this attempt's node is linked to.
    pub(crate) fn of(cx: &Context, naming: Naming) -> Result<Self, BlockError> {
        Ok(Self::new(&cx.tools()?, naming))
    }

    fn new(tools: &[Tool], naming: Naming) -> Self {
        let wanted = |tool: &Tool| {
            let other = match naming {
                Naming::Node => tool.node.clone(),
                Naming::AutoGpt => {
                    let block = tool.alias.map(Text::from);
                    let known = tool.graph.clone().or(block);
                    known.unwrap_or_else(|| tool.block.clone())
                }
            };
            tool.title
                .clone()
                .filter(|title| !title.trim().is_empty())
                .unwrap_or(other)
        };
        let wanted: Vec<Text> = tools.iter().map(wanted).collect();
        let names = names(wanted.iter().map(Text::as_str));
        let mut toolbox = Self {
            specs: Vec::with_capacity(tools.len()),
            tools: Vec::with_capacity(tools.len()),
        };
        for (tool, name) in tools.iter().zip(names) {
            let parameters = parameters(tool);
            let spec = ToolSpec::new(name, description(tool), schema(&parameters));
            toolbox.specs.push(spec);
            toolbox.tools.push(Entry {
                index: tool.index,
                parameters,
                literals: tool.literals.clone(),
            });
        }
        toolbox
    }

    pub(crate) fn specs(&self) -> &[ToolSpec] {
        &self.specs
    }

    /// Reads what a model calls.
    ///
    /// # Errors
    /// What is wrong with each call, told to the model.
    pub(crate) fn read(&self, calls: &[ToolCall], absent: Absent) -> Result<Vec<Ready>, String> {
        if calls.len() > MAX_CALLS {
            return Err(format!(
                "{} tools are called at once; at most {MAX_CALLS} can be",
                calls.len()
            ));
        }
        let mut ready = Vec::with_capacity(calls.len());
        let mut wrong = String::new();
        for call in calls {
            match self.call(call, absent) {
                Ok(call) => ready.push(call),
                Err(what) => {
                    let separator = if wrong.is_empty() { "" } else { "\n" };
                    let _ = write!(wrong, "{separator}- {}: {what}", quoted(&call.name));
                }
            }
        }
        match wrong.is_empty() {
            true => Ok(ready),
            false => Err(wrong),
        }
    }

    fn call(&self, call: &ToolCall, absent: Absent) -> Result<Ready, String> {
        let (spec, entry) = self.find(&call.name)?;
        let written = call.arguments.trim();
        // Some models write nothing where there is nothing to say.
        let value = match written {
            "" => Value::from(Map::new()),
            _ => read_value(written.as_bytes(), &Limits::default()).map_err(|faults| {
                format!(
                    "the arguments are no JSON ({}): {}",
                    first_line(&faults.to_string()),
                    quoted(written)
                )
            })?,
        };
        let Value::Map(given) = value else {
            return Err(format!(
                "the arguments are to be a JSON object, and are {}",
                value.type_name()
            ));
        };
        Ok(Ready {
            id: call.id.clone(),
            name: spec.name.clone(),
            tool: entry.index,
            arguments: entry.arguments(given, absent)?,
        })
    }

    /// Finds a tool by the name that the model writes. Where there is one only, every name means it.
    fn find(&self, name: &str) -> Result<(&ToolSpec, &Entry), String> {
        let mut all = self.specs.iter().zip(&self.tools);
        if let ([spec], [entry]) = (self.specs.as_slice(), self.tools.as_slice()) {
            return Ok((spec, entry));
        }
        all.find(|(spec, _)| spec.name == name).ok_or_else(|| {
            let known: Vec<&str> = self.specs.iter().map(|spec| spec.name.as_str()).collect();
            match known.is_empty() {
                true => "there are no tools".to_owned(),
                false => format!("there is no such tool; there are: {}", known.join(", ")),
            }
        })
    }
}

impl Entry {
    /// Returns the values for the tool's pins.
    fn arguments(&self, mut given: Map, absent: Absent) -> Result<Map, String> {
        let mut arguments = Map::new();
        let mut wrong = Vec::new();
        for parameter in &self.parameters {
            let value = given.remove(&parameter.name);
            // Where a schema is held to strictly, a model says null for what it leaves out.
            let value = value.filter(|value| !value.is_null() || parameter.ty.nullable());
            let value = match (value, absent) {
                (Some(value), _) => match parameter.fitted(value) {
                    Ok(value) => value,
                    Err(what) => {
                        wrong.push(what);
                        continue;
                    }
                },
                (None, _) if parameter.required => {
                    wrong.push(format!("\"{}\" is missing", parameter.name));
                    continue;
                }
                (None, Absent::Default) => continue,
                (None, Absent::Null) => Value::Null,
            };
            if let Err(what) = self.put(&mut arguments, parameter, value) {
                wrong.push(what);
            }
        }
        if !given.is_empty() {
            let known: Vec<&str> = self
                .parameters
                .iter()
                .map(|own| own.name.as_str())
                .collect();
            let unknown: Vec<String> = given.keys().map(|key| quoted(key)).collect();
            wrong.push(match known.is_empty() {
                true => format!("it takes no arguments, and is given {}", unknown.join(", ")),
                false => format!(
                    "there is no parameter {}; there are: {}",
                    unknown.join(", "),
                    known.join(", ")
                ),
            });
        }
        match wrong.is_empty() {
            true => Ok(arguments),
            false => Err(wrong.join("; ")),
        }
    }

    /// Puts a value to the pin, or to its place in the pin's value, which is else as the graph says it.
    fn put(&self, arguments: &mut Map, parameter: &Parameter, value: Value) -> Result<(), String> {
        if parameter.path.steps().is_empty() {
            arguments.insert(parameter.pin.clone(), value);
            return Ok(());
        }
        let literal = || self.literals.get(&parameter.pin).cloned();
        let mut base = arguments
            .remove(&parameter.pin)
            .or_else(literal)
            .unwrap_or_default();
        let put = parameter.path.write_into(&mut base, value);
        arguments.insert(parameter.pin.clone(), base);
        put.map_err(|error| format!("\"{}\": {error}", parameter.name))
    }
}

impl Parameter {
    /// Makes a value fit: models write numbers as texts, and texts as numbers.
    fn fitted(&self, value: Value) -> Result<Value, String> {
        if self.ty.fits(&value) {
            return Ok(value);
        }
        let found = short(&to_json(&value));
        let converted = self.ty.coerce_lenient(value);
        match self.ty.fits(&converted) {
            true => Ok(converted),
            false => Err(format!(
                "\"{}\" is to be {}, and is {found}",
                self.name, self.ty
            )),
        }
    }
}

fn quoted(text: &str) -> String {
    format!("{:?}", short(text))
}

fn short(text: &str) -> String {
    match text.char_indices().nth(MAX_QUOTED) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
