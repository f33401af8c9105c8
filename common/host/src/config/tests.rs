//! What the configuration promises.

use serde::Deserialize;

use super::*;

#[derive(Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Config {
    listen: String,
    sync: Sync,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Sync {
    interval_seconds: u32,
    quiet: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8420".to_owned(),
            sync: Sync::default(),
        }
    }
}

impl Default for Sync {
    fn default() -> Self {
        Self {
            interval_seconds: 300,
            quiet: false,
        }
    }
}

impl Settings for Config {
    const KEYS: &'static [Key] = &[
        Key::new("listen", Kind::Text, "The address of the pages."),
        Key::new("sync.interval_seconds", Kind::Number, "How often to sync."),
        Key::new("sync.quiet", Kind::Switch, "Whether to wait for the night."),
    ];

    fn check(&self) -> Result<(), (&'static str, String)> {
        match self.sync.interval_seconds {
            0 => Err(("sync.interval_seconds", "at least 1 is expected".to_owned())),
            _ => Ok(()),
        }
    }
}

struct Rig {
    _folder: tempfile::TempDir,
    sources: Sources,
}

fn rig(file: &str) -> Rig {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("titian.toml");
    std::fs::write(&path, file).unwrap();
    Rig {
        _folder: folder,
        sources: Sources {
            file: Some(path),
            ..Sources::default()
        },
    }
}

fn refusal(rig: &Rig) -> String {
    load::<Config>(&rig.sources)
        .unwrap_err()
        .to_string()
        .replace(&path_text(rig), "FILE")
}

fn path_text(rig: &Rig) -> String {
    rig.sources.file.as_ref().unwrap().display().to_string()
}

#[test]
fn flags_win_over_environment_over_file_over_defaults() {
    let mut rig = rig("listen = 'file'\n[sync]\ninterval_seconds = 10\nquiet = true\n");
    let environment = [("TITIAN_LISTEN", "environment"), ("TITIAN_SYNC_INTERVAL_SECONDS", "20")];
    rig.sources.environment = environment
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    rig.sources = rig
        .sources
        .flag("listen", Some("flag"))
        .flag("sync.quiet", None::<bool>);
    let loaded = load::<Config>(&rig.sources).unwrap();
    assert_eq!(loaded.values.listen, "flag");
    let shown = loaded.shown();
    let lines: Vec<_> = shown
        .iter()
        .map(|line| format!("{}={} {}", line.key, line.value, line.origin))
        .collect();
    assert_eq!(lines[0], "listen=\"flag\" command line");
    assert_eq!(lines[1], "sync.interval_seconds=20 TITIAN_SYNC_INTERVAL_SECONDS");
    assert!(
        lines[2].starts_with("sync.quiet=true ") && lines[2].ends_with("titian.toml"),
        "{lines:?}"
    );
    assert!(shown_table(&shown).render().contains("TITIAN_SYNC_QUIET"));
}

#[test]
fn a_missing_file_means_defaults_unless_it_was_asked_for() {
    let mut sources = Sources {
        file: Some("/nowhere/titian.toml".into()),
        ..Sources::default()
    };
    let loaded = load::<Config>(&sources).unwrap();
    assert_eq!(loaded.shown()[1].origin, "default");
    sources.file_required = true;
    assert!(matches!(load::<Config>(&sources), Err(ConfigError::Unreadable { .. })));
}

#[test]
fn an_unknown_key_is_refused_with_its_name_and_file() {
    assert_eq!(
        refusal(&rig("[sync]\nintervall = 3\n")),
        "FILE: there is no setting 'sync.intervall'"
    );
    assert_eq!(refusal(&rig("port = 3\n")), "FILE: there is no setting 'port'");
}

#[test]
fn a_value_that_does_not_fit_is_refused_with_its_key_and_origin() {
    let text = refusal(&rig("[sync]\ninterval_seconds = 'often'\n"));
    assert!(
        text.starts_with("FILE: the setting 'sync.interval_seconds' cannot be that: invalid type"),
        "{text}"
    );
    assert!(refusal(&rig("[sync]\ninterval_seconds = 0\n")).ends_with("at least 1 is expected"));
    let mut rig = rig("");
    rig.sources
        .environment
        .insert("TITIAN_SYNC_QUIET".to_owned(), "yes".to_owned());
    assert_eq!(
        refusal(&rig),
        "TITIAN_SYNC_QUIET: the setting 'sync.quiet' cannot be that: true or false is expected"
    );
}

#[test]
fn a_broken_file_is_refused_with_its_line() {
    let text = refusal(&rig("listen = \n"));
    assert!(
        text.contains("FILE is not valid TOML") && text.contains("line 1"),
        "{text}"
    );
}
