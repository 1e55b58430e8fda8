//! Files: records of bytes that were uploaded.

use std::sync::Arc;

use graphloom::value::BlobRef;
use graphloom::{Text, Timestamp, Value, fresh_id};
use serde::{Deserialize, Serialize};

use super::{Content, Draft, Space};
use crate::App;
use crate::etag::Asked;
use crate::once::{self, Key, Made};
use crate::principal::Tenant;
use crate::problem::Problem;
use crate::records::{self, Change, Entry, Expect, Kind};
use crate::resource::{Resource, get};

/// What is kept of a file beside its bytes.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Body {
    name: Text,
    bytes: u64,
    media_type: Text,
}

/// A file with its record.
#[derive(Debug, Clone)]
pub(crate) struct KeptFile {
    pub(crate) id: Text,
    pub(crate) created: Timestamp,
    /// What it is called: a label, and never a path.
    pub(crate) name: Text,
    pub(crate) media_type: Text,
    pub(crate) bytes: u64,
    /// What its bytes are called; its entity tag, too.
    pub(crate) hash: Text,
    revision: u64,
}

impl Resource for KeptFile {
    const KIND: Kind = Kind::File;

    fn of(entry: &Entry) -> Result<Self, Problem> {
        let body: Body = entry.read()?;
        Ok(Self {
            id: entry.id.clone(),
            created: entry.created,
            name: body.name,
            media_type: body.media_type,
            bytes: body.bytes,
            hash: entry.parent.clone(),
            revision: entry.revision,
        })
    }
}

impl KeptFile {
    /// Returns the value that a run is given to have the file.
    pub(crate) fn value(&self) -> Value {
        let blob = BlobRef::new(self.hash.clone(), self.bytes);
        Value::from(blob.with_media_type(self.media_type.clone()))
    }
}

/// Notes a file of these bytes, under an id of its own, or this one with changes that belong to it.
pub(super) async fn write(
    space: &Space,
    name: Text,
    blob: &BlobRef,
    made: Option<(&Text, Vec<Change>)>,
) -> Result<Text, Problem> {
    let (tenant, now) = (&space.tenant, space.clock.now());
    let (id, mut changes) = match made {
        Some((id, changes)) => (id.clone(), changes),
        None => (fresh_id(now), Vec::new()),
    };
    let media_type = blob.media_type.clone();
    let body = Body {
        name,
        bytes: blob.bytes,
        media_type: media_type.unwrap_or_else(|| super::media::BYTES.into()),
    };
    let draft = records::Draft::new(tenant, Kind::File, id.clone(), &body)?;
    let draft = draft.parent(blob.hash.clone()).words(&body.name);
    changes.push(Change::Put(draft, Expect::Absent));
    let max = space.limits.max_files;
    changes.push(Change::at_most(tenant, Kind::File, max));
    space.records.write(changes, now).await?;
    Ok(id)
}

/// Keeps a file of what has come, once for its key.
///
/// # Errors
/// `HTTP_TOO_MANY`; `HTTP_IDEMPOTENCY`.
pub(crate) async fn create(
    app: &App,
    tenant: &Tenant,
    (name, media_type): (Text, Text),
    draft: Draft,
    key: Option<Key>,
) -> Result<Made, Problem> {
    let (app, tenant, space) = (app.clone(), tenant.clone(), Arc::clone(&draft.space));
    let have = |blob: BlobRef| async move {
        let made = once::make(&app, &tenant, key, async |id, changes| {
            write(&space, name, &blob, Some((id, changes)))
                .await
                .map(drop)
        });
        let made = made.await?;
        // The first request's file may be gone by now, and its bytes with it.
        let is_noted = made.is_new;
        Ok((made, is_noted))
    };
    draft.keep(Some(media_type), have).await
}

/// Returns the bytes of a file.
///
/// # Errors
/// `HTTP_INTERNAL` where they are not there.
pub(crate) async fn content(
    app: &App,
    tenant: &Tenant,
    file: &KeptFile,
) -> Result<Content, Problem> {
    let found = app.files().of(tenant).open(&file.hash).await?;
    found.ok_or_else(|| Problem::internal(format!("the bytes of file {} are gone", file.id)))
}

/// Forgets a file. Its bytes stay for the runs that have them.
///
/// # Errors
/// `HTTP_NOT_FOUND`, `HTTP_PRECONDITION`.
pub(crate) async fn delete(
    app: &App,
    tenant: &Tenant,
    id: &Text,
    asked: &Asked,
) -> Result<(), Problem> {
    let file: KeptFile = get(app, tenant, id).await?;
    asked.check(Some(&file.hash))?;
    let seen = Expect::Revision(file.revision);
    let gone = Change::remove(tenant, Kind::File, id, seen);
    app.files().of(tenant).lose(gone, file.hash).await
}
