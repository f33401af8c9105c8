//! Lists, counts and search over the projections.

use rusqlite::{Connection, OptionalExtension as _, Row, ToSql};
use serde::Serialize;
use titian_domain::id::ComplaintId;
use titian_domain::time::UnixMillis;
use titian_domain::vocabulary::Stage;

/// The most rows on one page of a list: what a person scrolls through, and a bound on one answer.
pub const PAGE_ROWS_MAX: u32 = 200;

/// One row of a list.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a mark of its own on the row; none excludes another"
)]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The complaint.
    pub id: ComplaintId,
    /// The office that registered it.
    pub office: String,
    /// The office's number.
    pub register: String,
    /// Where it stands.
    pub stage: Stage,
    /// How often it was forwarded.
    pub round: u32,
    /// Whether the hub has the forwarded round.
    pub received: bool,
    /// Its title; may be empty.
    pub title: String,
    /// LAPOR's category; may be empty.
    pub category: String,
    /// The institution addressed; may be empty.
    pub institution: String,
    /// When the citizen brought it.
    pub received_at: UnixMillis,
    /// Since when it stands there.
    pub stage_since: UnixMillis,
    /// The step of the procedure that is running.
    pub step: Option<String>,
    /// When that step is due.
    pub due_at: Option<UnixMillis>,
    /// Whether its clock stands still.
    pub paused: bool,
    /// Whether the substance changed after the verification.
    pub reverify: bool,
    /// How many fields have several values.
    pub conflicts: u32,
    /// How many changes could not be merged.
    pub unmerged: u32,
    /// The name is hidden.
    pub anonymous: bool,
    /// The report is hidden.
    pub confidential: bool,
    /// LAPOR's number.
    pub tracking_id: Option<String>,
    /// To whom it was disposed.
    pub disposed_to: Option<String>,
    /// What LAPOR showed last.
    pub lapor_status: Option<String>,
}

const COLUMNS: &str = "c.id, c.office, c.register, c.stage, c.round, c.received, c.title, c.category, c.institution,
    c.received_at, c.stage_since, c.step, c.due_at, c.paused, c.reverify, c.conflicts, c.unmerged, c.anonymous,
    c.confidential, c.tracking_id, c.disposed_to, c.lapor_status";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Summary> {
    let stage: String = row.get(3)?;
    Ok(Summary {
        id: ComplaintId::from_bytes(row.get(0)?),
        office: row.get(1)?,
        register: row.get(2)?,
        // Written by `project` from the same list of words.
        stage: stage.parse().unwrap_or(Stage::Recorded),
        round: row.get(4)?,
        received: row.get(5)?,
        title: row.get(6)?,
        category: row.get(7)?,
        institution: row.get(8)?,
        received_at: UnixMillis(row.get(9)?),
        stage_since: UnixMillis(row.get(10)?),
        step: row.get(11)?,
        due_at: row.get::<_, Option<i64>>(12)?.map(UnixMillis),
        paused: row.get(13)?,
        reverify: row.get(14)?,
        conflicts: row.get(15)?,
        unmerged: row.get(16)?,
        anonymous: row.get(17)?,
        confidential: row.get(18)?,
        tracking_id: row.get(19)?,
        disposed_to: row.get(20)?,
        lapor_status: row.get(21)?,
    })
}

/// What a list shall show: newest first, one page at a time.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this stage.
    pub stage: Option<Stage>,
    /// Only this office.
    pub office: Option<String>,
    /// Only what contains these words.
    pub text: Option<String>,
    /// Whether what was brought by somebody of this name counts too: for who may see names. Who is anonymous or restricted is found by
    /// nobody that way.
    pub by_name: bool,
    /// Only what was overdue at this instant.
    pub overdue_at: Option<UnixMillis>,
    /// Only what is older than this one: the last of the page before.
    pub before: Option<ComplaintId>,
    /// How many rows; 0 means [`PAGE_ROWS_MAX`], which is also the most.
    pub rows: u32,
}

