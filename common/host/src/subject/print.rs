//! What is held, written for people: the body of a page, or a file of its own that needs no program and no network.

use askama::Template;
use titian_domain::attachment::bytes_words;
use titian_domain::casefile::Writing;
use titian_domain::complaint::{Complaint, Conflict};
use titian_domain::deadline::instant_words;
use titian_domain::event::Event;
use titian_domain::particulars::{Field, Value};
use titian_domain::time::{UnixMillis, Zone};
use titian_domain::vocabulary::{Channel, Classification, OutOfScope};

use super::happened::{happened, place};
use super::held::{Dossier, Held, Identity};
use crate::audit::{Line, Row};
use crate::casebook::show;
use crate::texts::Speech;

/// Writes what is held in one language.
pub struct Printer {
    /// The texts.
    pub speech: Speech,
    /// The zone in which times are read.
    pub zone: Zone,
    /// Whether identities are written in full.
    pub reveal: bool,
}

/// A label and what stands behind it. No `Debug`: it may be an identity.
struct Fact {
    label: String,
    value: String,
    /// Whether it is a text of several lines.
    long: bool,
}

struct Happened {
    what: String,
    note: String,
    when: String,
    who: String,
    trusted: bool,
}

struct Written {
    when: String,
    who: String,
    values: Vec<Fact>,
}

struct File {
    name: String,
    kind: &'static str,
    size: String,
    hash: String,
}

struct Sheet {
    heading: String,
    remarks: Vec<String>,
    identities: Vec<(String, Vec<Fact>)>,
    facts: Vec<Fact>,
    files: Vec<File>,
    events: Vec<Happened>,
    writings: Vec<Written>,
    conflicts: Vec<Written>,
    sent: Vec<Fact>,
    notice: Option<(String, String)>,
    trail: Vec<Line>,
    /// What is said where the trail is empty.
    trail_empty: String,
}

/// All that is held about somebody.
#[derive(Template)]
#[template(path = "subject_file.html")]
struct FileBody<'a> {
    speech: &'a Speech,
    head: Vec<Fact>,
    sheets: Vec<Sheet>,
    exports: Vec<Line>,
}

/// A case file.
#[derive(Template)]
#[template(path = "case_file.html")]
struct CaseBody<'a> {
    speech: &'a Speech,
    head: Vec<Fact>,
    sheet: Sheet,
}

/// The same as a file that stands alone.
#[derive(Template)]
#[template(path = "subject_alone.html")]
struct Alone<'a> {
    speech: &'a Speech,
    title: String,
    body: String,
}

impl Printer {
    /// Gives the body of what is held about somebody.
    ///
    /// # Errors
    /// When the template fails, which is ours to mend.
    pub fn dossier(&self, dossier: &Dossier) -> Result<String, askama::Error> {
        let body = FileBody {
            speech: &self.speech,
            head: self.head(dossier.at, &dossier.by, &dossier.reason),
            sheets: dossier.complaints.iter().map(|held| self.sheet(held)).collect(),
            exports: self.lines(&dossier.exports),
        };
        body.render()
    }

    /// Gives the body of one case file, with when and by whom it is printed, and why identities are shown, if they are. Without the
    /// trail it says that the audit log is for others.
    ///
    /// # Errors
    /// When the template fails, which is ours to mend.
    pub fn case(
        &self,
        held: &Held,
        (at, by): (UnixMillis, &str),
        why: &str,
        trail: bool,
    ) -> Result<String, askama::Error> {
        let mut sheet = self.sheet(held);
        if !trail {
            sheet.trail_empty = self.speech.say("case-trail-not-yours");
        }
        let body = CaseBody {
            speech: &self.speech,
            head: self.head(at, by, why),
            sheet,
        };
        body.render()
    }

    /// Gives a body as a whole file.
    ///
    /// # Errors
    /// When the template fails, which is ours to mend.
    pub fn alone(&self, body: String) -> Result<String, askama::Error> {
        let alone = Alone {
            title: self.speech.say("held-title"),
            speech: &self.speech,
            body,
        };
        alone.render()
    }

