//! The rules between kinds are those between pin types.

use std::collections::{BTreeMap, HashMap};
use std::marker::PhantomData;

use schemars::{JsonSchema, SchemaGenerator};

use crate::block::types::{Fit, PinType, fit};
use crate::builder::{Fits, PinValue};
use crate::value::{List, Map, Text, Value};

fn pin_type<T: JsonSchema>() -> PinType {
    let root = SchemaGenerator::default()
        .into_root_schema_for::<T>()
        .to_value();
    PinType::from_schema(&root, &root)
}

/// Asks the compiler whether a value of `A` fits a pin of type `B`.
struct Ask<A, B>(PhantomData<(A, B)>);

impl<A: PinValue, B: PinValue> Ask<A, B>
where
    A::Kind: Fits<B::Kind>,
{
    fn compiles(&self) -> bool {
        true
    }
}

/// Answers where the method above does not exist.
trait Otherwise {
    fn compiles(&self) -> bool {
        false
    }
}

impl<A, B> Otherwise for &Ask<A, B> {}

/// Compares what compiles with what compiling a graph says, for each pair of these types.
macro_rules! check_pairs {
    ($($from:ty,)+) => { check_pairs!(@rows [$($from,)+] [$($from,)+]) };
    (@rows [$($from:ty,)+] $all:tt) => { $(check_pairs!(@row $from, $all);)+ };
    (@row $from:ty, [$($to:ty,)+]) => {$({
        let (from, to) = (pin_type::<$from>(), pin_type::<$to>());
        let compiles = (&Ask::<$from, $to>(PhantomData)).compiles();
        match fit(&from, &to, false) {
            Fit::Always => assert!(compiles, "{from} to {to} does not compile"),
            Fit::Never => assert!(!compiles, "{from} to {to} compiles"),
            // An integer becomes a float on the way; everything else that only may fit is for `Out::typed`.
            _ => {
                let pair = format!("{from} to {to}");
                assert_eq!(compiles, CONVERTED.contains(&pair.as_str()), "{pair}");
            }
        }
    })+};
}

const CONVERTED: [&str; 3] = [
    "integer to number",
    "integer to number or null",
    "integer or null to number or null",
];

#[test]
fn what_compiles_is_what_fits() {
    check_pairs!(
        (), bool, i64, f64, String, Value, List, Map, Vec<String>, Vec<i64>, Vec<Vec<bool>>, BTreeMap<String, bool>,
        Option<bool>, Option<i64>, Option<f64>, Option<String>, Option<Value>, Option<Vec<String>>,
    );
}

/// That this compiles says that the kinds fit.
fn check<A: PinValue + JsonSchema, B: PinValue + JsonSchema>(expected: Fit)
where
    A::Kind: Fits<B::Kind>,
{
    let (from, to) = (pin_type::<A>(), pin_type::<B>());
    assert_eq!(fit(&from, &to, false), expected, "{from} to {to}");
}

#[test]
fn like_types_are_of_one_kind() {
    check::<String, Text>(Fit::Always);
    check::<&str, Option<String>>(Fit::Always);
    check::<char, String>(Fit::Always);
    check::<bool, Value>(Fit::Always);
    check::<Value, Value>(Fit::Always);
    check::<Value, Option<Value>>(Fit::Always);
    check::<Option<String>, Value>(Fit::Always);
    check::<Option<bool>, Option<bool>>(Fit::Always);
    check::<(), Option<i64>>(Fit::Always);
    check::<u8, i64>(Fit::Always);
    check::<Vec<String>, Vec<Text>>(Fit::Always);
    check::<Vec<String>, List>(Fit::Always);
    check::<Vec<Vec<u8>>, Option<Vec<List>>>(Fit::Always);
    check::<HashMap<String, bool>, BTreeMap<String, bool>>(Fit::Always);
    check::<HashMap<String, bool>, Map>(Fit::Always);
    check::<BTreeMap<String, Vec<bool>>, BTreeMap<String, Value>>(Fit::Always);
    // An integer becomes a float on the way.
    check::<i64, f64>(Fit::Maybe);
    check::<usize, Option<f64>>(Fit::Maybe);
}