/// Lists complaints.
pub fn list(conn: &Connection, filter: &Filter) -> rusqlite::Result<Vec<Summary>> {
    let before = filter.before.map(ComplaintId::bytes);
    let stage = filter.stage.map(Stage::code);
    let overdue_at = filter.overdue_at.map(|at| at.0);
    let text = filter.text.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let (words, name) = (
        text.map(match_expression),
        text.map(|text| format!("%{}%", text.replace(['%', '_'], " "))),
    );
    let rows = if filter.rows == 0 {
        PAGE_ROWS_MAX
    } else {
        filter.rows.min(PAGE_ROWS_MAX)
    };

    let mut conditions = vec!["TRUE"];
    let mut values: Vec<(&str, &dyn ToSql)> = vec![(":rows", &rows)];
    if before.is_some() {
        conditions.push("c.id < :before");
        values.push((":before", &before));
    }
    if stage.is_some() {
        conditions.push("c.stage = :stage");
        values.push((":stage", &stage));
    }
    if filter.office.is_some() {
        conditions.push("c.office = :office");
        values.push((":office", &filter.office));
    }
    if overdue_at.is_some() {
        conditions.push("c.due_at < :overdue_at AND NOT c.paused");
        values.push((":overdue_at", &overdue_at));
    }
    let mut sought = Vec::new();
    // Signs only: no text is looked for.
    if words.as_deref().is_some_and(|words| !words.is_empty()) {
        sought.push("SELECT rowid FROM complaint_text WHERE complaint_text MATCH :words");
        values.push((":words", &words));
    }
    if text.is_some() && filter.by_name {
        sought.push(
            "SELECT n.row FROM complaint n JOIN reporter r ON r.hash = n.reporter
             WHERE r.name LIKE :name AND NOT n.name_hidden",
        );
        values.push((":name", &name));
    }
    // A union, so that the half that has an index uses it.
    let sought = format!("c.row IN ({})", sought.join(" UNION "));
    if text.is_some() {
        conditions.push(&sought);
    }
    let conditions = conditions.join(" AND ");
    let sql = format!("SELECT {COLUMNS} FROM complaint c WHERE {conditions} ORDER BY c.id DESC LIMIT :rows");
    conn.prepare_cached(&sql)?.query_map(&values[..], from_row)?.collect()
}

/// Turns what a person typed into an FTS5 expression: every word must occur, each may be unfinished;
/// empty where there is no word.
fn match_expression(text: &str) -> String {
    let words = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    words.map(|word| format!("\"{word}\"*")).collect::<Vec<_>>().join(" ")
}

/// Gives the row of one complaint.
pub fn summary(conn: &Connection, id: ComplaintId) -> rusqlite::Result<Option<Summary>> {
    let sql = format!("SELECT {COLUMNS} FROM complaint c WHERE c.id = ?1");
    conn.prepare_cached(&sql)?.query_row([id.bytes()], from_row).optional()
}

/// The most complaints that one name is told to mean: enough to see that it is not one.
const NAMESAKES_MAX: u32 = 10;

/// Finds complaints by id, register number or Tracking ID. A name means one complaint, or none; it can mean several only
/// where a gateway was restored from an old copy and gave numbers again.
pub fn find(conn: &Connection, name: &str) -> rusqlite::Result<Vec<ComplaintId>> {
    if let Ok(id) = name.parse::<ComplaintId>() {
        return Ok(summary(conn, id)?.map(|row| row.id).into_iter().collect());
    }
    let mut matching =
        conn.prepare_cached("SELECT id FROM complaint WHERE register = ?1 OR tracking_id = ?1 LIMIT ?2")?;
    matching
        .query_map((name.trim(), NAMESAKES_MAX), |row| {
            Ok(ComplaintId::from_bytes(row.get(0)?))
        })?
        .collect()
}

/// Counts complaints by stage, of one office or of all.
pub fn counts(conn: &Connection, office: Option<&str>) -> rusqlite::Result<Vec<(Stage, u64)>> {
    let mut statement =
        conn.prepare_cached("SELECT stage, count(*) FROM complaint WHERE ?1 IS NULL OR office = ?1 GROUP BY stage")?;
    let counted: Vec<(String, u64)> = statement
        .query_map([office], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let count = |stage: Stage| {
        counted
            .iter()
            .find(|(code, _)| code == stage.code())
            .map_or(0, |(_, count)| *count)
    };
    Ok(Stage::ALL.iter().map(|&stage| (stage, count(stage))).collect())
}
