//! Lists as they are answered: a page, where the next one is, and how it is described.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use graphloom::Text;
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;
use crate::answer::Answer;
use crate::ask::{Listed, PageParams};
use crate::principal::Tenant;
use crate::problem::Problem;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PageOf<T> {
    /// What is on it.
    pub(crate) items: Vec<T>,
    /// Asks for the next page; `null` on the last one.
    pub(crate) next_cursor: Option<String>,
}

/// Answers with a page. `items` are the page and one more, where there is one, each with what the next page goes on behind.
pub(super) fn listed<F, T: Serialize>(
    app: &App,
    tenant: &Tenant,
    asked: &Listed<F>,
    mut items: Vec<(Text, T)>,
) -> Result<Answer, Problem> {
    let limit = asked.limit()?;
    let more = items.len() > limit;
    items.truncate(limit);
    let last = items.last().filter(|_| more).map(|(id, _)| id.clone());
    let items = items.into_iter().map(|(_, item)| item).collect();
    going_on(app, tenant, asked, items, last.as_deref())
}

/// Answers with a page, which another one goes on behind `last`, if that is known to be.
pub(super) fn going_on<F, T: Serialize>(
    app: &App,
    tenant: &Tenant,
    asked: &Listed<F>,
    items: Vec<T>,
    last: Option<&str>,
) -> Result<Answer, Problem> {
    let next = last.map(|last| asked.next(app, tenant, last)).transpose()?;
    let (next_cursor, link) = next.unzip();
    let answer = Answer::ok(&PageOf { items, next_cursor })?;
    Ok(match link {
        Some(link) => answer.header(header::LINK, &format!("<{link}>; rel=\"next\"")),
        None => answer,
    })
}

/// Returns behind what a page begins.
pub(super) fn after(
    app: &App,
    tenant: &Tenant,
    list: &str,
    asked: &PageParams,
) -> Result<Option<Text>, Problem> {
    let cursor = asked.cursor.as_deref();
    cursor
        .map(|cursor| app.cursors().read(tenant, list, cursor, app.now()))
        .transpose()
}

/// Answers with a page. `items` are the page and one more, where there is one, each with what the next page goes on
/// behind. `list` names the list and its filters, `path` is where it is asked for, with its filters.
pub(super) fn page<T: Serialize>(
    app: &App,
    tenant: &Tenant,
    path: &str,
    list: &str,
    limit: usize,
    mut items: Vec<(Text, T)>,
) -> Result<Response, Problem> {
    let more = items.len() > limit;
    items.truncate(limit);
    let last = items.last().filter(|_| more);
    let next = last.map(|(id, _)| app.cursors().make(tenant, list, id, app.now()));
    let link = next.as_ref().map(|cursor| {
        let and = if path.contains('?') { '&' } else { '?' };
        format!("<{path}{and}limit={limit}&cursor={cursor}>; rel=\"next\"")
    });
    let answer = Answer::ok(&PageOf {
        items: items.into_iter().map(|(_, item)| item).collect(),
        next_cursor: next,
    })?;
    Ok(match link {
        Some(link) => answer.header(header::LINK, &link).into_response(),
        None => answer.into_response(),
    })
}
