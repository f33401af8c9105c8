//! What the liaison's pages promise.

mod attachments;
mod codes;
mod imports;
mod lists;
mod retention;
mod rig;
mod sticks;
mod transcription;
mod ways;

use std::sync::{Arc, OnceLock};

use axum::http::StatusCode;
use titian_domain::lang::Lang;
use titian_domain::particulars::Particulars;
use titian_domain::vocabulary::Stage;
use titian_host::texts::check;

use self::rig::{COORDINATOR, Rig, path};

#[tokio::test]
async fn every_page_is_shown_in_both_languages_at_every_stage() {
    let rig = Rig::new().await;
    let mut pages: Vec<String> = [
        "/",
        "/menunggu",
        "/impor-lapor",
        "/kantor",
        "/akun",
        "/akun/dua-langkah",
    ]
    .map(str::to_owned)
    .into();
    for (serial, &stage) in (1..).zip(Stage::ALL) {
        let id = rig
            .complaint(serial, stage, |sheet| {
                sheet.anonymous = true;
                sheet.answer = "Papan sudah diganti.".into();
            })
            .await;
        pages.extend([path(id), format!("{}/lembar-salin", path(id))]);
    }
    for page in pages {
        for lang in Lang::ALL {
            let answer = rig.get_as(rig::LIAISON, lang, &page).await;
            answer.expect(StatusCode::OK, &[&format!("<html lang=\"{}\">", lang.tag()), "<h1>"]);
            assert!(!answer.shows("⟦"), "{page} in {lang:?}: {}", answer.html);
        }
    }
}

#[test]
fn every_text_exists_in_both_languages_and_is_said() {
    let texts = titian_host::texts::Texts::new(super::TEXTS).unwrap();
    let sources = [
        include_str!("mod.rs"),
        include_str!("attachments.rs"),
        include_str!("bundle.rs"),
        include_str!("codes.rs"),
        include_str!("detail.rs"),
        include_str!("inbox.rs"),
        include_str!("lapor_import.rs"),
        include_str!("offices.rs"),
        include_str!("quarantine.rs"),
        include_str!("reporter.rs"),
        include_str!("retention.rs"),
        include_str!("steps.rs"),
        include_str!("timeline.rs"),
        include_str!("transcription.rs"),
        include_str!("waiting.rs"),
        include_str!("words.rs"),
        include_str!("../../templates/attachments.html"),
        include_str!("../../templates/code.html"),
        include_str!("../../templates/detail.html"),
        include_str!("../../templates/import_form.html"),
        include_str!("../../templates/import_preview.html"),
        include_str!("../../templates/inbox.html"),
        include_str!("../../templates/offices.html"),
        include_str!("../../templates/quarantine.html"),
        include_str!("../../templates/retention.html"),
        include_str!("../../templates/retention_record.html"),
        include_str!("../../templates/transcription.html"),
        include_str!("../../templates/waiting.html"),
    ];
    let faults = check::faults(&texts, &sources, &[]);
    assert!(faults.is_empty(), "{faults:#?}");
}

#[tokio::test]
async fn a_complaint_walks_through_the_procedure_on_the_pages() {
    let rig = Rig::new().await;
    let id = rig.complaint(1, Stage::Forwarded, |_| {}).await;
    let at = path(id);
    rig.get("/").await.expect(
        StatusCode::OK,
        &["63.01.03/A/2026/0001", "Kantor Kecamatan Pelaihari", "Diteruskan"],
    );
    assert_eq!(rig.post(&format!("{at}/terima"), &[]).await.location(), at);
    assert_eq!(rig.stage(id).await, Stage::Accepted);
    assert_eq!(
        rig.post(&format!("{at}/terima"), &[]).await.location(),
        at,
        "pressed twice"
    );
    let entered = rig
        .post(
            &format!("{at}/lapor"),
            &[("tracking_id", " #5049 672 "), ("from", "sheet")],
        )
        .await;
    assert_eq!(entered.location(), at);
    rig.get(&at)
        .await
        .expect(StatusCode::OK, &["5049672", "Masuk LAPOR", "Rahmi Hayati"]);
    rig.post(&format!("{at}/disposisi"), &[("institution", "Dinas Perhubungan")])
        .await
        .location();
    assert_eq!(rig.stage(id).await, Stage::Disposed);
    rig.post(&format!("{at}/tutup"), &[("close_reason", "Selesai.")])
        .await
        .location();
    rig.get(&at).await.expect(
        StatusCode::OK,
        &["Didisposisikan ke Dinas Perhubungan", "Laporan sudah ditutup"],
    );
    let page = rig.get(&at).await;
    let history = page.html.split("Riwayat").nth(1).unwrap();
    let happened = [
        "Dicatat di kantor",
        "Diterima oleh hub",
        "Dimasukkan ke LAPOR",
        "Didisposisikan ke",
    ];
    let places = happened.map(|what| history.find(what).unwrap_or_else(|| panic!("{what}")));
    assert!(places.is_sorted(), "oldest first: {places:?}");
    let late = rig.post(&format!("{at}/terima"), &[]).await;
    late.expect(StatusCode::UNPROCESSABLE_ENTITY, &["Langkah ini tidak bisa sekarang"]);
}

