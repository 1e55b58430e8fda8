//! The kinds of values, as types: what the compiler compares when two pins are wired.
//!
//! They mirror [`PinType`](crate::block::types::PinType), as far as a Rust type tells it. A program meets them in error
//! messages only.

use std::marker::PhantomData;

/// Says that every value of this kind fits a pin of kind `To`. Sealed: the rules are the engine's.
///
/// The same rules as between a block's pins when a graph is compiled: any value fits a pin that takes any, an integer
/// fits a number, a value fits an optional one, lists and maps fit where their items do. What fits only sometimes does
/// not compile; [`Out::typed`](super::Out::typed) puts off the question to the run.
#[diagnostic::on_unimplemented(
    message = "a value of kind `{Self}` does not fit a pin that takes `{To}`",
    label = "`{Self}` where `{To}` is asked for",
    note = "for an output that gives any value, `out.typed::<T>()` leaves the check to the run"
)]
pub trait Fits<To>: sealed::Kind {}

mod sealed {
    /// Only the kinds below are kinds.
    pub trait Kind {}
}

macro_rules! plain {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug)]
        pub enum $name {}
        impl sealed::Kind for $name {}
        impl Fits<$name> for $name {}
        impl Fits<Any> for $name {}
        impl<B> Fits<Opt<B>> for $name where $name: Fits<B> {}
    )+};
}

plain! {
    /// True or false.
    Bool,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// A text.
    Text,
    /// A reference to a blob.
    Blob,
}

impl Fits<Number> for Integer {}

/// Any value at all.
#[derive(Debug)]
pub enum Any {}
impl sealed::Kind for Any {}
impl Fits<Any> for Any {}
impl<B> Fits<Opt<B>> for Any where Any: Fits<B> {}

/// Nothing but null.
#[derive(Debug)]
pub enum Null {}
impl sealed::Kind for Null {}
impl Fits<Null> for Null {}
impl Fits<Any> for Null {}
impl<B> Fits<Opt<B>> for Null {}

/// Names tools: what a `tools` pin links to is an argument of a tool, of whatever kind.
#[derive(Debug)]
pub enum Tools {}
impl sealed::Kind for Tools {}
impl<B> Fits<B> for Tools {}

/// A list of values of kind `K`.
#[derive(Debug)]
pub struct List<K>(PhantomData<K>);
impl<K> sealed::Kind for List<K> {}
impl<K> Fits<Any> for List<K> {}
impl<A: Fits<B>, B> Fits<List<B>> for List<A> {}
impl<A, B> Fits<Opt<B>> for List<A> where List<A>: Fits<B> {}

/// A map to values of kind `K`.
#[derive(Debug)]
pub struct Map<K>(PhantomData<K>);
impl<K> sealed::Kind for Map<K> {}
impl<K> Fits<Any> for Map<K> {}
impl<A: Fits<B>, B> Fits<Map<B>> for Map<A> {}
impl<A, B> Fits<Opt<B>> for Map<A> where Map<A>: Fits<B> {}

/// A value of kind `K`, or null.
#[derive(Debug)]
pub struct Opt<K>(PhantomData<K>);
impl<K> sealed::Kind for Opt<K> {}
impl<K> Fits<Any> for Opt<K> {}
impl<A: Fits<B>, B> Fits<Opt<B>> for Opt<A> {}

/// A value of the Rust type `T`, as a [`pin_value!`](crate::pin_value) declares it.
#[derive(Debug)]
pub struct Of<T>(PhantomData<fn() -> T>);
impl<T> sealed::Kind for Of<T> {}
impl<T> Fits<Of<T>> for Of<T> {}
impl<T> Fits<Any> for Of<T> {}
impl<T, B> Fits<Opt<B>> for Of<T> where Of<T>: Fits<B> {}
