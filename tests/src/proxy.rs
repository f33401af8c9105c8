//! An HTTP proxy as an office may have to go through: it passes requests in absolute form on, and opens tunnels.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The proxy. It runs until the process ends.
pub struct Proxy {
    address: String,
    counters: Arc<Counters>,
}

#[derive(Default)]
struct Counters {
    passed: AtomicUsize,
    tunnels: AtomicUsize,
}

impl Proxy {
    /// Starts one on a free port.
    ///
    /// # Errors
    /// When there is none.
    pub fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = format!("http://{}", listener.local_addr()?);
        let counters = Arc::<Counters>::default();
        let shared = Arc::clone(&counters);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let counters = Arc::clone(&shared);
                // A client that leaves ends only its own thread.
                thread::spawn(move || serve(client, &counters));
            }
        });
        Ok(Self { address, counters })
    }

    /// Gives its address, as it stands in the environment.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Counts the requests that were passed on.
    pub fn passed(&self) -> usize {
        self.counters.passed.load(Ordering::SeqCst)
    }

    /// Counts the tunnels that were opened.
    pub fn tunnels(&self) -> usize {
        self.counters.tunnels.load(Ordering::SeqCst)
    }
}

fn serve(mut client: TcpStream, counters: &Counters) -> std::io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut server;
    if method == "CONNECT" {
        let mut header = String::new();
        while reader.read_line(&mut header)? > 2 {
            header.clear();
        }
        server = TcpStream::connect(target)?;
        counters.tunnels.fetch_add(1, Ordering::SeqCst);
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    } else {
        let Some((host, path)) = target.strip_prefix("http://").and_then(|target| target.split_once('/')) else {
            return client.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        };
        server = TcpStream::connect(host)?;
        counters.passed.fetch_add(1, Ordering::SeqCst);
        // What follows is not looked at: a second request on this connection would go there in absolute form.
        write!(server, "{method} /{path} HTTP/1.1\r\n")?;
    }
    let mut up = server.try_clone()?;
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = reader.read(&mut buffer) {
            if up.write_all(&buffer[..length]).is_err() {
                break;
            }
        }
        up.shutdown(Shutdown::Write)
    });
    std::io::copy(&mut server, &mut client)?;
    client.shutdown(Shutdown::Write)
}
