//! Configuration: flags over environment over file over defaults, unknown keys refused, and every origin shown.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::{Table as TomlTable, Value};

use crate::cli::Table;

/// What a key holds, so that a text from the environment is read as the right kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text: a path, an address, a name.
    Text,
    /// A whole number.
    Number,
    /// `true` or `false`.
    Switch,
    /// Texts, separated by commas in the environment and on the command line.
    List,
}

/// One key of a configuration.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its place, such as `sync.interval_seconds`: at most one section deep.
    pub path: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// One sentence for `config show`.
    pub about: &'static str,
}

impl Key {
    /// Names a key.
    pub const fn new(path: &'static str, kind: Kind, about: &'static str) -> Self {
        Self { path, kind, about }
    }

    /// Gives the environment variable: `sync.interval_seconds` is `TITIAN_SYNC_INTERVAL_SECONDS`.
    pub fn variable(&self) -> String {
        format!("TITIAN_{}", self.path.replace('.', "_").to_uppercase())
    }
}

/// A program's own configuration struct: `#[serde(default, deny_unknown_fields)]` on it and on each section.
pub trait Settings: Default + Serialize + DeserializeOwned {
    /// Every key that there is.
    const KEYS: &'static [Key];

    /// Checks the configuration as a whole.
    ///
    /// # Errors
    /// The key that is wrong, and why.
    fn check(&self) -> Result<(), (&'static str, String)> {
        Ok(())
    }
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// The program itself.
    Default,
    /// The configuration file.
    File(PathBuf),
    /// An environment variable.
    Environment(String),
    /// The command line.
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => path.display().fmt(f),
            Self::Environment(variable) => f.write_str(variable),
            Self::Flag => f.write_str("command line"),
        }
    }
}

/// Says what is wrong with a configuration, and where.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration file {}: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// The file is no TOML.
    #[error("the configuration file {} is not valid TOML: {reason}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Where and why, over several lines.
        reason: String,
    },
    /// A key that does not exist.
    #[error("{origin}: there is no setting '{key}'")]
    Unknown {
        /// The key.
        key: String,
        /// Where it stands.
        origin: Origin,
    },
    /// A value that does not fit its key.
    #[error("{origin}: the setting '{key}' cannot be that: {reason}")]
    Invalid {
        /// The key.
        key: String,
        /// Where the value came from.
        origin: Origin,
        /// Why not.
        reason: String,
    },
}

impl ConfigError {
    /// Says what to do next.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "check the path and the permissions, or leave the file out",
            Self::Syntax { .. } => "mend the line that is named",
            Self::Unknown { .. } => "see `config show` for all settings; remove or rename this one",
            Self::Invalid { .. } => "change it there; see `config show` for what each setting is",
        }
    }
}

/// What to read a configuration from.
#[derive(Default)]
pub struct Sources {
    /// The TOML file; a missing one is no error unless `file_required`.
    pub file: Option<PathBuf>,
    /// Whether the file was named by the user and so has to exist.
    pub file_required: bool,
    /// The environment, by variable name.
    pub environment: BTreeMap<String, String>,
    /// Values from the command line, by key path.
    pub flags: Vec<(&'static str, String)>,
}

impl Sources {
    /// Reads the process's environment, and a file where there is one.
    pub fn of_process(file: Option<PathBuf>, file_required: bool) -> Self {
        // A variable that is no UTF-8 cannot be one of ours.
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self {
            file,
            file_required,
            environment: std::env::vars_os().filter_map(text).collect(),
            flags: Vec::new(),
        }
    }

