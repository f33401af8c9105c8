//! The page of one complaint, built from what the desk shows.

use std::collections::BTreeSet;

use askama::Template;
use chrono::NaiveDate;
use titian_domain::complaint::{Complaint, Conflict};
use titian_domain::deadline::{self, date_words};
use titian_domain::event::HandlingEvent;
use titian_domain::identity::{Nik, Phone, mentions};
use titian_domain::particulars::{Field, Particulars, Value};
use titian_domain::region::Regions;
use titian_domain::reporter::ReporterRecord;
use titian_domain::scope;
use titian_domain::time::UnixMillis;
use titian_domain::vocabulary::Stage;
use titian_host::audit::{self, Reveal};
use titian_host::casebook::refused::Refused;
use titian_host::people::{Right, Rights};
use titian_host::subject::{CaseButton, may_look};
use titian_host::web::Reader;

use super::steps::{self, Attempt, Press, Tell};
use crate::desk::Shown;
use crate::pages::attachments::FilesView;
use crate::pages::notice::{NOTICE_PATH, version_words};
use crate::pages::progress::{self, Due, StepLine, Tick};
use crate::pages::timeline::{self, Line};
use crate::pages::words::{Words, complaint_path};

/// One complaint.
#[derive(Template)]
#[template(path = "detail.html")]
pub struct DetailPage {
    words: Words,
    path: String,
    heads: String,
    stage: &'static str,
    stage_code: &'static str,
    title: String,
    ticks: Vec<Tick>,
    failure: Option<String>,
    returned: Option<ReturnedView>,
    reverify: bool,
    unmerged: Option<String>,
    refused: Option<String>,
    hints: Vec<String>,
    conflicts: Vec<ConflictView>,
    flags: Vec<String>,
    due: Option<Due>,
    due_step: &'static str,
    due_why: Option<String>,
    missing: Vec<&'static str>,
    /// Whether the sheet can be changed at this stage.
    is_open: bool,
    rights: Rights,
    presses: Vec<Press>,
    tells: Vec<Tell>,
    files: FilesView,
    facts: Vec<Fact>,
    reporter: Vec<Fact>,
    reporter_state: String,
    revealed: bool,
    print: CaseButton,
    /// That the identity is restricted, in words.
    restricted: Option<String>,
    /// What the reporter was told: the version in words, and where its text is.
    notice: Option<(String, String)>,
    /// For what this reader may look behind the mask; empty while they may not.
    reasons: &'static [Reveal],
    /// Where what was done with it is listed, for those who may see that.
    trail: Option<String>,
    deadlines: Vec<StepLine>,
    timeline: Vec<Line>,
}

/// What the page is built with.
pub struct Building<'a> {
    /// Who reads the page.
    pub reader: &'a Reader,
    /// Words in the reader's language.
    pub words: &'a Words,
    /// Names of regions.
    pub regions: &'a Regions,
    /// By this machine's clock.
    pub now: UnixMillis,
    /// What the reader may do.
    pub rights: Rights,
}

/// Why the office may look behind the mask.
const REASONS: [Reveal; 3] = [Reveal::Contact, Reveal::Check, Reveal::Request];

/// How the page differs from the plain one.
#[derive(Default)]
pub struct Mode {
    /// Shows who brings the complaint.
    pub revealed: bool,
    /// A step that was refused.
    pub attempt: Option<Attempt>,
    /// Why a step of one press was refused.
    pub failure: Option<String>,
    /// Why files were not attached.
    pub unfit: Vec<String>,
}

struct Fact {
    label: String,
    value: String,
    long: bool,
}

struct ReturnedView {
    when: String,
    reason: String,
    missing: Vec<&'static str>,
}

struct ConflictView {
    field: &'static str,
    heading: String,
    contenders: Vec<ContenderView>,
}

struct ContenderView {
    index: usize,
    value: String,
    who: String,
}

