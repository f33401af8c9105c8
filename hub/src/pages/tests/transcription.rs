//! The citizen's own words on the transcription sheet: what names people is pointed out before it is copied.

use axum::http::StatusCode;
use titian_domain::lang::Lang;
use titian_domain::vocabulary::Stage;
use titian_host::audit;
use titian_host::store::StoreError;

use super::rig::{COORDINATOR, Rig, path};

const STORY: &str =
    "Jembatan lapuk. Hubungi Pak Budi di 0812-3456-7890, NIK 6301034107900001. Saya, Rahma, takut lewat.";
const PROPOSAL: &str =
    "Jembatan lapuk. Hubungi Pak [nama] di [nomor telepon], NIK [NIK]. Saya, [pelapor], takut lewat.";
/// What a button copies.
const COPIED: &str = "class=\"sheet-value\" id=\"value-";

#[tokio::test]
async fn words_that_name_people_are_copied_only_once_it_is_chosen_how_and_that_is_noted() {
    let rig = Rig::new().await;
    let id = rig
        .complaint(1, Stage::Accepted, |told| told.narrative = STORY.into())
        .await;
    let sheet = format!("{}/lembar-salin", path(id));
    let page = rig.get(&sheet).await;
    page.expect(
        StatusCode::OK,
        &[
            "<mark>Budi</mark>",
            "<mark>0812-3456-7890</mark>",
            "<mark>Rahma</mark>",
            PROPOSAL,
            "Pakai usulan",
        ],
    );
    page.expect(
        StatusCode::OK,
        &["menyebut NIK, nomor telepon, nama pelapor, nama orang"],
    );
    let copies = |html: &str, text: &str| {
        html.split(COPIED)
            .skip(1)
            .any(|value| value.split("</div>").next().unwrap().ends_with(text))
    };
    assert!(
        !copies(&page.html, STORY) && !copies(&page.html, PROPOSAL),
        "nothing is copied unasked"
    );

    let redacted = rig.post(&sheet, &[("wording", "redacted")]).await;
    assert!(copies(&redacted.html, PROPOSAL) && !redacted.shows("6301034107900001"));
    let both = rig
        .post(&sheet, &[("wording", "as-written"), ("why", "transcribe")])
        .await;
    assert!(copies(&both.html, STORY) && copies(&both.html, "Rahma Yulianti"));
    let neither = rig.post(&sheet, &[("wording", "shouted")]).await;
    assert!(!copies(&neither.html, STORY) && !copies(&neither.html, PROPOSAL));

    let filter = audit::Filter {
        complaint: Some(id),
        deed: Some("wording-chosen".into()),
        limit: 9,
        ..Default::default()
    };
    let reading = rig
        .kit
        .store
        .read(move |connection| Ok::<_, StoreError>(audit::list(connection, &filter)?));
    let noted: Vec<_> = reading.await.unwrap().into_iter().map(|row| row.detail).collect();
    assert_eq!(noted, ["as-written", "redacted"]);
}

#[tokio::test]
async fn who_may_not_see_the_reporter_is_not_told_which_name_is_theirs() {
    let rig = Rig::new().await;
    let id = rig
        .complaint(1, Stage::Accepted, |told| told.narrative = STORY.into())
        .await;
    let page = rig
        .get_as(COORDINATOR, Lang::Id, &format!("{}/lembar-salin", path(id)))
        .await;
    page.expect(StatusCode::OK, &["<mark>Budi</mark>", "Saya, Rahma, takut"]);
    assert!(!page.shows("nama pelapor") && !page.shows("Pakai usulan"));
}
