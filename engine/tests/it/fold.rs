//! Events that no run has recorded, or not in this order: refused with a typed error, never a panic.

use std::sync::Arc;

use graphloom::journal::{Row, read_line, read_row, write_line, write_row};
use graphloom::{
    Caller, Code, Engine, Event, Failure, How, Machine, NodeIx, Plan, Record, RunOptions,
    SerialOptions, Status, Text, Value,
};

use super::blocks::{Pace, partly_pure};
use super::generate::case;
use super::harness::{Draw, engine, paced, plan, seeds, serial};
use super::rerun;

/// Nodes of this plan and of a larger one.
fn nodes(plan: &Plan) -> Vec<NodeIx> {
    let wide: Vec<String> = (0..plan.n_nodes() + 3)
        .map(|i| format!("\"n{i}\": {{\"block\": \"t.source\"}}"))
        .collect();
    let wide = format!("{{\"format\": 1, \"nodes\": {{{}}}}}", wide.join(","));
    super::harness::plan(&wide).node_positions().collect()
}

fn how(draw: &mut Draw) -> How {
    match draw.below(4) {
        0 => How::Ok,
        1 => How::Starved(Text::from("nothing")),
        2 => How::Aborted,
        _ => How::Failed(Arc::new(Failure::new(Code::BlockFailed, "drawn"))),
    }
}

fn value(draw: &mut Draw) -> Value {
    match draw.below(4) {
        0 => Value::Null,
        1 => Value::from(draw.next() as i64),
        2 => graphloom::value!({"left": 1, "list": [1, null]}),
        _ => Value::from("text"),
    }
}

fn event(draw: &mut Draw, nodes: &[NodeIx], given: &Event) -> Event {
    let node = *draw.of(nodes);
    let firing = draw.below(4) as u32;
    let port = *draw.of(&[0, 1, 2, 3, u16::MAX]);
    match draw.below(17) {
        0 => Event::Started { node, firing },
        1 => Event::Retrying {
            node,
            firing,
            attempt: 1,
            delay_ms: 0,
            failure: Arc::new(Failure::new(Code::BlockFailed, "drawn")),
        },
        2 | 3 => Event::Emitted {
            node,
            firing,
            port,
            value: value(draw),
        },
        4 => Event::Done {
            node,
            firing,
            port,
            value: value(draw),
        },
        5..=7 => Event::Finished {
            node,
            firing,
            how: how(draw),
        },
        8 => Event::CancelRequested,
        9 => Event::Closed { failure: None },
        10 => Event::Ended {
            status: *draw.of(&[Status::Completed, Status::Running, Status::Queued]),
            failure: None,
        },
        11 => Event::Waiting {
            node,
            firing,
            ask: draw.below(2) as u32,
            signal: Text::from("s"),
            question: Value::Null,
        },
        12 => Event::Answered {
            node,
            firing,
            ask: draw.below(2) as u32,
            signal: Text::from("s"),
            value: Value::Null,
        },
        13 => Event::Paid {
            node,
            firing,
            key: Text::from("k"),
            value: value(draw),
        },
        14 => Event::Charged {
            node,
            firing,
            unit: Text::from("usd"),
            amount: 0.1,
        },
        15 => Event::Resumed { epoch: 2 },
        _ => given.clone(),
    }
}

/// Changes one field of an event.
fn bend(draw: &mut Draw, nodes: &[NodeIx], record: &mut Record) {
    let other = *draw.of(nodes);
    match &mut record.event {
        Event::Opened { parent, .. } => {
            if let Some(Caller { node, firing, .. }) = parent {
                *node = other;
                *firing += 1;
            } else {
                record.scope += 1;
            }
        }
        Event::Started { node, firing }
        | Event::ToolStarted { node, firing, .. }
        | Event::Waiting { node, firing, .. }
        | Event::Retrying { node, firing, .. } => {
            if draw.chance(1, 2) {
                *node = other;
            } else {
                *firing = firing.wrapping_add(1);
            }
        }
        Event::Emitted { node, port, .. } | Event::Done { node, port, .. } => {
            if draw.chance(1, 2) {
                *node = other;
            } else {
                *port = port.wrapping_sub(1);
            }
        }
        Event::Finished { how: was, .. } => *was = how(draw),
        _ => record.scope = draw.below(3) as u32,
    }
}

/// Makes some records wrong and numbers them anew.
fn mutate(draw: &mut Draw, nodes: &[NodeIx], records: &[Record]) -> Vec<Record> {
    let mut records = records.to_vec();
    for _ in 0..1 + draw.below(6) {
        let at = draw.below(records.len());
        let other = draw.below(records.len());
        match draw.below(6) {
            0 => {
                records.remove(at);
            }
            1 => records.swap(at, other),
            2 => {
                let copy = records[at].clone();
                records.insert(other, copy);
            }
            3 => bend(draw, nodes, &mut records[at]),
            _ => {
                let mut new = records[at].clone();
                new.event = event(draw, nodes, &records[other].event);
                if draw.chance(1, 3) {
                    new.scope = draw.below(3) as u32;
                }
                records.insert(at, new);
            }
        }
        if records.is_empty() {
            break;
        }
    }
    for (position, record) in records.iter_mut().enumerate() {
        record.seq = position as u64;
    }
    records
}

