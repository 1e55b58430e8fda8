//! How much a schema asks of its validator, which cannot be stopped: a short schema can take longer than anyone waits, or
//! refer to itself without end. Here the schema goes along the value as the validator would, but looks at nothing on the
//! way and counts.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

/// How many pairs of schema and value are looked at.
const MAX_STEPS: usize = 1_000_000;

/// How deep schemas lead to schemas. The validator goes down them on the stack.
const MAX_DEPTH: usize = 256;

/// What is left open by the schemas below (`unevaluated..`) is found by going through them again.
const AGAIN: usize = 3;

/// Says what is wrong with a schema that may take too long on this value, or that leads out of itself.
pub(in crate::json) fn check(schema: &Json, value: &Json) -> Result<(), String> {
    let mut names = Names::default();
    names.collect(schema, schema);
    let mut cost = Cost {
        names,
        left: MAX_STEPS,
    };
    cost.visit(At::root(schema), value)
}

/// A schema, and how one came to it.
#[derive(Clone, Copy)]
struct At<'s> {
    schema: &'s Json,
    /// What `#` means here: the schema around it that has an `$id`.
    base: &'s Json,
    depth: usize,
    /// How often the validator comes here.
    times: usize,
}

impl<'s> At<'s> {
    const fn root(schema: &'s Json) -> Self {
        Self {
            schema,
            base: schema,
            depth: 0,
            times: 1,
        }
    }

    const fn to(self, schema: &'s Json) -> Self {
        Self {
            schema,
            depth: self.depth + 1,
            ..self
        }
    }
}

struct Cost<'s> {
    names: Names<'s>,
    left: usize,
}

impl<'s> Cost<'s> {
    fn visit(&mut self, at: At<'s>, value: &Json) -> Result<(), String> {
        let text = value.as_str().map_or(0, str::len);
        let steps = at.times.saturating_mul(1 + text / 64);
        let Some(left) = self.left.checked_sub(steps) else {
            return Err(format!(
                "it takes more than {MAX_STEPS} steps on this value: schemas that refer to each other multiply"
            ));
        };
        self.left = left;
        if at.depth > MAX_DEPTH {
            return Err(format!(
                "schemas lead to schemas more than {MAX_DEPTH} deep: one refers to itself, or the value is too deep"
            ));
        }
        let Json::Object(keywords) = at.schema else {
            return Ok(());
        };
        let mut at = at;
        if is_resource(keywords) {
            at.base = at.schema;
        }
        if keywords.keys().any(|key| key.starts_with("unevaluated")) {
            at.times = at.times.saturating_mul(AGAIN);
        }
        for (key, inner) in keywords {
            self.keyword(at, key, inner, value)?;
        }
        Ok(())
    }

    fn keyword(
        &mut self,
        at: At<'s>,
        key: &str,
        inner: &'s Json,
        value: &Json,
    ) -> Result<(), String> {
        match key {
            "$ref" | "$dynamicRef" | "$recursiveRef" => {
                let target = inner.as_str().unwrap_or_default();
                self.reference(at, target, value)
            }
            "allOf" | "anyOf" | "oneOf" => each(inner, |inner| self.visit(at.to(inner), value)),
            "not" | "if" | "then" | "else" => self.visit(at.to(inner), value),
            "dependentSchemas" | "dependencies" => {
                each(inner, |inner| self.visit(at.to(inner), value))
            }
            "properties" => {
                let (Some(properties), Some(map)) = (inner.as_object(), value.as_object()) else {
                    return Ok(());
                };
                for (key, value) in map {
                    if let Some(inner) = properties.get(key) {
                        self.visit(at.to(inner), value)?;
                    }
                }
                Ok(())
            }
            "patternProperties" => each(inner, |inner| {
                each(value, |value| self.visit(at.to(inner), value))
            }),
            "additionalProperties" | "unevaluatedProperties" if value.is_object() => {
                each(value, |value| self.visit(at.to(inner), value))
            }
            "propertyNames" => value.as_object().map_or(Ok(()), |map| {
                map.keys()
                    .try_for_each(|key| self.visit(at.to(inner), &Json::from(key.as_str())))
            }),
            "items" | "prefixItems" if inner.is_array() && value.is_array() => {
                let pairs = inner.as_array().into_iter().flatten();
                let pairs = pairs.zip(value.as_array().into_iter().flatten());
                for (inner, value) in pairs {
                    self.visit(at.to(inner), value)?;
                }
                Ok(())
            }
            "items" | "contains" | "additionalItems" | "unevaluatedItems" if value.is_array() => {
                each(value, |value| self.visit(at.to(inner), value))
            }
            _ => Ok(()),
        }
    }

