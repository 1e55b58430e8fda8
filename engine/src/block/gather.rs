//! An input that collects: a stream goes in, one list comes out.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};

/// The schema keyword that marks a collecting input; its value is the count, 0 for "until closed".
pub(crate) const GATHER_KEYWORD: &str = "x-gather";

/// An input pin that collects what arrives and fires once, when nothing more can arrive; or, with `EVERY` above 0,
/// each time there are that many, and once more with what is left.
///
/// Collectors need no state of their own: the engine holds the items.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Gather<T, const EVERY: u32 = 0>(pub Vec<T>);

impl<'de, T: Deserialize<'de>, const EVERY: u32> Deserialize<'de> for Gather<T, EVERY> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self)
    }
}

impl<T: JsonSchema, const EVERY: u32> JsonSchema for Gather<T, EVERY> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Cow::Owned(format!("Gather_{EVERY}_{}", T::schema_name()))
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let items = generator.subschema_for::<T>();
        json_schema!({ "type": "array", "items": items, GATHER_KEYWORD: EVERY })
    }
}