    fn head(&self, at: UnixMillis, by: &str, why: &str) -> Vec<Fact> {
        let made = [
            ("held-made-at", self.instant(at)),
            ("held-made-by", by.to_owned()),
            ("held-made-why", why.to_owned()),
        ];
        let told = made.into_iter().filter(|(_, value)| !value.is_empty());
        told.map(|(key, value)| self.fact(key, value)).collect()
    }

    fn sheet(&self, held: &Held) -> Sheet {
        let speech = &self.speech;
        let complaint = &held.complaint;
        let mut remarks = Vec::new();
        if !held.is_theirs && !held.identities.is_empty() {
            remarks.push(speech.say("held-not-theirs"));
        }
        if complaint.is_restricted() {
            remarks.push(speech.say("restricted-now"));
        }
        if held.others > 0 {
            remarks.push(speech.say1("held-others", "count", held.others));
        }
        let theirs = held.is_theirs;
        let all_of = |all: Vec<Happened>| if theirs { all } else { Vec::new() };
        Sheet {
            heading: speech.say1("held-complaint", "register", &complaint.register),
            remarks,
            identities: (1..)
                .zip(&held.identities)
                .map(|(number, identity)| self.identity(number, identity))
                .collect(),
            facts: if theirs { self.facts(complaint) } else { Vec::new() },
            files: if theirs { self.files(complaint) } else { Vec::new() },
            events: all_of(complaint.timeline().iter().map(|event| self.event(event)).collect()),
            writings: held
                .writings
                .iter()
                .filter_map(|writing| self.writing(held, writing))
                .collect(),
            conflicts: if theirs {
                complaint
                    .conflicts
                    .iter()
                    .flat_map(|conflict| self.conflict(held, conflict))
                    .collect()
            } else {
                Vec::new()
            },
            sent: if theirs { self.sent(complaint) } else { Vec::new() },
            notice: complaint.notice().map(|version| {
                let text = held.notice.as_ref().map(|notice| notice.text().to_owned());
                (
                    version.to_string(),
                    text.unwrap_or_else(|| speech.say("held-notice-elsewhere")),
                )
            }),
            trail: self.lines(&held.trail),
            trail_empty: speech.say("held-trail-empty"),
        }
    }

    fn identity(&self, number: usize, identity: &Identity) -> (String, Vec<Fact>) {
        let which = if identity.is_current {
            "held-identity-now"
        } else {
            "held-identity-former"
        };
        let facts = show::reporter_fields(&identity.record, self.reveal)
            .into_iter()
            .map(|(name, value)| Fact {
                label: self.speech.say(&format!("held-of-{name}")),
                value: value.as_str().unwrap_or_default().to_owned(),
                long: false,
            });
        (self.speech.say1(which, "number", number), facts.collect())
    }

    fn facts(&self, complaint: &Complaint) -> Vec<Fact> {
        let stage = self.fact(
            "held-stage",
            complaint.standing.stage.label(self.speech.lang).to_owned(),
        );
        let fields = Field::ALL.into_iter().filter(|field| *field != Field::Reporter);
        let told = fields.map(|field| self.field(field, self.value(field, &complaint.particulars.get(field))));
        [stage]
            .into_iter()
            .chain(told.filter(|fact| !fact.value.is_empty()))
            .collect()
    }

    fn field(&self, field: Field, value: String) -> Fact {
        Fact {
            label: field.label(self.speech.lang).to_owned(),
            long: matches!(field, Field::Narrative | Field::Answer),
            value,
        }
    }

