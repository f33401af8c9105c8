//! `cargo demo`: a hub and two offices to play with, or the whole story unattended.

use std::future::poll_fn;
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::task::Poll;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use titian_demo::binaries::Binaries;
use titian_demo::cast::{Account, Cast, LIAISON, OPERATOR, OTHER_OPERATOR, PELAIHARI, TAKISUNG};
use titian_demo::report::Report;
use titian_demo::rig::{Rig, Stop};
use titian_demo::{samples, scene, story};
use tokio::signal::unix::{SignalKind, signal};

/// How often the gateways of the demonstration look for news, so that somebody who watches sees it come.
const SYNC_SECONDS: &str = "10";
/// How often to look whether all programs still run.
const LOOK_AROUND: Duration = Duration::from_secs(1);

/// Shows Titian: a hub and two offices with invented complaints in every stage, in a temporary folder.
#[derive(Parser)]
#[command(name = "cargo demo", max_term_width = 110)]
struct Args {
    /// Play the whole story unattended, print what was observed, and fail if anything differs
    #[arg(long)]
    check: bool,
    /// Use optimised programs; building them takes some minutes the first time
    #[arg(long)]
    release: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(code) => code,
        Err(error) => {
            say(&format!("The demonstration broke off: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<ExitCode> {
    say("Building titian-gateway and titian-hub …");
    let binaries = Binaries::build(args.release)?;
    if args.check { check(binaries) } else { show(binaries) }
}

fn check(binaries: Binaries) -> Result<ExitCode> {
    let rig = Rig::new(binaries)?;
    let _asked_to_end = on_signals(rig.surroundings.stop.clone())?;
    let mut report = Report::default();
    say("Playing the story with the real programs …\n");
    let played = story::play(&rig, &mut report);
    say(&report.to_string());
    if let Err(error) = &played {
        say(&format!(
            "The story broke off: {error:#}\n\nWhat the programs logged:\n{}",
            rig.log().text()
        ));
    }
    let (steps, differing) = report.counts();
    say(&format!("{steps} steps, {differing} differ"));
    Ok(exit_code(played.is_ok() && report.is_ok()))
}

fn show(binaries: Binaries) -> Result<ExitCode> {
    let rig = Rig::new(binaries)?;
    let asked_to_end = on_signals(rig.surroundings.stop.clone())?;
    say("Playing six weeks of work at two offices and the hub …");
    let mut cast = Cast::set_up(&rig)?;
    scene::play(&rig, &mut cast)?;
    cast.hub.serve()?;
    cast.pelaihari.serve_syncing(SYNC_SECONDS)?;
    cast.takisung.serve_syncing(SYNC_SECONDS)?;
    say(&invitation(&cast, &rig)?);
    while asked_to_end.recv_timeout(LOOK_AROUND) == Err(RecvTimeoutError::Timeout) {
        if let Some(name) = cast.casualty()? {
            bail!("the {name} ended by itself; it logged:\n{}", rig.log().text());
        }
    }
    say("\nStopping …");
    let codes = cast.stop()?;
    let errors = rig.log().errors();
    if !errors.is_empty() {
        say(&format!("The programs logged errors:\n{}", errors.join("\n")));
    }
    let clean = codes.iter().all(|code| *code == Some(0));
    say(if clean {
        "Stopped; the temporary folder is removed."
    } else {
        "A program did not end cleanly."
    });
    Ok(exit_code(clean && errors.is_empty()))
}

fn exit_code(ok: bool) -> ExitCode {
    if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Listens for the signals that ask a program to end, so that the temporary folder goes and nothing stays running.
/// The first one stops the rig, and is passed on through the channel.
fn on_signals(stop: Stop) -> Result<Receiver<()>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    let listening = runtime.block_on(async { kinds.into_iter().map(signal).collect::<std::io::Result<Vec<_>>>() });
    let mut signals = listening.context("the system lets no program listen for signals")?;
    let (told, asked) = channel();
    std::thread::spawn(move || {
        runtime.block_on(poll_fn(|context| {
            let came = signals.iter_mut().any(|signal| signal.poll_recv(context).is_ready());
            if came { Poll::Ready(()) } else { Poll::Pending }
        }));
        stop.say();
        // Nobody waits for it any more where the work broke off by itself.
        let _ = told.send(());
    });
    Ok(asked)
}

fn invitation(cast: &Cast, rig: &Rig) -> Result<String> {
    let place = |what: &str, address: &str, account: Account| {
        let Account {
            name,
            full_name,
            password,
        } = account;
        [
            what.to_owned(),
            format!("    {address}"),
            format!("    log in as {name} with {password} ({full_name})"),
        ]
    };
    let mut lines = vec![format!(
        "{} complaints in every stage are ready. Open in a browser:",
        samples::all().len()
    )];
    lines.push(String::new());
    lines.extend(place("Hub (the liaison)", cast.hub.program.address()?, LIAISON));
    for (gateway, office, account) in [
        (&cast.pelaihari, PELAIHARI, OPERATOR),
        (&cast.takisung, TAKISUNG, OTHER_OPERATOR),
    ] {
        lines.extend(place(
            &format!("Gateway of {}", office.1),
            gateway.program.address()?,
            account,
        ));
    }
    lines.push(String::new());
    lines.push(format!(
        "Everything lives in {} and is removed at the end.",
        rig.folder().display()
    ));
    lines.push("Ctrl-C stops it.".to_owned());
    Ok(framed(&lines))
}

/// Draws a frame around lines.
fn framed(lines: &[String]) -> String {
    let width = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    let edge = "─".repeat(width + 2);
    let body: Vec<String> = lines.iter().map(|line| format!("│ {line:width$} │")).collect();
    format!("\n┌{edge}┐\n{}\n└{edge}┘", body.join("\n"))
}

/// The only place that writes to standard output; where nobody reads it any more, nobody is left to tell.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
