//! A look at who brings a complaint: asked for with a reason, judged, and noted before it is given.

use titian_domain::complaint::Complaint;

use crate::audit::{self, Deed, Reveal};
use crate::cli::{Exit, Failure, Work};
use crate::clock::Clock;
use crate::people::{Acting, By, Right, Rights, SignedIn};
use crate::store::{Store, StoreError};
use crate::web::Kit;

/// Tells whether somebody with these rights may look at who brings a complaint: while that is restricted (article 11), only who answers
/// citizens' requests may.
pub fn may_look(complaint: &Complaint, rights: Rights) -> bool {
    rights.has(Right::Subject) || !complaint.is_restricted()
}

/// Somebody wants to see who brings a complaint: tells whether they may. It is noted with the reason before they see it; that they may
/// not is noted too.
///
/// # Errors
/// When the database fails; then nothing is to be shown.
pub async fn look(kit: &Kit, complaint: &Complaint, person: &SignedIn, why: Reveal) -> Result<bool, StoreError> {
    judge((&kit.store, &kit.clock), complaint, (&person.name, person.rights), why).await
}

async fn judge(
    (store, clock): (&Store, &Clock),
    complaint: &Complaint,
    (who, rights): (&str, Rights),
    why: Reveal,
) -> Result<bool, StoreError> {
    let may = may_look(complaint, rights);
    let deed = if may { Deed::IdentityShown } else { Deed::LookRefused };
    audit::note_alone(store, clock, (who, deed), Some(complaint.id), why.code()).await?;
    Ok(may)
}

/// Whether a command shows who brings a complaint, and to whom.
#[derive(Debug, clap::Args)]
pub struct LookArgs {
    /// Show the reporter instead of initials and last digits, and why that is needed: check, contact, request, transcribe or amend; the
    /// audit log keeps it
    #[arg(long, value_name = "WHY")]
    reveal: Option<Reveal>,
    /// Who does it
    #[command(flatten)]
    by: By,
}

/// Somebody who may look at complaints, and at who brings them if they said why.
pub struct Looker {
    why: Option<Reveal>,
    who: Acting,
}

impl LookArgs {
    /// Tells who looks, if their roles allow it: asked before anything is looked up.
    ///
    /// # Errors
    /// When there is no open account of that name, or its roles do not allow this.
    pub async fn looker(&self, work: &Work<'_>) -> Result<Looker, Failure> {
        let right = self.reveal.map_or(Right::Read, |_| Right::Reveal);
        let who = self.by.acting(work.store, work.roles, right).await?;
        Ok(Looker { why: self.reveal, who })
    }
}

impl Looker {
    /// Tells whether who brings a complaint is to be shown; where it is, and where it was refused, that stands in the audit log already.
    ///
    /// # Errors
    /// When it is restricted, or could not be noted; then nothing is to be shown.
    pub async fn sees(&self, work: &Work<'_>, complaint: &Complaint) -> Result<bool, Failure> {
        let Some(why) = self.why else { return Ok(false) };
        let who = (self.who.name.as_str(), self.who.rights);
        if !judge((work.store, work.clock), complaint, who, why).await? {
            return Err(Failure::with_exit(
                Exit::Conflict,
                "--reveal: who brought this complaint is restricted",
                "have it done by somebody who may answer citizens' requests too, with --staff; or leave --reveal out",
            ));
        }
        Ok(true)
    }
}
