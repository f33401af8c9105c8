//! The HTTP/1 server: hyper directly, so that no answer carries a byte that nobody needs.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tower::ServiceExt as _;

use super::cookie::keep_encrypted;
use super::crowd::Crowd;
use super::pace::{Paced, Taken};

/// Connections held at once; more wait in the kernel's queue. Each costs about 20 KiB.
pub const CONNECTIONS_MAX: usize = 1024;

/// Of these, so many from one address: all offices of a regency may come through one, and half are left for others.
const CONNECTIONS_OF_ADDRESS_MAX: usize = CONNECTIONS_MAX / 2;

/// A first head that takes longer than this on the slowest office link is no head.
const FIRST_HEAD_MAX: Duration = Duration::from_secs(30);

/// How long a connection may be idle between two requests. Beyond it, keeping the connection alive through the address
/// translation of mobile networks costs as much as a new one.
pub const IDLE_MAX: Duration = Duration::from_mins(2);

/// How long an answer may wait until more of it is taken. What the kernel holds for a connection, up to some hundred KiB, first has
/// to leave over the slowest link of an office, at 1 KiB a second.
const ANSWER_MAX: Duration = Duration::from_mins(10);

/// How long a connection is borne that says nothing, or takes nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    pub first_head: Duration,
    pub idle: Duration,
    pub body: Duration,
    pub answer: Duration,
}

/// A connection whose door does not open in this time is given up: a TLS handshake is two small flights each way.
const OPENING_MAX: Duration = Duration::from_secs(30);

/// Requests in flight get this long to finish once the program is told to stop.
const FINISH_MAX: Duration = Duration::from_secs(10);

/// After a failed accept (out of file handles) the loop waits for some to come free.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What stands between a TCP connection and HTTP: nothing, or TLS.
pub trait Door: Clone + Send + Sync + 'static {
    /// What HTTP is spoken over.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// Whether nobody between the two sides can read along; cookies then never leave without it.
    const IS_ENCRYPTED: bool;

    /// Opens a connection that came in. The server bounds the time that this takes.
    fn open(&self, stream: TcpStream) -> impl Future<Output = io::Result<Self::Stream>> + Send;
}

/// Plain HTTP.
#[derive(Clone, Copy, Debug)]
pub struct Plain;

impl Door for Plain {
    type Stream = TcpStream;

    const IS_ENCRYPTED: bool = false;

    async fn open(&self, stream: TcpStream) -> io::Result<TcpStream> {
        Ok(stream)
    }
}

/// Serves a router until `shutdown` resolves, then lets requests in flight finish.
///
/// Handlers find the peer's address as `ConnectInfo<SocketAddr>`. There is no `Date` header: nothing here is cached by
/// time, office clocks are wrong anyway, and the sync link counts bytes.
pub async fn serve<D: Door>(listener: TcpListener, door: D, router: Router, shutdown: impl Future<Output = ()>) {
    let patience = Patience {
        first_head: FIRST_HEAD_MAX,
        idle: IDLE_MAX,
        body: IDLE_MAX,
        answer: ANSWER_MAX,
    };
    serve_with(patience, listener, door, router, shutdown).await;
}

pub(super) async fn serve_with<D: Door>(
    patience: Patience,
    listener: TcpListener,
    door: D,
    router: Router,
    shutdown: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let crowd = Crowd::new(CONNECTIONS_OF_ADDRESS_MAX);
    let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accept = async {
            let permit = Arc::clone(&permits)
                .acquire_owned()
                .await
                .expect("the semaphore is never closed");
            (listener.accept().await, permit)
        };
        let (accepted, permit) = tokio::select! {
            accepted = accept => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let Some(place) = crowd.admit(peer.ip()) else {
                    tracing::debug!("an address has as many connections as it may");
                    continue;
                };
                let connection = connection(
                    (stream, peer),
                    door.clone(),
                    router.clone(),
                    patience,
                    graceful.watcher(),
                );
                tokio::spawn(async move {
                    connection.await;
                    drop((place, permit));
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted; trying on");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(FINISH_MAX, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time and were cut off");
    }
}

/// Resolves when the program is asked to stop: SIGINT or SIGTERM, Ctrl-C on Windows.
pub async fn shutdown_signal() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            // Without a handler the system's default ends the process; there is nothing to wait for here.
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}

async fn connection<D: Door>(
    (stream, peer): (TcpStream, SocketAddr),
    door: D,
    router: Router,
    patience: Patience,
    watcher: Watcher,
) {
    // Small answers go out at once; where the system refuses, they only go out later.
    let _ = stream.set_nodelay(true);
    let stream = match timeout(OPENING_MAX, door.open(stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return tracing::debug!(%error, "a connection did not come about"),
        Err(_) => return tracing::debug!("a connection did not come about in time"),
    };
    let asked = Arc::new(AtomicBool::new(false));
    let asks = Arc::clone(&asked);
    let service = service_fn(move |request: Request<Incoming>| {
        asks.store(true, Ordering::Relaxed);
        let mut request = request.map(|body| Body::new(Paced::new(body, patience.body)));
        request.extensions_mut().insert(ConnectInfo(peer));
        let answer = router.clone().oneshot(request);
        async move {
            let mut response = answer.await?;
            if D::IS_ENCRYPTED {
                keep_encrypted(response.headers_mut());
            }
            Ok::<_, Infallible>(response)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience.idle)
        .auto_date_header(false)
        .serve_connection(TokioIo::new(Taken::new(stream, patience.answer)), service);
    let nothing_asked = async {
        sleep(patience.first_head).await;
        if asked.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
    };
    // Links break all day; only somebody who looks for it wants to know.
    tokio::select! {
        ended = watcher.watch(connection) => if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended early");
        },
        () = nothing_asked => tracing::debug!("a connection asked for nothing"),
    }
}
