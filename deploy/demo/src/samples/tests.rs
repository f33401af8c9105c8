//! The invented complaints use the words of the domain, and together they show all of the procedure.

use std::collections::BTreeSet;

use titian_domain::completeness::{Missing, missing};
use titian_domain::id::{OfficeCode, TrackingId};
use titian_domain::particulars::Particulars;
use titian_domain::reporter::{Reporter as Known, ReporterRecord};
use titian_domain::time::UnixMillis;
use titian_domain::vocabulary::{Channel, Classification, OfficeOutcome, OutOfScope, Stage};

use super::*;

const REGIONS: &str = include_str!("../../../../common/domain/data/wilayah.csv");
const CATEGORIES: &str = include_str!("../../../../common/domain/data/categories.csv");

fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

fn told(event_date: &EventDate) -> String {
    match event_date {
        EventDate::DaysAgo { days_ago } => format!("{days_ago} days ago"),
        EventDate::Words(text) => text.clone(),
    }
}

/// Lists what keeps a sample from being verified.
fn lacks(sample: &Sample) -> Vec<Missing> {
    let particulars = Particulars {
        classification: sample.classification.parse().ok(),
        category: sample.category.clone(),
        title: sample.title.clone(),
        narrative: sample.narrative.clone(),
        event_date: told(&sample.event_date),
        region: sample.region.clone(),
        place: sample.place.clone(),
        institution: sample.institution.clone(),
        why_nameless: sample.why_nameless.clone(),
        why_unreachable: sample.why_unreachable.clone(),
        ..Particulars::new(Channel::Visit, UnixMillis(0))
    };
    let reporter = ReporterRecord {
        name: sample.reporter.name.clone(),
        phone: sample.reporter.phone.clone(),
        email: sample.reporter.email.clone(),
        address: sample.reporter.address.clone(),
        ..ReporterRecord::default()
    };
    missing(&particulars, Known::Known(&reporter))
}

#[test]
fn every_word_of_a_list_is_a_word_of_the_domain() {
    let regions: BTreeSet<&str> = REGIONS.lines().filter_map(|line| line.split(',').next()).collect();
    let categories: BTreeSet<&str> = CATEGORIES.lines().map(|line| line.trim_matches('"')).collect();
    for sample in all() {
        let title = &sample.title;
        assert!(sample.office.parse::<OfficeCode>().is_ok(), "{title}: office");
        assert!(sample.channel.parse::<Channel>().is_ok(), "{title}: channel");
        assert!(
            sample.classification.parse::<Classification>().is_ok(),
            "{title}: classification"
        );
        assert!(categories.contains(sample.category.as_str()), "{title}: category");
        let within = sample.region.is_empty() || sample.region.starts_with(&format!("{}.", sample.office));
        assert!(within, "{title}: region of another office");
        assert!(
            sample.region.is_empty() || regions.contains(sample.region.as_str()),
            "{title}: region"
        );
        let takes = sample.out_of_scope.is_empty() || sample.out_of_scope.parse::<OutOfScope>().is_ok();
        assert!(takes, "{title}: out of scope");
        let (hours, minutes) = sample.received_at.time.split_once(':').expect("HH:MM");
        assert!(
            hours.parse::<u8>().unwrap() < 24 && minutes.parse::<u8>().unwrap() < 60,
            "{title}: time"
        );
        let earlier = |days_ago: u32| days_ago >= sample.received_at.days_ago;
        let happened = !matches!(sample.event_date, EventDate::DaysAgo { days_ago } if !earlier(days_ago));
        assert!(happened, "{title}: it happened after it was told");
        for missing in sample.returned.iter().flat_map(|returned| &returned.missing) {
            assert!(missing.parse::<Missing>().is_ok(), "{title}: missing");
        }
        assert!((60..=350).contains(&words(&sample.narrative)), "{title}: narrative");
    }
}

#[test]
fn every_stage_channel_classification_and_both_offices_are_represented() {
    let samples = all();
    for stage in Stage::ALL {
        let reach: Reach = serde_json::from_str(&format!("\"{stage}\"")).expect("each stage is a reach");
        assert!(samples.iter().any(|sample| sample.reach == reach), "{stage}");
    }
    let has = |code: &str| samples.iter().any(|s| s.channel == code || s.classification == code);
    assert!(Channel::ALL.iter().all(|channel| has(channel.code())));
    assert!(
        Classification::ALL
            .iter()
            .all(|classification| has(classification.code()))
    );
    let offices = by_office();
    assert_eq!(offices.keys().collect::<Vec<_>>(), ["63.01.01", "63.01.03"]);
    assert!(offices.values().all(|samples| samples.len() >= 14));
}

