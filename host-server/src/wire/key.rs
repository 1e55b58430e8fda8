//! Keys of the API.

use graphloom::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::answer::moment;
use crate::auth::KeyKept;
use crate::principal::Scope;

/// A key to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyBody {
    /// What people know it by, 1 to 100 characters.
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub name: Text,
    /// What it may do: only what whoever makes it may do too.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 64)]
    pub scopes: Vec<Text>,
    /// When it ends; left out: when it is revoked.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Text>,
}

/// A key, without what it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyView {
    /// Its id.
    #[schema(value_type = String)]
    pub id: Text,
    /// What people know it by.
    #[schema(value_type = String)]
    pub name: Text,
    /// Who made it.
    #[schema(value_type = String)]
    pub subject: Text,
    /// What it begins with.
    #[schema(value_type = String)]
    pub head: Text,
    /// What it ends with.
    #[schema(value_type = String)]
    pub tail: Text,
    /// What it may do.
    pub scopes: Vec<&'static str>,
    /// When it was made.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub expires_at: Option<String>,
    /// The key itself: only in the answer to its making, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

impl KeyView {
    pub(crate) fn of(kept: &KeyKept, key: Option<String>) -> Self {
        Self {
            id: kept.id.clone(),
            name: kept.name.clone(),
            subject: kept.subject.clone(),
            head: kept.head.clone(),
            tail: kept.tail.clone(),
            scopes: kept.scopes.iter().map(Scope::as_str).collect(),
            created_at: moment(kept.created),
            expires_at: kept.expires.map(moment),
            key,
        }
    }
}
