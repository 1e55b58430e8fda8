//! The input of a firing: literals, taken values, overrides and paths merged, converted and checked. Pure.

use crate::block::types::{Mismatch, PinType};
use crate::block::{BlockError, InputPin};
use crate::dense::NodeIx;
use crate::graph::{Coercion, Nulls};
use crate::value::{Text, Value};

use super::{GivenIx, Node, Pin, Plan};

/// Why a merged input does not do.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Unfit {
    /// The policy lets the firing starve: the block is not called, and it counts as nothing.
    Starved(Text),
    /// The firing fails.
    Failed(BlockError),
}

impl Plan {
    /// Merges a firing's input into `slots`. `taken` holds one value for each pin of the node, in their order; it is
    /// empty for a firing at the start. It is drained.
    #[inline]
    pub(crate) fn prepare(
        &self,
        node: NodeIx,
        start: bool,
        given: &GivenIx,
        taken: &mut Vec<Option<Value>>,
        slots: &mut Vec<Option<Value>>,
    ) -> Result<(), Unfit> {
        slots.clear();
        slots.extend_from_slice(&self.cold.at(node).template);
        let hot = *self.nodes.at(node);
        if hot.is(Node::DIRECT) && !given.has_overrides() {
            for (pin, value) in hot.pins().zip(taken.drain(..)) {
                let pin = *self.pins.at(pin);
                let value = if pin.is(Pin::PROVEN) {
                    value
                } else {
                    self.checked(node, pin, value)?
                };
                if let Some(place) = slots.get_mut(usize::from(pin.slot)) {
                    *place = value;
                }
            }
            if start && hot.is(Node::INPUT) && !given.is_empty() {
                self.take_given(node, given, slots)?;
            }
            return Ok(());
        }
        self.prepare_slow(node, start, given, taken, slots)
    }

    /// Takes what an input node is given by whoever began the graph.
    fn take_given(
        &self,
        node: NodeIx,
        given: &GivenIx,
        slots: &mut [Option<Value>],
    ) -> Result<(), Unfit> {
        let shape = &self.cold.at(node).shape;
        let slot = shape.input("value");
        if let Some(value) = given.input(node)
            && let Some(slot) = slot
            && let (Some(place), Some(pin)) = (slots.get_mut(slot), shape.inputs.get(slot))
        {
            *place = self.converted(pin, value.clone(), true)?;
        }
        Ok(())
    }

    /// Checks what arrived at a node's pins, in the slots where it stands, and converts what may be converted.
    #[cold]
    pub(crate) fn check_arrived(
        &self,
        node: NodeIx,
        slots: &mut [Option<Value>],
    ) -> Result<(), Unfit> {
        for pin in self.nodes.at(node).pins() {
            let pin = *self.pins.at(pin);
            if !pin.is(Pin::PROVEN)
                && let Some(place) = slots.get_mut(usize::from(pin.slot))
            {
                *place = self.checked(node, pin, place.take())?;
            }
        }
        Ok(())
    }

    fn checked(
        &self,
        node: NodeIx,
        pin: Pin,
        value: Option<Value>,
    ) -> Result<Option<Value>, Unfit> {
        let declared = self.cold.at(node).shape.inputs.get(usize::from(pin.slot));
        let (Some(value), Some(declared)) = (value, declared) else {
            return Ok(None);
        };
        if declared.ty.fits(&value) {
            return Ok(Some(value));
        }
        declared
            .ty
            .coerce_strict(value)
            .map(Some)
            .map_err(|mismatch| failed(declared, &mismatch))
    }

