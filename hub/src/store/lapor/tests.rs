//! What an import of LAPOR's export promises, on a real database.

use titian_domain::casefile::CaseFile;
use titian_domain::document::Change;
use titian_domain::id::{Incarnation, OfficeCode, RegisterNumber};
use titian_domain::lang::Lang;
use titian_domain::particulars::{Particulars, TEXT_CHARS_MAX};
use titian_domain::refusal::Refusal;
use titian_domain::reporter::{Reporter, ReporterRecord};
use titian_domain::time::UnixMillis;
use titian_domain::vocabulary::{Channel, Classification, Stage};
use titian_host::attachments::AttachmentFiles;
use titian_host::casebook::log::{self, Scope};
use titian_host::clock::Clock;
use titian_host::facts::Facts;

use super::*;
use crate::desk::{Desk, Step};
use crate::lapor::export::Export;

/// Wednesday, 11 March 2026, 9.00 WITA.
const START: UnixMillis = UnixMillis(1_773_190_800_000);
const STAFF: &str = "Rahmi Hayati";

struct Hub {
    _folder: tempfile::TempDir,
    desk: Desk,
    office: OfficeCode,
}

impl Hub {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (clock, facts) = (Clock::manual(START), Facts::load(folder.path()).unwrap());
        let store = HubStore::open(folder.path()).unwrap();
        let office: OfficeCode = "63.01.03".parse().unwrap();
        let adding = store.add_office(
            office.clone(),
            "Kantor Kecamatan Pelaihari".into(),
            START,
            clock.random(),
        );
        adding.await.unwrap();
        let incarnation = Incarnation(clock.random());
        let desk = Desk {
            store,
            files: AttachmentFiles::open(folder.path()).unwrap(),
            clock,
            rules: facts.rules,
            incarnation,
        };
        Self {
            _folder: folder,
            desk,
            office,
        }
    }

    /// Puts a complaint on record, forwards it and accepts it.
    async fn accepted(&self, serial: u32) -> ComplaintId {
        let id = ComplaintId::new(self.desk.now(), self.desk.clock.random());
        let register: RegisterNumber = format!("63.01.03/A/2026/{serial:04}").parse().unwrap();
        let (rules, by) = (self.desk.rules.clone(), self.stamp());
        let recording = self.desk.store.door().write(move |tx| {
            let reporter = ReporterRecord {
                name: "Rahma Yulianti".into(),
                phone: "+6281200000101".into(),
                ..ReporterRecord::default()
            };
            let reporter = edit::keep_reporter(tx, (&register.office, id), &reporter.salted([7; 16]))?;
            let particulars = Particulars {
                reporter: Some(reporter),
                ..sample()
            };
            edit::record(tx, &rules, (id, &register), &particulars, None, &by)
        });
        recording.await.unwrap();
        let intake = ItemKind::Intake;
        self.edit(id, intake, |case, reporter, by| Ok(Some(case.verify(reporter, by)?)))
            .await;
        self.edit(id, intake, |case, reporter, by| Ok(Some(case.forward(reporter, by)?)))
            .await;
        self.edit(id, ItemKind::Handling, |case, _, by| Ok(case.receive(by)))
            .await;
        self.step(id, Step::Accept).await.unwrap();
        id
    }

    /// … and enters it in LAPOR.
    async fn entered(&self, serial: u32, tracking_id: &str) -> ComplaintId {
        let id = self.accepted(serial).await;
        self.enter(id, tracking_id).await.unwrap();
        id
    }

    async fn enter(&self, id: ComplaintId, tracking_id: &str) -> Result<bool, DeskError> {
        self.step(
            id,
            Step::Enter {
                tracking_id: tracking_id.parse().unwrap(),
            },
        )
        .await
    }

    async fn step(&self, id: ComplaintId, step: Step) -> Result<bool, DeskError> {
        self.desk
            .store
            .step(self.desk.rules.clone(), self.stamp(), id, step)
            .await
    }

    async fn edit(
        &self,
        id: ComplaintId,
        kind: ItemKind,
        work: impl Fn(&mut CaseFile, Reporter<'_>, &Stamp) -> Result<Option<Change>, Refusal> + Send + 'static,
    ) {
        let (rules, by) = (self.desk.rules.clone(), self.stamp());
        let editing = self.desk.store.door().write(move |tx| {
            edit::edit(tx, &rules, (id, kind), (&by, "step"), |case, reporter| {
                Ok(work(case, reporter, &by)?)
            })
        });
        assert!(editing.await.unwrap());
    }

    /// A later stamp than all before.
    fn stamp(&self) -> Stamp {
        self.desk.clock.advance_millis(1_000);
        self.desk.stamp(STAFF)
    }

    async fn import(&self, rows: &[ExportRow]) -> Imported {
        let export = Export {
            rows: rows.to_vec(),
            ..Export::default()
        };
        self.desk.import(STAFF, &export).await.unwrap()
    }

    /// What LAPOR tells of a complaint, and where it stands.
    async fn told(&self, id: ComplaintId) -> (Option<String>, Option<String>, Stage) {
        let complaint = self.desk.show(id).await.unwrap().complaint;
        (complaint.lapor_status, complaint.disposed_to, complaint.standing.stage)
    }

    async fn log(&self) -> Scope {
        let office = self.office.clone();
        let reading = self
            .desk
            .store
            .door()
            .read(move |conn| Ok::<_, DeskError>(log::scope(conn, &office)?));
        reading.await.unwrap().unwrap()
    }
}

