//! Files that offices bring on a stick, through the browser: taken, answered, or told what is wrong with them.

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use ed25519_dalek::SigningKey;
use titian_domain::lang::Lang;
use titian_sync::bundle::label::{Content, Label};
use titian_sync::enrol::Fingerprint;
use titian_sync::enrol::code::{EnrolCode, Secret};
use titian_sync::enrol::message::EnrolRequest;

use super::rig::{Answer, COORDINATOR, LIAISON, Rig, START};

async fn bring(rig: &Rig, who: &str, name: &str, content: &str) -> Answer {
    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{content}\r\n--b--\r\n"
    );
    let request = rig
        .request(who, Lang::Id, Method::POST, "/kantor/berkas")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
    rig.send(request.body(Body::from(body)).unwrap()).await
}

/// The file by which a gateway of Pelaihari introduces itself.
async fn join_file(rig: &Rig) -> String {
    let store = &rig.desk.store;
    let key = store.keys([5; 32]).await.unwrap().present().clone();
    let (office, secret) = ("63.01.03".parse().unwrap(), Secret([3; 14]));
    let later = START.plus_millis(86_400_000);
    let letter = store
        .add_code((office, "hasnah"), secret.clone(), (START, later))
        .await
        .unwrap();
    let code = EnrolCode {
        secret,
        hub: Fingerprint::of(&key.verifying_key()),
        office: "63.01.03".parse().unwrap(),
        letter,
        address: "http://hub.example".into(),
    };
    let request = EnrolRequest::new(&code, &SigningKey::from_bytes(&[4; 32]), "loket-1");
    let label = Label::new(Content::EnrolRequest, "63.01.03/A".parse().unwrap(), code.hub);
    format!("{}{}", label.to_line(), String::from_utf8(request.to_json()).unwrap())
}

#[tokio::test]
async fn a_gateway_joins_by_stick_and_its_answer_is_saved_beside_its_office() {
    let rig = Rig::new().await;
    let file = join_file(&rig).await;
    let taken = bring(&rig, LIAISON, "titian_x_0-join.titian", &file).await;
    taken.expect(
        StatusCode::OK,
        &[
            "63.01.03/A",
            "Komputer itu sekarang terdaftar; buat jawaban dan titipkan kembali.",
        ],
    );
    let offices = rig.get("/kantor").await;
    offices.expect(
        StatusCode::OK,
        &[
            "1. Ambil berkas dari flashdisk",
            "2. Buat jawaban dan simpan di flashdisk",
            "/kantor/jawaban/1",
            "Buat jawaban",
        ],
    );

    let made = rig.post("/kantor/jawaban/1", &[]).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER);
    let offices = rig.get(made.headers[header::LOCATION].to_str().unwrap()).await;
    offices.expect(StatusCode::OK, &["_0-join.titian", "_1.titian"]);
    let start = offices.html.find("/kantor/jawaban/berkas/").unwrap();
    let path = offices.html[start..].split('"').next().unwrap();
    let saved = rig.get(path).await;
    assert_eq!(saved.status, StatusCode::OK);
    assert!(saved.html.starts_with("titian-bundle 1 enrol-reply 63.01.03/A "));
    // Once more is no new gateway.
    let again = bring(&rig, LIAISON, "titian_x_0-join.titian", &file).await;
    again.expect(StatusCode::OK, &["63.01.03/A"]);
    assert!(!rig.get("/kantor").await.html.contains("/kantor/jawaban/2"));
}

#[tokio::test]
async fn what_cannot_be_taken_is_told_and_who_only_reads_takes_and_answers_nothing() {
    let rig = Rig::new().await;
    let file = join_file(&rig).await;
    let other_hub = file.replacen(
        &file[file.find("/A ").unwrap() + 3..file.find('\n').unwrap()],
        "00112233445566aa",
        1,
    );
    for (content, words) in [
        ("RIFF....", "Ini bukan berkas Titian"),
        (other_hub.as_str(), "Berkas ini bukan untuk komputer ini"),
        (&file[..file.len() - 9], "terpotong atau rusak"),
    ] {
        bring(&rig, LIAISON, "a.titian", content)
            .await
            .expect(StatusCode::OK, &[words, "class=\"flag\""]);
    }
    assert_eq!(
        bring(&rig, COORDINATOR, "a.titian", &file).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        rig.post_as(COORDINATOR, "/kantor/jawaban/1", &[]).await.status,
        StatusCode::FORBIDDEN
    );
    let read = rig.get_as(COORDINATOR, Lang::Id, "/kantor").await;
    assert!(
        !read.html.contains("/kantor/berkas"),
        "nothing is offered that is refused"
    );
    assert_eq!(rig.post("/kantor/jawaban/77", &[]).await.status, StatusCode::NOT_FOUND);
    for name in ["..%2Fhub.db", "hub.db", "x.titian"] {
        let path = format!("/kantor/jawaban/berkas/{name}");
        assert_eq!(rig.get(&path).await.status, StatusCode::NOT_FOUND, "{name}");
    }
}