    #[cold]
    fn prepare_slow(
        &self,
        node: NodeIx,
        start: bool,
        given: &GivenIx,
        taken: &mut Vec<Option<Value>>,
        slots: &mut [Option<Value>],
    ) -> Result<(), Unfit> {
        let hot = *self.nodes.at(node);
        let shape = &self.cold.at(node).shape;
        // Few blocks have more inputs than this.
        let (mut few, mut many) = ([false; 32], Vec::new());
        let touched = match few.get_mut(..slots.len()) {
            Some(few) => few,
            None => {
                many.resize(slots.len(), false);
                many.as_mut_slice()
            }
        };
        touched.fill(hot.is(Node::LITERALS));
        let mut put = |slot: usize, value: Option<Value>| {
            if let (Some(place), Some(touched)) = (slots.get_mut(slot), touched.get_mut(slot)) {
                *place = value;
                *touched = true;
            }
        };
        let mut inside: Vec<(usize, &crate::value::Path, Value)> = Vec::new();
        for (pin, value) in hot.pins().zip(taken.drain(..)) {
            let declared = *self.pins.at(pin);
            match (self.paths.get(&pin), value) {
                (Some(path), Some(value)) => inside.push((usize::from(declared.slot), path, value)),
                (None, Some(value)) => put(usize::from(declared.slot), Some(value)),
                (_, None) => {}
            }
        }
        if start && let Some(value) = given.input(node) {
            put(
                shape.input("value").unwrap_or(usize::MAX),
                Some(value.clone()),
            );
        }
        for (slot, value) in given.overrides(node) {
            put(usize::from(slot), Some(value.clone()));
        }
        for (slot, path, value) in inside {
            let (Some(place), Some(touched)) = (slots.get_mut(slot), touched.get_mut(slot)) else {
                continue;
            };
            *touched = true;
            path.write_into(place.get_or_insert(Value::Null), value)
                .map_err(|error| Unfit::Failed(BlockError::input(error.to_string())))?;
        }
        let drop_nulls = self.policy.nulls == Nulls::Drop;
        for ((pin, place), touched) in shape.inputs.iter().zip(slots).zip(touched.iter().copied()) {
            if touched && let Some(value) = place.take() {
                *place = self.converted(pin, value, start)?;
            }
            if drop_nulls
                && place.is_none()
                && pin.required
                && pin.default.is_none()
                && !self.brings(node, pin)
            {
                return Err(Unfit::Starved(Text::from(format!(
                    "input \"{}\" has no value",
                    pin.name
                ))));
            }
        }
        Ok(())
    }

    /// An input node without a value emits nothing; it is not starved.
    fn brings(&self, node: NodeIx, pin: &InputPin) -> bool {
        self.nodes.at(node).is(Node::INPUT) && pin.name.as_str() == "value"
    }

    fn converted(&self, pin: &InputPin, value: Value, start: bool) -> Result<Option<Value>, Unfit> {
        let drop_nulls = self.policy.nulls == Nulls::Drop;
        if drop_nulls && value.is_null() {
            return Ok(None);
        }
        if pin.ty.fits(&value) {
            return Ok(Some(value));
        }
        let result = match self.policy.coercion {
            Coercion::Strict => pin.ty.coerce_strict(value),
            Coercion::Lenient => {
                // Observed of AutoGPT: a list that arrives at an object pin fails the node, unless it is empty; as a
                // literal of a start node it becomes an object with the keys "0", "1", and so on.
                let list = value.as_list().is_some_and(|list| !list.is_empty());
                if list && !start && matches!(pin.ty, PinType::Map(_) | PinType::Object(_)) {
                    return Err(Unfit::Failed(BlockError::input(format!(
                        "input \"{}\": a list cannot become {}",
                        pin.name, pin.ty
                    ))));
                }
                let converted = pin.ty.coerce_lenient(value);
                pin.ty.check(&converted).map(|()| converted)
            }
        };
        match result {
            Ok(value) => Ok(Some(value)),
            Err(mismatch) if drop_nulls => Err(Unfit::Starved(Text::from(explain(pin, &mismatch)))),
            Err(mismatch) => Err(failed(pin, &mismatch)),
        }
    }
}

fn failed(pin: &InputPin, mismatch: &Mismatch) -> Unfit {
    Unfit::Failed(BlockError::Input {
        message: explain(pin, mismatch),
    })
}

pub(super) fn explain(pin: &InputPin, mismatch: &Mismatch) -> String {
    format!(
        "input \"{}{}\": expected {}, found {}",
        pin.name, mismatch.path, mismatch.expected, mismatch.found
    )
}
