//! One connection over the link: both its ways, what befalls it, and its copy where it is sent again.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};

use super::weather::{Damage, Ends, Fate, Repeat, Way, Weather};
use super::{Fall, Shared};

/// What is read at once; larger pieces save nothing on loopback.
const PIECE_BYTES_MAX: usize = 8 * 1024;
/// On a slow line a piece is what it carries in a twentieth of a second, so that bytes trickle and do not come in lumps.
const PIECES_A_SECOND: u32 = 20;
/// What may be under way in each direction: half a megabyte, a usual window of TCP.
const PIECES_UNDER_WAY_MAX: usize = 64;
/// How long a connection waits to be overtaken, and a copy for its turn. Afterwards it goes on alone.
const HELD_BACK: Duration = Duration::from_secs(1);
/// How long a copy listens for more of an answer that nobody reads.
const COPY_SILENCE_MAX: Duration = Duration::from_millis(500);
/// How long what had passed when a line died may take to be read by the hub.
const ARRIVES_MAX: Duration = Duration::from_secs(5);
/// What every request line ends with, whatever its method.
const REQUEST_LINE_END: &[u8] = b" HTTP/1.1\r\n";

/// The connection is over, for both sides at once.
struct Reset;

/// What goes over the line: bytes, or its end, and when they arrive.
struct Piece {
    bytes: Vec<u8>,
    arrives: Instant,
    then_reset: bool,
}

/// The upward bytes of a connection, for its copy.
type Copied = mpsc::UnboundedSender<Vec<u8>>;

/// Carries one connection until it ends by itself, the weather ends it, or the link goes down.
pub(super) async fn carry(mut client: TcpStream, number: u64, fall: Fall, shared: Arc<Shared>) {
    let weather = shared.weather();
    let fate = weather.fate(shared.seed, number);
    if fate.overtaken {
        shared.count(|counted| counted.overtaken += 1);
        shared.wait_for_connection(number + 1, HELD_BACK).await;
    }
    let Ok(mut server) = TcpStream::connect(&shared.target).await else {
        // Nobody listens there: the client is told so at once.
        let _ = client.set_zero_linger();
        return;
    };
    let copied = fate.repeated.map(|when| begin_copy(when, number, &shared));
    let reset = tokio::select! {
        over = both_ways(&mut client, &mut server, weather, fate, copied, &shared) => over.is_err(),
        () = fall.comes() => true,
    };
    if reset {
        shared.count(|counted| counted.resets += 1);
        // Who sent last is told at once. At the hub arrives what had passed: of a line that dies, nothing more than its end.
        let _ = client.set_zero_linger();
        drop(client);
        let arrived = async {
            let _ = server.shutdown().await;
            let mut answer = [0; PIECE_BYTES_MAX];
            while let Ok(1..) = server.read(&mut answer).await {}
        };
        let _ = timeout(ARRIVES_MAX, arrived).await;
    }
}

async fn both_ways(
    client: &mut TcpStream,
    server: &mut TcpStream,
    weather: Weather,
    fate: Fate,
    copied: Option<Copied>,
    shared: &Shared,
) -> Result<(), Reset> {
    for stream in [&*client, &*server] {
        // Pieces are to leave when they are due.
        let _ = stream.set_nodelay(true);
    }
    let ends = Mutex::new(fate.ends);
    let handshake = weather.delay_up + weather.delay_down;
    let line = |way, delay, damage| Line {
        way,
        weather,
        delay,
        damage,
        opens: Instant::now() + handshake,
        ends: &ends,
        shared,
    };
    let up = line(Way::Up, weather.delay_up, fate.damage_up);
    let down = line(Way::Down, weather.delay_down, fate.damage_down);
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    tokio::try_join!(
        up.run(from_client, to_server, copied),
        down.run(from_server, to_client, None)
    )?;
    Ok(())
}

/// One way of a connection.
struct Line<'a> {
    way: Way,
    weather: Weather,
    delay: Duration,
    damage: Damage,
    /// When the handshake of TCP would be over.
    opens: Instant,
    ends: &'a Mutex<Ends>,
    shared: &'a Shared,
}

