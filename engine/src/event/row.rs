//! Events as they are kept: a row of numbers that is read without looking into the rest, and a body in JSON.
//!
//! The format is docs/formats/journal.md. A store keeps the row in columns and the body as text; an export writes both as
//! one line of JSON.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::dense::NodeIx;
use crate::fault::Code;
use crate::json::{Limits, read_value, write_json};
use crate::time::Timestamp;
use crate::value::{Map, Text, Value};

use super::{Caller, Event, Failure, Given, How, Record, Status};

/// The format of rows and bodies that this version writes. It reads this one and those before.
pub const JOURNAL_FORMAT: u32 = 1;

/// Kinds from this number on tell something and change no state: a reader that does not know one skips it.
const TELLS_ONLY: u8 = 128;

/// The numbers of an event: where it is and what it names. The rest is its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "stores write each field to a column; another one is another format"
)]
pub struct Row {
    /// Position in the run, from 0.
    pub seq: u64,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The graph itself (0) or the sub-graph call.
    pub scope: u32,
    /// What happened; docs/formats/journal.md lists the numbers.
    pub kind: u8,
    /// The node, by its position in the plan; 0 where the kind names none.
    pub node: u32,
    /// The firing; 0 where the kind names none.
    pub firing: u32,
    /// The output port; 0 where the kind names none.
    pub port: u16,
}

/// Why a row could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("event {seq} (kind {kind}): {message}")]
#[non_exhaustive]
pub struct RowError {
    /// Its position.
    pub seq: u64,
    /// Its kind.
    pub kind: u8,
    /// What is wrong with it.
    pub message: String,
}

macro_rules! kinds {
    ($($name:ident = $number:literal $word:literal,)+) => {
        $(const $name: u8 = $number;)+

        /// Every kind of event: its number in a store, and its word in an export.
        const KINDS: &[(u8, &str)] = &[$(($number, $word),)+];
    };
}

kinds! {
    OPENED = 0 "opened",
    STARTED = 1 "started",
    TOOL_STARTED = 2 "tool_started",
    EMITTED = 3 "emitted",
    DONE = 4 "done",
    ENDED_WELL = 5 "ended_well",
    FINISHED = 6 "finished",
    RETRYING = 7 "retrying",
    PAID = 8 "paid",
    WAITING = 9 "waiting",
    ANSWERED = 10 "answered",
    CHARGED = 11 "charged",
    CANCEL_REQUESTED = 12 "cancel_requested",
    CLOSED = 13 "closed",
    ENDED = 14 "ended",
    RESUMED = 128 "resumed",
}

/// Returns the word of a kind; `None` for one that this version does not know.
#[must_use]
pub fn kind_name(kind: u8) -> Option<&'static str> {
    KINDS
        .iter()
        .find(|(number, _)| *number == kind)
        .map(|(_, word)| *word)
}

/// Returns the kind that a word names.
#[must_use]
pub fn kind_of(word: &str) -> Option<u8> {
    KINDS
        .iter()
        .find(|(_, known)| *known == word)
        .map(|(number, _)| *number)
}

