//! Documents that are looked at. Nothing is kept, and nothing runs or reaches outside.

use axum::extract::State;
use graphloom::value::to_value;
use graphloom::{Advice, Value};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;
use crate::answer::Answer;
use crate::ask::{Document, Who};
use crate::principal::Scope;
use crate::problem::Problem;
use crate::wire::Validation;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(validate))
        .routes(routes!(plan))
}

/// Say everything that is wrong with a document, native or an AutoGPT export.
#[utoipa::path(post, path = "/v1/graphs:validate", tag = "graphs", request_body = serde_json::Value,
    responses((status = 200, description = "What was found, also where that is much", body = Validation)))]
async fn validate(
    State(app): State<App>,
    who: Who,
    Document(bytes): Document,
) -> Result<Answer, Problem> {
    who.may(Scope::GraphsRead)?;
    let engine = app.engine().clone();
    let found = app.aside().run(async move {
        let found = engine.diagnose(&bytes);
        let graph = found.graph.as_ref();
        let advice = graph.map_or(Vec::new(), |graph| engine.registry().advise(graph));
        let fault = |fault| to_value(fault).unwrap_or(Value::Null);
        Validation {
            valid: found.plan.is_some(),
            faults: found.faults.iter().map(fault).collect(),
            advice: advice.iter().map(Advice::to_value).collect(),
        }
    });
    Answer::ok(&found.await?)
}

/// Say what a run of a document would be: its inputs and outputs, its nodes, what they would reach outside for, and what
/// they may cost.
#[utoipa::path(post, path = "/v1/graphs:plan", tag = "graphs", request_body = Object,
    responses((status = 200, description = "The plan, as the command line prints it", body = Object),
        (status = 422, description = "Everything that is wrong with the document")))]
async fn plan(
    State(app): State<App>,
    who: Who,
    Document(bytes): Document,
) -> Result<Answer, Problem> {
    who.may(Scope::GraphsRead)?;
    let compiled = app.graphs().compile(bytes).await;
    let compiled = compiled.map_err(|faults| Problem::of_faults(&faults))?;
    Answer::ok(&compiled.plan.overview())
}
