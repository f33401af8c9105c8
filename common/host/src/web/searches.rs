//! What people search for: kept here under a number, for it may be a citizen's name, and an address stays in the browser of a
//! shared PC, in bookmarks and in the logs of proxies.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use data_encoding::BASE32_NOPAD;

use crate::clock::Clock;

/// A working day of searches of a whole office; the oldest is forgotten first.
const KEPT_MAX: usize = 1_000;

/// Longer than any title that one would type; what is behind it is not searched for.
const LETTERS_MAX: usize = 200;

/// The searches of a program, until it stops. No `Debug`: they name people.
#[derive(Clone, Default)]
pub struct Searches(Arc<Mutex<VecDeque<Search>>>);

struct Search {
    number: String,
    who: String,
    text: String,
}

impl Searches {
    /// Keeps what somebody searches for, and gives the number under which it stands in the address.
    pub fn keep(&self, clock: &Clock, who: &str, text: &str) -> String {
        let number = BASE32_NOPAD.encode(&clock.random::<5>());
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            kept.pop_front();
        }
        kept.push_back(Search {
            number: number.clone(),
            who: who.to_owned(),
            text: text.chars().take(LETTERS_MAX).collect(),
        });
        number
    }

    /// Gives what this person searched for under a number; none where it is forgotten, or somebody else's.
    pub fn recall(&self, who: &str, number: &str) -> Option<String> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let search = kept.iter().find(|search| search.number == number && search.who == who);
        search.map(|search| search.text.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_recalled_by_who_made_it_until_it_is_old() {
        let (searches, clock) = (Searches::default(), Clock::system());
        let number = searches.keep(&clock, "siti", "nama warga");
        assert_eq!(searches.recall("siti", &number).as_deref(), Some("nama warga"));
        assert!(searches.recall("rusdi", &number).is_none());
        assert!(searches.recall("siti", "AAAAAAAA").is_none());
        for _ in 0..KEPT_MAX {
            searches.keep(&clock, "rusdi", "lampu");
        }
        assert!(searches.recall("siti", &number).is_none());
        assert_eq!(searches.0.lock().unwrap().len(), KEPT_MAX);
    }
}
