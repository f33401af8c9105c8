//! A TCP proxy that counts what passes: bytes each way, and HTTP requests.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// What is read at once; larger pieces save nothing on loopback.
const PIECE_BYTES: usize = 8 * 1024;

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
    link: Mutex<Link>,
    changed: Condvar,
    connections: AtomicU64,
}

/// Whether the link shall be up, and whether it is.
struct Link {
    wanted: bool,
    is_up: bool,
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
            link: Mutex::new(Link {
                wanted: true,
                is_up: true,
            }),
            changed: Condvar::new(),
            connections: AtomicU64::new(0),
        });
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            let mut listener = Some(listener);
            // Another program may take the port while the link is down; then the link stays down, and the test says so.
            while let Some(open) = listener.take().or_else(|| TcpListener::bind(address).ok()) {
                serving.set_up(true);
                serve(&open, &target, &serving);
                drop(open);
                serving.set_up(false);
                serving.wait_until(|link| link.wanted);
            }
        });
        Ok(Self { address, shared })
    }

    /// Gives the address that stands in enrolment codes.
    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Cuts the link, so that connections are refused, or brings it back.
    pub fn hold(&self, held: bool) {
        self.shared.link_now().wanted = !held;
        self.shared.changed.notify_all();
        if held {
            // Wakes the thread that waits for connections; that it is refused is what was asked for.
            let _ = TcpStream::connect(self.address);
        }
        self.shared.wait_until(|link| link.is_up != held);
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

    fn counted_now(&self) -> MutexGuard<'_, Counted> {
        self.shared.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    fn link_now(&self) -> MutexGuard<'_, Link> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_up(&self, is_up: bool) {
        self.link_now().is_up = is_up;
        self.changed.notify_all();
    }

    fn wait_until(&self, fits: impl Fn(&Link) -> bool) {
        let waiting = self.changed.wait_while(self.link_now(), |link| !fits(link));
        drop(waiting.unwrap_or_else(PoisonError::into_inner));
    }
}

/// Passes connections on until the link shall be down.
fn serve(listener: &TcpListener, target: &str, shared: &Arc<Shared>) {
    for client in listener.incoming().flatten() {
        if !shared.link_now().wanted {
            return;
        }
        if let Ok(server) = TcpStream::connect(target) {
            pass(client, server, shared);
        }
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
    let mut buffer = [0; PIECE_BYTES];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        count(&buffer[..length]);
        if to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
    let _ = from.shutdown(Shutdown::Read);
}
