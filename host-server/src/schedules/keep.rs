//! Schedules kept and changed.

use graphloom::{Text, Timestamp};
use jiff::tz::TimeZone;

use super::body::{Checked, check, read};
use super::kept::{Found, Kept};
use super::state::{State, before_start};
use crate::App;
use crate::ask::Patch;
use crate::etag::Asked;
use crate::once::{self, Key, Made};
use crate::principal::Tenant;
use crate::problem::Problem;
use crate::records::{Change, Expect, Kind};
use crate::resource::{self, get};
use crate::revise::Become;
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

/// Puts a schedule in place of the one that is there, or makes it, as the precondition says.
pub(crate) async fn replace(
    app: &App,
    tenant: &Tenant,
    id: &Text,
    body: ScheduleBody,
    asked: &Asked,
) -> Result<Found, Problem> {
    let current: Option<Found> = resource::meant(app, tenant, id, asked).await?;
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
    let found: Found = get(app, tenant, id).await?;
    asked.check(Some(&found.tag))?;
    let checked = check(app, tenant, patch.changed(&found.kept.body)?).await?;
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
    resource::rewrite(app, tenant, id, asked, |found: Found| {
        let kept = Kept {
            state: found.kept.state.rewritten(&body, &table, now),
            body: body.clone(),
            changed: now,
        };
        Ok(Become::Put(kept.draft(tenant, id)?))
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
    resource::rewrite(app, tenant, id, asked, |_: Found| Ok(Become::Gone)).await
}

/// Returns the next times of a schedule, as if it were enabled.
pub(crate) async fn next(
    app: &App,
    tenant: &Tenant,
    id: &Text,
    count: usize,
) -> Result<Vec<TimeView>, Problem> {
    let found: Found = get(app, tenant, id).await?;
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
