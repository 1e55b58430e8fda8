//! Where in a graph something of a request goes.

use graphloom::{Plan, Text, Value};

use super::payload::Payload;
use crate::wire::{PlaceBody, RunStart};

/// Blocks that are there to receive webhooks: their `payload` is what one brought.
const RECEIVERS: [&str; 1] = ["autogpt.receive_webhook"];
/// The pin of a node, and the input of a graph, where nothing else is said.
const PAYLOAD: &str = "payload";

/// An input of the graph, or a pin of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Input(Text),
    Pin(Text, Text),
}

impl Place {
    /// Returns its name in a start: of an input, or `node.pin`.
    pub(super) fn name(&self) -> Text {
        match self {
            Self::Input(name) => name.clone(),
            Self::Pin(node, pin) => Text::from(format!("{node}.{pin}")),
        }
    }

    /// Reads what a body names; `Err`: what would do.
    pub(super) fn read(body: &PlaceBody) -> Result<Self, &'static str> {
        match (&body.input, &body.node, &body.pin) {
            (Some(input), None, None) => Ok(Self::Input(input.clone())),
            (None, Some(node), _) if node.contains('.') => Err("the id of a node has no point"),
            (None, Some(node), pin) => {
                let pin = pin.clone().unwrap_or_else(|| Text::from(PAYLOAD));
                Ok(Self::Pin(node.clone(), pin))
            }
            _ => Err("give `input`, or `node` and perhaps `pin`"),
        }
    }

    /// Returns where the body of a request goes in this graph.
    ///
    /// # Errors
    /// What is missing.
    pub(super) fn of_payload(plan: &Plan, said: Option<&PlaceBody>) -> Result<Self, String> {
        if let Some(said) = said {
            let place = Self::read(said)?;
            return place.is_in(plan).map(|()| place);
        }
        let nodes = plan.node_positions();
        let mut receivers = nodes.filter(|node| RECEIVERS.contains(&plan.block_id(*node)));
        match (receivers.next(), receivers.next()) {
            (Some(node), None) => {
                let (node, pin) = (Text::from(plan.node_id(node)), Text::from(PAYLOAD));
                Ok(Self::Pin(node, pin))
            }
            (None, _) => {
                let place = Self::Input(Text::from(PAYLOAD));
                place.is_in(plan).map(|()| place).map_err(|_| {
                    "the graph has neither a node that receives webhooks nor an input `payload`: say where the body goes"
                        .to_owned()
                })
            }
            (Some(_), Some(_)) => Err(
                "the graph has several nodes that receive webhooks: say which one gets the body"
                    .to_owned(),
            ),
        }
    }

    /// Says whether it is in a graph.
    ///
    /// # Errors
    /// What is missing.
    pub(super) fn is_in(&self, plan: &Plan) -> Result<(), String> {
        match self {
            Self::Input(name) => match plan.interface().input(name) {
                Some(_) => Ok(()),
                None => Err(format!("the graph has no input {name:?}")),
            },
            Self::Pin(node, pin) => {
                let found = plan.node(node);
                let found = found.ok_or_else(|| format!("the graph has no node {node:?}"))?;
                match plan.shape(found).input(pin) {
                    Some(_) => Ok(()),
                    None => Err(format!("the node {node:?} has no pin {pin:?}")),
                }
            }
        }
    }

    /// Returns what a body is there: its value, or where only a text fits the text as it came.
    pub(super) fn fit(&self, plan: &Plan, payload: &Payload) -> Value {
        let shape = match self {
            Self::Input(_) => Some(plan.interface().clone()),
            Self::Pin(node, _) => plan.node(node).map(|node| plan.shape(node)),
        };
        let (Self::Input(name) | Self::Pin(_, name)) = self;
        let pin = shape
            .as_ref()
            .and_then(|shape| shape.inputs.get(shape.input(name)?));
        let fits =
            |value: &Value| pin.is_none_or(|pin| pin.ty.coerce_strict(value.clone()).is_ok());
        let text = Value::from(payload.text.clone());
        if !fits(&payload.value) && fits(&text) {
            return text;
        }
        payload.value.clone()
    }

    /// Puts a value there.
    pub(super) fn put(&self, start: &mut RunStart, value: Value) {
        match self {
            Self::Input(name) => start.inputs.insert(name.clone(), value),
            Self::Pin(node, pin) => start.set.insert(format!("{node}.{pin}"), value),
        };
    }
}
