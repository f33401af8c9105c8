//! A bad link: a TCP proxy that counts what passes, and delays, cuts, loses, corrupts, repeats and reorders it by a seed.
//!
//! In fair weather it only counts. What the weather does to the connections of a link is in [`Weather`]; what befalls
//! the first, second, … connection follows from the seed alone, so that a failure comes again with its seed.

use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use titian_demo::port::Port;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

mod connection;
#[cfg(test)]
mod tests;
mod weather;

pub use self::weather::{Cut, Weather};

use self::weather::Way;

/// How long a test may wait for its link: longer than a program keeps a connection that says nothing.
const WAIT_MAX: Duration = Duration::from_mins(5);
/// A port that a process has for the moment between its birth and its own program is free again soon.
const PORT_PAUSE: Duration = Duration::from_millis(5);

/// What passed, and what befell it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Bytes from the gateway to the hub, without those of repeated connections.
    pub up: u64,
    /// Bytes from the hub to the gateway.
    pub down: u64,
    /// Requests; 0 if the link cannot read them because they are encrypted.
    pub requests: u64,
    /// Connections.
    pub connections: u64,
    /// Connections that were reset, by the link or by one of the programs.
    pub resets: u64,
    /// Bytes that arrived as others.
    pub corrupted: u64,
    /// Connections that were sent again.
    pub repeated: u64,
    /// Connections that were held back for the next one.
    pub overtaken: u64,
}

impl Counted {
    /// Gives the bytes of both ways.
    pub fn bytes(&self) -> u64 {
        self.up + self.down
    }
}

/// The link. Everything on it is over when it is dropped.
pub struct BadLink {
    scheme: &'static str,
    port: Port,
    shared: Arc<Shared>,
    /// None once it is dropped.
    runtime: Option<Runtime>,
}

struct Shared {
    target: String,
    seed: u64,
    state: Mutex<State>,
    changed: Condvar,
    wanted: watch::Sender<bool>,
    /// How many connections have come, over the link's whole life.
    come: watch::Sender<u64>,
}

struct State {
    weather: Weather,
    counted: Counted,
    /// Connections and copies that are not over.
    open: u64,
    is_up: bool,
    /// When the first connection came and the last byte arrived, since it was last counted from zero.
    busy: Option<(Instant, Instant)>,
    /// When the line has room again for bytes to the hub, and to the gateway.
    free: [Instant; 2],
}

impl BadLink {
    /// Lays a link to a program, given by the address of its pages.
    ///
    /// # Errors
    /// When no port is free.
    pub fn to(program: &str, weather: Weather, seed: u64) -> std::io::Result<Self> {
        let (scheme, rest) = match program.strip_prefix("https://") {
            Some(rest) => ("https", rest),
            None => ("http", program.trim_start_matches("http://")),
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let port = Port::take()?;
        let address = port.address();
        let listener = runtime.block_on(TcpListener::bind(address))?;
        let shared = Arc::new(Shared {
            target: rest.trim_end_matches('/').to_owned(),
            seed,
            state: Mutex::new(State {
                weather,
                counted: Counted::default(),
                open: 0,
                is_up: true,
                busy: None,
                free: [Instant::now(); 2],
            }),
            changed: Condvar::new(),
            wanted: watch::Sender::new(true),
            come: watch::Sender::new(0),
        });
        runtime.spawn(listen(listener, address, Arc::clone(&shared)));
        Ok(Self {
            scheme,
            port,
            shared,
            runtime: Some(runtime),
        })
    }

    /// Gives the address that stands in enrolment codes, in the scheme of the program's own.
    pub fn address(&self) -> String {
        format!("{}://{}", self.scheme, self.port.address())
    }

    /// Changes the weather for connections that come from now on.
    pub fn turn(&self, weather: Weather) {
        self.shared.now().weather = weather;
    }

    /// Takes the link down, so that connections are reset and further ones refused, or brings it back.
    ///
    /// # Panics
    /// When the system does not give its port back.
    pub fn hold(&self, held: bool) {
        self.shared.wanted.send_replace(!held);
        let way = if held { "goes down" } else { "comes back to its port" };
        drop(self.shared.wait_while(way, |state| state.is_up == held));
    }

    /// Counts from zero again.
    pub fn reset(&self) {
        let mut state = self.shared.now();
        state.counted = Counted::default();
        state.busy = None;
    }

    /// Tells how long the link was busy: from the first connection until the last byte arrived.
    pub fn busy(&self) -> Duration {
        self.shared
            .now()
            .busy
            .map_or(Duration::ZERO, |(from, until)| until - from)
    }

    /// Tells what passed, once every connection is over. One that is kept alive is not.
    ///
    /// # Panics
    /// When one does not end.
    pub fn counted(&self) -> Counted {
        self.shared
            .wait_while("has no open connection", |state| state.open > 0)
            .counted
    }

    /// Tells what passed until now.
    pub fn counted_so_far(&self) -> Counted {
        self.shared.now().counted
    }
}

impl Drop for BadLink {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Without waiting: a test may drop the link among tasks of its own.
            runtime.shutdown_background();
        }
    }
}

