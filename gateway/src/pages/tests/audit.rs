//! The audit log as its page shows it.

use axum::http::StatusCode;

use super::rig::{COMPLETE, Rig, with};

#[tokio::test]
async fn what_was_done_with_a_complaint_is_listed_in_words_for_those_who_oversee_it() {
    let mut rig = Rig::enrolled().await;
    let path = rig
        .record(&with(COMPLETE, &[("reporter_name", "Rahma Yulianti")]))
        .await;
    let id = path.trim_start_matches("/laporan/");
    let trail = format!("/catatan?complaint={id}");
    assert!(rig.get(&path).await.text.contains(&format!("href=\"{trail}\"")));
    let refused = rig.post(&format!("{path}/teruskan"), &[]).await;
    assert_eq!(
        refused.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "not verified yet: said on the page"
    );
    let masked = rig.post(&format!("{path}/pelapor"), &[]).await;
    assert!(masked.says("Pilih dulu alasannya") && !masked.says("Rahma Yulianti"));
    let shown = rig.post(&format!("{path}/pelapor"), &[("why", "contact")]).await;
    assert!(shown.says("Rahma Yulianti"));
    let page = rig.get(&trail).await;
    for words in [
        "mencatat",
        "<td>Langkah ditolak</td>",
        "Identitas pelapor dilihat",
        "Menghubungi pelapor",
    ] {
        assert!(page.says(words), "{words}: {}", page.text);
    }
    assert_eq!(
        page.text.matches("Identitas pelapor dilihat").count(),
        2,
        "in the list of deeds, and one row"
    );
    assert!(!page.says("Yulianti"), "no citizen is in it");
    let others = rig.get("/catatan?complaint=01ARZ3NDEKTSV4RRFFQ69G5FAV").await;
    assert!(others.says("Tidak ada baris yang cocok"));
    rig.sign_in_as("aminah", &["operator"]).await;
    assert!(!rig.get(&path).await.text.contains("/catatan?"));
    assert_eq!(rig.get(&trail).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn rows_are_searched_and_older_ones_are_a_page_further() {
    let mut rig = Rig::enrolled().await;
    let path = rig.record(COMPLETE).await;
    for _ in 0..105 {
        rig.post(&format!("{path}/pelapor"), &[("why", "check")]).await;
    }
    let rows = |html: &str| html.matches("<td class=\"number\">").count();
    let first = rig.get("/catatan?deed=identity-shown&who=siti").await;
    assert_eq!(rows(&first.text), 100);
    let before = first.text.split("name=\"before\" value=\"").nth(1).unwrap();
    let before = before.split('"').next().unwrap();
    let second = rig
        .get(&format!("/catatan?deed=identity-shown&who=siti&before={before}"))
        .await;
    assert_eq!(rows(&second.text), 5);
    assert!(!second.says("Lebih lama"));
    assert_eq!(rows(&rig.get("/catatan?since=2099-01-01").await.text), 0);
    for (wrong, words) in [
        ("complaint=63.01.03", "26 huruf dan angka"),
        ("since=kemarin", "2026-11-01"),
    ] {
        let page = rig.get(&format!("/catatan?{wrong}")).await;
        assert!(page.says(words) && rows(&page.text) == 0, "{}", page.text);
    }
    rig.in_english();
    assert!(rig.get("/catatan").await.says("identity seen"));
}
