//! How this office answers citizens who ask about their own data: by its intakes, and with the texts that it keeps.

use std::sync::Arc;

use titian_domain::casefile::Place;
use titian_host::casebook::edit::EditError;
use titian_host::subject::Side;

use super::{device, notice};
use crate::desk::Desk;

/// Gives what the host needs of this program.
pub fn side(desk: &Desk) -> Side {
    let stamping = desk.clone();
    Side {
        rules: Arc::clone(&desk.rules),
        notice_of: notice::of_version,
        place: Place::Office,
        stamp: Arc::new(move |tx, staff| {
            let device = device::read(tx)?.ok_or(EditError::NotFound)?;
            Ok(stamping.stamp(staff, device.clock_is_trusted(&stamping.clock)))
        }),
    }
}
