//! Identities whose time is over.

use axum::http::StatusCode;
use titian_domain::id::ComplaintId;
use titian_domain::lang::Lang;
use titian_domain::retention::Periods;
use titian_domain::time::UnixMillis;
use titian_domain::vocabulary::{Classification, Stage};
use titian_host::casebook::project;
use titian_host::store::StoreError;
use titian_host::subject::Asking;

use super::rig::{Rig, reporter};
use crate::store::retention::{RetentionError, Time, Verdict};
use crate::store::subject::side;

const YEAR_MILLIS: i64 = 366 * 86_400_000;
const KEEPER: &str = "hasnah";

impl Rig {
    async fn with_keeper() -> Self {
        let mut rig = Self::new().await;
        rig.sign_in(KEEPER, "Hasnah Noor", &["administrator"]).await;
        rig
    }

    async fn years_later(self, years: i64) -> Self {
        self.kit.clock.advance_millis(years * YEAR_MILLIS);
        self.signed_in_again().await
    }

    async fn knows_the_reporter(&self, id: ComplaintId) -> bool {
        let reading = self.desk.store.door().read(move |conn| {
            let complaint = project::load(conn, id)?.complaint().unwrap();
            Ok::<_, StoreError>(project::reporter_of(conn, &complaint)?.is_some())
        });
        reading.await.unwrap()
    }

    fn time(&self, complaint: Option<u32>) -> Time {
        Time {
            periods: Periods {
                complaint,
                ..Periods::default()
            },
            zone: self.kit.zone,
            now: self.desk.now(),
        }
    }

    async fn restrict(&self, id: ComplaintId, lift: bool) {
        let asking = Asking {
            store: self.desk.store.door(),
            clock: &self.kit.clock,
            who: KEEPER,
            reason: "surat nomor 12",
        };
        let changed = asking.restrict(&side(&self.desk), vec![id.to_string()], lift).await;
        assert_eq!(changed.unwrap(), 1);
    }

    async fn over(&self, years: u32) -> (usize, usize) {
        let standing = self.desk.store.at_end_of_time(self.time(Some(years))).await.unwrap();
        (standing.over.len(), standing.undated)
    }
}

#[tokio::test]
async fn identities_are_destroyed_once_their_time_is_over_and_somebody_confirmed_it() {
    let rig = Rig::with_keeper().await;
    let disposed = rig.complaint(1, Stage::Disposed, |_| ()).await;
    let entered = rig.complaint(2, Stage::Entered, |_| ()).await;
    let question = rig
        .complaint(3, Stage::Closed, |one| {
            one.classification = Some(Classification::InformationRequest);
        })
        .await;
    let rig = rig.years_later(4).await;
    let wish = rig
        .complaint(4, Stage::Disposed, |one| {
            one.classification = Some(Classification::Aspiration);
        })
        .await;
    let rig = rig.years_later(1).await;
    let page = rig.get_as(KEEPER, Lang::Id, "/retensi").await;
    page.expect(
        StatusCode::OK,
        &[
            "<strong>1 identitas</strong>",
            "5 tahun",
            "2 tahun",
            "belum diatur",
            "Buat usulan",
        ],
    );
    rig.get("/retensi")
        .await
        .expect(StatusCode::FORBIDDEN, &["Akun Anda tidak berwenang"]);
    let at = rig.post_as(KEEPER, "/retensi", &[]).await.location().to_owned();
    let proposal = rig.get_as(KEEPER, Lang::Id, &at).await;
    proposal.expect(
        StatusCode::OK,
        &["63.01.03/A/2026/0001", "diusulkan", "Musnahkan identitas ini"],
    );
    for hidden in [
        reporter().name,
        reporter().nik,
        "0002".into(),
        "0003".into(),
        "0004".into(),
    ] {
        assert!(!proposal.shows(&hidden), "{hidden}");
    }
    // Asked again it leads to the one that waits.
    assert_eq!(rig.post_as(KEEPER, "/retensi", &[]).await.location(), at);
    rig.post_as(KEEPER, &format!("{at}/musnahkan"), &[("reason", " ")])
        .await
        .expect(StatusCode::UNPROCESSABLE_ENTITY, &["paling banyak 300 huruf"]);
    // A ground that names a citizen would be kept for ever by the record and the audit log.
    let named = [("reason", "permintaan ibu Rahma")];
    for way in ["musnahkan", "simpan"] {
        rig.post_as(KEEPER, &format!("{at}/{way}"), &named).await.expect(
            StatusCode::UNPROCESSABLE_ENTITY,
            &["permintaan ibu Rahma", "tidak boleh memuat nama"],
        );
    }
    rig.get_as(KEEPER, Lang::Id, "/catatan").await.expect(
        StatusCode::OK,
        &["Alasan yang menyebut warga ditolak", "memutuskan pemusnahan"],
    );
    assert!(rig.knows_the_reporter(disposed).await);
    let confirmed = rig
        .post_as(
            KEEPER,
            &format!("{at}/musnahkan"),
            &[("reason", "SK Bupati 100/12 Tahun 2031")],
        )
        .await;
    assert_eq!(confirmed.location(), at);
    assert!(!rig.knows_the_reporter(disposed).await);
    for kept in [entered, question, wish] {
        assert!(rig.knows_the_reporter(kept).await);
    }
    let record = rig.get_as(KEEPER, Lang::Id, &at).await;
    record.expect(
        StatusCode::OK,
        &[
            "Berita acara pemusnahan nomor 1",
            "dimusnahkan",
            "SK Bupati 100/12 Tahun 2031",
            "hasnah",
        ],
    );
    rig.post_as(KEEPER, &format!("{at}/simpan"), &[("reason", "terlambat")])
        .await
        .expect(StatusCode::CONFLICT, &["sudah diputuskan"]);
    // The complaint stays; the audit log names what was decided, and under which proposal each was erased.
    rig.get(&format!("/laporan/{disposed}"))
        .await
        .expect(StatusCode::OK, &["Dinas Kesehatan"]);
    rig.get_as(KEEPER, Lang::Id, "/catatan").await.expect(
        StatusCode::OK,
        &[
            "Usulan pemusnahan diputuskan",
            "retention proposal 1: SK Bupati 100/12 Tahun 2031",
        ],
    );
}