#[tokio::test]
async fn what_is_missing_goes_back_with_its_reason_and_what_was_typed_stays_typed() {
    let rig = Rig::new().await;
    let id = rig.complaint(1, Stage::Forwarded, |_| {}).await;
    let at = format!("{}/kembalikan", path(id));
    let list = rig.get(&path(id)).await;
    list.expect(
        StatusCode::OK,
        &["<span>Tempat kejadian</span>", "<span>Tanggal kejadian</span>"],
    );
    assert!(
        !list.shows("kejadian belum ada"),
        "nothing is said to be missing before it is ticked"
    );
    let half = rig.post(&at, &[("missing", "where"), ("missing", "title")]).await;
    let ticked = |word| format!("value=\"{word}\" checked");
    half.expect(
        StatusCode::UNPROCESSABLE_ENTITY,
        &["Tulis penjelasannya", &ticked("where"), &ticked("title")],
    );
    assert!(!half.shows(&ticked("who")));
    let other_half = rig.post(&at, &[("reason", "Sebutkan \"RT\" <b>")]).await;
    other_half.expect(
        StatusCode::UNPROCESSABLE_ENTITY,
        &[
            "Centang paling sedikit satu",
            "Sebutkan &#34;RT&#34; &#60;b&#62;</textarea>",
        ],
    );
    let long = rig
        .post(&at, &[("missing", "where"), ("reason", &"a".repeat(1_001))])
        .await;
    long.expect(StatusCode::UNPROCESSABLE_ENTITY, &["paling banyak 1000 huruf"]);
    assert_eq!(rig.stage(id).await, Stage::Forwarded);
    rig.post(&at, &[("missing", "where"), ("reason", "Sebutkan nomor RT.")])
        .await
        .location();
    rig.get(&path(id))
        .await
        .expect(StatusCode::OK, &["Yang kurang: Tempat kejadian\nSebutkan nomor RT."]);
}

#[tokio::test]
async fn a_text_is_not_lost_where_somebody_else_was_faster() {
    let rig = Rig::new().await;
    let id = rig.complaint(1, Stage::Accepted, |_| {}).await;
    let form = [("missing", "where"), ("reason", "Sebutkan nomor RT.")];
    let late = rig.post(&format!("{}/kembalikan", path(id)), &form).await;
    let stage = "berada di tahap “Diterima penghubung”";
    late.expect(
        StatusCode::UNPROCESSABLE_ENTITY,
        &[stage, "Yang Anda ketik", "Sebutkan nomor RT."],
    );
    let early = rig.complaint(2, Stage::Forwarded, |_| {}).await;
    let form = [("tracking_id", "5049672"), ("from", "sheet")];
    let early = rig.post(&format!("{}/lapor", path(early)), &form).await;
    early.expect(
        StatusCode::UNPROCESSABLE_ENTITY,
        &["Lembar salin", "Langkah ini tidak bisa sekarang", "5049672"],
    );
}

#[tokio::test]
async fn a_tracking_id_that_is_wrong_or_taken_is_refused_on_the_page_it_came_from() {
    let rig = Rig::new().await;
    rig.complaint(1, Stage::Entered, |_| {}).await;
    let id = rig.complaint(2, Stage::Accepted, |_| {}).await;
    let at = format!("{}/lapor", path(id));
    let sheet = rig.post(&at, &[("tracking_id", "5049601"), ("from", "sheet")]).await;
    let taken = "ID lacak ini sudah dipakai laporan 63.01.03/A/2026/0001";
    sheet.expect(
        StatusCode::UNPROCESSABLE_ENTITY,
        &["Lembar salin", taken, "value=\"5049601\""],
    );
    let detail = rig.post(&at, &[("tracking_id", "50496O2")]).await;
    detail.expect(
        StatusCode::UNPROCESSABLE_ENTITY,
        &["7 sampai 9 angka tanpa huruf", "value=\"50496O2\"", "Riwayat"],
    );
    rig.post(&at, &[("tracking_id", " ")])
        .await
        .expect(StatusCode::UNPROCESSABLE_ENTITY, &["Ketik ID lacak"]);
    assert_eq!(rig.stage(id).await, Stage::Accepted);
}

