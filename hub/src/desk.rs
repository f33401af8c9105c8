//! The liaison's desk: every step that can be taken at the hub, one transaction each. Pages and commands both call this.

use std::sync::Arc;

use titian_domain::complaint::Complaint;
use titian_domain::completeness::Missing;
use titian_domain::deadline::StepDeadline;
use titian_domain::document::Stamp;
use titian_domain::id::{ComplaintId, EventId, Incarnation, TrackingId};
use titian_domain::refusal::Refusal;
use titian_domain::reporter::ReporterRecord;
use titian_domain::time::UnixMillis;
use titian_domain::vocabulary::Stage;
use titian_host::attachments::{AttachmentFiles, Holding};
use titian_host::audit::{self, Deed};
use titian_host::casebook::edit::EditError;
use titian_host::casebook::list::{Filter, Summary};
use titian_host::casebook::project::Rules;
use titian_host::clock::Clock;
use titian_host::people::Right;
use titian_host::store::StoreError;
use titian_sync::hub_keys::HubKeys;

use crate::lapor::export::{Export, ExportRow};
use crate::lapor::matching::Plan;
use crate::store::HubStore;
use crate::store::office::OfficeRow;
use crate::store::quarantine::{Aside, Which};

/// What the liaison's desk works with.
#[derive(Clone)]
pub struct Desk {
    /// The database.
    pub store: HubStore,
    /// The files of complaints.
    pub files: AttachmentFiles,
    /// The machine's clock.
    pub clock: Clock,
    /// How days are counted.
    pub rules: Arc<Rules>,
    /// This run of the program: fresh at every start, never reused.
    pub incarnation: Incarnation,
}

/// Why a step was not taken. Nothing of it was written.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The procedure does not allow it; the refusal says what to do.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is no such complaint at the hub.
    #[error("there is no such complaint at the hub")]
    NotFound,
    /// The name means several complaints.
    #[error("{} complaints have this number: {}", .0.len(), .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    Ambiguous(Vec<ComplaintId>),
    /// Another complaint has this Tracking ID.
    #[error("complaint {register} has this Tracking ID already; check the number in LAPOR")]
    TrackingIdTaken {
        /// The register number of the one that has it.
        register: String,
    },
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
}

impl From<EditError> for DeskError {
    fn from(error: EditError) -> Self {
        match error {
            EditError::Refused(refusal) => Self::Refused(refusal),
            EditError::NotFound => Self::NotFound,
            EditError::Store(error) => Self::Store(error),
        }
    }
}

impl From<rusqlite::Error> for DeskError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// A step at the hub.
#[derive(Clone, Debug)]
pub enum Step {
    /// Take the complaint.
    Accept,
    /// Give it back to the office.
    GiveBack {
        /// What is missing.
        missing: Vec<Missing>,
        /// In the liaison's own words.
        reason: String,
    },
    /// Note the Tracking ID that LAPOR gave, or correct it.
    Enter {
        /// The number.
        tracking_id: TrackingId,
    },
    /// Note the disposition by hand, where no export is at hand.
    Dispose {
        /// The institution.
        institution: String,
    },
    /// Close it.
    Close {
        /// Why.
        reason: String,
    },
}

impl Step {
    /// Says what one has to be allowed to take it.
    pub fn right(&self) -> Right {
        match self {
            Self::Enter { .. } => Right::Enter,
            Self::Accept | Self::GiveBack { .. } | Self::Dispose { .. } | Self::Close { .. } => Right::Accept,
        }
    }

    /// Names it, for the audit log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::GiveBack { .. } => "return",
            Self::Enter { .. } => "enter",
            Self::Dispose { .. } => "dispose",
            Self::Close { .. } => "close",
        }
    }
}

/// A complaint with everything that its page shows.
pub struct Shown {
    /// What the case file says.
    pub complaint: Complaint,
    /// Who brings it, if anybody is named and the record is here.
    pub reporter: Option<ReporterRecord>,
    /// The procedure's steps with their deadlines.
    pub steps: Vec<StepDeadline>,
    /// Its files, each with how much of it has arrived.
    pub files: Vec<Holding>,
    /// Why changes could not be merged; empty as a rule.
    pub unmerged: usize,
}

/// What an import of LAPOR's export did, or would do.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Imported {
    /// Complaints that changed.
    pub updated: usize,
    /// Rows that say what is known already.
    pub unchanged: usize,
    /// The plan in detail.
    pub plan: Plan,
}

impl Desk {
    /// Gives the keys by which gateways know this hub; the first one is made at first use. They are read anew each time, for a
    /// command of another process may have changed them.
    pub async fn keys(&self) -> Result<HubKeys, StoreError> {
        self.store.keys(self.clock.random()).await
    }

    /// Makes the stamp of an edit. The hub's clock is the one that the others are measured by.
    pub fn stamp(&self, staff: &str) -> Stamp {
        let at = self.clock.now();
        let event = EventId::new(at, self.clock.random());
        Stamp {
            at,
            trusted: true,
            staff: staff.to_owned(),
            event,
            incarnation: self.incarnation,
        }
    }

    /// Takes a step with a complaint. `false` means that there was nothing to write.
    pub async fn step(&self, staff: &str, id: ComplaintId, step: Step) -> Result<bool, DeskError> {
        let name = step.name();
        let taken = self.store.step(self.rules.clone(), self.stamp(staff), id, step).await;
        if matches!(taken, Err(DeskError::Refused(_) | DeskError::TrackingIdTaken { .. })) {
            let who = (staff, Deed::Refused);
            audit::note_alone(self.store.door(), &self.clock, who, Some(id), name).await?;
        }
        taken
    }

    /// Shows one complaint.
    pub async fn show(&self, id: ComplaintId) -> Result<Shown, DeskError> {
        self.store.show(self.rules.clone(), self.files.clone(), id).await
    }

    /// Lists complaints, newest first.
    pub async fn list(&self, filter: Filter) -> Result<Vec<Summary>, DeskError> {
        self.store.list(filter).await
    }

    /// Counts complaints by stage.
    pub async fn counts(&self) -> Result<Vec<(Stage, u64)>, DeskError> {
        self.store.counts().await
    }

    /// Finds a complaint by its id, register number or Tracking ID.
    pub async fn find(&self, name: &str) -> Result<ComplaintId, DeskError> {
        self.store.find(name).await
    }

    /// Tells what an export would change.
    pub async fn plan_import(&self, export: &Export) -> Result<Plan, DeskError> {
        self.store.plan_import(export.rows.clone()).await
    }

    /// Takes over what an export says; what the procedure refuses is told, and holds up nothing else.
    pub async fn import(&self, staff: &str, export: &Export) -> Result<Imported, DeskError> {
        let rows: Vec<ExportRow> = export.rows.clone();
        let (at, clock) = (self.stamp(staff), self.clock.clone());
        let stamps = move || Stamp {
            event: EventId::new(at.at, clock.random()),
            ..at.clone()
        };
        self.store.import(self.rules.clone(), stamps, rows).await
    }

    /// Lists the offices with their gateways.
    pub async fn offices(&self) -> Result<Vec<OfficeRow>, DeskError> {
        Ok(self.store.offices().await?)
    }

    /// Lists what was put aside.
    pub async fn aside(&self) -> Result<Vec<Aside>, DeskError> {
        Ok(self.store.aside(Which::default()).await?)
    }

    /// Tells the time by the hub's clock.
    pub fn now(&self) -> UnixMillis {
        self.clock.now()
    }
}
