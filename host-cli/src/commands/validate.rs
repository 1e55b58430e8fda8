//! `graph validate`: everything that is wrong with a graph.

use std::path::Path;

use graphloom::value::Map;
use graphloom::{Fault, Value};

use crate::exit::Exit;
use crate::problem::{Origin, Problem, fault_value};
use crate::report::{Report, fault_list};
use crate::{input, setup};

pub(crate) fn validate(
    file: &Path,
    max_errors: usize,
    report: &mut Report,
) -> Result<Exit, Problem> {
    let origin = input::read(file, report)?;
    let found = setup::engine()?.diagnose(&origin.source);
    let counts = found.plan.as_ref().map(|plan| Counts {
        nodes: plan.n_nodes() as u64,
        links: plan.n_links() as u64,
    });
    Ok(tell_validation(
        &origin,
        &found.faults,
        counts,
        max_errors,
        report,
    ))
}

/// How large a graph is that has no faults.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counts {
    pub(crate) nodes: u64,
    pub(crate) links: u64,
}

/// Says what is wrong with a graph, whoever found it.
pub(crate) fn tell_validation(
    origin: &Origin,
    faults: &[Fault],
    counts: Option<Counts>,
    max_errors: usize,
    report: &mut Report,
) -> Exit {
    let mut answer = Map::new();
    let errors = faults
        .iter()
        .take(max_errors)
        .map(|fault| fault_value(fault, &origin.name));
    answer.insert("errors", errors.collect::<Value>());
    let more = faults.len().checked_sub(max_errors);
    if let Some(more) = more.filter(|more| *more > 0) {
        answer.insert("more", more);
    }
    report.answer(&answer.into(), |_| match counts {
        Some(Counts { nodes, links }) => {
            format!("{}: no errors; {nodes} nodes, {links} links\n", origin.name)
        }
        None => fault_list(origin, faults, max_errors),
    });
    Exit::of_faults(faults)
}
