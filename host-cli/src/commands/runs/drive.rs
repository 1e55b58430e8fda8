//! `runs resume`, `runs cancel`, `answer`: what makes a kept run go on.

use std::sync::Arc;

use graphloom::host::{Message, Store};
use graphloom::json::{Limits, read_value};
use graphloom::{
    CancelToken, Code, Plan, RunOptions, RunOutcome, Text, Trace, Value, observe, value,
};

use super::Kept;
use crate::args::{AnswerArgs, DurabilityArg, GoingArgs, ResumeArgs, RunArg};
use crate::commands::kept::{Keeping, faults_of, problem};
use crate::commands::run::{Started, bare_header, finish, header, result_of, tell};
use crate::commands::signals::Signals;
use crate::commands::watch::Eyes;
use crate::exit::Exit;
use crate::problem::{Origin, Problem};
use crate::report::Report;
use crate::{kv, models, setup, store};

/// How many events are read at a time.
const PAGE: usize = 4_096;

pub(super) fn resume(args: &ResumeArgs, report: &mut Report) -> Result<Exit, Problem> {
    go_on(&args.run, args.events, &args.going, report)
}

fn go_on(
    run: &RunArg,
    lines: bool,
    going: &GoingArgs,
    report: &mut Report,
) -> Result<Exit, Problem> {
    if let Some((outcome, plan)) = over(run)? {
        if lines {
            let mut header = bare_header();
            header.insert("run_id", outcome.run_id.clone());
            header.insert("graph", plan.name());
            header.insert("semantic_hash", plan.hash().to_string());
            report.begin_stream(&header.into());
        }
        let result = result_of(&outcome);
        tell(lines, &result, report);
        return Ok(Exit::of_result(&result));
    }
    let started = take_up(run, lines, going, report);
    if lines {
        let header = header(started.as_ref().ok().map(|(started, _)| started));
        report.begin_stream(&header);
    }
    let (started, trace) = started?;
    let eyes = Eyes::following(trace, lines);
    finish(started, eyes, lines, Some(run.store.dir()?), report)
}

/// Returns the outcome of a run that is over: asking for it again is no error.
fn over(run: &RunArg) -> Result<Option<(RunOutcome, Arc<Plan>)>, Problem> {
    let runtime = setup::runtime()?;
    // To write: a store whose making was cut off is made anew.
    let store = Arc::new(store::existing(run.store.dir()?)?);
    let id = Text::from(run.id.as_str());
    if !runtime.block_on(store.entry(&id))?.status.is_terminal() {
        return Ok(None);
    }
    let kept = runtime.block_on(Kept::read(store, setup::engine()?, &run.id))?;
    let state = kept.engine.state(&*kept.store, &kept.run, &kept.plan, None);
    let outcome = runtime.block_on(state)?.outcome(id);
    Ok(outcome.map(|outcome| (outcome, kept.plan)))
}

fn take_up(
    run: &RunArg,
    lines: bool,
    going: &GoingArgs,
    report: &Report,
) -> Result<(Started, Trace), Problem> {
    let runtime = setup::runtime()?;
    let engine = setup::acting_engine(&going.outside)?;
    let cancel = CancelToken::new();
    let mut events = None;
    let (signals, keeping, handle, plan, trace) = {
        let _inside = runtime.enter();
        let signals = Signals::listen()?;
        let _ = store::existing(run.store.dir()?)?;
        let store = store::open(run.store.dir()?, DurabilityArg::Barrier)?;
        let kept = runtime.block_on(Kept::read(store, engine, &run.id))?;
        let mut options = RunOptions::new()
            .cancel_with(&cancel)
            .grants(setup::grants(&going.outside))
            .extensions(models::lent(
                &going.outside,
                kv::lent(going.kv.as_deref(), kept.plan.name()),
            )?);
        let mut trace = Trace::new(&kept.plan);
        if lines || report.is_watched() {
            // The events before tell which graphs are open.
            runtime.block_on(catch_up(&kept, &mut trace))?;
            let (observer, stream) = observe(usize::MAX);
            options = options.observe(observer);
            events = Some(stream);
        }
        let keeping = Keeping::new(&kept.engine, kept.store.clone())?;
        let handle = runtime.block_on(keeping.run(&kept.run, &kept.plan, options));
        let handle = handle.map_err(|error| problem(error, |f| faults_of(&run.id, f)))?;
        (signals, keeping, handle, kept.plan, trace)
    };
    let started = Started {
        runtime,
        signals,
        handle,
        cancel,
        events,
        plan,
        keeping: Some(keeping),
        reuse: None,
        explains: false,
    };
    Ok((started, trace))
}

async fn catch_up(kept: &Kept, trace: &mut Trace) -> Result<(), Problem> {
    let mut from = 0;
    loop {
        let page = kept.store.read(&kept.run, from, PAGE).await?;
        for record in &page {
            trace.line(record);
        }
        from += page.len() as u64;
        if page.len() < PAGE {
            return Ok(());
        }
    }
}

pub(super) fn cancel(run: &RunArg, report: &mut Report) -> Result<Exit, Problem> {
    let id = Text::from(run.id.as_str());
    let runtime = setup::runtime()?;
    let store = store::existing(run.store.dir()?)?;
    runtime.block_on(store.send(&id, Message::Cancel))?;
    drop(store);
    // Where nobody goes on with it, it is cancelled here.
    match go_on(run, false, &GoingArgs::default(), report) {
        Err(Problem::Refused(refusal)) if refusal.code == Code::StoreLeased => {
            say(report, &run.id, "asked", "whoever goes on with it stops it");
            Ok(Exit::Ok)
        }
        Ok(_) => Ok(Exit::Ok),
        Err(problem) => Err(problem),
    }
}

pub(in crate::commands) fn answer(args: &AnswerArgs, report: &mut Report) -> Result<Exit, Problem> {
    let id = Text::from(args.run.id.as_str());
    let value = answer_value(&args.answer)?;
    let runtime = setup::runtime()?;
    let store = store::existing(args.run.store.dir()?)?;
    let message = Message::Answer {
        node: Text::from(args.node.as_str()),
        signal: args.signal.as_deref().map(Text::from),
        value,
    };
    runtime.block_on(store.send(&id, message))?;
    drop(store);
    if args.resume {
        return go_on(&args.run, false, &args.going, report);
    }
    let next = format!("graphloom runs resume {id} goes on with it");
    say(report, &args.run.id, "kept", &next);
    Ok(Exit::Ok)
}

/// Reads an answer: a text, or JSON behind `:=`.
pub(crate) fn answer_value(text: &str) -> Result<Value, Problem> {
    match text.strip_prefix(":=") {
        None => Ok(Value::from(text)),
        Some(json) => read_value(json.as_bytes(), &Limits::default())
            .map_err(|faults| Problem::Faults(Origin::argument("the answer"), faults.0)),
    }
}

/// Says what became of a message to a run, and what follows.
pub(crate) fn say(report: &mut Report, run: &str, status: &str, next: &str) {
    if report.is_json() {
        report.json(&value!({ "run_id": run, "message": status, "next": next }));
    } else {
        report.text(&format!("{status}: {next}\n"));
    }
}
