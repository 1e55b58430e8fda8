//! What became of requests: a bounded list for each webhook, for its owner.

use graphloom::{Text, Timestamp, fresh_id};
use serde::{Deserialize, Serialize};

use super::kept::Found;
use crate::App;
use crate::principal::Tenant;
use crate::problem::Problem;
use crate::records::{Change, Draft, Entry, Expect, Kind, Query};
use crate::wire::{HookCallView, HookOutcome, Moment};

/// How long one is kept: 30 days.
const KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1_000;
/// How many that are too many, or too old, are forgotten at a time.
const SWEPT: usize = 64;
/// How many show how a webhook stands.
const STANDING: usize = 10;
/// How long a name may be that a sender gives, in characters.
const MAX_NAME: usize = 128;

/// A request as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Call {
    pub(super) outcome: HookOutcome,
    pub(super) status: u16,
    pub(super) run: Option<Text>,
    pub(super) event: Option<Text>,
    pub(super) delivery: Option<Text>,
    pub(super) bytes: u64,
    #[serde(default)]
    pub(super) is_trial: bool,
    #[serde(default)]
    pub(super) code: Option<Text>,
    #[serde(default)]
    pub(super) message: Option<String>,
}

impl Call {
    /// Returns one of this size, of which nothing else is known.
    pub(super) fn new(outcome: HookOutcome, status: u16, bytes: usize) -> Self {
        Self {
            outcome,
            status,
            run: None,
            event: None,
            delivery: None,
            bytes: bytes as u64,
            is_trial: false,
            code: None,
            message: None,
        }
    }

    /// Says what was wrong.
    pub(super) fn because(mut self, problem: &Problem) -> Self {
        self.code = Some(Text::from(problem.code()));
        self.message = Some(problem.detail().to_owned());
        self
    }

    /// Notes it. What goes wrong with it is no reason to refuse a request that has its run.
    pub(super) async fn note(mut self, app: &App, hook: &Found) {
        let short = |text: Text| -> Text { text.chars().take(MAX_NAME).collect::<String>().into() };
        self.event = self.event.map(short);
        self.delivery = self.delivery.map(short);
        if let Err(problem) = write(app, hook, &self).await {
            tracing::warn!(webhook = %hook.id, problem = problem.detail(), "a request is not noted");
        }
    }
}

async fn write(app: &App, hook: &Found, call: &Call) -> Result<(), Problem> {
    let now = app.now();
    let id = fresh_id(now);
    let ends = Timestamp(now.as_millis().saturating_add(KEPT_MS));
    let draft = Draft::new(&hook.tenant, Kind::HookCall, id.clone(), call)?;
    let draft = draft.parent(hook.id.clone()).due(Some(ends));
    let put = Change::Put(draft, Expect::Absent);
    app.records().write(vec![put], now).await?;
    // With each sixteenth, on average: the last digit of an id is random.
    if id.ends_with('0') {
        sweep(app, hook, now).await?;
    }
    Ok(())
}

/// Forgets requests that are too many, and some of any webhook that are too old.
async fn sweep(app: &App, hook: &Found, now: Timestamp) -> Result<(), Problem> {
    let most = app.webhooks().options.keep_calls;
    let query = Query::of(Kind::HookCall, most.saturating_add(SWEPT)).under(hook.id.clone());
    let all = app.records().list(&hook.tenant, query).await?;
    let old = app.records().due(Kind::HookCall, now, SWEPT).await?;
    let gone = all.iter().skip(most).chain(&old);
    let gone =
        gone.map(|entry| Change::remove(&entry.tenant, Kind::HookCall, &entry.id, Expect::Any));
    let gone: Vec<Change> = gone.collect();
    if !gone.is_empty() {
        app.records().write(gone, now).await?;
    }
    Ok(())
}

fn view(entry: &Entry) -> Result<HookCallView, Problem> {
    let call: Call = entry.read()?;
    Ok(HookCallView {
        id: entry.id.clone(),
        at: Moment(entry.created),
        outcome: call.outcome,
        status: call.status,
        run_id: call.run,
        event: call.event,
        delivery: call.delivery,
        bytes: call.bytes,
        is_trial: call.is_trial,
        code: call.code,
        message: call.message,
    })
}

/// Lists requests, the latest first.
pub(crate) async fn list(
    app: &App,
    tenant: &Tenant,
    query: Query,
) -> Result<Vec<HookCallView>, Problem> {
    let entries = app.records().list(tenant, query).await?;
    entries.iter().map(view).collect()
}

/// How a webhook stands.
pub(super) struct Standing {
    pub(super) last: Option<HookCallView>,
    /// How many of the last in a row were refused or failed.
    pub(super) failures: u32,
}

pub(super) async fn standing(app: &App, tenant: &Tenant, id: &Text) -> Result<Standing, Problem> {
    let query = Query::of(Kind::HookCall, STANDING).under(id.clone());
    let calls = list(app, tenant, query).await?;
    let failed =
        |call: &&HookCallView| matches!(call.outcome, HookOutcome::Refused | HookOutcome::Failed);
    let failures = calls.iter().take_while(failed).count();
    Ok(Standing {
        failures: u32::try_from(failures).unwrap_or(u32::MAX),
        last: calls.into_iter().next(),
    })
}
