//! What citizens are told: shown before, kept with the complaint, and on the paper that they take home.

use axum::http::StatusCode;
use titian_domain::id::ComplaintId;
use titian_domain::notice::Notice;
use titian_domain::particulars::Particulars;
use titian_domain::vocabulary::Channel;

use super::rig::{COMPLETE, NOW, Rig, with};
use crate::desk::Sheet;

fn notice(text: &str) -> Notice {
    Notice::parse(text).unwrap()
}

#[tokio::test]
async fn a_complaint_keeps_the_text_under_which_it_was_recorded() {
    let rig = Rig::enrolled().await;
    let standard = Notice::standard().version().to_string();
    let before = rig.get("/laporan/baru").await;
    assert!(before.says("Dasar hukum.") && before.says(&standard));
    let first = rig.record(COMPLETE).await;

    let own = notice("Arsip disimpan lima tahun <b>di kantor</b>.");
    rig.desk.choose_notice("siti", Some(own.clone())).await.unwrap();
    let sheet = rig.get("/laporan/baru").await;
    assert!(sheet.says("Arsip disimpan lima tahun &#60;b&#62;di kantor") && !sheet.says("<b>di kantor"));
    assert!(!sheet.says("Dasar hukum."), "the standard text is not in force");
    let second = rig.record(&with(COMPLETE, &[("title", "Lampu jalan padam")])).await;
    rig.desk.choose_notice("siti", None).await.unwrap();
    let third = rig.record(&with(COMPLETE, &[("title", "Parit tersumbat")])).await;

    for (path, version, words) in [
        (&first, &standard, "Dasar hukum."),
        (&second, &own.version().to_string(), "Arsip disimpan lima tahun"),
        (&third, &standard, "Dasar hukum."),
    ] {
        let page = rig.get(path).await;
        let href = format!("/pemberitahuan/{version}");
        assert!(
            page.says(&format!("<a href=\"{href}\">{version}")),
            "{path}: {}",
            page.text
        );
        assert!(rig.get(&href).await.says(words), "{href}");
        let receipt = rig.get(&format!("{path}/tanda-terima")).await;
        assert!(receipt.says(words) && receipt.says(version), "{}", receipt.text);
    }
    let choices = rig.desk.notice_choices().await.unwrap();
    let versions: Vec<_> = choices.into_iter().map(|chosen| chosen.version).collect();
    assert_eq!(versions, [None, Some(own.version())]);
    for unknown in ["/pemberitahuan/0123456789ab", "/pemberitahuan/x"] {
        assert_eq!(rig.get(unknown).await.status, StatusCode::NOT_FOUND, "{unknown}");
    }
}

#[tokio::test]
async fn the_receipt_names_the_number_and_the_officer_and_shows_no_identity() {
    let rig = Rig::enrolled().await;
    let path = rig.record(COMPLETE).await;
    let receipt = rig.get(&format!("{path}/tanda-terima")).await;
    for words in [
        "63.01.03/A/2026/0001",
        "27 Maret 2026 10.15 WITA",
        "Jembatan kayu di RT 4 lapuk",
        "R••• Y•••",
        "••••••••••••0001",
        "Siti",
        "Petugas penerima,",
    ] {
        assert!(receipt.says(words), "{words}: {}", receipt.text);
    }
    for hidden in ["Rahma Yulianti", "6301034107900001", "81234567890"] {
        assert!(!receipt.says(hidden), "{hidden}");
    }
    let nobody = rig.get("/laporan/01ARZ3NDEKTSV4RRFFQ69G5FAV/tanda-terima").await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn of_an_older_register_nobody_claims_what_was_told() {
    let rig = Rig::enrolled().await;
    let id = ComplaintId::new(NOW, [7; 10]);
    let sheet = Sheet {
        particulars: Particulars::new(Channel::Letter, NOW),
        reporter: titian_domain::reporter::ReporterRecord::default(),
    };
    rig.desk.take_over("siti", id, sheet).await.unwrap().unwrap();
    assert_eq!(rig.desk.show(id).await.unwrap().complaint.notice(), None);
    let page = rig.get(&format!("/laporan/{id}")).await;
    assert!(page.says("tidak tercatat"), "{}", page.text);
    let receipt = rig.get(&format!("/laporan/{id}/tanda-terima")).await;
    assert!(receipt.says("versi pemberitahuannya tidak ikut tercatat") && receipt.says("Dasar hukum."));
}
