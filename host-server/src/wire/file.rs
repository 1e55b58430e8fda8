//! Files, and blobs of runs.

use graphloom::{Text, Value};
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::moment;
use crate::files::artifacts::{Artifact, Place};
use crate::files::keep::KeptFile;

/// Bytes as they are: for the description.
#[derive(Debug, ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct Bytes(());

/// A file.
#[derive(Debug, Serialize, ToSchema)]
pub struct FileView {
    /// Its id.
    #[schema(value_type = String)]
    pub id: Text,
    /// What it is called.
    #[schema(value_type = String)]
    pub name: Text,
    /// Of what type it was said to be.
    #[schema(value_type = String)]
    pub media_type: Text,
    /// How many bytes it has.
    pub bytes: u64,
    /// Its entity tag, without quotes: `sha256:` and the hash of its bytes.
    #[schema(value_type = String)]
    pub etag: Text,
    /// What a run is given to have it, as a value of an input.
    #[schema(value_type = Object)]
    pub value: Value,
    /// Where its bytes are.
    pub href: String,
    /// When it was uploaded.
    #[schema(format = DateTime)]
    pub created_at: String,
}

impl FileView {
    pub(crate) fn of(kept: &KeptFile) -> Self {
        Self {
            id: kept.id.clone(),
            name: kept.name.clone(),
            media_type: kept.media_type.clone(),
            bytes: kept.bytes,
            etag: kept.hash.clone(),
            value: kept.value(),
            href: format!("/v1/files/{}", kept.id),
            created_at: moment(kept.created),
        }
    }
}

/// A blob that a run names.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArtifactView {
    /// What its bytes are called: `sha256:` and their hash.
    #[schema(value_type = String)]
    pub hash: Text,
    /// Of what type they are, if the run says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub media_type: Option<Text>,
    /// How many there are.
    pub bytes: u64,
    /// Where they are.
    pub href: String,
    /// The outputs of the run that have it.
    #[schema(value_type = Vec<String>)]
    pub outputs: Vec<Text>,
    /// Where the run names it, the first twenty places.
    pub places: Vec<PlaceView>,
}

/// Where a run names a blob.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlaceView {
    /// The number of the event.
    pub event: u64,
    /// What the event is; `opened` has what the run was given.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    pub kind: Text,
    /// The node.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub node: Option<Text>,
    /// Its firing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub firing: Option<u64>,
    /// The pin.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub pin: Option<Text>,
}

impl ArtifactView {
    pub(crate) fn of(run: &str, artifact: Artifact) -> Self {
        let Artifact {
            blob,
            outputs,
            places,
        } = artifact;
        Self {
            href: format!("/v1/runs/{run}/artifacts/{}", blob.hash),
            hash: blob.hash,
            media_type: blob.media_type,
            bytes: blob.bytes,
            outputs,
            places: places.into_iter().map(PlaceView::of).collect(),
        }
    }
}

impl PlaceView {
    fn of(place: Place) -> Self {
        Self {
            event: place.event,
            kind: place.kind,
            node: place.node,
            firing: place.firing,
            pin: place.pin,
        }
    }
}
