//! What clients and the server say to each other over a WebSocket connection: JSON objects with a `type`.

use bytes::Bytes;
use graphloom::json::to_json;
use graphloom::value::Map;
use graphloom::{Status, Text, Value, value};
use serde::Deserialize;

use crate::ask::read_json;
use crate::ids::is_id;
use crate::live::watcher::Wanted;
use crate::problem::{Problem, ServerCode};

/// What a client asks for.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Asked {
    Subscribe {
        run: Option<Text>,
        graph: Option<Text>,
        after: Option<u64>,
        notes: Option<bool>,
    },
    Unsubscribe {
        run: Option<Text>,
        graph: Option<Text>,
    },
    Ping {},
}

/// What is watched.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Topic {
    /// The events of a run.
    Run(Text),
    /// Where the runs of a graph stand.
    Graph(Text),
}

/// What a client asks for, as far as its words go.
#[derive(Debug)]
pub(super) enum Request {
    /// To watch something.
    Subscribe(Topic, Wanted),
    /// To watch it no more.
    Unsubscribe(Topic),
    /// A sign of life.
    Ping,
}

impl Request {
    /// Reads a message.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn read(text: &str) -> Result<Self, Problem> {
        Ok(match read_json(text.as_bytes())? {
            Asked::Ping {} => Self::Ping,
            Asked::Unsubscribe { run, graph } => Self::Unsubscribe(topic(run, graph)?),
            Asked::Subscribe {
                run,
                graph,
                after,
                notes,
            } => {
                let topic = topic(run, graph)?;
                let is_graph = matches!(topic, Topic::Graph(_));
                if after.is_some() && is_graph {
                    return Err(wrong("after: only the events of a run have numbers"));
                }
                if notes.is_some() && is_graph {
                    return Err(wrong("notes: only the blocks of a run tell any"));
                }
                let notes = notes == Some(true);
                Self::Subscribe(topic, Wanted { after, notes })
            }
        })
    }
}

fn wrong(what: &str) -> Problem {
    Problem::new(ServerCode::Body, what)
}

fn topic(run: Option<Text>, graph: Option<Text>) -> Result<Topic, Problem> {
    let topic = match (run, graph) {
        (Some(run), None) => Topic::Run(run),
        (None, Some(graph)) => Topic::Graph(graph),
        _ => return Err(wrong("name a run or a graph, and one of them")),
    };
    let (Topic::Run(id) | Topic::Graph(id)) = &topic;
    if is_id(id) {
        return Ok(topic);
    }
    Err(Problem::not_found(topic.kind(), id))
}

impl Topic {
    fn kind(&self) -> &'static str {
        match self {
            Self::Run(_) => "run",
            Self::Graph(_) => "graph",
        }
    }

    /// Begins a message about it.
    fn about(&self, kind: &'static str) -> Map {
        let (Self::Run(id) | Self::Graph(id)) = self;
        let mut map = Map::new();
        map.insert("type", kind);
        map.insert(self.kind(), id.clone());
        map
    }
}

fn bytes(map: Map) -> Bytes {
    Bytes::from(to_json(&Value::from(map)))
}

/// Something is watched from now on.
pub(super) fn subscribed(topic: &Topic, wanted: Wanted) -> Bytes {
    let mut map = topic.about("subscribed");
    if let Some(after) = wanted.after {
        map.insert("after", after);
    }
    if wanted.notes {
        map.insert("notes", true);
    }
    bytes(map)
}

/// Something is not watched any more.
pub(super) fn unsubscribed(topic: &Topic) -> Bytes {
    bytes(topic.about("unsubscribed"))
}

/// A run is over.
pub(super) fn end(run: &Text, status: Status) -> Bytes {
    Bytes::from(to_json(&crate::live::sse::end(run, status)))
}

/// Something cannot be done; about what, where that is known.
pub(super) fn error(topic: Option<&Topic>, problem: &Problem) -> Bytes {
    let mut map = match topic {
        Some(topic) => topic.about("error"),
        None => Map::from_iter([("type", "error")]),
    };
    map.insert("problem", problem.to_value("", ""));
    bytes(map)
}

/// So many changes of a graph's runs were left out.
pub(super) fn missed(graph: &Text, count: u64) -> Bytes {
    let mut map = Topic::Graph(graph.clone()).about("missed");
    map.insert("count", count);
    bytes(map)
}

/// What a block told about itself.
pub(super) fn note(run: &Text, note: &[u8]) -> Bytes {
    let mut message = Vec::with_capacity(note.len() + run.len() + 40);
    message.extend_from_slice(b"{\"type\":\"note\",\"run\":");
    message.extend_from_slice(to_json(&Value::from(run.clone())).as_bytes());
    message.extend_from_slice(b",\"note\":");
    message.extend_from_slice(note);
    message.push(b'}');
    Bytes::from(message)
}

/// The answer to a sign of life.
pub(super) fn pong() -> Bytes {
    Bytes::from(to_json(&value!({ "type": "pong" })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_told() {
        let check = |text: &str, expected: &str| {
            let problem = Request::read(text).expect_err(text);
            assert_eq!(problem.code(), expected, "{text}");
        };
        check("", "JSON_EMPTY");
        check("{", "JSON_SYNTAX");
        check("[]", "HTTP_BODY");
        check("{}", "HTTP_BODY");
        check(r#"{"type":"ack"}"#, "HTTP_BODY");
        check(r#"{"type":"ping","extra":1}"#, "HTTP_BODY");
        check(r#"{"type":"subscribe"}"#, "HTTP_BODY");
        check(r#"{"type":"subscribe","run":"a","graph":"b"}"#, "HTTP_BODY");
        check(r#"{"type":"subscribe","graph":"b","after":1}"#, "HTTP_BODY");
        check(
            r#"{"type":"subscribe","graph":"b","notes":true}"#,
            "HTTP_BODY",
        );
        check(r#"{"type":"subscribe","run":"a","notes":1}"#, "HTTP_BODY");
        check(r#"{"type":"subscribe","run":"a","after":-1}"#, "HTTP_BODY");
        check(r#"{"type":"subscribe","run":"a","after":"1"}"#, "HTTP_BODY");
        check(r#"{"type":"subscribe","run":"../a"}"#, "HTTP_NOT_FOUND");
        check(r#"{"type":"unsubscribe","run":"a","after":1}"#, "HTTP_BODY");
    }

    #[test]
    fn requests_are_read() {
        let read = |text: &str| Request::read(text).expect(text);
        assert!(matches!(read(r#"{"type":"ping"}"#), Request::Ping));
        let run = Topic::Run("a".into());
        let asked = read(r#"{"type":"subscribe","run":"a","after":7}"#);
        let wanted = |after, notes| Wanted { after, notes };
        assert!(
            matches!(asked, Request::Subscribe(topic, w) if topic == run && w == wanted(Some(7), false))
        );
        let asked = read(r#"{"type":"subscribe","run":"a","notes":true}"#);
        assert!(
            matches!(asked, Request::Subscribe(topic, w) if topic == run && w == wanted(None, true))
        );
        let asked = read(r#"{"type":"unsubscribe","graph":"g"}"#);
        assert!(matches!(asked, Request::Unsubscribe(Topic::Graph(g)) if g == "g"));
    }
}
