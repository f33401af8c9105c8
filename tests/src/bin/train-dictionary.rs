//! Trains the compression dictionary from invented complaints whose text no benchmark uses.
//!
//! `cargo run --bin train-dictionary FILE` writes it. A dictionary that was shipped keeps its
//! bytes for ever: a better one gets the next number.

use anyhow::{Context as _, Result};
use titian_domain::casefile::CaseFile;
use titian_domain::completeness::Missing;
use titian_domain::document::{Change, Stamp};
use titian_domain::id::{ComplaintId, EventId, Incarnation};
use titian_domain::particulars::Particulars;
use titian_domain::reporter::{Reporter, ReporterRecord};
use titian_domain::time::UnixMillis;
use titian_domain::vocabulary::{Channel, Classification};
use titian_sync::dictionary;
use titian_sync::item::{Item, ItemKind};
use titian_sync::wire::codec;

/// Prose that shares no sentence with the benchmarks' corpus; a test sees to that.
const TEXTS: &str = include_str!("../../data/training.txt");
const CATEGORIES: &str = include_str!("../../../common/domain/data/categories.csv");

/// How often each text is told, with other fields around it. Measured: 10 edits cost less after four passes than after
/// one, and no less after more.
const PASSES: usize = 4;

/// A step at an office: who is known, and a line of text for it.
type AtOffice = fn(&mut CaseFile, Reporter<'_>, &str, &Stamp) -> Option<Change>;
/// A step at the hub.
type AtHub = fn(&mut CaseFile, &str, &Stamp) -> Option<Change>;

/// What a sample is made with: random-looking, but the same at every run.
struct Maker {
    number: u64,
    samples: Vec<Vec<u8>>,
}

fn main() -> Result<()> {
    let path = std::env::args().nth(1).context("name the file to write")?;
    let mut maker = Maker {
        number: 0,
        samples: Vec::new(),
    };
    let texts: Vec<&str> = TEXTS.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    for pass in 1..=PASSES {
        for (index, text) in texts.iter().enumerate() {
            let next = texts[(index + pass) % texts.len()];
            maker.one_complaint(text, next);
        }
    }
    let dictionary = dictionary::train(&maker.samples)?;
    std::fs::write(&path, dictionary).with_context(|| format!("cannot write {path}"))
}

impl Maker {
    fn random<const N: usize>(&mut self) -> [u8; N] {
        self.number += 1;
        let mut bytes = [0; N];
        let hash = blake3_of(self.number);
        bytes.copy_from_slice(&hash[..N]);
        bytes
    }

    fn stamp(&mut self, staff: &str) -> Stamp {
        let at = UnixMillis(1_780_000_000_000 + i64::try_from(self.number).unwrap_or(0) * 61_777_000);
        let random = self.random();
        Stamp {
            at,
            trusted: true,
            staff: staff.to_owned(),
            event: EventId::new(at, random),
            incarnation: Incarnation(self.random()),
        }
    }

    fn keep(&mut self, kind: ItemKind, id: ComplaintId, body: Vec<u8>) {
        let item = Item::new(kind, Some(id), body).expect("what the case file writes is an item");
        self.samples.push(codec::sample(&item));
    }

    fn change(&mut self, kind: ItemKind, id: ComplaintId, change: Option<Change>) {
        if let Some(change) = change {
            self.keep(kind, id, change.bytes);
        }
    }

    /// Takes a complaint through the procedure, and keeps every item that comes of it.
    fn one_complaint(&mut self, text: &str, other: &str) {
        let number = usize::try_from(self.number).unwrap_or(0);
        let categories: Vec<&str> = CATEGORIES.lines().skip(1).map(|line| line.trim_matches('"')).collect();
        let by = self.stamp("Siti Mahyuni");
        let id = ComplaintId::new(by.at, self.random());
        let reporter = ReporterRecord {
            name: "Muhammad Yusuf".into(),
            nik: format!("6301{:012}", number * 7_919 % 999_999_999_999),
            phone: format!("+62812{:08}", number * 104_729 % 99_999_999),
            address: "Jl. Pemuda RT 03 RW 01".into(),
            ..ReporterRecord::default()
        }
        .salted(self.random());
        let body = reporter.to_bytes();
        let particulars = Particulars {
            classification: Some(Classification::ALL[number % 3]),
            category: categories[number % categories.len()].to_owned(),
            title: text.chars().take(60).collect(),
            narrative: text.to_owned(),
            event_date: format!("2026-{:02}-{:02}", number % 12 + 1, number % 28 + 1),
            region: format!("63.01.{:02}.20{:02}", number % 11 + 1, number % 20 + 1),
            place: "RT 05, dekat pasar".into(),
            institution: "Dinas Pekerjaan Umum, Penataan Ruang dan Pertanahan".into(),
            anonymous: number % 8 == 0,
            confidential: number % 12 == 0,
            reporter: Some(ReporterRecord::hash_of(&body)),
            answer: if number % 9 == 0 {
                other.to_owned()
            } else {
                String::new()
            },
            ..Particulars::new(Channel::ALL[number % Channel::ALL.len()], by.at)
        };
        let register = format!("63.01.{:02}/A/2026/{:04}", number % 11 + 1, number % 9_999 + 1);
        let register = register.parse().expect("made in the form of a register number");
        let (mut case, change) =
            CaseFile::record(id, &register, &particulars, &by).expect("the texts are short enough");
        self.change(ItemKind::Intake, id, Some(change));
        self.keep(ItemKind::Reporter, id, body);
        self.procedure(&mut case, (id, &particulars, other), Reporter::Known(&reporter));
    }

    fn procedure(
        &mut self,
        case: &mut CaseFile,
        (id, said, other): (ComplaintId, &Particulars, &str),
        known: Reporter<'_>,
    ) {
        let line: String = other.chars().take(64).collect();
        let by = self.stamp("Ahmad Rusdi");
        let amended = Particulars {
            title: line.clone(),
            ..said.clone()
        };
        let change = case.amend(&case.clone().intake_heads(), &amended, &by).ok().flatten();
        self.change(ItemKind::Intake, id, change);
        let steps: [AtOffice; 5] = [
            |case, _, line, by| case.ask(line, by).ok(),
            |case, _, line, by| case.answered(line, by).ok(),
            |case, known, _, by| case.verify(known, by).ok(),
            |case, _, line, by| case.note(line, by).ok(),
            |case, known, _, by| case.forward(known, by).ok(),
        ];
        for step in steps {
            let by = self.stamp("Siti Mahyuni");
            let change = step(case, known, &line, &by);
            self.change(ItemKind::Intake, id, change);
        }
        let at_hub: [AtHub; 6] = [
            |case, _, by| case.receive(by),
            |case, line, by| case.clone().give_back(&[Missing::When, Missing::Where], line, by).ok(),
            |case, _, by| case.accept(by).ok(),
            |case, _, by| case.enter(&"5049672".parse().ok()?, by).ok(),
            |case, _, by| case.see_status("Belum Ditindaklanjuti", by).ok().flatten(),
            |case, _, by| {
                case.dispose("Dinas Pekerjaan Umum, Penataan Ruang dan Pertanahan", by)
                    .ok()
                    .flatten()
            },
        ];
        for step in at_hub {
            let by = self.stamp("Hasnah Fitriani");
            let change = step(case, &line, &by);
            self.change(ItemKind::Handling, id, change);
        }
    }
}

fn blake3_of(number: u64) -> [u8; 32] {
    ReporterRecord::hash_of(&number.to_le_bytes()).0
}
