//! Events in any order, on a few plans: the fold takes or refuses each, and panics at none.
#![no_main]

use std::sync::Arc;

use graphloom::fault::Code;
use graphloom::{Caller, Event, Failure, How, Machine, Record, Status, Text};
use graphloom_fuzz::{Bytes, Fixed, fixed, value};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut bytes = Bytes::new(bytes);
    let plans = fixed();
    let fixed = &plans[bytes.below(plans.len())];
    let mut machine = Machine::new(&fixed.plan);
    let mut steps = 0;
    while !bytes.is_empty() && steps < 4_000 {
        steps += 1;
        let Some(record) = record(&mut bytes, fixed, &machine) else {
            continue;
        };
        let before = machine.clone();
        if machine.apply(&record).is_err() {
            // A state that refused an event is not to be used any more.
            machine = before;
        }
        let _ = (machine.status(), machine.in_flight());
    }
});

/// Bends an event of a real run, or takes one as it is.
fn record(bytes: &mut Bytes<'_>, fixed: &Fixed, machine: &Machine) -> Option<Record> {
    let kind = bytes.byte();
    let mut record = fixed.records.get(bytes.below(fixed.records.len()))?.clone();
    record.seq = machine.next_seq();
    if kind == 255 {
        record.seq = bytes.word();
    }
    if kind < 64 {
        // The next event of the real run, so that what comes after starts from a state that can be.
        let next = usize::try_from(machine.next_seq()).ok()?;
        return fixed.records.get(next).cloned();
    }
    if kind >= 96 {
        record.scope = u32::from(bytes.byte() % 4);
        record.event = event(bytes, fixed, kind, &record.event)?;
    }
    Some(record)
}

fn event(bytes: &mut Bytes<'_>, fixed: &Fixed, kind: u8, real: &Event) -> Option<Event> {
    let node = fixed.nodes[bytes.below(fixed.nodes.len())];
    let firing = match bytes.byte() {
        small @ 0..250 => u32::from(small % 6),
        250..253 => u32::MAX,
        _ => bytes.word() as u32,
    };
    let port = u16::from(bytes.byte() % 5);
    Some(match kind % 16 {
        0..4 => Event::Started { node, firing },
        4 | 5 => Event::Emitted {
            node,
            firing,
            port,
            value: value(bytes, 3),
        },
        6..9 => Event::Done {
            node,
            firing,
            port,
            value: value(bytes, 3),
        },
        9 | 10 => Event::Finished {
            node,
            firing,
            how: how(bytes),
        },
        11 => Event::ToolStarted {
            caller: caller(bytes, fixed)?,
            node,
            firing,
            arguments: value(bytes, 2).as_map()?.clone(),
        },
        12 => opened(bytes, fixed, real)?,
        13 => Event::Closed {
            failure: (bytes.byte() % 2 == 0).then(|| failure(bytes)),
        },
        14 if bytes.byte() % 4 == 0 => Event::Ended {
            status: Status::Failed,
            failure: None,
        },
        14 => Event::CancelRequested,
        _ => Event::Retrying {
            node,
            firing,
            attempt: 1,
            delay_ms: 5,
            failure: failure(bytes),
        },
    })
}

fn how(bytes: &mut Bytes<'_>) -> How {
    match bytes.below(4) {
        0 => How::Ok,
        1 => How::Starved(Text::from(bytes.text())),
        2 => How::Failed(failure(bytes)),
        _ => How::Aborted,
    }
}

fn failure(bytes: &mut Bytes<'_>) -> Arc<Failure> {
    Arc::new(Failure::new(Code::BlockFailed, bytes.text()))
}

/// A caller is bent from one of a real run, since callers are the engine's to make.
fn caller(bytes: &mut Bytes<'_>, fixed: &Fixed) -> Option<Caller> {
    let mut caller = fixed
        .records
        .iter()
        .find_map(|record| match &record.event {
            Event::Opened { parent, .. } => *parent,
            Event::ToolStarted { caller, .. } => Some(*caller),
            _ => None,
        })?;
    caller.scope = u32::from(bytes.byte() % 4);
    caller.node = fixed.nodes[bytes.below(fixed.nodes.len())];
    caller.direct = bytes.byte() % 2 == 0;
    Some(caller)
}

/// A call is bent from a real one, so that the sub-graph it names is one of the plan's.
fn opened(bytes: &mut Bytes<'_>, fixed: &Fixed, real: &Event) -> Option<Event> {
    let is_call = |event: &&Event| {
        matches!(
            event,
            Event::Opened {
                parent: Some(_),
                ..
            }
        )
    };
    let real = if is_call(&real) {
        real
    } else {
        fixed
            .records
            .iter()
            .map(|record| &record.event)
            .find(is_call)?
    };
    let mut event = real.clone();
    if let Event::Opened {
        parent,
        graph,
        given,
    } = &mut event
    {
        *parent = Some(caller(bytes, fixed)?);
        match bytes.below(4) {
            0 => *parent = None,
            1 => *graph = Text::from(bytes.text()),
            2 => {
                let given = Arc::make_mut(given);
                let node = fixed.nodes[bytes.below(fixed.nodes.len())];
                given
                    .overrides
                    .push((node, Text::from("value"), value(bytes, 2)));
                given.inputs.insert("who", value(bytes, 2));
            }
            _ => {}
        }
    }
    Some(event)
}
