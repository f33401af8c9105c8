//! Files of a complaint: added while recording and afterwards, shown, saved, taken away; what cannot be is told beside it.

use std::io::Cursor;

use axum::http::{StatusCode, header};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

use super::rig::{COMPLETE, Rig, with};

const PDF: &[u8] = b"%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n";

fn photo(shade: u8) -> Vec<u8> {
    let mut content = Cursor::new(Vec::new());
    let picture = RgbImage::from_fn(800, 600, |x, y| Rgb([u8::try_from((x + y) % 200).unwrap(), shade, 80]));
    DynamicImage::from(picture)
        .write_to(&mut content, ImageFormat::Jpeg)
        .unwrap();
    content.into_inner()
}

/// Gives what stands between two texts.
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    text.split_once(start)
        .unwrap_or_else(|| panic!("no {start} in {text}"))
        .1
        .split(end)
        .next()
        .unwrap()
}

#[tokio::test]
async fn a_photo_is_attached_shown_small_saved_and_taken_away() {
    let rig = Rig::enrolled().await;
    let path = rig.record(COMPLETE).await;
    let answer = rig
        .send_files(
            &format!("{path}/lampiran"),
            &[],
            &[("KTP Rahma.jpg", &photo(9)), ("surat.pdf", PDF)],
        )
        .await;
    assert_eq!(
        (answer.status, answer.location),
        (StatusCode::SEE_OTHER, format!("{path}#lampiran"))
    );
    let page = rig.get(&path).await;
    for text in [
        "KTP Rahma.jpg",
        "surat.pdf",
        "PDF · 48 B",
        "belum dikirim ke hub",
        "Lampiran ditambahkan",
    ] {
        assert!(page.says(text), "{text}: {}", page.text);
    }
    let small = &format!("/laporan{}", between(&page.text, "<img src=\"/laporan", "\""));
    let (parts, content) = rig.exchange("GET", small, "", Vec::new()).await;
    assert_eq!(
        (parts.status, &parts.headers[header::CONTENT_TYPE]),
        (StatusCode::OK, &"image/jpeg".parse().unwrap())
    );
    assert_eq!(image::load_from_memory(&content).unwrap().width(), 240);

    // Saved under a name that is the office's, to be kept and not to be run.
    let file = small.strip_suffix("/kecil").unwrap();
    let (parts, content) = rig.exchange("GET", file, "", Vec::new()).await;
    let told = |name| parts.headers[name].to_str().unwrap();
    let hash = file.rsplit('/').next().unwrap();
    assert_eq!(
        told(header::CONTENT_DISPOSITION),
        format!("attachment; filename=\"63.01.03-A-2026-0001-{}.jpg\"", &hash[..8])
    );
    assert_eq!(told(header::CONTENT_SECURITY_POLICY), "default-src 'none'; sandbox");
    assert_eq!(told(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert_eq!(told(header::CONTENT_LENGTH), content.len().to_string());
    assert_eq!(blake3::hash(&content).to_hex().as_str(), hash);

    let answer = rig.post(&format!("{file}/hapus"), &[]).await;
    assert_eq!(answer.location, format!("{path}#lampiran"));
    let page = rig.get(&path).await;
    assert!(!page.says("KTP Rahma.jpg (") && page.says("Lampiran dihapus") && page.says("surat.pdf"));
    assert_eq!(
        rig.get(file).await.status,
        StatusCode::CONFLICT,
        "no longer the complaint's"
    );
}

#[tokio::test]
async fn what_cannot_be_attached_is_told_in_the_readers_language_and_the_rest_is_attached() {
    let mut rig = Rig::enrolled().await;
    let path = rig.record(COMPLETE).await;
    let add = format!("{path}/lampiran");
    let files: [(&str, &[u8]); 3] = [
        ("foto.jpg", b"<html>"),
        ("surat.pdf", PDF),
        ("lama.doc", &[0xD0, 0xCF, 0x11, 0xE0]),
    ];
    let answer = rig.send_files(&add, &[], &files).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for text in [
        "foto.jpg: Jenis berkas ini tidak diterima LAPOR.",
        "lama.doc: Ini dokumen Word lama",
        ">surat.pdf</a>",
    ] {
        assert!(answer.says(text), "{text}: {}", answer.text);
    }
    let nothing: [(&str, &[u8]); 1] = [("", b"")];
    assert!(
        rig.send_files(&add, &[], &nothing)
            .await
            .says("Belum ada berkas yang dipilih.")
    );
    rig.in_english();
    let answer = rig.send_files(&add, &[], &files[..1]).await;
    assert!(
        answer.says("foto.jpg: LAPOR does not take this kind of file."),
        "{}",
        answer.text
    );
    let large = vec![b'%'; 10_000_001];
    let answer = rig.send_files(&add, &[], &[("besar.pdf", &large)]).await;
    assert!(answer.says("larger than the 10 MB that LAPOR takes"), "{}", answer.text);
    assert!(
        rig.get("/sinkronisasi")
            .await
            .says("One attachment is not all at the hub; 48 B are still to be sent.")
    );
}

#[tokio::test]
async fn a_file_sent_with_a_sheet_that_is_not_saved_yet_need_not_be_chosen_again() {
    let rig = Rig::enrolled().await;
    let blank = rig.get("/laporan/baru").await;
    assert!(blank.says("enctype=\"multipart/form-data\""));
    let id = blank.hidden("id");
    let wrong = with(COMPLETE, &[("reporter_nik", "123"), ("id", &id)]);
    let answer = rig
        .send_files("/laporan/baru", &wrong, &[("foto.jpg", &photo(1))])
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.says("foto.jpg (JPG"), "{}", answer.text);
    let drafts = answer.hidden("drafts").replace("&#34;", "\"").replace("&quot;", "\"");
    // One more that is none: the sheet stays open, nothing is lost.
    let right = with(COMPLETE, &[("drafts", &drafts), ("id", &id)]);
    let answer = rig.send_files("/laporan/baru", &right, &[("bukan.jpg", b"MZ")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.says("foto.jpg (JPG") && answer.says("bukan.jpg: Jenis berkas"),
        "{}",
        answer.text
    );
    let answer = rig.send_files("/laporan/baru", &right, &[("surat.pdf", PDF)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let page = rig.get(&answer.location).await;
    assert!(
        page.says(">foto.jpg</a>") && page.says(">surat.pdf</a>"),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn a_file_opens_only_by_its_complaint_and_only_for_staff() {
    let mut rig = Rig::enrolled().await;
    let (first, second) = (
        rig.record(COMPLETE).await,
        rig.record(&with(COMPLETE, &[("title", "Lain")])).await,
    );
    rig.send_files(&format!("{first}/lampiran"), &[], &[("surat.pdf", PDF)])
        .await;
    let hash = blake3::hash(PDF).to_hex();
    assert_eq!(
        rig.get(&format!("{first}/lampiran/{hash}")).await.status,
        StatusCode::OK
    );
    assert_eq!(
        rig.get(&format!("{second}/lampiran/{hash}")).await.status,
        StatusCode::CONFLICT
    );
    for name in ["..%2F..%2Fgateway.db", "x", &hash.to_uppercase()] {
        assert_eq!(
            rig.get(&format!("{first}/lampiran/{name}")).await.status,
            StatusCode::NOT_FOUND,
            "{name}"
        );
    }
    rig.sign_out();
    assert_eq!(
        rig.get(&format!("{first}/lampiran/{hash}")).await.status,
        StatusCode::SEE_OTHER
    );
    let answer = rig
        .send_files(&format!("{first}/lampiran"), &[], &[("surat.pdf", PDF)])
        .await;
    assert_ne!(answer.location, format!("{first}#lampiran"), "nobody is nobody's staff");
}

#[tokio::test]
async fn how_far_a_file_has_come_is_told_as_far_as_the_hub_said() {
    let rig = Rig::enrolled().await;
    let path = rig.record(COMPLETE).await;
    let content = [PDF, &[b' '; 952]].concat();
    rig.send_files(&format!("{path}/lampiran"), &[], &[("surat.pdf", &content)])
        .await;
    let hash = *blake3::hash(&content).as_bytes();
    let told = |offset: u64, complete: bool| {
        let store = rig.desk.store.clone();
        async move {
            let noted = store.write(move |tx| {
                let sql = "INSERT OR REPLACE INTO attachment_at_hub VALUES (?1, ?2, ?3)";
                Ok::<_, titian_host::store::StoreError>(tx.execute(sql, (hash, offset, complete))?)
            });
            noted.await.unwrap();
        }
    };
    told(250, false).await;
    let way = "✓ tersimpan di sini · 25% sudah di hub (sisa 750 B)";
    assert!(rig.get(&path).await.says(way));
    let sync = rig.get("/sinkronisasi").await;
    assert!(sync.says("Perkiraan kuota untuk mengirim semuanya: teks") && sync.says("lampiran 758 B"));
    assert!(sync.says(way) && sync.says("63.01.03/A/2026/0001"), "{}", sync.text);
    told(1000, true).await;
    assert!(rig.get(&path).await.says("✓✓ diterima hub"));
    let sync = rig.get("/sinkronisasi").await;
    assert!(!sync.says("id=\"lampiran\""));
    assert!(
        sync.says("Perkiraan kuota untuk mengirim semuanya:") && !sync.says("teks 1"),
        "{}",
        sync.text
    );
}
