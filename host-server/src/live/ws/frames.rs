//! Frames of one WebSocket connection (RFC 6455), within limits.
//!
//! Reading is tungstenite's affair. What is sent to many is written beside it: its buffer would hold a copy of the largest
//! message for as long as the connection lasts, for each connection.

use std::io;
use std::time::Duration;

use bytes::{Buf, Bytes};
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use super::bucket::Bucket;
use super::meter::{Flood, Metered};
use crate::live::LiveOptions;

/// How long a client that is told to go may take to go.
const LINGER: Duration = Duration::from_secs(2);
/// How much is read at a time: messages of clients are short.
const READ_BYTES: usize = 1 << 10;

/// Why a connection is closed, as the client is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Close {
    /// The server stops.
    Stops,
    /// What came is no WebSocket.
    Protocol,
    /// What came is of another kind than text.
    Kind,
    /// What came is no UTF-8.
    Text,
    /// More came than may.
    Flood,
    /// A message is too large.
    Size,
    /// The principal may not watch any more.
    Expired,
}

impl Close {
    fn code(self) -> u16 {
        match self {
            Self::Stops => 1001,
            Self::Protocol => 1002,
            Self::Kind => 1003,
            Self::Text => 1007,
            Self::Flood => 1008,
            Self::Size => 1009,
            Self::Expired => 4401,
        }
    }

    fn reason(self) -> &'static str {
        match self {
            Self::Stops => "the server stops: come back, and go on behind the last event that came",
            Self::Protocol => "this is no WebSocket frame that may come here",
            Self::Kind => "messages are text",
            Self::Text => "the text is no UTF-8",
            Self::Flood => "more is sent than may be",
            Self::Size => "the message is too large",
            Self::Expired => "the token has ended, or is not taken any more",
        }
    }
}

/// What a client has sent.
pub(super) enum Received {
    /// A message.
    Text(Utf8Bytes),
    /// A ping, or the answer to one.
    Control,
    /// Something for which the connection is closed.
    Fault(Close),
    /// Nothing more: it has gone.
    Gone,
}

/// One connection.
pub(super) struct Frames {
    socket: WebSocketStream<Metered<TokioIo<Upgraded>>>,
    /// Reading has failed, or a frame was left half-written.
    broken: bool,
}

impl Frames {
    pub(super) async fn new(upgraded: Upgraded, options: &LiveOptions) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BYTES)
            .write_buffer_size(0)
            .max_message_size(Some(options.message_bytes))
            .max_frame_size(Some(options.message_bytes));
        let per_second = u32::try_from(options.inbound_per_second).unwrap_or(u32::MAX);
        let bucket = Bucket::new(f64::from(per_second), f64::from(per_second) * 4.0);
        let io = Metered::new(TokioIo::new(upgraded), bucket);
        let socket = WebSocketStream::from_raw_socket(io, Role::Server, Some(config)).await;
        Self {
            socket,
            broken: false,
        }
    }

    /// Waits for what the client sends. Cancel safe.
    pub(super) async fn receive(&mut self) -> Received {
        loop {
            let fault = match self.socket.next().await {
                None => return Received::Gone,
                Some(Ok(Message::Text(text))) => return Received::Text(text),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Received::Control,
                // It is answered, and then there is nothing more.
                Some(Ok(Message::Close(_))) => continue,
                Some(Ok(_)) => Close::Kind,
                Some(Err(Error::Capacity(_))) => Close::Size,
                Some(Err(Error::Utf8(_))) => Close::Text,
                Some(Err(Error::Io(error))) if error.get_ref().is_some_and(|e| e.is::<Flood>()) => {
                    Close::Flood
                }
                Some(Err(Error::Protocol(_))) => Close::Protocol,
                Some(Err(_)) => return Received::Gone,
            };
            self.broken |= fault != Close::Kind;
            return Received::Fault(fault);
        }
    }

    /// Sends a message of text.
    ///
    /// # Cancellation
    /// A frame that was begun is left half-written: the connection is then good for nothing.
    pub(super) async fn send(&mut self, text: Bytes) -> Result<(), Error> {
        // Answers to pings go first, as wholes.
        self.socket.flush().await?;
        self.broken = true;
        let (head, n) = head(text.len());
        let head = Bytes::copy_from_slice(head.get(..n).unwrap_or_default());
        let mut frame = head.chain(text);
        let io = self.socket.get_mut();
        while frame.has_remaining() {
            if io.write_buf(&mut frame).await? == 0 {
                return Err(io::Error::from(io::ErrorKind::WriteZero).into());
            }
        }
        io.flush().await?;
        self.broken = false;
        Ok(())
    }

    /// Asks the client to say that it is there.
    pub(super) async fn ping(&mut self) -> Result<(), Error> {
        self.socket.send(Message::Ping(Bytes::new())).await
    }

    /// Tells the client to go, and why; lets it go, if it does so soon.
    pub(super) async fn close(mut self, why: Close) {
        let frame = CloseFrame {
            code: CloseCode::from(why.code()),
            reason: Utf8Bytes::from_static(why.reason()),
        };
        let ended = async {
            if self.socket.send(Message::Close(Some(frame))).await.is_err() {
                return;
            }
            if self.broken {
                // What the client still sends is read, since a connection that is closed on it would take the reason along.
                let io = self.socket.get_mut();
                io.stop();
                let mut rest = [0; 1 << 10];
                while io.read(&mut rest).await.is_ok_and(|n| n > 0) {}
            } else {
                while let Some(Ok(_)) = self.socket.next().await {}
            }
        };
        // One that does not go is left.
        let _ = tokio::time::timeout(LINGER, ended).await;
    }
}

/// Returns the head of a whole message of text with so many bytes, and how long the head is.
fn head(len: usize) -> ([u8; 10], usize) {
    /// The last frame of a message, and text.
    const FIN_TEXT: u8 = 0x81;
    let mut head = [FIN_TEXT, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let [_, short, long @ ..] = &mut head;
    if let Ok(len @ 0..=125) = u8::try_from(len) {
        *short = len;
        return (head, 2);
    }
    if let Ok(len) = u16::try_from(len) {
        *short = 126;
        if let Some(at) = long.first_chunk_mut() {
            *at = len.to_be_bytes();
        }
        return (head, 4);
    }
    *short = 127;
    *long = (len as u64).to_be_bytes();
    (head, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_as_the_standard_has_them() {
        let check = |len, expected: &[u8]| {
            let (head, n) = head(len);
            assert_eq!(&head[..n], expected, "{len}");
        };
        check(0, &[0x81, 0]);
        check(125, &[0x81, 125]);
        check(126, &[0x81, 126, 0, 126]);
        check(65_535, &[0x81, 126, 0xff, 0xff]);
        check(65_536, &[0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
    }
}
