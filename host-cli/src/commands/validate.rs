//! `graph validate`: everything that is wrong with a graph.

use std::path::Path;

use graphloom::Value;
use graphloom::value::Map;

use crate::exit::Exit;
use crate::problem::{Problem, fault_value};
use crate::report::{Report, fault_list};
use crate::{input, setup};

pub(crate) fn validate(
    file: &Path,
    max_errors: usize,
    report: &mut Report,
) -> Result<Exit, Problem> {
    let origin = input::read(file, report)?;
    let found = setup::engine()?.diagnose(&origin.source);
    let faults = &found.faults;
    if report.is_json() {
        let mut answer = Map::new();
        let errors = faults
            .iter()
            .take(max_errors)
            .map(|fault| fault_value(fault, &origin.name));
        answer.insert("errors", errors.collect::<Value>());
        if let Some(more) = faults
            .len()
            .checked_sub(max_errors)
            .filter(|more| *more > 0)
        {
            answer.insert("more", more);
        }
        report.json(&answer.into());
    } else if let Some(plan) = &found.plan {
        let (nodes, links) = (plan.n_nodes(), plan.n_links());
        report.human(&format!(
            "{}: no errors; {nodes} nodes, {links} links\n",
            origin.name
        ));
    } else {
        report.human(&fault_list(&origin, faults, max_errors));
    }
    Ok(Exit::of_faults(faults))
}
