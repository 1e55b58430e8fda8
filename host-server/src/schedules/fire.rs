//! The loop that starts runs when their times have come.
//!
//! A time is claimed by a write under the record's revision before its run is started, so that whoever has changed,
//! disabled or deleted the schedule meanwhile is obeyed, and of two processes one starts it. The run's key is made of the
//! schedule and the time: one that was killed between starting and writing leaves a claim behind, and whoever takes it over
//! finds the run that is there.

use std::collections::HashMap;
use std::sync::Mutex;

use graphloom::{RunOutcome, Text, Timestamp};
use tokio::task::JoinSet;

use super::body::{self, read};
use super::kept::{Found, Kept};
use super::state::{Claim, LOOK_MS, State};
use crate::App;
use crate::beside::WeakApp;
use crate::locked::lock;
use crate::once::Key;
use crate::principal::Tenant;
use crate::problem::Problem;
use crate::records::{Change, Draft, Entry, Expect, Kind, RecordError};
use crate::resource::Resource;
use crate::revise::{Become, revise};
use crate::runs::{Origin, RunEnded};
use crate::starting::{self, How};
use crate::target::Target;
use crate::wire::{Moment, Overlap, ScheduleError};

/// How soon to try again where the server itself could not start a run.
const AGAIN_MS: i64 = 5_000;
/// How long to try.
const GIVE_UP_MS: i64 = 10 * 60 * 1_000;

/// Runs whose end somebody waits for: the schedule has a time queued.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    runs: Mutex<HashMap<Text, (Tenant, Text)>>,
    /// Schedules whose run before is over.
    over: Mutex<Vec<(Tenant, Text)>>,
}

impl RunEnded for super::Schedules {
    fn ended(&self, run: &Text, outcome: &RunOutcome, _: bool) {
        if !outcome.status.is_terminal() {
            return;
        }
        if let Some(schedule) = lock(&self.watched.runs).remove(run) {
            lock(&self.watched.over).push(schedule);
            self.alarm.ring();
        }
    }
}

/// Starts runs for as long as the application lives and takes new ones.
pub(crate) async fn run(app: WeakApp) {
    loop {
        let Some(strong) = app.upgrade() else { return };
        let drain = strong.draining().clone();
        if drain.is_on() {
            drop(strong);
            drain.until(false).await;
            continue;
        }
        let passed = pass(&strong).await;
        let (alarm, records, clock) = (
            strong.schedules().alarm.clone(),
            strong.records().clone(),
            strong.clock().clone(),
        );
        drop(strong);
        if passed == Passed::Full {
            continue;
        }
        let stuck = passed == Passed::Stuck;
        tokio::select! {
            () = drain.until(true) => {}
            () = alarm.wait(Kind::Schedule, stuck, &*records, &*clock) => {}
        }
    }
}

/// What there was to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Passed {
    /// It is done.
    All,
    /// There may be more.
    Full,
    /// The records could not be had or written.
    Stuck,
}

/// Starts what is due, as many as may be begun at a time.
async fn pass(app: &App) -> Passed {
    look_again(app).await;
    let most = app.schedules().options.at_once.max(1);
    let claimed = match app.records().due(Kind::Schedule, app.now(), most).await {
        Ok(due) if due.is_empty() => return Passed::All,
        Ok(due) => claim(app, due).await,
        Err(error) => Err(error),
    };
    let claimed = match claimed {
        Ok(claimed) => claimed,
        Err(error) => {
            tracing::warn!(%error, "schedules cannot be had");
            return Passed::Stuck;
        }
    };
    let full = claimed.len() >= most;
    let mut starting = JoinSet::new();
    for claimed in claimed {
        let app = app.clone();
        starting.spawn(async move {
            let came = start(&app, &claimed.tenant, &claimed.found).await;
            (claimed, came)
        });
    }
    let mut came = Vec::new();
    while let Some(done) = starting.join_next().await {
        match done {
            Ok(done) => came.push(done),
            // Its claim ends by itself.
            Err(error) => tracing::error!(%error, "a schedule could not be looked at"),
        }
    }
    for (claimed, came) in &came {
        count(app, claimed, came);
    }
    note(app, came).await;
    if full { Passed::Full } else { Passed::All }
}

fn count(app: &App, claimed: &Claimed, came: &Came) {
    let numbers = &app.metrics().beside;
    numbers.schedule("fired", came.started.len() as u64);
    numbers.schedule("missed", claimed.missed.into());
    numbers.schedule("skipped", came.skipped.is_some().into());
    numbers.schedule("failed", came.error.is_some().into());
}

