//! Types read out of JSON schemas (draft 2020-12, as schemars writes them).

use serde_json::{Map as JsonMap, Value as Json};

use crate::value::{Text, Value};

use super::{Field, PinType};

/// A schema nested deeper than this is any value from there on; it bounds the recursion.
const MAX_DEPTH: usize = 32;

/// A type of more parts than this is any value from there on. Schemas that refer to each other in many ways would
/// otherwise unfold into a type larger than memory.
const MAX_PARTS: usize = 4096;

/// The keyword of ours, and its one value: the value is a reference to a blob.
pub(super) const KEYWORD: &str = "x-graphloom";

impl PinType {
    /// Reads the type of `part`, a schema inside `schema`; `schema` is the root that holds `$defs`, and is itself the
    /// part where a whole schema is read.
    ///
    /// Never fails: what the lattice cannot say becomes wider, in the end [`PinType::Any`], so that no value which the
    /// schema allows is refused. References are followed inside the document; one that leads to itself is any value.
    #[must_use]
    pub fn from_schema(schema: &Json, part: &Json) -> Self {
        Reader {
            root: schema,
            followed: Vec::new(),
            depth: 0,
            n_parts: 0,
        }
        .read(part)
    }
}

struct Reader<'a> {
    root: &'a Json,
    /// The references that led to where the reader is.
    followed: Vec<&'a str>,
    depth: usize,
    n_parts: usize,
}

impl<'a> Reader<'a> {
    fn read(&mut self, part: &'a Json) -> PinType {
        let Some(schema) = part.as_object() else {
            return PinType::Any;
        };
        if self.depth >= MAX_DEPTH || self.n_parts >= MAX_PARTS {
            return PinType::Any;
        }
        self.depth += 1;
        self.n_parts += 1;
        let ty = self.object(schema);
        self.depth -= 1;
        if schema.get("nullable") == Some(&Json::Bool(true)) {
            PinType::union([ty, PinType::Null])
        } else {
            ty
        }
    }

    fn object(&mut self, schema: &'a JsonMap<String, Json>) -> PinType {
        if schema.get(KEYWORD).and_then(Json::as_str) == Some("blob") {
            return PinType::Blob;
        }
        if let Some(reference) = schema.get("$ref").and_then(Json::as_str) {
            return self.follow(reference);
        }
        if let Some(value) = schema.get("const") {
            return values(std::slice::from_ref(value));
        }
        if let Some(all) = array(schema, "enum") {
            return values(all);
        }
        match schema.get("type") {
            Some(Json::String(name)) => self.named(name, schema),
            Some(Json::Array(names)) => {
                let members: Vec<_> = names
                    .iter()
                    .map(|name| self.named(name.as_str().unwrap_or_default(), schema))
                    .collect();
                PinType::union(members)
            }
            _ => self.untyped(schema),
        }
    }

    /// Reads a schema without `type`.
    fn untyped(&mut self, schema: &'a JsonMap<String, Json>) -> PinType {
        for keyword in ["anyOf", "oneOf"] {
            if let Some(members) = array(schema, keyword) {
                let members: Vec<_> = members.iter().map(|member| self.read(member)).collect();
                return PinType::union(members);
            }
        }
        // A value must fit all members, so that the first which says anything is one that it must fit.
        let all = array(schema, "allOf").unwrap_or_default();
        all.iter()
            .map(|member| self.read(member))
            .find(|ty| !ty.is_any())
            .unwrap_or(PinType::Any)
    }

    fn named(&mut self, name: &str, schema: &'a JsonMap<String, Json>) -> PinType {
        match name {
            "null" => PinType::Null,
            "boolean" => PinType::Bool,
            "integer" => PinType::Integer,
            "number" => PinType::Number,
            "string" => PinType::Text,
            "array" => PinType::list(self.items(schema)),
            "object" => self.map(schema),
            _ => PinType::Any,
        }
    }

