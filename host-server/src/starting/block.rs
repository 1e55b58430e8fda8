//! One block by itself, by the same policy as a run of a graph: what is lent to it, where it reaches, what it may cost.

use std::time::Duration;

use graphloom::{BlockRun, Text};

use super::options;
use crate::App;
use crate::files::{Owner, given};
use crate::principal::Tenant;
use crate::problem::Problem;
use crate::wire::{BlockRunBody, RunStart};

/// What the graphs are called in which blocks run by themselves: values that they keep beyond a run are those of this name.
const NAME: &str = "blocks-run";

/// Runs a block once. Nothing of it is kept but blobs, which become files of the block's name; who stops waiting for it
/// stops it.
///
/// # Errors
/// `HTTP_BODY` with the place of what does not fit; faults of the inputs; `HTTP_DRAINING`.
pub(crate) async fn run_block(
    app: &App,
    tenant: &Tenant,
    id: &str,
    mut asked: BlockRunBody,
) -> Result<BlockRun, Problem> {
    app.draining().check()?;
    options::check_timeout(asked.timeout_ms)?;
    given::resolve(app, tenant, (&mut asked.inputs, "inputs"), &[]).await?;
    // The answer is to say that it took too long before the server says so of the answer.
    let most = app.request_time() * 5 / 6;
    let asked_ms = asked.timeout_ms.map(Duration::from_millis);
    let time = asked_ms.map_or(most, |time| time.min(most));
    let start = RunStart {
        seed: asked.seed,
        time_zone: asked.time_zone,
        timeout_ms: Some(u64::try_from(time.as_millis()).unwrap_or(u64::MAX)),
        max_cost: asked.max_cost,
        only_hosts: asked.only_hosts,
        deny_hosts: asked.deny_hosts,
        ..RunStart::default()
    };
    let owner = Owner::File(Text::from(id));
    let options = app.runs().lend(tenant, (NAME, owner), options::of(&start)?);
    let engine = app.engine();
    let ran = engine.run_block(id, asked.inputs, asked.coercion.into(), options);
    Ok(Box::pin(ran).await?)
}
