//! `runs cancel`, `runs resume`, `answer`: what makes a run on the server go on, or stop.

use std::time::Duration;

use graphloom::Value;
use graphloom::value::Map;
use tokio::time::{Instant, sleep};

use super::Remote;
use super::stay::{Stay, despite, header};
use crate::args::{AnswerArgs, ResumeArgs};
use crate::commands::{Signals, answer_value, next_steps, say, tell};
use crate::exit::Exit;
use crate::problem::Problem;
use crate::report::Report;

/// How long to wait for a run to stop before it is only said that it was asked to.
const STOPS: Duration = Duration::from_secs(10);

/// Between two looks whether it has.
const LOOK: Duration = Duration::from_millis(100);

pub(super) fn cancel(run: &str, remote: &Remote, report: &mut Report) -> Result<Exit, Problem> {
    let stopped = remote.wait(async {
        remote.client.post(&["runs", run, "cancel"]).value().await?;
        let until = Instant::now() + STOPS;
        while Instant::now() < until {
            let view = remote.client.get(&["runs", run]).value().await?.body;
            if is_over(&view) {
                return Ok(view.get("result").cloned());
            }
            sleep(LOOK).await;
        }
        Ok::<_, Problem>(None)
    })?;
    match stopped {
        Some(result) => tell(false, &result, report),
        None => say(report, run, "asked", "the server stops it"),
    }
    Ok(Exit::Ok)
}

pub(super) fn resume(
    args: &ResumeArgs,
    remote: &Remote,
    report: &mut Report,
) -> Result<Exit, Problem> {
    go_on(&args.run.id, args.events, remote, report, None)
}

pub(super) fn answer(
    args: &AnswerArgs,
    remote: &Remote,
    report: &mut Report,
) -> Result<Exit, Problem> {
    let run = args.run.id.as_str();
    let mut answer = Map::new();
    answer.insert("node", args.node.as_str());
    if let Some(signal) = &args.signal {
        answer.insert("signal", signal.as_str());
    }
    answer.insert("value", answer_value(&args.answer)?);
    let answer = Value::from(answer);
    if args.resume {
        return go_on(run, false, remote, report, Some(&answer));
    }
    let send = remote.client.post(&["runs", run, "answers"]).json(&answer);
    remote.wait(send.value())?;
    say(report, run, "kept", "the server goes on with it");
    Ok(Exit::Ok)
}

/// Has the server go on with a run, and stays with it.
fn go_on(
    run: &str,
    lines: bool,
    remote: &Remote,
    report: &mut Report,
    answer: Option<&Value>,
) -> Result<Exit, Problem> {
    let begun = remote.wait(async {
        let mut signals = Signals::listen()?;
        let client = &remote.client;
        let view = client.get(&["runs", run]).value().await?.body;
        // An answer is for a run that goes on: the server says so of one that does not.
        if answer.is_none() && is_over(&view) {
            return Ok((view, signals, None));
        }
        let asking = match answer {
            Some(answer) => client.post(&["runs", run, "answers"]).json(answer),
            None => client.post(&["runs", run, "resume"]),
        };
        let (asked, signal) = despite(&mut signals, asking.value()).await;
        asked?;
        Ok::<_, Problem>((view, signals, signal))
    });
    if lines {
        report.begin_stream(&header(begun.as_ref().ok().map(|(view, ..)| view)));
    }
    let (view, mut signals, signal) = begun?;
    if answer.is_none()
        && is_over(&view)
        && let Some(result) = view.get("result")
    {
        tell(lines, result, report);
        return Ok(Exit::of_result(result));
    }
    let events = view.get("events").and_then(Value::as_u64);
    let stay = Stay {
        client: &remote.client,
        run: run.to_owned(),
        after: events.unwrap_or_default().checked_sub(1),
        lines,
        signal,
    };
    let ended = remote.wait(stay.until_over(&mut signals, report))?;
    tell(lines, &ended.result, report);
    next_steps(&ended.result, &remote.client.flag(), report);
    Ok(ended.exit())
}

pub(super) fn is_over(view: &Value) -> bool {
    let status = view.get("status").and_then(Value::as_str);
    matches!(status, Some("completed" | "failed" | "cancelled"))
}
