//! Schedules kept, changed and listed.

use graphloom::value::{from_value, to_value};
use graphloom::{Text, Timestamp};
use jiff::tz::TimeZone;

use super::body::{Checked, check, read};
use super::kept::{Found, Kept};
use super::state::{State, before_start};
use crate::App;
use crate::ask::{Patch, misfit};
use crate::etag::Asked;
use crate::once::{self, Key, Made};
use crate::principal::Tenant;
use crate::problem::Problem;
use crate::records::{Change, Expect, Kind, Query};
use crate::revise::{Become, revise};
use crate::wire::{Moment, ScheduleBody, TimeView};

/// Keeps a new schedule, once for its key.
pub(crate) async fn create(
    app: &App,
    tenant: &Tenant,
    body: ScheduleBody,
    key: Option<Key>,
) -> Result<Made, Problem> {
    let checked = check(app, tenant, body).await?;
    let made = once::make(app, tenant, key, async |id, changes| {
        put_new(app, tenant, id, &checked, changes).await
    });
    made.await
}

async fn put_new(
    app: &App,
    tenant: &Tenant,
    id: &Text,
    checked: &Checked,
    mut changes: Vec<Change>,
) -> Result<(), Problem> {
    let now = app.now();
    let Checked { body, table } = checked;
    let kept = Kept {
        state: State::default().rewritten(body, table, now),
        body: body.clone(),
        changed: now,
    };
    let most = app.schedules().options.max_per_tenant;
    changes.push(Change::Put(kept.draft(tenant, id)?, Expect::Absent));
    changes.push(Change::at_most(tenant, Kind::Schedule, most));
    app.records().write(changes, now).await?;
    app.schedules().alarm.ring();
    Ok(())
}

/// Returns a schedule.
///
/// # Errors
/// `HTTP_NOT_FOUND`, also for another tenant's.
pub(crate) async fn get(app: &App, tenant: &Tenant, id: &Text) -> Result<Found, Problem> {
    let entry = app.records().get(tenant, Kind::Schedule, id).await?;
    let entry = entry.ok_or_else(|| Problem::not_found("schedule", id))?;
    Found::of(&entry)
}

/// Lists schedules, the latest made first.
pub(crate) async fn list(app: &App, tenant: &Tenant, query: Query) -> Result<Vec<Found>, Problem> {
    let entries = app.records().list(tenant, query).await?;
    entries.iter().map(Found::of).collect()
}

/// Puts a schedule in place of the one that is there, or makes it, as the precondition says.
pub(crate) async fn replace(
    app: &App,
    tenant: &Tenant,
    id: &Text,
    body: ScheduleBody,
    asked: &Asked,
) -> Result<Found, Problem> {
    let found = app.records().get(tenant, Kind::Schedule, id).await?;
    let current = found.as_ref().map(Found::of).transpose()?;
    if *asked != Asked::None && current.is_none() {
        return Err(Problem::not_found("schedule", id));
    }
    asked.check(current.as_ref().map(|found| found.tag.as_str()))?;
    let checked = check(app, tenant, body).await?;
    if current.is_none() {
        put_new(app, tenant, id, &checked, Vec::new()).await?;
        return get(app, tenant, id).await;
    }
    rewrite(app, tenant, id, checked, asked).await
}

/// Changes parts of a schedule.
pub(crate) async fn patch(
    app: &App,
    tenant: &Tenant,
    id: &Text,
    patch: &Patch,
    asked: &Asked,
) -> Result<Found, Problem> {
    let found = get(app, tenant, id).await?;
    asked.check(Some(&found.tag))?;
    let mut body = to_value(&found.kept.body).map_err(Problem::internal)?;
    patch.apply(&mut body)?;
    let body = from_value(&body).map_err(|error| misfit(&error))?;
    let checked = check(app, tenant, body).await?;
    // What was patched is to be there still.
    let asked = Asked::OneOf(vec![found.tag]);
    rewrite(app, tenant, id, checked, &asked).await
}

async fn rewrite(
    app: &App,
    tenant: &Tenant,
    id: &Text,
    checked: Checked,
    asked: &Asked,
) -> Result<Found, Problem> {
    let now = app.now();
    let Checked { body, table } = checked;
    let at = (tenant, Kind::Schedule, id);
    revise(&**app.records(), now, at, |entry| {
        let found = Found::of(entry)?;
        asked.check(Some(&found.tag))?;
        let kept = Kept {
            state: found.kept.state.rewritten(&body, &table, now),
            body: body.clone(),
            changed: now,
        };
        Ok((Become::Put(kept.draft(tenant, id)?), ()))
    })
    .await?;
    app.schedules().alarm.ring();
    get(app, tenant, id).await
}

/// Forgets a schedule. Its runs stay.
pub(crate) async fn delete(
    app: &App,
    tenant: &Tenant,
    id: &Text,
    asked: &Asked,
) -> Result<(), Problem> {
    let at = (tenant, Kind::Schedule, id);
    revise(&**app.records(), app.now(), at, |entry| {
        asked.check(Some(&Found::of(entry)?.tag))?;
        Ok((Become::Gone, ()))
    })
    .await
}

/// Returns the next times of a schedule, as if it were enabled.
pub(crate) async fn next(
    app: &App,
    tenant: &Tenant,
    id: &Text,
    count: usize,
) -> Result<Vec<TimeView>, Problem> {
    let found = get(app, tenant, id).await?;
    let now = app.now();
    let times = async move { times(&found.kept.body, now, count) };
    app.aside().run(times).await?
}

fn times(body: &ScheduleBody, now: Timestamp, count: usize) -> Result<Vec<TimeView>, Problem> {
    let (_, table) = read(body)?;
    let zone = TimeZone::get(&body.time_zone).map_err(Problem::internal)?;
    let mut times = Vec::new();
    let mut after = before_start(body, now);
    while times.len() < count
        && let Some(next) = super::state::next(body, &table, after)
    {
        let moment = jiff::Timestamp::from_millisecond(next.as_millis());
        let local = moment.map_err(Problem::internal)?.to_zoned(zone.clone());
        times.push(TimeView {
            at: Moment(next),
            local: local.to_string(),
        });
        after = next;
    }
    Ok(times)
}
