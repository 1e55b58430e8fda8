//! What runs are started with.

use std::collections::BTreeMap;

use graphloom::value::Map;
use graphloom::{Text, Value};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{Object, Schema};
use utoipa::openapi::{RefOr, Type};
use utoipa::{PartialSchema, ToSchema};

use super::CallbackBody;

/// What a run is started with.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RunStart {
    /// Which version of the graph; the latest without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub version: Option<u64>,
    /// Values of the graph's inputs, by name.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Object)]
    pub inputs: Map,
    /// Values that replace what input pins have or receive: `{"node.pin": value}`.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Object)]
    pub set: Map,
    /// What random numbers follow from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uint64", maximum = 18_446_744_073_709_551_615_u64)]
    pub seed: Option<u64>,
    /// The time zone of whoever the run is for, by its IANA name; `UTC` without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub time_zone: Option<Text>,
    /// How long the run may take, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub timeout_ms: Option<u64>,
    /// How many firings may be at work at once, 1 to 100000.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100_000)]
    pub max_parallel: Option<u32>,
    /// What it may cost at most, by unit.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub max_cost: BTreeMap<String, f64>,
    /// The only machines that it may reach, as `api.example.com`, `*.example.com` or `localhost:8080`, whatever the server
    /// allows beyond.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    pub only_hosts: Option<Vec<Text>>,
    /// Machines that it may not reach.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub deny_hosts: Vec<Text>,
    /// What its events outlive; `barrier` without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub durability: Option<Promise>,
    /// An earlier run: results of it that still hold are taken and not computed again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub reuse: Option<Text>,
    /// With `reuse`: a node of the graph. It and all that depends on it is done anew, and nothing else.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub from: Option<Text>,
    /// Texts to find it by; 8 KiB in all. Names that begin with `graphloom.` are the server's own.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = BTreeMap<String, String>)]
    pub labels: BTreeMap<Text, Text>,
    /// Whom to tell what becomes of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback: Option<CallbackBody>,
}

/// What the events of a run outlive before something depends on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Promise {
    /// The process, killed at any moment; a power cut may take the latest events.
    Relaxed,
    /// A power cut.
    Barrier,
}

impl RunStart {
    /// Returns it as it may be shown.
    pub(crate) fn shown(self) -> Self {
        let callback = self.callback.as_ref().map(CallbackBody::shown);
        Self { callback, ..self }
    }

    /// Returns what this says, and where it says nothing what `base` says. Inputs, pins, costs and labels are taken from
    /// both, by name.
    pub(crate) fn over(self, base: Self) -> Self {
        let both = |mut base: Map, over: Map| {
            base.extend(over);
            base
        };
        let mut max_cost = base.max_cost;
        max_cost.extend(self.max_cost);
        let mut labels = base.labels;
        labels.extend(self.labels);
        let mut deny_hosts = base.deny_hosts;
        deny_hosts.extend(self.deny_hosts);
        Self {
            version: self.version.or(base.version),
            inputs: both(base.inputs, self.inputs),
            set: both(base.set, self.set),
            seed: self.seed.or(base.seed),
            time_zone: self.time_zone.or(base.time_zone),
            timeout_ms: self.timeout_ms.or(base.timeout_ms),
            max_parallel: self.max_parallel.or(base.max_parallel),
            max_cost,
            only_hosts: self.only_hosts.or(base.only_hosts),
            deny_hosts,
            durability: self.durability.or(base.durability),
            reuse: self.reuse.or(base.reuse),
            from: self.from.or(base.from),
            labels,
            callback: self.callback.or(base.callback),
        }
    }
}

/// What a run of a graph that is not stored is started with: as [`RunStart`], with the graph and without a version.
#[derive(Debug)]
pub struct InlineStart {
    /// The graph's document.
    pub graph: Value,
    /// All else.
    pub run: RunStart,
}

impl PartialSchema for InlineStart {
    fn schema() -> RefOr<Schema> {
        let mut schema = RunStart::schema();
        if let RefOr::T(Schema::Object(object)) = &mut schema {
            object.description = Some("A graph, and what a run of it is started with.".to_owned());
            object.properties.remove("version");
            let mut graph = Object::with_type(Type::Object);
            graph.description = Some("The document: native, or an AutoGPT export.".to_owned());
            object.properties.insert("graph".to_owned(), graph.into());
            object.required.push("graph".to_owned());
        }
        schema
    }
}

impl ToSchema for InlineStart {
    fn name() -> std::borrow::Cow<'static, str> {
        "InlineStart".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        RunStart::schemas(schemas);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use graphloom::json::{Limits, read_value, to_json};
    use graphloom::value::{from_value, to_value};

    fn read(json: &str) -> RunStart {
        let value = read_value(json.as_bytes(), &Limits::default()).expect("JSON");
        from_value(&value).expect("a start")
    }

    #[test]
    fn what_a_request_says_goes_before_what_a_preset_says() {
        let cases = [
            ("{}", "{}", "{}"),
            (r#"{"seed":1}"#, r#"{"seed":2}"#, r#"{"seed":1}"#),
            ("{}", r#"{"version":2}"#, r#"{"version":2}"#),
            (
                r#"{"inputs":{"a":1,"b":null}}"#,
                r#"{"inputs":{"b":2,"c":3}}"#,
                r#"{"inputs":{"b":null,"c":3,"a":1}}"#,
            ),
            (
                r#"{"only_hosts":[]}"#,
                r#"{"only_hosts":["a.b"],"deny_hosts":["c.d"]}"#,
                r#"{"only_hosts":[],"deny_hosts":["c.d"]}"#,
            ),
            (
                r#"{"labels":{"a":"1"}}"#,
                r#"{"labels":{"a":"2","b":"2"}}"#,
                r#"{"labels":{"a":"1","b":"2"}}"#,
            ),
        ];
        for (over, base, expected) in cases {
            let merged = read(over).over(read(base));
            let merged = to_value(&merged).expect("a value");
            assert_eq!(to_json(&merged), expected, "{over} over {base}");
        }
    }
}
