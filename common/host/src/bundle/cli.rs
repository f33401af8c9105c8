//! What the `bundle` commands of both programs have alike.

use titian_sync::bundle::{PART_BYTES_DEFAULT, PART_BYTES_MAX, PART_BYTES_MIN};

use super::Written;
use crate::cli::Table;

/// What a part takes unless somebody says otherwise, in the unit of the option.
const PART_MEBIBYTES: usize = PART_BYTES_DEFAULT >> 20;

/// `--part-size`
#[derive(clap::Args)]
pub struct PartSize {
    /// How large a file may become, in MiB: from 1 to 64
    #[arg(long, value_name = "MIB", default_value_t = PART_MEBIBYTES, value_parser = part_mebibytes)]
    part_size: usize,
}

impl PartSize {
    /// Gives it in bytes.
    pub fn bytes(&self) -> usize {
        self.part_size << 20
    }
}

fn part_mebibytes(text: &str) -> Result<usize, String> {
    let (least, most) = (PART_BYTES_MIN >> 20, PART_BYTES_MAX >> 20);
    text.parse()
        .ok()
        .filter(|mebibytes| (least..=most).contains(mebibytes))
        .ok_or_else(|| format!("a number from {least} to {most} is expected"))
}

/// Lists files that were written.
pub fn written(files: &[Written]) -> Table {
    let mut table = Table::new(["file", "bytes"]);
    for file in files {
        table.push([file.path.display().to_string(), file.bytes.to_string()]);
    }
    table
}
