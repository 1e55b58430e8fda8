//! The catalogue of blocks.

use axum::extract::{Path, State};
use graphloom::value::Map;
use graphloom::{Entry, Value, value};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;
use crate::answer::Answer;
use crate::ask::{Params, Who};
use crate::principal::Scope;
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
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
    let entry = registry.get(&block).ok_or_else(|| {
        let problem = Problem::not_found("block", &block);
        let near: Value = registry.nearest(&block).into_iter().collect();
        let object =
            value!({ "code": problem.code(), "message": problem.detail(), "suggestions": near });
        problem.errors(vec![object])
    })?;
    Answer::ok(&entry.to_value())
}
