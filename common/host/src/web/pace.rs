//! A request's body that has to go on coming: who sends a byte now and then would else hold a connection for days.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Sleep, sleep};

/// What has to come while it is waited for: less than the slowest link of an office carries in ten seconds, and than one piece of
/// an attachment at the least speed that can be set.
const BYTES_MIN: usize = 1024;

/// A body that breaks off with [`io::ErrorKind::TimedOut`] when it comes too slowly. Time in which nobody asks for it is not counted
/// unless it was waited for before.
pub(super) struct Paced {
    inner: Incoming,
    within: Duration,
    /// Since the body was first waited for after the last [`BYTES_MIN`].
    deadline: Option<Pin<Box<Sleep>>>,
    bytes: usize,
}

impl Paced {
    /// Waits so long for the next [`BYTES_MIN`], or for the end.
    pub fn new(inner: Incoming, within: Duration) -> Self {
        Self {
            inner,
            within,
            deadline: None,
            bytes: 0,
        }
    }
}

impl Body for Paced {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        if let Poll::Ready(frame) = Pin::new(&mut this.inner).poll_frame(cx) {
            let came = frame.as_ref().and_then(|frame| frame.as_ref().ok());
            this.bytes += came.and_then(Frame::data_ref).map_or(0, Bytes::len);
            if this.bytes >= BYTES_MIN {
                (this.bytes, this.deadline) = (0, None);
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let within = this.within;
        let deadline = this.deadline.get_or_insert_with(|| Box::pin(sleep(within)));
        ready!(deadline.as_mut().poll(cx));
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
