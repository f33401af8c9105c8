//! `encryption`, `unlock`, `lock`: what keeps the office's data unreadable on a stolen disk.

use std::io::{IsTerminal as _, Read as _};
use std::path::Path;

use clap::Subcommand;
use serde_json::json;
use titian_host::at_rest::{DataKey, KeyFile, MachineCode, Opener, RecoveryCode, SinceBoot};
use titian_host::audit::{self, Deed};
use titian_host::cli::{Exit, Failure, Output, Table, print};
use titian_host::clock::Clock;
use titian_host::folder;

use crate::at_rest::{self, AtRest, Beginning, CREDENTIAL};
use crate::store;

/// A code with all its dashes is far shorter; what is longer is none.
const TYPED_BYTES_MAX: u64 = 1024;

/// `encryption …`
#[derive(Subcommand)]
pub enum Command {
    /// Encipher the office's data; stop `run` first, and have a printer or a pen at hand for the recovery code
    TurnOn,
    /// Show whether the data are enciphered, and what opens them
    Show,
    /// Make a new recovery code, instead of one that was lost or seen; the former one opens nothing any more
    RenewCode,
    /// Have this machine open the data at each start: by Windows' key store, or by the code that is printed for another one
    MachineCode,
}

/// Runs an `encryption` command.
pub async fn run(data: &Path, command: &Command, output: Output) -> Result<Exit, Failure> {
    let clock = Clock::from_env().map_err(|error| Failure::user(error.to_string(), "correct or unset the variable"))?;
    match command {
        Command::TurnOn => turn_on(data, &clock, output).await,
        Command::Show => show(data, output),
        Command::RenewCode => renew_code(data, &clock, output).await,
        Command::MachineCode => machine_code(data, &clock, output),
    }
}

/// Has a new code of the machine open the data. Where it has a key store that takes it from us, nobody sees the code.
fn machine_code(data: &Path, clock: &Clock, output: Output) -> Result<Exit, Failure> {
    let (mut file, key) = open(data)?;
    let code = RecoveryCode::new(clock.random());
    let kept = MachineCode::of(data);
    if let Some(kept) = &kept {
        // First: where the store refuses, nothing was changed.
        kept.keep(&code).map_err(|error| {
            Failure::user(
                format!("this machine's key store does not take the code: {error}; nothing was changed"),
                "type the command signed in at the machine itself, as the account under which the gateway runs",
            )
        })?;
    }
    file.set_code(Opener::Machine, &key, &code, clock)
        .map_err(at_rest::key_file)?;
    if kept.is_some() {
        output.say("this machine's key store opens the data from now on, at each start under this account")?;
        return Ok(Exit::Ok);
    }
    if std::io::stdout().is_terminal() {
        print::error(&format!(
            "note: hand this to the machine's key store as {CREDENTIAL}, and keep it nowhere else\n"
        ));
    }
    print::line(&code.to_text())?;
    Ok(Exit::Ok)
}

/// Runs `unlock`: has commands and a program that is started later find the key, until [`SinceBoot::END`].
pub fn unlock(data: &Path, output: Output) -> Result<Exit, Failure> {
    let (_, key) = open(data)?;
    let kept = SinceBoot::of(data).keep(&key);
    let kept = kept.map_err(|error| {
        Failure::user(
            format!("the key cannot be kept until {}: {error}", SinceBoot::END),
            NO_PLACE,
        )
    })?;
    if !kept {
        return Err(Failure::with_exit(
            Exit::Conflict,
            "this machine has no folder that is memory, where the key could be kept until it stops",
            NO_PLACE,
        ));
    }
    output.say(&format!("the office's data are open until {}", SinceBoot::END))?;
    Ok(Exit::Ok)
}

const NO_PLACE: &str = if cfg!(windows) {
    "type the command signed in at the machine itself, or open the data in the browser"
} else {
    "set XDG_RUNTIME_DIR to a folder on a tmpfs that is this account's own, or open the data in the browser"
};

/// Runs `lock`.
pub fn lock(data: &Path, output: Output) -> Result<Exit, Failure> {
    let forgotten = SinceBoot::of(data).forget();
    forgotten.map_err(|error| Failure::user(format!("the key cannot be removed: {error}"), "restart this machine"))?;
    output.say("the key is forgotten; stop `titian-gateway run` too, if it works, for it holds one of its own")?;
    Ok(Exit::Ok)
}

