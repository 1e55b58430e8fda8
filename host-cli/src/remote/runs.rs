//! `runs list`, `show`, `why`, `events`, `diff`, `export`, `prune`: what the server has kept.

use graphloom::host::{Clock, SystemClock};
use graphloom::value::Map;
use graphloom::{Value, value};
use jiff::Timestamp;

use super::Remote;
use super::client::{foreign, unanswered};
use super::drive::is_over;
use super::follow::{Follow, Seen};
use crate::commands::{DAY_MS, Pruned, known_status, tell_pruned};
use crate::exit::Exit;
use crate::problem::{HostCode, HostError, Problem};
use crate::report::{Report, diff_page, run_list, run_page, why_page};

/// How many items a page of a list has at most.
pub(super) const PAGE: usize = 200;

pub(super) fn list(
    status: Option<&str>,
    limit: usize,
    after: Option<&str>,
    remote: &Remote,
    report: &mut Report,
) -> Result<Exit, Problem> {
    let status = status.map(known_status).transpose()?;
    let mut skips = after;
    let runs = remote.wait(async {
        let mut runs = Vec::new();
        let mut pages = Pages::of("runs");
        while runs.len() < limit {
            let want = limit - runs.len();
            let size = if skips.is_some() {
                PAGE
            } else {
                want.min(PAGE)
            };
            let status = status.map(|status| ("status", status.as_str()));
            let Some(page) = pages.next(remote, size, status).await? else {
                break;
            };
            for view in page {
                match skips {
                    None if runs.len() < limit => runs.push(entry(&view)),
                    None => {}
                    Some(run) if is(&view, run) => skips = None,
                    Some(_) => {}
                }
            }
        }
        Ok::<_, Problem>(runs)
    })?;
    report.answer(&value!({ "items": runs }), run_list);
    Ok(Exit::Ok)
}

fn is(view: &Value, run: &str) -> bool {
    view.get("run_id").and_then(Value::as_str) == Some(run)
}

/// A list that the server gives by pages.
pub(super) struct Pages {
    list: &'static str,
    cursor: Option<String>,
    is_over: bool,
}

impl Pages {
    pub(super) fn of(list: &'static str) -> Self {
        Self {
            list,
            cursor: None,
            is_over: false,
        }
    }

    /// Returns the next page; `None` behind the last one.
    pub(super) async fn next(
        &mut self,
        remote: &Remote,
        size: usize,
        filter: Option<(&str, &str)>,
    ) -> Result<Option<Vec<Value>>, Problem> {
        if self.is_over {
            return Ok(None);
        }
        let mut asking = remote.client.get(&[self.list]).query("limit", size);
        if let Some((name, value)) = filter {
            asking = asking.query(name, value);
        }
        if let Some(cursor) = self.cursor.take() {
            asking = asking.query("cursor", cursor);
        }
        let page = asking.value().await?.body;
        let items = page.get("items").and_then(Value::as_list);
        let items = items.ok_or_else(|| foreign(200, "a page without items"))?;
        let cursor = page.get("next_cursor").and_then(Value::as_str);
        self.cursor = cursor.map(str::to_owned);
        self.is_over = self.cursor.is_none();
        Ok(Some(items.to_vec()))
    }
}

/// Returns what the server says of a run in the form that this program has for one that it keeps itself.
fn entry(view: &Value) -> Value {
    let mut map = Map::new();
    for (name, key) in [
        ("run_id", "run_id"),
        ("status", "status"),
        ("waits_for", "waits_for"),
        ("graph", "graph_name"),
        ("semantic_hash", "semantic_hash"),
        ("created_at", "created_at"),
        ("updated_at", "updated_at"),
        ("events", "events"),
        ("epoch", "epoch"),
        ("graph_id", "graph_id"),
        ("graph_version", "graph_version"),
        ("labels", "labels"),
    ] {
        if let Some(value) = view.get(key) {
            map.insert(name, value.clone());
        }
    }
    map.into()
}

