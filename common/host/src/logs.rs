//! Logs go to stderr, as readable lines or as JSON; never with personal data.

use std::io::IsTerminal as _;
use std::panic::PanicHookInfo;

use tracing_subscriber::EnvFilter;

use crate::cli::Failure;

/// The variable that sets the level, such as `debug` or `info,titian_sync=trace`.
pub const LEVEL_VARIABLE: &str = "TITIAN_LOG";

/// The variable that sets the form: `text` or `json`.
pub const FORMAT_VARIABLE: &str = "TITIAN_LOG_FORMAT";

/// Starts logging, once per process. `default_level` holds where the variable is not set: `info` for programs that
/// serve, `warn` for commands.
///
/// # Errors
/// When one of the variables cannot be read.
pub fn init(default_level: &str) -> Result<(), Failure> {
    let level = std::env::var(LEVEL_VARIABLE).unwrap_or_else(|_| default_level.to_owned());
    let filter = EnvFilter::try_new(&level).map_err(|_| {
        Failure::user(
            format!("{LEVEL_VARIABLE} is '{level}', which is no log level"),
            "use error, warn, info, debug or trace",
        )
    })?;
    // The library traces the message of every change, in which the name of who wrote it stands.
    let filter = filter.add_directive(
        "automerge=off"
            .parse()
            .map_err(|error| Failure::Internal(anyhow::anyhow!("{error}")))?,
    );
    let format = std::env::var(FORMAT_VARIABLE).unwrap_or_else(|_| "text".to_owned());
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let started = match format.as_str() {
        "text" => builder
            .with_ansi(std::io::stderr().is_terminal())
            .with_target(false)
            .try_init(),
        "json" => builder.json().flatten_event(true).try_init(),
        other => {
            return Err(Failure::user(
                format!("{FORMAT_VARIABLE} is '{other}'"),
                "use text or json",
            ));
        }
    };
    started.map_err(|error| Failure::Internal(anyhow::anyhow!(error)))?;
    std::panic::set_hook(Box::new(log_panic));
    Ok(())
}

/// Logs a panic without what it quotes: the message of an index out of bounds holds the text it was cut from, and
/// that may be a citizen's. Messages written as literals are ours and safe.
fn log_panic(info: &PanicHookInfo<'_>) {
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    let message = literal(info.payload()).unwrap_or("its message may hold personal data and is left out");
    tracing::error!(
        panic.place = place,
        panic.message = message,
        "a part of the program broke off"
    );
}

fn literal(payload: &(dyn std::any::Any + Send)) -> Option<&'static str> {
    payload.downcast_ref::<&'static str>().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_that_quotes_a_text_is_not_logged_with_it() {
        let text = "Siti Rahmah".to_owned();
        let quoting = std::panic::catch_unwind(|| panic!("no such name: {text}")).unwrap_err();
        assert_eq!(literal(&*quoting), None);
        let plain = std::panic::catch_unwind(|| panic!("the queue is gone")).unwrap_err();
        assert_eq!(literal(&*plain), Some("the queue is gone"));
    }
}
