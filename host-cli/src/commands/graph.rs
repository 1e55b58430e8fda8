//! `graph plan`, `fmt`, `hash`, `convert`, `render` and `diff`: a graph looked at and written; nothing runs.

use std::path::Path;

use graphloom::graph::{Graph, GraphLimits, PinRef, read};
use graphloom::json::diff;
use graphloom::value::to_value;
use graphloom::{Advice, Lookup, Registry, Role, Text, Value, value};

use super::run::load;
use crate::args::DrawAs;
use crate::exit::Exit;
use crate::input;
use crate::problem::{HostCode, HostError, Origin, Problem};
use crate::render::{self, Arrow, Drawing, Look};
use crate::replace::replace;
use crate::report::{Report, advice_list, in_words, plan_page};
use crate::setup;

pub(crate) fn plan(file: &Path, report: &mut Report) -> Result<Exit, Problem> {
    let (plan, _) = load(&setup::engine()?, file, report)?;
    report.answer(&plan.overview(), plan_page);
    Ok(Exit::Ok)
}

/// Reads a graph that need not compile.
fn graph(file: &Path, report: &mut Report) -> Result<(Origin, Graph), Problem> {
    let origin = input::read(file, report)?;
    let reading = read(&origin.source, &GraphLimits::default());
    match reading.graph {
        Some(graph) if reading.faults.is_empty() => Ok((origin, graph)),
        _ => Err(Problem::Faults(origin, reading.faults)),
    }
}

pub(crate) fn fmt(
    file: &Path,
    write: bool,
    check: bool,
    report: &mut Report,
) -> Result<Exit, Problem> {
    let (origin, graph) = graph(file, report)?;
    if graph.is_import() {
        let message = format!(
            "\"{}\" is an AutoGPT graph, which has no canonical form",
            origin.name
        );
        let help = "`graphloom graph convert FILE` writes it in format 1";
        return Err(HostError::new(HostCode::NotNative, message)
            .help(help)
            .into());
    }
    let text = graph.to_json_pretty();
    let same = text.as_bytes() == origin.source;
    if check {
        if !same {
            report.note(&format!("{}: not in the canonical form", origin.name));
        }
        return Ok(if same { Exit::Ok } else { Exit::Invalid });
    }
    if !write {
        report.text(&text);
    } else if !same {
        replace(file, &origin.source, text.as_bytes())?;
    }
    Ok(Exit::Ok)
}

pub(crate) fn hash(file: &Path, report: &mut Report) -> Result<Exit, Problem> {
    let (_, graph) = graph(file, report)?;
    let (semantic, document) = (
        graph.semantic_hash().to_string(),
        graph.document_hash().to_string(),
    );
    if report.is_json() {
        report.json(&value!({ "semantic": semantic, "document": document }));
    } else {
        report.text(&format!("semantic  {semantic}\ndocument  {document}\n"));
    }
    Ok(Exit::Ok)
}

pub(crate) fn convert(file: &Path, report: &mut Report) -> Result<Exit, Problem> {
    let (_, mut graph) = graph(file, report)?;
    let registry = setup::registry()?;
    registry.localise(&mut graph);
    let text = graph.to_json_pretty();
    report.text(&text);
    // Beside the answer, and about it: the places are those of the document that was written.
    let written = read(text.as_bytes(), &GraphLimits::default()).graph;
    let advice = registry.advise(written.as_ref().unwrap_or(&graph));
    if !advice.is_empty() {
        report.flush();
        if report.is_json() {
            let advice: Value = advice.iter().map(Advice::to_value).collect();
            report.note_json(&value!({ "advice": advice }));
        } else {
            report.note(advice_list(&advice).trim_end());
        }
    }
    Ok(Exit::Ok)
}

pub(crate) fn render(file: &Path, to: DrawAs, report: &mut Report) -> Result<Exit, Problem> {
    let (_, mut graph) = graph(file, report)?;
    let registry = setup::registry()?;
    registry.localise(&mut graph);
    let drawing = drawing(
        &graph,
        graph.name.as_ref().map_or("", Text::as_str),
        &registry,
    );
    report.text(&match to {
        DrawAs::Mermaid => render::mermaid(&drawing),
        DrawAs::Svg => render::svg(&drawing),
    });
    Ok(Exit::Ok)
}

fn look(role: Role) -> Look {
    match role {
        Role::Input => Look::Entry,
        Role::Output => Look::Exit,
        Role::Note => Look::Note,
        _ => Look::Plain,
    }
}

/// Returns a graph as boxes and arrows.
fn drawing(graph: &Graph, title: &str, registry: &Registry) -> Drawing {
    let boxes = graph.nodes.iter().map(|node| {
        let found = registry.find(node.block.as_str());
        let look = match &found {
            Lookup::Found(entry) => look(entry.info().role),
            _ => Look::Plain,
        };
        let called = node.inputs.get("name").and_then(Value::as_str);
        let kind = match (&found, called) {
            (Lookup::Known(known), _) => known.name.to_owned(),
            (_, Some(name)) if look != Look::Plain => format!("{} \"{name}\"", node.block),
            _ => node.block.to_string(),
        };
        let name = node
            .title
            .as_ref()
            .map_or(node.id.as_str(), Text::as_str)
            .to_owned();
        render::Box { name, kind, look }
    });
    let index = graph.index();
    let arrows = graph.links.iter().filter_map(|link| {
        let (from, to) = (index.get_id(&link.from.node)?, index.get_id(&link.to.node)?);
        let end = |end: &PinRef| format!("{}{}", end.pin, end.path);
        let label = format!("{} → {}", end(&link.from), end(&link.to));
        Some(Arrow {
            from,
            to,
            label,
            dashed: link.sticky,
        })
    });
    let inner = graph
        .graphs
        .iter()
        .map(|(name, graph)| drawing(graph, name.as_str(), registry));
    Drawing {
        title: title.to_owned(),
        boxes: boxes.collect(),
        arrows: arrows.collect(),
        inner: inner.collect(),
    }
}

pub(crate) fn difference(from: &Path, to: &Path, report: &mut Report) -> Result<Exit, Problem> {
    input::stdin_once([from, to])?;
    let (_, from) = graph(from, report)?;
    let (_, to) = graph(to, report)?;
    let ops = diff(&from.to_value(), &to.to_value());
    if report.is_json() {
        report.json(&to_value(&ops).unwrap_or(Value::Null));
    } else if ops.is_empty() {
        report.text("no difference\n");
    } else {
        let lines: Vec<String> = ops.iter().map(in_words).collect();
        report.human(&(lines.join("\n") + "\n"));
    }
    Ok(Exit::Ok)
}
