//! `enrol CODE`: join the hub.

use titian_host::casebook::pieces::PieceError;
use titian_host::cli::{Exit, Failure, Table};
use titian_host::store::StoreError;

use super::Context;
use crate::uplink::{CodeTrouble, UplinkError};

/// `enrol CODE`
#[derive(clap::Args)]
pub struct Args {
    /// The one-time code, as it stands on the paper; blanks, hyphens and lower case do not matter
    code: String,
}

/// Runs `enrol`.
pub async fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let uplink = context.uplink()?;
    let enrolled = uplink.enrol(&args.code).await?;
    context.output.show(&enrolled, |enrolled| {
        let hub = if enrolled.confirmed {
            "confirmed"
        } else {
            "not reached yet; confirmed at the first contact"
        };
        Table::new(["office", "letter", "hub"]).row([enrolled.office.as_str(), enrolled.letter.as_str(), hub])
    })?;
    Ok(Exit::Ok)
}

impl From<UplinkError> for Failure {
    fn from(error: UplinkError) -> Self {
        let what = error.to_string();
        match error {
            UplinkError::NotEnrolled => Self::with_exit(
                Exit::Conflict,
                what,
                "ask the administrator for a code and type `titian-gateway enrol CODE`",
            ),
            UplinkError::Unreachable(_) | UplinkError::NotAHub { .. } => Self::with_exit(
                Exit::Unreachable,
                what,
                "check the link; everything is saved here and goes out at the next exchange",
            ),
            UplinkError::HubInTrouble => Self::with_exit(
                Exit::Unreachable,
                what,
                "try again later; if it lasts, the administrator of the hub has to look at its disk and its log",
            ),
            UplinkError::OtherKey => Self::with_exit(
                Exit::Unreachable,
                what,
                "nothing was sent and nothing is lost; ask the administrator for a new code, compare the hub's address, and ask \
                 whether this network opens encrypted connections",
            ),
            UplinkError::NotSecured(_) => Self::with_exit(
                Exit::Unreachable,
                what,
                "nothing was sent; compare the hub's address with the administrator, and ask whether this network opens \
                 encrypted connections",
            ),
            UplinkError::PlainHttp(_) => Self::with_exit(
                Exit::Conflict,
                what,
                "nothing was sent; ask the administrator for a code whose address begins with https, or set \
                 sync.plain_http where the way is protected otherwise, as by a VPN",
            ),
            UplinkError::Exchange(_) => Self::with_exit(
                Exit::Unreachable,
                what,
                "try again; what was acknowledged is not sent twice",
            ),
            UplinkError::Code(CodeTrouble::Unreadable(_)) => {
                Self::user(what, "nothing was changed; type the code again")
            }
            UplinkError::Code(_) => Self::with_exit(
                Exit::Refused,
                what,
                "nothing was changed; ask the administrator for a new code",
            ),
            UplinkError::Refused(_) => Self::with_exit(
                Exit::Refused,
                what,
                "tell the administrator of the hub; nothing here is lost",
            ),
            UplinkError::HubKey => Self::with_exit(Exit::Failed, what, "enrol this gateway anew; nothing here is lost"),
            UplinkError::Store(error) => error.into(),
            UplinkError::Setup(error) => Self::Internal(error),
            UplinkError::Piece(PieceError::File(error)) => {
                Self::with_exit(Exit::Failed, error.to_string(), error.next_step())
            }
            UplinkError::Piece(PieceError::Database(error)) => StoreError::from(error).into(),
        }
    }
}
