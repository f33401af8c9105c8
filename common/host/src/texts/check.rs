//! Finds texts that are missing in a language, differ in their values, or that nobody says. For tests.

use std::collections::{BTreeMap, BTreeSet};

use titian_domain::lang::Lang;

use super::Texts;

/// Lists what is wrong with the texts of a program, empty where nothing is.
///
/// `sources` are the program's own `.rs` and `.html` files: each key has to stand there as `"key"`, and what stands
/// there in `say("…")` has to be a key. Keys that begin with one of `prefixes` are put together when they are said.
/// The host's own texts count as used.
pub fn faults(texts: &Texts, sources: &[&str], prefixes: &[&str]) -> Vec<String> {
    let mut faults = Vec::new();
    let indonesian = keys(texts, Lang::Id);
    let english = keys(texts, Lang::En);
    for (key, values) in &indonesian {
        match english.get(key) {
            None => faults.push(format!("{key} is missing in English")),
            Some(others) if others != values => {
                faults.push(format!(
                    "{key} names {values:?} in Indonesian and {others:?} in English"
                ));
            }
            Some(_) => {}
        }
    }
    faults.extend(
        english
            .keys()
            .filter(|key| !indonesian.contains_key(*key))
            .map(|key| format!("{key} is missing in Indonesian")),
    );
    let own: &[(Lang, String)] = &texts.0.sources[texts.0.sources.len().min(super::HOST_TEXTS.len())..];
    let checked = if own.is_empty() { &texts.0.sources } else { own };
    let said: BTreeSet<&str> = sources.iter().flat_map(|source| said_in(source)).collect();
    for key in checked
        .iter()
        .flat_map(|(_, ftl)| keys_of(ftl))
        .map(|(key, _)| key)
        .collect::<BTreeSet<_>>()
    {
        let literal = format!("\"{key}\"");
        let put_together = prefixes.iter().any(|prefix| key.starts_with(prefix));
        if !put_together && !sources.iter().any(|source| source.contains(&literal)) {
            faults.push(format!("{key} is never said"));
        }
    }
    faults.extend(
        said.iter()
            .filter(|key| !indonesian.contains_key(**key) && !english.contains_key(**key))
            .map(|key| format!("{key} does not exist")),
    );
    faults
}

fn keys(texts: &Texts, lang: Lang) -> BTreeMap<&str, BTreeSet<&str>> {
    texts
        .0
        .sources
        .iter()
        .filter(|(of, _)| *of == lang)
        .flat_map(|(_, ftl)| keys_of(ftl))
        .collect()
}

/// Reads keys and the values that each names. A key begins a line; what belongs to it is indented.
fn keys_of(ftl: &str) -> Vec<(&str, BTreeSet<&str>)> {
    let mut found: Vec<(&str, BTreeSet<&str>)> = Vec::new();
    for line in ftl.lines() {
        if line.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && let Some((key, _)) = line.split_once('=')
        {
            found.push((key.trim_end(), BTreeSet::new()));
        }
        if let Some((_, values)) = found.last_mut() {
            values.extend(line.split('$').skip(1).map(name_at_start));
        }
    }
    found
}

fn said_in(source: &str) -> Vec<&str> {
    ["say(\"", "say_with(\"", "say1(\""]
        .iter()
        .flat_map(|call| source.split(call).skip(1))
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

fn name_at_start(text: &str) -> &str {
    let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_' && letter != '-');
    &text[..end.unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_fault_is_found() {
        let id = "both = a { $name }\nonly-id = b\nunsaid = c\nstage-recorded = d\n";
        let en = "both = a { $other }\nunsaid = c\nonly-en = e\nstage-recorded = d\n";
        let texts = Texts::new(&[(Lang::Id, id), (Lang::En, en)]).unwrap();
        let source = r#"reader.say("both"); reader.say("only-id"); say_with("only-en", 1); t.say("nowhere")"#;
        insta::assert_snapshot!(faults(&texts, &[source], &["stage-"]).join("\n"), @r#"
        both names {"name"} in Indonesian and {"other"} in English
        only-id is missing in English
        only-en is missing in Indonesian
        unsaid is never said
        nowhere does not exist
        "#);
    }
}
