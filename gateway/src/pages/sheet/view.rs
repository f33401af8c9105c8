//! The sheet as a page: what was typed, what is wrong with it, and what can be chosen.

use askama::Template;
use titian_domain::category::Categories;
use titian_domain::lang::Lang;
use titian_domain::particulars::{Field, Particulars, Value};
use titian_domain::region::Regions;
use titian_domain::reporter::ReporterRecord;
use titian_domain::time::{UnixMillis, Zone};
use titian_domain::vocabulary::{Channel, Classification, OutOfScope};

use super::read::{Problems, RECEIVED_EXACT, REPORTER_FIELDS, moment};
use crate::pages::attachments::DraftsView;
use crate::pages::notice::NoticeView;
use crate::pages::typed::Typed;
use crate::pages::words::Words;

/// The sheet, to be filled in.
#[derive(Template)]
#[template(path = "sheet.html")]
pub struct SheetPage {
    /// Words.
    pub words: Words,
    /// The register number of a complaint that is changed.
    pub register: Option<String>,
    /// Where it is sent.
    pub action: String,
    /// Where one gets out of it.
    pub back: String,
    /// What a change is based on.
    pub heads: Option<String>,
    /// The identity that a new complaint gets: sent twice, it is still one complaint.
    pub id: Option<String>,
    /// What stands in the fields.
    pub typed: Typed,
    /// What is wrong with fields.
    pub problems: Problems,
    /// What else went wrong.
    pub failure: Option<String>,
    /// What is odd; never in the way.
    pub hints: Vec<String>,
    /// The reporter in a form that shows nobody's identity; `None` where the fields are open.
    pub masked_reporter: Option<String>,
    /// The files of a new complaint; `None` where they are not asked for.
    pub drafts: Option<DraftsView>,
    /// What to tell the citizen about their data; `None` where they were told.
    pub notice: Option<NoticeView>,
    /// The ways by which a complaint comes.
    pub channels: Vec<Choice>,
    /// LAPOR's classifications.
    pub classifications: Vec<Choice>,
    /// LAPOR's categories.
    pub categories: Vec<Choice>,
    /// What LAPOR does not take.
    pub kinds: Vec<Choice>,
    /// Villages and other regions.
    pub regions: Vec<RegionGroup>,
}

/// Something to choose from a list.
pub struct Choice {
    /// What the form sends.
    pub value: String,
    /// What people read.
    pub label: String,
}

/// Regions under one heading.
pub struct RegionGroup {
    /// The heading.
    pub label: String,
    /// The regions.
    pub options: Vec<Choice>,
}

macro_rules! words_of {
    ($list:ty, $lang:expr) => {
        <$list>::ALL.iter().map(|word| Choice {
            value: word.code().to_owned(),
            label: word.label($lang).to_owned(),
        })
    };
}

/// Lists the ways by which a complaint comes.
pub fn channels(lang: Lang) -> Vec<Choice> {
    words_of!(Channel, lang).collect()
}

/// Lists LAPOR's classifications, after an empty choice.
pub fn classifications(words: &Words) -> Vec<Choice> {
    std::iter::once(none(words, "choose-none"))
        .chain(words_of!(Classification, words.lang))
        .collect()
}

/// Lists what LAPOR does not take, after the ordinary case.
pub fn kinds(words: &Words) -> Vec<Choice> {
    std::iter::once(none(words, "kind-in-scope"))
        .chain(words_of!(OutOfScope, words.lang))
        .collect()
}

/// Lists the categories; one that is on record and no longer in the list stays choosable, or saving would drop it.
pub fn categories(words: &Words, categories: &Categories, chosen: &str) -> Vec<Choice> {
    let own = |name: &str| Choice {
        value: name.to_owned(),
        label: name.to_owned(),
    };
    let strange = (!chosen.is_empty() && !categories.contains(chosen)).then(|| own(chosen));
    let listed = categories.names().iter().map(|name| own(name));
    std::iter::once(none(words, "choose-none"))
        .chain(strange)
        .chain(listed)
        .collect()
}

fn none(words: &Words, key: &str) -> Choice {
    Choice {
        value: String::new(),
        label: words.say(key),
    }
}

/// Lists regions: what was found first, then the office's own villages, then the rest of its regency.
pub fn region_groups(
    words: &Words,
    regions: &Regions,
    office: &str,
    found: &[String],
    chosen: &str,
) -> Vec<RegionGroup> {
    let mut groups = Vec::new();
    let in_full = |code: &str| Choice {
        value: code.to_owned(),
        label: regions.full_name(code).unwrap_or_else(|| code.to_owned()),
    };
    let mut offered: Vec<&str> = found.iter().map(String::as_str).collect();
    let regency = office.get(..REGENCY_CODE_LEN).unwrap_or_default();
    // A region of elsewhere that is on record must be in the list, or saving would drop it.
    if !chosen.is_empty() && !offered.contains(&chosen) && (regency.is_empty() || !chosen.starts_with(regency)) {
        offered.insert(0, chosen);
    }
    if !offered.is_empty() {
        let options = offered.into_iter().map(in_full).collect();
        groups.push(RegionGroup {
            label: words.say("region-found"),
            options,
        });
    }
    if regency.is_empty() {
        return groups;
    }
    let group = |district: &str, name: &str| {
        let whole = Choice {
            value: district.to_owned(),
            label: format!("Kecamatan {name}"),
        };
        let villages = regions.children(district);
        let villages = villages.map(|village| Choice {
            value: village.code.to_owned(),
            label: village.name.to_owned(),
        });
        RegionGroup {
            label: format!("Kecamatan {name}"),
            options: villages.chain([whole]).collect(),
        }
    };
    if let Some(name) = regions.name(office) {
        groups.push(group(office, name));
    }
    let others = regions.children(regency).filter(|district| district.code != office);
    groups.extend(others.map(|district| group(district.code, district.name)));
    groups
}

/// `63.01`: the part of a code that names the regency.
pub const REGENCY_CODE_LEN: usize = 5;

/// Writes what is on record into the fields of a form, without the reporter.
pub fn typed(particulars: &Particulars, zone: Zone) -> Typed {
    let mut typed = Typed::default();
    for field in Field::ALL {
        match particulars.get(field) {
            Value::Text(text) => typed.set(field.code(), text),
            Value::Flag(flag) => typed.set(field.code(), if flag { "yes" } else { "" }),
            Value::Instant(at) => set_received(&mut typed, at, zone),
            Value::Reporter(_) => {}
        }
    }
    typed
}

fn set_received(typed: &mut Typed, at: UnixMillis, zone: Zone) {
    typed.set(Field::ReceivedAt.code(), moment(at, zone));
    typed.set(RECEIVED_EXACT, at.0.to_string());
}

/// Writes a reporter into the fields of a form.
pub fn type_reporter(typed: &mut Typed, reporter: &ReporterRecord) {
    let texts = [
        &reporter.name,
        &reporter.nik,
        &reporter.phone,
        &reporter.email,
        &reporter.address,
    ];
    for (field, text) in REPORTER_FIELDS.into_iter().zip(texts) {
        typed.set(field, text.as_str());
    }
}
