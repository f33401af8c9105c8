//! What is sent without a form of ours, or with a form of somebody else, changes nothing.

use super::*;

/// The token of the forms on a page.
pub fn token_in(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"form_token\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

/// Two browsers, as their cookies tell.
const ONE: &str = "titian_forms_8420=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const OTHER: &str = "titian_forms_8420=AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

impl Rig {
    /// The token of a page that is open in a browser.
    async fn token(&self, browser: &str, session: &str) -> String {
        token_in(&self.get("/form", &format!("{browser}; {session}")).await.text)
    }

    /// Sends a form as it is, as a browser of ours would say that it came from a page of ours.
    async fn send(&self, path: &str, (browser, session): (&str, &str), form: String) -> StatusCode {
        let request = Request::builder()
            .method("POST")
            .uri(path)
            .header(header::HOST, "localhost:8420")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, format!("{browser}; {session}"));
        let request = request.body(Body::from(form)).unwrap();
        self.router.clone().oneshot(request).await.unwrap().status()
    }
}

#[tokio::test]
async fn no_form_is_taken_but_one_of_this_person_in_this_browser() {
    let (rig, _) = Rig::with_keeper().await;
    let siti = rig.session().await;
    let hasnah = rig.sign_in_as("hasnah", "kunci+lemari").await.cookie();
    let right = rig.token(ONE, &siti).await;
    let tokens = [
        ("none", String::new()),
        ("an empty one", "form_token=".to_owned()),
        (
            "one of before the sign-in",
            format!("form_token={}", rig.token(ONE, "").await),
        ),
        (
            "one of somebody else here",
            format!("form_token={}", rig.token(ONE, &hasnah).await),
        ),
        (
            "one's own of another browser",
            format!("form_token={}", rig.token(OTHER, &siti).await),
        ),
        ("one behind another field", format!("a=b&form_token={right}")),
    ];
    for (what, form) in tokens {
        for path in ["/private", "/logout", "/akun/keluar"] {
            assert_eq!(
                rig.send(path, (ONE, &siti), form.clone()).await,
                StatusCode::FORBIDDEN,
                "{path} with {what}"
            );
        }
    }
    let form = format!("form_token={right}&a=b");
    assert_eq!(rig.send("/private", (ONE, &siti), form).await, StatusCode::OK);
    // A form that makes somebody sign in as somebody else is one that writes.
    let login = "name=hasnah&password=kunci+lemari".to_owned();
    assert_eq!(
        rig.send("/login", (ONE, ""), login.clone()).await,
        StatusCode::FORBIDDEN
    );
    let form = format!("form_token={}&{login}", rig.token(ONE, "").await);
    assert_eq!(rig.send("/login", (ONE, ""), form).await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_form_that_was_left_open_is_good_again_for_who_opened_it_and_for_nobody_else() {
    let (rig, hasnah) = Rig::with_keeper().await;
    let first = rig.session().await;
    let form = format!("form_token={}&title=Jalan+rusak", rig.token(ONE, &first).await);
    rig.kit.clock.advance_millis(SESSION_IDLE_MILLIS_MAX + 1);
    assert_eq!(
        rig.send("/private", (ONE, &first), form.clone()).await,
        StatusCode::UNAUTHORIZED
    );
    let hasnah_again = rig.sign_in_as("hasnah", "kunci+lemari").await.cookie();
    assert_ne!(hasnah, hasnah_again);
    assert_eq!(
        rig.send("/private", (ONE, &hasnah_again), form.clone()).await,
        StatusCode::FORBIDDEN
    );
    let second = rig.session().await;
    assert_eq!(rig.send("/private", (ONE, &second), form.clone()).await, StatusCode::OK);
    // With the password ends what was opened under it.
    let change = format!(
        "form_token={}&old=jembatan+bambu&new=perahu+biru",
        rig.token(ONE, &second).await
    );
    assert_eq!(
        rig.send("/akun/sandi", (ONE, &second), change).await,
        StatusCode::SEE_OTHER
    );
    let third = rig.sign_in_as("Siti.Rahmah", "perahu+biru").await.cookie();
    assert_eq!(rig.send("/private", (ONE, &third), form).await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_browser_is_known_from_its_first_page_on() {
    let rig = Rig::with_siti().await;
    let first = rig.get("/login", "").await;
    let cookie = first.headers[header::SET_COOKIE].to_str().unwrap().to_owned();
    assert!(
        cookie.starts_with("titian_forms_8420=") && cookie.ends_with("; HttpOnly; SameSite=Lax"),
        "{cookie}"
    );
    let again = rig.get("/login", &first.cookie()).await;
    assert!(again.headers.get(header::SET_COOKIE).is_none());
    assert_eq!(token_in(&again.text), token_in(&first.text));
    // What is no page makes nobody known: two answers at once would make each other's forms worthless.
    assert!(rig.get("/private", "").await.headers.get(header::SET_COOKIE).is_none());
}