#[test]
fn events_that_do_not_follow_are_refused() {
    let mut refused = 0;
    for seed in seeds("apply", 100) {
        let case = case(seed);
        let plan = plan(&case.json);
        let nodes = nodes(&plan);
        let mut draw = Draw(seed ^ 5);
        let outcome = serial(
            &plan,
            paced(Pace { seed, waits: 2 }),
            SerialOptions::seeded(seed),
        );
        for _ in 0..30 {
            let mut machine = Machine::new(&plan);
            for record in mutate(&mut draw, &nodes, &outcome.records) {
                match machine.apply(&record) {
                    Ok(()) => {}
                    Err(failure) => {
                        assert_eq!(failure.code, Code::RunReplay);
                        refused += 1;
                        break;
                    }
                }
                if let Some(status) = machine.status() {
                    assert!(status.is_terminal(), "{record:?}");
                }
            }
        }
    }
    assert!(refused > 100, "{refused}");
}

/// Records of another plan, or of nothing at all.
#[test]
fn records_of_another_plan_are_refused() {
    let mut before: Option<Vec<Record>> = None;
    for seed in seeds("other plan", 60) {
        let case = case(seed);
        let plan = plan(&case.json);
        let outcome = serial(
            &plan,
            paced(Pace { seed, waits: 2 }),
            SerialOptions::seeded(seed),
        );
        if let Some(records) = before.replace(outcome.records) {
            let mut machine = Machine::new(&plan);
            for record in &records {
                if machine.apply(record).is_err() {
                    break;
                }
            }
            // Nor does a replay of them do more than fail.
            let order = SerialOptions::replay(records).check_fold();
            let outcome = serial(&plan, paced(Pace { seed, waits: 2 }), order);
            assert!(outcome.status.is_terminal());
        }
    }
}

/// A replay of what was changed fails, and does not hang.
#[test]
fn a_replay_of_changed_records_ends() {
    for seed in seeds("changed replay", 60) {
        let case = case(seed);
        let plan = plan(&case.json);
        let nodes = nodes(&plan);
        let mut draw = Draw(seed ^ 6);
        let pace = Pace { seed, waits: 2 };
        let outcome = serial(&plan, paced(pace), SerialOptions::seeded(seed));
        for _ in 0..4 {
            let records = mutate(&mut draw, &nodes, &outcome.records);
            let order = SerialOptions::replay(records.clone());
            let again = serial(&plan, paced(pace), order);
            assert!(again.status.is_terminal());
            for engine in [engine(), Engine::new(partly_pure(seed, 0))] {
                match rerun::again(&engine, &plan, &records, RunOptions::new()) {
                    Ok(replayed) => assert_eq!(replayed.outcome.records.len(), records.len()),
                    Err(message) => assert!(message.starts_with("RUN_REPLAY"), "{message}"),
                }
            }
        }
    }
}

/// Rows and lines say all of an event.
#[test]
fn events_are_read_as_they_were_written() {
    let (mut line, mut body) = (String::new(), String::new());
    for seed in seeds("rows", 40) {
        let case = case(seed);
        let plan = plan(&case.json);
        let nodes = nodes(&plan);
        let mut draw = Draw(seed ^ 7);
        let pace = paced(Pace { seed, waits: 2 });
        let outcome = serial(&plan, pace, SerialOptions::seeded(seed));
        for record in mutate(&mut draw, &nodes, &outcome.records) {
            let row = write_row(&record, &mut body);
            let kept = read_row(&row, &body).unwrap().unwrap();
            assert_eq!(kept, record);
            write_line(&record, &mut line);
            assert_eq!(read_line(&line).unwrap(), record);
        }
    }
}

/// What every version writes from the first on: a line of each kind.
#[test]
fn lines_of_format_1_are_read() {
    let lines = include_str!("../../../fuzz/seeds/journals/kinds");
    let mut again = String::new();
    for line in lines.lines() {
        let record = read_line(line).unwrap();
        write_line(&record, &mut again);
        assert_eq!(again, line);
    }
    assert_eq!(lines.lines().count(), 16);
}

#[test]
fn an_event_of_a_later_version_is_skipped_or_refused_by_its_kind() {
    let row = |kind| Row {
        kind,
        ..Row::default()
    };
    // What only tells something can be skipped; what may change the state cannot.
    assert_eq!(read_row(&row(200), "{\"news\": 1}"), Ok(None));
    let error = read_row(&row(99), "").unwrap_err();
    assert!(error.to_string().contains("kind 99"), "{error}");
    for (kind, body) in [
        (3, "{"),
        (6, "{}"),
        (0, "[]"),
        (14, "{\"status\": \"gone\"}"),
    ] {
        assert!(read_row(&row(kind), body).is_err(), "{kind} {body}");
    }
    for line in [
        "",
        "{}",
        "[1]",
        "{\"seq\":0,\"at\":0,\"scope\":0,\"kind\":\"news\"}",
    ] {
        assert!(read_line(line).is_err(), "{line}");
    }
}
