//! A gateway that is new: welcome, code, and what the page about sync says.

use axum::http::StatusCode;

use super::rig::{COMPLETE, Rig, code};

#[tokio::test]
async fn a_new_gateway_says_what_to_do_and_works_offline_once_the_code_is_typed() {
    let rig = Rig::new().await;
    let welcome = rig.get("/").await;
    assert!(
        welcome.says("Kode pendaftaran") && welcome.says("name=\"code\""),
        "{}",
        welcome.text
    );
    assert_eq!(rig.get("/laporan/baru").await.location, "/");

    let answer = rig
        .post("/sinkronisasi/daftar", &[("code", &code().to_lowercase())])
        .await;
    assert_eq!(
        (answer.status, answer.location.as_str()),
        (StatusCode::SEE_OTHER, "/"),
        "{}",
        answer.text
    );
    let path = rig.record(COMPLETE).await;
    assert!(rig.get(&path).await.says("63.01.03/A/2026/0001"));
    let sync = rig.get("/sinkronisasi").await;
    assert!(
        sync.says("Hub tidak dapat dihubungi") && sync.says("1 laporan masih menunggu dikirim"),
        "{}",
        sync.text
    );
    assert!(
        sync.says("(Kode untuk administrator: unreachable)"),
        "its kind was noted"
    );
}

#[tokio::test]
async fn a_wrong_code_stays_typed_and_is_explained_beside_the_field() {
    let rig = Rig::new().await;
    let wrong = code().replace('0', "1");
    let answer = rig.post("/sinkronisasi/daftar", &[("code", &wrong)]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.says(&wrong) && answer.says("id=\"code-problem\"") && answer.says("Kode ini salah ketik"));
    assert!(
        rig.post("/sinkronisasi/daftar", &[("code", " ")])
            .await
            .says("Kode masih kosong")
    );
}

#[tokio::test]
async fn a_sheet_that_was_typed_before_enrolment_comes_back_whole() {
    let rig = Rig::new().await;
    let answer = rig.post("/laporan/baru", COMPLETE).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(
        answer.says("Belum tersimpan: gateway ini belum tahu") && answer.says("Rahma Yulianti"),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn nobody_sees_a_page_without_signing_in() {
    let mut rig = Rig::enrolled().await;
    let path = rig.record(COMPLETE).await;
    rig.sign_out();
    for page in ["/", "/laporan/baru", path.as_str(), "/impor", "/sinkronisasi"] {
        let answer = rig.get(page).await;
        assert!(answer.location.starts_with("/login?next="), "{page}: {}", answer.status);
    }
    assert_eq!(
        rig.post(&format!("{path}/pelapor"), &[]).await.status,
        StatusCode::UNAUTHORIZED
    );
}
