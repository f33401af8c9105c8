//! The whole story of a complaint, with the real programs, and what it must not leave in the logs.

use titian_demo::report::Report;
use titian_demo::samples;
use titian_demo::story;

use crate::stage::Stage;

#[test]
fn a_complaint_captured_without_a_network_comes_home_with_its_disposition() {
    // With every log line there is, so that the same run shows what the logs say of people.
    let stage = Stage::talkative();
    let mut report = Report::default();
    let played = story::play(&stage, &mut report);
    assert!(
        report.is_ok() && played.is_ok(),
        "{report}\n{played:?}\n{}",
        stage.log().text()
    );
    stage.assert_no_errors();

    let samples = samples::all();
    let people = samples.iter().map(|sample| &sample.reporter);
    let identities =
        people.flat_map(|person| [&person.name, &person.nik, &person.phone, &person.email, &person.address]);
    let texts = samples
        .iter()
        .flat_map(|sample| [&sample.title, &sample.narrative, &sample.place, &sample.answer]);
    for canary in identities.chain(texts).filter(|text| !text.is_empty()) {
        let found = stage.log().mentions(canary);
        assert!(found.is_empty(), "the logs hold what a citizen said: {found:#?}");
    }
    assert!(
        stage.log().text().lines().count() > 20,
        "the programs were to log everything, and are silent"
    );
}
