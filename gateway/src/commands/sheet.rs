//! The complaint's fields as command-line flags, shared by `complaint add` and `complaint amend`.

use std::io::Read as _;

use clap::Args;
use serde::Deserialize;
use titian_domain::identity::{Nik, Phone};
use titian_domain::lang::Lang;
use titian_domain::particulars::{Field, Particulars};
use titian_domain::reporter::ReporterRecord;
use titian_domain::time::UnixMillis;
use titian_domain::vocabulary::{Channel, Classification, OutOfScope};
use titian_host::cli::Failure;

use crate::desk::Sheet;

/// What a complaint says. Every flag may be left out, and what is left out stays as it was.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(
    clippy::doc_markdown,
    reason = "the comments are the help, which shows backticks as they are"
)]
pub struct SheetArgs {
    /// How it reached the office: visit, letter, phone, sms, whatsapp, email, suggestion_box, social_media, web, app
    #[arg(long)]
    pub channel: Option<Channel>,
    /// When the citizen brought it, e.g. 2026-03-09T10:15+08:00; now where it is left out
    #[arg(long, value_parser = instant)]
    #[serde(deserialize_with = "read_instant")]
    pub received_at: Option<UnixMillis>,
    /// complaint, aspiration or information_request
    #[arg(long)]
    pub classification: Option<Classification>,
    /// LAPOR's category
    #[arg(long)]
    pub category: Option<String>,
    /// One short sentence, at most 255 characters
    #[arg(long)]
    pub title: Option<String>,
    /// What happened, in the citizen's words
    #[arg(long)]
    pub narrative: Option<String>,
    /// When it happened: a date such as 2026-03-09, or words
    #[arg(long)]
    pub event_date: Option<String>,
    /// Region code of the village or sub-district, e.g. 63.01.03.2001
    #[arg(long)]
    pub region: Option<String>,
    /// Where exactly
    #[arg(long)]
    pub place: Option<String>,
    /// The institution that it is addressed to
    #[arg(long)]
    pub institution: Option<String>,
    /// Hide the reporter's name from the public and the institution (anonim)
    #[arg(long, num_args = 0..=1, default_missing_value = "true")]
    pub anonymous: Option<bool>,
    /// Hide the report from the public (rahasia)
    #[arg(long, num_args = 0..=1, default_missing_value = "true")]
    pub confidential: Option<bool>,
    /// LAPOR does not take it: crime, corruption, legislation, whistle_blowing, or none to clear the flag
    #[arg(long, value_parser = scope)]
    #[serde(deserialize_with = "read_scope")]
    pub out_of_scope: Option<Scope>,
    /// Why there is no name
    #[arg(long)]
    pub why_nameless: Option<String>,
    /// Why there is no contact
    #[arg(long)]
    pub why_unreachable: Option<String>,
    /// What was done about it, if it was resolved at once
    #[arg(long)]
    pub answer: Option<String>,
    /// The reporter's name
    #[arg(long)]
    pub reporter_name: Option<String>,
    /// The reporter's identity number, sixteen digits
    #[arg(long)]
    pub reporter_nik: Option<String>,
    /// The reporter's phone or WhatsApp number
    #[arg(long)]
    pub reporter_phone: Option<String>,
    /// The reporter's electronic mail address
    #[arg(long)]
    pub reporter_email: Option<String>,
    /// The reporter's postal address
    #[arg(long)]
    pub reporter_address: Option<String>,
    /// Read the fields from a JSON object instead (`-`: standard input), so that nothing personal stands in the shell's history
    #[arg(long, value_name = "FILE", exclusive = false)]
    #[serde(skip)]
    pub json: Option<String>,
}

/// Whether LAPOR takes it, as a flag says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope(Option<OutOfScope>);

fn scope(text: &str) -> Result<Scope, String> {
    if text == "none" {
        Ok(Scope(None))
    } else {
        text.parse()
            .map(|kind| Scope(Some(kind)))
            .map_err(|e| format!("{e}, none"))
    }
}

fn instant(text: &str) -> Result<UnixMillis, String> {
    let forms = ["%Y-%m-%dT%H:%M:%S%:z", "%Y-%m-%dT%H:%M%:z"];
    let read = forms
        .iter()
        .find_map(|form| chrono::DateTime::parse_from_str(text, form).ok());
    read.map(|at| UnixMillis(at.timestamp_millis()))
        .ok_or_else(|| "a time such as 2026-03-09T10:15+08:00 is expected".into())
}