/// Writes an event: returns its numbers, and leaves its body in `body`, whose former content is dropped; empty where it
/// has none.
pub fn write_row(record: &Record, body: &mut String) -> Row {
    body.clear();
    let mut row = Row {
        seq: record.seq,
        at: record.at.as_millis(),
        scope: record.scope,
        ..Row::default()
    };
    let mut place = |kind: u8, node: NodeIx, firing: u32| {
        (row.kind, row.node, row.firing) = (kind, node.get(), firing);
    };
    let rest = match &record.event {
        Event::Started { node, firing } => {
            place(STARTED, *node, *firing);
            return row;
        }
        Event::Emitted {
            node,
            firing,
            port,
            value,
        } => {
            place(EMITTED, *node, *firing);
            row.port = *port;
            write_value(body, value);
            return row;
        }
        Event::Done {
            node,
            firing,
            port,
            value,
        } => {
            place(DONE, *node, *firing);
            row.port = *port;
            write_value(body, value);
            return row;
        }
        Event::Finished {
            node,
            firing,
            how: How::Ok,
        } => {
            place(ENDED_WELL, *node, *firing);
            return row;
        }
        Event::CancelRequested => {
            row.kind = CANCEL_REQUESTED;
            return row;
        }
        Event::Opened {
            parent,
            graph,
            given,
        } => {
            row.kind = OPENED;
            opened(*parent, graph, given)
        }
        Event::ToolStarted {
            caller,
            node,
            firing,
            arguments,
        } => {
            place(TOOL_STARTED, *node, *firing);
            map([
                ("caller", from_caller(*caller)),
                ("arguments", Value::from(arguments.clone())),
            ])
        }
        Event::Finished { node, firing, how } => {
            place(FINISHED, *node, *firing);
            write_how(how)
        }
        Event::Retrying {
            node,
            firing,
            attempt,
            delay_ms,
            failure,
        } => {
            place(RETRYING, *node, *firing);
            map([
                ("attempt", Value::from(*attempt)),
                ("delay_ms", Value::from(*delay_ms)),
                ("failure", write_failure(failure)),
            ])
        }
        Event::Paid {
            node,
            firing,
            key,
            value,
        } => {
            place(PAID, *node, *firing);
            map([("key", Value::from(key.clone())), ("value", value.clone())])
        }
        Event::Waiting {
            node,
            firing,
            ask,
            signal,
            question,
        } => {
            place(WAITING, *node, *firing);
            map([
                ("ask", Value::from(*ask)),
                ("signal", Value::from(signal.clone())),
                ("question", question.clone()),
            ])
        }
        Event::Answered {
            node,
            firing,
            ask,
            signal,
            value,
        } => {
            place(ANSWERED, *node, *firing);
            map([
                ("ask", Value::from(*ask)),
                ("signal", Value::from(signal.clone())),
                ("value", value.clone()),
            ])
        }
        Event::Charged {
            node,
            firing,
            unit,
            amount,
        } => {
            place(CHARGED, *node, *firing);
            map([
                ("unit", Value::from(unit.clone())),
                ("amount", Value::from(*amount)),
            ])
        }
        Event::Closed { failure } => {
            row.kind = CLOSED;
            let Some(failure) = failure else { return row };
            map([("failure", write_failure(failure))])
        }
        Event::Ended { status, failure } => {
            row.kind = ENDED;
            let mut ended = Map::new();
            ended.insert("status", status.as_str());
            if let Some(failure) = failure {
                ended.insert("failure", write_failure(failure));
            }
            Value::from(ended)
        }
        Event::Resumed { epoch } => {
            row.kind = RESUMED;
            map([("epoch", Value::from(*epoch))])
        }
    };
    write_value(body, &rest);
    row
}

/// Reads an event again. `None` for one of a kind that this version does not know and may skip.
///
/// # Errors
/// What is wrong with the row or its body, or that its kind is not known and may change the state.
pub fn read_row(row: &Row, body: &str) -> Result<Option<Record>, RowError> {
    let failed = |message: String| RowError {
        seq: row.seq,
        kind: row.kind,
        message,
    };
    let event = match read_event(row, body) {
        Ok(event) => event,
        Err(Unreadable::Unknown) if row.kind >= TELLS_ONLY => return Ok(None),
        Err(Unreadable::Unknown) => {
            return Err(failed("this version does not know the kind".to_owned()));
        }
        Err(Unreadable::Bad(message)) => return Err(failed(message)),
    };
    Ok(Some(Record {
        seq: row.seq,
        at: Timestamp(row.at),
        scope: row.scope,
        event,
    }))
}

enum Unreadable {
    Unknown,
    Bad(String),
}

impl From<String> for Unreadable {
    fn from(message: String) -> Self {
        Self::Bad(message)
    }
}

