//! The notices of this office: which one is in force, and the text of each that ever was.

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, named_params};
use titian_domain::notice::{Notice, NoticeVersion};
use titian_domain::time::UnixMillis;

/// A choice that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The text; `None` is the program's own.
    pub version: Option<NoticeVersion>,
    /// When, by this machine's clock.
    pub at: UnixMillis,
    /// Who.
    pub staff: String,
}

/// Gives what citizens are told now.
pub fn in_force(conn: &Connection) -> rusqlite::Result<Notice> {
    let chosen = conn
        .prepare_cached("SELECT text FROM notice_chosen LEFT JOIN notice USING (version) ORDER BY place DESC LIMIT 1")?
        .query_row([], |row| row.get::<_, Option<String>>(0).map(|text| (text, 0)))
        .optional()?;
    match chosen {
        Some((Some(text), column)) => read(column, &text),
        _ => Ok(Notice::standard()),
    }
}

/// Gives what citizens are told now, and keeps the text, so that a complaint can name its version: another program may have
/// another text of its own.
pub fn keep_in_force(tx: &Transaction<'_>) -> rusqlite::Result<NoticeVersion> {
    keep(tx, &in_force(tx)?)
}

/// Gives the text of a version, if this machine ever had it.
pub fn of_version(conn: &Connection, version: &NoticeVersion) -> rusqlite::Result<Option<Notice>> {
    if version.is_standard() {
        return Ok(Some(Notice::standard()));
    }
    let text = conn
        .prepare_cached("SELECT text FROM notice WHERE version = ?1")?
        .query_row([version.as_str()], |row| row.get::<_, String>(0))
        .optional()?;
    text.map(|text| read(0, &text)).transpose()
}

/// Chooses a text from now on; `None` chooses the program's own.
pub fn choose(tx: &Transaction<'_>, notice: Option<&Notice>, at: UnixMillis, staff: &str) -> rusqlite::Result<()> {
    let version = notice.map(|notice| keep(tx, notice)).transpose()?;
    let version = version.as_ref().map(NoticeVersion::as_str);
    tx.prepare_cached("INSERT INTO notice_chosen (version, at, staff) VALUES (:version, :at, :staff)")?
        .execute(named_params! { ":version": version, ":at": at.0, ":staff": staff })?;
    Ok(())
}

/// Lists the choices, the newest first.
pub fn choices(conn: &Connection) -> rusqlite::Result<Vec<Chosen>> {
    let chosen = |row: &Row<'_>| {
        let version: Option<String> = row.get(0)?;
        let version = version.map(|text| text.parse()).transpose();
        Ok(Chosen {
            version: version
                .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error)))?,
            at: UnixMillis(row.get(1)?),
            staff: row.get(2)?,
        })
    };
    conn.prepare_cached("SELECT version, at, staff FROM notice_chosen ORDER BY place DESC")?
        .query_map([], chosen)?
        .collect()
}

fn keep(tx: &Transaction<'_>, notice: &Notice) -> rusqlite::Result<NoticeVersion> {
    let version = notice.version();
    tx.prepare_cached("INSERT INTO notice (version, text) VALUES (?1, ?2) ON CONFLICT (version) DO NOTHING")?
        .execute([version.as_str(), notice.text()])?;
    Ok(version)
}

fn read(column: usize, text: &str) -> rusqlite::Result<Notice> {
    Notice::parse(text).map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}
