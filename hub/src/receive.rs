//! What gateways talk to: `POST /sync/v1` and `POST /enrol/v1`.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use futures_util::{StreamExt as _, stream};
use titian_domain::id::OfficeCode;
use titian_host::store::StoreError;
use titian_sync::engine::Refusal;
use titian_sync::engine::hub::{HubError, HubExchange, HubFact, HubStep};
use titian_sync::enrol::message::{EnrolError, EnrolReply, EnrolRequest, MESSAGE_BYTES_MAX};
use tokio::sync::{OwnedMutexGuard, mpsc, oneshot};
use tokio::time::{Instant, timeout};

use crate::airlock::Airlock;
use crate::desk::Desk;
use crate::examine::{self, ExamineError, Findings};
use crate::store::replica::{ReplicaError, Saved};
use crate::turns::Turns;
use crate::waiting_room::WaitingRoom;

/// How many pieces of a reply wait for the socket: enough to keep it busy, little to hold in memory.
const PIECES_WAITING_MAX: usize = 4;

/// What arrived with a link that died takes this long at most to come from the socket.
const AT_HAND_MAX: Duration = Duration::from_millis(200);

/// How long one exchange goes on: what is left by then travels in the next, so that no gateway holds a connection for hours.
const REPLY_MAX: Duration = Duration::from_mins(15);

/// What the endpoints work with.
#[derive(Clone)]
pub struct Receiver {
    /// The liaison's desk, for the database and the clock.
    pub desk: Desk,
    /// What judges the gateways' changes.
    pub airlock: Airlock,
    /// Where requests wait for news.
    pub waiting: WaitingRoom,
    /// Keeps the requests of one device in order.
    pub turns: Turns,
}

/// Gives the endpoints.
pub fn router(receiver: Receiver) -> Router {
    Router::new()
        .route("/sync/v1", post(sync))
        .layer(DefaultBodyLimit::disable())
        .route("/enrol/v1", post(enrol).layer(DefaultBodyLimit::max(MESSAGE_BYTES_MAX)))
        .with_state(receiver)
}

