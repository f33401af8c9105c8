//! The office's desk: every step that a staff member can take, one transaction each. Pages and commands both call this.

use std::sync::Arc;

use serde::Serialize;
use titian_domain::attachment::{AttachedFile, AttachmentHash};
use titian_domain::complaint::Complaint;
use titian_domain::deadline::{self, StepDeadline};
use titian_domain::document::{Heads, Stamp};
use titian_domain::id::{ComplaintId, EventId, Incarnation, RegisterNumber};
use titian_domain::notice::{Notice, NoticeVersion};
use titian_domain::particulars::{Field, Particulars, Value};
use titian_domain::refusal::Refusal;
use titian_domain::reporter::ReporterRecord;
use titian_domain::time::UnixMillis;
use titian_domain::vocabulary::{OfficeOutcome, Stage};
use titian_host::attachments::{AttachmentFiles, FileError, Holding};
use titian_host::audit::{self, Deed, Entry};
use titian_host::casebook::attachment::{self, FileState};
use titian_host::casebook::edit::{self, EditError};
use titian_host::casebook::list::{self, Filter, Summary};
use titian_host::casebook::project::{self, Rules};
use titian_host::casebook::refused::{self, Refused};
use titian_host::clock::Clock;
use titian_host::people::Right;
use titian_host::store::{Store, StoreError};
use titian_sync::item::ItemKind;

use crate::store::attachments::{self, AtHub, WaitingFile, WaitingTotals};
use crate::store::notice::{self, Chosen};
use crate::store::{device, register};

/// What the office's desk works with.
#[derive(Clone)]
pub struct Desk {
    /// The database.
    pub store: Store,
    /// The files of complaints.
    pub files: AttachmentFiles,
    /// The machine's clock.
    pub clock: Clock,
    /// How days are counted.
    pub rules: Arc<Rules>,
    /// This run of the program: fresh at every start, never reused.
    pub incarnation: Incarnation,
    /// Whether a complaint is verified by somebody else than who put it on record.
    pub verified_by_another: bool,
}

/// Why a step was not taken. Nothing of it was written.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The procedure does not allow it; the refusal says what to do.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is no such complaint at this office.
    #[error("there is no such complaint at this office")]
    NotFound,
    /// The name means several complaints.
    #[error("{} complaints have this number: {}", .0.len(), .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    Ambiguous(Vec<ComplaintId>),
    /// The gateway does not know yet which office it stands in.
    #[error("this gateway is not enrolled yet")]
    NotEnrolled,
    /// A file could not be kept or read.
    #[error(transparent)]
    File(#[from] FileError),
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

/// A complaint that was just put on record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recorded {
    /// Its identity.
    pub id: ComplaintId,
    /// The number for the citizen.
    pub register: RegisterNumber,
}

/// What a form sends: the particulars, and who brings the complaint.
///
/// No `Debug`: it holds an identity.
#[derive(Clone)]
pub struct Sheet {
    /// What the complaint says; `reporter` is set from the record below.
    pub particulars: Particulars,
    /// Who brings it; a blank record means that nobody is named.
    pub reporter: ReporterRecord,
}

/// A step at the office.
#[derive(Clone)]
pub enum Step {
    /// Change what the sheet says.
    Amend {
        /// What the writer looked at.
        base: Heads,
        /// The sheet as the writer left it.
        sheet: Box<Sheet>,
    },
    /// Choose between values that stand against each other.
    Settle {
        /// The field.
        field: Field,
        /// The value that holds.
        chosen: Value,
    },
    /// Declare the substance clear.
    Verify,
    /// Hand it to the liaison.
    Forward,
    /// Ask the complainant.
    Ask {
        /// What was asked.
        question: String,
    },
    /// Note what the complainant answered.
    Answered {
        /// What came of it.
        note: String,
    },
    /// Note something.
    Note {
        /// What.
        note: String,
    },
    /// Attach a file that was taken.
    Attach {
        /// Which one.
        file: AttachedFile,
    },
    /// Take a file away again.
    Detach {
        /// Which one.
        hash: AttachmentHash,
    },
    /// Close it without handing it on.
    Close {
        /// Why.
        outcome: OfficeOutcome,
        /// To whom it was referred, which number it doubles.
        note: String,
    },
}

impl Step {
    /// Says what one has to be allowed to take it. Closing ends what would otherwise be handed on.
    pub fn right(&self) -> Right {
        match self {
            Self::Amend { .. } | Self::Settle { .. } | Self::Attach { .. } | Self::Detach { .. } => Right::Record,
            Self::Verify => Right::Verify,
            Self::Forward | Self::Close { .. } => Right::Forward,
            Self::Ask { .. } | Self::Answered { .. } | Self::Note { .. } => Right::Note,
        }
    }

