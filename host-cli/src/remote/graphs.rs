//! `graph push`, `pull`, `list`: graphs that the server keeps; `validate`, `plan`: what it says of one that it does not.

use graphloom::json::to_json_pretty;
use graphloom::{Fault, Value, value};
use std::path::Path;

use super::Remote;
use super::client::Answer;
use super::runs::{PAGE, Pages};
use crate::commands::{Counts, tell_validation};
use crate::exit::Exit;
use crate::input;
use crate::problem::{HostCode, HostError, Origin, Problem};
use crate::report::{Report, graph_list, plan_page};

/// Reads `ID` and `ID@VERSION`.
pub(super) fn reference(text: &str) -> Result<(&str, Option<u64>), Problem> {
    let (id, version) = match text.split_once('@') {
        None => (text, None),
        Some((id, version)) => (id, Some(version.parse::<u64>().ok().filter(|n| *n > 0))),
    };
    match (id, version) {
        ("", _) | (_, Some(None)) => {
            let message = format!("\"{text}\" names no graph that a server keeps");
            Err(HostError::new(HostCode::Usage, message)
                .expected("ID, or ID@VERSION with a version from 1")
                .into())
        }
        (id, version) => Ok((id, version.flatten())),
    }
}

pub(super) fn push(
    file: &Path,
    id: Option<&str>,
    if_match: Option<&str>,
    remote: &Remote,
    report: &mut Report,
) -> Result<Exit, Problem> {
    let origin = input::read(file, report)?;
    let client = &remote.client;
    let asking = match (id, if_match) {
        (None, _) => client.post(&["graphs"]),
        (Some(id), None) => client
            .ask("PUT", &["graphs", id])
            .header("if-none-match", "*"),
        (Some(id), Some("*")) => client.ask("PUT", &["graphs", id]).header("if-match", "*"),
        (Some(id), Some(tag)) => {
            let tag = tag.trim_matches('"');
            let asking = client.ask("PUT", &["graphs", id]);
            asking.header("if-match", format!("\"{tag}\""))
        }
    };
    let kept = remote.wait(asking.document(&origin).value())?.body;
    report.answer(&graph(&kept), |graph| {
        let word = |key: &str| graph.get(key).map(plain).unwrap_or_default();
        let (id, version, etag) = (word("id"), word("version"), word("etag"));
        format!("{id}  version {version}  etag {etag}\n")
    });
    Ok(Exit::Ok)
}

fn plain(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        other => other.to_string(),
    }
}

/// Returns what the server says of a graph, without the document.
fn graph(view: &Value) -> Value {
    let mut map = view.as_map().cloned().unwrap_or_default();
    map.remove("graph");
    map.into()
}

/// Writes the document, and beside it what `push` takes to put it back.
pub(super) fn pull(id: &str, remote: &Remote, report: &mut Report) -> Result<Exit, Problem> {
    let (id, version) = reference(id)?;
    let asking = match version {
        None => remote.client.get(&["graphs", id]),
        Some(version) => {
            let version = version.to_string();
            remote.client.get(&["graphs", id, "versions", &version])
        }
    };
    let Answer { body, etag } = remote.wait(asking.value())?;
    let document = body.get("graph").cloned().unwrap_or_default();
    report.text(&(to_json_pretty(&document) + "\n"));
    report.flush();
    let version = body
        .get("version")
        .and_then(Value::as_u64)
        .unwrap_or_default();
    let etag = etag.unwrap_or_default();
    if report.is_json() {
        report.note_json(&value!({ "id": id, "version": version, "etag": etag }));
    } else {
        report.note(&format!(
            "version {version}; next: graphloom graph push FILE --id {id} --if-match {etag}"
        ));
    }
    Ok(Exit::Ok)
}

pub(super) fn list(limit: usize, remote: &Remote, report: &mut Report) -> Result<Exit, Problem> {
    let graphs = remote.wait(async {
        let mut graphs: Vec<Value> = Vec::new();
        let mut pages = Pages::of("graphs");
        while graphs.len() < limit {
            let size = (limit - graphs.len()).min(PAGE);
            let Some(page) = pages.next(remote, size, None).await? else {
                break;
            };
            graphs.extend(page);
        }
        Ok::<_, Problem>(graphs)
    })?;
    report.answer(&value!({ "items": graphs }), graph_list);
    Ok(Exit::Ok)
}

pub(super) fn validate(
    file: &Path,
    max_errors: usize,
    remote: &Remote,
    report: &mut Report,
) -> Result<Exit, Problem> {
    let origin = input::read(file, report)?;
    let faults = remote.wait(faults(remote, &origin))?;
    let mut counts = None;
    if faults.is_empty() && !report.is_json() {
        let asking = remote.client.post(&["graphs:plan"]).document(&origin);
        let plan = remote.wait(asking.value())?.body;
        let nodes = plan.get("nodes").and_then(Value::as_list);
        let links = plan.get("links").and_then(Value::as_u64);
        counts = Some(Counts {
            nodes: nodes.map_or(0, |nodes| nodes.len() as u64),
            links: links.unwrap_or_default(),
        });
    }
    Ok(tell_validation(
        &origin, &faults, counts, max_errors, report,
    ))
}

/// Returns everything that the server finds wrong with a document.
pub(super) async fn faults(remote: &Remote, origin: &Origin) -> Result<Vec<Fault>, Problem> {
    let asking = remote.client.post(&["graphs:validate"]).document(origin);
    match asking.value().await {
        Ok(answer) => {
            let found = answer.body.get("faults").and_then(Value::as_list);
            super::refused::faults(found.map_or(&[][..], |found| &found[..]))
        }
        // One that cannot be read at all is refused; here that is a finding as any other.
        Err(Problem::Faults(_, faults)) => Ok(faults),
        Err(problem) => Err(problem),
    }
}

pub(super) fn plan(file: &Path, remote: &Remote, report: &mut Report) -> Result<Exit, Problem> {
    let origin = input::read(file, report)?;
    let asking = remote.client.post(&["graphs:plan"]).document(&origin);
    report.answer(&remote.wait(asking.value())?.body, plan_page);
    Ok(Exit::Ok)
}
