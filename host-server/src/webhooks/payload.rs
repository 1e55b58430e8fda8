//! What a request brings, as a value: JSON, a form, or a text.

use std::collections::HashMap;
use std::fmt;

use axum::http::{HeaderMap, header};
use graphloom::value::Map;
use graphloom::{Text, Value};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::schemes::Place;
use crate::problem::{Problem, ServerCode};

/// What a body says.
#[derive(Debug, Clone)]
pub(super) struct Payload {
    /// As a value.
    pub(super) value: Value,
    /// As it came.
    pub(super) text: Text,
}

impl Payload {
    /// Reads a body as its type says: JSON, a form (repeated names become lists), else a text. An empty one is an empty map.
    ///
    /// # Errors
    /// `HTTP_MEDIA_TYPE` for what is no UTF-8; `HTTP_BODY` for JSON that is none.
    pub(super) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, Problem> {
        let said = headers.get(header::CONTENT_TYPE);
        let said = said.and_then(|said| said.to_str().ok()).unwrap_or_default();
        let essence = said.split(';').next().unwrap_or_default().trim();
        let essence = essence.to_ascii_lowercase();
        let text = std::str::from_utf8(body).map_err(|_| {
            let detail = "the body is to be a text in UTF-8";
            Problem::new(ServerCode::MediaType, detail)
        })?;
        let value = if body.is_empty() {
            Map::new().into()
        } else if essence == "application/json" || essence.ends_with("+json") {
            json(text)?
        } else if essence == "application/x-www-form-urlencoded" {
            form(text)
        } else {
            Value::from(text)
        };
        Ok(Self {
            value,
            text: Text::from(text),
        })
    }

    /// Returns a text of the request.
    pub(super) fn text_at(&self, place: Place<'_>, headers: &HeaderMap) -> Option<Text> {
        match place {
            Place::Header(name) => {
                let said = headers.get(name)?.to_str().ok()?.trim();
                (!said.is_empty()).then(|| Text::from(said))
            }
            Place::Body(names) => {
                let mut at = &self.value;
                for name in names {
                    at = at.get(name)?;
                }
                let said = at.as_str()?;
                (!said.is_empty()).then(|| Text::from(said))
            }
        }
    }
}

/// Reads a form: a name that stands several times has a list.
fn form(text: &str) -> Value {
    let mut fields: Vec<(Text, Vec<Value>)> = Vec::new();
    let mut places: HashMap<Text, usize> = HashMap::new();
    for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
        let (name, value) = (Text::from(&*name), Value::from(&*value));
        let place = *places.entry(name.clone()).or_insert(fields.len());
        match fields.get_mut(place) {
            Some((_, values)) => values.push(value),
            None => fields.push((name, vec![value])),
        }
    }
    let one_or_all = |mut values: Vec<Value>| match (values.pop(), values.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            values.extend(last);
            values.into()
        }
    };
    let fields = fields.into_iter();
    let fields: Map = fields
        .map(|(name, values)| (name, one_or_all(values)))
        .collect();
    fields.into()
}

fn json(text: &str) -> Result<Value, Problem> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = Literal.deserialize(&mut reader);
    let read = read.and_then(|value| reader.end().map(|()| value));
    read.map_err(|error| {
        let detail = format!(
            "the body is no JSON: line {}, column {}",
            error.line(),
            error.column()
        );
        Problem::new(ServerCode::Body, detail)
    })
}

/// Reads JSON as it stands there. What the engine writes in forms of its own (`{"$blob": …}`) is a map here: whoever calls is
/// not to name blobs and sealed texts of the owner's.
struct Literal;

impl<'de> DeserializeSeed<'de> for Literal {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Literal {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Value, E> {
        Ok(truth.into())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = seq.next_element_seed(Literal)? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            entries.insert(Text::from(key), map.next_value_seed(Literal)?);
        }
        Ok(entries.into())
    }
}
