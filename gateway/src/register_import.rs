//! Taking over an existing register: row by row, each on its own, and never twice.

use serde::Serialize;
use titian_domain::id::{ComplaintId, OfficeCode};
use titian_domain::lang::Lang;
use titian_domain::region::Regions;
use titian_host::audit::{self, Deed};
use titian_host::casebook::list;

use crate::desk::{Desk, DeskError, Sheet};
use crate::import::Register;
use crate::import::problem::RowProblem;
use crate::import::row::ImportRow;

/// A sentence in both languages.
#[derive(Clone, Debug, Serialize)]
pub struct Told {
    /// In Indonesian.
    pub id: String,
    /// In English.
    pub en: String,
}

impl Told {
    /// Gives the sentence in a language.
    pub fn say(&self, lang: Lang) -> &str {
        lang.pick(&self.id, &self.en)
    }
}

/// What became of one row.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum RowOutcome {
    /// It would be put on record (dry run).
    WouldAdd,
    /// It is on record now.
    Added {
        /// Its identity.
        id: ComplaintId,
        /// The number that it got here.
        register: String,
    },
    /// It is on record already.
    Present {
        /// Its identity.
        id: ComplaintId,
        /// The number that it got here.
        register: String,
    },
    /// It cannot be put on record.
    Refused {
        /// The field, what is wrong and what to do.
        words: Told,
    },
}

/// One row of the report.
#[derive(Clone, Debug, Serialize)]
pub struct RowReport {
    /// The row of the file, counted as a spreadsheet counts.
    pub line: u32,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: RowOutcome,
}

/// What an import did, or would do.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ImportReport {
    /// How many rows were put on record, or would be.
    pub added: usize,
    /// How many were on record already.
    pub present: usize,
    /// How many cannot be put on record.
    pub refused: usize,
    /// Columns whose names say nothing to this program.
    pub ignored_columns: Vec<String>,
    /// Each row, in the order of the file.
    pub rows: Vec<RowReport>,
}

/// Finds the region codes of villages that are named in words.
pub fn settle_villages(register: &mut Register, regions: &Regions, office: &OfficeCode) {
    for row in register.rows.iter_mut().flatten() {
        row.settle_village(regions, office);
    }
}

/// Puts the rows of a register on record; with `dry_run` it only tells what would happen. A bad row never stops the
/// others, and a row that was imported before, here or on another PC of the office, adds nothing.
///
/// # Errors
/// When this gateway has no office yet, or the database fails; rows that were put on record before that stay.
pub async fn run(desk: &Desk, staff: &str, register: &Register, dry_run: bool) -> Result<ImportReport, DeskError> {
    let mut report = ImportReport {
        ignored_columns: register.ignored_columns.clone(),
        ..ImportReport::default()
    };
    for row in &register.rows {
        let (line, outcome) = match row {
            Ok(row) => (row.line, take(desk, staff, row, dry_run).await?),
            Err(problem) => (problem.line, refused(problem)),
        };
        match outcome {
            RowOutcome::WouldAdd | RowOutcome::Added { .. } => report.added += 1,
            RowOutcome::Present { .. } => report.present += 1,
            RowOutcome::Refused { .. } => report.refused += 1,
        }
        report.rows.push(RowReport { line, outcome });
    }
    if !dry_run {
        let counts = format!(
            "{} recorded, {} on record already, {} refused",
            report.added, report.present, report.refused
        );
        audit::note_alone(&desk.store, &desk.clock, (staff, Deed::RegisterImported), None, &counts).await?;
    }
    Ok(report)
}

async fn take(desk: &Desk, staff: &str, row: &ImportRow, dry_run: bool) -> Result<RowOutcome, DeskError> {
    let id = ComplaintId::new(row.particulars.received_at, row.key);
    let known = desk
        .store
        .read(move |conn| Ok::<_, DeskError>(list::summary(conn, id)?))
        .await?;
    if let Some(known) = known {
        return Ok(RowOutcome::Present {
            id,
            register: known.register,
        });
    }
    if dry_run {
        return Ok(RowOutcome::WouldAdd);
    }
    let sheet = Sheet {
        particulars: row.particulars.clone(),
        reporter: row.reporter.clone().unwrap_or_default(),
    };
    match desk.take_over(staff, id, sheet).await {
        Ok(Some(recorded)) => Ok(RowOutcome::Added {
            id,
            register: recorded.register.to_string(),
        }),
        // Another program of this PC was faster.
        Ok(None) => Ok(RowOutcome::Present {
            id,
            register: String::new(),
        }),
        Err(DeskError::Refused(refusal)) => Ok(RowOutcome::Refused {
            words: Told {
                id: refusal.words(Lang::Id),
                en: refusal.words(Lang::En),
            },
        }),
        Err(error) => Err(error),
    }
}

fn refused(problem: &RowProblem) -> RowOutcome {
    let told = |lang: Lang| match problem.field(lang) {
        "" => problem.message(lang),
        field => format!("{field}: {}", problem.message(lang)),
    };
    RowOutcome::Refused {
        words: Told {
            id: told(Lang::Id),
            en: told(Lang::En),
        },
    }
}
