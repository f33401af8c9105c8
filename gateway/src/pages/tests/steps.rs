//! The steps at the office, the work list, and taking a register over.

use axum::http::StatusCode;
use titian_domain::completeness::Missing;
use titian_host::casebook::list::Filter;

use super::rig::{COMPLETE, Rig, with};

#[tokio::test]
async fn a_complete_complaint_is_verified_and_forwarded_and_its_page_tells_so() {
    let rig = Rig::enrolled().await;
    let path = rig.record(COMPLETE).await;
    let early = rig.post(&format!("{path}/teruskan"), &[]).await;
    assert_eq!(
        early.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "what is not verified is not forwarded"
    );
    assert!(early.says("role=\"alert\""));
    for step in ["verifikasi", "teruskan"] {
        assert_eq!(rig.post(&format!("{path}/{step}"), &[]).await.location, path);
    }
    let page = rig.get(&path).await;
    assert!(page.says("stage-forwarded") && page.says("Diverifikasi") && page.says("Diteruskan ke penghubung"));
    assert!(page.says("Siti Rahmah"), "the timeline names who did it");
    assert!(
        page.says("Diterima hub (belum)"),
        "nothing is called delivered without a hub"
    );
    assert!(
        page.says("sudah di tangan penghubung"),
        "why it cannot be changed any more is said"
    );
    let change = rig
        .post(
            &format!("{path}/ubah"),
            &with(COMPLETE, &[("title", "Ketikan terakhir")]),
        )
        .await;
    assert_eq!(change.status, StatusCode::CONFLICT);
    assert!(change.says("Ketikan terakhir"));
    assert!(!page.says("id=\"tutup\""), "what never comes again is not offered");
    let late = rig.post(&format!("{path}/tanya"), &[("note", "Di RT mana?")]).await;
    assert!(
        late.says("id=\"tanya-problem\"") && late.says("Di RT mana?"),
        "what was typed stays all the same"
    );
}

#[tokio::test]
async fn a_returned_complaint_names_what_to_mend_and_its_history_runs_as_the_procedure() {
    let rig = Rig::enrolled().await;
    let path = rig.record(COMPLETE).await;
    for step in ["verifikasi", "teruskan"] {
        rig.post(&format!("{path}/{step}"), &[]).await;
    }
    rig.returned(&path, &[Missing::When, Missing::Where], "Sebutkan nomor RT.")
        .await;
    let page = rig.get(&path).await;
    assert!(
        page.says("<li>Tanggal kejadian</li><li>Tempat kejadian</li>"),
        "{}",
        page.text
    );
    assert!(
        !page.says("Tanggal kejadian belum ada"),
        "a date that was told is not said to be missing"
    );
    assert_eq!(
        page.text.matches("class=\"timeline-waiting\"").count(),
        2,
        "LAPOR's two steps have not begun"
    );
    let history = page.text.split("Riwayat").nth(1).unwrap();
    let happened = [
        "Dicatat",
        "Diverifikasi",
        "Diteruskan ke penghubung",
        "Tiba di hub",
        "Dikembalikan penghubung",
        "Yang kurang: Tanggal kejadian, Tempat kejadian\nSebutkan nomor RT.",
    ];
    let places = happened.map(|what| history.find(what).unwrap_or_else(|| panic!("{what}: {history}")));
    assert!(places.is_sorted(), "oldest first: {places:?}");
}

