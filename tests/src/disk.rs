//! Disks that a test may fill, and whose power it may cut: mounted where nobody else sees them, gone with the test.
//!
//! A test that needs one runs again as a process of its own in a mount namespace of its own ([`alone`]). A filled disk is
//! a small tmpfs, which an ordinary user may mount in a user namespace; one that loses power is ext4 on a loop device,
//! which only root may mount. How the power is cut, and what that shows: `docs/decisions/0080-power-cuts.md`.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// Tells a test that it runs in its own namespace, by its name.
const ALONE_VARIABLE: &str = "TEST_RUNS_ALONE";
/// Makes a machine that cannot mount fail the test instead of skipping it.
const MUST_VARIABLE: &str = "DISK_TESTS_MUST_RUN";
/// What fills a disk.
const HOG: &str = "hog";
/// Written at once while a disk is being filled; the last bytes are found with smaller ones.
const HOG_PIECE_BYTES: usize = 64 * 1024;
/// Mounts an image, and asks the file system to be down without writing back one more byte: `EXT4_IOC_SHUTDOWN` with
/// `EXT4_GOING_FLAGS_NOLOGFLUSH`. Through perl, which every Debian has, because a system call of that kind would be the
/// one unsafe block of this house.
const SHUT_DOWN: &str = r#"open(my $disk, "<", $ARGV[0]) or die "open: $!";
my $no_flush = pack("L", 2);
ioctl($disk, 0x8004587d, $no_flush) or die "ioctl: $!";"#;

/// What a test wants to mount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    /// Memory of a bounded size: [`Disk::small`].
    Memory,
    /// A file system on a file: [`Disk::with_power`].
    Image,
}

/// Runs a test, given by its full name, once more in a mount namespace of its own. True means: this is that run, go on.
/// False means that it is over: it passed there, or this machine does not let it mount, which was printed.
///
/// # Errors
/// When it failed there.
pub fn alone(test: &str, wants: Wants) -> Result<bool> {
    if std::env::var_os(ALONE_VARIABLE).is_some_and(|name| name == test) {
        return Ok(true);
    }
    let tried = namespace(wants).arg("sh").args(["-ec", probe(wants)]).output();
    let refused = match tried {
        Ok(tried) if tried.status.success() => None,
        Ok(tried) => Some(String::from_utf8_lossy(&tried.stderr).trim().to_owned()),
        Err(error) => Some(format!("unshare: {error}")),
    };
    if let Some(why) = refused {
        ensure!(
            std::env::var_os(MUST_VARIABLE).is_none(),
            "{test} cannot mount here: {why}"
        );
        // Past the test harness, which shows nothing of a test that passed: this one did not prove anything.
        writeln!(
            std::io::stderr(),
            "SKIPPED {test}: this machine lets it mount nothing ({why})"
        )?;
        return Ok(false);
    }
    let ran = namespace(wants)
        .arg(std::env::current_exe()?)
        .args([test, "--exact", "--nocapture"])
        .env(ALONE_VARIABLE, test)
        .output()?;
    let told = String::from_utf8_lossy(&ran.stdout);
    ensure!(
        ran.status.success() && told.contains("1 passed"),
        "{told}{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    for line in told.lines().filter(|line| line.starts_with(FOUND)) {
        writeln!(std::io::stderr(), "{test}: {line}")?;
    }
    Ok(false)
}

/// What a line begins with that a test tells its reader although it passed.
const FOUND: &str = "found ";

/// Tells the reader of a run what a test found that passed.
///
/// # Errors
/// When nobody takes it.
pub fn tell(found: &str) -> Result<()> {
    Ok(writeln!(std::io::stdout(), "{FOUND}{found}")?)
}

fn namespace(wants: Wants) -> Command {
    let mut command = Command::new("unshare");
    command.arg("--mount");
    // An ordinary user is root within a namespace, and may mount memory there; file systems on images it may not.
    if wants == Wants::Memory && !is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    command
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Tries all that the test will need, on a disk that is gone at once.
fn probe(wants: Wants) -> &'static str {
    match wants {
        Wants::Memory => "mount -t tmpfs -o size=64k none /mnt",
        Wants::Image => {
            "PATH=$PATH:/usr/sbin:/sbin; mount -t tmpfs none /mnt; cd /mnt; truncate -s 8M image; \
             mkfs.ext4 -q image; mkdir disk; mount -o loop image disk; umount disk; perl -e 1"
        }
    }
}

