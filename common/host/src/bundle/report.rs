//! What importing some files came to, file by file.

use std::path::PathBuf;

use serde::Serialize;
use titian_domain::time::{UnixMillis, Zone};
use titian_sync::bundle::head::BundleHead;
use titian_sync::bundle::label::{Content, Label};

use super::BundleTrouble;
use super::search::Meant;
use crate::casebook::pieces::FilePiece;
use crate::cli::{Exit, Failure, Output, Table};

/// What taking one file came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an answer of its own, independent of the others"
)]
pub struct Taken {
    /// What the file is: `request`, `reply`, `enrol-request`, `enrol-reply`.
    pub content: &'static str,
    /// The gateway that made it, or that it is for.
    pub gateway: String,
    /// Which part of its bundle it is, from 1.
    pub part: u64,
    /// Whether another part follows.
    pub more_parts: bool,
    /// When it was made, by the clock of who made it.
    pub made_at: UnixMillis,
    /// Items that were new here.
    pub new_items: u64,
    /// Items that were here already.
    pub known_items: u64,
    /// Items that may not stand in a case file: the hub keeps them aside.
    pub aside_items: u64,
    /// Attachments that are whole with it.
    pub files: u64,
    /// Whether there are attachments in it of complaints that are not here yet.
    pub files_wait: bool,
    /// Whether an earlier part, or an earlier bundle, is still missing before this one counts as delivered.
    pub waits_for_earlier: bool,
    /// Whether both sides are proved to hold the same by it.
    pub in_sync: bool,
    /// Whether it shows that one of the two sides was restored from an older copy, or copied.
    pub restored: bool,
}

/// What taking one file came to, or why it was not taken.
#[derive(Debug, Serialize)]
pub struct FileReport {
    /// The file.
    pub file: PathBuf,
    /// What came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken: Option<Taken>,
    /// What kind of trouble it made, as a word that stays the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<&'static str>,
    /// That trouble as a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentence: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<&'static str>,
    #[serde(skip)]
    refused: bool,
    /// For another machine, and only found in a folder: a stick holds what others get, and what was brought on it.
    #[serde(skip)]
    passed_over: bool,
}

/// What an import came to.
#[derive(Debug, Default, Serialize)]
pub struct ImportReport {
    /// File by file, in the order in which they were taken.
    pub files: Vec<FileReport>,
}

impl ImportReport {
    /// Notes what came of one file.
    pub fn push(&mut self, meant: Meant, result: Result<Taken, BundleTrouble>) {
        let Meant { path: file, named } = meant;
        self.files.push(match result {
            Ok(taken) => FileReport {
                file,
                taken: Some(taken),
                trouble: None,
                sentence: None,
                next: None,
                refused: false,
                passed_over: false,
            },
            Err(trouble) => FileReport {
                file,
                taken: None,
                trouble: Some(trouble.kind()),
                sentence: Some(trouble.to_string()),
                next: Some(trouble.next_step()),
                refused: matches!(
                    trouble,
                    BundleTrouble::UnknownGateway
                        | BundleTrouble::QuarantineFull
                        | BundleTrouble::Revoked
                        | BundleTrouble::Enrolment(_)
                ),
                passed_over: !named && matches!(trouble, BundleTrouble::NotForHere(_)),
            },
        });
    }

    /// Prints the report, and gives the exit code: 0 all taken, 7 some, 8 all that was not taken was refused, 2 none. What
    /// a folder holds for other machines does not count beside what was taken.
    ///
    /// # Errors
    /// When there was nothing to take, or stdout cannot be written.
    pub fn show(&self, output: Output) -> Result<Exit, Failure> {
        if self.files.is_empty() {
            return Err(Failure::with_exit(
                Exit::NotFound,
                "there is no bundle there: no file ends in .titian",
                "check that it is the right stick and folder, or name the file itself",
            ));
        }
        output.show(self, Self::table)?;
        let taken = self.files.iter().filter(|file| file.taken.is_some()).count();
        let counts = |file: &&FileReport| file.trouble.is_some() && (taken == 0 || !file.passed_over);
        for file in self.files.iter().filter(counts) {
            let (sentence, next) = (
                file.sentence.as_deref().unwrap_or_default(),
                file.next.unwrap_or_default(),
            );
            crate::cli::print::error(&format!("error: {}: {sentence}\nnext: {next}\n", file.file.display()));
        }
        Ok(match taken {
            _ if !self.files.iter().any(|file| counts(&file)) => Exit::Ok,
            0 if self.files.iter().all(|file| file.refused) => Exit::Refused,
            0 => Exit::Usage,
            _ => Exit::Partial,
        })
    }

