//! The pin by which a node says which credential it uses.

use std::borrow::Cow;

use graphloom::block::{CredentialNeed, Literals};
use graphloom::host::Credential;
use graphloom::prelude::*;
use graphloom::value::from_value;
use graphloom::{Text, Value};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// Which credential a node uses: its name, or the object by which an AutoGPT graph names one. Never the secret itself.
///
/// A name means that credential and no other. An object means the one that is called as its `id`, else the one that is
/// called as its `provider`: ids are those of another machine, and a graph that was exported has none. A node that says
/// nothing means the one that is called as the provider that the block asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CredentialPin {
    name: Option<Text>,
    id: Option<Text>,
    provider: Option<Text>,
}

/// What AutoGPT keeps of a credential in a graph; its type and title are for people.
#[derive(Deserialize)]
struct Object {
    #[serde(default)]
    id: Option<Text>,
    #[serde(default)]
    provider: Option<Text>,
}

impl CredentialPin {
    /// Returns the pin that names this credential.
    #[must_use]
    pub fn named(name: impl Into<Text>) -> Self {
        Self {
            name: Some(name.into()),
            ..Self::default()
        }
    }

    /// Returns what a literal of this pin says; nothing where it says what this pin cannot read.
    #[must_use]
    pub fn literal(literals: &Literals<'_>, pin: &str) -> Self {
        let value = literals.get(pin).filter(|value| !value.is_null());
        value
            .and_then(|value| from_value(value).ok())
            .unwrap_or_default()
    }

    /// Says whether it names a credential or a provider.
    #[must_use]
    pub const fn is_given(&self) -> bool {
        self.name.is_some() || self.id.is_some() || self.provider.is_some()
    }

    /// Returns whose credential it is, where the graph says so: `openai`.
    #[must_use]
    pub fn provider(&self) -> Option<&str> {
        self.provider.as_deref()
    }

    /// Returns the names to try, in this order, of a block that asks for a credential of this provider.
    #[must_use]
    pub fn names<'a>(&'a self, provider: &'a str) -> Vec<&'a str> {
        if let Some(name) = &self.name {
            return vec![name];
        }
        let mut names: Vec<&str> = self.id.iter().map(Text::as_str).collect();
        names.push(self.provider.as_deref().unwrap_or(provider));
        names
    }

    /// Returns the credential, for a block that asks for one of this provider.
    ///
    /// # Errors
    /// As [`Context::credential_among`].
    pub async fn get(&self, cx: &Context, provider: &str) -> Result<Credential, BlockError> {
        cx.credential_among(&self.names(provider)).await
    }

    /// Returns what `graph plan` tells of it, for a block that asks for a credential of this provider.
    #[must_use]
    pub fn need(&self, provider: &str) -> CredentialNeed {
        let own = self.provider.as_deref().unwrap_or(provider);
        let name = self.name.as_ref().or(self.id.as_ref());
        CredentialNeed::new(own).named(name.cloned())
    }
}

impl<'de> Deserialize<'de> for CredentialPin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Text(name) if name.trim().is_empty() => {
                Err(D::Error::custom("the name of a credential is not empty"))
            }
            Value::Text(name) => Ok(Self::named(name)),
            value @ Value::Map(_) => {
                let object: Object = from_value(&value).map_err(D::Error::custom)?;
                Ok(Self {
                    name: None,
                    id: object.id.filter(|id| !id.is_empty()),
                    provider: object.provider.as_ref().and_then(normal),
                })
            }
            other => Err(D::Error::custom(format!(
                "a credential is named by a text, or by an object with an \"id\" and a \"provider\"; found {}",
                other.type_name()
            ))),
        }
    }
}

/// Older graphs write the provider as the program did that made them: `ProviderName.OPENAI`.
fn normal(provider: &Text) -> Option<Text> {
    if provider.is_empty() {
        return None;
    }
    Some(match provider.strip_prefix("ProviderName.") {
        Some(member) => Text::from(member.to_lowercase()),
        None => provider.clone(),
    })
}

impl JsonSchema for CredentialPin {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "CredentialPin".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                { "type": "string", "minLength": 1 },
                {
                    "type": "object",
                    "properties": {
                        "id": { "type": ["string", "null"] },
                        "provider": { "type": ["string", "null"] },
                        "type": { "type": ["string", "null"] },
                        "title": { "type": ["string", "null"] },
                    },
                },
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    use graphloom::value;

    use super::*;

    fn pin(value: &Value) -> CredentialPin {
        from_value(value).unwrap()
    }

    #[test]
    fn a_name_means_that_one() {
        let named = pin(&value!("mine"));
        assert_eq!(named, CredentialPin::named("mine"));
        assert_eq!(named.names("openai"), ["mine"]);
        let expected = CredentialNeed::new("openai").named(Some(Text::from("mine")));
        assert_eq!(named.need("openai"), expected);
    }

    #[test]
    fn an_object_means_its_id_then_its_provider() {
        let whole = pin(&value!({
            "id": "7f2e", "provider": "ProviderName.OPEN_ROUTER", "type": "api_key", "title": "Mine"
        }));
        assert_eq!(whole.names("openai"), ["7f2e", "open_router"]);
        assert_eq!(whole.provider(), Some("open_router"));
        let expected = CredentialNeed::new("open_router").named(Some(Text::from("7f2e")));
        assert_eq!(whole.need("openai"), expected);
        let exported =
            pin(&value!({"id": "", "provider": "groq", "type": "api_key", "title": null}));
        assert_eq!(exported.names("openai"), ["groq"]);
        for empty in [value!({}), value!({"id": null, "provider": ""})] {
            assert!(!pin(&empty).is_given());
            assert_eq!(pin(&empty).names("openai"), ["openai"]);
        }
    }

    #[test]
    fn what_names_none_is_refused() {
        for value in [
            value!(""),
            value!(" "),
            value!(1),
            value!(["a"]),
            value!({"id": 5}),
        ] {
            assert!(from_value::<CredentialPin>(&value).is_err(), "{value}");
        }
    }

    #[test]
    fn literals_are_read_and_nothing_is_none() {
        let inputs = value!({"a": "mine", "b": 5, "c": null});
        let literals = Literals::new(inputs.as_map().unwrap());
        assert_eq!(
            CredentialPin::literal(&literals, "a"),
            CredentialPin::named("mine")
        );
        for pin in ["b", "c", "d"] {
            assert!(!CredentialPin::literal(&literals, pin).is_given(), "{pin}");
        }
    }
}
