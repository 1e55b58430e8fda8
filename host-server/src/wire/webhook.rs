//! Webhooks: what others call to have a graph or a preset run.

use std::collections::BTreeMap;

use graphloom::Text;
use graphloom::host::Secret;
use graphloom::value::Map;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CallbackBody, HookCallView, Moment, TargetBody};
use crate::ask::hidden;

/// By which rules requests are proven to be of the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ProviderKind {
    /// Standard Webhooks: id, time and body are signed.
    Standard,
    /// GitHub: `X-Hub-Signature-256`.
    Github,
    /// GitLab: a token in `X-Gitlab-Token`.
    Gitlab,
    /// Stripe: `Stripe-Signature`, with the time.
    Stripe,
    /// Slack: `X-Slack-Signature`, with the time.
    Slack,
    /// HMAC-SHA256 of the body in a header that `provider` names.
    Hmac,
    /// The secret itself in a header that `provider` names.
    Token,
    /// HTTP's basic authentication.
    Basic,
    /// Nothing: whoever knows the address may call it.
    Unsigned,
}

impl ProviderKind {
    /// Every one of them.
    pub const ALL: [Self; 9] = [
        Self::Standard,
        Self::Github,
        Self::Gitlab,
        Self::Stripe,
        Self::Slack,
        Self::Hmac,
        Self::Token,
        Self::Basic,
        Self::Unsigned,
    ];

    /// Returns its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Stripe => "stripe",
            Self::Slack => "slack",
            Self::Hmac => "hmac",
            Self::Token => "token",
            Self::Basic => "basic",
            Self::Unsigned => "unsigned",
        }
    }
}

/// How a signature is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SignatureEncoding {
    /// Hexadecimal digits.
    #[default]
    Hex,
    /// Base64, with padding.
    Base64,
}

/// What one delivery is told from another by, where its id is not signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum KnownBy {
    /// The id that the request says.
    Id,
    /// What was signed, for a day: also where somebody sends it again under another id.
    Content,
}

/// Who calls, and how that is proven.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderBody {
    /// By which rules.
    pub kind: ProviderKind,
    /// `hmac`, `token`: the header with the signature or the token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, min_length = 1, max_length = 64, required = false)]
    pub header: Option<Text>,
    /// `hmac`: how the signature is written; `hex` without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub encoding: Option<SignatureEncoding>,
    /// `hmac`, `token`: what stands before the signature or the token in its header, as `sha256=`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, max_length = 64, required = false)]
    pub prefix: Option<Text>,
    /// `hmac`: the header with the time in seconds since 1970. `TIME.BODY` is signed then, and not the body alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, min_length = 1, max_length = 64, required = false)]
    pub timestamp_header: Option<Text>,
    /// `hmac`, `token`, `basic`, `unsigned`: the header with the id of a delivery, by which one that is sent again is known.
    /// `Idempotency-Key` without it, but for `hmac`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, min_length = 1, max_length = 64, required = false)]
    pub id_header: Option<Text>,
    /// `hmac`, `token`, `basic`, `unsigned`: the header with the name of the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, min_length = 1, max_length = 64, required = false)]
    pub event_header: Option<Text>,
    /// `github`, `hmac`: what a delivery is known by when it comes again; `id` without it, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub known_by: Option<KnownBy>,
    /// `basic`: the name that goes with the secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, min_length = 1, max_length = 128, required = false)]
    pub user: Option<Text>,
}

/// Where something of a request goes: an input of the graph, or a pin of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceBody {
    /// The name of an input of the graph.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, min_length = 1, max_length = 256, required = false)]
    pub input: Option<Text>,
    /// The id of a node, in place of an input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, min_length = 1, max_length = 256, required = false)]
    pub node: Option<Text>,
    /// The pin of the node; `payload` without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, min_length = 1, max_length = 256, required = false)]
    pub pin: Option<Text>,
}

const fn yes() -> bool {
    true
}

