//! Starting runs: once for each idempotency key, answered at once or when the run is over.

use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use graphloom::value::CanonicalHasher;
use graphloom::{Grants, RunLimits, RunOptions, Text, Value};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::App;
use crate::answer::Answer;
use crate::ask::{Id, MaybeBody, Params, Who};
use crate::principal::{Scope, Tenant};
use crate::problem::{Problem, ServerCode};
use crate::wire::{RunStart, RunView};

/// How long an answer may wait for a run: a minute.
const MAX_WAIT_MS: u64 = 60_000;
/// How long an idempotency key may be.
const MAX_KEY: usize = 255;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const PREFER: HeaderName = HeaderName::from_static("prefer");

/// The label by which a repeated request is held against the first one.
const REQUEST: &str = "graphloom.request";

/// How long to wait for a run.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(super) struct WaitParams {
    /// Answer with the result if the run is over within so many milliseconds, at most 60000
    #[param(maximum = 60_000)]
    wait_ms: Option<u64>,
}

impl WaitParams {
    /// The parameter, or else `Prefer: wait=SECONDS` (RFC 7240), which is a wish: too long a one is cut.
    fn time(&self, headers: &HeaderMap) -> Result<Duration, Problem> {
        if let Some(ms) = self.wait_ms {
            if ms > MAX_WAIT_MS {
                let detail = format!("wait_ms: {ms} is more than {MAX_WAIT_MS}");
                return Err(Problem::new(ServerCode::Parameter, detail));
            }
            return Ok(Duration::from_millis(ms));
        }
        let wishes = headers
            .get_all(PREFER)
            .iter()
            .filter_map(|line| line.to_str().ok());
        let mut wishes = wishes
            .flat_map(|line| line.split([',', ';']))
            .map(str::trim);
        let seconds = wishes.find_map(|wish| wish.strip_prefix("wait=")?.parse::<u64>().ok());
        let ms = seconds.unwrap_or(0).saturating_mul(1_000).min(MAX_WAIT_MS);
        Ok(Duration::from_millis(ms))
    }
}

/// Start a run of a stored graph.
#[utoipa::path(post, path = "/v1/graphs/{graph}/runs", tag = "runs", request_body = RunStart,
    params(("graph" = String, Path, description = "The graph's id"), WaitParams,
        ("Idempotency-Key" = Option<String>, Header, description = "The same request with the same key starts one run")),
    responses((status = 202, description = "It is accepted", body = RunView),
        (status = 200, description = "It is over, or waits for someone", body = RunView),
        (status = 404, description = "There is no such graph"),
        (status = 422, description = "What is wrong with the inputs")))]
pub(super) async fn start(
    State(app): State<App>,
    who: Who,
    Id(graph): Id,
    Params(wait): Params<WaitParams>,
    headers: HeaderMap,
    MaybeBody(asked): MaybeBody<RunStart>,
) -> Result<Answer, Problem> {
    let tenant = who.may(Scope::RunsWrite)?;
    let wait = wait.time(&headers)?;
    let ready = app.graphs().ready(tenant, &graph, asked.version).await?;
    let key = key(tenant, &headers)?;
    let request = fingerprint(&graph, &asked);
    let mut options = options(&asked)?.source(graph.clone());
    if key.is_some() {
        options = options.label(REQUEST, request.clone());
    }
    if !wait.is_zero() {
        options = options.accept_unsynced();
    }
    let work = (&ready.graph, &ready.plan);
    let mut started = app.runs().start(tenant, work, options, key).await?;
    if !started.is_new {
        return replay(&app, tenant, &started.run, &request).await;
    }
    if !wait.is_zero() {
        if let Some(outcome) = started.outcome(wait).await {
            let view = RunView::over(&outcome, Some(graph));
            return place(Answer::ok(&view)?, &started.run);
        }
        app.runs().sync(&started.run).await?;
    }
    let view = RunView::begun(&started.run, Some(graph));
    place(Answer::new(StatusCode::ACCEPTED, &view)?, &started.run)
}

fn place(answer: Answer, run: &str) -> Result<Answer, Problem> {
    Ok(answer.location(&format!("/v1/runs/{run}")))
}

/// Answers a repeated request with the run that the first one made.
async fn replay(app: &App, tenant: &Tenant, run: &Text, request: &Text) -> Result<Answer, Problem> {
    let entry = app.runs().entry(tenant, run).await?;
    if entry.labels.get(REQUEST).and_then(Value::as_text) != Some(request) {
        let detail = "this Idempotency-Key came with another request before";
        return Err(Problem::new(ServerCode::Idempotency, detail));
    }
    let view = super::view(app, tenant, run).await?;
    let over = view.result.is_some();
    let status = if over {
        StatusCode::OK
    } else {
        StatusCode::ACCEPTED
    };
    place(Answer::new(status, &view)?.header(REPLAYED, "true"), run)
}

/// Returns the key that a store knows the request by: nobody else's key is the same.
fn key(tenant: &Tenant, headers: &HeaderMap) -> Result<Option<Text>, Problem> {
    let mut all = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(first) = all.next() else {
        return Ok(None);
    };
    let refuse = |detail: &str| Problem::new(ServerCode::Parameter, detail.to_owned());
    if all.next().is_some() {
        return Err(refuse("Idempotency-Key: give one"));
    }
    let key = first
        .to_str()
        .ok()
        .map(str::trim)
        .filter(|key| (1..=MAX_KEY).contains(&key.len()));
    let key = key.ok_or_else(|| refuse("Idempotency-Key: 1 to 255 characters of ASCII"))?;
    let hash = CanonicalHasher::new("graphloom.server.idempotency")
        .text(tenant.as_text())
        .text(key)
        .finish();
    Ok(Some(Text::from(hash.to_string())))
}

fn fingerprint(graph: &str, asked: &RunStart) -> Text {
    let hash = CanonicalHasher::new("graphloom.server.request")
        .text(graph)
        .text(&format!("{asked:?}"))
        .finish();
    Text::from(hash.to_string())
}

fn options(asked: &RunStart) -> Result<RunOptions, Problem> {
    let mut grants = Grants::all();
    for (unit, amount) in &asked.max_cost {
        grants = grants.spend(unit.as_str(), *amount);
    }
    let mut limits = RunLimits::default().timeout(asked.timeout_ms.map(Duration::from_millis));
    if let Some(max) = asked.max_parallel {
        limits = limits.max_parallel(max as usize);
    }
    let mut options = RunOptions::new()
        .inputs(asked.inputs.clone())
        .limits(limits)
        .grants(grants);
    for (pin, value) in asked.set.iter() {
        let (node, pin) = pin.split_once('.').ok_or_else(|| {
            crate::ask::misfit_at(&format!("/set/{pin}"), "a pin is written NODE.PIN")
        })?;
        options = options.set(node, pin, value.clone());
    }
    if let Some(seed) = asked.seed {
        options = options.seed(seed);
    }
    if let Some(zone) = &asked.time_zone {
        graphloom_blocks::check_time_zone(zone)
            .map_err(|error| crate::ask::misfit_at("/time_zone", &error.to_string()))?;
        options = options.time_zone(zone.clone());
    }
    for (name, text) in &asked.labels {
        options = options.label(name.clone(), text.clone());
    }
    Ok(options)
}