#[tokio::test]
async fn the_reporter_is_masked_until_somebody_says_why_and_masked_again_after() {
    let rig = Rig::new().await;
    let id = rig.complaint(1, Stage::Accepted, |_| {}).await;
    let (at, sheet) = (path(id), format!("{}/lembar-salin", path(id)));
    let secrets = ["Rahma Yulianti", "6301035503889902", "+6281200000101"];
    for page in [&at, &sheet, &"/".to_owned()] {
        let masked = rig.get(page).await;
        masked.expect(StatusCode::OK, &[]);
        assert!(!secrets.iter().any(|secret| masked.shows(secret)), "{page}");
    }
    let unexplained = rig.post(&format!("{at}/pelapor"), &[("why", "curiosity")]).await;
    unexplained.expect(StatusCode::UNPROCESSABLE_ENTITY, &["Pilih dulu alasannya", "R••• Y•••"]);
    assert!(!unexplained.shows(secrets[0]));
    rig.post(&format!("{at}/pelapor"), &[("why", "contact")])
        .await
        .expect(StatusCode::OK, &[secrets[0], secrets[2]]);
    let revealed = rig.post(&sheet, &[("why", "transcribe")]).await;
    revealed.expect(StatusCode::OK, &secrets);
    assert_eq!(revealed.headers["cache-control"], "no-store");
    assert!(!rig.get(&at).await.shows(secrets[0]));
}

#[tokio::test]
async fn only_a_liaison_takes_steps_and_nobody_sees_anything_without_signing_in() {
    let rig = Rig::new().await;
    let id = rig.complaint(1, Stage::Forwarded, |_| {}).await;
    let refused = rig.post_as(COORDINATOR, &format!("{}/terima", path(id)), &[]).await;
    refused.expect(StatusCode::FORBIDDEN, &["Akun Anda tidak berwenang"]);
    assert_eq!(rig.stage(id).await, Stage::Forwarded);
    let read = rig.get_as(COORDINATOR, Lang::Id, &path(id)).await;
    read.expect(
        StatusCode::OK,
        &["Jembatan kayu lapuk", "Akun Anda hanya dapat membaca"],
    );
    assert!(!read.shows("/terima"));
    for page in ["/", &path(id), "/menunggu", "/kantor", "/impor-lapor"] {
        let stranger = rig.get_as("nobody", Lang::Id, page).await;
        assert!(stranger.location().starts_with("/login"), "{page}");
    }
    let nowhere = rig.get("/laporan/01ARZ3NDEKTSV4RRFFQ69G5FAV").await;
    nowhere.expect(
        StatusCode::NOT_FOUND,
        &["Laporan ini tidak ada di hub", "tunggu sinkronisasi"],
    );
    rig.get("/laporan/bukan-id")
        .await
        .expect(StatusCode::NOT_FOUND, &["Laporan ini tidak ada di hub"]);
}

#[tokio::test]
async fn the_sheet_has_the_fields_in_lapors_order_and_the_answer_where_there_is_one() {
    let rig = Rig::new().await;
    let resolved = rig
        .complaint(1, Stage::Accepted, |sheet| sheet.answer = "Papan sudah diganti.".into())
        .await;
    let sheet = rig.get(&format!("{}/lembar-salin", path(resolved))).await;
    let labels = [
        "Klasifikasi Laporan",
        "Judul Laporan",
        "Isi Laporan",
        "Tanggal Kejadian",
        "Lokasi Kejadian",
        "Jawaban / Tindak",
    ];
    let places = labels.map(|label| sheet.html.find(label).unwrap_or_else(|| panic!("{label}")));
    assert!(places.is_sorted(), "{places:?}");
    sheet.expect(
        StatusCode::OK,
        &[
            "Papan sudah diganti.",
            ">09-03-2026<",
            "RT 4, dekat surau, Kelurahan Angsau, Kecamatan Pelaihari",
            "data-copy=\"value-2\"",
            "isi juga jawabannya",
        ],
    );
    let open = rig.complaint(2, Stage::Forwarded, |_| {}).await;
    let sheet = rig.get(&format!("{}/lembar-salin", path(open))).await;
    sheet.expect(StatusCode::OK, &["berada di tahap “Diteruskan”"]);
    assert!(!sheet.shows("Jawaban / Tindak") && !sheet.shows("name=\"tracking_id\""));
}

#[tokio::test]
async fn a_change_after_verification_and_a_conflict_are_told() {
    let rig = Rig::new().await;
    let id = rig.complaint(1, Stage::Verified, |_| {}).await;
    let seen = Arc::new(OnceLock::new());
    for title in ["Jembatan runtuh", "Jembatan hanyut"] {
        let seen = Arc::clone(&seen);
        // Both were written by people who looked at the same state.
        rig.office(id, move |case, _, by| {
            let base = seen.get_or_init(|| case.intake_heads());
            let sheet = Particulars {
                title: title.into(),
                ..case.complaint().unwrap().particulars
            };
            case.amend(base, &sheet, by)
        })
        .await;
    }
    let page = rig.get(&path(id)).await;
    page.expect(
        StatusCode::OK,
        &["berubah setelah diverifikasi", "Ada isian yang saling berbeda"],
    );
    page.expect(
        StatusCode::OK,
        &[
            "“Jembatan runtuh”, oleh Siti Aminah",
            "“Jembatan hanyut”, oleh Siti Aminah",
        ],
    );
    rig.get("/")
        .await
        .expect(StatusCode::OK, &["berubah setelah verifikasi", "isian berbeda"]);
}