fn read_event(row: &Row, body: &str) -> Result<Event, Unreadable> {
    let (node, firing, port) = (NodeIx(row.node), row.firing, row.port);
    // The four that most events are need no map.
    match row.kind {
        STARTED => return Ok(Event::Started { node, firing }),
        ENDED_WELL => {
            return Ok(Event::Finished {
                node,
                firing,
                how: How::Ok,
            });
        }
        EMITTED => {
            return Ok(Event::Emitted {
                node,
                firing,
                port,
                value: read_body(body)?,
            });
        }
        DONE => {
            return Ok(Event::Done {
                node,
                firing,
                port,
                value: read_body(body)?,
            });
        }
        CANCEL_REQUESTED => return Ok(Event::CancelRequested),
        _ => {}
    }
    let rest = if body.is_empty() {
        Value::from(Map::new())
    } else {
        read_body(body)?
    };
    let rest = Body(&rest);
    Ok(match row.kind {
        OPENED => Event::Opened {
            parent: rest.optional("parent").map(to_caller).transpose()?,
            graph: rest.text("graph")?,
            given: Arc::new(to_given(rest)?),
        },
        TOOL_STARTED => Event::ToolStarted {
            caller: to_caller(rest.get("caller")?)?,
            node,
            firing,
            arguments: rest.map("arguments")?,
        },
        FINISHED => Event::Finished {
            node,
            firing,
            how: to_how(rest)?,
        },
        RETRYING => Event::Retrying {
            node,
            firing,
            attempt: rest.number("attempt")?,
            delay_ms: rest.number("delay_ms")?,
            failure: to_failure(rest.get("failure")?)?,
        },
        PAID => Event::Paid {
            node,
            firing,
            key: rest.text("key")?,
            value: rest.get("value")?.0.clone(),
        },
        WAITING => Event::Waiting {
            node,
            firing,
            ask: rest.number("ask")?,
            signal: rest.text("signal")?,
            question: rest.get("question")?.0.clone(),
        },
        ANSWERED => Event::Answered {
            node,
            firing,
            ask: rest.number("ask")?,
            signal: rest.text("signal")?,
            value: rest.get("value")?.0.clone(),
        },
        CHARGED => Event::Charged {
            node,
            firing,
            unit: rest.text("unit")?,
            amount: rest
                .get("amount")?
                .0
                .as_f64()
                .ok_or_else(|| "\"amount\" is not a number".to_owned())?,
        },
        CLOSED => Event::Closed {
            failure: rest.optional("failure").map(to_failure).transpose()?,
        },
        ENDED => Event::Ended {
            status: to_status(rest.text("status")?.as_str())?,
            failure: rest.optional("failure").map(to_failure).transpose()?,
        },
        RESUMED => Event::Resumed {
            epoch: rest.number("epoch")?,
        },
        _ => return Err(Unreadable::Unknown),
    })
}

fn read_body(body: &str) -> Result<Value, String> {
    read_value(body.as_bytes(), &Limits::unlimited()).map_err(|faults| faults.to_string())
}

fn write_value(body: &mut String, value: &Value) {
    let written = write_json(body, value);
    debug_assert!(written.is_ok(), "a text takes whatever is written to it");
}

fn map<const N: usize>(pairs: [(&str, Value); N]) -> Value {
    let mut map = Map::new();
    for (key, value) in pairs {
        map.insert(key, value);
    }
    Value::from(map)
}

fn opened(parent: Option<Caller>, graph: &Text, given: &Given) -> Value {
    let mut opened = Map::new();
    opened.insert("graph", graph.clone());
    if let Some(parent) = parent {
        opened.insert("parent", from_caller(parent));
    }
    opened.insert("inputs", given.inputs.clone());
    if !given.overrides.is_empty() {
        let set = given.overrides.iter().map(|(node, pin, value)| {
            Value::from(vec![
                Value::from(node.get()),
                Value::from(pin.clone()),
                value.clone(),
            ])
        });
        opened.insert("set", set.collect::<Vec<Value>>());
    }
    Value::from(opened)
}

fn to_given(opened: Body<'_>) -> Result<Given, String> {
    let mut overrides = Vec::new();
    if let Some(set) = opened.optional("set") {
        let bad = || "\"set\" is not a list of [node, pin, value]".to_owned();
        for entry in set.0.as_list().ok_or_else(bad)?.iter() {
            let entry: Vec<&Value> = entry.as_list().ok_or_else(bad)?.iter().collect();
            let [node, pin, value] = entry.as_slice() else {
                return Err(bad());
            };
            let node = node.as_u64().and_then(|node| u32::try_from(node).ok());
            let node = node.ok_or_else(bad)?;
            let pin = pin.as_text().ok_or_else(bad)?;
            overrides.push((NodeIx(node), pin.clone(), (*value).clone()));
        }
    }
    Ok(Given {
        inputs: opened.map("inputs")?,
        overrides,
    })
}