#[test]
fn each_complaint_has_what_its_way_needs() {
    for sample in all() {
        let title = &sample.title;
        let mut reach = sample.reach;
        let at_office = sample
            .closing
            .as_ref()
            .is_some_and(|closing| !closing.outcome.is_empty());
        assert_eq!(sample.closing.is_some(), reach == Reach::Closed, "{title}: closing");
        if at_office {
            let outcome = &sample.closing.as_ref().unwrap().outcome;
            assert!(outcome.parse::<OfficeOutcome>().is_ok(), "{title}: outcome");
            reach = Reach::Recorded;
        }
        assert_eq!(
            sample.tracking_id.parse::<TrackingId>().is_ok(),
            reach >= Reach::Entered,
            "{title}: Tracking ID"
        );
        assert_eq!(
            !sample.lapor_status.is_empty(),
            reach >= Reach::Entered,
            "{title}: status"
        );
        assert_eq!(sample.is_disposed(), reach >= Reach::Disposed, "{title}: disposition");
        assert!(reach != Reach::Returned || sample.returned.is_some(), "{title}: return");
        assert_eq!(
            sample.mended.is_some(),
            sample.returned.is_some() && reach > Reach::Returned,
            "{title}: mended"
        );
        // Whatever is verified is complete; whatever is asked back is not.
        assert!(
            reach == Reach::Recorded || lacks(&sample).is_empty(),
            "{title}: {:?}",
            lacks(&sample)
        );
        assert_eq!(
            sample.question.is_empty(),
            lacks(&sample).is_empty(),
            "{title}: question"
        );
    }
    let ids: BTreeSet<_> = all()
        .into_iter()
        .map(|sample| sample.tracking_id)
        .filter(|id| !id.is_empty())
        .collect();
    assert_eq!(
        ids.len(),
        all().iter().filter(|sample| !sample.tracking_id.is_empty()).count()
    );
}

#[test]
fn the_particular_cases_of_the_story_are_there() {
    let samples = all();
    let has = |claim: fn(&Sample) -> bool| samples.iter().any(claim);
    assert!(has(|s| s.anonymous && s.confidential) && has(|s| s.anonymous && !s.confidential));
    assert!(has(|s| !s.anonymous && s.confidential));
    assert!(has(|s| !s.answer.is_empty()), "one already resolved");
    assert!(has(|s| s.out_of_scope == "crime"), "one that LAPOR does not take");
    assert!(
        has(|s| lacks(s).contains(&Missing::Where) && lacks(s).contains(&Missing::When)),
        "one incomplete"
    );
    assert!(has(|s| s.mended.is_some()), "one returned and mended");
    assert!(
        has(|s| !s.reporter.nik.is_empty() && !s.reporter.nik.starts_with("6301")),
        "one hint"
    );
    assert!(
        has(|s| !s.why_nameless.is_empty() && s.reporter.name.is_empty()),
        "one nameless"
    );
}

#[test]
fn every_person_is_invented() {
    let mut seen = BTreeSet::new();
    for Sample { reporter, title, .. } in all() {
        if !reporter.nik.is_empty() {
            assert!(
                reporter.nik.len() == 16 && reporter.nik.bytes().all(|byte| byte.is_ascii_digit()),
                "{title}"
            );
            assert_eq!(
                &reporter.nik[12..14],
                "99",
                "{title}: a serial that no registry office gives"
            );
            let day: u32 = reporter.nik[6..8].parse().unwrap();
            let month: u32 = reporter.nik[8..10].parse().unwrap();
            assert!(
                (1..=71).contains(&day) && (1..=12).contains(&month),
                "{title}: date of birth"
            );
            assert!(seen.insert(reporter.nik.clone()), "{title}: one NIK twice");
        }
        assert!(
            reporter.phone.is_empty() || reporter.phone.contains("-0000-"),
            "{title}: phone"
        );
        assert!(
            reporter.email.is_empty() || reporter.email.ends_with("@example.com"),
            "{title}: email"
        );
    }
}
