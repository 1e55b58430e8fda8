//! What a preset says, with what a request says before it.

use graphloom::Text;

use crate::App;
use crate::presets::KeptPreset;
use crate::principal::Tenant;
use crate::problem::{Problem, ServerCode};
use crate::resource;
use crate::wire::RunStart;

/// Returns the graph of a preset, and what a run of it is started with.
pub(super) async fn merged(
    app: &App,
    tenant: &Tenant,
    id: &Text,
    asked: RunStart,
) -> Result<(Text, RunStart), Problem> {
    let kept: KeptPreset = resource::get(app, tenant, id).await?;
    Ok((kept.preset.graph_id, asked.over(kept.preset.run)))
}

/// The preset is there, and the graph that it names is not any more.
pub(super) fn without_graph(problem: Problem, preset: &str) -> Problem {
    if problem.code() != ServerCode::NotFound.as_str() {
        return problem;
    }
    let detail = format!("the preset {preset} cannot be run: {}", problem.detail());
    Problem::new(ServerCode::Conflict, detail)
}