    /// Writes a value as people read it.
    fn value(&self, field: Field, value: &Value) -> String {
        let lang = self.speech.lang;
        match (field, value) {
            (_, Value::Flag(flag)) => self.speech.say(if *flag { "held-yes" } else { "held-no" }),
            (_, Value::Instant(at)) => self.instant(*at),
            (Field::Channel, Value::Text(code)) => labelled(code, |word: Channel| word.label(lang)),
            (Field::Classification, Value::Text(code)) => labelled(code, |word: Classification| word.label(lang)),
            (Field::OutOfScope, Value::Text(code)) => labelled(code, |word: OutOfScope| word.label(lang)),
            (_, value) => value.to_string(),
        }
    }

    fn files(&self, complaint: &Complaint) -> Vec<File> {
        let file = |one: titian_domain::attachment::Attachment| File {
            name: one.file.name.clone(),
            kind: one.file.media_type.code(),
            size: bytes_words(one.file.bytes, self.speech.lang),
            hash: one.file.hash.to_string(),
        };
        complaint.attachments().into_iter().map(file).collect()
    }

    fn event(&self, event: &Event) -> Happened {
        let (what, note) = happened(&self.speech, &event.what);
        let place = place(&self.speech, &event.what);
        // What the hub did by itself is signed with its own name.
        let by_program = event.staff.is_empty() || event.staff == "hub";
        Happened {
            what,
            note,
            when: self.instant(event.at),
            who: if by_program {
                place
            } else {
                format!("{}, {place}", event.staff)
            },
            trusted: event.trusted,
        }
    }

    fn writing(&self, held: &Held, writing: &Writing) -> Option<Written> {
        let values: Vec<_> = held
            .told(writing)
            .map(|(field, value)| self.of_field(held, *field, value))
            .collect();
        (!values.is_empty()).then(|| Written {
            when: self.instant(writing.at),
            who: writing.staff.clone(),
            values,
        })
    }

    fn conflict(&self, held: &Held, conflict: &Conflict) -> Vec<Written> {
        let contender = |one: &titian_domain::document::Contender| Written {
            when: self.instant(one.at),
            who: one.staff.clone(),
            values: vec![self.of_field(held, conflict.field, &one.value)],
        };
        conflict.contenders.iter().map(contender).collect()
    }

    fn of_field(&self, held: &Held, field: Field, value: &Value) -> Fact {
        let words = match value {
            Value::Reporter(hash) => {
                let number = held.identities.iter().position(|identity| identity.hash == *hash);
                match number {
                    Some(index) => self.speech.say1("held-identity", "number", index + 1),
                    None => self.speech.say("held-identity-other"),
                }
            }
            value => self.value(field, value),
        };
        let empty = self.speech.say("held-empty");
        self.field(field, if words.is_empty() { empty } else { words })
    }

    /// Says where the data went.
    fn sent(&self, complaint: &Complaint) -> Vec<Fact> {
        let none = || self.speech.say("held-not-yet");
        let yes = |yes: bool| if yes { self.speech.say("held-yes") } else { none() };
        vec![
            self.fact("held-sent-hub", yes(complaint.standing.received)),
            self.fact(
                "held-sent-lapor",
                complaint.tracking_id.as_ref().map_or_else(none, ToString::to_string),
            ),
            self.fact("held-sent-disposed", complaint.disposed_to.clone().unwrap_or_else(none)),
            self.fact("held-sent-status", complaint.lapor_status.clone().unwrap_or_else(none)),
        ]
    }

    fn lines(&self, rows: &[Row]) -> Vec<Line> {
        rows.iter().map(|row| Line::new(&self.speech, self.zone, row)).collect()
    }

    fn fact(&self, key: &str, value: String) -> Fact {
        Fact {
            label: self.speech.say(key),
            value,
            long: false,
        }
    }

    fn instant(&self, at: UnixMillis) -> String {
        instant_words(at, self.zone, self.speech.lang)
    }
}

/// Says a word of a closed list; one of a newer program as it stands there.
fn labelled<W: std::str::FromStr>(code: &str, label: impl Fn(W) -> &'static str) -> String {
    code.parse()
        .map_or_else(|_| code.to_owned(), |word| label(word).to_owned())
}