    fn reference(&mut self, at: At<'s>, target: &str, value: &Json) -> Result<(), String> {
        // The schemas of schemas come with the validator.
        if target.starts_with("https://json-schema.org/draft/")
            || target.starts_with("http://json-schema.org/draft-")
        {
            return Ok(());
        }
        let (uri, fragment) = target.split_once('#').unwrap_or((target, ""));
        let base = match uri {
            "" => Some(at.base),
            uri => self.names.resource(uri),
        };
        let found: Vec<(&Json, &Json)> = match base {
            Some(base) if fragment.is_empty() => vec![(base, base)],
            Some(base) if fragment.starts_with('/') => {
                let place = base.pointer(&unescaped(fragment));
                place.into_iter().map(|schema| (base, schema)).collect()
            }
            Some(_) => self
                .names
                .anchors
                .get(fragment)
                .cloned()
                .unwrap_or_default(),
            None => Vec::new(),
        };
        if found.is_empty() {
            return Err(format!(
                "it refers to {target:?}, which is not in it, and nothing is fetched from elsewhere"
            ));
        }
        for (base, schema) in found {
            self.visit(
                At {
                    base,
                    ..at.to(schema)
                },
                value,
            )?;
        }
        Ok(())
    }
}

/// What can be referred to by name.
#[derive(Default)]
struct Names<'s> {
    /// By `$id`.
    resources: HashMap<&'s str, &'s Json>,
    /// By `$anchor` or `$dynamicAnchor`, each with what `#` means there. A dynamic one may be any of them.
    anchors: HashMap<&'s str, Vec<(&'s Json, &'s Json)>>,
}

impl<'s> Names<'s> {
    fn collect(&mut self, schema: &'s Json, base: &'s Json) {
        match schema {
            Json::Object(keywords) => {
                let mut base = base;
                if is_resource(keywords) {
                    base = schema;
                    if let Some(id) = keywords.get("$id").and_then(Json::as_str) {
                        self.resources.insert(id.trim_end_matches('#'), schema);
                    }
                }
                for key in ["$anchor", "$dynamicAnchor"] {
                    if let Some(name) = keywords.get(key).and_then(Json::as_str) {
                        self.anchors.entry(name).or_default().push((base, schema));
                    }
                }
                keywords
                    .values()
                    .for_each(|inner| self.collect(inner, base));
            }
            Json::Array(items) => items.iter().for_each(|inner| self.collect(inner, base)),
            _ => {}
        }
    }

    /// Returns the schema with this `$id`, or with one that ends in the same part: one is relative to the other.
    fn resource(&self, uri: &str) -> Option<&'s Json> {
        let last = |uri: &str| uri.rsplit('/').next().unwrap_or_default().to_owned();
        self.resources.get(uri).copied().or_else(|| {
            let mut all = self.resources.iter();
            all.find(|(id, _)| last(id) == last(uri))
                .map(|(_, schema)| *schema)
        })
    }
}

fn is_resource(keywords: &Map<String, Json>) -> bool {
    let id = keywords.get("$id").and_then(Json::as_str);
    id.is_some_and(|id| !id.starts_with('#'))
}

/// Goes through what stands in a list or a map.
fn each<'j>(
    inner: &'j Json,
    mut visit: impl FnMut(&'j Json) -> Result<(), String>,
) -> Result<(), String> {
    match inner {
        Json::Array(items) => items.iter().try_for_each(visit),
        Json::Object(map) => map.values().try_for_each(&mut visit),
        _ => Ok(()),
    }
}

/// Undoes percent escapes; what is none stays.
fn unescaped(fragment: &str) -> String {
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.as_bytes();
    while let [first, after @ ..] = rest {
        let code = match rest {
            [b'%', high, low, ..] => char::from(*high)
                .to_digit(16)
                .zip(char::from(*low).to_digit(16)),
            _ => None,
        };
        match code {
            Some((high, low)) => {
                bytes.push((high << 4 | low) as u8);
                rest = rest.get(3..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
