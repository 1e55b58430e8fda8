//! Whom to tell of a run.

use graphloom::host::Secret;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

use crate::sealing::SealedSecret;

/// A text that is taken and never shown: as it came, or as it is kept.
#[derive(Debug, Clone)]
pub enum Hidden {
    /// As a request has it.
    Plain(Secret),
    /// As a record has it.
    Sealed(SealedSecret),
}

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Plain(String),
            Sealed(SealedSecret),
        }
        let form = Form::deserialize(deserializer);
        match form.map_err(|_| D::Error::custom("a secret is a text"))? {
            Form::Plain(text) => Ok(Self::Plain(Secret::new(text))),
            Form::Sealed(sealed) => Ok(Self::Sealed(sealed)),
        }
    }
}

impl Serialize for Hidden {
    /// One that is not sealed is never written.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Plain(_) => serializer.serialize_none(),
            Self::Sealed(sealed) => sealed.serialize(serializer),
        }
    }
}

/// What happens to a run that others are told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum CallbackEvent {
    /// It has ended by itself.
    Completed,
    /// It has failed.
    Failed,
    /// It was cancelled.
    Cancelled,
    /// It waits for someone, or for a time. This can happen more than once.
    Waiting,
}

impl CallbackEvent {
    /// Every one of them.
    pub const ALL: [Self; 4] = [
        Self::Completed,
        Self::Failed,
        Self::Cancelled,
        Self::Waiting,
    ];
}

fn all() -> Vec<CallbackEvent> {
    CallbackEvent::ALL.to_vec()
}

/// Whom to tell what becomes of a run: a signed POST for each event (docs/guides/server-webhooks.md).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CallbackBody {
    /// Where to: an address of the internet, `https:`. The operator can allow others.
    #[schema(
        min_length = 8,
        max_length = 2048,
        example = "https://example.com/told"
    )]
    pub url: String,
    /// Of what; of everything without it.
    #[serde(default = "all")]
    #[schema(min_items = 1, max_items = 4)]
    pub events: Vec<CallbackEvent>,
    /// What to sign with, in place of the tenant's own secret: `whsec_` and 24 to 64 bytes in base64. Never shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, write_only)]
    pub secret: Option<Hidden>,
}

impl CallbackBody {
    /// Returns it as it may be shown.
    pub(crate) fn shown(&self) -> Self {
        Self {
            secret: None,
            ..self.clone()
        }
    }
}