async fn turn_on(data: &Path, clock: &Clock, output: Output) -> Result<Exit, Failure> {
    let made = folder::make(data);
    made.map_err(|error| {
        let what = format!("cannot make the folder {}: {error}", data.display());
        Failure::user(what, "give another one with --data")
    })?;
    let (count, key) = match at_rest::look(data)? {
        AtRest::Open(..) | AtRest::Locked(_) => {
            output.say("the office's data are enciphered already")?;
            return Ok(Exit::Ok);
        }
        AtRest::Begun(mut file) => {
            let claimed = at_rest::claim(data)?;
            print::error("Enciphering was begun before. Type the recovery code that was printed then:\n");
            let key = file.open_by_code(&typed()?).ok_or_else(wrong_code)?;
            (at_rest::go_on(data, claimed, &mut file, &key)?, key)
        }
        AtRest::Plain => {
            // The audit log is in the database, on the first day too.
            drop(store::open(data, None)?);
            let Some(claimed) = at_rest::claim(data)? else {
                return Err(Failure::Internal(anyhow::anyhow!(
                    "the database that was just opened is gone"
                )));
            };
            let (key, code) = (DataKey::new(clock.random()), RecoveryCode::new(clock.random()));
            confirm(&code)?;
            let beginning = Beginning {
                who: audit::AT_THE_SHELL.to_owned(),
                key: key.clone(),
                code,
                password: None,
            };
            let (_, count) = at_rest::turn_on(data, claimed, beginning, clock).await?;
            (count, key)
        }
    };
    if let Err(error) = SinceBoot::of(data).keep(&key) {
        tracing::warn!(%error, "the key could not be kept for the next commands");
    }
    output.say(&format!(
        "the office's data are enciphered: the database and {count} attached files"
    ))?;
    Ok(Exit::Ok)
}

async fn renew_code(data: &Path, clock: &Clock, output: Output) -> Result<Exit, Failure> {
    let (mut file, key) = open(data)?;
    let code = RecoveryCode::new(clock.random());
    confirm(&code)?;
    let deed = (audit::AT_THE_SHELL, Deed::DataCodeRenewed);
    audit::note_alone(&store::open(data, Some(&key))?, clock, deed, None, "").await?;
    file.set_code(Opener::RecoveryCode, &key, &code, clock)
        .map_err(at_rest::key_file)?;
    output.say("the new recovery code opens the data; destroy the paper with the former one")?;
    Ok(Exit::Ok)
}

fn show(data: &Path, output: Output) -> Result<Exit, Failure> {
    let (state, file) = match at_rest::look(data)? {
        AtRest::Plain => ("plain", None),
        AtRest::Open(file, _) => ("open", Some(file)),
        AtRest::Locked(file) => ("locked", Some(file)),
        AtRest::Begun(file) => ("begun", Some(file)),
    };
    let openers: Vec<_> = file.iter().flat_map(KeyFile::openers).map(words).collect();
    output.show(&json!({ "data": state, "opened_by": openers }), |_| {
        let state = match state {
            "plain" => "plain: whoever has the disk reads them; see `titian-gateway encryption turn-on`",
            "open" => "enciphered, and open",
            "begun" => "enciphering was begun and is not finished; see `titian-gateway encryption turn-on`",
            _ => "enciphered and locked",
        };
        let mut table = Table::new(["what", "value"]).row(["data", state]);
        for opener in &openers {
            table.push(["opened by", opener.as_str()]);
        }
        table
    })?;
    Ok(Exit::Ok)
}

fn words(opener: &Opener) -> String {
    match opener {
        Opener::RecoveryCode => "the recovery code on paper".to_owned(),
        Opener::Machine => "this machine's own key store".to_owned(),
        Opener::Account(name) => format!("the password of {name}"),
    }
}

/// Gives the key, and asks for the recovery code where it is not at hand.
fn open(data: &Path) -> Result<(KeyFile, DataKey), Failure> {
    match at_rest::look(data)? {
        AtRest::Plain => Err(Failure::with_exit(
            Exit::Conflict,
            "the office's data are not enciphered",
            "type `titian-gateway encryption turn-on` first",
        )),
        AtRest::Begun(_) => Err(at_rest::begun()),
        AtRest::Open(file, key) => Ok((file, key)),
        AtRest::Locked(file) => {
            print::error("Type the recovery code of this office:\n");
            let key = file.open_by_code(&typed()?).ok_or_else(wrong_code)?;
            Ok((file, key))
        }
    }
}

/// Shows a new code, and goes on only once it was typed back: then it is on paper and can be read.
fn confirm(code: &RecoveryCode) -> Result<(), Failure> {
    print::error(
        "The recovery code of this office. Write it down or print it, and keep it under lock, away from this computer:\n",
    );
    print::line(&code.to_text())?;
    print::error(
        "Without it and without a password that opens them, nobody can ever read the data again. Type it from the paper:\n",
    );
    if typed()? == *code { Ok(()) } else { Err(wrong_code()) }
}

fn typed() -> Result<RecoveryCode, Failure> {
    let mut line = String::new();
    // One letter after the other: what follows the line is not ours to take.
    for byte in std::io::stdin().lock().take(TYPED_BYTES_MAX).bytes() {
        match byte {
            Ok(b'\n') | Err(_) => break,
            Ok(byte) => line.push(char::from(byte)),
        }
    }
    RecoveryCode::parse(&line).ok_or_else(wrong_code)
}

fn wrong_code() -> Failure {
    Failure::user(
        "that is not the recovery code; nothing was changed",
        "compare it with the paper, group by group, and type the command again",
    )
}