#[tokio::test]
async fn what_is_kept_stays_and_can_be_proposed_again() {
    let rig = Rig::with_keeper().await;
    let id = rig.complaint(1, Stage::Closed, |_| ()).await;
    let rig = rig.years_later(6).await;
    let at = rig.post_as(KEEPER, "/retensi", &[]).await.location().to_owned();
    rig.post_as(KEEPER, &format!("{at}/simpan"), &[("reason", "Sengketa berjalan")])
        .await;
    assert!(rig.knows_the_reporter(id).await);
    rig.get_as(KEEPER, Lang::En, &at)
        .await
        .expect(StatusCode::OK, &["kept", "Sengketa berjalan"]);
    let again = rig.post_as(KEEPER, "/retensi", &[]).await.location().to_owned();
    assert_ne!(again, at);
    rig.get_as(KEEPER, Lang::Id, "/retensi/77")
        .await
        .expect(StatusCode::NOT_FOUND, &[]);
}

#[tokio::test]
async fn no_clock_of_an_office_that_was_not_sure_brings_anything_to_destruction() {
    let rig = Rig::with_keeper().await;
    let (sure, unsure) = (
        rig.complaint(1, Stage::Recorded, |_| ()).await,
        rig.complaint(2, Stage::Recorded, |one| one.received_at = UnixMillis(0))
            .await,
    );
    rig.close_at_office(sure, true).await;
    rig.close_at_office(unsure, false).await;
    assert_eq!(rig.over(1).await, (0, 0));
    let rig = rig.years_later(6).await;
    assert_eq!(rig.over(5).await, (1, 1));
    rig.get_as(KEEPER, Lang::Id, "/retensi")
        .await
        .expect(StatusCode::OK, &["1 laporan ditutup di kantor"]);
    rig.post_as(KEEPER, "/retensi", &[]).await;
    rig.post_as(KEEPER, "/retensi/1/musnahkan", &[("reason", "JRA")]).await;
    assert!(!rig.knows_the_reporter(sure).await && rig.knows_the_reporter(unsure).await);
    assert_eq!(rig.over(5).await, (0, 1), "what was destroyed is not proposed again");
}

#[tokio::test]
async fn what_is_restricted_is_neither_proposed_nor_destroyed_until_that_is_lifted() {
    let rig = Rig::with_keeper().await;
    let (held, free) = (
        rig.complaint(1, Stage::Disposed, |_| ()).await,
        rig.complaint(2, Stage::Disposed, |_| ()).await,
    );
    let rig = rig.years_later(6).await;
    rig.restrict(held, false).await;
    rig.get_as(KEEPER, Lang::Id, "/retensi").await.expect(
        StatusCode::OK,
        &[
            "<strong>1 identitas</strong>",
            "1 identitas sudah habis waktunya tetapi dibatasi",
        ],
    );
    let at = rig.post_as(KEEPER, "/retensi", &[]).await.location().to_owned();
    let proposal = rig.get_as(KEEPER, Lang::Id, &at).await;
    assert!(proposal.shows("/A/2026/0002") && !proposal.shows("/A/2026/0001"));
    // Restricted between proposal and decision: it is judged once more.
    rig.restrict(free, false).await;
    rig.post_as(KEEPER, &format!("{at}/musnahkan"), &[("reason", "JRA")])
        .await;
    assert!(rig.knows_the_reporter(held).await && rig.knows_the_reporter(free).await);
    let (proposal, rows) = rig.desk.store.proposal(1).await.unwrap().unwrap();
    assert_eq!(
        (proposal.decision.unwrap().destroyed, rows[0].destroyed),
        (0, Some(false))
    );
    assert_eq!(rig.over(5).await, (0, 0));
    rig.restrict(free, true).await;
    assert_eq!(rig.over(5).await, (1, 0), "its time is over as before");
}

#[tokio::test]
async fn a_time_that_was_made_longer_keeps_what_was_proposed_before() {
    let rig = Rig::new().await;
    let id = rig.complaint(1, Stage::Disposed, |_| ()).await;
    let rig = rig.years_later(3).await;
    let (store, by) = (&rig.desk.store, || "hasnah".to_owned());
    let nothing = store.propose_destruction(rig.time(None), by()).await;
    assert!(matches!(nothing, Err(RetentionError::Nothing)));
    let number = store.propose_destruction(rig.time(Some(2)), by()).await.unwrap();
    let waiting = store.propose_destruction(rig.time(Some(2)), by()).await;
    assert!(matches!(waiting, Err(RetentionError::Waiting(waiting)) if waiting == number));
    let decide = |number, time| {
        store.decide_destruction(
            rig.desk.rules.clone(),
            time,
            (number, Verdict::Destroy),
            (by(), "JRA".to_owned()),
        )
    };
    assert!(matches!(
        decide(9, rig.time(Some(2))).await,
        Err(RetentionError::NotFound(9))
    ));
    assert_eq!(decide(number, rig.time(Some(5))).await.unwrap(), 0);
    assert!(rig.knows_the_reporter(id).await);
    let (_, rows) = store.proposal(number).await.unwrap().unwrap();
    assert_eq!(rows[0].destroyed, Some(false));
}
