//! Events of every kind, runs and texts to keep.

use std::sync::Arc;

use crate::dense::NodeIx;
use crate::event::{Caller, Event, Failure, Given, How, Record, Status};
use crate::fault::Code;
use crate::host::NewRun;
use crate::time::Timestamp;
use crate::value::{Map, Text, Value};

/// Returns an event of a kind that follows from `kind`; one in sixteen is too large to be kept in one piece with others.
#[must_use]
pub fn record(seq: u64, at: Timestamp, kind: u8) -> Record {
    let node = NodeIx(u32::from(kind) * 3);
    let firing = u32::try_from(seq % 7).unwrap();
    let event = match kind % 16 {
        0 => opened(),
        1 => Event::Started { node, firing },
        2 => Event::ToolStarted {
            caller: caller(),
            node,
            firing,
            arguments: Map::from_iter([(Text::from("city"), Value::from("Ürümqi"))]),
        },
        3 => Event::Emitted {
            node,
            firing,
            port: u16::MAX,
            value: crate::value!({"list": [1, null, -2.5, "line\nquote\" \u{1F600}"], "": {}}),
        },
        4 => Event::Done {
            node,
            firing,
            port: 1,
            value: Value::from(seq),
        },
        5 => Event::Finished {
            node,
            firing,
            how: How::Ok,
        },
        6 => Event::Finished {
            node,
            firing,
            how: How::Failed(failure()),
        },
        7 => Event::Retrying {
            node,
            firing,
            attempt: 2,
            delay_ms: u64::from(u32::MAX),
            failure: failure(),
        },
        8 => Event::Paid {
            node,
            firing,
            key: Text::from("step 1"),
            value: Value::Null,
        },
        9 => Event::Waiting {
            node,
            firing,
            ask: 0,
            signal: Text::from("approve"),
            question: Value::from("Shall I?"),
        },
        10 => Event::Answered {
            node,
            firing,
            ask: 0,
            signal: Text::from("approve"),
            value: Value::from(true),
        },
        11 => Event::Charged {
            node,
            firing,
            unit: Text::from("usd"),
            amount: 0.1,
        },
        12 => Event::CancelRequested,
        13 => Event::Closed { failure: None },
        14 => Event::Resumed { epoch: seq },
        _ => Event::Emitted {
            node,
            firing,
            port: 0,
            value: Value::from(large()),
        },
    };
    Record {
        seq,
        at,
        scope: u32::from(kind % 3),
        event,
    }
}

/// Returns the event that ends a run.
pub(super) fn ended(seq: u64, at: Timestamp, status: Status) -> Record {
    let failure = (status == Status::Failed).then(failure);
    Record {
        seq,
        at,
        scope: 0,
        event: Event::Ended { status, failure },
    }
}

/// Returns a run that was accepted at this time.
pub(super) fn new_run(run: &str, created: i64) -> NewRun {
    let head = format!(r#"{{"run":"{run}"}}"#);
    NewRun::new(run, head, Timestamp(created)).graph(format!("graph of {run}"), "sha256:0")
}

/// Returns labels: none, some, as many as may be, and such that are refused.
pub(super) fn labels(nth: u8) -> Map {
    match nth {
        0 => Map::new(),
        1 => Map::from_iter([("project", "atlas"), ("", "line\nquote\" \u{1F600}")]),
        2 => Map::from_iter([("note", "a".repeat(LABEL_ROOM))]),
        3 => Map::from_iter([("note", "a".repeat(LABEL_ROOM + 1))]),
        4 => Map::from_iter([(Text::from("n"), Value::from(4))]),
        nth => Map::from_iter([(format!("label {nth}"), format!("of {nth}"))]),
    }
}

/// What is left for the one label `note`.
const LABEL_ROOM: usize = 8192 - r#"{"note":""}"#.len();

/// Texts that a store may take apart by mistake.
pub(super) const ODD: &[&str] = &[
    "",
    " ",
    "'; DROP TABLE run; --",
    "quote\" back\\slash %_* {}[]",
    "Übergrößenträger \u{1F469}\u{200D}\u{1F680} \u{202E}",
    "line\r\n\tend",
    "null",
    "12",
];

fn large() -> String {
    "0123456789abcdef".repeat(70 * 64)
}

fn opened() -> Event {
    let mut inputs = Map::new();
    inputs.insert("name", "Ada");
    Event::Opened {
        parent: Some(caller()),
        graph: Text::from("inner"),
        given: Arc::new(Given {
            inputs,
            overrides: vec![(NodeIx(1), Text::from("in"), Value::from(0.5))],
        }),
    }
}

fn caller() -> Caller {
    Caller {
        scope: 1,
        node: NodeIx(u32::MAX),
        firing: u32::MAX,
        direct: false,
    }
}

fn failure() -> Arc<Failure> {
    let failure = Failure::new(Code::BlockFailed, "the disk said \"no\"").at("fetch/page");
    Arc::new(failure.attempt(3).transient(true))
}