    fn items(&mut self, schema: &'a JsonMap<String, Json>) -> PinType {
        let rest = schema.get("items");
        let Some(first) = array(schema, "prefixItems") else {
            return rest.map_or(PinType::Any, |rest| self.read(rest));
        };
        let closed = rest == Some(&Json::Bool(false))
            || schema
                .get("maxItems")
                .and_then(Json::as_u64)
                .is_some_and(|max| max <= first.len() as u64);
        let mut members: Vec<_> = first.iter().map(|item| self.read(item)).collect();
        if !closed {
            members.push(rest.map_or(PinType::Any, |rest| self.read(rest)));
        }
        PinType::union(members)
    }

    fn map(&mut self, schema: &'a JsonMap<String, Json>) -> PinType {
        let rest = schema.get("additionalProperties");
        let closed = rest == Some(&Json::Bool(false));
        let patterns = schema
            .get("patternProperties")
            .and_then(Json::as_object)
            .filter(|all| !all.is_empty());
        let known = schema
            .get("properties")
            .and_then(Json::as_object)
            .filter(|all| !all.is_empty());
        match (known, patterns) {
            (Some(known), _) => {
                PinType::object(self.fields(known, schema), patterns.is_some() || !closed)
            }
            (None, Some(patterns)) => {
                let mut members: Vec<_> = patterns.values().map(|value| self.read(value)).collect();
                if !closed {
                    members.push(rest.map_or(PinType::Any, |rest| self.read(rest)));
                }
                PinType::map(PinType::union(members))
            }
            (None, None) if closed => PinType::object(Vec::new(), false),
            (None, None) => PinType::map(rest.map_or(PinType::Any, |rest| self.read(rest))),
        }
    }

    fn fields(
        &mut self,
        known: &'a JsonMap<String, Json>,
        schema: &JsonMap<String, Json>,
    ) -> Vec<Field> {
        let required = array(schema, "required").unwrap_or_default();
        let mut fields: Vec<_> = known
            .iter()
            .map(|(name, part)| {
                let required = required.iter().any(|one| one.as_str() == Some(name));
                Field::new(Text::from(name.as_str()), self.read(part), required)
            })
            .collect();
        // Whether serde_json keeps the order of keys depends on what else is in the build.
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        fields
    }

    fn follow(&mut self, reference: &'a str) -> PinType {
        let target = reference
            .strip_prefix('#')
            .and_then(|fragment| self.root.pointer(&decode(fragment)));
        let Some(target) = target.filter(|_| !self.followed.contains(&reference)) else {
            return PinType::Any;
        };
        self.followed.push(reference);
        let ty = self.read(target);
        self.followed.pop();
        ty
    }
}

fn array<'a>(schema: &'a JsonMap<String, Json>, keyword: &str) -> Option<&'a [Json]> {
    schema
        .get(keyword)
        .and_then(Json::as_array)
        .map(Vec::as_slice)
}

fn values(all: &[Json]) -> PinType {
    PinType::one_of(all.iter().map(literal))
}

/// Returns what a value in a schema says; a number too large for 64 bits becomes the nearest float.
fn literal(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::from(*truth),
        Json::Number(number) => {
            let integer = number
                .as_i64()
                .map(Value::from)
                .or_else(|| number.as_u64().map(Value::from));
            integer.unwrap_or_else(|| number.as_f64().into())
        }
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => items.iter().map(literal).collect(),
        Json::Object(entries) => entries
            .iter()
            .map(|(key, value)| (key.as_str(), literal(value)))
            .collect(),
    }
}

/// Undoes percent encoding, which the fragment of a reference may have.
fn decode(fragment: &str) -> String {
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = match (first, tail) {
            (b'%', [high, low, after @ ..]) => hex(*high)
                .zip(hex(*low))
                .map(|(high, low)| (high * 16 + low, after)),
            _ => None,
        };
        let (byte, after) = code.unwrap_or((*first, tail));
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}
