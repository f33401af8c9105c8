//! What the lists promise: the inbox, what waits for disposition, the offices.

use axum::http::StatusCode;
use titian_domain::lang::Lang;
use titian_domain::time::Zone;
use titian_domain::vocabulary::Stage;
use titian_host::store::StoreError;
use titian_host::web::Reader;

use super::rig::{COORDINATOR, DAY_MILLIS, Rig};
use crate::pages::offices::gateway_words;
use crate::pages::words::Words;
use crate::store::office::GatewayRow;

#[tokio::test]
async fn the_list_is_filtered_searched_and_paged() {
    let rig = Rig::new().await;
    for serial in 1..=60 {
        rig.complaint(serial, Stage::Recorded, |sheet| {
            sheet.title = format!("Lampu jalan {serial} padam");
        })
        .await;
    }
    rig.complaint_of("63.01.01", 1, Stage::Forwarded, |sheet| {
        sheet.title = "<script>air</script> keruh".into();
    })
    .await;
    let first = rig.get("/").await;
    assert!(first.shows("&#60;script&#62;air") && !first.shows("<script>air"));
    assert!(first.shows("Lampu jalan 60 padam") && !first.shows("Lampu jalan 11 padam"));
    let next = first
        .html
        .split("href=\"")
        .find_map(|part| part.split('"').next().filter(|link| link.contains("sebelum=")));
    let second = rig.get(&next.unwrap().replace("&amp;", "&")).await;
    assert!(
        second.shows("Lampu jalan 11 padam") && second.shows("Lampu jalan 1 padam") && !second.shows("Lampu jalan 12 ")
    );
    assert!(!second.shows("sebelum="), "there is no third page");
    let other_office = rig.get("/?kantor=63.01.01").await;
    assert!(other_office.shows("keruh") && !other_office.shows("Lampu"));
    assert!(!rig.get("/?tahap=recorded").await.shows("keruh"));
    let searched = async |text| rig.post("/cari", &[("text", text), ("tahap", "recorded")]).await;
    let led = searched("lampu 7").await;
    assert!(
        !led.location().contains("lampu"),
        "nothing of it stands in an address: {}",
        led.location()
    );
    assert!(rig.get(led.location()).await.shows("Lampu jalan 7 padam"));
    assert!(rig.get("/").await.shows("nomor, judul, isi, nama"));
    let nameless = rig.get_as(COORDINATOR, Lang::Id, "/").await;
    assert!(
        nameless.shows("nomor, judul, isi\""),
        "who may not see names searches by none"
    );
    let elsewhere = rig.get_as(COORDINATOR, Lang::Id, led.location()).await;
    assert_eq!(elsewhere.location(), "/", "it is the search of who made it");
    let named = searched("63.01.01/A/2026/0001").await;
    assert!(named.location().starts_with("/laporan/"));
    let nothing = searched("sepeda").await;
    rig.get(nothing.location())
        .await
        .expect(StatusCode::OK, &["Tidak ada laporan yang cocok"]);
}

#[tokio::test]
async fn what_is_overdue_and_what_waits_longest_stands_out() {
    let rig = Rig::new().await;
    rig.complaint(1, Stage::Entered, |sheet| sheet.title = "Sumur kering".into())
        .await;
    rig.kit.clock.advance_millis(7 * DAY_MILLIS);
    rig.complaint(2, Stage::Entered, |sheet| sheet.title = "Antrean KTP".into())
        .await;
    // Sessions end after days without a look: the rig's people come back in the morning.
    let rig = rig.signed_in_again().await;
    let waiting = rig.get("/menunggu").await;
    waiting.expect(
        StatusCode::OK,
        &[
            "2 laporan menunggu",
            "Rabu, 11 Maret 2026",
            "7 hari yang lalu",
            "lewat 2 hari",
            "5049601",
        ],
    );
    assert!(waiting.html.find("Sumur kering") < waiting.html.find("Antrean KTP"));
    let overdue = rig.get("/?lewat=1").await;
    assert!(overdue.shows("Sumur kering") && !overdue.shows("Antrean KTP"));
    rig.get("/")
        .await
        .expect(StatusCode::OK, &["terlama sejak Rabu, 11 Maret 2026"]);
}

#[tokio::test]
async fn offices_show_what_waits_and_which_gateway_is_silent() {
    let rig = Rig::new().await;
    rig.complaint(1, Stage::Forwarded, |_| {}).await;
    let waiting = "/?tahap=forwarded&#38;kantor=63.01.03\">1</a>";
    let offices = rig.get("/kantor").await;
    offices.expect(
        StatusCode::OK,
        &["Kantor Kecamatan Takisung", "Belum ada gateway yang terdaftar", waiting],
    );

    let words = Words::new(Reader::sample(&rig.kit, Lang::Id, None), Zone::Wita, rig.desk.now());
    let gateway = |last_seen: Option<i64>, revoked| {
        let last_seen = last_seen.map(|days| words.now.plus_millis(-days * DAY_MILLIS));
        let (letter, machine) = ("A".into(), "loket-1".into());
        let row = GatewayRow {
            number: 1,
            letter,
            machine,
            last_seen,
            in_sync_since: None,
            revoked,
            copied_at: None,
        };
        let shown = gateway_words(&row, &words);
        (shown.seen.words, shown.seen.class)
    };
    assert_eq!(gateway(None, false), ("belum pernah".into(), "flag"));
    assert_eq!(
        gateway(Some(1), false),
        ("Selasa, 10 Maret 2026 09.01 WITA (kemarin)".into(), "due")
    );
    assert_eq!(gateway(Some(21), false).1, "due-over");
    let copied = GatewayRow {
        number: 1,
        letter: "A".into(),
        machine: "loket-1".into(),
        last_seen: Some(words.now),
        in_sync_since: Some(words.now),
        revoked: false,
        copied_at: Some(words.now),
    };
    let told = gateway_words(&copied, &words).copied.unwrap();
    assert!(told.contains("09.01 WITA"), "{told}");
    assert_eq!(gateway(Some(21), true).0, "dicabut");
}

#[tokio::test]
async fn what_was_put_aside_is_shown_with_its_reason_and_never_its_content() {
    let rig = Rig::new().await;
    rig.get("/karantina")
        .await
        .expect(StatusCode::OK, &["Tidak ada yang disisihkan"]);
    let put = "INSERT INTO device (number, office, letter, key, machine, enrolled_at, acked_chain)
             VALUES (7, '63.01.03', 'B', zeroblob(32), 'loket-2', 0, zeroblob(16));
         INSERT INTO quarantine (office, device, kind, complaint, hash, fingerprint, reason, missing, since, size, body)
             VALUES ('63.01.03', 7, 1, zeroblob(16), zeroblob(32), zeroblob(32), 18, zeroblob(32), 0, 11, CAST('isi rahasia' AS BLOB)),
                    ('63.01.03', 7, 1, zeroblob(16), zeroblob(32), randomblob(32), 200, x'', 0, 11, NULL);";
    rig.desk
        .store
        .door()
        .write(move |tx| Ok::<_, StoreError>(tx.execute_batch(put)?))
        .await
        .unwrap();
    let page = rig.get("/karantina").await;
    page.expect(
        StatusCode::OK,
        &[
            "Kantor Kecamatan Pelaihari",
            "menunggu perubahan sebelumnya",
            "000000000000…",
            "oleh program yang lebih baru",
        ],
    );
    assert!(!page.shows("rahasia"));
}