/// A mounted disk. It is unmounted when it is dropped.
pub struct Disk {
    at: PathBuf,
    image: Option<PathBuf>,
}

impl Disk {
    /// Mounts so many bytes of memory on a folder, which it makes.
    ///
    /// # Errors
    /// When that is not permitted, see [`alone`].
    pub fn small(at: &Path, bytes: u64) -> Result<Self> {
        fs::create_dir_all(at)?;
        run(Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={bytes}"), "none"])
            .arg(at))?;
        Ok(Self {
            at: at.to_owned(),
            image: None,
        })
    }

    /// Makes an image file of so many bytes with ext4 on it, and mounts it on a folder, which it makes.
    ///
    /// # Errors
    /// When that is not permitted, see [`alone`].
    pub fn with_power(at: &Path, image: &Path, bytes: u64) -> Result<Self> {
        fs::create_dir_all(at)?;
        File::create(image)?.set_len(bytes)?;
        run(tool("mkfs.ext4").arg("-q").arg(image))?;
        let disk = Self {
            at: at.to_owned(),
            image: Some(image.to_owned()),
        };
        disk.mount()?;
        Ok(disk)
    }

    /// Leaves so many bytes free, in pages of 4 KiB, and nothing beyond.
    ///
    /// # Errors
    /// When the disk fails in another way than by being full.
    pub fn fill_but(&self, free: u64) -> Result<()> {
        let mut hog = File::options().create(true).append(true).open(self.at.join(HOG))?;
        let mut piece = vec![0x55; HOG_PIECE_BYTES];
        while !piece.is_empty() {
            match hog.write(&piece) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => piece.truncate(piece.len() / 2),
                Err(error) => return Err(error).context("cannot fill the disk"),
            }
        }
        let length = hog.metadata()?.len();
        Ok(hog.set_len(length.saturating_sub(free))?)
    }

    /// Gives all room back.
    ///
    /// # Errors
    /// When it was not filled.
    pub fn free(&self) -> Result<()> {
        Ok(fs::remove_file(self.at.join(HOG))?)
    }

    /// Cuts the power: from now on nothing that is not on the disk comes to it, and every access fails.
    ///
    /// # Errors
    /// When the disk has no power to cut, or the system refuses.
    pub fn cut(&self) -> Result<()> {
        ensure!(self.image.is_some(), "memory has no power to cut");
        run(Command::new("perl").args(["-e", SHUT_DOWN]).arg(&self.at))
    }

    /// Mounts the disk again after a cut, as the machine does when it starts. No program may hold a file of it.
    ///
    /// # Errors
    /// When the file system cannot be mounted any more, or one of its files is held.
    pub fn start_again(&self) -> Result<()> {
        run(Command::new("umount").arg(&self.at))?;
        self.mount()
    }

    fn mount(&self) -> Result<()> {
        let image = self.image.as_deref().context("memory is mounted once")?;
        run(Command::new("mount").args(["-o", "loop"]).arg(image).arg(&self.at))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // The namespace takes it along in any case; who holds a file of it holds up only that.
        let _ = Command::new("umount").arg("--lazy").arg(&self.at).output();
    }
}

/// Tools for file systems are not on the path of an ordinary user.
fn tool(name: &str) -> Command {
    let found = ["/usr/sbin", "/sbin"].map(|folder| Path::new(folder).join(name));
    Command::new(
        found
            .iter()
            .find(|path| path.exists())
            .map_or(Path::new(name), PathBuf::as_path),
    )
}

fn run(command: &mut Command) -> Result<()> {
    let ran = command.output().with_context(|| format!("cannot start {command:?}"))?;
    ensure!(
        ran.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&ran.stderr).trim()
    );
    Ok(())
}
