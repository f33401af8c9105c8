//! The sheet: nothing that was typed is lost, nothing is recorded twice, nobody's identity shows unasked.

use axum::http::StatusCode;
use titian_domain::vocabulary::Stage;
use titian_host::casebook::list::Filter;

use super::rig::{COMPLETE, Rig, with};

async fn count(rig: &Rig) -> usize {
    rig.desk.list(Filter::default()).await.unwrap().len()
}

#[tokio::test]
async fn each_error_shows_beside_its_field_and_everything_typed_stays() {
    let rig = Rig::enrolled().await;
    let form = with(
        COMPLETE,
        &[
            ("received_at", "kemarin"),
            ("reporter_nik", "63010341079"),
            ("reporter_phone", "12"),
            ("reporter_email", "rahma@"),
            ("event_date", "31/2/2026"),
            ("region_search", "Atlantis"),
            ("anonymous", "yes"),
        ],
    );
    let answer = rig.post("/laporan/baru", &form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let wrong = [
        "received_at",
        "reporter_nik",
        "reporter_phone",
        "reporter_email",
        "event_date",
        "region_search",
    ];
    for name in wrong {
        assert!(
            answer.says(&format!("id=\"{name}-problem\"")),
            "{name} is not explained: {}",
            answer.text
        );
        assert!(
            answer.says(&format!("<a href=\"#{name}\">")),
            "{name} is not in the summary"
        );
    }
    let places = wrong.map(|name| answer.text.find(&format!("<a href=\"#{name}\">")));
    assert!(places.is_sorted(), "the summary follows the form");
    for (name, value) in form
        .iter()
        .filter(|(name, _)| !matches!(*name, "narrative" | "anonymous"))
    {
        let typed =
            answer.says(&format!("value=\"{value}\"")) || answer.says(&format!("<option value=\"{value}\" selected"));
        assert!(typed, "{name} lost {value}");
    }
    assert!(answer.says("Dua anak sudah terperosok") && answer.says("name=\"anonymous\" value=\"yes\" checked"));
    assert_eq!(count(&rig).await, 0);
    let long = "a".repeat(256);
    let answer = rig.post("/laporan/baru", &with(COMPLETE, &[("title", &long)])).await;
    assert!(answer.says("paling banyak 255 huruf") && answer.says(&long));
}

#[tokio::test]
async fn an_almost_empty_sheet_is_saved_and_its_page_lists_what_is_missing() {
    let rig = Rig::enrolled().await;
    let path = rig
        .record(&[
            ("channel", "letter"),
            ("received_at", "2026-03-27T10:15"),
            ("title", "Jalan rusak"),
        ])
        .await;
    let page = rig.get(&path).await;
    assert!(
        page.says("Yang masih kurang") && page.says("Instansi tujuan belum ada."),
        "{}",
        page.text
    );
    assert!(page.says("disabled aria-describedby=\"verifikasi-blocked\""));
}

#[tokio::test]
async fn a_sheet_sent_twice_is_one_complaint_and_another_text_is_another() {
    let rig = Rig::enrolled().await;
    let id = rig.get("/laporan/baru").await.hidden("id");
    let form = with(COMPLETE, &[("id", &id)]);
    let first = rig.record(&form).await;
    assert_eq!(first, format!("/laporan/{id}"));
    assert_eq!(rig.record(&form).await, first);
    assert_eq!(count(&rig).await, 1);
    let other = rig.record(&with(&form, &[("title", "Lampu jalan padam")])).await;
    assert_ne!(other, first);
    assert_eq!(count(&rig).await, 2);
    let other_reporter = with(&form, &[("reporter_name", "Budi Santoso")]);
    assert_ne!(rig.record(&other_reporter).await, first);
    assert_eq!(count(&rig).await, 3);
}

#[tokio::test]
async fn the_reporter_shows_only_to_who_asks() {
    let rig = Rig::enrolled().await;
    let path = rig.record(COMPLETE).await;
    for page in [
        rig.get("/").await,
        rig.get(&path).await,
        rig.get(&format!("{path}/ubah")).await,
    ] {
        for secret in ["Rahma Yulianti", "6301034107900001", "81234567890"] {
            assert!(!page.says(secret), "{secret} shows: {}", page.text);
        }
    }
    assert!(rig.get(&path).await.says("R••• Y•••"));
    let shown = rig.post(&format!("{path}/pelapor"), &[("why", "contact")]).await;
    assert!(shown.says("Rahma Yulianti") && shown.says("6301034107900001") && shown.says("+6281234567890"));
    assert!(!rig.get(&path).await.says("Rahma Yulianti"), "it was shown once only");
}

#[tokio::test]
async fn saving_an_untouched_sheet_changes_nothing_and_keeps_the_reporter() {
    let rig = Rig::enrolled().await;
    let path = rig
        .record(&with(
            COMPLETE,
            &[("received_exact", "1774577712345"), ("received_at", "2026-03-27T10:15")],
        ))
        .await;
    rig.post(&format!("{path}/verifikasi"), &[]).await;
    let open = rig.get(&format!("{path}/ubah")).await;
    let (heads, exact) = (open.hidden("heads"), open.hidden("received_exact"));
    assert_eq!(exact, "1774577712345", "the minute on the form stands for this instant");
    let unnamed: Vec<_> = COMPLETE
        .iter()
        .filter(|(name, _)| !name.starts_with("reporter_"))
        .copied()
        .collect();
    let form = with(
        &unnamed,
        &[
            ("heads", &heads),
            ("received_exact", &exact),
            ("keep_reporter", "yes"),
            ("event_date", "2026-03-09"),
        ],
    );
    let answer = rig.post(&format!("{path}/ubah"), &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let id = path.trim_start_matches("/laporan/").parse().unwrap();
    let shown = rig.desk.show(id).await.unwrap();
    assert!(!shown.complaint.needs_reverification(), "nobody changed anything");
    assert_eq!(shown.complaint.particulars.received_at.0, 1_774_577_712_345);
    assert!(shown.reporter.is_some_and(|reporter| reporter.name == "Rahma Yulianti"));
    assert_eq!(shown.complaint.standing.stage, Stage::Verified);
}

#[tokio::test]
async fn the_reporter_is_opened_in_the_form_with_everything_else_kept() {
    let rig = Rig::enrolled().await;
    let path = format!("{}/ubah", rig.record(COMPLETE).await);
    let heads = rig.get(&path).await.hidden("heads");
    let typed = [
        ("heads", heads.as_str()),
        ("title", "Judul yang baru diketik"),
        ("keep_reporter", "yes"),
        ("open_reporter", "yes"),
    ];
    let answer = rig.post(&path, &with(COMPLETE, &typed)).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.says("value=\"Rahma Yulianti\"") && answer.says("value=\"Judul yang baru diketik\""));
    assert!(
        !answer.says("name=\"keep_reporter\""),
        "from now on the form holds the reporter"
    );
    let named = with(
        COMPLETE,
        &[("heads", &heads), ("reporter_name", "Rahma Yulianti binti Hasan")],
    );
    assert_eq!(rig.post(&path, &named).await.status, StatusCode::SEE_OTHER);
    let detail = path.trim_end_matches("/ubah");
    assert!(
        rig.post(&format!("{detail}/pelapor"), &[("why", "contact")])
            .await
            .says("Rahma Yulianti binti Hasan")
    );
}

#[tokio::test]
async fn two_people_who_change_one_field_see_both_values_and_choose() {
    let rig = Rig::enrolled().await;
    let path = rig.record(COMPLETE).await;
    let heads = rig.get(&format!("{path}/ubah")).await.hidden("heads");
    for title in ["Jembatan RT 4 roboh", "Jembatan surau lapuk"] {
        let form = with(
            COMPLETE,
            &[("heads", &heads), ("keep_reporter", "yes"), ("title", title)],
        );
        assert_eq!(
            rig.post(&format!("{path}/ubah"), &form).await.status,
            StatusCode::SEE_OTHER
        );
    }
    let page = rig.get(&path).await;
    assert!(page.says("Isian berbeda: Judul") && page.says("Jembatan RT 4 roboh") && page.says("Jembatan surau lapuk"));
    assert!(
        page.says("Ada dua isian berbeda untuk: Judul"),
        "verifying is blocked, and the page says why"
    );

    let stale = [("heads", heads.as_str()), ("field", "title"), ("choice", "0")];
    let answer = rig.post(&format!("{path}/pilih"), &stale).await;
    assert_eq!(
        answer.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "the list that this choice was made from is gone"
    );
    let choice = [("heads", &*page.hidden("heads")), ("field", "title"), ("choice", "1")];
    assert_eq!(
        rig.post(&format!("{path}/pilih"), &choice).await.status,
        StatusCode::SEE_OTHER
    );
    assert!(!rig.get(&path).await.says("Isian berbeda"));
}

#[tokio::test]
async fn a_region_of_elsewhere_is_found_by_name_without_losing_the_form() {
    let rig = Rig::enrolled().await;
    let find = with(
        COMPLETE,
        &[("region", ""), ("region_search", "tabanio"), ("find_region", "yes")],
    );
    let answer = rig.post("/laporan/baru", &find).await;
    assert!(
        answer.says("<option value=\"63.01.01.2002\" selected>") && answer.says("Rahma Yulianti"),
        "{}",
        answer.text
    );
    let several = with(
        COMPLETE,
        &[("region", ""), ("region_search", "sungai"), ("find_region", "yes")],
    );
    let answer = rig.post("/laporan/baru", &several).await;
    assert!(answer.says("<optgroup label=\"Hasil pencarian\">") && answer.says("wilayah yang cocok"));
    assert_eq!(count(&rig).await, 0, "looking for a region saves nothing");
}

#[tokio::test]
async fn a_page_that_this_machine_does_not_know_comes_back_with_what_was_typed() {
    let rig = Rig::enrolled().await;
    let path = format!("{}/ubah", rig.record(COMPLETE).await);
    for heads in ["nonsense".to_owned(), "ab".repeat(32)] {
        let form = with(COMPLETE, &[("heads", &heads), ("title", "Ketikan saya")]);
        let answer = rig.post(&path, &form).await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        assert!(answer.says("value=\"Ketikan saya\"") && answer.says("bandingkan dengan laporan sekarang"));
        assert_ne!(answer.hidden("heads"), heads);
    }
}
