//! Conversion without loss: what the `strict` policy allows.

use crate::value::{List, Map, Value};

use super::number::{exact_float, exact_integer};
use super::{Mismatch, PinType};

impl PinType {
    /// Checks a value and gives its numbers the form that the type asks for: at a number pin 1 becomes 1.0, at an
    /// integer pin 1.0 becomes 1, inside lists, maps, objects and unions too. Both only within ±2^53, where nothing is
    /// lost; beyond, a number stays as it is. The result equals the value ([`Value::loosely_eq`]), and where nothing
    /// changes it is the same in memory.
    ///
    /// # Errors
    ///
    /// [`Mismatch`] if the value does not fit.
    #[inline]
    pub fn coerce_strict(&self, value: Value) -> Result<Value, Mismatch> {
        self.check(&value)?;
        Ok(self.settle(&value).unwrap_or(value))
    }

    /// Returns a value that fits with its numbers in the form of this type, or `None` if they are already.
    pub(super) fn settle(&self, value: &Value) -> Option<Value> {
        match (self, value) {
            (Self::Integer, Value::Float(float)) => exact_integer(*float),
            (Self::Number, Value::Int(integer)) => exact_float(*integer),
            (Self::List(ty), Value::List(items)) if ty.has_number() => {
                change_items(items, |item| ty.settle(item)).map(Value::List)
            }
            (Self::Map(ty), Value::Map(map)) if ty.has_number() => {
                change_values(map, |value| ty.settle(value)).map(Value::Map)
            }
            (Self::Object(object), Value::Map(map)) => {
                let mut changed: Option<Map> = None;
                for field in object.fields.iter().filter(|field| field.ty.has_number()) {
                    let name = field.name.as_str();
                    if let Some(new) = map.get(name).and_then(|value| field.ty.settle(value)) {
                        changed
                            .get_or_insert_with(|| map.clone())
                            .insert(field.name.clone(), new);
                    }
                }
                changed.map(Value::Map)
            }
            (Self::Union(members), _) => settle_member(members, value),
            _ => None,
        }
    }

    /// Whether settling could change anything. Asked of the type, which is small, to spare a walk through the value.
    pub(super) fn has_number(&self) -> bool {
        match self {
            Self::Integer | Self::Number => true,
            Self::List(ty) | Self::Map(ty) => ty.has_number(),
            Self::Object(object) => object.fields.iter().any(|field| field.ty.has_number()),
            Self::Union(members) => members.iter().any(Self::has_number),
            _ => false,
        }
    }
}

/// Settles a value by the members of a union that it fits: one that takes it as it is goes before one that changes it.
pub(super) fn settle_member(members: &[PinType], value: &Value) -> Option<Value> {
    if !members.iter().any(PinType::has_number) {
        return None;
    }
    let mut first = None;
    for member in members.iter().filter(|member| member.fits(value)) {
        match member.settle(value) {
            None => return None,
            new => first = first.or(new),
        }
    }
    first
}

/// Changes the items of a list, or returns `None` and copies nothing if no item changes.
pub(super) fn change_items(items: &List, change: impl Fn(&Value) -> Option<Value>) -> Option<List> {
    let mut rest = items.iter().enumerate();
    let (n_same, first) = rest
        .by_ref()
        .find_map(|(i, item)| Some((i, change(item)?)))?;
    let mut changed = Vec::with_capacity(items.len());
    changed.extend(items.iter().take(n_same).cloned());
    changed.push(first);
    changed.extend(rest.map(|(_, item)| change(item).unwrap_or_else(|| item.clone())));
    Some(List::from(changed))
}

/// Changes the values of a map, or returns `None` and copies nothing if no value changes.
pub(super) fn change_values(map: &Map, change: impl Fn(&Value) -> Option<Value>) -> Option<Map> {
    let mut changed: Option<Map> = None;
    for (key, value) in map {
        if let Some(new) = change(value) {
            changed
                .get_or_insert_with(|| map.clone())
                .insert(key.clone(), new);
        }
    }
    changed
}
