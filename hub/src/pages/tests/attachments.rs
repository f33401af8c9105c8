//! Files of a complaint at the hub: shown as far as they have arrived, saved one by one, never run.

use axum::http::{StatusCode, header};
use titian_domain::attachment::{AttachedFile, AttachmentHash, MediaType};
use titian_domain::id::ComplaintId;
use titian_domain::lang::Lang;
use titian_domain::vocabulary::Stage;

use super::rig::{LIAISON, Rig, path};

async fn attach(rig: &Rig, id: ComplaintId, content: &'static [u8]) -> AttachmentHash {
    let file = AttachedFile {
        hash: AttachmentHash::of(content),
        name: "surat \"warga\".pdf".into(),
        media_type: MediaType::Pdf,
        bytes: content.len() as u64,
    };
    let hash = file.hash;
    rig.office(id, move |case, _, by| case.attach(&file, by)).await;
    hash
}

#[tokio::test]
async fn a_file_is_shown_as_far_as_it_has_arrived_and_then_saved_for_lapor() {
    let rig = Rig::new().await;
    let id = rig.complaint(1, Stage::Accepted, |_| {}).await;
    let hash = attach(&rig, id, b"%PDF-1.4 abcdef %%EOF").await;
    let files = rig.desk.files.clone();
    files.append(hash, 21, 0, b"%PDF-1.4").unwrap();
    let file = format!("{}/lampiran/{hash}", path(id));
    let page = rig.get(&path(id)).await;
    page.expect(
        StatusCode::OK,
        &["Belum tiba seluruhnya: 8 B dari 21 B", "surat &#34;warga&#34;.pdf"],
    );
    assert!(!page.shows(&format!("href=\"{file}\"")), "nothing to save yet");
    let english = rig.get_as(LIAISON, Lang::En, &path(id)).await;
    english.expect(
        StatusCode::OK,
        &["Not all here yet: 8 B of 21 B, attached at the office"],
    );
    rig.get(&file)
        .await
        .expect(StatusCode::NOT_FOUND, &["Berkas ini belum ada di sini."]);

    files.append(hash, 21, 8, b" abcdef %%EOF").unwrap();
    for page in [path(id), format!("{}/lembar-salin", path(id))] {
        rig.get(&page)
            .await
            .expect(StatusCode::OK, &[&format!("href=\"{file}\"")]);
    }
    let saved = rig.get(&file).await;
    saved.expect(StatusCode::OK, &["%PDF-1.4 abcdef %%EOF"]);
    let told = |name| saved.headers[name].to_str().unwrap();
    assert_eq!(told(header::CONTENT_TYPE), "application/pdf");
    assert_eq!(
        told(header::CONTENT_DISPOSITION),
        format!("attachment; filename=\"63.01.03-A-2026-0001-{hash:.8}.pdf\"")
    );
    assert_eq!(told(header::CONTENT_SECURITY_POLICY), "default-src 'none'; sandbox");
    assert_eq!(told(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
}

#[tokio::test]
async fn a_damaged_file_is_not_given_away_and_is_wanted_again() {
    let rig = Rig::new().await;
    let id = rig.complaint(1, Stage::Forwarded, |_| {}).await;
    let hash = attach(&rig, id, b"%PDF-1.4 abcdef %%EOF").await;
    rig.desk.files.put(b"%PDF-1.4 abcdef %%EOF").unwrap();
    rig.desk.files.tidy(&rig.kit.store).await.unwrap();
    std::fs::write(
        rig.folder().join("attachments").join(hash.to_string()),
        b"%PDF-1.4 abcdeX %%EOF",
    )
    .unwrap();
    let file = format!("{}/lampiran/{hash}", path(id));
    rig.get(&file)
        .await
        .expect(StatusCode::NOT_FOUND, &["Berkas ini rusak di disk"]);
    let files = rig.desk.files.clone();
    let wanted = rig.kit.store.read(move |conn| {
        let office = "63.01.03".parse().unwrap();
        let start = AttachmentHash([0; 32]);
        Ok::<_, titian_host::store::StoreError>(titian_host::casebook::attachment::wanted(
            conn, &files, &office, start, 9,
        )?)
    });
    let wanted: Vec<_> = wanted
        .await
        .unwrap()
        .into_iter()
        .map(|one| (one.hash, one.held))
        .collect();
    assert_eq!(wanted, [(hash, 0)]);
}

#[tokio::test]
async fn a_file_opens_only_by_its_complaint() {
    let rig = Rig::new().await;
    let (mine, other) = (
        rig.complaint(1, Stage::Forwarded, |_| {}).await,
        rig.complaint(2, Stage::Forwarded, |_| {}).await,
    );
    let hash = attach(&rig, mine, b"%PDF-1.4 %%EOF").await;
    rig.desk.files.put(b"%PDF-1.4 %%EOF").unwrap();
    assert_eq!(
        rig.get(&format!("{}/lampiran/{hash}", path(mine))).await.status,
        StatusCode::OK
    );
    assert_eq!(
        rig.get(&format!("{}/lampiran/{hash}", path(other))).await.status,
        StatusCode::CONFLICT
    );
    assert_eq!(
        rig.get(&format!("{}/lampiran/x", path(mine))).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        rig.get_as("nobody", Lang::Id, &format!("{}/lampiran/{hash}", path(mine)))
            .await
            .status,
        StatusCode::SEE_OTHER
    );
}