pub(super) fn show(
    run: &str,
    at: Option<u64>,
    remote: &Remote,
    report: &mut Report,
) -> Result<Exit, Problem> {
    let view = remote.wait(remote.client.get(&["runs", run]).value())?.body;
    let events = view
        .get("events")
        .and_then(Value::as_u64)
        .unwrap_or_default();
    if let Some(at) = at.filter(|at| *at > events) {
        return Err(crate::commands::too_late(run, at, events));
    }
    let asking = remote.client.get(&["runs", run]);
    let asking = asking.query("at", at.unwrap_or(events));
    let at = remote.wait(asking.value())?.body;
    let mut shown = entry(&view).as_map().cloned().unwrap_or_default();
    let picture = at.get("picture").and_then(Value::as_map).cloned();
    shown.extend(picture.unwrap_or_default());
    report.answer(&shown.into(), |run| run_page(run, events));
    Ok(Exit::Ok)
}

pub(super) fn why(
    run: &str,
    node: &str,
    remote: &Remote,
    report: &mut Report,
) -> Result<Exit, Problem> {
    let asking = remote.client.get(&["runs", run, "why"]).query("of", node);
    report.answer(&remote.wait(asking.value())?.body, why_page);
    Ok(Exit::Ok)
}

pub(super) fn diff(
    run: &str,
    other: &str,
    remote: &Remote,
    report: &mut Report,
) -> Result<Exit, Problem> {
    let asking = remote.client.get(&["runs", run, "diff", other]);
    report.answer(&remote.wait(asking.value())?.body, diff_page);
    Ok(Exit::Ok)
}

/// Prints the events that there are: a run that goes on is not waited for.
pub(super) fn events(
    run: &str,
    from: u64,
    remote: &Remote,
    report: &mut Report,
) -> Result<Exit, Problem> {
    remote.wait(async {
        let view = remote.client.get(&["runs", run]).value().await?.body;
        let events = view
            .get("events")
            .and_then(Value::as_u64)
            .unwrap_or_default();
        if from >= events {
            return Ok(Exit::Ok);
        }
        let mut follow = Follow::begin(&remote.client, run, from.checked_sub(1));
        loop {
            let Seen::Line(line) = follow.next().await? else {
                return Ok(Exit::Ok);
            };
            let Some(seq) = line.get("seq").and_then(Value::as_u64) else {
                continue;
            };
            report.json(&line);
            if seq + 1 >= events || report.is_broken() {
                return Ok(Exit::Ok);
            }
        }
    })
}

pub(super) fn export(run: &str, remote: &Remote, report: &mut Report) -> Result<Exit, Problem> {
    remote.wait(async {
        let asking = remote.client.get(&["runs", run, "export"]);
        let asking = asking.header("accept", "application/jsonl, application/problem+json");
        let mut body = asking.stream().await?.body;
        let mut ends = true;
        while let Some(piece) = body.next().await.map_err(|e| unanswered(&e))? {
            ends = piece.last() == Some(&b'\n');
            report.bytes(&piece);
            if report.is_broken() {
                return Ok(Exit::Ok);
            }
        }
        if ends {
            return Ok(Exit::Ok);
        }
        let message = format!("the export of run {run} was cut off");
        Err(HostError::new(HostCode::ServerSilent, message).into())
    })
}

pub(super) fn prune(
    days: u32,
    keep: usize,
    dry_run: bool,
    remote: &Remote,
    report: &mut Report,
) -> Result<Exit, Problem> {
    let now = SystemClock::default().now().as_millis();
    let before = now - i64::from(days) * DAY_MS;
    let pruned = remote.wait(async {
        let (mut seen, mut gone) = (0, Vec::new());
        let mut pages = Pages::of("runs");
        while let Some(page) = pages.next(remote, PAGE, None).await? {
            for view in page {
                seen += 1;
                let word = |key: &str| view.get(key).and_then(Value::as_str).unwrap_or_default();
                let updated = word("updated_at").parse::<Timestamp>();
                let old = updated.is_ok_and(|at| at.as_millisecond() <= before);
                if seen > keep && old && is_over(&view) {
                    gone.push(Pruned {
                        run: word("run_id").to_owned(),
                        status: word("status").to_owned(),
                        ended: word("updated_at").to_owned(),
                    });
                }
            }
        }
        if !dry_run {
            for run in &gone {
                let delete = remote.client.ask("DELETE", &["runs", &run.run]);
                match delete.value().await {
                    Ok(_) => {}
                    // Someone else was faster.
                    Err(problem) if problem.exit() == Exit::NotFound => {}
                    Err(problem) => return Err(problem),
                }
            }
        }
        Ok::<_, Problem>(gone)
    })?;
    tell_pruned(&pruned, dry_run, report);
    Ok(Exit::Ok)
}
