//! `blocks`: list, search, show, run, test.

use std::time::Duration;

use graphloom::graph::Coercion;
use graphloom::value::{List, Map, to_value};
use graphloom::{
    Capability, Category, Entry, Fault, KnownBlock, Lookup, Registry, RunLimits, RunOptions, Text,
    Value, fault::nearest, value,
};
use serde::Serialize;

use crate::args::{BlockRunArgs, CoercionArg};
use crate::exit::Exit;
use crate::problem::{HostCode, HostError, Origin, Problem};
use crate::report::{Report, block_list, block_page, fault_list, outputs};
use crate::{input, kv, models, setup};

/// How many blocks that are not here a search shows.
pub(crate) const MAX_ABSENT: usize = 20;

pub(crate) fn list(category: Option<&str>, report: &mut Report) -> Result<Exit, Problem> {
    let category = category.map(find_category).transpose()?;
    let registry = setup::registry()?;
    let wanted = registry
        .iter()
        .filter(|entry| category.is_none_or(|c| entry.info().category == c));
    let blocks: Value = wanted.map(Entry::to_summary).collect();
    report.answer(&value!({ "blocks": blocks }), block_list);
    Ok(Exit::Ok)
}

pub(crate) fn search(words: &[String], report: &mut Report) -> Result<Exit, Problem> {
    let registry = setup::registry()?;
    let words = words.join(" ");
    let found = registry.search(&words);
    let mut absent = registry.search_absent(&words);
    let more = absent.len().saturating_sub(MAX_ABSENT);
    absent.truncate(MAX_ABSENT);
    let here = found.iter().map(|entry| entry.to_summary());
    let absent = absent.iter().map(|block| registry.absent_summary(block));
    let mut answer = Map::new();
    answer.insert("blocks", here.chain(absent).collect::<Value>());
    if more > 0 {
        answer.insert("more", more as u64);
    }
    report.answer(&answer.into(), block_list);
    Ok(Exit::Ok)
}

pub(crate) fn show(name: &str, report: &mut Report) -> Result<Exit, Problem> {
    let registry = setup::registry()?;
    let block = match registry.absent(name) {
        Some(block) => registry.absent_value(block),
        None => find(&registry, name)?.to_value(),
    };
    report.answer(&block, block_page);
    Ok(Exit::Ok)
}

pub(crate) fn find_category(word: &str) -> Result<Category, Problem> {
    let known = || Category::ALL.iter().map(|category| category.as_str());
    let found = Category::ALL
        .iter()
        .find(|category| category.as_str() == word);
    found.copied().ok_or_else(|| {
        let error = HostError::new(HostCode::Usage, format!("there is no category \"{word}\""));
        let expected = format!("one of {}", known().collect::<Vec<_>>().join(", "));
        error
            .expected(expected)
            .suggest(nearest(word, known()))
            .into()
    })
}

/// Returns a block by id, UUID or class name.
fn find<'r>(registry: &'r Registry, name: &str) -> Result<&'r Entry, Problem> {
    if let Some(entry) = registry.get(name) {
        return Ok(entry);
    }
    let unknown = |message: String| HostError::new(HostCode::UnknownBlock, message);
    let error = match (registry.find(name), registry.absent(name)) {
        (Lookup::Disabled(reason), _) => {
            unknown(format!("block \"{name}\" is switched off here: {reason}")).exit(Exit::Policy)
        }
        (Lookup::Version { entry, asked }, _) => {
            let info = entry.info();
            unknown(format!(
                "block \"{}\" is not here in version {asked}",
                info.id
            ))
            .expected(format!("{}@{}", info.id, info.version))
        }
        (_, Some(known)) => absent(registry, known),
        _ => {
            let mut near = registry.nearest(name);
            near.extend(nearest(name, registry.known().map(|known| known.name)));
            near.truncate(3);
            unknown(format!("there is no block \"{name}\""))
                .suggest(near)
                .help("`graphloom blocks search WORDS` finds blocks by words")
        }
    };
    Err(error.into())
}

fn absent(registry: &Registry, known: &KnownBlock) -> HostError {
    let error = HostError::new(HostCode::UnknownBlock, known.absence());
    match registry.stand_in(known) {
        Some(entry) => error.expected(format!(
            "block \"{}\", which serves in its place with pins of its own",
            entry.info().id
        )),
        None => error,
    }
    .help("`graphloom blocks show` tells its pins")
}

pub(crate) fn run(args: &BlockRunArgs, report: &mut Report) -> Result<Exit, Problem> {
    let registry = setup::registry()?;
    let id = find(&registry, &args.block)?.info().id;
    let inputs = input::given(&args.given, report)?;
    let limits = RunLimits::default().timeout(args.timeout_ms.map(Duration::from_millis));
    let engine = setup::builder(registry, &args.outside)?
        .limits(limits)
        .build();
    let coercion = match args.coercion {
        CoercionArg::Strict => Coercion::Strict,
        CoercionArg::Lenient => Coercion::Lenient,
    };
    let mut options = RunOptions::new()
        .grants(setup::grants(&args.outside))
        .extensions(models::lent(
            &args.outside,
            kv::lent(args.kv.as_deref(), "blocks-run"),
        )?);
    if let Some(seed) = args.seed {
        options = options.seed(seed);
    }
    let runtime = setup::runtime()?;
    let ran = runtime.block_on(engine.run_block(id, inputs, coercion, options));
    runtime.shutdown_background();
    let run = match ran {
        Ok(run) => run,
        Err(mut faults) => {
            input::hint(&args.given, &mut faults.0);
            return Ok(tell_block_faults(&faults.0, report));
        }
    };
    let pairs = run.outputs.into_iter();
    let outputs = pairs.map(|(pin, value)| Value::from(vec![Value::Text(pin), value]));
    let error = run.error.as_ref();
    let exit = error.map_or(Exit::Ok, |failure| Exit::of_failure(failure.code));
    let error = error.map_or(Value::Null, as_value);
    let ran = value!({ "outputs": (outputs.collect::<Value>()), "error": error });
    tell_block_run(&ran, None, report);
    Ok(exit)
}

