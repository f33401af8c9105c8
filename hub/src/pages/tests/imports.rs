//! What the import of LAPOR's export promises.

use axum::http::StatusCode;
use rust_xlsxwriter::Workbook;
use titian_domain::id::ComplaintId;
use titian_domain::refusal::Refusal;
use titian_domain::vocabulary::Stage;

use super::rig::{LIAISON, OTHER_LIAISON, Rig, path};
use crate::desk::Imported;
use crate::lapor::export::FILE_BYTES_MAX;
use crate::lapor::matching::{Plan, RefusedUpdate, Update};

/// Writes an export with a preamble: Tracking ID, title, status, institution.
fn export(rows: &[[&str; 4]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "Laporan SP4N-LAPOR!").unwrap();
    for (column, name) in (0..).zip([
        "Tracking ID",
        "Judul Laporan",
        "Status Laporan",
        "Instansi Terdisposisi",
        "Warna",
    ]) {
        sheet.write(3, column, name).unwrap();
    }
    for (line, row) in (4..).zip(rows) {
        for (column, text) in (0..).zip(row) {
            sheet.write(line, column, *text).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

#[tokio::test]
async fn an_export_is_shown_first_and_changes_something_only_once_confirmed() {
    let rig = Rig::new().await;
    let id = rig.complaint(1, Stage::Entered, |_| {}).await;
    let accepted = rig
        .complaint(2, Stage::Accepted, |sheet| sheet.title = "Pagar sekolah roboh".into())
        .await;
    let file = export(&[
        ["5049601", "Jembatan kayu lapuk", "Diteruskan ke Gubernur", "Dinas PUPR"],
        ["5999999", "Pagar sekolah roboh", "Proses", ""],
        ["abc", "Baris rusak", "Proses", ""],
    ]);
    let uploaded = rig.upload("lapor.xlsx", &file, 0).await;
    let at = uploaded.location().to_owned();
    let preview = rig.get(&at).await;
    preview.expect(
        StatusCode::OK,
        &[
            "1 laporan akan berubah",
            "Belum ada yang diubah",
            "63.01.03/A/2026/0001",
            "Dinas PUPR",
            "Baris 7:",
            "Warna",
        ],
    );
    preview.expect(
        StatusCode::OK,
        &[
            "belum pernah dilihat program ini",
            "5999999",
            "Mungkin laporan Anda",
            &path(accepted),
        ],
    );
    assert_eq!(rig.stage(id).await, Stage::Entered, "a preview changes nothing");
    assert_eq!(
        rig.get_as(OTHER_LIAISON, titian_domain::lang::Lang::Id, &at)
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(rig.post_as(OTHER_LIAISON, &at, &[]).await.status, StatusCode::NOT_FOUND);

    assert_eq!(rig.post(&at, &[]).await.location(), at);
    let shown = rig.desk.show(id).await.unwrap().complaint;
    assert_eq!(shown.disposed_to.as_deref(), Some("Dinas PUPR"));
    let events = shown.handling_events.len();
    rig.get(&at)
        .await
        .expect(StatusCode::OK, &["Impor selesai", "1 laporan diperbarui", "5999999"]);
    assert_eq!(rig.post(&at, &[]).await.location(), at, "pressed twice");
    assert_eq!(rig.desk.show(id).await.unwrap().complaint.handling_events.len(), events);
    rig.get(&path(id))
        .await
        .expect(StatusCode::OK, &["Diteruskan ke Gubernur", "Rahmi Hayati"]);
    let again = rig.upload("lapor.xlsx", &file, 0).await;
    let again = rig.get(again.location()).await;
    again.expect(StatusCode::OK, &["0 laporan akan berubah"]);
    assert!(!again.shows("Terapkan perubahan"));
}

#[tokio::test]
async fn a_file_that_cannot_be_read_changes_nothing_and_says_what_to_do() {
    let rig = Rig::new().await;
    let id = rig.complaint(1, Stage::Entered, |_| {}).await;
    let file = export(&[["5049601", "Jembatan kayu lapuk", "Proses", "Dinas PUPR"]]);
    let half = &file[..file.len() / 2];
    let cases: [(&str, &[u8], usize, &str); 6] = [
        ("lapor.xlsx", &file, file.len() / 2, "Unggahan terputus"),
        ("lapor.xlsx", half, 0, "Berkas ini terpotong"),
        ("lapor.pdf", b"%PDF-1.4 not a workbook", 0, "Ini bukan berkas Excel"),
        ("", b"", 0, "Belum ada berkas yang dipilih"),
        ("lapor.xlsx", b"", 0, "Berkas ini kosong"),
        ("lapor.xlsx", &vec![0; FILE_BYTES_MAX + 1], 0, "lebih besar dari 10 MiB"),
    ];
    for (name, bytes, cut, words) in cases {
        let answer = rig.upload(name, bytes, cut).await;
        answer.expect(StatusCode::UNPROCESSABLE_ENTITY, &[words, "name=\"file\""]);
    }
    assert_eq!(rig.stage(id).await, Stage::Entered);
}

#[tokio::test]
async fn an_upload_that_is_forgotten_asks_for_the_file_again() {
    let rig = Rig::new().await;
    let id = rig.complaint(1, Stage::Entered, |_| {}).await;
    let file = export(&[["5049601", "Jembatan kayu lapuk", "Proses", "Dinas PUPR"]]);
    let at = rig.upload("lapor.xlsx", &file, 0).await.location().to_owned();
    rig.kit.clock.advance_millis(2 * 3600 * 1000);
    for answer in [rig.post_as(LIAISON, &at, &[]).await, rig.get(&at).await] {
        answer.expect(
            StatusCode::NOT_FOUND,
            &["Unggahan ini sudah tidak tersimpan", "name=\"file\""],
        );
    }
    assert_eq!(rig.stage(id).await, Stage::Entered);
}

#[tokio::test]
async fn what_an_import_could_not_change_is_listed_up_to_what_a_person_reads() {
    let rig = Rig::new().await;
    let at = rig.upload("lapor.xlsx", &export(&[]), 0).await.location().to_owned();
    let id = ComplaintId::new(rig.desk.now(), rig.kit.clock.random());
    let refused = |number: u32| RefusedUpdate {
        update: Update {
            complaint: id,
            tracking_id: format!("{}", 5_049_000 + number).parse().unwrap(),
            status: None,
            disposed_to: Some("Dinas PUPR".into()),
        },
        reason: Refusal::NotNow {
            step: "dispose",
            stage: Stage::Closed,
        },
    };
    let plan = Plan {
        refused: (1..=203).map(refused).collect(),
        ..Plan::default()
    };
    let imported = Imported {
        updated: 0,
        unchanged: 0,
        plan,
    };
    rig.uploads
        .finish(at.rsplit('/').next().unwrap(), imported, rig.desk.now());
    let page = rig.get(&at).await;
    page.expect(StatusCode::OK, &["5049001", "5049200", "… dan 3 lagi"]);
    assert!(!page.shows("5049201"));
}