impl Building<'_> {
    /// Builds the page.
    pub fn page(&self, shown: &Shown, mode: Mode) -> DetailPage {
        let (words, complaint) = (self.words, &shown.complaint);
        let particulars = &complaint.particulars;
        let stage = complaint.standing.stage;
        let current = deadline::current(&shown.steps);
        let is_open = steps::is_open(stage);
        let untitled = || words.say("untitled");
        let may_look = may_look(complaint, self.rights);
        DetailPage {
            path: complaint_path(complaint.id),
            heads: shown.heads.to_string(),
            stage: stage.label(words.lang),
            stage_code: stage.code(),
            title: if particulars.title.is_empty() {
                untitled()
            } else {
                particulars.title.clone()
            },
            ticks: progress::stations(words, shown.delivery),
            failure: mode.failure,
            returned: (stage == Stage::Returned).then(|| self.returned(complaint)).flatten(),
            reverify: complaint.needs_reverification() && is_open,
            refused: shown.refused.map(|refused| refused_words(words, refused)),
            unmerged: (shown.unmerged > 0).then(|| words.say1("detail-unmerged", "count", shown.unmerged)),
            hints: self.hints(shown),
            conflicts: complaint
                .conflicts
                .iter()
                .map(|conflict| self.conflict(conflict))
                .collect(),
            flags: [
                (particulars.anonymous, "flag-anonymous"),
                (particulars.confidential, "flag-confidential"),
                (complaint.is_restricted(), "restricted-mark"),
            ]
            .iter()
            .filter(|(on, _)| *on)
            .map(|(_, key)| words.say(key))
            .collect(),
            due: current.map(|step| progress::due(words, (step.due, step.paused), self.now)),
            due_step: current.map_or("", |step| step.step.label(words.lang)),
            due_why: current.map(|step| step.explanation.words(words.lang)),
            missing: if is_open {
                shown.missing.iter().map(|item| item.words(words.lang)).collect()
            } else {
                Vec::new()
            },
            is_open,
            rights: self.rights,
            presses: steps::presses(words, shown, self.rights),
            tells: steps::tells(words, shown, self.rights, mode.attempt.as_ref()),
            files: FilesView::new(words, shown, mode.unfit),
            facts: self.facts(complaint),
            reporter: self.reporter(shown.reporter.as_ref(), mode.revealed),
            reporter_state: self.reporter_state(particulars),
            revealed: mode.revealed,
            print: CaseButton::new(self.reader, &complaint_path(complaint.id), &REASONS, may_look),
            restricted: complaint.is_restricted().then(|| self.restricted(may_look)),
            notice: complaint
                .notice()
                .map(|version| (version_words(words, version), format!("{NOTICE_PATH}/{version}"))),
            reasons: if may_look { &REASONS } else { &[] },
            trail: self.rights.has(Right::Audit).then(|| audit::trail_path(complaint.id)),
            deadlines: progress::step_lines(words, &shown.steps, self.now),
            timeline: timeline::lines(words, complaint),
            words: words.clone(),
        }
    }

    /// Says what is odd about a complaint. Hints are for people to weigh: no step looks at them.
    fn hints(&self, shown: &Shown) -> Vec<String> {
        let particulars = &shown.complaint.particulars;
        let mut hints = hints_on_text(self.words, particulars);
        hints.extend(self.people_named(particulars));
        if particulars.received_at > self.now {
            hints.push(self.words.say("hint-received-later"));
        }
        let (lang, zone) = (self.words.lang, self.words.zone);
        if let Some(reporter) = &shown.reporter {
            if let Ok(nik) = Nik::parse(&reporter.nik) {
                let odd = nik.hints(self.now.date(zone), Some(&shown.complaint.register.office));
                hints.extend(odd.into_iter().map(|hint| hint.words(lang).to_owned()));
            }
            if let Ok(phone) = Phone::parse(&reporter.phone) {
                hints.extend(phone.hints().into_iter().map(|hint| hint.words(lang).to_owned()));
            }
        }
        hints
    }

    /// Points out that the story names people: the office can still write it otherwise before others read it.
    fn people_named(&self, particulars: &Particulars) -> Option<String> {
        let text = format!(
            "{}\n{}\n{}",
            particulars.title, particulars.narrative, particulars.place
        );
        let kinds: BTreeSet<_> = mentions(&text, None).into_iter().map(|mention| mention.kind).collect();
        let labels: Vec<_> = kinds.into_iter().map(|kind| kind.label(self.words.lang)).collect();
        (!labels.is_empty()).then(|| self.words.say1("hint-names", "kinds", labels.join(", ")))
    }

    fn returned(&self, complaint: &Complaint) -> Option<ReturnedView> {
        let words = self.words;
        complaint
            .handling_events
            .iter()
            .rev()
            .find_map(|event| match &event.what {
                HandlingEvent::Returned { round, missing, reason } if *round == complaint.standing.round => {
                    Some(ReturnedView {
                        when: format!("{} · {}", words.instant(event.at), event.staff),
                        reason: reason.clone(),
                        missing: missing.iter().map(|item| item.label(words.lang)).collect(),
                    })
                }
                _ => None,
            })
    }

    fn conflict(&self, conflict: &Conflict) -> ConflictView {
        let contender = |(index, contender): (usize, &titian_domain::document::Contender)| ContenderView {
            index,
            value: self.value(conflict.field, &contender.value),
            who: format!("{} · {}", contender.staff, self.words.instant(contender.at)),
        };
        ConflictView {
            field: conflict.field.code(),
            heading: self
                .words
                .say1("conflict-heading", "field", conflict.field.label(self.words.lang)),
            contenders: conflict.contenders.iter().enumerate().map(contender).collect(),
        }
    }

    /// Writes a value as people read it.
    fn value(&self, field: Field, value: &Value) -> String {
        let words = self.words;
        match (field, value) {
            (_, Value::Text(text)) if text.is_empty() => words.say("untold"),
            (_, Value::Flag(flag)) => words.say(if *flag { "yes" } else { "no" }),
            (_, Value::Instant(at)) => words.instant(*at),
            (_, Value::Reporter(_)) => words.say1("conflict-reporter", "mark", value.to_string()),
            (Field::Region, Value::Text(code)) => self.region(code),
            (Field::EventDate, Value::Text(text)) => match text.parse::<NaiveDate>() {
                Ok(date) => date_words(date, words.lang),
                Err(_) => text.clone(),
            },
            (Field::Channel | Field::Classification | Field::OutOfScope, Value::Text(_)) => {
                // The label of a closed word, by way of a sheet that holds it.
                let mut sheet = Particulars::new(titian_domain::vocabulary::Channel::Visit, UnixMillis(0));
                sheet.set(field, value.clone());
                word(words, &sheet, field)
            }
            (_, Value::Text(text)) => text.clone(),
        }
    }

    fn region(&self, code: &str) -> String {
        match self.regions.full_name(code) {
            Some(name) => format!("{name} ({code})"),
            None => code.to_owned(),
        }
    }

    fn facts(&self, complaint: &Complaint) -> Vec<Fact> {
        let words = self.words;
        let fact = |label: String, value: String, long| Fact { label, value, long };
        let found = [
            ("tracking-id", complaint.tracking_id.as_ref().map(ToString::to_string)),
            ("disposed-to", complaint.disposed_to.clone()),
            ("lapor-status", complaint.lapor_status.clone()),
        ];
        let from_lapor = found
            .into_iter()
            .filter_map(|(key, value)| Some(fact(words.say(key), value?, false)));
        let told = Field::ALL
            .into_iter()
            .filter(|field| *field != Field::Reporter)
            .filter_map(|field| {
                let value = complaint.particulars.get(field);
                let blank = matches!(&value, Value::Text(text) if text.is_empty());
                // A reason for what is not missing, or a kind that is not meant, is no gap.
                let idle = matches!(
                    field,
                    Field::WhyNameless | Field::WhyUnreachable | Field::OutOfScope | Field::Answer
                );
                let long = matches!(field, Field::Narrative | Field::Answer | Field::Title);
                let text = if blank {
                    String::new()
                } else {
                    self.value(field, &value)
                };
                (!(blank && idle)).then(|| fact(field.label(words.lang).to_owned(), text, long))
            });
        from_lapor.chain(told).collect()
    }

    fn reporter(&self, reporter: Option<&ReporterRecord>, revealed: bool) -> Vec<Fact> {
        let Some(reporter) = reporter else { return Vec::new() };
        let facts = masked(self.words, reporter);
        if !revealed {
            return facts;
        }
        let open = [
            &reporter.name,
            &reporter.nik,
            &reporter.phone,
            &reporter.email,
            &reporter.address,
        ];
        facts
            .into_iter()
            .zip(open)
            .map(|(fact, value)| Fact {
                value: value.clone(),
                ..fact
            })
            .collect()
    }

    fn restricted(&self, may_look: bool) -> String {
        let now = self.words.say("restricted-now");
        if may_look {
            now
        } else {
            format!("{now} {}", self.words.say("restricted-who"))
        }
    }

    fn reporter_state(&self, particulars: &Particulars) -> String {
        self.words.say(if particulars.reporter.is_some() {
            "reporter-not-here"
        } else {
            "reporter-none"
        })
    }
}