    /// Names it, for the audit log.
    fn name(&self) -> &'static str {
        match self {
            Self::Amend { .. } => "amend",
            Self::Settle { .. } => "settle",
            Self::Verify => "verify",
            Self::Forward => "forward",
            Self::Ask { .. } => "ask",
            Self::Answered { .. } => "answered",
            Self::Note { .. } => "note",
            Self::Attach { .. } => "attach",
            Self::Detach { .. } => "detach",
            Self::Close { .. } => "close",
        }
    }
}

/// How far a complaint has come, as messengers show it with ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Durable on this machine.
    Saved,
    /// The hub keeps some of it aside; it is whole on this machine.
    Refused,
    /// The hub confirmed exactly the state that this machine holds.
    AtHub,
    /// The liaison took it.
    Accepted,
    /// It is in LAPOR.
    InLapor,
}

impl Delivery {
    /// Gives the word that the command line uses.
    pub fn code(self) -> &'static str {
        match self {
            Self::Saved => "saved",
            Self::Refused => "refused",
            Self::AtHub => "at_hub",
            Self::Accepted => "accepted",
            Self::InLapor => "in_lapor",
        }
    }
}

/// A complaint with everything that its page shows.
pub struct Shown {
    /// What the case file says.
    pub complaint: Complaint,
    /// What a later edit is based on.
    pub heads: Heads,
    /// Who brings it, if anybody is named and the record is here.
    pub reporter: Option<ReporterRecord>,
    /// What is missing before it can be verified.
    pub missing: Vec<titian_domain::completeness::Missing>,
    /// The procedure's steps with their deadlines.
    pub steps: Vec<StepDeadline>,
    /// How far its texts have come.
    pub delivery: Delivery,
    /// Its files, each with how much of it is here and at the hub.
    pub files: Vec<(Holding, AtHub)>,
    /// Why changes could not be merged; empty as a rule.
    pub unmerged: usize,
    /// What the hub keeps aside of it; nothing as a rule.
    pub refused: Option<Refused>,
}

impl Desk {
    /// Makes the stamp of an edit: who, when, and fresh identities.
    pub fn stamp(&self, staff: &str, trusted: bool) -> Stamp {
        let at = self.clock.now();
        let event = EventId::new(at, self.clock.random());
        Stamp {
            at,
            trusted,
            staff: staff.to_owned(),
            event,
            incarnation: self.incarnation,
        }
    }

    /// Puts a complaint on record and gives its number.
    pub async fn record(&self, staff: &str, sheet: Sheet) -> Result<Recorded, DeskError> {
        let id = ComplaintId::new(self.clock.now(), self.clock.random());
        let recorded = self.record_as(staff, id, sheet).await?;
        Ok(recorded.unwrap_or_else(|| unreachable!("a fresh random id names no complaint yet")))
    }

    /// Puts a complaint on record under a given id, and under what citizens are told now; `None` if it is on record already.
    pub async fn record_as(&self, staff: &str, id: ComplaintId, sheet: Sheet) -> Result<Option<Recorded>, DeskError> {
        self.put_on_record(staff, (id, true), sheet).await
    }

    /// Puts a complaint of an older register on record; `None` if it is on record already (an import that ran before). What
    /// its reporter was told when it came, nobody knows: nothing is claimed.
    pub async fn take_over(&self, staff: &str, id: ComplaintId, sheet: Sheet) -> Result<Option<Recorded>, DeskError> {
        self.put_on_record(staff, (id, false), sheet).await
    }

    async fn put_on_record(
        &self,
        staff: &str,
        (id, told): (ComplaintId, bool),
        sheet: Sheet,
    ) -> Result<Option<Recorded>, DeskError> {
        let (staff, rules, desk, salt) = (staff.to_owned(), self.rules.clone(), self.clone(), self.clock.random());
        self.store
            .write(move |tx| {
                if list::summary(tx, id)?.is_some() {
                    return Ok(None);
                }
                let device = device::read(tx)?.ok_or(DeskError::NotEnrolled)?;
                let by = desk.stamp(&staff, device.clock_is_trusted(&desk.clock));
                let Sheet {
                    mut particulars,
                    reporter,
                } = sheet.clone();
                particulars.reporter = if reporter.is_blank() {
                    None
                } else {
                    Some(edit::keep_reporter(tx, (&device.office, id), &reporter.salted(salt))?)
                };
                let register = register::next(
                    tx,
                    &device,
                    device.best_time(desk.clock.steady()).local(rules.procedure.zone),
                )?;
                let notice = told.then(|| notice::keep_in_force(tx)).transpose()?;
                edit::record(tx, &rules, (id, &register), &particulars, notice.as_ref(), &by)?;
                Ok(Some(Recorded { id, register }))
            })
            .await
    }