/// Why an exchange ended without a reply of the protocol.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(transparent)]
    Engine(#[from] HubError),
    #[error(transparent)]
    Replica(#[from] ReplicaError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Examine(#[from] ExamineError),
    #[error("the connection broke")]
    Cut,
}

impl Failed {
    fn status(&self) -> StatusCode {
        match self {
            Self::Engine(HubError::Malformed(_)) | Self::Cut => StatusCode::BAD_REQUEST,
            Self::Replica(ReplicaError::Overtaken) => StatusCode::CONFLICT,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// Answers in a task of its own: where the link dies, the server drops this future, and what has arrived by then is made
/// durable nevertheless.
async fn sync(State(receiver): State<Receiver>, body: Body) -> Response {
    let (_here, gone) = oneshot::channel();
    tokio::spawn(answer(receiver, body, gone))
        .await
        .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

async fn answer(receiver: Receiver, body: Body, gone: oneshot::Receiver<()>) -> Response {
    let keys = match receiver.desk.keys().await {
        Ok(keys) => keys,
        Err(error) => return refuse(&error.into()),
    };
    let mut exchange = Running {
        engine: HubExchange::begin(keys),
        receiver,
        body: body.into_data_stream(),
        left: Bytes::new(),
        turn: None,
        gone,
        office: None,
        device: 0,
        deadline: Instant::now() + REPLY_MAX,
    };
    // The first piece decides: a reply that ends with it has a known length, a longer one is streamed.
    let first = match exchange.next_piece().await {
        Ok(Some(piece)) => piece,
        Ok(None) => Vec::new(),
        Err(failed) => return refuse(&failed),
    };
    match exchange.next_piece().await {
        Ok(None) => first.into_response_without_type(),
        Ok(Some(second)) => {
            let (sender, receiver) = mpsc::channel(PIECES_WAITING_MAX);
            tokio::spawn(async move {
                for piece in [first, second] {
                    if sender.send(Ok(piece)).await.is_err() {
                        return;
                    }
                }
                loop {
                    let piece = match exchange.next_piece().await {
                        Ok(Some(piece)) => Ok(piece),
                        Ok(None) => return,
                        // The gateway sees a cut, and goes on from what it saved.
                        Err(failed) => {
                            tracing::warn!(error = %failed, "a reply to a gateway broke off");
                            Err(failed)
                        }
                    };
                    let ended = piece.is_err();
                    if sender.send(piece).await.is_err() || ended {
                        return;
                    }
                }
            });
            let pieces = stream::unfold(receiver, |mut receiver| async move {
                receiver.recv().await.map(|piece| (piece.map(Bytes::from), receiver))
            });
            Response::new(Body::from_stream(pieces))
        }
        Err(failed) => refuse(&failed),
    }
}

/// A body of known length and not one header more: the link counts bytes.
trait Bare {
    fn into_response_without_type(self) -> Response;
}

impl Bare for Vec<u8> {
    fn into_response_without_type(self) -> Response {
        Response::new(Body::from(self))
    }
}

fn refuse(failed: &Failed) -> Response {
    match failed {
        Failed::Engine(HubError::Malformed(_)) | Failed::Cut | Failed::Replica(ReplicaError::Overtaken) => {
            tracing::info!(error = %failed, "a request of a gateway was not taken");
        }
        _ => tracing::error!(error = %failed, "a request of a gateway failed inside"),
    }
    failed.status().into_response()
}

/// One exchange that is under way.
struct Running {
    engine: HubExchange,
    receiver: Receiver,
    body: axum::body::BodyDataStream,
    /// What was read and does not fit into the engine's buffer yet.
    left: Bytes,
    /// The device's turn, while what it sent is at hand.
    turn: Option<OwnedMutexGuard<()>>,
    /// Ends when the link is known to be dead before the reply has begun.
    gone: oneshot::Receiver<()>,
    /// Whose log the exchange sees: set once the device is known.
    office: Option<OfficeCode>,
    /// With whom it is.
    device: u64,
    /// When the reply is to come to its end.
    deadline: Instant,
}

impl Running {
    /// Does what the engine says until there is a piece of the reply; `None` at its end.
    async fn next_piece(&mut self) -> Result<Option<Vec<u8>>, Failed> {
        let mut step = self.engine.step()?;
        loop {
            step = match step {
                HubStep::Send(piece) => {
                    self.turn = None;
                    if Instant::now() >= self.deadline {
                        self.engine.wind_down();
                    }
                    return Ok(Some(piece));
                }
                HubStep::Done => return Ok(None),
                other => self.answer(other).await?,
            };
        }
    }

    /// Does what the engine asked for, and gives what it asks next.
    async fn answer(&mut self, step: HubStep) -> Result<HubStep, Failed> {
        match step {
            HubStep::NeedBody => self.feed().await?,
            HubStep::NeedDevice(number) => {
                self.turn = self.receiver.turns.take(number).await;
                let found = self.store().device(number).await?;
                self.office = found.as_ref().map(|(_, office)| office.clone());
                self.device = number;
                self.engine.device(found.map(|(row, _)| row));
            }
            HubStep::Save(facts) => self.save(facts).await?,
            HubStep::NeedHistory(count) => {
                let items = self.store().last_of(self.office()?, self.device, count).await?;
                return Ok(self.engine.history(&items)?);
            }
            HubStep::NeedPartial => return Ok(self.engine.partial(self.store().partial(self.device).await?)?),
            HubStep::NeedWants => {
                let (files, start) = (self.receiver.desk.files.clone(), self.receiver.desk.clock.random());
                let wants = self.store().wants(files, (self.office()?, self.device), start).await?;
                return Ok(self.engine.wants(wants)?);
            }
            HubStep::NeedAttachment(want) => {
                let files = self.receiver.desk.files.clone();
                self.engine
                    .attachment(self.store().file(files, self.office()?, want).await?);
            }
            HubStep::Wait { seconds, end } => {
                let (store, log) = (self.store(), (self.office()?, end));
                let most = Duration::from_secs(seconds);
                self.turn = None;
                tokio::select! {
                    waited = self.receiver.waiting.wait(&store, log, most) => waited?,
                    _ = &mut self.gone => return Err(Failed::Cut),
                }
                self.deadline = Instant::now() + REPLY_MAX;
            }
            HubStep::NeedEntries {
                after,
                until,
                skip_origin,
            } => {
                let entries = self
                    .store()
                    .entries(self.office()?, (after, until), skip_origin)
                    .await?;
                self.engine.entries(entries);
            }
            HubStep::NeedEntriesAt(positions) => {
                let entries = self.store().entries_at(self.office()?, positions).await?;
                self.engine.entries(entries);
            }
            HubStep::NeedFingerprints { after, until } => {
                let items = self.store().fingerprints(self.office()?, (after, until)).await?;
                return Ok(self.engine.fingerprints(&items)?);
            }
            HubStep::NeedScope => {
                let now = self.receiver.desk.now();
                if let Some(device) = self.engine.verified_device() {
                    let (list, told) = self.store().told(device).await?;
                    self.engine.aside(list, told);
                    self.engine.audit(self.store().unheard(device).await?);
                }
                // Of an unknown device nothing is told; the engine only needs the time.
                let office = self.office.clone().unwrap_or_else(nowhere);
                return Ok(self.engine.scope(self.store().scope(office, now).await?)?);
            }
            HubStep::NeedCursor(position) => {
                let cursor = self.store().cursor_at(self.office()?, position).await?;
                return Ok(self.engine.cursor(cursor)?);
            }
            HubStep::NeedHashes(prefixes) => {
                let held = self.store().held(self.office()?, prefixes).await?;
                return Ok(self.engine.held(&held)?);
            }
            HubStep::Send(_) | HubStep::Done => return Err(Failed::Engine(HubError::Driver)),
        }
        Ok(self.engine.step()?)
    }

    /// Makes facts durable. What a frame brings is examined before: nothing of it was opened yet.
    async fn save(&mut self, facts: Vec<HubFact>) -> Result<(), Failed> {
        let (store, office) = (self.store(), self.office()?);
        let mut findings = Findings::default();
        for fact in &facts {
            if let HubFact::Frame { device, items, .. } = fact {
                findings = examine::frame((&store, &self.receiver.airlock), &office, *device, items).await?;
            }
        }
        let desk = self.receiver.desk.clone();
        let rules = desk.rules.clone();
        let stamp = move |staff: &str| desk.stamp(staff);
        let files = self.receiver.desk.files.clone();
        match store
            .save_exchange(rules, stamp, (office, files), (facts, findings))
            .await?
        {
            Saved::All => {}
            Saved::QuarantineFull { kept } => self.engine.refuse_frame(Refusal::QuarantineFull { kept: kept as u64 }),
        }
        Ok(())
    }

    async fn feed(&mut self) -> Result<(), Failed> {
        if self.left.is_empty() {
            match self.arrived().await {
                Some(Ok(bytes)) => self.left = bytes,
                Some(Err(_)) => return Err(Failed::Cut),
                None => {
                    self.engine.feed_end();
                    return Ok(());
                }
            }
        }
        let part = self.left.split_to(self.left.len().min(HubExchange::FEED_BYTES_MAX));
        self.engine.feed(&part);
        Ok(())
    }

    /// Gives what comes next of the body. While nothing comes, it is another request's turn.
    async fn arrived(&mut self) -> Option<Result<Bytes, axum::Error>> {
        let verified = self.engine.verified_device();
        if self.turn.is_some()
            && verified.is_some()
            && let Ok(arrived) = timeout(AT_HAND_MAX, self.body.next()).await
        {
            return arrived;
        }
        self.turn = None;
        let arrived = self.body.next().await;
        if let Some(device) = verified {
            self.turn = self.receiver.turns.take(device).await;
        }
        arrived
    }

    fn store(&self) -> crate::store::HubStore {
        self.receiver.desk.store.clone()
    }

    fn office(&self) -> Result<OfficeCode, Failed> {
        self.office.clone().ok_or(Failed::Engine(HubError::Driver))
    }
}

/// An office that exists nowhere.
fn nowhere() -> OfficeCode {
    "00.00.00".parse().expect("three pairs of digits are an office code")
}

async fn enrol(State(receiver): State<Receiver>, body: Bytes) -> Response {
    let answer = match EnrolRequest::from_json(&body) {
        Err(error) => Err(error),
        Ok(request) => {
            let now = receiver.desk.now();
            let enrolled = async {
                let keys = receiver.desk.keys().await?;
                receiver.desk.store.enrol(keys, request, now).await
            };
            match enrolled.await {
                Ok(Ok((_, reply))) => Ok(reply.to_json()),
                Ok(Err(refused)) => Err(refused),
                Err(error) => {
                    tracing::error!(%error, "an enrolment failed inside");
                    return StatusCode::SERVICE_UNAVAILABLE.into_response();
                }
            }
        }
    };
    let (status, json) = match answer {
        Ok(json) => (StatusCode::OK, json),
        Err(EnrolError::Malformed) => (
            StatusCode::BAD_REQUEST,
            EnrolReply::refusal_to_json(EnrolError::Malformed),
        ),
        Err(refused) => {
            tracing::warn!(reason = %refused, "an enrolment was refused");
            (StatusCode::FORBIDDEN, EnrolReply::refusal_to_json(refused))
        }
    };
    (status, [(header::CONTENT_TYPE, "application/json")], json).into_response()
}
