//! Counts what a client sends, below the frames: empty fragments of a message that never ends are seen nowhere else.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::bucket::Bucket;

/// The client sends more than it may.
#[derive(Debug, thiserror::Error)]
#[error("more is sent than may be")]
pub(super) struct Flood;

/// A connection of which no more is read than a bucket takes.
pub(super) struct Metered<T> {
    inner: T,
    bucket: Option<Bucket>,
}

impl<T> Metered<T> {
    pub(super) fn new(inner: T, bucket: Bucket) -> Self {
        Self {
            inner,
            bucket: Some(bucket),
        }
    }

    /// Counts no more: what comes from here on is thrown away.
    pub(super) fn stop(&mut self) {
        self.bucket = None;
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Metered<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.inner).poll_read(cx, buf))?;
        let came = u32::try_from(buf.filled().len() - before).unwrap_or(u32::MAX);
        if let Some(bucket) = &mut this.bucket
            && !bucket.take(f64::from(came), Instant::now())
        {
            return Poll::Ready(Err(io::Error::other(Flood)));
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Metered<T> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}
