//! A connection's bytes, watched on their way: what may be shown to hyper, and whether the client takes what it asked for.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::scan::Scan;
use super::seats::{Phase, Seat, Sits};

/// Stands in place of what is refused: no parser takes it anywhere in a head, so hyper answers 400 when it comes to it,
/// which is after it has answered the requests before.
const POISON: u8 = 0;

/// How an answer begins that says that the connection goes over to another protocol.
const SWITCHES: &[u8] = b"HTTP/1.1 101";

pub(super) struct Wire {
    stream: TcpStream,
    scan: Scan,
    sits: Sits,
    /// Nothing more is read.
    refused: bool,
}

impl Wire {
    pub(super) fn new(stream: TcpStream, seat: &Arc<Seat>) -> Self {
        Self {
            stream,
            scan: Scan::new(),
            sits: Sits(Arc::clone(seat)),
            refused: false,
        }
    }

    fn seat(&self) -> &Seat {
        &self.sits.0
    }

    fn writes(&mut self, bytes: &[u8]) {
        if bytes.starts_with(SWITCHES) {
            self.scan.close_eyes();
            self.seat().go(Phase::Left);
        }
    }

    fn wrote<T>(&self, polled: Poll<T>) -> Poll<T> {
        self.seat().stalls(polled.is_pending());
        polled
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.refused {
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(cx, buf))?;
        let came = buf.filled().get(before..).unwrap_or_default();
        if let Err(shown) = this.scan.read(came) {
            this.refused = true;
            buf.set_filled(before + shown);
            buf.put_slice(&[POISON]);
        }
        if this.scan.in_head() {
            this.seat().head_comes();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.writes(bytes);
        let polled = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.wrote(polled)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.writes(parts.first().map_or(&[], |part| part));
        let polled = Pin::new(&mut this.stream).poll_write_vectored(cx, parts);
        this.wrote(polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
