//! Every page in both languages, and every text in both files.

use titian_host::texts::{Texts, check};

use super::rig::{COMPLETE, Rig, with};
use crate::pages::TEXTS;

#[test]
fn every_text_exists_in_both_languages_and_is_used() {
    let sources = [
        include_str!("../mod.rs"),
        include_str!("../amend.rs"),
        include_str!("../attachments/mod.rs"),
        include_str!("../attachments/submitted.rs"),
        include_str!("../attachments/view.rs"),
        include_str!("../bundle.rs"),
        include_str!("../detail/mod.rs"),
        include_str!("../detail/steps.rs"),
        include_str!("../detail/view.rs"),
        include_str!("../encryption.rs"),
        include_str!("../list.rs"),
        include_str!("../notice.rs"),
        include_str!("../progress.rs"),
        include_str!("../record.rs"),
        include_str!("../register.rs"),
        include_str!("../sheet/mod.rs"),
        include_str!("../sheet/read.rs"),
        include_str!("../sheet/view.rs"),
        include_str!("../sync.rs"),
        include_str!("../timeline.rs"),
        include_str!("../trouble.rs"),
        include_str!("../visitor.rs"),
        include_str!("../words.rs"),
        include_str!("../../../templates/attachments.html"),
        include_str!("../../../templates/detail.html"),
        include_str!("../../../templates/encryption.html"),
        include_str!("../../../templates/encryption_code.html"),
        include_str!("../../../templates/enrol_form.html"),
        include_str!("../../../templates/import.html"),
        include_str!("../../../templates/list.html"),
        include_str!("../../../templates/notice.html"),
        include_str!("../../../templates/receipt.html"),
        include_str!("../../../templates/sheet.html"),
        include_str!("../../../templates/sync.html"),
        include_str!("../../../templates/welcome.html"),
    ];
    // Put together from the name of a step or of a field.
    let put_together = ["step-ask", "step-answered", "step-note", "step-close", "region-search"];
    let faults = check::faults(&Texts::new(&TEXTS).unwrap(), &sources, &put_together);
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Walks through every page; the rig fails on any text that is missing in the language.
async fn walk(rig: &Rig) {
    for path in [
        "/",
        "/laporan/baru",
        "/impor",
        "/pemberitahuan",
        "/sinkronisasi",
        "/enkripsi",
        "/?only=overdue",
        "/?stage=recorded",
    ] {
        assert!(rig.get(path).await.says("</html>"), "{path}");
    }
    rig.post("/laporan/baru", &[("channel", "?"), ("title", "x")]).await;
    let scoped = with(
        COMPLETE,
        &[
            ("narrative", "Sepeda motor saya dicuri dari halaman rumah."),
            ("anonymous", "yes"),
            ("confidential", "yes"),
        ],
    );
    let path = rig.record(&scoped).await;
    let steps = [
        ("tanya", "Di RT mana?"),
        ("tanya", "Lagi?"),
        ("jawaban", "RT 4"),
        ("catatan", "Sudah dilihat"),
        ("verifikasi", ""),
        ("teruskan", ""),
        ("tutup", ""),
        ("pelapor", ""),
    ];
    for (step, note) in steps {
        rig.post(&format!("{path}/{step}"), &[("note", note), ("outcome", "referred")])
            .await;
        assert!(rig.get(&path).await.says("</html>"), "{step}");
    }
    rig.get(&format!("{path}/ubah")).await;
    rig.get(&format!("{path}/tanda-terima")).await;
    rig.upload(
        "/impor",
        "a.csv",
        "Tanggal Masuk;Kanal;Judul;Warna\n9/3/2026;Surat;Air keruh;biru\nx;y;z;w\n",
    )
    .await;
    rig.post("/sinkronisasi", &[]).await;
    rig.get("/sinkronisasi").await;
}

#[tokio::test]
async fn every_page_renders_in_both_languages() {
    let mut rig = Rig::enrolled().await;
    walk(&rig).await;
    rig.in_english();
    walk(&rig).await;
    assert!(rig.get("/").await.says("Work list"));
    let mut new = Rig::new().await;
    new.get("/").await;
    new.in_english();
    assert!(new.get("/").await.says("Enrolment code"));
    assert!(new.get("/sinkronisasi").await.says("not enrolled"));
}
