//! The link against an echo: what it promises to do to connections, it does, and nothing else.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

use super::*;

/// A program that sends back what it gets, and tells at its end what it got.
fn echo() -> (String, std::sync::mpsc::Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, got) = std::sync::mpsc::channel();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let sender = sender.clone();
            thread::spawn(move || {
                let (mut all, mut buffer) = (Vec::new(), [0; 1000]);
                while let Ok(length @ 1..) = stream.read(&mut buffer) {
                    all.extend(&buffer[..length]);
                    // What arrived before a reset is still read.
                    let _ = stream.write_all(&buffer[..length]);
                }
                drop(stream);
                let _ = sender.send(all);
            });
        }
    });
    (format!("http://{address}"), got)
}

/// Says something over the link, and gives what came back and whether the connection ended as it should.
fn say(link: &BadLink, said: &[u8]) -> (Vec<u8>, bool) {
    let mut stream = TcpStream::connect(link.address().trim_start_matches("http://")).unwrap();
    let mut writing = stream.try_clone().unwrap();
    let said = said.to_owned();
    let writer = thread::spawn(move || {
        let written = writing.write_all(&said);
        let _ = writing.shutdown(Shutdown::Write);
        written.is_ok()
    });
    let mut heard = Vec::new();
    let ended = stream.read_to_end(&mut heard).is_ok();
    (heard, writer.join().unwrap() && ended)
}

/// Compares without printing thousands of bytes.
fn assert_same(one: &[u8], other: &[u8]) {
    assert!(one == other, "{} bytes are not the {} expected", one.len(), other.len());
}

fn letters(count: usize) -> Vec<u8> {
    (b'a'..=b'z').cycle().take(count).collect()
}

#[test]
fn in_fair_weather_everything_passes_and_is_counted() {
    let (program, got) = echo();
    let link = BadLink::to(&program, Weather::FAIR, 1).unwrap();
    let said = letters(300_000);
    let (heard, ended_well) = say(&link, &said);
    assert!(ended_well);
    assert_same(&heard, &said);
    assert_same(&got.recv().unwrap(), &said);
    let expected = Counted {
        up: 300_000,
        down: 300_000,
        connections: 1,
        ..Counted::default()
    };
    assert_eq!(link.counted(), expected);
    link.reset();
    assert_eq!(link.counted().bytes(), 0);
}

#[test]
fn a_link_that_is_held_refuses_and_comes_back_at_the_same_address() {
    let (program, _got) = echo();
    let link = BadLink::to(&program, Weather::FAIR, 1).unwrap();
    let address = link.address();
    let mut open = TcpStream::connect(address.trim_start_matches("http://")).unwrap();
    open.write_all(b"a").unwrap();
    open.read_exact(&mut [0]).unwrap();
    link.hold(true);
    assert!(open.read_exact(&mut [0]).is_err(), "the open connection is over");
    assert!(TcpStream::connect(address.trim_start_matches("http://")).is_err());
    link.hold(false);
    assert_eq!(link.address(), address);
    assert_eq!(say(&link, b"back"), (b"back".to_vec(), true));
}

#[test]
fn a_link_that_is_down_for_no_longer_than_a_moment_has_reset_every_connection() {
    let (program, _got) = echo();
    let link = BadLink::to(&program, Weather::FAIR, 1).unwrap();
    let address = link.address();
    for moment in 0..50 {
        let mut open = [(); 5].map(|()| {
            let mut open = TcpStream::connect(address.trim_start_matches("http://")).unwrap();
            open.write_all(b"a").unwrap();
            open.read_exact(&mut [0]).unwrap();
            open.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            open
        });
        link.hold(true);
        link.hold(false);
        for open in &mut open {
            let error = open.read_exact(&mut [0]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ConnectionReset, "in moment {moment}");
        }
    }
}

#[test]
fn a_link_comes_back_although_processes_that_are_being_started_hold_its_port() {
    let (program, _got) = echo();
    let link = BadLink::to(&program, Weather::FAIR, 1).unwrap();
    thread::scope(|scope| {
        let starts = scope.spawn(|| {
            for _ in 0..500 {
                std::process::Command::new("true").status().unwrap();
            }
        });
        while !starts.is_finished() {
            link.hold(true);
            link.hold(false);
        }
    });
    assert_eq!(say(&link, b"back"), (b"back".to_vec(), true));
}

