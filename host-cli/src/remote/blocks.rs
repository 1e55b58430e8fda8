//! `blocks list`, `search`, `show`, `run`: the server's blocks, which may be others than those of this program.

use graphloom::Value;
use graphloom::value::Map;

use super::Remote;
use super::start::narrow;
use crate::args::{BlockRunArgs, CoercionArg};
use crate::commands::{MAX_ABSENT, tell_block_faults, tell_block_run};
use crate::exit::Exit;
use crate::input;
use crate::problem::Problem;
use crate::report::{Report, block_list, block_page};

pub(super) fn list(
    category: Option<&str>,
    remote: &Remote,
    report: &mut Report,
) -> Result<Exit, Problem> {
    // The words are the same everywhere, and a wrong one is told with those that are near.
    let category = category.map(crate::commands::find_category).transpose()?;
    let mut asking = remote.client.get(&["blocks"]);
    if let Some(category) = category {
        asking = asking.query("category", category.as_str());
    }
    let found = remote.wait(asking.value())?.body;
    report.answer(&blocks(&found), block_list);
    Ok(Exit::Ok)
}

pub(super) fn search(
    words: &[String],
    remote: &Remote,
    report: &mut Report,
) -> Result<Exit, Problem> {
    let asking = remote.client.get(&["blocks"]).query("q", words.join(" "));
    let found = remote.wait(asking.value())?.body;
    report.answer(&blocks(&found), block_list);
    Ok(Exit::Ok)
}

/// Returns a page of the catalogue in the form that this program has: those that are there, then AutoGPT's that are not.
fn blocks(found: &Value) -> Value {
    let list = |key: &str| found.get(key).and_then(Value::as_list);
    let (here, absent) = (list("items"), list("absent"));
    let n_absent = absent.map_or(0, |absent| absent.len());
    let absent = absent.into_iter().flat_map(|all| all.iter());
    let here = here.into_iter().flat_map(|all| all.iter());
    let mut answer = Map::new();
    let all = here.chain(absent.take(MAX_ABSENT)).cloned();
    answer.insert("blocks", all.collect::<Value>());
    if n_absent > MAX_ABSENT {
        answer.insert("more", (n_absent - MAX_ABSENT) as u64);
    }
    answer.into()
}

pub(super) fn show(block: &str, remote: &Remote, report: &mut Report) -> Result<Exit, Problem> {
    let asking = remote.client.get(&["blocks", block]);
    report.answer(&remote.wait(asking.value())?.body, block_page);
    Ok(Exit::Ok)
}

pub(super) fn run(
    args: &BlockRunArgs,
    remote: &Remote,
    report: &mut Report,
) -> Result<Exit, Problem> {
    let mut asked = Map::new();
    let inputs = input::given(&args.given, report)?;
    asked.insert("inputs", inputs);
    if args.coercion == CoercionArg::Lenient {
        asked.insert("coercion", "lenient");
    }
    if let Some(seed) = args.seed {
        asked.insert("seed", seed);
    }
    if let Some(ms) = args.timeout_ms {
        asked.insert("timeout_ms", ms);
    }
    narrow(&args.outside, &mut asked);
    let asking = remote.client.post(&["blocks", &args.block, "run"]);
    let ran = match remote.wait(asking.json(&asked.into()).value()) {
        Ok(answer) => answer.body,
        // What the block does not take is told as the block's error, as of one that runs here.
        Err(Problem::Faults(_, mut faults)) => {
            input::hint(&args.given, &mut faults);
            return Ok(tell_block_faults(&faults, report));
        }
        Err(problem) => return Err(problem),
    };
    tell_block_run(&ran, None, report);
    let error = ran.get("error").and_then(|error| error.get("code"));
    let code = error.and_then(Value::as_str).map(str::parse);
    Ok(match code {
        None => Exit::Ok,
        Some(code) => code.map_or(Exit::Failed, Exit::of_failure),
    })
}