fn as_value<T: Serialize>(error: &T) -> Value {
    to_value(error).unwrap_or_else(|error| Value::from(error.to_string()))
}

/// Tells that a block does not take its inputs: an error of the block here, since there is no graph to blame.
pub(crate) fn tell_block_faults(faults: &[Fault], report: &mut Report) -> Exit {
    let said = fault_list(&Origin::default(), faults, faults.len());
    let error = faults.first().map_or(Value::Null, as_value);
    let ran = value!({ "outputs": (Value::List(List::default())), "error": error });
    tell_block_run(&ran, Some(&said), report);
    Exit::Failed
}

/// Tells what a block gave: `outputs`, pairs of pin and value, and `error`. `said` is the error in other words.
pub(crate) fn tell_block_run(ran: &Value, said: Option<&str>, report: &mut Report) {
    report.answer(ran, |ran| {
        let pairs = ran.get("outputs").and_then(Value::as_list);
        let pair = |pair: &'_ Value| match pair.as_list().map(|pair| &pair[..]) {
            Some([Value::Text(pin), value]) => Some((pin.clone(), value.clone())),
            _ => None,
        };
        let pairs = pairs
            .into_iter()
            .flat_map(|all| all.iter())
            .filter_map(pair);
        let pairs: Vec<(Text, Value)> = pairs.collect();
        outputs(pairs.iter().map(|(pin, value)| (pin, value)))
    });
    if report.is_json() {
        return;
    }
    report.flush();
    let error = ran.get("error").filter(|error| !error.is_null());
    let word = |error: &Value, key: &str| error.get(key).and_then(Value::as_str).map(str::to_owned);
    match (said, error) {
        (Some(said), _) => report.note(said.trim_end()),
        (None, Some(error)) => report.note(&format!(
            "error[{}]: {}",
            word(error, "code").unwrap_or_default(),
            word(error, "message").unwrap_or_default()
        )),
        (None, None) => {}
    }
}

pub(crate) fn test(name: Option<&str>, report: &mut Report) -> Result<Exit, Problem> {
    let engine = setup::engine()?;
    let entries: Vec<&Entry> = match name {
        Some(name) => vec![find(engine.registry(), name)?],
        None => engine.registry().iter().collect(),
    };
    let runtime = setup::runtime()?;
    let mut failed = Vec::new();
    let mut tested = 0_u64;
    // What asks another machine is not asked for an example: it would be a real one.
    let (outside, entries): (Vec<&Entry>, Vec<&Entry>) =
        entries.into_iter().partition(|entry| asks_others(entry));
    for entry in &entries {
        for example in entry.info().examples {
            tested += 1;
            report.progress(&format!("{}: {}", entry.info().id, example.name));
            failed.extend(
                runtime
                    .block_on(engine.check_example(entry.info().id, example))
                    .err(),
            );
        }
    }
    runtime.shutdown_background();
    let bare = entries
        .iter()
        .filter(|entry| entry.info().examples.is_empty());
    let untested: Vec<Text> = bare.map(|entry| Text::from(entry.info().id)).collect();
    if report.is_json() {
        let failures = failed.iter().map(|mismatch| {
            value!({
                "block": mismatch.block.clone(),
                "example": mismatch.example,
                "message": mismatch.message.as_str(),
                "expected": mismatch.expected.clone(),
                "found": mismatch.found.clone(),
            })
        });
        let outside = outside.iter().map(|entry| Text::from(entry.info().id));
        let (failures, untested, outside): (Value, Value, Value) = (
            failures.collect(),
            untested.into_iter().collect(),
            outside.collect(),
        );
        report.json(&value!({
            "tested": tested,
            "failed": failures,
            "without_examples": untested,
            "asking_others": outside,
        }));
    } else {
        for mismatch in &failed {
            report.human(&format!("{mismatch}\n"));
        }
        let failed = failed.len();
        report.human(&format!("examples: {tested} tested, {failed} failed\n"));
        if !outside.is_empty() {
            let outside = outside.len();
            report.human(&format!(
                "not tested: {outside} blocks, which ask other machines\n"
            ));
        }
    }
    Ok(if failed.is_empty() {
        Exit::Ok
    } else {
        Exit::Failed
    })
}

/// Says whether a block asks other machines for what it does.
fn asks_others(entry: &Entry) -> bool {
    let others = |c: &Capability| matches!(c, Capability::Http | Capability::Mail);
    entry.info().capabilities.iter().any(others)
}
