//! What screens say, in both languages: Fluent texts by key.

pub mod check;

use std::sync::Arc;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use titian_domain::lang::Lang;
use unic_langid::LanguageIdentifier;

/// A value that a text names: a text or a number (which picks singular or plural where the language has them).
pub use fluent_bundle::FluentValue as Value;

/// The host's own texts: frame, login, errors.
const HOST_TEXTS: [(Lang, &str); 2] = [
    (Lang::Id, include_str!("../texts/id/host.ftl")),
    (Lang::En, include_str!("../texts/en/host.ftl")),
];

/// Says why the texts of a program cannot be used. They are compiled in: only a programming error does this.
#[derive(Debug, thiserror::Error)]
pub enum TextsError {
    /// A text does not parse.
    #[error("the {lang:?} texts do not parse: {reason}")]
    Syntax {
        /// The language.
        lang: Lang,
        /// What the parser said.
        reason: String,
    },
    /// A key is there twice.
    #[error("the {lang:?} texts have a key twice: {reason}")]
    Twice {
        /// The language.
        lang: Lang,
        /// Which key.
        reason: String,
    },
}

/// All texts of a program in both languages. Cheap to clone.
#[derive(Clone)]
pub struct Texts(Arc<Inner>);

struct Inner {
    indonesian: FluentBundle<FluentResource>,
    english: FluentBundle<FluentResource>,
    sources: Vec<(Lang, String)>,
}

impl Texts {
    /// Builds the texts of a program from its `.ftl` files, and the host's own.
    ///
    /// # Errors
    /// When a file does not parse or a key is there twice.
    pub fn new(program: &[(Lang, &str)]) -> Result<Self, TextsError> {
        let sources: Vec<(Lang, String)> = HOST_TEXTS
            .iter()
            .chain(program)
            .map(|(lang, ftl)| (*lang, (*ftl).to_owned()))
            .collect();
        Ok(Self(Arc::new(Inner {
            indonesian: bundle(Lang::Id, &sources)?,
            english: bundle(Lang::En, &sources)?,
            sources,
        })))
    }

    /// Says a text without values. A key that does not exist is shown in brackets and logged.
    pub fn say(&self, lang: Lang, key: &str) -> String {
        self.say_with(lang, key, &[])
    }

    /// Says a text with values.
    pub fn say_with(&self, lang: Lang, key: &str, values: &[(&str, Value<'_>)]) -> String {
        let bundle = lang.pick(&self.0.indonesian, &self.0.english);
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            tracing::error!(text.key = key, text.lang = lang.tag(), "a text is missing");
            return format!("⟦{key}⟧");
        };
        let mut args = FluentArgs::with_capacity(values.len());
        for (name, value) in values {
            args.set((*name).to_owned(), value.clone());
        }
        let mut errors = Vec::new();
        let said = bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned();
        if errors.is_empty() {
            return said;
        }
        tracing::error!(
            text.key = key,
            text.lang = lang.tag(),
            ?errors,
            "a text could not be filled in"
        );
        format!("⟦{key}: {said}⟧")
    }

    /// Says whether a key exists in a language.
    pub fn has(&self, lang: Lang, key: &str) -> bool {
        lang.pick(&self.0.indonesian, &self.0.english).has_message(key)
    }
}

/// The texts in one language: what something is written with that is no page, or not only one.
#[derive(Clone)]
pub struct Speech {
    texts: Texts,
    /// The language.
    pub lang: Lang,
}

impl Speech {
    /// Takes the texts in a language.
    pub fn new(texts: Texts, lang: Lang) -> Self {
        Self { texts, lang }
    }

    /// Says a text.
    pub fn say(&self, key: &str) -> String {
        self.texts.say(self.lang, key)
    }

    /// Says a text with one value: key, the value's name, the value.
    pub fn say1(&self, key: &str, name: &str, value: impl std::fmt::Display) -> String {
        self.texts
            .say_with(self.lang, key, &[(name, Value::from(value.to_string()))])
    }

