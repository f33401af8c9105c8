//! What an exchange costs, in bytes and requests: the benchmark's rows with few complaints, held to what they were.

use titian_tests::benchmark::rows::{self, Row};
use titian_tests::benchmark::titian::Titian;

use crate::stage;

/// So many complaints are quick in a debug build, and show what a thousand do.
const COMPLAINTS: u64 = 250;

#[test]
fn an_exchange_costs_no_more_bytes_and_requests_than_it_did() {
    let titian = Titian {
        binaries: stage::binaries(),
        optimised: false,
    };
    let costs = rows::live(&titian, COMPLAINTS, 0, 1).unwrap();
    // A little above what was measured: numbers that are drawn differ by some bytes from run to run.
    for (row, bytes_max) in [
        (Row::Nothing, 330),
        (Row::Up, 1_050),
        (Row::Down, 1_260),
        (Row::First, 129_500),
    ] {
        let cost = costs[&row];
        assert!(cost.bytes <= bytes_max, "{}: {cost:?}", row.name());
        assert_eq!((cost.requests, cost.connections), (1, 1), "{}: {cost:?}", row.name());
    }
}

#[test]
fn tls_costs_no_more_than_a_handshake_and_nothing_but_records_on_a_kept_connection() {
    let titian = Titian {
        binaries: stage::binaries(),
        optimised: false,
    };
    let costs = rows::secured(&titian, COMPLAINTS).unwrap();
    let bare = costs.rows[&Row::Nothing].bytes;
    assert!(bare <= 1_100, "a full handshake: {bare} bytes");
    assert!(costs.resumed < bare, "a session that goes on: {costs:?}");
    assert!(costs.kept <= 420, "a kept connection: {costs:?}");
}