/// What others call to have a graph or a preset run (docs/guides/server-webhooks.md).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookBody {
    /// What it is called.
    #[schema(value_type = String, min_length = 1, max_length = 128)]
    pub name: Text,
    /// What is run.
    pub target: TargetBody,
    /// Who calls, and how that is proven.
    pub provider: ProviderBody,
    /// What the sender proves itself with: 16 to 1024 characters; for `standard` `whsec_` and 24 to 64 bytes in base64. Never
    /// shown. Left out: one is drawn when the webhook is made, and shown once; later, the one that it has stays. `stripe` and
    /// `slack` show theirs, which has to be given.
    #[serde(default, deserialize_with = "hidden::maybe_secret", skip_serializing)]
    #[schema(value_type = String, min_length = 16, max_length = 1024, format = Password, write_only, required = false)]
    pub secret: Option<Secret>,
    /// Only these events become runs: by name, or by what names begin with up to a point (`issues` is `issues.opened` too).
    /// Empty: all of them.
    #[serde(default)]
    #[schema(value_type = Vec<String>, max_items = 100)]
    pub events: Vec<Text>,
    /// Where the body goes. Left out: to the graph's one node that receives webhooks, else to its input `payload`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub payload_to: Option<PlaceBody>,
    /// Where a few of the headers go, by name in lower case. Left out: nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub headers_to: Option<PlaceBody>,
    /// Values of the graph's other inputs, by name; of a preset's those that differ.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub inputs: Map,
    /// Whether it is there for those who call it.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub enabled: bool,
    /// Texts to find its runs by; 8 KiB in all, with those of the server.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    pub labels: BTreeMap<Text, Text>,
    /// Whom to tell what becomes of its runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback: Option<CallbackBody>,
}

/// A webhook.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookView {
    /// Its id.
    #[schema(value_type = String)]
    pub id: Text,
    /// The entity tag of what its owner has written, without quotes.
    #[schema(value_type = String)]
    pub etag: Text,
    /// What to tell the sender; `null` where the server does not know where it is reached, and for whoever may not know the
    /// address of one that is `unsigned` (scope `webhooks:write`).
    pub url: Option<String>,
    /// The path of it at this server.
    pub path: Option<String>,
    /// What the sender proves itself with, where the server has drawn it just now. It is not shown again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// When the secret was drawn or given; `null` where there is none.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub secret_at: Option<Moment>,
    /// Until when the secret before it is taken too.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub former_until: Option<Moment>,
    /// What it is called.
    #[schema(value_type = String)]
    pub name: Text,
    /// What is run.
    pub target: TargetBody,
    /// Who calls, and how that is proven.
    pub provider: ProviderBody,
    /// Only these events become runs.
    #[schema(value_type = Vec<String>)]
    pub events: Vec<Text>,
    /// Where the body goes.
    pub payload_to: Option<PlaceBody>,
    /// Where a few of the headers go.
    pub headers_to: Option<PlaceBody>,
    /// Values of the other inputs.
    #[schema(value_type = Object)]
    pub inputs: Map,
    /// Whether it is there for those who call it.
    pub enabled: bool,
    /// Texts to find its runs by.
    #[schema(value_type = BTreeMap<String, String>)]
    pub labels: BTreeMap<Text, Text>,
    /// Whom to tell what becomes of its runs.
    pub callback: Option<CallbackBody>,
    /// The last request that was noted.
    pub last_call: Option<HookCallView>,
    /// How many of the last ten in a row were refused or failed.
    pub failures_in_a_row: u32,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Moment,
    /// When its owner last changed it.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Moment,
}

/// Another secret of a webhook.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateBody {
    /// The secret; left out: one is drawn, and shown once.
    #[serde(default, deserialize_with = "hidden::maybe_secret")]
    #[schema(value_type = String, min_length = 16, max_length = 1024, format = Password, write_only, required = false)]
    pub secret: Option<Secret>,
}
