//! Who there is.

use graphloom::Text;

use crate::App;
use crate::principal::Tenant;
use crate::problem::Problem;

/// Returns the tenants that have records or runs, by name, those behind this one, at most so many.
///
/// # Errors
/// What a store failed with.
pub(crate) async fn page(
    app: &App,
    after: Option<Text>,
    limit: usize,
) -> Result<Vec<Tenant>, Problem> {
    let mut found = app.records().tenants(after.clone(), limit).await?;
    // Of each as many as there may be: so none of either is left out of the page.
    found.extend(app.runs().tenants(after, limit).await?);
    found.sort();
    found.dedup();
    found.truncate(limit);
    Ok(found)
}
