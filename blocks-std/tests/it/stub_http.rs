//! A web client that answers from a script, for blocks that need no socket to be tried.

use std::sync::{Arc, Mutex};

use graphloom::host::{
    Body, BoxFuture, EgressError, Http, HttpBody, HttpRequest, HttpResponse, Part, Pieces,
    SECRET_IN_PATH,
};
use graphloom::value::Map;
use graphloom::{Text, Value};

type Script = dyn Fn(&Sent) -> Result<Answer, EgressError> + Send + Sync;

/// What a block sent, with its secrets in the clear: what a server would see.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Sent {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> graphloom::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// What comes back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    /// In the pieces in which it comes.
    pub(crate) body: Vec<Vec<u8>>,
    /// Nothing comes behind the last piece, not even the end.
    pub(crate) hangs: bool,
}

impl Answer {
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: vec![body.into()],
            hangs: false,
        }
    }

    pub(crate) fn json(status: u16, body: &str) -> Self {
        Self::new(status, body).header("content-type", "application/json")
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn pieces(mut self, pieces: &[&str]) -> Self {
        self.body = pieces
            .iter()
            .map(|piece| piece.as_bytes().to_vec())
            .collect();
        self
    }

    pub(crate) fn hangs(mut self) -> Self {
        self.hangs = true;
        self
    }
}

pub(crate) struct StubHttp {
    script: Box<Script>,
    sent: Mutex<Vec<Sent>>,
}

impl StubHttp {
    pub(crate) fn new(
        script: impl Fn(&Sent) -> Result<Answer, EgressError> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            script: Box::new(script),
            sent: Mutex::default(),
        })
    }

    /// The service that the declared examples ask: `/echo` says what it was sent, everything else is not there.
    pub(crate) fn of_examples() -> Arc<Self> {
        Self::new(|sent| {
            if sent.url.ends_with("/messages/send") {
                return Ok(Answer::json(200, r#"{"id": "18c0ffee00000001"}"#));
            }
            if !sent.url.starts_with("https://api.example.com/echo") {
                return Ok(Answer::json(404, r#"{"detail": "there is nothing here"}"#));
            }
            let pair = |(name, value): &(String, String)| {
                (Text::from(name.as_str()), Value::from(value.as_str()))
            };
            let query: Value = sent.query.iter().map(pair).collect();
            let mut said = Map::new();
            said.insert("method", sent.method.as_str());
            said.insert("query", query);
            if !sent.body.is_empty() {
                said.insert("body", sent.json());
            }
            Ok(Answer::json(200, &Value::Map(said).to_string()))
        })
    }

    /// Everything that was sent, in order.
    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }
}

fn seen(parts: &[(Text, Part)]) -> Vec<(String, String)> {
    let text = |part: &Part| match part {
        Part::Text(text) => text.to_string(),
        Part::Secret(secret) => secret.expose().to_owned(),
        _ => unreachable!("there are two kinds"),
    };
    parts
        .iter()
        .map(|(name, part)| (name.to_string(), text(part)))
        .collect()
}

/// The address, with the secret that stands in its path.
fn address(request: &HttpRequest) -> String {
    match &request.path_secret {
        Some(secret) => request.url.replace(SECRET_IN_PATH, secret.expose()),
        None => request.url.to_string(),
    }
}

impl Http for StubHttp {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, EgressError>> {
        let sent = Sent {
            method: request.method.to_string(),
            url: address(&request),
            query: seen(&request.query),
            headers: seen(&request.headers),
            body: match &request.body {
                Body::Bytes(bytes) => bytes.clone(),
                Body::Secret(secret) => secret.expose().as_bytes().to_vec(),
                _ => Vec::new(),
            },
        };
        self.sent.lock().unwrap().push(sent.clone());
        let answer = (self.script)(&sent).map(|answer| {
            let body = HttpBody::new(Scripted(answer.body.into_iter(), answer.hangs));
            let mut response = HttpResponse::new(answer.status, request.url, body);
            let header = |(name, value): (String, String)| {
                (Text::from(name.to_lowercase()), Text::from(value))
            };
            response.headers = answer.headers.into_iter().map(header).collect();
            response
        });
        Box::pin(std::future::ready(answer))
    }
}

struct Scripted(std::vec::IntoIter<Vec<u8>>, bool);

impl Pieces for Scripted {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Vec<u8>>, EgressError>> {
        match self.0.next() {
            None if self.1 => Box::pin(std::future::pending()),
            piece => Box::pin(std::future::ready(Ok(piece))),
        }
    }
}
