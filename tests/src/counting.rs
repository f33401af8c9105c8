//! A TCP proxy that counts what passes: bytes each way, and HTTP requests.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// What every request to the hub begins with.
const REQUEST_LINE: &[u8] = b"POST /";

/// What passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Bytes from the gateway to the hub.
    pub up: u64,
    /// Bytes from the hub to the gateway.
    pub down: u64,
    /// Requests.
    pub requests: u64,
}

/// The proxy. Its threads end with the process; connections end with either side.
pub struct CountingProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    counted: Mutex<Counted>,
    held: AtomicBool,
    connections: AtomicU64,
}

impl CountingProxy {
    /// Starts a proxy before a program.
    ///
    /// # Errors
    /// When no port is free.
    pub fn before(program: &str) -> std::io::Result<Self> {
        let target = program.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            counted: Mutex::default(),
            held: AtomicBool::new(false),
            connections: AtomicU64::new(0),
        });
        let counting = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // While it is held a connection is closed at once, as on a link that is down.
                if !counting.held.load(Ordering::SeqCst)
                    && let Ok(server) = TcpStream::connect(&target)
                {
                    pass(client, server, &counting);
                }
            }
        });
        Ok(Self { address, shared })
    }

    /// Gives the address that stands in enrolment codes.
    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Cuts the link, or brings it back.
    pub fn hold(&self, held: bool) {
        self.shared.held.store(held, Ordering::SeqCst);
    }

    /// Counts from zero again.
    pub fn reset(&self) {
        *self.counted_now() = Counted::default();
    }

    /// Tells what passed, once every connection has ended.
    pub fn counted(&self) -> Counted {
        while self.shared.connections.load(Ordering::SeqCst) > 0 {
            thread::yield_now();
        }
        *self.counted_now()
    }

    fn counted_now(&self) -> std::sync::MutexGuard<'_, Counted> {
        self.shared.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn pass(client: TcpStream, server: TcpStream, shared: &Arc<Shared>) {
    let (Ok(from_client), Ok(from_server)) = (client.try_clone(), server.try_clone()) else {
        return;
    };
    shared.connections.fetch_add(2, Ordering::SeqCst);
    let up = Arc::clone(shared);
    thread::spawn(move || {
        copy(from_client, server, |bytes| {
            let mut counted = up.counted.lock().unwrap_or_else(PoisonError::into_inner);
            counted.up += bytes.len() as u64;
            // A request line is short and comes in one piece on loopback; compressed bodies hold no such text.
            counted.requests += bytes
                .windows(REQUEST_LINE.len())
                .filter(|window| *window == REQUEST_LINE)
                .count() as u64;
        });
        up.connections.fetch_sub(1, Ordering::SeqCst);
    });
    let down = Arc::clone(shared);
    thread::spawn(move || {
        copy(from_server, client, |bytes| {
            let mut counted = down.counted.lock().unwrap_or_else(PoisonError::into_inner);
            counted.down += bytes.len() as u64;
        });
        down.connections.fetch_sub(1, Ordering::SeqCst);
    });
}

fn copy(mut from: TcpStream, mut to: TcpStream, count: impl Fn(&[u8])) {
    let mut buffer = [0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        count(&buffer[..length]);
        if to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
    let _ = from.shutdown(Shutdown::Read);
}
