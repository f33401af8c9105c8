//! How many connections come on which line: one shall not shut all others out.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::line::line_of;

/// The connections that are open, counted by where they come from.
#[derive(Clone)]
pub(super) struct Crowd {
    each_max: usize,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A connection's place in the crowd, until it is dropped.
pub(super) struct Place {
    crowd: Crowd,
    from: Option<IpAddr>,
}

impl Crowd {
    /// Lets so many in on each line.
    pub fn new(each_max: usize) -> Self {
        Self {
            each_max,
            open: Arc::default(),
        }
    }

    /// Lets a connection in; none where its line has as many as it may.
    pub fn admit(&self, from: IpAddr) -> Option<Place> {
        let from = line_of(from);
        if let Some(from) = from {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            let count = open.entry(from).or_default();
            if *count >= self.each_max {
                return None;
            }
            *count += 1;
        }
        Some(Place {
            crowd: self.clone(),
            from,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(from) = self.from else { return };
        let mut open = self.crowd.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&from) {
            *count -= 1;
            if *count == 0 {
                open.remove(&from);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_gets_its_share_and_no_more() {
        let crowd = Crowd::new(2);
        let admit = |from: &str| crowd.admit(from.parse().unwrap());
        let (first, second) = (admit("10.0.0.7"), admit("::ffff:10.0.0.7"));
        assert!(first.is_some() && second.is_some() && admit("10.0.0.7").is_none());
        assert!(admit("10.0.0.8").is_some(), "another one is not held up");
        drop(first);
        assert!(admit("10.0.0.7").is_some(), "a place that came free is given again");
        drop(second);
        assert!(crowd.open.lock().unwrap().is_empty(), "who has gone is forgotten");

        let _lines = [admit("2001:db8::1").unwrap(), admit("2001:db8::2").unwrap()];
        assert!(admit("2001:db8::3").is_none() && admit("2001:db8:0:1::3").is_some());
        let proxied: Vec<_> = ["127.0.0.1", "::1"]
            .iter()
            .cycle()
            .take(8)
            .map(|here| admit(here))
            .collect();
        assert!(proxied.iter().all(Option::is_some));
    }
}
