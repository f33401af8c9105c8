//! What a part that was taken proves: how far its sender's log is held now, and what its sender holds of the own log.
//!
//! Parts come late, twice, in any order, and between exchanges over HTTP. So a place moves only where the part starts at
//! a place up to which everything was once held, and an acknowledgement goes back only where nothing newer was heard.

use crate::chain::{Cursor, Mark};

/// What a frame does to the place up to which its sender's log is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Everything is held up to the frame's end now.
    Moved,
    /// More than that was held already.
    Behind,
    /// Something before the part has not come yet. Its items are taken; the place moves when what is missing comes.
    Ahead,
}

/// Judges a frame. `start_is_held` says that everything before its part is known to have been held once: the part starts
/// at the start of the log, or at a place that was once reached.
///
/// `began_anew`: the sender says, later than anything else that was heard of it, that its log is no longer the one in
/// which the place was; then the place may go back too.
pub fn progress(reached: Cursor, start_is_held: bool, end: Cursor, began_anew: bool) -> Progress {
    if !start_is_held {
        Progress::Ahead
    } else if end.position > reached.position || began_anew && end != reached {
        Progress::Moved
    } else {
        Progress::Behind
    }
}

/// What a head says of the own log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acknowledged {
    /// The other side holds the own log up to here; until now another place was known.
    Moves(Cursor),
    /// Nothing new: that place, or an older word than what was heard since.
    Stays,
    /// A place that the own log does not have: one of the two was restored or copied. Nothing is believed of it.
    Foreign,
}

/// Judges the acknowledgement in a head. `own` is the cursor of the own log at that position; `newest` says that the
/// other side was not heard of since. Only the newest word may take an acknowledgement back.
pub fn acknowledged(acked: Cursor, said: Mark, own: Option<Cursor>, newest: bool) -> Acknowledged {
    let place = if said.position == 0 {
        Some(Cursor::START)
    } else {
        own.filter(|own| own.mark() == said)
    };
    match place {
        None => Acknowledged::Foreign,
        Some(place) if place.mark() == acked.mark() => Acknowledged::Stays,
        Some(place) if place.position > acked.position || newest => Acknowledged::Moves(place),
        Some(_) => Acknowledged::Stays,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::RunningHash;

    fn at(position: u64, branch: u8) -> Cursor {
        Cursor {
            position,
            hash: RunningHash([branch; 16]),
        }
    }

    #[test]
    fn a_place_moves_on_from_what_is_held_and_never_back() {
        assert_eq!(progress(at(5, 1), true, at(9, 1), false), Progress::Moved);
        assert_eq!(progress(at(9, 1), true, at(9, 1), false), Progress::Behind);
        assert_eq!(progress(at(9, 1), true, at(5, 1), false), Progress::Behind);
        assert_eq!(progress(at(5, 1), false, at(9, 1), false), Progress::Ahead);
        // The hub was restored: its log is another one, and shorter.
        assert_eq!(progress(at(9, 1), true, at(5, 2), true), Progress::Moved);
        assert_eq!(progress(at(5, 2), true, at(5, 2), true), Progress::Behind);
    }

    #[test]
    fn an_acknowledgement_has_to_name_a_place_of_the_own_log_and_goes_back_by_the_newest_word_only() {
        let said = |cursor: Cursor| cursor.mark();
        let judge = |said, own, newest| acknowledged(at(5, 1), said, own, newest);
        assert_eq!(
            judge(said(at(9, 1)), Some(at(9, 1)), false),
            Acknowledged::Moves(at(9, 1))
        );
        assert_eq!(judge(said(at(9, 1)), Some(at(9, 2)), true), Acknowledged::Foreign);
        assert_eq!(judge(said(at(9, 1)), None, true), Acknowledged::Foreign);
        assert_eq!(judge(said(at(3, 1)), Some(at(3, 1)), false), Acknowledged::Stays);
        assert_eq!(
            judge(said(at(3, 1)), Some(at(3, 1)), true),
            Acknowledged::Moves(at(3, 1))
        );
        assert_eq!(judge(said(at(5, 1)), Some(at(5, 1)), true), Acknowledged::Stays);
        assert_eq!(
            judge(said(Cursor::START), None, true),
            Acknowledged::Moves(Cursor::START)
        );
    }
}
