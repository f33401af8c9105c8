//! The pages of both programs in a real browser: a complaint's whole way, as its operator and its liaison go it.

use titian_demo::cast::{Cast, LIAISON, OPERATOR};
use titian_demo::export::{self, Row};

use crate::browser::Browser;
use crate::stage::Stage;

const TITLE: &str = "Jembatan kayu di Desa Tampang patah";
const INSTITUTION: &str = "Dinas Pekerjaan Umum, Penataan Ruang dan Pertanahan";
const TRACKING_ID: &str = "9600001";

#[tokio::test]
async fn operator_and_liaison_bring_a_complaint_through_all_pages_and_back() {
    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    cast.hub.serve().unwrap();
    cast.pelaihari.serve().unwrap();
    let office = cast.pelaihari.program.address().unwrap().to_owned();
    let hub = cast.hub.program.address().unwrap().to_owned();
    let mut browser = Browser::open("pages").await;

    browser.log_in(&office, OPERATOR).await;
    browser.shoot("office-empty").await;
    let complaint = record_and_complete(&mut browser, &office).await;
    sync(&mut browser, &office, &complaint).await;

    browser.log_in(&hub, LIAISON).await;
    browser.shoot("hub-inbox").await;
    browser.follow(TITLE).await;
    browser.shoot("hub-detail").await;
    browser.press("form[action$='/terima'] button").await;
    assert_eq!(browser.count("main .stage-accepted").await, 1);
    transcribe(&mut browser, &hub, &complaint).await;
    import(&mut browser, &stage, (&hub, &complaint)).await;

    browser.go(&format!("{office}/sinkronisasi")).await;
    browser.press("form[action='/sinkronisasi'] button").await;
    browser.go(&format!("{office}{complaint}")).await;
    browser.shoot("office-disposed").await;
    assert_eq!(browser.count("main .stage-disposed").await, 1);
    let page = browser.text("main").await;
    assert!(page.contains(INSTITUTION) && page.contains(TRACKING_ID), "{page}");
    browser.go(&office).await;
    browser.shoot("office-list").await;
    browser.close().await;
    cast.stop().unwrap();
    stage.assert_no_errors();
}

/// Records an incomplete complaint, sees what is missing, completes it, verifies and forwards it.
async fn record_and_complete(browser: &mut Browser, office: &str) -> String {
    browser.go(&format!("{office}/laporan/baru")).await;
    browser.shoot("office-sheet").await;
    browser.write("#title", TITLE).await;
    browser.write("#reporter_nik", "123").await;
    browser.press("main form .actions button[type=submit]").await;
    assert_eq!(browser.value_of("#title").await, TITLE, "what was typed stays typed");
    assert!(
        browser.count("#reporter_nik[aria-invalid=true]").await == 1,
        "the wrong field is marked"
    );
    browser.shoot("office-sheet-refused").await;

    browser.write("#reporter_nik", "6301030107719999").await;
    browser.press("main form .actions button[type=submit]").await;
    let complaint = browser.path().await;
    assert!(
        complaint.starts_with("/laporan/") && complaint != "/laporan/baru",
        "saved and shown: {complaint}"
    );
    assert!(
        !browser.find("#verifikasi").await.is_enabled().await.unwrap(),
        "incomplete, so it cannot be verified"
    );
    browser.shoot("office-incomplete").await;

    browser.press("a[href$='/ubah']").await;
    for (field, text) in [
        (
            "#narrative",
            "Jembatan kayu yang dilewati anak sekolah patah di tengah sejak hujan deras hari Minggu.",
        ),
        ("#event_date", "2026-03-01"),
        ("#place", "Jembatan di RT 3"),
        ("#institution", INSTITUTION),
        ("#why_nameless", "Pelapor tidak mau disebut namanya."),
        ("#why_unreachable", "Pelapor tidak punya telepon."),
    ] {
        browser.write(field, text).await;
    }
    browser.choose("#classification", "complaint").await;
    browser.choose("#category", "Perhubungan").await;
    browser.press("main form .actions button[type=submit]").await;
    assert_eq!(browser.path().await, complaint, "{}", browser.text("main").await);
    browser.press("#verifikasi").await;
    assert_eq!(browser.count("main .stage-verified").await, 1);
    browser.press("#teruskan").await;
    assert_eq!(browser.count("main .stage-forwarded").await, 1);
    browser.shoot("office-forwarded").await;
    complaint
}

/// Delivers it; only then does the page say that the hub has it.
async fn sync(browser: &mut Browser, office: &str, complaint: &str) {
    browser.go(&format!("{office}/sinkronisasi")).await;
    browser.press("form[action='/sinkronisasi'] button").await;
    browser.shoot("office-sync").await;
    browser.go(&format!("{office}{complaint}")).await;
    assert_eq!(
        browser.count("main .ticks .tick-done").await,
        2,
        "saved here, and received by the hub"
    );
}

/// Copies from the transcription sheet with the button, and brings the Tracking ID back.
async fn transcribe(browser: &mut Browser, hub: &str, complaint: &str) {
    browser.go(&format!("{hub}{complaint}/lembar-salin")).await;
    browser.shoot("hub-sheet").await;
    let row = ".sheet-row:has(button[data-copy])";
    let value = browser.text(&format!("{row} .sheet-value")).await;
    browser.touch(&format!("{row} button[data-copy]")).await;
    browser.wait_for(&format!("{row} button.copied")).await;
    // Pasted as a person pastes it: into the next field, with the keyboard.
    browser.write("#tracking_id", "\u{e009}v\u{e000}").await;
    let pasted = browser.value_of("#tracking_id").await;
    assert!(
        !pasted.is_empty() && value.starts_with(&pasted),
        "copied {value:?}, pasted {pasted:?}"
    );

    browser.write("#tracking_id", "12").await;
    browser.press("form:has(#tracking_id) button").await;
    assert_eq!(
        browser.count("#tracking_id[aria-invalid=true]").await,
        1,
        "two digits are no Tracking ID"
    );
    browser.write("#tracking_id", TRACKING_ID).await;
    browser.press("form:has(#tracking_id) button").await;
    browser.go(&format!("{hub}{complaint}")).await;
    assert_eq!(browser.count("main .stage-entered").await, 1);
    browser.go(&format!("{hub}/menunggu")).await;
    assert!(
        browser.text("main").await.contains(TITLE),
        "it waits for its disposition"
    );
    browser.shoot("hub-waiting").await;
}

/// Uploads LAPOR's export, looks at what it would change, and lets it.
async fn import(browser: &mut Browser, stage: &Stage, (hub, complaint): (&str, &str)) {
    let file = stage.folder().join("ekspor-lapor.xlsx");
    let row = Row {
        tracking_id: TRACKING_ID.into(),
        title: TITLE.into(),
        status: "Belum Ditindaklanjuti".into(),
        disposed_to: INSTITUTION.into(),
    };
    export::write(&file, &[row]).unwrap();
    browser.go(&format!("{hub}/impor-lapor")).await;
    browser
        .find("#file")
        .await
        .send_keys(file.to_str().unwrap())
        .await
        .unwrap();
    browser.press("main form button[type=submit]").await;
    browser.shoot("hub-import-preview").await;
    assert!(browser.text("main").await.contains(TRACKING_ID));
    browser.press("main form[action^='/impor-lapor/'] button").await;
    browser.shoot("hub-import-done").await;
    browser.go(&format!("{hub}{complaint}")).await;
    assert_eq!(browser.count("main .stage-disposed").await, 1);
    browser.shoot("hub-disposed").await;
}
