//! A look at who brings a complaint: asked for with a reason, judged, and noted before it is given.

use titian_domain::complaint::Complaint;

use crate::audit::{self, Deed, Reveal};
use crate::cli::{Exit, Failure, Work};
use crate::people::{Acting, By, Right, Rights};

/// Tells whether somebody with these rights may look at who brings a complaint: while that is restricted (article 11), only who answers
/// citizens' requests may.
pub fn may_look(complaint: &Complaint, rights: Rights) -> bool {
    rights.has(Right::Subject) || !complaint.is_restricted()
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
    /// Tells whether who brings a complaint is to be shown; where it is, that stands in the audit log already.
    ///
    /// # Errors
    /// When it is restricted, or could not be noted; then nothing is to be shown.
    pub async fn sees(&self, work: &Work<'_>, complaint: &Complaint) -> Result<bool, Failure> {
        let Some(why) = self.why else { return Ok(false) };
        if !may_look(complaint, self.who.rights) {
            return Err(Failure::with_exit(
                Exit::Conflict,
                "--reveal: who brought this complaint is restricted",
                "have it done by somebody who may answer citizens' requests too, with --staff; or leave --reveal out",
            ));
        }
        let who = (self.who.name.as_str(), Deed::IdentityShown);
        audit::note_alone(work.store, work.clock, who, Some(complaint.id), why.code()).await?;
        Ok(true)
    }
}
