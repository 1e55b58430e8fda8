//! Runs.

mod artifacts;
mod events;
mod past;
pub(super) mod start;
mod told;

use axum::extract::State;
use axum::http::StatusCode;
use graphloom::host::{RunEntry, RunQuery};
use graphloom::{Status, Text, Timestamp, Value};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::page::{PageOf, going_on, listed};
use crate::App;
use crate::Tenant;
use crate::answer::Answer;
use crate::ask::{Id, Listed, PageParams, Params, Who, id, one_of};
use crate::principal::Scope;
use crate::problem::{Problem, ServerCode};
use crate::runs::labels;
use crate::wire::{RunResult, RunView};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(start::start))
        .routes(routes!(list, start::start_inline))
        .routes(routes!(get, delete))
        .routes(routes!(told::cancel))
        .routes(routes!(told::resume))
        .routes(routes!(told::answer))
        .routes(routes!(past::export))
        .routes(routes!(past::why))
        .routes(routes!(past::diff))
        .routes(routes!(events::events))
        .routes(routes!(artifacts::artifacts))
        .routes(routes!(artifacts::artifact))
}

/// Which runs to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
struct RunFilters {
    /// Only those with this status: queued, running, waiting, completed, failed, cancelled
    #[param(inline, value_type = Option<StatusWord>)]
    status: Option<String>,
    /// Only those of this stored graph
    #[param(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_-]+$")]
    graph: Option<String>,
    /// Only those that were accepted at this time or later
    #[param(format = DateTime)]
    since: Option<String>,
    /// Only those that were accepted before this time
    #[param(format = DateTime)]
    until: Option<String>,
    /// Only those with this label, as `name=text`, or `name` for any text
    #[param(min_length = 1, pattern = r"^(?!graphloom\.)[^=]")]
    label: Option<String>,
}

/// How a run stands.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "for the description")]
enum StatusWord {
    Queued,
    Running,
    Waiting,
    Completed,
    Failed,
    Cancelled,
}

/// How many runs are looked at for a page that is filtered by a label.
const MAX_LOOKED_AT: usize = 5_000;
/// How many are looked at at a time.
const LOOK: usize = 500;

/// List the runs, the latest first. A page that is filtered by a label may have few items, or none, and be followed by more.
#[utoipa::path(get, path = "/v1/runs", tag = "runs", params(PageParams, RunFilters),
    responses((status = 200, description = "A page of runs", body = PageOf<RunView>)))]
async fn list(
    State(app): State<App>,
    who: Who,
    asked: Listed<RunFilters>,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::RunsRead)?;
    let mut query = query(&asked.filters)?;
    let limit = asked.limit()?;
    query.after = asked.after(&app, tenant)?;
    let label = asked.filters.label.as_deref().map(Label::read);
    let Some(label) = label.transpose()? else {
        query.limit = limit + 1;
        let entries = app.runs().list(tenant, query).await?;
        let views = entries
            .iter()
            .map(|entry| (entry.run.clone(), RunView::of(entry)));
        return listed(&app, tenant, &asked, views.collect());
    };
    query.limit = LOOK;
    let (mut views, mut looked_at) = (Vec::new(), 0);
    loop {
        let entries = app.runs().list(tenant, query.clone()).await?;
        looked_at += entries.len();
        let found = entries.iter().filter(|entry| label.is_on(entry));
        views.extend(found.map(|entry| (entry.run.clone(), RunView::of(entry))));
        let last = entries.last().filter(|_| entries.len() == LOOK);
        match last.map(|entry| entry.run.clone()) {
            Some(last) if views.len() <= limit && looked_at < MAX_LOOKED_AT => {
                query.after = Some(last);
            }
            Some(last) if views.len() <= limit => {
                let items = views.into_iter().map(|(_, view)| view).collect();
                return going_on(&app, tenant, &asked, items, Some(&last));
            }
            _ => return listed(&app, tenant, &asked, views),
        }
    }
}

/// A label that runs are to have.
struct Label<'a> {
    name: &'a str,
    text: Option<&'a str>,
}

impl<'a> Label<'a> {
    fn read(written: &'a str) -> Result<Self, Problem> {
        let (name, text) = match written.split_once('=') {
            Some((name, text)) => (name, Some(text)),
            None => (written, None),
        };
        if name.is_empty() || name.starts_with(labels::OWN) {
            let detail = format!("label: {written:?} is not `name` or `name=text`");
            return Err(Problem::new(ServerCode::Parameter, detail));
        }
        Ok(Self { name, text })
    }

    fn is_on(&self, entry: &RunEntry) -> bool {
        let found = entry.labels.get(self.name).and_then(Value::as_str);
        found.is_some_and(|found| self.text.is_none_or(|text| text == found))
    }
}

fn query(filters: &RunFilters) -> Result<RunQuery, Problem> {
    let mut query = RunQuery::latest(0);
    if let Some(word) = &filters.status {
        query = query.status(one_of(word, "status", Status::ALL, Status::as_str)?);
    }
    if let Some(graph) = &filters.graph {
        query = query.source(id(graph, "graph")?);
    }
    let moment = |name: &str, text: &Option<String>| {
        let Some(text) = text else { return Ok(None) };
        match text.parse::<jiff::Timestamp>() {
            Ok(moment) => Ok(Some(Timestamp(moment.as_millisecond()))),
            Err(_) => {
                let detail = format!("{name}: {text:?} is no moment as 2026-01-31T12:00:00Z");
                Err(Problem::new(ServerCode::Parameter, detail))
            }
        }
    };
    query.since = moment("since", &filters.since)?;
    query.until = moment("until", &filters.until)?;
    Ok(query)
}

/// Which moment of a run to show.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
struct AtParams {
    /// Show where it stood after so many events, in `picture`, and no result
    at: Option<u64>,
}

/// Show a run: where it stands, and its result if it is over.
#[utoipa::path(get, path = "/v1/runs/{run}", tag = "runs",
    params(("run" = String, Path, description = "Its id"), AtParams),
    responses((status = 200, description = "The run", body = RunView),
        (status = 404, description = "There is none"),
        (status = 409, description = "Its blocks have changed, so that its events mean something else")))]
async fn get(
    State(app): State<App>,
    who: Who,
    Id(run): Id,
    Params(asked): Params<AtParams>,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::RunsRead)?;
    let Some(at) = asked.at else {
        return Answer::ok(&view(&app, tenant, &run).await?);
    };
    let entry = app.runs().entry(tenant, &run).await?;
    let mut view = RunView::of(&entry);
    view.picture = Some(app.runs().picture(&entry, at).await?);
    Answer::ok(&view)
}

/// Returns a run with its result, where it has one.
pub(crate) async fn view(app: &App, tenant: &Tenant, run: &Text) -> Result<RunView, Problem> {
    let entry = app.runs().entry(tenant, run).await?;
    let mut view = RunView::of(&entry);
    view.result = app.runs().result(&entry).await?.map(RunResult::Kept);
    Ok(view)
}

/// Forget a run that is over, and all that is kept of it.
#[utoipa::path(delete, path = "/v1/runs/{run}", tag = "runs",
    params(("run" = String, Path, description = "Its id")),
    responses((status = 204, description = "It is gone"), (status = 404, description = "There is none"),
        (status = 409, description = "It is not over")))]
async fn delete(State(app): State<App>, who: Who, Id(run): Id) -> Result<StatusCode, Problem> {
    let tenant = who.may(Scope::RunsWrite)?;
    app.runs().delete(tenant, &run).await?;
    Ok(StatusCode::NO_CONTENT)
}
