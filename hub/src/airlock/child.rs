//! The child: takes its own freedom first, then judges what it is given until nothing more comes.
//!
//! It knows no database, no key and no socket, and its environment is empty. Whatever hostile bytes make of it, it can
//! only give wrong verdicts or die.

use std::io::{self, Read as _, Write as _};

use titian_domain::airlock::{Case, judge};

use super::message::{self, LENGTH_BYTES};

/// All the memory that the child may ever have in its address space, program included: room for the
/// largest case file many times over, and none for what unfolds without end.
#[cfg(unix)]
pub const MEMORY_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// What judging one complaint may cost: honest ones stay far below it, and what loops ends here. Time of the processor, not of the clock: a busy machine condemns nobody.
#[cfg(unix)]
pub const CPU_SECONDS_MAX: u64 = 2;

/// Serves questions from standard input until it ends.
///
/// # Errors
/// When the limits cannot be set, or a pipe breaks: the hub has gone, or starts another one.
pub fn run() -> io::Result<()> {
    limit_memory()?;
    // Automerge's panics are caught, and their words may hold a piece of somebody's complaint.
    std::panic::set_hook(Box::new(|_| {}));
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    let mut message = Vec::new();
    loop {
        let mut front = [0; LENGTH_BYTES];
        match input.read_exact(&mut front) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            read => read?,
        }
        let length = message::length(front).ok_or(io::ErrorKind::InvalidData)?;
        message.clear();
        message.resize(length, 0);
        input.read_exact(&mut message)?;
        limit_time()?;
        let question = message::read_question(&message).map_err(io::Error::other)?;
        let verdicts = judge(Case {
            office: &question.office,
            complaint: question.complaint,
            held: &question.held,
            new: &question.new,
        });
        let answer = message::answer(&verdicts).ok_or(io::ErrorKind::InvalidData)?;
        output.write_all(&answer)?;
        output.flush()?;
    }
}

#[cfg(unix)]
fn limit_memory() -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};

    let both = |limit| Rlimit {
        current: Some(limit),
        maximum: Some(limit),
    };
    setrlimit(Resource::As, both(MEMORY_BYTES_MAX))?;
    // A dump of this process would be somebody's complaint on the disk.
    setrlimit(Resource::Core, both(0))?;
    Ok(())
}

/// Gives this process some seconds more than it has used so far; the system ends it there.
#[cfg(unix)]
fn limit_time() -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    use rustix::time::{ClockId, clock_gettime};

    let used = u64::try_from(clock_gettime(ClockId::ProcessCPUTime).tv_sec).unwrap_or(0);
    let Rlimit { maximum, .. } = getrlimit(Resource::Cpu);
    let limit = Rlimit {
        // One more, because the seconds used are rounded down.
        current: Some(used + 1 + CPU_SECONDS_MAX),
        maximum,
    };
    Ok(setrlimit(Resource::Cpu, limit)?)
}

/// Other systems have no such limits: there the hub's patience is the only one (see `docs/operations.md`).
#[cfg(not(unix))]
fn limit_memory() -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn limit_time() -> io::Result<()> {
    Ok(())
}
