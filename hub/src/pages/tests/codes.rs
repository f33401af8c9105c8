//! Enrolment codes on paper.

use axum::http::StatusCode;
use titian_domain::lang::Lang;
use titian_sync::enrol::code::EnrolCode;

use super::rig::Rig;

#[tokio::test]
async fn an_administrator_prints_a_code_for_an_office_that_works_and_is_shown_once() {
    let mut rig = Rig::new().await;
    rig.sign_in("hasnah", "Hasnah Noor", &["administrator"]).await;
    let offices = rig.get_as("hasnah", Lang::Id, "/kantor").await;
    offices.expect(StatusCode::OK, &["action=\"/kantor/63.01.03/kode\""]);
    let mut codes = Vec::new();
    for letter in ["A", "B"] {
        let page = rig.post_as("hasnah", "/kantor/63.01.03/kode", &[]).await;
        page.expect(
            StatusCode::OK,
            &[
                "Kantor Kecamatan Pelaihari",
                "https://hub.tanahlaut.example",
                "<svg",
                "hanya tampil sekarang",
            ],
        );
        assert_eq!(page.headers["cache-control"], "no-store");
        let text = page
            .html
            .split("<code id=\"code\">")
            .nth(1)
            .unwrap()
            .split('<')
            .next()
            .unwrap();
        let code = EnrolCode::parse(text).unwrap();
        assert_eq!((code.office.as_str(), code.letter.as_str()), ("63.01.03", letter));
        codes.push(text.to_owned());
    }
    assert_ne!(codes[0], codes[1]);
    let again = rig.get_as("hasnah", Lang::Id, "/kantor").await;
    assert!(!codes.iter().any(|code| again.shows(code)));
    rig.post_as("hasnah", "/kantor/63.01.99/kode", &[])
        .await
        .expect(StatusCode::NOT_FOUND, &[]);
    let liaison = rig.get("/kantor").await;
    assert!(!liaison.shows("/kode"), "codes are the administrator's");
}
