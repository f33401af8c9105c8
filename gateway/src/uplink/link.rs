//! One HTTP request of an exchange: a body of known length where all of it fits into the first piece, else a stream.

use bytes::Bytes;
use futures_util::stream;
use reqwest::{Body, Response};
use titian_sync::engine::gateway::ExchangeError;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, yield_now};

use super::interrupt::Interrupt;
use super::{Silence, UplinkError};

/// How many frames wait between the engine and the socket: enough to keep it busy, little to hold in memory.
const FRAMES_WAITING_MAX: usize = 4;

/// The path of the sync endpoint.
const PATH: &str = "/sync/v1";

/// The request and its response.
pub(super) struct Link {
    client: reqwest::Client,
    url: String,
    first: Option<Bytes>,
    stream: Option<(mpsc::Sender<Bytes>, JoinHandle<reqwest::Result<Response>>)>,
    response: Option<Response>,
}

impl Link {
    pub fn new(client: reqwest::Client, address: &str) -> Self {
        let url = format!("{}{PATH}", address.trim_end_matches('/'));
        Self {
            client,
            url,
            first: None,
            stream: None,
            response: None,
        }
    }

    /// Passes a piece of the body on. Where the connection is gone already, [`Self::end`] tells.
    pub async fn send(&mut self, bytes: Vec<u8>) {
        let bytes = Bytes::from(bytes);
        let Some((sender, _)) = &self.stream else {
            match self.first.take() {
                None => self.first = Some(bytes),
                Some(first) => {
                    let (sender, receiver) = mpsc::channel(FRAMES_WAITING_MAX);
                    let pieces = stream::unfold(receiver, |mut receiver: mpsc::Receiver<Bytes>| async move {
                        receiver
                            .recv()
                            .await
                            .map(|bytes| (Ok::<_, std::io::Error>(bytes), receiver))
                    });
                    let request = self.client.post(&self.url).body(Body::wrap_stream(pieces));
                    let running = tokio::spawn(request.send());
                    let _ = sender.send(first).await;
                    let _ = sender.send(bytes).await;
                    self.stream = Some((sender, running));
                    yield_now().await;
                }
            }
            return;
        };
        let _ = sender.send(bytes).await;
        // A command has one thread: the socket has it while the next frame is not begun.
        yield_now().await;
    }

    /// Ends the body and waits for the reply to begin; `false` if that was interrupted.
    pub async fn end(&mut self, interrupt: Option<&mut Interrupt>) -> Result<bool, UplinkError> {
        let Some(interrupt) = interrupt else {
            return self.begin_reply().await.map(|()| true);
        };
        tokio::select! {
            begun = self.begin_reply() => begun.map(|()| true),
            () = interrupt.comes() => Ok(false),
        }
    }

    async fn begin_reply(&mut self) -> Result<(), UplinkError> {
        let response = if let Some((sender, running)) = self.stream.take() {
            drop(sender);
            UplinkError::bounded(running)
                .await?
                .map_err(|_| UplinkError::Unreachable(Silence::Broke))?
        } else {
            let body = self.first.take().unwrap_or_default();
            UplinkError::bounded(self.client.post(&self.url).body(body).send()).await?
        };
        let response = response.map_err(|error| UplinkError::unreachable(&error))?;
        match response.status().as_u16() {
            200 => self.response = Some(response),
            503 => return Err(UplinkError::HubInTrouble),
            status => return Err(UplinkError::NotAHub { status }),
        }
        Ok(())
    }

    pub async fn reply(&mut self) -> Result<Option<Bytes>, UplinkError> {
        let response = self.response.as_mut().ok_or(ExchangeError::Driver)?;
        UplinkError::bounded(response.chunk())
            .await?
            .map_err(|error| UplinkError::unreachable(&error))
    }

    /// Reads the reply to its end, where all of it has been understood: then the connection can be used again.
    pub async fn finish(mut self) {
        if let Some(response) = &mut self.response {
            let _ = UplinkError::bounded(response.chunk()).await;
        }
    }
}
