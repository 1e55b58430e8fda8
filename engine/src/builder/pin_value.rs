//! Which Rust type is which kind of value.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use crate::block::Gather;
use crate::value::{BlobRef, List, Map, Shared, Text, Value};

use super::kind;

/// A Rust type that a pin can be declared with.
///
/// Implemented for the usual ones; [`pin_value!`](crate::pin_value) adds a program's own.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not known as the type of a pin",
    note = "declare your own types with `graphloom::pin_value!({Self})`"
)]
pub trait PinValue {
    /// What a value of the type is: what an output gives, and what a literal must be.
    type Kind;
    /// What a link may bring to an input of the type; `Kind`, but for inputs that collect.
    type Arrives;
}

/// The type of an output pin whose links name tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tools;

macro_rules! values {
    ($($kind:ty: [$([$($param:tt)*] $ty:ty),+],)+) => {$($(
        impl<$($param)*> PinValue for $ty {
            type Kind = $kind;
            type Arrives = $kind;
        }
    )+)+};
}

values! {
    kind::Any: [[] Value, [] serde_json::Value],
    kind::Null: [[] ()],
    kind::Bool: [[] bool],
    kind::Integer: [[] i8, [] i16, [] i32, [] i64, [] isize, [] u8, [] u16, [] u32, [] u64, [] usize],
    kind::Number: [[] f32, [] f64],
    kind::Text: [[] str, [] String, [] Text, [] char],
    kind::Blob: [[] BlobRef],
    kind::Tools: [[] Tools],
    kind::List<kind::Any>: [[] List],
    kind::Map<kind::Any>: [[] Map],
    kind::List<T::Kind>: [
        [T: PinValue] [T], [T: PinValue] Vec<T>, [T: PinValue] VecDeque<T>, [T: PinValue] BTreeSet<T>,
        [T: PinValue, S] HashSet<T, S>, [T: PinValue, const N: usize] [T; N]
    ],
    kind::Map<T::Kind>: [[K, T: PinValue] BTreeMap<K, T>, [K, T: PinValue, S] HashMap<K, T, S>],
    kind::Opt<T::Kind>: [[T: PinValue] Option<T>],
    T::Kind: [
        [T: PinValue + ?Sized] &T, [T: PinValue + ?Sized] Box<T>, [T: PinValue + ?Sized] Arc<T>,
        [T: PinValue] Shared<T>, [T: PinValue + ToOwned + ?Sized] Cow<'_, T>
    ],
}

impl<T: PinValue, const EVERY: u32> PinValue for Gather<T, EVERY> {
    type Kind = kind::List<T::Kind>;
    type Arrives = T::Kind;
}

/// Makes own types known as types of pins: each a kind of its own, which fits only itself and pins that take anything;
/// or, with `as`, of the kind of another type, for what is a text or a number on the wire.
///
/// ```
/// #[derive(serde::Serialize)]
/// struct Person {
///     name: String,
/// }
/// #[derive(serde::Serialize)]
/// struct Email(String);
///
/// graphloom::pin_value!(Person, Email as String);
/// ```
#[macro_export]
macro_rules! pin_value {
    ($($ty:ty $(as $like:ty)?),+ $(,)?) => {$($crate::pin_value!(@one $ty $(, $like)?);)+};
    (@one $ty:ty) => {
        impl $crate::builder::PinValue for $ty {
            type Kind = $crate::builder::kind::Of<$ty>;
            type Arrives = $crate::builder::kind::Of<$ty>;
        }
    };
    (@one $ty:ty, $like:ty) => {
        impl $crate::builder::PinValue for $ty {
            type Kind = <$like as $crate::builder::PinValue>::Kind;
            type Arrives = <$like as $crate::builder::PinValue>::Arrives;
        }
    };
}