    /// Tells whether there is a text of this key.
    pub fn has(&self, key: &str) -> bool {
        self.texts.has(self.lang, key)
    }
}

fn bundle(lang: Lang, sources: &[(Lang, String)]) -> Result<FluentBundle<FluentResource>, TextsError> {
    let identifier: LanguageIdentifier = lang.tag().parse().expect("our two tags are well-formed");
    let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
    // The marks that isolate right-to-left values would only spoil searching and copying here.
    bundle.set_use_isolating(false);
    for (_, ftl) in sources.iter().filter(|(of, _)| *of == lang) {
        let resource = FluentResource::try_new(ftl.clone()).map_err(|(_, errors)| TextsError::Syntax {
            lang,
            reason: format!("{errors:?}"),
        })?;
        bundle.add_resource(resource).map_err(|errors| TextsError::Twice {
            lang,
            reason: format!("{errors:?}"),
        })?;
    }
    Ok(bundle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts() -> Texts {
        let id = "notes = { $count } catatan\n";
        let en = "notes =\n    { $count ->\n        [one] one note\n       *[other] { $count } notes\n    }\n";
        Texts::new(&[(Lang::Id, id), (Lang::En, en)]).unwrap()
    }

    #[test]
    fn a_text_is_said_in_the_language_of_the_reader() {
        let texts = texts();
        assert_eq!(texts.say_with(Lang::Id, "notes", &[("count", 1.into())]), "1 catatan");
        assert_eq!(texts.say_with(Lang::En, "notes", &[("count", 1.into())]), "one note");
        assert_eq!(texts.say_with(Lang::En, "notes", &[("count", 2.into())]), "2 notes");
    }

    #[test]
    fn a_missing_key_or_value_is_seen_and_does_not_panic() {
        let texts = texts();
        assert_eq!(texts.say(Lang::Id, "nothing"), "⟦nothing⟧");
        assert!(texts.say(Lang::Id, "notes").starts_with('⟦'));
    }

    #[test]
    fn a_key_that_is_there_twice_is_refused() {
        assert!(matches!(
            Texts::new(&[(Lang::Id, "sign-in = x\n")]),
            Err(TextsError::Twice { .. })
        ));
    }

    #[test]
    fn every_text_of_the_host_exists_in_both_languages_and_is_used() {
        let sources = [
            include_str!("web/download.rs"),
            include_str!("bundle/browser.rs"),
            include_str!("bundle/report.rs"),
            include_str!("../templates/bundle_result.html"),
            include_str!("web/error.rs"),
            include_str!("web/routes.rs"),
            include_str!("web/reader.rs"),
            include_str!("web/middleware.rs"),
            include_str!("web/locked.rs"),
            include_str!("../templates/locked.html"),
            include_str!("web/at_work.rs"),
            include_str!("../templates/at_work.html"),
            include_str!("../templates/bare.html"),
            include_str!("people/pages.rs"),
            include_str!("people/extract.rs"),
            include_str!("../templates/base.html"),
            include_str!("../templates/error.html"),
            include_str!("../templates/login.html"),
            include_str!("../templates/setup.html"),
            include_str!("people/own.rs"),
            include_str!("people/directory.rs"),
            include_str!("people/second_factor/keepers.rs"),
            include_str!("people/second_factor/own.rs"),
            include_str!("people/second_factor/sign_in.rs"),
            include_str!("../templates/login_code.html"),
            include_str!("../templates/second_factor.html"),
            include_str!("../templates/second_factor_offer.html"),
            include_str!("../templates/recovery_codes.html"),
            include_str!("../templates/account.html"),
            include_str!("../templates/account_of.html"),
            include_str!("../templates/account_roles.html"),
            include_str!("../templates/accounts.html"),
            include_str!("audit/page.rs"),
            include_str!("export/page.rs"),
            include_str!("../templates/export.html"),
            include_str!("../templates/audit.html"),
            include_str!("subject/happened.rs"),
            include_str!("subject/print.rs"),
            include_str!("subject/page.rs"),
            include_str!("subject/case.rs"),
            include_str!("../templates/case_button.html"),
            include_str!("../templates/subject.html"),
            include_str!("../templates/subject_erase.html"),
            include_str!("../templates/subject_print.html"),
            include_str!("../templates/subject_file.html"),
            include_str!("../templates/held_sheet.html"),
        ];
        let faults = check::faults(
            &Texts::new(&[]).unwrap(),
            &sources,
            &[
                "role-",
                "bundle-trouble-",
                "deed-",
                "audit-step-",
                "audit-wording-",
                "reveal-",
                "nav-audit",
                "nav-subject",
                "audit-of-complaint",
                "held-of-",
                "restricted-",
            ],
        );
        assert!(faults.is_empty(), "{faults:#?}");
    }
}
