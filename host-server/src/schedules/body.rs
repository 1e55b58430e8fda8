//! What a schedule says, checked.

use std::time::Duration;

use graphloom::Timestamp;
use jiff::tz::TimeZone;

use super::state::{before_start, next};
use super::timetable::Timetable;
use crate::App;
use crate::ask::Misfits;
use crate::principal::Tenant;
use crate::problem::Problem;
use crate::target::{Target, check_labels, check_name};
use crate::wire::{RunStart, ScheduleBody};

/// How many runs may be caught up.
const MAX_CATCH_UP: u32 = 1_000;

/// A schedule whose parts will do.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) body: ScheduleBody,
    pub(super) table: Timetable,
}

/// Returns the times of a schedule, and what it runs.
///
/// # Errors
/// `HTTP_BODY` with all that does not fit.
pub(super) fn read(body: &ScheduleBody) -> Result<(Target, Timetable), Problem> {
    let mut misfits = Misfits::default();
    check_name(&body.name, "/name", &mut misfits);
    let fits = (1..=MAX_CATCH_UP).contains(&body.catch_up_limit);
    misfits.unless(
        fits,
        "/catch_up_limit",
        &format!("give 1 to {MAX_CATCH_UP}"),
    );
    if let (Some(starts), Some(ends)) = (body.starts_at, body.ends_at) {
        misfits.unless(starts <= ends, "/ends_at", "it ends before it starts");
    }
    check_labels(&body.labels, &mut misfits);
    let target = Target::read(&body.target, &mut misfits);
    let zone = match graphloom_blocks::check_time_zone(&body.time_zone) {
        Ok(()) => TimeZone::get(&body.time_zone).ok(),
        Err(error) => {
            misfits.at("/time_zone", error.to_string());
            None
        }
    };
    let table = Timetable::new(&body.cron, zone.unwrap_or(TimeZone::UTC));
    let table = table.map_err(|error| misfits.at("/cron", error)).ok();
    misfits.finish()?;
    // What is not there was noted.
    let both = target.zip(table);
    both.ok_or_else(|| Problem::internal("a schedule without a target or times was not refused"))
}

/// Returns what runs of a schedule are started with.
pub(super) fn start(body: &ScheduleBody) -> RunStart {
    RunStart {
        inputs: body.inputs.clone(),
        labels: body.labels.clone(),
        time_zone: Some(body.time_zone.clone()),
        callback: body.callback.clone(),
        ..RunStart::default()
    }
}

/// Checks what somebody wants to keep as a schedule.
///
/// # Errors
/// `HTTP_BODY`; what is wrong with the inputs.
pub(super) async fn check(
    app: &App,
    tenant: &Tenant,
    mut body: ScheduleBody,
) -> Result<Checked, Problem> {
    let (target, table) = read(&body)?;
    if let Some(callback) = &mut body.callback {
        app.callbacks().check(tenant, callback, "/callback")?;
    }
    let shortest = app.schedules().options.min_interval;
    let (times, asked, now) = (table.clone(), body.clone(), app.now());
    // That a time never comes is found out by looking at 3,000 years.
    let looked = async move { look(&times, &asked, now, shortest) };
    app.aside().run(looked).await??;
    target.resolve(app, tenant, start(&body)).await?.check()?;
    Ok(Checked { body, table })
}

/// Refuses times that never come, or come too often.
fn look(
    table: &Timetable,
    body: &ScheduleBody,
    now: Timestamp,
    shortest: Duration,
) -> Result<(), Problem> {
    let mut misfits = Misfits::default();
    let after = before_start(body, now);
    if table.after(after).is_none() {
        misfits.at("/cron", format!("{:?} never comes", body.cron));
    } else if next(body, table, after).is_none() && body.enabled {
        misfits.at("/ends_at", "it ends before its first time comes");
    }
    // Every expression keeps a second.
    if shortest > Duration::from_secs(1)
        && let Some(found) = table.shortest_pause(after)
        && found < shortest
    {
        let (found, shortest) = (found.as_secs(), shortest.as_secs());
        misfits.at(
            "/cron",
            format!("its times are {found} s apart, and here at least {shortest} s are asked for"),
        );
    }
    misfits.finish()
}