/// Makes schedules due whose run before is over.
async fn look_again(app: &App) {
    let over = std::mem::take(&mut *lock(&app.schedules().watched.over));
    for (tenant, id) in over {
        let now = app.now();
        let at = (&tenant, Kind::Schedule, &id);
        let looked = revise(&**app.records(), now, at, |entry| {
            let mut kept: Kept = entry.read()?;
            kept.state.look = Some(now);
            Ok((Become::Put(kept.draft(&tenant, &id)?), ()))
        });
        // If it fails, somebody looks by the time.
        let _ = looked.await;
    }
}

/// A schedule whose times this process has for itself.
struct Claimed {
    tenant: Tenant,
    found: Found,
    /// The revision that says so.
    revision: u64,
    /// Times passed while nobody was there, and are not made up for.
    missed: bool,
}

/// Claims what is due: all in one write, or each by itself where somebody was faster with one of them.
async fn claim(app: &App, due: Vec<Entry>) -> Result<Vec<Claimed>, RecordError> {
    let now = app.now();
    let decided = app.aside().run(async move {
        let decide = |entry| (decide(&entry, now), entry);
        due.into_iter().map(decide).collect::<Vec<_>>()
    });
    let mut claims = Vec::new();
    for (decision, entry) in decided.await.unwrap_or_default() {
        let seen = Expect::Revision(entry.revision);
        match decision {
            Ok((found, draft, missed)) => {
                let revision = entry.revision.saturating_add(1);
                let tenant = entry.tenant;
                let claimed = Claimed {
                    tenant,
                    found,
                    revision,
                    missed,
                };
                claims.push((Change::Put(draft, seen), claimed));
            }
            Err(problem) => {
                tracing::error!(schedule = %entry.id, problem = problem.detail(), "a schedule stops");
                let stopped = Change::Put(Draft::again(&entry).due(None), seen);
                app.records().write(vec![stopped], now).await?;
            }
        }
    }
    let changes = claims.iter().map(|(change, _)| change.clone()).collect();
    match app.records().write(changes, now).await {
        Ok(_) => return Ok(claims.into_iter().map(|(_, claimed)| claimed).collect()),
        Err(RecordError::Changed { .. }) => {}
        Err(error) => return Err(error),
    }
    let mut won = Vec::new();
    for (change, claimed) in claims {
        match app.records().write(vec![change], now).await {
            Ok(_) => won.push(claimed),
            Err(RecordError::Changed { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(won)
}

/// Returns a schedule with what is claimed of it now, the record that says so, and whether times were missed.
fn decide(entry: &Entry, now: Timestamp) -> Result<(Found, Draft, bool), Problem> {
    let mut found = Found::of(entry)?;
    let (_, table) = read(&found.kept.body)?;
    let Kept { body, state, .. } = &mut found.kept;
    let skipped = state.last_skipped.clone();
    state.claim(body, &table, now);
    let missed = state.last_skipped != skipped;
    let draft = found.kept.draft(&entry.tenant, &entry.id)?;
    Ok((found, draft, missed))
}

/// What became of the times that were claimed.
#[derive(Debug, Clone, Default)]
struct Came {
    started: Vec<(Timestamp, Text)>,
    error: Option<(Timestamp, Problem)>,
    queued: Option<Timestamp>,
    skipped: Option<Timestamp>,
    /// These could not be tried: the claim stays, until then.
    again: Option<Timestamp>,
}

/// Starts what was claimed of a schedule.
async fn start(app: &App, tenant: &Tenant, found: &Found) -> Came {
    let mut came = Came::default();
    let Some(claim) = found.kept.state.claim.clone() else {
        return came;
    };
    let body = &found.kept.body;
    let target = match read(body) {
        Ok((target, _)) => target,
        Err(problem) => {
            came.error = claim.times.last().map(|at| (*at, problem));
            return came;
        }
    };
    let mut before = found.kept.state.last_run.clone();
    for at in &claim.times {
        let goes = match &before {
            Some(run) if body.overlap != Overlap::Allow => goes_on(app, tenant, run).await,
            _ => false,
        };
        match body.overlap {
            Overlap::Skip if goes => {
                came.skipped = Some(*at);
                continue;
            }
            Overlap::Queue if goes => {
                match came.queued {
                    None => came.queued = Some(*at),
                    Some(_) => came.skipped = Some(*at),
                }
                continue;
            }
            Overlap::CancelPrevious if goes => cancel(app, tenant, before.as_ref()).await,
            _ => {}
        }
        match begin(app, tenant, (found, &target), *at).await {
            Ok(run) => {
                before = Some(run.clone());
                came.started.push((*at, run));
            }
            Err(problem) if problem.status().is_server_error() && !is_old(&claim, app.now()) => {
                // What was started is found again by its key.
                let again = app.now().as_millis().saturating_add(AGAIN_MS);
                came.again = Some(Timestamp(again));
                came.error = Some((*at, problem));
                return came;
            }
            Err(problem) => came.error = Some((*at, problem)),
        }
    }
    // A time that waits is looked at when the run before ends; that may have been a moment ago.
    if let (Some(_), Some(run)) = (came.queued, before) {
        let watch = (tenant.clone(), found.id.clone());
        lock(&app.schedules().watched.runs).insert(run.clone(), watch.clone());
        if !goes_on(app, tenant, &run).await {
            lock(&app.schedules().watched.runs).remove(&run);
            lock(&app.schedules().watched.over).push(watch);
            app.schedules().alarm.ring();
        }
    }
    came
}

fn is_old(claim: &Claim, now: Timestamp) -> bool {
    now.as_millis().saturating_sub(claim.since.as_millis()) > GIVE_UP_MS
}

/// Says whether a run is not over. One that cannot be asked is taken for one that is not there.
async fn goes_on(app: &App, tenant: &Tenant, run: &Text) -> bool {
    let entry = app.runs().entry(tenant, run).await;
    entry.is_ok_and(|entry| !entry.status.is_terminal())
}

async fn cancel(app: &App, tenant: &Tenant, run: Option<&Text>) {
    if let Some(run) = run {
        // It may have ended by now.
        let _ = app.runs().cancel(tenant, run).await;
    }
}

async fn begin(
    app: &App,
    tenant: &Tenant,
    (found, target): (&Found, &Target),
    at: Timestamp,
) -> Result<Text, Problem> {
    let once = format!("{}:{}", found.id, at.as_millis());
    let how = How::from(Origin::Schedule(found.id.clone()));
    let how = how.key(Some(Key::of(tenant, "schedule", &once)));
    let asked = body::start(&found.kept.body);
    let begun = starting::start(app, tenant, target.what(), asked, how);
    Ok(begun.await?.run)
}

/// Writes down what became of the claims: all in one write, or each by itself where somebody has changed one of them.
async fn note(app: &App, came: Vec<(Claimed, Came)>) {
    let now = app.now();
    let at_once = came.iter().map(|(claimed, came)| {
        let mut kept = claimed.found.kept.clone();
        settle(&mut kept.state, &claimed.found.kept.state, came, now);
        let draft = kept.draft(&claimed.tenant, &claimed.found.id)?;
        Ok(Change::Put(draft, Expect::Revision(claimed.revision)))
    });
    if let Ok(changes) = at_once.collect::<Result<Vec<Change>, Problem>>()
        && app.records().write(changes, now).await.is_ok()
    {
        return;
    }
    for (Claimed { tenant, found, .. }, came) in came {
        let at = (&tenant, Kind::Schedule, &found.id);
        let noted = revise(&**app.records(), now, at, |entry| {
            let mut kept: Kept = entry.read()?;
            if !settle(&mut kept.state, &found.kept.state, &came, now) {
                return Ok((Become::Same, ()));
            }
            Ok((Become::Put(kept.draft(&tenant, &found.id)?), ()))
        });
        if let Err(problem) = noted.await {
            // It was deleted; or the claim ends, and its runs are found again by their keys.
            tracing::debug!(schedule = %found.id, problem = problem.detail(), "not noted");
        }
    }
}

/// Notes what became of a claim; says whether it is the one that the schedule has.
fn settle(state: &mut State, claimed: &State, came: &Came, now: Timestamp) -> bool {
    let ours = claimed.claim.as_ref();
    if state
        .claim
        .as_ref()
        .map(|claim| (&claim.times, claim.since))
        != ours.map(|claim| (&claim.times, claim.since))
    {
        return false;
    }
    if let Some((at, run)) = came.started.last() {
        state.last_at = Some(*at);
        state.last_run = Some(run.clone());
        state.last_error = None;
    }
    if let Some((at, problem)) = &came.error {
        let before = state.last_error.as_ref().map_or(0, |error| error.in_a_row);
        state.last_error = Some(ScheduleError {
            at: Moment(*at),
            code: Text::from(problem.code()),
            message: problem.detail().to_owned(),
            in_a_row: before.saturating_add(1),
        });
    }
    if let Some(at) = came.skipped {
        state.skip(at, "overlap");
    }
    if let Some(again) = came.again {
        if let Some(claim) = &mut state.claim {
            claim.until = again;
        }
        return true;
    }
    state.claim = None;
    state.queued = came.queued;
    state.look = came
        .queued
        .map(|_| Timestamp(now.as_millis().saturating_add(LOOK_MS)));
    true
}
