//! Services as data: a *preset* describes one call of a service over HTTP, and becomes a block.
//!
//! A preset is a JSON document (`docs/formats/preset.md`):
//! pins, requests with places for values, and which parts of the answers go out where. The language has no loops but over
//! the items of a list, no expressions, and no texts glued together: a value that is put in stays in its place, whatever it
//! holds. Everything in it is checked when it is read.
//!
//! ```
//! let mut registry = graphloom::Registry::new();
//! let preset = graphloom_blocks::preset::Preset::from_json(br#"{
//!   "preset": 1, "id": "weather.station", "version": 1, "summary": "Asks a weather station how warm it is.",
//!   "vendor": "https://weather.example/docs", "effect": "idempotent", "hosts": ["weather.example"],
//!   "inputs": { "station": { "type": "text", "required": true, "doc": "The station." } },
//!   "steps": [ { "name": "now", "method": "GET", "url": "https://weather.example/stations/{station}/now" } ],
//!   "outputs": { "degrees": { "type": "number", "doc": "Degrees Celsius.", "value": { "$": "now.degrees" } } }
//! }"#)?;
//! registry.add(preset)?;
//! assert!(registry.get("weather.station").is_some());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::time::Duration;

use graphloom::block::types::{Field, PinType};
use graphloom::block::{
    BoxFuture, Cost, InputPin, Inputs, Literals, Needs, OutputPin, Shape, ShapeError,
};
use graphloom::host::HostSet;
use graphloom::prelude::*;
use graphloom::{DynBlock, DynEmitter, Text};

use crate::credential::CredentialPin;

mod address;
mod body;
mod call;
mod credential;
mod error;
mod load;
mod pins;
mod reader;
mod standard;
mod step;
mod tree;

pub use error::{PresetError, PresetErrors};
pub(crate) use standard::register;

use credential::Login;
use load::{CREDENTIAL, Failing};
use pins::Emission;
use step::Step;

/// A block made from a description.
#[derive(Debug)]
pub struct Preset {
    info: BlockInfo,
    hosts: HostSet,
    login: Option<Login>,
    steps: Vec<Step>,
    inputs: Vec<InputPin>,
    outputs: Vec<OutputPin>,
    emissions: Vec<Emission>,
    failing: Failing,
    max_bytes: u64,
    timeout: Duration,
    cost: Option<(Text, f64)>,
}

impl Preset {
    /// Reads a preset. What the block says of itself is kept for as long as the program runs
    /// ([`BlockInfo`]): read each preset once.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with the place where it stands.
    pub fn from_json(bytes: &[u8]) -> Result<Self, PresetErrors> {
        load::load(bytes)
    }
}

impl DynBlock for Preset {
    fn info(&self) -> &BlockInfo {
        &self.info
    }

    fn describe(&self) -> Result<Shape, ShapeError> {
        Ok(Shape::new(self.inputs.clone(), self.outputs.clone()))
    }

    fn needs(&self, literals: &Literals<'_>) -> Needs {
        let hosts = self.hosts.iter();
        let mut needs = hosts.fold(Needs::default(), |needs, host| needs.host(host.to_string()));
        if let Some(login) = &self.login {
            let need = CredentialPin::literal(literals, CREDENTIAL).need(&login.provider);
            needs = needs.credential(if login.optional {
                need.optional()
            } else {
                need
            });
        }
        match &self.cost {
            Some((unit, amount)) => needs.cost(Cost::between(unit.clone(), *amount, Some(*amount))),
            None => needs,
        }
    }

    fn run<'a>(
        &'a self,
        cx: &'a Context,
        inputs: Inputs<'a>,
        out: DynEmitter<'a>,
    ) -> BoxFuture<'a, Result<(), BlockError>> {
        Box::pin(self.call(cx, inputs, out))
    }
}

/// The pin that names the credential, which the graph need not.
fn credential_pin(login: &Login) -> InputPin {
    let text = |name: &str| Field::new(name, PinType::union([PinType::Text, PinType::Null]), false);
    let fields = vec![text("id"), text("provider"), text("type"), text("title")];
    let ty = PinType::union([PinType::Text, PinType::object(fields, true), PinType::Null]);
    let provider = &login.provider;
    let else_none = if login.optional {
        " It works without one too."
    } else {
        ""
    };
    InputPin::new(CREDENTIAL, ty).doc(format!(
        "The name of the credential to use; `{provider}` if none is named.{else_none}"
    ))
}