fn word(words: &Words, sheet: &Particulars, field: Field) -> String {
    let label = match field {
        Field::Channel => Some(sheet.channel.label(words.lang)),
        Field::Classification => sheet.classification.map(|word| word.label(words.lang)),
        _ => sheet.out_of_scope.map(|word| word.label(words.lang)),
    };
    label.unwrap_or_default().to_owned()
}

/// Writes who brings a complaint on one line, masked.
pub fn masked_line(words: &Words, reporter: Option<&ReporterRecord>) -> String {
    let Some(reporter) = reporter else {
        return words.say("reporter-not-here");
    };
    let facts = masked(words, reporter);
    let told = facts.iter().filter(|fact| !fact.value.is_empty());
    told.map(|fact| format!("{}: {}", fact.label, fact.value))
        .collect::<Vec<_>>()
        .join(" · ")
}

fn masked(words: &Words, reporter: &ReporterRecord) -> Vec<Fact> {
    let hide = |text: &str| {
        if text.is_empty() {
            String::new()
        } else {
            "•••".to_owned()
        }
    };
    let rows = [
        ("reporter-name", reporter.masked_name()),
        (
            "reporter-nik",
            Nik::parse(&reporter.nik).map_or_else(|_| hide(&reporter.nik), |nik| nik.masked()),
        ),
        (
            "reporter-phone",
            Phone::parse(&reporter.phone).map_or_else(|_| hide(&reporter.phone), |phone| phone.masked()),
        ),
        ("reporter-email", hide(&reporter.email)),
        ("reporter-address", hide(&reporter.address)),
    ];
    rows.map(|(key, value)| Fact {
        label: words.say(key),
        value,
        long: false,
    })
    .into()
}

/// Asks about a text that sounds like something that LAPOR does not take, unless somebody has decided already.
pub fn hints_on_text(words: &Words, particulars: &Particulars) -> Vec<String> {
    if particulars.out_of_scope.is_some() {
        return Vec::new();
    }
    let text = format!("{}\n{}", particulars.title, particulars.narrative);
    let hint = |kind: titian_domain::vocabulary::OutOfScope| words.say1("hint-scope", "kind", kind.label(words.lang));
    scope::hints(&text).into_iter().map(hint).collect()
}

/// Says what the hub does not take of a complaint, since when, why, and what to do.
fn refused_words(words: &Words, refused: Refused) -> String {
    let why = match refused.reason {
        Some(reason) => reason.words(words.lang).to_owned(),
        None => words.say("detail-refused-unknown"),
    };
    words.say_with(
        "detail-refused",
        &[
            ("count", refused.items.into()),
            ("since", words.instant(refused.since).into()),
            ("reason", why.into()),
        ],
    )
}
