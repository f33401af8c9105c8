//! The line on which somebody comes, as far as an address tells: what counts by address counts by this.

use std::net::{IpAddr, Ipv6Addr};

/// An IPv6 network gives each line a /64, and its machines choose the rest themselves.
const IPV6_LINE_BITS: u32 = 64;

/// Gives the part of an address that whoever has it cannot choose. None for this machine itself: who sits there shares it with
/// everybody, and behind a proxy all come from there.
pub(crate) fn line_of(address: IpAddr) -> Option<IpAddr> {
    let line = match address.to_canonical() {
        IpAddr::V6(address) if !address.is_loopback() => {
            Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << (128 - IPV6_LINE_BITS))).into()
        }
        other => other,
    };
    Some(line).filter(|line| !line.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_known_by_what_its_machines_cannot_choose() {
        let line = |address: &str| line_of(address.parse().unwrap());
        assert_eq!(line("2001:db8:1:2:aaaa::1"), line("2001:db8:1:2:bbbb::9"));
        assert_ne!(line("2001:db8:1:2::1"), line("2001:db8:1:3::1"));
        assert_ne!(line("203.0.113.9"), line("203.0.113.10"));
        assert_eq!(line("203.0.113.9"), line("::ffff:203.0.113.9"));
        for here in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(line(here), None, "{here}");
        }
    }
}
