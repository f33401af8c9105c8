//! What went wrong on the way to the hub is said in the reader's language.

use titian_host::store::StoreError;
use titian_sync::engine::Refusal;
use titian_sync::engine::gateway::ExchangeError;
use titian_sync::enrol::code::{EnrolCode, Secret};
use titian_sync::enrol::message::EnrolError;

use super::rig::{Rig, code};
use crate::store::device;
use crate::uplink::{Silence, UplinkError};

/// One failure of each kind that has words of its own.
fn failures() -> Vec<UplinkError> {
    let codes = [
        EnrolError::Used,
        EnrolError::UnknownCode,
        EnrolError::Expired,
        EnrolError::Unproved,
    ];
    let refusals = [
        Refusal::UnknownDevice,
        Refusal::Revoked,
        Refusal::BadSignature,
        Refusal::Version { newest: 2 },
        Refusal::BadItem { position: 7 },
        Refusal::Busy { millis: 1_000 },
        Refusal::Elsewhere,
    ];
    let others = [
        UplinkError::Unreachable(Silence::NoConnection),
        UplinkError::NotAHub { status: 404 },
        UplinkError::HubInTrouble,
        UplinkError::OtherKey,
        UplinkError::NotSecured("received corrupt message".into()),
        UplinkError::PlainHttp("http://192.168.1.4:8320".into()),
        UplinkError::Exchange(ExchangeError::Cut),
        UplinkError::Exchange(ExchangeError::Signature),
    ];
    codes
        .into_iter()
        .map(|error| UplinkError::Code(error.into()))
        .chain(refusals.into_iter().map(UplinkError::Refused))
        .chain(others)
        .collect()
}

#[tokio::test]
async fn each_kind_of_failure_has_words_of_its_own_and_english_only_in_english() {
    let mut rig = Rig::enrolled().await;
    let mut told = std::collections::BTreeSet::new();
    let mut pages = Vec::new();
    for failure in failures() {
        note(&rig, format!("{}: {failure}", failure.kind())).await;
        let page = rig.get("/sinkronisasi").await;
        let sentence = page.text.split("Sinkronisasi terakhir gagal").nth(1).unwrap();
        let sentence = sentence.split("(Kode untuk administrator").next().unwrap().to_owned();
        assert!(told.insert(sentence), "{failure} is told like another one");
        assert!(page.says("aman di komputer ini"), "{}", page.text);
        pages.push((failure, page.text));
    }
    rig.in_english();
    for (failure, indonesian) in pages {
        note(&rig, format!("{}: {failure}", failure.kind())).await;
        let english = rig.get("/sinkronisasi").await.text.replace("&#39;", "'");
        let sentence = failure.to_string();
        assert!(english.contains(&sentence), "{sentence} is not in {english}");
        assert!(!indonesian.replace("&#39;", "'").contains(&sentence), "{sentence}");
    }
}

#[tokio::test]
async fn a_failure_without_a_kind_is_told_too() {
    let rig = Rig::enrolled().await;
    note(&rig, "Something: went wrong".into()).await;
    let page = rig.get("/sinkronisasi").await;
    assert!(
        page.says("Sinkronisasi terhenti") && !page.says("went wrong"),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn a_code_of_another_office_is_refused_with_its_name() {
    let rig = Rig::enrolled().await;
    let other = EnrolCode {
        secret: Secret([8; 14]),
        office: "63.01.01".parse().unwrap(),
        ..EnrolCode::parse(&code()).unwrap()
    };
    let answer = rig
        .post("/sinkronisasi/daftar", &[("code", &other.to_text().unwrap())])
        .await;
    assert!(
        answer.says("id=\"code-problem\"") && answer.says("Kode ini untuk Kecamatan Takisung"),
        "{}",
        answer.text
    );
    assert!(rig.get("/sinkronisasi").await.says("63.01.03"), "the office stays");
}

async fn note(rig: &Rig, error: String) {
    let at = rig.desk.now();
    let noting = rig
        .desk
        .store
        .write(move |tx| Ok::<_, StoreError>(device::failed(tx, at, &error)?));
    noting.await.unwrap();
}