    fn table(&self) -> Table {
        let mut table = Table::new(["file", "from or for", "part", "new", "known", "attachments", "result"]);
        for report in &self.files {
            let file = report
                .file
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            match &report.taken {
                Some(taken) => table.push([
                    file,
                    taken.gateway.clone(),
                    taken.part.to_string(),
                    taken.new_items.to_string(),
                    taken.known_items.to_string(),
                    taken.files.to_string(),
                    taken.result().to_owned(),
                ]),
                None => table.push([&file, "", "", "", "", "", report.trouble.unwrap_or_default()]),
            }
        }
        table
    }
}

impl Taken {
    /// What has been taken of a part whose head was read: nothing yet.
    pub fn nothing_of(content: Content, head: &BundleHead) -> Self {
        Self {
            content: content.word(),
            gateway: head.gateway.to_string(),
            part: head.part,
            made_at: head.made_at,
            ..Self::default()
        }
    }

    /// Counts what came of a piece of a file.
    pub fn count(&mut self, came: FilePiece) {
        match came {
            FilePiece::Kept => {}
            FilePiece::Completed => self.files += 1,
            FilePiece::Unknown => self.files_wait = true,
        }
    }

    /// The keys of the sentences that a page says of it, beside who brought what.
    pub fn keys(&self) -> Vec<&'static str> {
        let said = [
            (self.content == "enrol-request", "bundle-joined-at-hub"),
            (self.content == "enrol-reply", "bundle-joined"),
            (self.restored, "bundle-restored"),
            (self.aside_items > 0, "bundle-aside"),
            (self.waits_for_earlier, "bundle-waits-for-earlier"),
            (self.files_wait, "bundle-files-wait"),
            (self.more_parts, "bundle-more-parts"),
            (self.in_sync, "bundle-in-sync"),
        ];
        said.into_iter()
            .filter(|(holds, _)| *holds)
            .map(|(_, key)| key)
            .collect()
    }

    /// Says in words what it came to.
    pub fn result(&self) -> &'static str {
        match self {
            Self { restored: true, .. } => {
                "taken; one of the two sides was restored or copied: export with --all and carry that back"
            }
            Self { aside_items: 1.., .. } => "taken; some of it was put aside: see `titian-hub quarantine list`",
            Self {
                waits_for_earlier: true,
                ..
            } => "taken; counts as delivered when the part before it has come",
            Self { files_wait: true, .. } => {
                "taken; attachments in it belong to complaints that are not here yet: take it again after the part before it"
            }
            Self { in_sync: true, .. } => "taken; both sides are proved identical",
            Self {
                content: "enrol-request",
                ..
            } => "joined; carry the hub's answer back: `titian-hub bundle export`",
            Self {
                content: "enrol-reply", ..
            } => "joined; complaints can be exported now",
            Self {
                new_items: 0, files: 0, ..
            } => "known already; nothing changed",
            Self { more_parts: true, .. } => "taken; another part follows",
            _ => "taken",
        }
    }
}

/// Prints what a file is, as far as its key was at hand.
///
/// # Errors
/// When stdout cannot be written.
pub fn show_file(output: Output, label: &Label, head: Option<&BundleHead>, zone: Zone) -> Result<Exit, Failure> {
    let (content, gateway) = (label.content.word(), label.gateway.to_string());
    let value = serde_json::json!({
        "content": content, "gateway": gateway, "hub": label.hub, "opened": head.is_some(),
        "part": head.map(|head| head.part), "made_at": head.map(|head| head.made_at),
        "starts_after": head.map(|head| head.start.position),
    });
    output.show(&value, |_| {
        let mut table = Table::new(["what", "value"])
            .row(["content", content])
            .row(["gateway", &gateway])
            .row(["hub", &label.hub]);
        match head {
            Some(head) => {
                let made_at = head.made_at.local(zone).format("%Y-%m-%d %H:%M").to_string();
                table.push(["part", &head.part.to_string()]);
                table.push(["made at, by its maker's clock", &made_at]);
                table.push(["entries of its maker's log before it", &head.start.position.to_string()]);
            }
            None => table.push(["opened", "no: only what stands in clear in front of it is shown"]),
        }
        table
    })?;
    Ok(Exit::Ok)
}