fn sample() -> Particulars {
    Particulars {
        classification: Some(Classification::Complaint),
        category: "Pekerjaan Umum dan Penataan Ruang".into(),
        title: "Jembatan kayu lapuk".into(),
        narrative: "Papan jembatan di RT 4 lapuk.".into(),
        event_date: "2026-03-09".into(),
        region: "63.01.03.1004".into(),
        place: "RT 4, dekat surau".into(),
        institution: "Dinas Pekerjaan Umum".into(),
        ..Particulars::new(Channel::Visit, START)
    }
}

fn row(line: u32, tracking_id: &str, status: &str, disposed_to: &str) -> ExportRow {
    ExportRow {
        line,
        tracking_id: tracking_id.parse().unwrap(),
        received: None,
        title: "Jembatan kayu lapuk".into(),
        narrative: String::new(),
        category: String::new(),
        classification: String::new(),
        status: Some(status.into()),
        disposed_to: Some(disposed_to.into()),
    }
}

#[tokio::test]
async fn a_refused_complaint_is_told_in_words_and_left_as_it_was_and_the_rest_is_taken() {
    let hub = Hub::new().await;
    let first = hub.entered(1, "5049601").await;
    let refused = hub.entered(2, "5049602").await;
    let early = hub.accepted(3).await;
    let last = hub.entered(4, "5049604").await;
    // The lists may run ahead of the log, as where a rebuild is due: the procedure looks at the log.
    let ahead = hub.desk.store.door().write(move |tx| {
        tx.execute(
            "UPDATE complaint SET tracking_id = '5049603' WHERE id = ?1",
            [early.bytes()],
        )?;
        Ok::<_, DeskError>(())
    });
    ahead.await.unwrap();

    let long = "x".repeat(TEXT_CHARS_MAX + 1);
    let rows = [
        row(7, "5049601", "Proses", "Dinas PUPR"),
        // The disposition alone would be allowed; half a row is not taken.
        row(8, "5049602", &long, "Dinas Kesehatan"),
        row(9, "5049603", "Proses", "Dinas Perhubungan"),
        row(10, "5049604", "Selesai", "Dinas Pendidikan"),
    ];
    let imported = hub.import(&rows).await;
    let updated: Vec<_> = imported.plan.update.iter().map(|update| update.complaint).collect();
    assert_eq!(
        (imported.updated, imported.unchanged, updated),
        (2, 0, vec![first, last])
    );
    let refusals: Vec<_> = imported
        .plan
        .refused
        .iter()
        .map(|told| (told.update.complaint, told.reason.clone()))
        .collect();
    let too_long = Refusal::TooLong {
        field: "status",
        max: TEXT_CHARS_MAX,
    };
    let not_now = Refusal::NotNow {
        step: "dispose",
        stage: Stage::Accepted,
    };
    assert_eq!(refusals, [(refused, too_long), (early, not_now.clone())]);
    let json = serde_json::to_value(&imported.plan).unwrap();
    assert_eq!(
        json["refused"][1]["reason"],
        not_now.words(Lang::En),
        "the command's JSON says it too"
    );

    assert_eq!(
        hub.told(first).await,
        (Some("Proses".into()), Some("Dinas PUPR".into()), Stage::Disposed)
    );
    assert_eq!(
        hub.told(last).await,
        (Some("Selesai".into()), Some("Dinas Pendidikan".into()), Stage::Disposed)
    );
    assert_eq!(hub.told(refused).await, (None, None, Stage::Entered));
    assert_eq!(hub.told(early).await, (None, None, Stage::Accepted));
}

#[tokio::test]
async fn importing_twice_changes_nothing() {
    let hub = Hub::new().await;
    hub.entered(1, "5049601").await;
    hub.entered(2, "5049602").await;
    let rows = [
        row(7, "5049601", "Proses", "Dinas PUPR"),
        row(8, "5049602", "Terdisposisi", "Dinas Kesehatan"),
        row(9, "5999999", "Selesai", "Dinas Perhubungan"),
    ];
    let before = hub.log().await;
    let once = hub.import(&rows).await;
    let after = hub.log().await;
    assert_eq!((once.updated, once.unchanged, once.plan.unmatched.len()), (2, 0, 1));
    assert_eq!(
        after.cursor.position,
        before.cursor.position + 4,
        "a status and a disposition of each"
    );

    hub.desk.clock.advance_millis(60_000);
    let twice = hub.import(&rows).await;
    assert_eq!((twice.updated, twice.unchanged, twice.plan.unmatched.len()), (0, 2, 1));
    assert_eq!(hub.log().await, after);
}

#[tokio::test]
async fn a_tracking_id_is_never_in_two_complaints() {
    let hub = Hub::new().await;
    let (first, second) = (hub.entered(1, "5049601").await, hub.accepted(2).await);
    let before = hub.log().await;
    match hub.enter(second, "5049601").await {
        Err(DeskError::TrackingIdTaken { register }) => assert_eq!(register, "63.01.03/A/2026/0001"),
        other => panic!("{other:?}"),
    }
    assert_eq!((hub.log().await, hub.told(second).await.2), (before, Stage::Accepted));
    hub.enter(second, "5049602").await.unwrap();
    let corrected = hub.enter(second, "5049601").await;
    assert!(
        matches!(corrected, Err(DeskError::TrackingIdTaken { .. })),
        "nor by a correction: {corrected:?}"
    );
    let of_itself = hub.enter(first, "5049601").await;
    assert!(
        matches!(of_itself, Err(DeskError::Refused(Refusal::SameTrackingId))),
        "{of_itself:?}"
    );

    // An export reaches the one that has it, and no other.
    let imported = hub.import(&[row(7, "5049601", "Proses", "Dinas PUPR")]).await;
    assert_eq!(
        imported
            .plan
            .update
            .iter()
            .map(|update| update.complaint)
            .collect::<Vec<_>>(),
        [first]
    );
    assert_eq!(hub.told(second).await.0, None);
}
