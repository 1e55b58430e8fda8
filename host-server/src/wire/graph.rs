//! Graphs.

use graphloom::{Text, Value};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::answer::moment;
use crate::graphs::{Kept, Version};

/// A graph: its latest version, and what is the same for all of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct GraphView {
    /// Its id.
    #[schema(value_type = String)]
    pub id: Text,
    /// The name that its latest document has.
    #[schema(value_type = String)]
    pub name: Text,
    /// The number of the latest version, from 1.
    #[schema(minimum = 1)]
    pub version: u64,
    /// The hash of what the graph means: equal for documents that run alike.
    #[schema(value_type = String)]
    pub semantic_hash: Text,
    /// The entity tag, without quotes: the hash of the document and, behind a point, how often the graph was written.
    pub etag: String,
    /// Words to find it by.
    #[schema(value_type = Vec<String>)]
    pub tags: Vec<Text>,
    /// When it was made.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it was last changed.
    #[schema(format = DateTime)]
    pub updated_at: String,
    /// The document, as it was sent; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub graph: Option<Value>,
}

impl GraphView {
    pub(crate) fn of(kept: &Kept, document: Option<Value>) -> Self {
        let head = &kept.head;
        Self {
            id: kept.id.clone(),
            name: head.name.clone(),
            version: head.version,
            semantic_hash: head.hash.clone(),
            etag: kept.tag(),
            tags: head.tags.clone(),
            created_at: moment(kept.created),
            updated_at: moment(kept.updated),
            graph: document,
        }
    }
}

/// One version of a graph.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionView {
    /// Its number, from 1.
    #[schema(minimum = 1)]
    pub version: u64,
    /// The name that its document has.
    #[schema(value_type = String)]
    pub name: Text,
    /// The hash of what it means.
    #[schema(value_type = String)]
    pub semantic_hash: Text,
    /// Its entity tag, without quotes.
    #[schema(value_type = String)]
    pub etag: Text,
    /// When it was made.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// The document, as it was sent; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub graph: Option<Value>,
}

impl VersionView {
    pub(crate) fn of(
        version: &Version,
        created: graphloom::Timestamp,
        document: Option<Value>,
    ) -> Self {
        Self {
            version: version.version,
            name: version.name.clone(),
            semantic_hash: version.hash.clone(),
            etag: version.document_hash.clone(),
            created_at: moment(created),
            graph: document,
        }
    }
}

/// Words to find a graph by.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TagsBody {
    /// All of them, in place of those it has: at most 32, each 1 to 64 characters.
    #[schema(value_type = Vec<String>, max_items = 32)]
    pub tags: Vec<Text>,
}

/// What was found of a document.
#[derive(Debug, Serialize, ToSchema)]
pub struct Validation {
    /// There is nothing wrong with it.
    pub valid: bool,
    /// Everything that is wrong with it, in the order of the places: `code`, `message`, `pointer`, `line`, `column`,
    /// `expected`, `actual`, `suggestions`, and `fix`, a JSON Patch.
    #[schema(value_type = Vec<Object>)]
    pub faults: Vec<Value>,
    /// What is not wrong and could be better.
    #[schema(value_type = Vec<Object>)]
    pub advice: Vec<Value>,
}

/// A tag, and how many graphs have it.
#[derive(Debug, Serialize, ToSchema)]
pub struct TagView {
    /// The tag.
    #[schema(value_type = String)]
    pub tag: Text,
    /// How many graphs have it.
    pub graphs: u64,
}
