//! The catalogue of blocks, and running one by itself.

use axum::extract::{Path, State};
use graphloom::value::Map;
use graphloom::{Code, Entry, Lookup, Registry, Value, value};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;
use crate::answer::Answer;
use crate::ask::{Keyed, Params, Who};
use crate::principal::Scope;
use crate::problem::{Problem, ServerCode};
use crate::starting;
use crate::wire::{BlockRunBody, BlockRunView};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(run))
}

/// Which blocks to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
struct BlockParams {
    /// Only those that these words find, the best first
    q: Option<String>,
    /// Only those of this category
    category: Option<String>,
}

/// List the blocks that graphs may use here. Words also find AutoGPT's blocks that are not here: `absent`.
#[utoipa::path(get, path = "/v1/blocks", tag = "blocks", params(BlockParams),
    responses((status = 200, description = "The blocks, each in short", body = Object)))]
async fn list(
    State(app): State<App>,
    who: Who,
    Params(asked): Params<BlockParams>,
) -> Result<Answer, Problem> {
    who.may(Scope::BlocksRead)?;
    let registry = app.engine().registry();
    let found: Vec<&Entry> = match &asked.q {
        Some(words) => registry.search(words),
        None => registry.iter().collect(),
    };
    let category = asked.category.as_deref();
    let wanted = found
        .into_iter()
        .filter(|entry| category.is_none_or(|word| entry.info().category.as_str() == word));
    let items: Value = wanted.map(|entry| entry.to_summary()).collect();
    let mut page = Map::new();
    page.insert("items", items);
    page.insert("next_cursor", Value::Null);
    if let Some(words) = asked.q.as_ref().filter(|_| category.is_none()) {
        let absent = registry.search_absent(words);
        let absent = absent
            .into_iter()
            .map(|block| registry.absent_summary(block));
        page.insert("absent", absent.collect::<Value>());
    }
    Answer::ok(&Value::from(page))
}

/// Show a block: what it takes and gives, with schemas and examples. One of AutoGPT's that is not here has `available`
/// false, and what is known of it.
#[utoipa::path(get, path = "/v1/blocks/{block}", tag = "blocks",
    params(("block" = String, Path, description = "Its id, e.g. `text.split_lines`, or what AutoGPT knows it by")),
    responses((status = 200, description = "The block", body = Object), (status = 404, description = "There is none")))]
async fn show(
    State(app): State<App>,
    who: Who,
    Path(block): Path<String>,
) -> Result<Answer, Problem> {
    who.may(Scope::BlocksRead)?;
    let registry = app.engine().registry();
    if let Some(absent) = registry.absent(&block) {
        return Answer::ok(&registry.absent_value(absent));
    }
    let entry = registry.get(&block);
    let entry = entry.ok_or_else(|| unknown(registry, &block))?;
    Answer::ok(&entry.to_value())
}

/// Run one block once, by itself, and answer with what it gave. It is done by the same rules as a run of a graph, with the
/// credentials of the tenant; nothing of it is kept, so that it cannot be asked for again, and who goes away stops it. A
/// block that failed is an answer too: `error` says why, and `outputs` has what it emitted before.
#[utoipa::path(post, path = "/v1/blocks/{block}/run", tag = "blocks", request_body = BlockRunBody,
    params(("block" = String, Path, description = "Its id, e.g. `text.split_lines`, or what AutoGPT knows it by")),
    responses((status = 200, description = "What it gave", body = BlockRunView),
        (status = 404, description = "There is none, or not here"),
        (status = 422, description = "It does not take these inputs, or is switched off"),
        (status = 503, description = "The server is about to stop")))]
async fn run(
    State(app): State<App>,
    who: Who,
    Path(block): Path<String>,
    asked: Keyed<BlockRunBody, true>,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::BlocksRun)?;
    if asked.key(tenant)?.is_some() {
        let detail = "Idempotency-Key: a block that runs by itself is not kept, and cannot be found again by a key; run a graph of it";
        return Err(Problem::new(ServerCode::Parameter, detail));
    }
    let id = runnable(app.engine().registry(), &block)?;
    let ran = starting::run_block(&app, tenant, id, asked.body).await?;
    let view = BlockRunView {
        outputs: ran.outputs,
        error: ran.error,
    };
    Answer::ok(&view)
}

/// Returns the id of a block that can be run.
fn runnable(registry: &Registry, name: &str) -> Result<&'static str, Problem> {
    if let Some(entry) = registry.get(name) {
        return Ok(entry.info().id);
    }
    Err(match (registry.find(name), registry.absent(name)) {
        (Lookup::Disabled(reason), _) => {
            let detail = format!("block {name:?} is switched off here: {reason}");
            Problem::of_code(Code::GraphBlockDisabled, detail)
        }
        (_, Some(known)) => Problem::new(ServerCode::NotFound, known.absence()),
        _ => unknown(registry, name),
    })
}

fn unknown(registry: &Registry, name: &str) -> Problem {
    let problem = Problem::not_found("block", name);
    let near: Value = registry.nearest(name).into_iter().collect();
    let object =
        value!({ "code": problem.code(), "message": problem.detail(), "suggestions": near });
    problem.errors(vec![object])
}