impl Shared {
    fn now(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_while(&self, until: &str, waits: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let (state, waited) = self
            .changed
            .wait_timeout_while(self.now(), WAIT_MAX, |state| waits(state))
            .unwrap_or_else(PoisonError::into_inner);
        assert!(
            !waited.timed_out(),
            "waited {WAIT_MAX:?} in vain until the link {until}"
        );
        state
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.now());
        self.changed.notify_all();
    }

    fn count(&self, count: impl FnOnce(&mut Counted)) {
        count(&mut self.now().counted);
    }

    fn is_busy_until(&self, then: Instant) {
        let mut state = self.now();
        let (from, until) = state.busy.unwrap_or((then, then));
        state.busy = Some((from, until.max(then)));
    }

    fn weather(&self) -> Weather {
        self.now().weather
    }

    fn begin(&self) {
        self.change(|state| state.open += 1);
    }

    fn end(&self) {
        self.change(|state| state.open -= 1);
    }

    /// Finds when so many bytes have left, and keeps the line for them until then.
    fn room_on_line(&self, way: Way, bytes: usize, weather: &Weather) -> Instant {
        let now = Instant::now();
        let Some(rate) = weather.bytes_per_second else {
            return now;
        };
        let takes = Duration::from_secs(1) * u32::try_from(bytes).unwrap_or(u32::MAX) / rate.max(1);
        let mut state = self.now();
        let free = &mut state.free[usize::from(way == Way::Down)];
        *free = now.max(*free) + takes;
        *free
    }

    /// Waits until a connection of this number has come, but not for long.
    async fn wait_for_connection(&self, number: u64, at_most: Duration) {
        let mut come = self.come.subscribe();
        // That none came is one of the two outcomes.
        let _ = timeout(at_most, come.wait_for(|come| *come > number)).await;
    }
}

/// Takes connections while the link is up.
async fn listen(mut listener: TcpListener, address: SocketAddr, shared: Arc<Shared>) {
    let mut wanted = shared.wanted.subscribe();
    loop {
        shared.change(|state| state.is_up = true);
        tokio::select! {
            () = accept(&listener, &shared) => {}
            _ = wanted.wait_for(|wanted| !wanted) => {}
        }
        drop(listener);
        shared.change(|state| state.is_up = false);
        let _ = wanted.wait_for(|wanted| *wanted).await;
        listener = listen_again(address).await;
    }
}

/// A process that another thread is just starting holds every port of this one until its own program begins.
async fn listen_again(address: SocketAddr) -> TcpListener {
    loop {
        match TcpListener::bind(address).await {
            Ok(listener) => return listener,
            Err(_) => sleep(PORT_PAUSE).await,
        }
    }
}

async fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    while let Ok((client, _)) = listener.accept().await {
        let mut number = 0;
        shared.come.send_modify(|come| {
            number = *come;
            *come += 1;
        });
        shared.count(|counted| counted.connections += 1);
        shared.is_busy_until(Instant::now());
        shared.begin();
        let fall = Fall(shared.wanted.subscribe());
        let shared = Arc::clone(shared);
        tokio::spawn(async move {
            connection::carry(client, number, fall, Arc::clone(&shared)).await;
            shared.end();
        });
    }
}

/// Tells a connection that the link went down after it had come.
struct Fall(watch::Receiver<bool>);

impl Fall {
    async fn comes(mut self) {
        // A link that is back before anybody looked was down nevertheless: the value does not tell, that it changed does.
        if *self.0.borrow() {
            // It cannot fail while the link is there to ask.
            let _ = self.0.changed().await;
        }
    }
}