    /// Adds a value from the command line, where it was given.
    #[must_use]
    pub fn flag(mut self, path: &'static str, value: Option<impl fmt::Display>) -> Self {
        self.flags.extend(value.map(|value| (path, value.to_string())));
        self
    }
}

/// A configuration, and where each of its values came from.
#[derive(Debug)]
pub struct Loaded<T> {
    /// The values.
    pub values: T,
    origins: BTreeMap<&'static str, Origin>,
}

/// One line of `config show`.
#[derive(Debug, Serialize)]
pub struct Shown {
    /// The key.
    pub key: &'static str,
    /// Its value.
    pub value: serde_json::Value,
    /// Where it came from.
    pub origin: String,
    /// Its environment variable.
    pub variable: String,
    /// What it is.
    pub about: &'static str,
}

impl<T: Settings> Loaded<T> {
    /// Lists every key with its value and origin; print it with [`crate::cli::Output::show`] and [`shown_table`].
    pub fn shown(&self) -> Vec<Shown> {
        let all = serde_json::to_value(&self.values).unwrap_or_default();
        let one = |key: &Key| Shown {
            key: key.path,
            value: all
                .pointer(&format!("/{}", key.path.replace('.', "/")))
                .cloned()
                .unwrap_or_default(),
            origin: self.origins.get(key.path).unwrap_or(&Origin::Default).to_string(),
            variable: key.variable(),
            about: key.about,
        };
        T::KEYS.iter().map(one).collect()
    }
}

/// Lays `config show` out as a table.
pub fn shown_table(shown: &[Shown]) -> Table {
    let mut table = Table::new(["setting", "value", "from", "variable", "what it is"]);
    for line in shown {
        let value = match &line.value {
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Null => "-".to_owned(),
            other => other.to_string(),
        };
        table.push([line.key, &value, &line.origin, &line.variable, line.about]);
    }
    table
}

/// Loads a configuration: flags over environment over file over defaults.
///
/// # Errors
/// When the file cannot be read, a key is unknown, or a value does not fit: named with its origin.
pub fn load<T: Settings>(sources: &Sources) -> Result<Loaded<T>, ConfigError> {
    let mut merged = TomlTable::new();
    let mut origins = BTreeMap::new();
    let mut put = |key: &'static Key, value: Value, origin: Origin| {
        set(&mut merged, key.path, value);
        origins.insert(key.path, origin);
    };
    for (path, value, origin) in read_file(sources)? {
        let Some(key) = T::KEYS.iter().find(|key| key.path == path) else {
            return Err(ConfigError::Unknown { key: path, origin });
        };
        put(key, fits::<T>(key, value, &origin)?, origin);
    }
    for key in T::KEYS {
        let variable = key.variable();
        if let Some(text) = sources.environment.get(&variable) {
            let origin = Origin::Environment(variable);
            put(key, fits::<T>(key, parse(key, text, &origin)?, &origin)?, origin);
        }
    }
    for (path, text) in &sources.flags {
        let key = T::KEYS
            .iter()
            .find(|key| key.path == *path)
            .ok_or_else(|| ConfigError::Unknown {
                key: (*path).to_owned(),
                origin: Origin::Flag,
            })?;
        put(
            key,
            fits::<T>(key, parse(key, text, &Origin::Flag)?, &Origin::Flag)?,
            Origin::Flag,
        );
    }
    let values: T = merged
        .try_into()
        .map_err(|error: toml::de::Error| ConfigError::Invalid {
            key: "the whole".to_owned(),
            origin: Origin::Default,
            reason: error.message().to_owned(),
        })?;
    values.check().map_err(|(key, reason)| ConfigError::Invalid {
        key: key.to_owned(),
        origin: origins.get(key).cloned().unwrap_or(Origin::Default),
        reason,
    })?;
    Ok(Loaded { values, origins })
}

fn read_file(sources: &Sources) -> Result<Vec<(String, Value, Origin)>, ConfigError> {
    let Some(path) = &sources.file else {
        return Ok(Vec::new());
    };
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !sources.file_required => return Ok(Vec::new()),
        Err(reason) => {
            return Err(ConfigError::Unreadable {
                path: path.clone(),
                reason,
            });
        }
    };
    let table: TomlTable = text.parse().map_err(|error: toml::de::Error| ConfigError::Syntax {
        path: path.clone(),
        reason: error.to_string(),
    })?;
    Ok(flatten(table, path))
}

fn flatten(table: TomlTable, file: &Path) -> Vec<(String, Value, Origin)> {
    let mut flat = Vec::new();
    for (name, value) in table {
        let origin = Origin::File(file.to_path_buf());
        match value {
            Value::Table(section) => {
                flat.extend(
                    section
                        .into_iter()
                        .map(|(key, value)| (format!("{name}.{key}"), value, origin.clone())),
                );
            }
            value => flat.push((name, value, origin)),
        }
    }
    flat
}

fn parse(key: &Key, text: &str, origin: &Origin) -> Result<Value, ConfigError> {
    let invalid = |reason: &str| ConfigError::Invalid {
        key: key.path.to_owned(),
        origin: origin.clone(),
        reason: reason.to_owned(),
    };
    match key.kind {
        Kind::Text => Ok(Value::String(text.to_owned())),
        Kind::Number => text
            .trim()
            .parse()
            .map(Value::Integer)
            .map_err(|_| invalid("a whole number is expected")),
        Kind::Switch => text
            .trim()
            .parse()
            .map(Value::Boolean)
            .map_err(|_| invalid("true or false is expected")),
        Kind::List => {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            Ok(Value::Array(parts.map(|part| Value::String(part.to_owned())).collect()))
        }
    }
}

/// Tries a value alone, with defaults for all others: so the error can name the key.
fn fits<T: Settings>(key: &Key, value: Value, origin: &Origin) -> Result<Value, ConfigError> {
    let mut alone = TomlTable::new();
    set(&mut alone, key.path, value.clone());
    match alone.try_into::<T>() {
        Ok(_) => Ok(value),
        Err(error) => Err(ConfigError::Invalid {
            key: key.path.to_owned(),
            origin: origin.clone(),
            reason: error.message().to_owned(),
        }),
    }
}

fn set(table: &mut TomlTable, path: &str, value: Value) {
    let Some((section, key)) = path.split_once('.') else {
        table.insert(path.to_owned(), value);
        return;
    };
    let section = table.entry(section).or_insert_with(|| Value::Table(TomlTable::new()));
    if let Value::Table(section) = section {
        section.insert(key.to_owned(), value);
    }
}

#[cfg(test)]
mod tests;