fn from_caller(caller: Caller) -> Value {
    map([
        ("scope", Value::from(caller.scope)),
        ("node", Value::from(caller.node.get())),
        ("firing", Value::from(caller.firing)),
        ("direct", Value::from(caller.direct)),
    ])
}

fn to_caller(caller: Body<'_>) -> Result<Caller, String> {
    Ok(Caller {
        scope: caller.number("scope")?,
        node: NodeIx(caller.number("node")?),
        firing: caller.number("firing")?,
        direct: caller.flag("direct")?,
    })
}

/// Writes how a firing ended.
pub(crate) fn write_how(how: &How) -> Value {
    match how {
        How::Ok => map([("how", Value::from("ok"))]),
        How::Aborted => map([("how", Value::from("aborted"))]),
        How::Starved(reason) => map([
            ("how", Value::from("starved")),
            ("reason", Value::from(reason.clone())),
        ]),
        How::Failed(failure) => map([
            ("how", Value::from("failed")),
            ("failure", write_failure(failure)),
        ]),
    }
}

/// Reads what [`write_how`] wrote.
pub(crate) fn read_how(how: &Value) -> Result<How, String> {
    to_how(Body(how))
}

/// Reads what [`write_failure`] wrote.
pub(crate) fn read_failure(failure: &Value) -> Result<Arc<Failure>, String> {
    to_failure(Body(failure))
}

fn to_how(finished: Body<'_>) -> Result<How, String> {
    let how = finished.text("how")?;
    match how.as_str() {
        "ok" => Ok(How::Ok),
        "aborted" => Ok(How::Aborted),
        "starved" => Ok(How::Starved(finished.text("reason")?)),
        "failed" => Ok(How::Failed(to_failure(finished.get("failure")?)?)),
        other => Err(format!("\"{other}\" is no way to end")),
    }
}

/// Writes a failure, with all that events keep of it.
pub(crate) fn write_failure(failure: &Failure) -> Value {
    let mut map = Map::new();
    map.insert("code", failure.code.as_str());
    map.insert("message", failure.message.clone());
    if let Some(node) = &failure.node {
        map.insert("node", node.clone());
    }
    if failure.attempt != 0 {
        map.insert("attempt", failure.attempt);
    }
    if failure.transient {
        map.insert("transient", true);
    }
    Value::from(map)
}

fn to_failure(failure: Body<'_>) -> Result<Arc<Failure>, String> {
    let name = failure.text("code")?;
    let code = Code::ALL.iter().find(|code| code.as_str() == name.as_str());
    let code = *code.ok_or_else(|| format!("\"{name}\" is no code"))?;
    let optional = |key| failure.optional(key);
    Ok(Arc::new(Failure {
        code,
        message: failure.text("message")?,
        node: optional("node").and_then(|node| node.0.as_text().cloned()),
        attempt: match optional("attempt") {
            Some(_) => failure.number("attempt")?,
            None => 0,
        },
        transient: optional("transient").is_some_and(|flag| flag.0.as_bool() == Some(true)),
    }))
}

fn to_status(word: &str) -> Result<Status, String> {
    let status = Status::ALL.iter().find(|status| status.as_str() == word);
    status
        .copied()
        .ok_or_else(|| format!("\"{word}\" is no status"))
}

/// A body that is a map.
#[derive(Clone, Copy)]
struct Body<'a>(&'a Value);

