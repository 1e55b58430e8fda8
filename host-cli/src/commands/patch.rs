//! `graph patch`: a JSON Patch, or the repairs that faults offer, applied to a document.

use graphloom::json::{Limits, PatchOp, apply, parse, read_patch, to_json_pretty};
use graphloom::plan::Repair;
use graphloom::value::{Map, to_value};
use graphloom::{Code, Fault, Value};

use crate::args::PatchArgs;
use crate::exit::Exit;
use crate::problem::{Origin, Problem, fault_value};
use crate::replace::replace;
use crate::report::{Report, fault_list, in_words};
use crate::{input, setup};

pub(crate) fn patch(args: &PatchArgs, report: &mut Report) -> Result<Exit, Problem> {
    let file = args.graph.file.as_path();
    input::stdin_once([Some(file), args.patch.as_deref()].into_iter().flatten())?;
    let origin = input::read(file, report)?;
    let parsed = parse(&origin.source, &Limits::default());
    // What is not JSON has no places to patch, and a number that cannot be read cannot be written again.
    let lost = |fault: &Fault| !(args.fix && is_mended_by_reading(fault));
    let Some(tree) = parsed.tree.filter(|_| !parsed.faults.iter().any(lost)) else {
        return Err(Problem::Faults(origin, parsed.faults));
    };
    let mut document = tree.root.to_value();
    let mut applied: Vec<Applied> = parsed.faults.into_iter().map(Applied::by_reading).collect();

    if let Some(path) = &args.patch {
        let patch = input::read(path, report)?;
        let ops = match read_patch(&patch.source, &Limits::default()) {
            Ok(ops) => ops,
            Err(faults) => return Err(Problem::Faults(patch, faults.0)),
        };
        if let Err(mut fault) = apply(&mut document, &ops) {
            let places = parse(&patch.source, &Limits::default());
            if let Some(tree) = &places.tree {
                fault.locate(&patch.source, tree);
            }
            return Err(Problem::Faults(patch, vec![*fault]));
        }
        applied.push(Applied { fault: None, ops });
    }

    let engine = setup::engine()?;
    let left = if args.fix {
        let mended = engine.mend(document);
        document = mended.document;
        applied.extend(mended.repairs.into_iter().map(Applied::by_repair));
        mended.left
    } else {
        engine.diagnose(to_json_pretty(&document).as_bytes()).faults
    };
    let text = to_json_pretty(&document) + "\n";
    let write = args.write && !args.dry_run;
    if write && !applied.is_empty() {
        replace(file, &origin.source, text.as_bytes())?;
    }
    // From here on lines and columns are those of the new document.
    let origin = Origin {
        name: origin.name,
        source: text.into_bytes(),
    };
    tell(args, &origin, &applied, &left, report);
    Ok(Exit::of_faults(&left))
}

/// What was changed, and why.
struct Applied {
    fault: Option<Fault>,
    ops: Vec<PatchOp>,
}

impl Applied {
    /// A fault that the document loses by being read and written again.
    fn by_reading(fault: Fault) -> Self {
        Self {
            fault: Some(fault),
            ops: Vec::new(),
        }
    }

    fn by_repair(repair: Repair) -> Self {
        Self {
            fault: Some(repair.fault),
            ops: repair.patch,
        }
    }

    fn to_value(&self) -> Value {
        let mut map = Map::new();
        if let Some(fault) = &self.fault {
            map.insert("code", fault.code.as_str());
            map.insert("message", fault.message.as_str());
        }
        map.insert("patch", to_value(&self.ops).unwrap_or(Value::Null));
        map.into()
    }
}

/// Whether a document loses a fault by being read and written again: of a key that stands twice the first is kept, and
/// what follows the end is left out.
fn is_mended_by_reading(fault: &Fault) -> bool {
    matches!(fault.code, Code::JsonDuplicateKey | Code::JsonTrailing)
}

fn tell(
    args: &PatchArgs,
    origin: &Origin,
    applied: &[Applied],
    left: &[Fault],
    report: &mut Report,
) {
    let document = !args.write && !args.dry_run;
    if document {
        report.text(&String::from_utf8_lossy(&origin.source));
        report.flush();
    }
    if report.is_json() {
        let mut summary = Map::new();
        summary.insert(
            "applied",
            applied.iter().map(Applied::to_value).collect::<Value>(),
        );
        let errors = left.iter().map(|fault| fault_value(fault, &origin.name));
        summary.insert("errors", errors.collect::<Value>());
        if document {
            report.note_json(&summary.into());
        } else {
            summary.insert(
                "written",
                args.write && !args.dry_run && !applied.is_empty(),
            );
            report.json(&summary.into());
        }
        return;
    }
    let mut text = String::new();
    for Applied { fault, ops } in applied {
        if let Some(fault) = fault {
            text += &format!("mended {}: {}\n", fault.code, fault.message);
        }
        for op in ops {
            text += &format!("  {}\n", in_words(op));
        }
    }
    if applied.is_empty() {
        text += "nothing changed\n";
    }
    if !left.is_empty() {
        text += &format!("\nleft:\n{}", fault_list(origin, left, left.len()));
    }
    if document {
        report.note(text.trim_end());
    } else {
        report.human(&text);
    }
}