    /// Takes a step with a complaint. `false` means that there was nothing to write.
    pub async fn step(&self, staff: &str, id: ComplaintId, step: Step) -> Result<bool, DeskError> {
        let (who, name) = (staff, step.name());
        let (staff, rules, desk, salt) = (staff.to_owned(), self.rules.clone(), self.clone(), self.clock.random());
        let taken = self
            .store
            .write(move |tx| {
                let device = device::read(tx)?.ok_or(DeskError::NotEnrolled)?;
                let by = desk.stamp(&staff, device.clock_is_trusted(&desk.clock));
                let step = match step.clone() {
                    Step::Amend { base, mut sheet } => {
                        sheet.particulars.reporter = self::reporter_hash(tx, &device, id, &sheet.reporter, salt)?;
                        Step::Amend { base, sheet }
                    }
                    other => other,
                };
                if let Step::Attach { file } = &step {
                    attachment::note(tx, file.hash, FileState::Whole)?;
                }
                let changed = edit::edit(tx, &rules, (id, ItemKind::Intake), (&by, name), |case, reporter| {
                    Ok(match step {
                        Step::Amend { base, sheet } => case.amend(&base, &sheet.particulars, &by)?,
                        Step::Settle { field, chosen } => Some(case.settle(field, chosen, &by)?),
                        Step::Verify => {
                            let own = |complaint: Complaint| complaint.recorded_by() == Some(&by.staff);
                            if desk.verified_by_another && case.complaint().is_some_and(own) {
                                return Err(Refusal::OwnRecord.into());
                            }
                            Some(case.verify(reporter, &by)?)
                        }
                        Step::Forward => Some(case.forward(reporter, &by)?),
                        Step::Ask { question } => Some(case.ask(&question, &by)?),
                        Step::Answered { note } => Some(case.answered(&note, &by)?),
                        Step::Note { note } => Some(case.note(&note, &by)?),
                        Step::Attach { file } => case.attach(&file, &by)?,
                        Step::Detach { hash } => Some(case.detach(hash, &by)?),
                        Step::Close { outcome, note } => Some(case.close_at_office(outcome, &note, &by)?),
                    })
                })?;
                Ok(changed)
            })
            .await;
        if matches!(taken, Err(DeskError::Refused(_))) {
            audit::note_alone(&self.store, &self.clock, (who, Deed::Refused), Some(id), name).await?;
        }
        taken
    }

    /// Attaches a file that `Capture` took: it is durable before the case file names it. `false` means that the complaint
    /// has it already.
    pub async fn attach(&self, staff: &str, id: ComplaintId, file: AttachedFile) -> Result<bool, DeskError> {
        let (files, hash) = (self.files.clone(), file.hash);
        let settled = tokio::task::spawn_blocking(move || files.settle(hash)).await;
        let bytes = settled.unwrap_or(Err(FileError::BrokeOff))?;
        let file = AttachedFile { bytes, ..file };
        self.step(staff, id, Step::Attach { file }).await
    }

    /// Tells which files are not on both sides.
    pub async fn waiting_files(&self) -> Result<(WaitingTotals, Vec<WaitingFile>), StoreError> {
        self.store
            .read(|conn| Ok((attachments::totals(conn)?, attachments::oldest_waiting(conn)?)))
            .await
    }

    /// Shows one complaint.
    pub async fn show(&self, id: ComplaintId) -> Result<Shown, DeskError> {
        let (rules, files) = (self.rules.clone(), self.files.clone());
        self.store
            .read(move |conn| {
                let mut case = project::load(conn, id)?;
                let complaint = case.complaint().ok_or(DeskError::NotFound)?;
                let reporter = project::reporter_of(conn, &complaint)?;
                let known = project::known(&complaint, reporter.as_ref());
                let missing = titian_domain::completeness::missing(&complaint.particulars, known);
                let steps = deadline::steps(&rules.procedure, &rules.calendar, &complaint.milestones());
                let in_lapor = complaint.tracking_id.is_some();
                let refused = refused::of_complaint(conn, id)?;
                let delivered = device::is_delivered(conn, id)?;
                let delivery = delivery(complaint.standing.stage, in_lapor, (delivered, refused.is_some()));
                let unmerged = case.unmerged().len();
                let with_hub = |holding: Holding| {
                    let at_hub = attachments::at_hub(conn, holding.file.hash)?;
                    Ok((holding, at_hub))
                };
                let files = files.holdings(&complaint).into_iter().map(with_hub);
                let files = files.collect::<rusqlite::Result<_>>()?;
                Ok(Shown {
                    heads: case.intake_heads(),
                    complaint,
                    reporter,
                    missing,
                    steps,
                    delivery,
                    files,
                    unmerged,
                    refused,
                })
            })
            .await
    }

