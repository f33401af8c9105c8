//! News on a stick through the browser: files to save, answers to take, and clear words about everything else.

use axum::http::StatusCode;
use ed25519_dalek::SigningKey;
use titian_sync::bundle::label::{Content, Label};
use titian_sync::enrol::Fingerprint;
use titian_sync::enrol::code::{EnrolCode, Secret};
use titian_sync::enrol::message::{EnrolReply, EnrolRequest, Enrolled};

use super::rig::{Answer, COMPLETE, NOW, Rig};

fn hub() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}

/// A gateway whose code is of a hub with a key that the test has.
async fn rig() -> Rig {
    let rig = Rig::new().await;
    let code = EnrolCode {
        secret: Secret([7; 14]),
        hub: Fingerprint::of(&hub().verifying_key()),
        office: "63.01.03".parse().unwrap(),
        letter: "A".parse().unwrap(),
        address: "http://127.0.0.1:1".to_owned(),
    };
    let code = code.to_text().unwrap();
    rig.post("/sinkronisasi/daftar", &[("code", &code)]).await;
    rig
}

/// Makes files for the hub; gives the page that shows them.
async fn made(rig: &Rig) -> Answer {
    let made = rig.post("/sinkronisasi/berkas", &[]).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    rig.get(&made.location).await
}

/// Gives the address of the only file on the page.
fn file(page: &Answer) -> String {
    let start = "/sinkronisasi/berkas/";
    let links: Vec<_> = page.text.match_indices(&format!("href=\"{start}")).collect();
    assert_eq!(links.len(), 1, "{}", page.text);
    let rest = &page.text[links[0].0 + "href=\"".len()..];
    rest.split('"').next().unwrap().to_owned()
}

async fn content(rig: &Rig, path: &str) -> Vec<u8> {
    let (parts, bytes) = rig.exchange("GET", path, "", Vec::new()).await;
    assert_eq!(parts.status, StatusCode::OK);
    assert!(
        parts.headers["content-disposition"]
            .to_str()
            .unwrap()
            .starts_with("attachment")
    );
    bytes
}

#[tokio::test]
async fn an_office_without_a_network_joins_by_stick_and_its_complaints_go_with_the_next_file() {
    let rig = rig().await;
    rig.record(COMPLETE).await;
    let page = made(&rig).await;
    let path = file(&page);
    assert!(path.ends_with("_0-join.titian"), "{path}");
    let bytes = content(&rig, &path).await;
    let (label, length) = Label::find(&bytes).unwrap();
    assert_eq!(label.content, Content::EnrolRequest);

    let request = EnrolRequest::from_json(&bytes[length..]).unwrap();
    let enrolled = Enrolled {
        device: 1,
        epoch: [0; 16],
        office: "63.01.03".parse().unwrap(),
        letter: "A".parse().unwrap(),
        hub_time: NOW,
        dictionary: 1,
    };
    let reply = EnrolReply::new(&enrolled, &request, &hub()).to_json();
    let fingerprint = Fingerprint::of(&hub().verifying_key());
    let label = Label::new(Content::EnrolReply, "63.01.03/A".parse().unwrap(), fingerprint);
    let answer = format!("{}{}", label.to_line(), String::from_utf8(reply).unwrap());
    let result = rig
        .upload("/sinkronisasi/jawaban", "titian_hub_x.titian", &answer)
        .await;
    assert_eq!(result.status, StatusCode::OK);
    assert!(result.says("Komputer ini sekarang terdaftar di hub"), "{}", result.text);

    let page = made(&rig).await;
    let path = file(&page);
    assert!(
        path.ends_with("_1.titian"),
        "the new file took the place of the old one: {path}"
    );
    let bytes = content(&rig, &path).await;
    assert_eq!(Label::find(&bytes).unwrap().0.content, Content::Request);
    assert!(
        !bytes.windows(6).any(|window| window == b"Rahma "),
        "what lies on the stick can be read by the hub alone"
    );
}

#[tokio::test]
async fn what_is_no_answer_for_this_gateway_is_told_in_words_and_nothing_changes() {
    let rig = rig().await;
    let own = String::from_utf8(content(&rig, &file(&made(&rig).await)).await).unwrap();
    for (name, bytes, words) in [
        ("film.titian", "RIFF....", "Ini bukan berkas Titian"),
        ("kosong.titian", "", "Ini bukan berkas Titian"),
        ("titian.titian", own.as_str(), "Berkas ini bukan untuk komputer ini"),
    ] {
        let result = rig.upload("/sinkronisasi/jawaban", name, bytes).await;
        assert_eq!(result.status, StatusCode::OK);
        assert!(
            result.says(words) && result.says("class=\"flag\""),
            "{name}: {}",
            result.text
        );
    }
    let none = rig.send_files("/sinkronisasi/jawaban", &[], &[]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.says("Belum ada berkas yang dipilih"), "{}", none.text);
    for name in ["..%2Fgateway.db", "gateway.db", "x.titian"] {
        let answer = rig.get(&format!("/sinkronisasi/berkas/{name}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{name}");
    }
}

#[tokio::test]
async fn the_page_explains_the_way_step_by_step_and_offers_attachments_only_where_some_wait() {
    let mut rig = rig().await;
    let page = rig.get("/sinkronisasi").await;
    for words in ["1. Buat berkas", "2. Bawa flashdisk ke hub", "3. Ambil jawaban"] {
        assert!(page.says(words), "{}", page.text);
    }
    assert!(!page.says("name=\"attachments\""), "nothing waits");
    let letter = [b"%PDF-1.4\n".as_slice(), &[7; 5_000], b"\n%%EOF\n"].concat();
    rig.send_files("/laporan/baru", COMPLETE, &[("surat.pdf", &letter)])
        .await;
    let page = rig.get("/sinkronisasi").await;
    assert!(
        page.says("name=\"attachments\"") && page.says("1 lampiran"),
        "{}",
        page.text
    );
    rig.in_english();
    assert!(rig.get("/sinkronisasi").await.says("2. Take the stick to the hub"));
}
