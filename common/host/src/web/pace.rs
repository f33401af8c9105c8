//! What has to go on moving: a request's body, and what is written to whoever asked. Who sends a byte now and then, or takes
//! none, would else hold a connection for days.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// What has to move while it is waited for: less than the slowest link of an office carries in ten seconds, and than one piece of
/// an attachment at the least speed that can be set.
const BYTES_MIN: usize = 1024;

/// Waits so long for the next [`BYTES_MIN`]. Time in which nobody waits is not counted unless somebody waited before.
struct Pace {
    within: Duration,
    /// Since something was first waited for after the last [`BYTES_MIN`].
    deadline: Option<Pin<Box<Sleep>>>,
    bytes: usize,
}

impl Pace {
    fn new(within: Duration) -> Self {
        Self {
            within,
            deadline: None,
            bytes: 0,
        }
    }

    fn moved(&mut self, bytes: usize) {
        self.bytes += bytes;
        if self.bytes >= BYTES_MIN {
            self.rest();
        }
    }

    /// Nothing is waited for.
    fn rest(&mut self) {
        (self.bytes, self.deadline) = (0, None);
    }

    /// Resolves when it is too slow, and wakes up who asked then.
    fn poll_too_slow(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let within = self.within;
        let deadline = self.deadline.get_or_insert_with(|| Box::pin(sleep(within)));
        deadline.as_mut().poll(cx)
    }
}

/// A body that breaks off with [`io::ErrorKind::TimedOut`] when it comes too slowly.
pub(super) struct Paced {
    inner: Incoming,
    pace: Pace,
}

impl Paced {
    /// Waits so long for the next [`BYTES_MIN`], or for the end.
    pub fn new(inner: Incoming, within: Duration) -> Self {
        let pace = Pace::new(within);
        Self { inner, pace }
    }
}

impl Body for Paced {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        if let Poll::Ready(frame) = Pin::new(&mut this.inner).poll_frame(cx) {
            let came = frame.as_ref().and_then(|frame| frame.as_ref().ok());
            this.pace.moved(came.and_then(Frame::data_ref).map_or(0, Bytes::len));
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        ready!(this.pace.poll_too_slow(cx));
        let slow = io::Error::new(io::ErrorKind::TimedOut, "the request's body comes too slowly");
        Poll::Ready(Some(Err(slow.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// A connection that fails with [`io::ErrorKind::TimedOut`] when what is written to it is taken too slowly.
pub(super) struct Taken<S> {
    inner: S,
    pace: Pace,
}

impl<S: AsyncWrite + Unpin> Taken<S> {
    /// Waits so long until the next [`BYTES_MIN`] are taken, or all that was written.
    pub fn new(inner: S, within: Duration) -> Self {
        let pace = Pace::new(within);
        Self { inner, pace }
    }

    fn written(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(bytes)) = written {
            self.pace.moved(bytes);
        }
        self.in_time(cx, written)
    }

    fn in_time<T>(&mut self, cx: &mut Context<'_>, done: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if done.is_ready() {
            return done;
        }
        ready!(self.pace.poll_too_slow(cx));
        let slow = io::Error::new(io::ErrorKind::TimedOut, "nobody takes the answer");
        Poll::Ready(Err(slow))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Taken<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Taken<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.inner).poll_write(cx, bytes);
        this.written(cx, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.inner).poll_write_vectored(cx, slices);
        this.written(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.inner).poll_flush(cx);
        if flushed.is_ready() {
            this.pace.rest();
        }
        this.in_time(cx, flushed)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let shut = Pin::new(&mut this.inner).poll_shutdown(cx);
        this.in_time(cx, shut)
    }
}