    /// Lists complaints, each with how far it has come.
    pub async fn list(&self, filter: Filter) -> Result<Vec<(Summary, Delivery)>, DeskError> {
        self.store
            .read(move |conn| {
                let rows = list::list(conn, &filter)?;
                rows.into_iter()
                    .map(|row| {
                        let delivered = device::is_delivered(conn, row.id)?;
                        let refused = refused::of_complaint(conn, row.id)?.is_some();
                        let delivery = delivery(row.stage, row.tracking_id.is_some(), (delivered, refused));
                        Ok((row, delivery))
                    })
                    .collect()
            })
            .await
    }

    /// Counts complaints by stage.
    pub async fn counts(&self) -> Result<Vec<(Stage, u64)>, DeskError> {
        self.store.read(|conn| Ok(list::counts(conn, None)?)).await
    }

    /// Finds a complaint by its id, register number or Tracking ID.
    pub async fn find(&self, name: &str) -> Result<ComplaintId, DeskError> {
        let name = name.to_owned();
        self.store.read(move |conn| one(list::find(conn, &name)?)).await
    }

    /// Gives what citizens are told about their data now.
    pub async fn notice(&self) -> Result<Notice, DeskError> {
        self.store.read(|conn| Ok(notice::in_force(conn)?)).await
    }

    /// Gives the text of a version; `None` where it was never in force on this machine.
    pub async fn notice_of(&self, version: NoticeVersion) -> Result<Option<Notice>, DeskError> {
        self.store
            .read(move |conn| Ok(notice::of_version(conn, &version)?))
            .await
    }

    /// Lists which text was chosen when, the newest first.
    pub async fn notice_choices(&self) -> Result<Vec<Chosen>, DeskError> {
        self.store.read(|conn| Ok(notice::choices(conn)?)).await
    }

    /// Chooses what citizens are told from now on; `None` chooses the program's own text.
    pub async fn choose_notice(&self, staff: &str, chosen: Option<Notice>) -> Result<(), DeskError> {
        let (who, at) = (staff.to_owned(), self.clock.now());
        self.store
            .write(move |tx| {
                notice::choose(tx, chosen.as_ref(), at, &who)?;
                let version = chosen.as_ref().map(|notice| notice.version().to_string());
                let entry = Entry {
                    at,
                    who: &who,
                    deed: Deed::NoticeChosen,
                    complaint: None,
                    detail: version.as_deref().unwrap_or("standard"),
                };
                Ok(audit::note(tx, entry)?)
            })
            .await
    }

    /// Tells the time by this machine's clock.
    pub fn now(&self) -> UnixMillis {
        self.clock.now()
    }
}

fn one(found: Vec<ComplaintId>) -> Result<ComplaintId, DeskError> {
    match found[..] {
        [] => Err(DeskError::NotFound),
        [id] => Ok(id),
        _ => Err(DeskError::Ambiguous(found)),
    }
}

/// Keeps the reporter that the sheet names, unless it is the one that the complaint has already.
fn reporter_hash(
    tx: &rusqlite::Transaction<'_>,
    device: &device::Device,
    id: ComplaintId,
    reporter: &ReporterRecord,
    salt: [u8; 16],
) -> Result<Option<titian_domain::id::ReporterHash>, DeskError> {
    let complaint = project::load(tx, id)?.complaint().ok_or(DeskError::NotFound)?;
    if let Some(hash) = complaint.particulars.reporter {
        // A sheet cannot show a record that was erased or has not arrived, so a blank one does not take it away.
        let unchanged = match project::reporter(tx, hash)? {
            Some(known) => known.says_the_same(reporter),
            None => reporter.is_blank(),
        };
        if unchanged {
            return Ok(Some(hash));
        }
    }
    if reporter.is_blank() {
        return Ok(None);
    }
    Ok(Some(edit::keep_reporter(
        tx,
        (&device.office, id),
        &reporter.clone().salted(salt),
    )?))
}

fn delivery(stage: Stage, in_lapor: bool, (delivered, refused): (bool, bool)) -> Delivery {
    match stage {
        // However far the rest has come: what is shown as received must be all of it.
        _ if refused => Delivery::Refused,
        _ if in_lapor => Delivery::InLapor,
        Stage::Accepted => Delivery::Accepted,
        _ if delivered => Delivery::AtHub,
        _ => Delivery::Saved,
    }
}
