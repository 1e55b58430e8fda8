//! Resources that are one record each: read, listed, and changed as a precondition says.

use graphloom::Text;

use crate::App;
use crate::etag::Asked;
use crate::principal::Tenant;
use crate::problem::Problem;
use crate::records::{Entry, Kind, Query};
use crate::revise::{Become, revise};

/// What a record of one kind is read as.
pub(crate) trait Resource: Sized {
    /// The kind of its record.
    const KIND: Kind;

    /// Reads it.
    fn of(entry: &Entry) -> Result<Self, Problem>;
}

/// A resource that is written under a precondition.
pub(crate) trait Tagged: Resource {
    /// Returns its entity tag.
    fn tag(&self) -> &str;
}

/// Returns a resource of a tenant, if it is there.
async fn find<R: Resource>(app: &App, tenant: &Tenant, id: &str) -> Result<Option<R>, Problem> {
    let entry = app.records().get(tenant, R::KIND, id).await?;
    entry.as_ref().map(R::of).transpose()
}

/// Returns a resource of a tenant.
///
/// # Errors
/// `HTTP_NOT_FOUND`, also for another tenant's.
pub(crate) async fn get<R: Resource>(app: &App, tenant: &Tenant, id: &str) -> Result<R, Problem> {
    let found = find(app, tenant, id).await?;
    found.ok_or_else(|| Problem::not_found(R::KIND.as_str(), id))
}

/// Lists resources of a tenant, the latest made first. The query is of their kind.
pub(crate) async fn list<R: Resource>(
    app: &App,
    tenant: &Tenant,
    query: Query,
) -> Result<Vec<R>, Problem> {
    let entries = app.records().list(tenant, query).await?;
    entries.iter().map(R::of).collect()
}

/// Returns what a request that writes is to be put in place of; `None`: there is none, and it is asked for that.
///
/// # Errors
/// `HTTP_NOT_FOUND`, `HTTP_PRECONDITION`.
pub(crate) async fn meant<R: Tagged>(
    app: &App,
    tenant: &Tenant,
    id: &str,
    asked: &Asked,
) -> Result<Option<R>, Problem> {
    let found = find::<R>(app, tenant, id).await?;
    if *asked != Asked::None && found.is_none() {
        return Err(Problem::not_found(R::KIND.as_str(), id));
    }
    asked.check(found.as_ref().map(R::tag))?;
    Ok(found)
}

/// Changes a resource, if it is the one that is meant; looks again where others are quicker.
///
/// # Errors
/// `HTTP_NOT_FOUND`, `HTTP_PRECONDITION`; what `with` refuses; `HTTP_CONFLICT` where others are always quicker.
pub(crate) async fn rewrite<R: Tagged>(
    app: &App,
    tenant: &Tenant,
    id: &Text,
    asked: &Asked,
    mut with: impl FnMut(R) -> Result<Become, Problem>,
) -> Result<(), Problem> {
    let at = (tenant, R::KIND, id);
    revise(&**app.records(), app.now(), at, |entry| {
        let found = R::of(entry)?;
        asked.check(Some(found.tag()))?;
        Ok((with(found)?, ()))
    })
    .await
}
