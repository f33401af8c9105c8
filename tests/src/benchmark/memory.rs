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
pub fn peak(process: u32) -> u64 {
    family(process).into_iter().filter_map(peak_of_one).sum()
}

fn peak_of_one(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? * KIBIBYTE)
}

/// Lists a process and all that descend from it.
fn family(process: u32) -> BTreeSet<u32> {
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
        let own = std::process::id();
        assert!(peak(own) >= peak_of_one(own).expect("this process is there") && peak(own) > 1 << 20);
        let mut child = Command::new("cat")
            .stdin(Stdio::piped())
            .spawn()
            .expect("cat can be started");
        assert!(family(own).contains(&child.id()));
        child.kill().expect("it is our own");
        child.wait().expect("it was killed");
        assert_eq!(peak(child.id()), 0);
    }
}
