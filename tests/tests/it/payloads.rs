//! Markup and script in every text that people type, looked at in a real browser on both programs: it is shown as it was typed.

use titian_demo::cast::{self, Cast, LIAISON, OPERATOR, PELAIHARI};
use titian_demo::gateway::Recorded;

use crate::browser::Browser;
use crate::stage::{Stage, sheet};

/// Where one of its three ways worked, the page would have an element of this name.
const CAUGHT: &str = "#caught, .reasoned";
const PAYLOAD: &str = "x\"'><b id=\"caught\">y</b><script>document.body.id='caught'</script>\
                       <img src=/none onerror=\"document.body.id='caught'\">";

/// The same for what somebody writes who is asked why; it has no word of the name, which is refused there.
const REASON: &str = "surat\"'><em class=\"reasoned\">x</em><svg class=reasoned>";

/// The same for a name, which has fewer letters.
const NAME: &str = "x\"'><b id=caught></b><img src=/none onerror=\"document.body.id='caught'\">";

#[tokio::test]
async fn what_people_type_is_never_markup_on_any_page() {
    let stage = Stage::new();
    let mut cast = Cast::set_up(&stage).unwrap();
    let recorded = typed_everywhere(&cast);
    cast.hub.serve().unwrap();
    assert_eq!(cast.pelaihari.sync().unwrap(), Some(0));
    cast.pelaihari.serve().unwrap();
    let office = cast.pelaihari.program.address().unwrap().to_owned();
    let hub = cast.hub.program.address().unwrap().to_owned();
    let browser = Browser::open("payloads").await;
    let complaint = format!("/laporan/{}", recorded.id);

    browser.log_in(&office, OPERATOR).await;
    for page in [
        "/",
        &complaint,
        &format!("{complaint}/ubah"),
        &format!("{complaint}/tanda-terima"),
        "/pemberitahuan",
        "/sinkronisasi",
        "/akun",
        "/akun/semua",
        "/akun/semua/tamu",
    ] {
        look(&browser, &office, page).await;
    }
    browser.go(&format!("{office}{complaint}")).await;
    browser.choose("#why", "contact").await;
    browser.press("form:has(#why) button").await;
    nothing_was_caught(&browser, "the reporter at the office").await;
    what_is_held_about_somebody(&browser, &office, &complaint).await;

    browser.log_in(&hub, LIAISON).await;
    let transcription = format!("{complaint}/lembar-salin");
    for page in [
        "/",
        &complaint,
        &transcription,
        "/menunggu",
        "/kantor",
        "/karantina",
        "/retensi",
        "/impor-lapor",
        "/akun/dua-langkah",
        "/akun/semua",
    ] {
        look(&browser, &hub, page).await;
    }
    browser.go(&format!("{hub}{complaint}")).await;
    browser.choose("#why", "contact").await;
    browser.press("form:has(#why) button").await;
    nothing_was_caught(&browser, "the reporter at the hub").await;
    what_is_held_about_somebody(&browser, &hub, &complaint).await;
    // What was typed into a form that is refused comes back into the form.
    browser.go(&format!("{hub}{complaint}")).await;
    browser.press("form[action$='/terima'] button").await;
    browser.write("#tracking_id", "\"><b id=caught>").await;
    browser.press("form:has(#tracking_id) button").await;
    nothing_was_caught(&browser, "a form that was refused").await;
    // The same as a file that stands alone, opened from a disk.
    for program in [&cast.pelaihari.program, &cast.hub.program] {
        let path = stage.folder().join(format!("{}.html", program.name()));
        let to = path.to_str().unwrap();
        let command = ["subject", "file", to, "--reason", REASON];
        program.run_with(&command, "+6281200000199").unwrap().success().unwrap();
        browser.go(&format!("file://{to}")).await;
        assert_eq!(browser.count(CAUGHT).await, 0, "{to}: what somebody typed is markup");
        let text = browser.text("body").await;
        assert!(
            text.contains("onerror") && text.contains("reasoned"),
            "and it is there: {text}"
        );
    }
    browser.close().await;
    assert!(
        cast.hub
            .show(&recorded.register)
            .unwrap()
            .to_string()
            .contains("onerror"),
        "{}",
        PELAIHARI.0
    );
    cast.stop().unwrap();
}

/// What somebody sees who answers a citizen's request, prints a case file and reads afterwards what was noted of it.
async fn what_is_held_about_somebody(browser: &Browser, program: &str, complaint: &str) {
    browser.go(&format!("{program}/warga")).await;
    browser.write("#sought", "+6281200000199").await;
    browser.write("#reason", REASON).await;
    browser.press("form[action='/warga/cari'] button").await;
    assert_eq!(browser.count("input[name=complaint]").await, 1);
    nothing_was_caught(browser, "whose complaints they are").await;
    browser.touch("input[name=complaint]").await;
    browser.press("button[value=page]").await;
    nothing_was_caught(browser, "what is held about somebody").await;
    browser.go(&format!("{program}{complaint}")).await;
    browser.press("form[action$='/berkas'] button").await;
    nothing_was_caught(browser, "a case file").await;
    look(browser, program, "/catatan").await;
}

/// A complaint, accounts and an office with markup in every text that people type.
fn typed_everywhere(cast: &Cast) -> Recorded {
    let mut told = sheet(1);
    for field in [
        "title",
        "narrative",
        "place",
        "institution",
        "reporter_name",
        "reporter_address",
    ] {
        told[field] = PAYLOAD.into();
    }
    let recorded = cast::forward(&cast.pelaihari, &told).unwrap();
    cast.pelaihari.step(&["note", &recorded.id, "--note", PAYLOAD]).unwrap();
    for program in [&cast.pelaihari.program, &cast.hub.program] {
        let role = if program.name() == cast.hub.program.name() {
            "liaison"
        } else {
            "operator"
        };
        let add = [
            "staff",
            "add",
            "tamu",
            "--full-name",
            NAME,
            "--role",
            role,
            "--password-stdin",
        ];
        program.run_with(&add, "perahu biru\n").unwrap().success().unwrap();
    }
    cast.hub.add_office("63.01.05", NAME).unwrap();
    recorded
}

async fn look(browser: &Browser, program: &str, page: &str) {
    browser.go(&format!("{program}{page}")).await;
    nothing_was_caught(browser, page).await;
}

async fn nothing_was_caught(browser: &Browser, page: &str) {
    assert_eq!(browser.count(CAUGHT).await, 0, "{page}: what somebody typed is markup");
    assert_eq!(browser.count("main").await, 1, "{page}: and the page is whole");
}