impl<'a> Body<'a> {
    fn optional(self, key: &str) -> Option<Body<'a>> {
        self.0.get(key).map(Body)
    }

    fn get(self, key: &str) -> Result<Body<'a>, String> {
        self.optional(key)
            .ok_or_else(|| format!("\"{key}\" is missing"))
    }

    fn text(self, key: &str) -> Result<Text, String> {
        let text = self.get(key)?.0.as_text().cloned();
        text.ok_or_else(|| format!("\"{key}\" is not a text"))
    }

    fn map(self, key: &str) -> Result<Map, String> {
        let map = self.get(key)?.0.as_map().cloned();
        map.ok_or_else(|| format!("\"{key}\" is not a map"))
    }

    fn flag(self, key: &str) -> Result<bool, String> {
        let flag = self.get(key)?.0.as_bool();
        flag.ok_or_else(|| format!("\"{key}\" is not true or false"))
    }

    fn number<N: TryFrom<u64>>(self, key: &str) -> Result<N, String> {
        let number = self.get(key)?.0.as_u64();
        let number = number.and_then(|number| N::try_from(number).ok());
        number.ok_or_else(|| format!("\"{key}\" is not a number that fits"))
    }
}

/// Writes an event as one line of JSON, without a line end: `seq`, `at`, `scope`, `kind`, where the kind has them
/// `node`, `firing` and `port`, and `body`.
pub fn write_line(record: &Record, line: &mut String) {
    let mut body = String::new();
    let row = write_row(record, &mut body);
    line.clear();
    let kind = kind_name(row.kind).unwrap_or("");
    let Row {
        seq,
        at,
        scope,
        node,
        firing,
        port,
        ..
    } = row;
    let _ = write!(
        line,
        r#"{{"seq":{seq},"at":{at},"scope":{scope},"kind":"{kind}""#
    );
    if (STARTED..=CHARGED).contains(&row.kind) {
        let _ = write!(line, r#","node":{node},"firing":{firing}"#);
    }
    if matches!(row.kind, EMITTED | DONE) {
        let _ = write!(line, r#","port":{port}"#);
    }
    if !body.is_empty() {
        let _ = write!(line, r#","body":{body}"#);
    }
    line.push('}');
}

/// Reads a line that [`write_line`] wrote.
///
/// # Errors
/// What is wrong with the line.
pub fn read_line(line: &str) -> Result<Record, RowError> {
    let failed = |message: String| RowError {
        seq: 0,
        kind: 0,
        message,
    };
    let read = read_body(line).map_err(failed)?;
    let fields = Body(&read);
    let number = |key: &str| match fields.optional(key) {
        Some(_) => fields.number::<u32>(key).map_err(failed),
        None => Ok(0),
    };
    let word = fields.text("kind").map_err(failed)?;
    let kind = kind_of(word.as_str())
        .ok_or_else(|| failed(format!("\"{word}\" is no kind that this version knows")))?;
    let row = Row {
        seq: fields.number("seq").map_err(failed)?,
        at: fields
            .get("at")
            .map_err(failed)?
            .0
            .as_i64()
            .ok_or_else(|| failed("\"at\" is not a number".to_owned()))?,
        scope: number("scope")?,
        kind,
        node: number("node")?,
        firing: number("firing")?,
        port: u16::try_from(number("port")?)
            .map_err(|_| failed("\"port\" is too large".to_owned()))?,
    };
    // What was a text of its own in a store is a value inside the line here.
    let body = fields.optional("body").map(|body| {
        let mut text = String::new();
        write_value(&mut text, body.0);
        text
    });
    let record = read_row(&row, body.as_deref().unwrap_or_default())?;
    // Each kind that has a word can be read.
    record.ok_or_else(|| failed(format!("\"{word}\" is no kind that this version knows")))
}

impl Event {
    /// Returns the word for its kind, as hosts print it; a firing that ends well is `finished` like any other.
    #[must_use]
    pub const fn kind_name(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::Started { .. } => "started",
            Self::ToolStarted { .. } => "tool_started",
            Self::Emitted { .. } => "emitted",
            Self::Done { .. } => "done",
            Self::Finished { .. } => "finished",
            Self::Retrying { .. } => "retrying",
            Self::Paid { .. } => "paid",
            Self::Waiting { .. } => "waiting",
            Self::Answered { .. } => "answered",
            Self::Charged { .. } => "charged",
            Self::CancelRequested => "cancel_requested",
            Self::Closed { .. } => "closed",
            Self::Resumed { .. } => "resumed",
            Self::Ended { .. } => "ended",
        }
    }
}
