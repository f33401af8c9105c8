//! How much memory a process and its children took at most, as the kernel kept count of it.

use std::collections::BTreeSet;
use std::fs;

/// Linux counts memory in these.
const KIBIBYTE: u64 = 1_024;
/// Written to `clear_refs`, this begins the count of the peak anew.
const PEAK_ANEW: &str = "5";

/// Begins the count of a process and its children anew.
pub fn begin(process: u32) {
    for process in family(process) {
        // One that is gone has no peak any more.
        let _ = fs::write(format!("/proc/{process}/clear_refs"), PEAK_ANEW);
    }
}

/// Gives the sum of the peaks of a process and of the children that it has now, in bytes; 0 once it is gone.
///
/// Pages of a program that several of them run are in memory once, and count once.
pub fn peak(process: u32) -> u64 {
    let family = family(process);
    // Programs of other families that are the same, such as two of Node, take nothing off each other.
    if family.len() == 1 {
        return family.into_iter().filter_map(peak_of_one).sum();
    }
    let alone = |process| Some(peak_of_one(process)?.saturating_sub(shared_program(process)?));
    family.into_iter().filter_map(alone).sum()
}

/// Gives the peak of one process, in bytes; none once it is gone.
pub fn peak_of_one(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    kibibytes(line)
}

/// The part of its program's pages that a process holds together with others: of a page that n of them hold, each
/// counts one nth (the kernel's `Pss`) as its own, and the rest is given here.
fn shared_program(process: u32) -> Option<u64> {
    let program = fs::read_link(format!("/proc/{process}/exe")).ok()?;
    let maps = fs::read_to_string(format!("/proc/{process}/smaps")).ok()?;
    let (mut of_program, mut held, mut own) = (false, 0, 0);
    for line in maps.lines() {
        let (name, value) = line.split_once(' ')?;
        match name {
            "Rss:" if of_program => held += kibibytes(value)?,
            "Pss:" if of_program => own += kibibytes(value)?,
            // The head of a mapping begins with its addresses and ends with its file.
            _ if !name.ends_with(':') => of_program = line.ends_with(&*program.to_string_lossy()),
            _ => {}
        }
    }
    Some(held.saturating_sub(own))
}

/// Reads a count as the kernel writes it, such as `1234 kB`, in bytes.
fn kibibytes(count: &str) -> Option<u64> {
    Some(count.trim().trim_end_matches(" kB").parse::<u64>().ok()? * KIBIBYTE)
}

/// Lists a process and all that descend from it.
pub fn family(process: u32) -> BTreeSet<u32> {
    let mut found = BTreeSet::from([process]);
    let mut unseen = vec![process];
    while let Some(process) = unseen.pop() {
        let Ok(tasks) = fs::read_dir(format!("/proc/{process}/task")) else {
            continue;
        };
        for task in tasks.flatten() {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            let children = children.split_whitespace().filter_map(|child| child.parse().ok());
            unseen.extend(children.filter(|child| found.insert(*child)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_child_is_counted_while_it_lives() {
        let mut child = Command::new("cat")
            .stdin(Stdio::piped())
            .spawn()
            .expect("cat can be started");
        assert!(family(std::process::id()).contains(&child.id()) && peak(child.id()) > 0);
        child.kill().expect("it is our own");
        child.wait().expect("it was killed");
        assert_eq!(peak(child.id()), 0);
    }

    #[test]
    fn the_pages_of_a_program_count_once_for_all_that_run_it() {
        // A shell that runs itself: the inner one says so once it is there, and both wait for their input.
        let script = "sh -c 'echo there; read -r line; :'; :";
        let mut shell = Command::new("sh")
            .args(["-c", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell can be started");
        let mut said = [0; 6];
        std::io::Read::read_exact(shell.stdout.as_mut().expect("piped"), &mut said).expect("the inner one says so");
        let both = family(shell.id());
        assert_eq!(both.len(), 2);
        let sum: u64 = both.iter().filter_map(|&process| peak_of_one(process)).sum();
        let shared: u64 = both.iter().filter_map(|&process| shared_program(process)).sum();
        // Other shells on this machine share these pages too; then more than a half is not their own.
        assert!(shared > 0 && peak(shell.id()) < sum, "{shared} of {sum}");
        shell.kill().expect("it is our own");
        shell.wait().expect("it was killed");
    }
}