impl Line<'_> {
    async fn run(self, from: ReadHalf<'_>, to: WriteHalf<'_>, copied: Option<Copied>) -> Result<(), Reset> {
        let (sender, receiver) = mpsc::channel(PIECES_UNDER_WAY_MAX);
        let taken = async {
            self.take_in(from, sender, copied).await;
            Ok(())
        };
        tokio::try_join!(taken, give_out(receiver, to))?;
        Ok(())
    }

    fn may_pass(&self, length: usize) -> (usize, bool) {
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        ends.take(self.way, length)
    }

    /// Puts what is sent onto the line, as fast as the line takes it.
    async fn take_in(mut self, mut from: ReadHalf<'_>, line: mpsc::Sender<Piece>, copied: Option<Copied>) {
        let slow = |rate: u32| usize::try_from(rate / PIECES_A_SECOND).unwrap_or(PIECE_BYTES_MAX);
        let piece_bytes = self.weather.bytes_per_second.map_or(PIECE_BYTES_MAX, slow);
        let mut buffer = vec![0; piece_bytes.clamp(1, PIECE_BYTES_MAX)];
        let mut requests = Requests::default();
        loop {
            let (length, broken) = match from.read(&mut buffer).await {
                Ok(0) => return,
                Ok(length) => (length, false),
                // The sender reset it; the receiver learns that after what was sent before.
                Err(_) => (0, true),
            };
            let (passing, spent) = self.may_pass(length);
            let mut bytes = buffer[..passing].to_vec();
            let corrupted = self.damage.spoil(&mut bytes);
            let begun = requests.begun(&bytes);
            self.shared.count(|counted| {
                counted.corrupted += corrupted;
                if self.way == Way::Up {
                    counted.up += passing as u64;
                    counted.requests += begun;
                } else {
                    counted.down += passing as u64;
                }
            });
            if let Some(copied) = &copied {
                // A copy that the hub hung up on needs no more.
                let _ = copied.send(bytes.clone());
            }
            let leaves = self.shared.room_on_line(self.way, passing, &self.weather);
            sleep_until(leaves).await;
            let arrives = leaves.max(self.opens) + self.delay;
            self.shared.is_busy_until(arrives);
            let piece = Piece {
                bytes,
                arrives,
                then_reset: spent || broken,
            };
            let over = piece.then_reset;
            if line.send(piece).await.is_err() || over {
                return;
            }
        }
    }
}

/// Lets what is on the line arrive when it is due.
async fn give_out(mut line: mpsc::Receiver<Piece>, mut to: WriteHalf<'_>) -> Result<(), Reset> {
    while let Some(piece) = line.recv().await {
        sleep_until(piece.arrives).await;
        if to.write_all(&piece.bytes).await.is_err() {
            // Who does not listen any more may still have said something: the other way ends by itself.
            return Ok(());
        }
        if piece.then_reset {
            return Err(Reset);
        }
    }
    let _ = to.shutdown().await;
    Ok(())
}

/// Sends a connection's upward bytes once more, on a connection of its own.
fn begin_copy(when: Repeat, number: u64, shared: &Arc<Shared>) -> Copied {
    let (sender, mut bytes) = mpsc::unbounded_channel::<Vec<u8>>();
    let shared = Arc::clone(shared);
    shared.begin();
    tokio::spawn(async move {
        if when == Repeat::Afterwards {
            shared.wait_for_connection(number + 1, HELD_BACK).await;
        }
        if let Ok(mut server) = TcpStream::connect(&shared.target).await {
            shared.count(|counted| counted.repeated += 1);
            let (mut answer, mut to_server) = server.split();
            let said = async {
                while let Some(bytes) = bytes.recv().await {
                    if to_server.write_all(&bytes).await.is_err() {
                        break;
                    }
                }
            };
            let heard = async {
                let mut buffer = [0; PIECE_BYTES_MAX];
                while let Ok(Ok(1..)) = timeout(COPY_SILENCE_MAX, answer.read(&mut buffer)).await {}
            };
            tokio::join!(said, heard);
        }
        shared.end();
    });
    sender
}

/// Counts request lines, wherever the bytes are split.
#[derive(Default)]
struct Requests {
    /// How many bytes of the end of a request line the bytes so far end with.
    matched: usize,
}

impl Requests {
    fn begun(&mut self, bytes: &[u8]) -> u64 {
        let mut begun = 0;
        for byte in bytes {
            if *byte != REQUEST_LINE_END[self.matched] {
                // Nothing in it repeats its beginning, so a match can only start anew.
                self.matched = 0;
            }
            if *byte == REQUEST_LINE_END[self.matched] {
                self.matched += 1;
            }
            if self.matched == REQUEST_LINE_END.len() {
                self.matched = 0;
                begun += 1;
            }
        }
        begun
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_line_counts_wherever_it_is_split() {
        let sent = b"POST /sync/v1 HTTP/1.1\r\nhost: a\r\n\r\n HTTP/1.GET /  HTTP/1.1\r\n";
        for split in 0..sent.len() {
            let mut requests = Requests::default();
            let (one, other) = sent.split_at(split);
            assert_eq!(requests.begun(one) + requests.begun(other), 2, "split at {split}");
        }
    }
}