#[tokio::test]
async fn a_refused_note_stays_typed() {
    let rig = Rig::enrolled().await;
    let path = rig.record(COMPLETE).await;
    let blank = rig.post(&format!("{path}/tanya"), &[("note", " ")]).await;
    assert!(
        blank.says("id=\"tanya-problem\"") && blank.says("<details id=\"tanya\" open>"),
        "{}",
        blank.text
    );
    let unchosen = rig
        .post(
            &format!("{path}/tutup"),
            &[("note", "Dirujuk ke Polsek Pelaihari"), ("outcome", "")],
        )
        .await;
    assert!(unchosen.says("Pilih alasan penutupan") && unchosen.says("Dirujuk ke Polsek Pelaihari"));
    let long = "a".repeat(1001);
    let answer = rig.post(&format!("{path}/catatan"), &[("note", &long)]).await;
    assert!(answer.says("paling banyak 1000 huruf") && answer.says(&long));
    assert_eq!(
        rig.post(&format!("{path}/menghilang"), &[]).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(rig.get("/laporan/bukan-nomor").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_deadline_pauses_while_the_complainant_is_asked() {
    let rig = Rig::enrolled().await;
    let path = rig.record(COMPLETE).await;
    assert_eq!(
        rig.post(&format!("{path}/tanya"), &[("note", "Di RT mana?")])
            .await
            .location,
        path
    );
    let page = rig.get(&path).await;
    assert!(page.says("menunggu pelapor") && page.says("Di RT mana?") && page.says("<details id=\"jawaban\" open>"));
    assert!(rig.get("/?only=waiting").await.says("Jembatan kayu"));
    assert_eq!(
        rig.post(&format!("{path}/jawaban"), &[("note", "RT 4")]).await.location,
        path
    );
    assert!(!rig.get("/?only=waiting").await.says("Jembatan kayu"));
    let close = [("note", "Dicabut lewat telepon"), ("outcome", "withdrawn")];
    assert_eq!(rig.post(&format!("{path}/tutup"), &close).await.location, path);
    assert!(rig.get(&path).await.says("Ditutup di kantor: Dicabut pelapor"));
}

#[tokio::test]
async fn the_work_list_counts_finds_and_pages() {
    let rig = Rig::enrolled().await;
    for number in 1..=52 {
        rig.record(&with(
            COMPLETE,
            &[("title", &format!("Laporan ke-{number} tentang air"))],
        ))
        .await;
        rig.clock.advance_millis(1_000);
    }
    let list = rig.get("/").await;
    assert!(list.says("<strong>52</strong> Perlu dilengkapi"), "{}", list.text);
    assert!(
        list.says("ke-52 ") && list.says("ke-3 ") && !list.says("ke-2 "),
        "fifty fit on a page"
    );
    let next = list
        .text
        .split("href=\"/?before=")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let older = rig.get(&format!("/?before={next}")).await;
    assert!(older.says("ke-2 ") && older.says("ke-1 ") && !older.says("ke-3 ") && older.says("Terbaru"));
    let searched = async |text| {
        let led = rig.post("/cari", &[("text", text), ("stage", "recorded")]).await;
        assert!(
            !led.location.contains(text),
            "no name stands in an address: {}",
            led.location
        );
        rig.get(&led.location).await
    };
    assert!(searched("ke-7 tentang").await.says("ke-7 "));
    assert!(
        searched("Rahma").await.says("ke-52 "),
        "the reporter's name is searched"
    );
    assert!(searched("gempa").await.says("Tidak ada laporan yang cocok"));
    assert_eq!(
        rig.get("/?q=AAAAAAAA").await.location,
        "/",
        "what is forgotten is typed again"
    );
    assert!(rig.get("/?stage=closed").await.says("Tidak ada laporan yang cocok"));
    assert!(
        list.says("batas Senin 23.59"),
        "received on a Friday, one working day to verify"
    );
    rig.clock.advance_millis(8 * 24 * 3_600_000);
    // The session is over by then; a new one is not what this asks about.
    let overdue = rig
        .desk
        .list(Filter {
            overdue_at: Some(rig.desk.now()),
            ..Filter::default()
        })
        .await
        .unwrap();
    assert_eq!(overdue.len(), 52);
}

const REGISTER: &str = "Tanggal Masuk;Kanal;Nama;Judul;Isi;Lokasi\n\
    9/3/2026;Surat;Rahma Yulianti;Jembatan lapuk;Papan jembatan lapuk sejak lama.;Sungai Riam\n\
    bukan tanggal;Surat;Budi Santoso;Lampu padam;Lampu jalan padam.;Angsau\n\
    10/3/2026;Telepon;Aminah;Air keruh;Air PDAM keruh tiap pagi.;Angsau\n";

#[tokio::test]
async fn a_register_is_looked_at_first_then_taken_over_and_never_twice() {
    let rig = Rig::enrolled().await;
    let count = || async { rig.desk.list(Filter::default()).await.unwrap().len() };
    let preview = rig.upload("/impor", "register.csv", REGISTER).await;
    assert!(
        preview.says("2 akan dicatat") && preview.says("1 tidak dapat dicatat"),
        "{}",
        preview.text
    );
    assert!(preview.says("Tanggal tidak terbaca"), "the bad row says why");
    assert_eq!(count().await, 0, "looking records nothing");
    let token = preview.hidden("token");
    let done = rig.post("/impor/simpan", &[("token", &token)]).await;
    assert!(
        done.says("2 dicatat") && done.says("63.01.03/A/2026/0001"),
        "{}",
        done.text
    );
    assert_eq!(count().await, 2);
    assert!(
        rig.post("/impor/simpan", &[("token", &token)])
            .await
            .says("pilih berkasnya sekali lagi")
    );
    let again = rig.upload("/impor", "register.csv", REGISTER).await;
    assert!(again.says("0 akan dicatat") && again.says("2 sudah tercatat"));
    assert_eq!(count().await, 2);
}

#[tokio::test]
async fn a_file_that_is_no_register_is_explained() {
    let rig = Rig::enrolled().await;
    let wrong = rig.upload("/impor", "foto.xlsx", "PK\u{3}\u{4}bukan buku kerja").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.says("role=\"alert\""));
    assert!(rig.upload("/impor", "", "").await.says("Pilih dulu berkas register"));
    let large = rig.upload("/impor", "besar.csv", &"x".repeat(11 << 20)).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(large.says("Tidak ada yang dicatat"), "{}", large.text);
}
