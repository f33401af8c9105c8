//! How the hub answers citizens who ask about their own data: by its handlings. The texts that offices set stay with them.

use std::sync::Arc;

use titian_domain::casefile::Place;
use titian_domain::notice::Notice;
use titian_host::subject::Side;

use crate::desk::Desk;

/// Gives what the host needs of this program.
pub fn side(desk: &Desk) -> Side {
    let stamping = desk.clone();
    Side {
        rules: Arc::clone(&desk.rules),
        notice_of: |_, version| Ok(version.is_standard().then(Notice::standard)),
        place: Place::Hub,
        stamp: Arc::new(move |_, staff| Ok(stamping.stamp(staff))),
    }
}
