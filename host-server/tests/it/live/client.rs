//! Clients that read events as they come.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use reqwest::{Method, Response};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::http::Request;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::harness::{A, Server};

/// How long anything may take that a test waits for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits for something, not for ever.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    let done = tokio::time::timeout(PATIENCE, what).await;
    done.expect("it takes a minute")
}

/// A server-sent event.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Frame {
    pub(crate) id: Option<u64>,
    pub(crate) event: String,
    pub(crate) data: Value,
}

/// Someone who reads an event stream.
pub(crate) struct Events {
    response: Response,
    read: Vec<u8>,
    /// So much of it has been taken, and looked through.
    taken: usize,
    looked: usize,
    /// How many comment lines have come.
    pub(crate) beats: usize,
    /// After how many milliseconds to come back.
    pub(crate) retry: Option<u64>,
}

impl Events {
    /// Opens a stream of a run, behind this event.
    pub(crate) async fn open(server: &Server, run: &str, last: Option<u64>) -> Self {
        let path = format!("/v1/runs/{run}/events");
        let mut request = server.ask(Method::GET, &path, A);
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        Self::of(request.header("accept", "text/event-stream")).await
    }

    /// Opens this one.
    pub(crate) async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status().as_u16(), 200);
        let media = response.headers()["content-type"].to_str();
        assert_eq!(media.expect("text"), "text/event-stream");
        Self {
            response,
            read: Vec::new(),
            taken: 0,
            looked: 0,
            beats: 0,
            retry: None,
        }
    }

    /// Waits for the next event; `None`: the stream is over.
    pub(crate) async fn next(&mut self) -> Option<Frame> {
        loop {
            let new = &self.read[self.looked..];
            if let Some(end) = new.windows(2).position(|two| two == b"\n\n") {
                let end = self.looked + end + 2;
                let block = String::from_utf8(self.read[self.taken..end].to_vec());
                (self.taken, self.looked) = (end, end);
                if let Some(frame) = self.frame(&block.expect("UTF-8")) {
                    return Some(frame);
                }
                continue;
            }
            self.read.drain(..self.taken);
            self.taken = 0;
            self.looked = self.read.len().saturating_sub(1);
            match soon(self.response.chunk()).await.expect("no break") {
                Some(chunk) => self.read.extend_from_slice(&chunk),
                None => {
                    assert!(self.read.is_empty(), "cut in the middle");
                    return None;
                }
            }
        }
    }

    fn frame(&mut self, block: &str) -> Option<Frame> {
        let (mut id, mut event, mut data) = (None, String::new(), Value::Null);
        for line in block.lines().filter(|line| !line.is_empty()) {
            match line.split_once(": ") {
                Some(("id", value)) => id = Some(value.parse().expect("a number")),
                Some(("event", value)) => event = value.to_owned(),
                Some(("data", value)) => data = serde_json::from_str(value).expect("JSON"),
                Some(("retry", value)) => self.retry = Some(value.parse().expect("a number")),
                _ if line.starts_with(':') => self.beats += 1,
                _ => panic!("{line:?}"),
            }
        }
        (!event.is_empty()).then_some(Frame { id, event, data })
    }

    /// Reads to the end of the stream.
    pub(crate) async fn rest(mut self) -> Vec<Frame> {
        let mut all = Vec::new();
        while let Some(frame) = self.next().await {
            all.push(frame);
        }
        all
    }
}

/// Holds that these are the events from this number on, each once and in order, and then the end.
pub(crate) fn assert_from(frames: &[Frame], first: u64, status: &str) {
    let (end, events) = frames.split_last().expect("an end");
    assert_eq!((end.id, end.event.as_str()), (None, "end"));
    assert_eq!(end.data["status"], status);
    for (frame, seq) in events.iter().zip(first..) {
        assert_eq!(frame.id, Some(seq));
        assert_eq!(frame.data["seq"], seq);
        assert_eq!(frame.data["type"], frame.event.as_str());
    }
}

/// A WebSocket client.
pub(crate) struct Talk(pub(crate) WebSocketStream<TcpStream>);

/// Begins the request that opens a connection.
pub(crate) fn handshake(server: &Server) -> tokio_tungstenite::tungstenite::http::request::Builder {
    let host = server.url.trim_start_matches("http://").to_owned();
    Request::builder()
        .uri(format!("ws://{host}/v1/ws"))
        .header("host", host)
        .header("connection", "Upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
}

impl Talk {
    /// Opens a connection with a token.
    pub(crate) async fn open(server: &Server, token: &str) -> Self {
        let request = handshake(server).header("authorization", format!("Bearer {token}"));
        Self::of(server, request.body(()).expect("a request"))
            .await
            .expect("it opens")
    }

    /// Opens a connection by this request; gives the status that it was refused with.
    pub(crate) async fn of(server: &Server, request: Request<()>) -> Result<Self, u16> {
        let address = server.url.trim_start_matches("http://");
        let stream = TcpStream::connect(address).await.expect("a connection");
        match client_async(request, stream).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// Says something.
    pub(crate) async fn say(&mut self, message: &Value) {
        let sent = self.0.send(Message::text(message.to_string())).await;
        sent.expect("it is sent");
    }

    /// Waits for the next message; gives the code that the connection was closed with.
    pub(crate) async fn hear(&mut self) -> Result<Value, u16> {
        loop {
            match soon(self.0.next()).await {
                Some(Ok(Message::Text(text))) => {
                    return Ok(serde_json::from_str(&text).expect("JSON"));
                }
                Some(Ok(Message::Close(frame))) => {
                    return Err(frame.map_or(1005, |frame| frame.code.into()));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(1006),
            }
        }
    }

    /// Says something, and returns what is answered.
    pub(crate) async fn ask(&mut self, message: &Value) -> Value {
        self.say(message).await;
        self.hear().await.expect("an answer")
    }

    /// Hears what comes until the connection is closed; gives the code.
    pub(crate) async fn closed(&mut self) -> u16 {
        loop {
            if let Err(code) = self.hear().await {
                return code;
            }
        }
    }

    /// Hears what comes until the connection is closed with this code. Whoever goes on sending when it is closed may be told
    /// by a reset before the code is read: what matters then is that it is closed.
    pub(crate) async fn closed_amid(&mut self, code: u16) {
        let found = self.closed().await;
        assert!(found == code || found == 1006, "{found}, not {code}");
    }

    /// Hears the events of a run to its end.
    pub(crate) async fn events(&mut self, run: &str) -> (Vec<Value>, String) {
        let mut all = Vec::new();
        loop {
            let message = self.hear().await.expect("a message");
            assert_eq!(message["run"], run, "{message}");
            match message["type"].as_str() {
                Some("events") => all.extend(message["events"].as_array().expect("events").clone()),
                Some("end") => {
                    return (
                        all,
                        message["status"].as_str().expect("a status").to_owned(),
                    );
                }
                _ => panic!("{message}"),
            }
        }
    }
}