#[test]
fn a_cut_lets_so_many_bytes_arrive_and_not_one_more() {
    let (program, got) = echo();
    let link = BadLink::to(&program, Weather::cut(Cut::Up(10_000)), 1).unwrap();
    let said = letters(50_000);
    let (heard, ended_well) = say(&link, &said);
    assert!(!ended_well && heard.len() <= 10_000, "{} heard", heard.len());
    assert_same(&got.recv().unwrap(), &said[..10_000]);
    assert_eq!((link.counted().up, link.counted().resets), (10_000, 1));

    link.turn(Weather::cut(Cut::Down(7_000)));
    link.reset();
    let (heard, ended_well) = say(&link, &said);
    assert!(!ended_well);
    assert_same(&heard, &said[..7_000]);
    assert_eq!(link.counted().down, 7_000);

    link.turn(Weather::cut(Cut::Both(9_000)));
    link.reset();
    assert!(!say(&link, &said).1);
    assert_eq!(link.counted().bytes(), 9_000);
    assert_eq!(
        say(&link, b"short"),
        (b"short".to_vec(), true),
        "what stays below is whole"
    );
}

#[test]
fn lost_connections_are_lost_at_the_same_byte_with_the_same_seed() {
    let (program, _got) = echo();
    let weather = Weather {
        lost_every: Some(2_000),
        ..Weather::FAIR
    };
    let lost = |seed| {
        let link = BadLink::to(&program, weather, seed).unwrap();
        let mut lost = Vec::new();
        for _ in 0..5 {
            link.reset();
            say(&link, &letters(20_000));
            lost.push(link.counted().bytes());
        }
        lost
    };
    let at = lost(5);
    assert!(at.iter().all(|bytes| (1..4_000).contains(bytes)), "{at:?}");
    assert_eq!(lost(5), at);
    assert_ne!(lost(6), at);
}

#[test]
fn corrupted_bytes_are_others_in_the_number_that_was_counted() {
    let (program, got) = echo();
    let weather = Weather {
        corrupt_every: Some(1_000),
        ..Weather::FAIR
    };
    let link = BadLink::to(&program, weather, 3).unwrap();
    let said = letters(50_000);
    let (heard, ended_well) = say(&link, &said);
    assert!(ended_well && heard.len() == said.len());
    let got = got.recv().unwrap();
    let differ = |one: &[u8], other: &[u8]| one.iter().zip(other).filter(|(one, other)| one != other).count() as u64;
    let corrupted = link.counted().corrupted;
    assert!((60..160).contains(&corrupted), "{corrupted} of 100,000");
    assert_eq!(differ(&said, &got) + differ(&got, &heard), corrupted);
}

#[test]
fn a_repeated_connection_arrives_twice_and_answers_once() {
    let (program, got) = echo();
    let weather = Weather {
        repeated_percent: 100,
        ..Weather::FAIR
    };
    let link = BadLink::to(&program, weather, 2).unwrap();
    for round in 0..4 {
        let said = letters(5_000 + round);
        assert_same(&say(&link, &said).0, &said);
        assert_same(&got.recv().unwrap(), &said);
        assert_same(&got.recv().unwrap(), &said);
    }
    assert_eq!((link.counted().repeated, link.counted().connections), (4, 4));
}

#[test]
fn an_overtaken_connection_arrives_after_the_next() {
    let (program, got) = echo();
    let weather = Weather {
        overtaken_percent: 100,
        ..Weather::FAIR
    };
    let link = BadLink::to(&program, weather, 2).unwrap();
    let address = link.address();
    let mut first = TcpStream::connect(address.trim_start_matches("http://")).unwrap();
    first.write_all(b"first").unwrap();
    // It was accepted in this weather once it is counted; what is said from now on is not held back.
    while link.counted_so_far().overtaken == 0 {
        thread::yield_now();
    }
    link.turn(Weather::FAIR);
    assert_eq!(say(&link, b"second"), (b"second".to_vec(), true));
    first.shutdown(Shutdown::Write).unwrap();
    let mut heard = Vec::new();
    first.read_to_end(&mut heard).unwrap();
    assert_eq!(heard, b"first");
    assert_eq!(
        (got.recv().unwrap(), got.recv().unwrap()),
        (b"second".to_vec(), b"first".to_vec())
    );
}

#[test]
fn a_long_way_takes_its_time_and_a_slow_line_too() {
    let (program, _got) = echo();
    let took = |weather, said: &[u8]| {
        let link = BadLink::to(&program, weather, 2).unwrap();
        let begun = Instant::now();
        assert_same(&say(&link, said).0, said);
        begun.elapsed()
    };
    // One round trip for the handshake and one for the words; a window's worth of bytes takes no longer.
    let far = took(Weather::round_trip(200), &letters(100_000));
    assert!((400..800).contains(&far.as_millis()), "{far:?}");
    let weather = Weather {
        bytes_per_second: Some(20_000),
        ..Weather::FAIR
    };
    let slow = took(weather, &letters(10_000));
    assert!((500..1_500).contains(&slow.as_millis()), "{slow:?}");
}
