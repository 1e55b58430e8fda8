//! May a value of one type go into a pin of another: what is told about a link before anything runs.

use crate::value::Value;

use super::{ObjectType, PinType};

/// How many of the values of one type fit another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// None does, not even after the conversions that the policy allows.
    Never,
    /// Some may: each value is checked when it comes.
    Maybe,
    /// Every value does as it is: it needs neither check nor conversion.
    ///
    /// This takes for granted that numbers come in the form of their type, as typed blocks emit them and
    /// [`PinType::coerce_strict`] makes them: integers at an integer pin, floats at a number pin.
    Always,
}

/// Returns how many of the values of `from` fit `to`; `lenient` is whether the policy converts them first.
///
/// `Always` and `Never` are proofs, `Maybe` is everything else: also what fits and then changes its form, such as an
/// integer at a number pin. An empty list fits any list and an empty map any map,
/// so that those are never `Never`. A null is left to the policy: `lenient` takes it for a `Maybe`, since under that
/// policy a null is dropped and not refused.
#[must_use]
pub fn fit(from: &PinType, to: &PinType, lenient: bool) -> Fit {
    match unconverted(from, to) {
        Fit::Never if lenient && convertible(from, to) => Fit::Maybe,
        known => known,
    }
}

/// Returns how many values fit as they are.
fn unconverted(from: &PinType, to: &PinType) -> Fit {
    use PinType as T;
    match (from, to) {
        (_, T::Any) => Fit::Always,
        (T::Any, _) => Fit::Maybe,
        (T::Null, _) => all_or_never(to.nullable()),
        (T::Union(members), _) => summary(members.iter().map(|member| unconverted(member, to))),
        (T::Enum(values), _) => summary(values.iter().map(|value| one_value(value, to))),
        (_, T::Union(members)) => members
            .iter()
            .map(|member| unconverted(from, member))
            .max()
            .unwrap_or(Fit::Never),
        (_, T::Enum(values)) => {
            if values.iter().any(|value| from.fits(value)) {
                Fit::Maybe
            } else {
                Fit::Never
            }
        }
        (T::Bool, T::Bool)
        | (T::Integer, T::Integer)
        | (T::Number, T::Number)
        | (T::Text, T::Text)
        | (T::Blob, T::Blob) => Fit::Always,
        (T::Integer, T::Number) | (T::Number, T::Integer) => Fit::Maybe,
        (T::List(from), T::List(to)) | (T::Map(from), T::Map(to)) => {
            at_least_maybe(unconverted(from, to))
        }
        (T::Map(from), T::Object(to)) => map_to_object(from, to),
        (T::Object(from), T::Map(to)) => object_to_map(from, to, false),
        (T::Object(from), T::Object(to)) => object_to_object(from, to),
        _ => Fit::Never,
    }
}

/// As `fit.max(Fit::Maybe)`, which rustc 1.95 (LLVM 22) takes, in this recursion and optimised, as a proof that
/// `unconverted` is never `Never`. The release tests of `.ci/run` watch over it.
fn at_least_maybe(fit: Fit) -> Fit {
    match fit {
        Fit::Never | Fit::Maybe => Fit::Maybe,
        Fit::Always => Fit::Always,
    }
}

fn all_or_never(all: bool) -> Fit {
    if all { Fit::Always } else { Fit::Never }
}

/// A number in an enum stands for its integer and its float, one of which may have to change its form.
fn one_value(value: &Value, to: &PinType) -> Fit {
    let settled =
        matches!(value, Value::Null | Value::Bool(_) | Value::Text(_)) || !to.has_number();
    all_or_never(to.fits(value)).min(if settled { Fit::Always } else { Fit::Maybe })
}

/// Joins what is known of parts of a type: one answer if all agree.
fn summary(mut parts: impl Iterator<Item = Fit>) -> Fit {
    let Some(first) = parts.next() else {
        return Fit::Maybe;
    };
    if parts.all(|part| part == first) {
        first
    } else {
        Fit::Maybe
    }
}

fn map_to_object(from: &PinType, to: &ObjectType) -> Fit {
    let mut fit = if to.open { Fit::Always } else { Fit::Maybe };
    for field in &to.fields {
        fit = fit.min(match (unconverted(from, &field.ty), field.required) {
            (Fit::Never, true) => Fit::Never,
            (Fit::Always, false) => Fit::Always,
            _ => Fit::Maybe,
        });
    }
    fit
}

fn object_to_map(from: &ObjectType, to: &PinType, lenient: bool) -> Fit {
    let mut whole = if from.open && !to.is_any() {
        Fit::Maybe
    } else {
        Fit::Always
    };
    for field in &from.fields {
        whole = whole.min(match (fit(&field.ty, to, lenient), field.required) {
            (Fit::Never, false) => Fit::Maybe,
            (part, _) => part,
        });
    }
    whole
}

fn object_to_object(from: &ObjectType, to: &ObjectType) -> Fit {
    let mut whole = Fit::Always;
    for target in &to.fields {
        let part = match from.field(target.name.as_str()) {
            Some(source) => match unconverted(&source.ty, &target.ty) {
                Fit::Never if source.required || target.required => Fit::Never,
                Fit::Always if source.required || !target.required => Fit::Always,
                _ => Fit::Maybe,
            },
            None if from.open => {
                all_or_never(!target.required && target.ty.is_any()).max(Fit::Maybe)
            }
            None => all_or_never(!target.required),
        };
        whole = whole.min(part);
    }
    if !to.open {
        if from.open {
            whole = whole.min(Fit::Maybe);
        }
        for source in from
            .fields
            .iter()
            .filter(|source| to.field(source.name.as_str()).is_none())
        {
            whole = whole.min(if source.required {
                Fit::Never
            } else {
                Fit::Maybe
            });
        }
    }
    whole
}

/// Whether lenient conversion may bring a value of `from`, of which none fits as it is, into `to`. Follows the table of
/// [`PinType::coerce_lenient`]; in doubt it may.
fn convertible(from: &PinType, to: &PinType) -> bool {
    let some = |from: &PinType, to: &PinType| fit(from, to, true) != Fit::Never;
    match from {
        PinType::Null => return true,
        PinType::Union(members) => return members.iter().any(|member| some(member, to)),
        PinType::Enum(values) => {
            return values
                .iter()
                .any(|value| value.is_null() || to.fits(&to.coerce_lenient(Value::clone(value))));
        }
        _ => {}
    }
    match to {
        PinType::Union(members) => members.iter().any(|member| some(from, member)),
        PinType::List(inner) => !from.is_single() || some(from, inner),
        PinType::Map(inner) => match from {
            PinType::Object(object) => object_to_map(object, inner, true) != Fit::Never,
            _ => !from.is_single() || some(from, inner),
        },
        PinType::Integer => !matches!(from, PinType::Blob | PinType::Bool),
        PinType::Bool | PinType::Number | PinType::Text => !matches!(from, PinType::Blob),
        PinType::Any | PinType::Null | PinType::Enum(_) | PinType::Object(_) | PinType::Blob => {
            false
        }
    }
}

impl PinType {
    /// Whether its values become the one item of a list or map, unchanged.
    fn is_single(&self) -> bool {
        matches!(self, Self::Blob | Self::Bool | Self::Integer | Self::Number)
    }
}
