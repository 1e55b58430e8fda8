//! From a run that has left the process to a message that is ready to be sent.

use graphloom::json::to_json;
use graphloom::value::{Map, to_value};
use graphloom::{Status, Text, Timestamp, Value, fresh_id};

use super::kept::{Armed, Delivery, LOOK_MS};
use super::lock;
use crate::beside::WeakApp;
use crate::principal::Tenant;
use crate::problem::{Problem, ServerCode};
use crate::records::{Change, Entry, Expect, Kind};
use crate::wire::{CallbackEvent, RunView};
use crate::{App, routes, trace};

/// How many are looked after at a time.
const PAGE: usize = 64;
/// How soon to look again where something went wrong, or the store has not written down yet what was heard.
const SOON_MS: i64 = 2_000;
/// How old one is at least whose run never came to be: another process may be about to have it accepted.
const ORPHAN_MS: i64 = 10 * 60 * 1_000;

/// Makes messages of runs that have left the process, for as long as the application lives. Begins with those that nobody
/// has heard of, since the process was killed.
pub(crate) async fn run(app: WeakApp) {
    if let Some(app) = app.upgrade() {
        sweep(&app).await;
    }
    loop {
        let Some(strong) = app.upgrade() else { return };
        let stuck = !look(&strong).await;
        let (alarm, records, clock) = (
            strong.callbacks().tell.clone(),
            strong.records().clone(),
            strong.clock().clone(),
        );
        drop(strong);
        alarm.wait(Kind::Callback, stuck, &*records, &*clock).await;
    }
}

/// Looks after all that were armed before: whatever is due within the time in which each is looked after.
async fn sweep(app: &App) {
    let until = app.now().as_millis().saturating_add(LOOK_MS - 1);
    loop {
        let found = app
            .records()
            .due(Kind::Callback, Timestamp(until), PAGE)
            .await;
        let found = match found {
            Ok(found) if found.is_empty() => return,
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(%error, "callbacks cannot be had");
                return;
            }
        };
        let mut moved = false;
        for entry in &found {
            moved |= after(app, entry, false).await;
        }
        if !moved {
            return;
        }
    }
}

/// Settles what was heard, and what is due; says whether all of it could be.
async fn look(app: &App) -> bool {
    let mut done = true;
    let ended = std::mem::take(&mut *lock(&app.callbacks().ended));
    for run in ended {
        match app.records().find(Kind::Callback, &run).await {
            Ok(Some(entry)) => done &= after(app, &entry, true).await,
            Ok(None) => {}
            // It is looked after later.
            Err(error) => tracing::warn!(%run, %error, "whom to tell of a run cannot be had"),
        }
    }
    let due = app.records().due(Kind::Callback, app.now(), PAGE).await;
    done &= due.is_ok();
    for entry in due.unwrap_or_default() {
        done &= after(app, &entry, false).await;
    }
    done
}

/// Looks after one, and says whether it was written. `heard`: that its run has left the process.
async fn after(app: &App, entry: &Entry, heard: bool) -> bool {
    let changes = match settle(app, entry, heard).await {
        Ok(changes) => changes,
        Err(problem) => {
            tracing::warn!(run = %entry.id, problem = problem.detail(), "a run cannot be told of yet");
            later(app, entry)
        }
    };
    let tells = changes.len() > 1;
    match app.records().write(changes, app.now()).await {
        Ok(_) => {
            if tells {
                app.callbacks().send.ring();
            }
            true
        }
        Err(error) => {
            tracing::warn!(run = %entry.id, %error, "a callback was changed meanwhile, or cannot be");
            false
        }
    }
}

fn later(app: &App, entry: &Entry) -> Vec<Change> {
    let seen = Expect::Revision(entry.revision);
    let moved = entry.read::<Armed>().and_then(|armed| {
        let armed = armed.later(app.now(), LOOK_MS);
        armed.draft(&entry.tenant, &entry.id)
    });
    match moved {
        Ok(draft) => vec![Change::Put(draft, seen)],
        // What cannot be read can tell nobody.
        Err(_) => vec![Change::remove(
            &entry.tenant,
            Kind::Callback,
            &entry.id,
            seen,
        )],
    }
}

/// Returns what becomes of one: a message, nothing, or it waits on.
async fn settle(app: &App, entry: &Entry, heard: bool) -> Result<Vec<Change>, Problem> {
    let armed: Armed = entry.read()?;
    let (tenant, run) = (&entry.tenant, &entry.id);
    let seen = Expect::Revision(entry.revision);
    let gone = || Change::remove(tenant, Kind::Callback, run, seen);
    let now = app.now();
    let wait = |armed: Armed, ms: i64| -> Result<Vec<Change>, Problem> {
        let draft = armed.later(now, ms).draft(tenant, run)?;
        Ok(vec![Change::Put(draft, seen)])
    };
    let kept = match app.runs().entry(tenant, run).await {
        Ok(kept) => kept,
        Err(problem) if problem.code() == ServerCode::NotFound.as_str() => {
            let age = now.as_millis().saturating_sub(armed.since.as_millis());
            // Perhaps it is accepted just now.
            return if age < ORPHAN_MS {
                wait(armed, ORPHAN_MS)
            } else {
                Ok(vec![gone()])
            };
        }
        Err(problem) => return Err(problem),
    };
    let event = match kept.status {
        Status::Completed => CallbackEvent::Completed,
        Status::Failed => CallbackEvent::Failed,
        Status::Cancelled => CallbackEvent::Cancelled,
        Status::Waiting => CallbackEvent::Waiting,
        _ => return wait(armed, if heard { SOON_MS } else { LOOK_MS }),
    };
    let over = kept.status.is_terminal();
    let told = !over && armed.told_at == Some(kept.events);
    let message = match armed.wants(event) && !told {
        true => Some(message(app, tenant, (run, &armed), event).await?),
        false => None,
    };
    let mut changes = match over {
        true => vec![gone()],
        false => wait(
            Armed {
                told_at: Some(kept.events),
                ..armed
            },
            LOOK_MS,
        )?,
    };
    changes.extend(message);
    Ok(changes)
}

/// Writes the message of an event.
async fn message(
    app: &App,
    tenant: &Tenant,
    (run, armed): (&Text, &Armed),
    event: CallbackEvent,
) -> Result<Change, Problem> {
    let now = app.now();
    let entry = app.runs().entry(tenant, run).await?;
    // A result that cannot be had, or is too large, is left out: the receiver knows where to ask.
    let view = match routes::run_view(app, tenant, run).await {
        Ok(view) => view,
        Err(_) => RunView::of(&entry),
    };
    let mut payload = payload(event, now, &view)?;
    if payload.len() > app.callbacks().options.max_bytes {
        payload = self::payload(event, now, &RunView::of(&entry))?;
    }
    let mut delivery = Delivery::new(armed, run, event, Text::from(payload), now);
    let trace = trace::outgoing(app, &entry);
    delivery.trace = trace.map(|trace| Text::from(trace.to_string()));
    let draft = delivery.draft(tenant, &fresh_id(now))?;
    Ok(Change::Put(draft, Expect::Absent))
}

fn payload(event: CallbackEvent, now: Timestamp, run: &RunView) -> Result<String, Problem> {
    let mut map = Map::new();
    let event = to_value(&event).map_err(Problem::internal)?;
    let event = event.as_str().unwrap_or_default();
    map.insert("type", format!("run.{event}"));
    map.insert("timestamp", crate::answer::moment(now));
    map.insert("run", to_value(run).map_err(Problem::internal)?);
    Ok(to_json(&Value::from(map)))
}
