//! What pages show of files: what they are, and how far they have come.

use titian_domain::attachment::{AttachedFile, bytes_words};
use titian_host::attachments::{Holding, percent};

use crate::desk::Shown;
use crate::pages::words::{Words, complaint_path};
use crate::store::attachments::{AtHub, WaitingFile, WaitingTotals};

/// The field in which a form carries the files that an earlier try of it brought.
pub const DRAFTS: &str = "drafts";

/// What browsers offer to choose from. Phones offer their camera for pictures by themselves; asking for it (`capture`)
/// would keep people from choosing a photo that is there.
const ACCEPT: &str = ".jpg,.jpeg,.png,.pdf,.docx,image/jpeg,image/png,application/pdf";

/// The files of a complaint on its page.
pub struct FilesView {
    /// One line each.
    pub lines: Vec<FileLine>,
    /// Why files were not attached just now.
    pub unfit: Vec<String>,
    /// What may be chosen.
    pub accept: &'static str,
}

/// A file on a complaint's page.
pub struct FileLine {
    /// Where it is.
    pub href: String,
    /// Where its small picture is.
    pub picture: Option<String>,
    /// What it was called.
    pub name: String,
    /// Kind, size, when and by whom.
    pub facts: String,
    /// How far it has come.
    pub state: String,
    /// Whether all of it is here.
    pub whole: bool,
}

impl FilesView {
    /// Shows the files of a complaint.
    pub fn new(words: &Words, shown: &Shown, unfit: Vec<String>) -> Self {
        let path = complaint_path(shown.complaint.id);
        let line = |(holding, at_hub): &(Holding, AtHub)| {
            let Holding { file, .. } = holding;
            let href = format!("{path}/lampiran/{}", file.hash);
            FileLine {
                picture: (holding.whole && file.media_type.is_picture()).then(|| format!("{href}/kecil")),
                name: file.name.clone(),
                facts: format!(
                    "{} · {} · {}",
                    kind_and_size(words, file),
                    words.instant(holding.attached_at),
                    holding.staff
                ),
                state: state(words, holding, *at_hub),
                whole: holding.whole,
                href,
            }
        };
        Self {
            lines: shown.files.iter().map(line).collect(),
            unfit,
            accept: ACCEPT,
        }
    }
}

/// The files of a sheet that is not saved yet.
pub struct DraftsView {
    /// What was taken already, one line each.
    pub kept: Vec<String>,
    /// The same, as the form carries it on.
    pub value: String,
    /// Why others were not taken.
    pub unfit: Vec<String>,
    /// What may be chosen.
    pub accept: &'static str,
}

impl DraftsView {
    /// Shows the files that a form brought.
    pub fn new(words: &Words, drafts: &[AttachedFile], unfit: Vec<String>) -> Self {
        Self {
            kept: drafts
                .iter()
                .map(|draft| format!("{} ({})", draft.name, kind_and_size(words, draft)))
                .collect(),
            // Strings and numbers only: they can be written as JSON.
            value: serde_json::to_string(drafts).unwrap_or_default(),
            unfit,
            accept: ACCEPT,
        }
    }
}

/// The files that are not on both sides.
pub struct WaitingView {
    /// In one or two sentences; empty where there are none.
    pub summary: Vec<String>,
    /// One line each, not necessarily all.
    pub lines: Vec<WaitingLine>,
    /// What a stick may take along, where something waits.
    pub to_send: Option<String>,
}

/// A file that waits for the hub.
pub struct WaitingLine {
    /// Its complaint's page.
    pub href: String,
    /// Its complaint's number.
    pub register: String,
    /// What it was called.
    pub name: String,
    /// How large it is.
    pub size: String,
    /// How far it has come.
    pub state: String,
}

impl WaitingView {
    /// Shows what waits.
    pub fn new(words: &Words, waiting: &WaitingTotals, oldest: &[WaitingFile]) -> Self {
        let (mut summary, mut to_send) = (Vec::new(), None);
        if waiting.count > 0 {
            let size = bytes_words(waiting.bytes, words.lang);
            let values = [("count", waiting.count.into()), ("size", size.into())];
            summary.push(words.say_with("files-waiting", &values));
            to_send = Some(words.say_with("bundle-attachments", &values));
        }
        if waiting.elsewhere > 0 {
            summary.push(words.say1("files-elsewhere", "count", waiting.elsewhere));
        }
        let line = |file: &WaitingFile| WaitingLine {
            href: format!("{}#lampiran", complaint_path(file.complaint)),
            register: file.register.clone(),
            name: file.name.clone(),
            size: bytes_words(file.bytes, words.lang),
            state: on_the_way(words, file.at_hub, file.bytes),
        };
        Self {
            summary,
            lines: oldest.iter().map(line).collect(),
            to_send,
        }
    }
}

fn kind_and_size(words: &Words, file: &AttachedFile) -> String {
    let kind = file.media_type.extension().to_uppercase();
    format!("{kind} · {}", bytes_words(file.bytes, words.lang))
}

fn state(words: &Words, holding: &Holding, at_hub: AtHub) -> String {
    let bytes = holding.file.bytes;
    match at_hub {
        _ if !holding.whole => {
            let values = [
                ("held", bytes_words(holding.held, words.lang).into()),
                ("size", bytes_words(bytes, words.lang).into()),
            ];
            words.say_with("files-not-here", &values)
        }
        AtHub::Whole => words.say("files-at-hub"),
        AtHub::Part(at_hub) => on_the_way(words, at_hub, bytes),
    }
}

fn on_the_way(words: &Words, at_hub: u64, bytes: u64) -> String {
    let left = bytes_words(bytes.saturating_sub(at_hub), words.lang);
    if at_hub == 0 {
        return words.say1("files-saved-here", "left", left);
    }
    let values = [("percent", percent(at_hub, bytes).into()), ("left", left.into())];
    words.say_with("files-on-the-way", &values)
}
