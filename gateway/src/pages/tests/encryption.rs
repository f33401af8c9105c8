//! A recovery code is shown to one session, for a while, and opens nothing until it was typed back.

use axum::http::StatusCode;

use super::rig::{Answer, Rig};
use crate::pages::Ask;

const HALF_AN_HOUR_MILLIS: i64 = 30 * 60_000;

/// Asks for a code, as Siti or whoever has her password.
async fn shown(rig: &Rig) -> String {
    let answer = rig.post("/enkripsi/nyalakan", &[("password", "jembatan bambu")]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    code_on(&answer)
}

fn code_on(answer: &Answer) -> String {
    let rest = answer.text.split_once("<code id=\"code\">").unwrap().1;
    rest.split('<').next().unwrap().to_owned()
}

async fn type_back(rig: &Rig, code: &str) -> Answer {
    rig.post("/enkripsi/kode", &[("code", code)]).await
}

#[tokio::test]
async fn a_code_is_of_the_session_that_asked_for_it_and_good_once() {
    let mut rig = Rig::enrolled().await;
    let code = shown(&rig).await;
    let siti = rig.cookie.clone();

    // Another head of office, and Siti herself in another browser, have none.
    for other in ["budi", "tono"] {
        rig.sign_in_as(other, &["head"]).await;
        assert_eq!(type_back(&rig, &code).await.location, "/enkripsi");
    }
    rig.sign_in_again("siti").await;
    assert_eq!(type_back(&rig, &code).await.location, "/enkripsi");
    assert!(rig.asked.try_recv().is_err());

    rig.cookie = siti;
    for wrong in ["", "bukan kode", &code[1..]] {
        let answer = type_back(&rig, wrong).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert_eq!(code_on(&answer), code, "it is shown again");
        assert!(rig.asked.try_recv().is_err());
    }
    let answer = type_back(&rig, &code.to_lowercase().replace('-', " ")).await;
    assert_eq!((answer.status, &*answer.location), (StatusCode::SEE_OTHER, "/enkripsi"));
    let Ok(Ask::Encipher(beginning)) = rig.asked.try_recv() else {
        panic!("the program was not asked")
    };
    assert_eq!((&*beginning.who, &**beginning.code.to_text()), ("siti", &*code));
    assert!(beginning.password.is_some());
    type_back(&rig, &code).await;
    assert!(rig.asked.try_recv().is_err(), "it is good once");
}

#[tokio::test]
async fn a_code_that_waited_for_too_long_and_one_that_another_took_back_are_worth_nothing() {
    let mut rig = Rig::enrolled().await;
    let late = shown(&rig).await;
    rig.clock.advance_millis(HALF_AN_HOUR_MILLIS + 1);
    assert_eq!(type_back(&rig, &late).await.location, "/enkripsi");
    let first = shown(&rig).await;
    let second = shown(&rig).await;
    assert_ne!(first, second);
    assert_eq!(type_back(&rig, &first).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(rig.asked.try_recv().is_err());
    rig.clock.advance_millis(HALF_AN_HOUR_MILLIS - 1);
    type_back(&rig, &second).await;
    assert!(matches!(rig.asked.try_recv(), Ok(Ask::Encipher(_))));
}

#[tokio::test]
async fn no_code_is_shown_to_who_does_not_know_the_password() {
    let mut rig = Rig::enrolled().await;
    for step in ["nyalakan", "nyalakan"] {
        let answer = rig
            .post(&format!("/enkripsi/{step}"), &[("password", "jembatan bamboo")])
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.says("tidak cocok") && !answer.says("big-code"));
    }
    // What needs an enciphered office does nothing at one that is plain.
    for step in ["kode-baru", "kunci", "lanjutkan"] {
        let answer = rig
            .post(&format!("/enkripsi/{step}"), &[("password", "jembatan bambu")])
            .await;
        assert_eq!(answer.location, "/enkripsi", "{step}");
    }
    assert!(rig.asked.try_recv().is_err());
}

#[tokio::test]
async fn who_may_turn_it_on_is_reminded_and_nobody_else() {
    let mut rig = Rig::enrolled().await;
    assert!(rig.get("/").await.says("belum disandikan"));
    rig.sign_in_as("budi", &["operator", "verifier"]).await;
    let list = rig.get("/").await;
    assert!(!list.says("disandikan") && !list.says("/enkripsi"));
}
