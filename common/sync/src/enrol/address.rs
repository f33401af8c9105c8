//! Where a hub is, as far as it matters who can read along on the way there.

use std::net::IpAddr;

/// Tells whether what goes to this address leaves the machine unencrypted: plain HTTP, and not to the machine itself.
pub fn leaves_in_the_clear(address: &str) -> bool {
    let Some(rest) = address.strip_prefix("http://") else {
        return false;
    };
    let authority = rest.split('/').next().unwrap_or_default();
    let host = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, _)) => host,
        None => authority.split(':').next().unwrap_or_default(),
    };
    let is_here = host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    !is_here
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_may_be_spoken_to_in_the_clear() {
        for safe in [
            "https://hub.tanahlaut.example:8320",
            "http://127.0.0.1:8320",
            "http://127.8.9.1",
            "http://localhost:8320",
            "http://[::1]:8320",
        ] {
            assert!(!leaves_in_the_clear(safe), "{safe}");
        }
        for open in [
            "http://hub.tanahlaut.example:8320",
            "http://192.168.1.4:8320",
            "http://[fe80::1]:8320",
            "http://127.0.0.1.example:8320",
            "http://localhost.example",
            "http://127.0.0.1@evil.example",
        ] {
            assert!(leaves_in_the_clear(open), "{open}");
        }
    }
}