fn read_instant<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<UnixMillis>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| instant(&text))
        .transpose()
        .map_err(serde::de::Error::custom)
}

fn read_scope<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Scope>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| scope(&text))
        .transpose()
        .map_err(serde::de::Error::custom)
}

impl SheetArgs {
    /// Takes the JSON object in, where one is named.
    ///
    /// # Errors
    /// When it cannot be read, or holds a field that a complaint does not have.
    pub fn with_json(self) -> Result<Self, Failure> {
        let Some(file) = &self.json else { return Ok(self) };
        let mut text = String::new();
        let read = if file == "-" {
            std::io::stdin().read_to_string(&mut text).map(|_| ())
        } else {
            std::fs::read_to_string(file).map(|content| text = content)
        };
        read.map_err(|error| {
            Failure::user(
                format!("cannot read {file}: {error}"),
                "check the path given with --json",
            )
        })?;
        let mut json = serde_json::Deserializer::from_str(&text);
        serde_path_to_error::deserialize(&mut json).map_err(|error| {
            // The reason itself may quote a value, and a value may be somebody's name: only the place is told.
            let (field, at) = (error.path().to_string(), error.inner());
            let field = if field == "." {
                "the object itself".to_owned()
            } else {
                format!("`{field}`")
            };
            let from = if file == "-" { "standard input" } else { file };
            Failure::user(
                format!(
                    "{from} is not a complaint: {field} is wrong (line {}, column {})",
                    at.line(),
                    at.column()
                ),
                "give one JSON object with the fields that `complaint add --help` lists, with _ for -",
            )
        })
    }

    /// Gives an empty sheet for a new complaint.
    pub fn blank(&self, now: UnixMillis) -> Sheet {
        let channel = self.channel.unwrap_or(Channel::Visit);
        Sheet {
            particulars: Particulars::new(channel, now),
            reporter: ReporterRecord::default(),
        }
    }

    /// Writes what the flags say over a sheet.
    ///
    /// # Errors
    /// When an identity number or a phone number cannot be one.
    pub fn fill(self, sheet: &mut Sheet) -> Result<(), Failure> {
        let Sheet {
            particulars: to,
            reporter,
        } = sheet;
        set(&mut to.channel, self.channel);
        set(&mut to.received_at, self.received_at);
        set(&mut to.classification, self.classification.map(Some));
        set(&mut to.category, self.category);
        set(&mut to.title, self.title);
        set(&mut to.narrative, self.narrative);
        set(&mut to.event_date, self.event_date);
        set(&mut to.region, self.region);
        set(&mut to.place, self.place);
        set(&mut to.institution, self.institution);
        set(&mut to.anonymous, self.anonymous);
        set(&mut to.confidential, self.confidential);
        set(&mut to.out_of_scope, self.out_of_scope.map(|scope| scope.0));
        set(&mut to.why_nameless, self.why_nameless);
        set(&mut to.why_unreachable, self.why_unreachable);
        set(&mut to.answer, self.answer);
        set(&mut reporter.name, self.reporter_name);
        set(&mut reporter.email, self.reporter_email);
        set(&mut reporter.address, self.reporter_address);
        if let Some(nik) = self.reporter_nik {
            let checked = Nik::parse(&nik).map_err(|error| {
                Failure::user(
                    format!("--reporter-nik: {}", error.words(Lang::En)),
                    "correct the number or leave it out",
                )
            })?;
            checked.as_str().clone_into(&mut reporter.nik);
        }
        if let Some(phone) = self.reporter_phone {
            let checked = Phone::parse(&phone).map_err(|error| {
                Failure::user(
                    format!("--reporter-phone: {}", error.words(Lang::En)),
                    "correct the number or leave it out",
                )
            })?;
            checked.as_str().clone_into(&mut reporter.phone);
        }
        if let Some((field, max)) = to.too_long().first() {
            let flag = field.code().replace('_', "-");
            return Err(Failure::user(
                format!("--{flag} is longer than {max} characters"),
                "shorten it",
            ));
        }
        debug_assert!(Field::ALL.len() == 17, "a new field needs a flag here");
        Ok(())
    }
}

fn set<T>(to: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *to = value;
    }
}
