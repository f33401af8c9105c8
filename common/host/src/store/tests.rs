//! What the door to SQLite promises.

use std::fs;

use rusqlite::OptionalExtension as _;
use tempfile::TempDir;

use super::*;

const NOTES: Migration = Migration {
    name: "notes",
    sql: "CREATE TABLE note (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT",
};
const TAGS: Migration = Migration {
    name: "tags",
    sql: "CREATE TABLE tag (note INTEGER NOT NULL REFERENCES note) STRICT",
};

struct Rig {
    folder: TempDir,
    store: Store,
}

impl Rig {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("a.db"), &[NOTES]).unwrap();
        Self { folder, store }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("a.db")
    }
}

fn insert(tx: &Transaction<'_>, body: &str) -> Result<(), StoreError> {
    tx.execute("INSERT INTO note (body) VALUES (?1)", [body])?;
    Ok(())
}

async fn bodies(store: &Store) -> Vec<String> {
    let all = store.read(|connection| {
        let mut statement = connection.prepare("SELECT body FROM note ORDER BY id")?;
        let rows = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok::<Vec<String>, StoreError>(rows)
    });
    all.await.unwrap()
}

#[tokio::test]
async fn a_failed_write_leaves_no_trace() {
    #[derive(Debug, thiserror::Error)]
    enum Refusal {
        #[error("not today")]
        NotToday,
        #[error(transparent)]
        Store(#[from] StoreError),
    }
    let rig = Rig::new();
    let refused = rig.store.write(|tx| {
        insert(tx, "gone")?;
        Err::<(), _>(Refusal::NotToday)
    });
    assert!(matches!(refused.await, Err(Refusal::NotToday)));
    assert!(bodies(&rig.store).await.is_empty());
}

#[tokio::test]
async fn a_panic_in_a_write_rolls_back_and_the_next_write_works() {
    let rig = Rig::new();
    let broken = rig.store.write(|tx| {
        insert(tx, "gone")?;
        assert!(tx.is_autocommit(), "on purpose");
        Ok::<(), StoreError>(())
    });
    assert!(matches!(broken.await, Err(StoreError::Panicked)));
    rig.store.write(|tx| insert(tx, "kept")).await.unwrap();
    assert_eq!(bodies(&rig.store).await, ["kept"]);
}

#[tokio::test]
async fn a_panic_in_a_read_costs_one_connection_and_no_more() {
    let rig = Rig::new();
    for _ in 0..READERS_MAX * 2 {
        let broken = rig.store.read(|connection| {
            assert!(connection.is_autocommit(), "on purpose");
            Ok::<(), StoreError>(())
        });
        assert!(matches!(broken.await, Err(StoreError::Panicked)));
    }
    assert!(bodies(&rig.store).await.is_empty());
}

#[tokio::test]
async fn a_reader_cannot_write() {
    let rig = Rig::new();
    let written = rig.store.read(|connection| {
        connection.execute("DELETE FROM note", [])?;
        Ok::<(), StoreError>(())
    });
    assert!(written.await.is_err());
}

#[tokio::test]
async fn a_read_sees_one_snapshot() {
    let rig = Rig::new();
    let (reading, read) = std::sync::mpsc::channel();
    let (wrote, written) = std::sync::mpsc::channel::<()>();
    let store = rig.store.clone();
    let counting = tokio::spawn(async move {
        store
            .read(move |connection| {
                let count = || connection.query_row("SELECT count(*) FROM note", [], |row| row.get::<_, i64>(0));
                let before = count()?;
                reading.send(()).unwrap();
                written.recv().unwrap();
                Ok::<_, StoreError>((before, count()?))
            })
            .await
    });
    tokio::task::spawn_blocking(move || read.recv().unwrap()).await.unwrap();
    rig.store.write(|tx| insert(tx, "meanwhile")).await.unwrap();
    wrote.send(()).unwrap();
    assert_eq!(counting.await.unwrap().unwrap(), (0, 0));
}

#[tokio::test]
async fn two_stores_write_one_file_in_turn() {
    let rig = Rig::new();
    let other = Store::open(rig.path(), &[NOTES]).unwrap();
    let mut tasks = Vec::new();
    for number in 0..40 {
        let store = if number % 2 == 0 {
            rig.store.clone()
        } else {
            other.clone()
        };
        tasks.push(tokio::spawn(async move {
            store.write(move |tx| insert(tx, &format!("note {number}"))).await
        }));
    }
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(bodies(&rig.store).await.len(), 40);
    assert_eq!(bodies(&other).await.len(), 40);
}

#[test]
fn many_openers_of_a_new_file_migrate_it_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let openers: Vec<_> = (0..8)
        .map(|_| {
            let path = path.clone();
            std::thread::spawn(move || Store::open(path, &[NOTES, TAGS]).map(drop))
        })
        .collect();
    for opener in openers {
        opener.join().unwrap().unwrap();
    }
}

#[test]
fn a_newer_file_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    drop(Store::open(&path, &[NOTES, TAGS]).unwrap());
    let error = Store::open(&path, &[NOTES]).err().unwrap();
    assert!(matches!(error, OpenError::Newer { found: 2, known: 1, .. }), "{error}");
    assert!(Store::open(&path, &[NOTES, TAGS]).is_ok());
}

#[test]
fn another_programs_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    drop(Store::open(&path, &[NOTES]).unwrap());
    let error = Store::open(&path, &[TAGS, NOTES]).err().unwrap();
    assert!(matches!(error, OpenError::Foreign { version: 1, .. }), "{error}");
}

#[test]
fn a_failed_migration_leaves_the_file_at_the_step_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let broken = Migration {
        name: "tags",
        sql: "CREATE TABLE half (id INTEGER) STRICT; CREATE TABLE note (id INTEGER) STRICT",
    };
    let error = Store::open(&path, &[NOTES, broken]).err().unwrap();
    assert!(matches!(error, OpenError::Migration { version: 2, .. }), "{error}");
    let connection = Connection::open(&path).unwrap();
    let half = "SELECT 1 FROM sqlite_schema WHERE name = 'half'";
    assert_eq!(
        connection
            .query_row(half, [], |row| row.get::<_, i64>(0))
            .optional()
            .unwrap(),
        None
    );
    assert!(Store::open(&path, &[NOTES, TAGS]).is_ok());
}

#[test]
fn a_file_that_is_no_database_is_refused_and_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let content = b"Kepada Yth. Camat Bati-Bati, dengan hormat, bersama ini kami sampaikan".repeat(20);
    fs::write(&path, &content).unwrap();
    let error = Store::open(&path, &[NOTES]).err().unwrap();
    assert!(matches!(error, OpenError::Sealed { .. }), "{error}");
    assert_eq!(fs::read(&path).unwrap(), content);
}

#[tokio::test]
async fn damage_inside_the_file_is_found_by_the_check() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let connection = pragmas::open_writer(&path, None).unwrap();
    connection.execute_batch(NOTES.sql).unwrap();
    for _ in 0..400 {
        connection
            .execute("INSERT INTO note (body) VALUES (hex(randomblob(200)))", [])
            .unwrap();
    }
    drop(connection);
    let mut bytes = fs::read(&path).unwrap();
    for byte in bytes.iter_mut().skip(4096 * 3).take(4096) {
        *byte = 0xA5;
    }
    fs::write(&path, bytes).unwrap();
    let store = Store::open(&path, &[]).unwrap();
    let error = store.check().await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    let met: Result<u64, StoreError> = store
        .read(|conn| Ok(conn.query_row("SELECT sum(length(body)) FROM note", [], |row| row.get(0))?))
        .await;
    // Who meets it before it was looked for is told the same.
    assert!(error.next_step().is_some());
    assert_eq!(met.unwrap_err().next_step(), error.next_step());
    assert!(Rig::new().store.check().await.is_ok());
}

#[tokio::test]
async fn a_full_disk_gives_up_the_ballast_and_the_write_is_saved() {
    let rig = Rig::new();
    rig.store.keep_ballast().await;
    let ballast = rig.folder.path().join("a.db.ballast");
    assert_eq!(fs::metadata(&ballast).unwrap().len(), ballast::BALLAST_BYTES as u64);
    // The first attempt is made to run out of pages, as a full disk would; the second finds room again.
    let mut attempt = 0;
    let write = rig.store.write(move |tx| {
        attempt += 1;
        let pages: i64 = if attempt == 1 { 1 } else { 1_000_000 };
        tx.pragma_update(None, "max_page_count", pages)?;
        insert(tx, &"x".repeat(100_000))
    });
    write.await.unwrap();
    assert_eq!(bodies(&rig.store).await.len(), 1);
    assert!(!ballast.exists());
}

#[tokio::test]
async fn the_change_feed_tells_of_commits_that_changed_something() {
    let rig = Rig::new();
    let mut changed = rig.store.changed();
    rig.store.write(|_| Ok::<(), StoreError>(())).await.unwrap();
    assert!(!changed.has_changed().unwrap());
    rig.store.write(|tx| insert(tx, "news")).await.unwrap();
    assert!(changed.has_changed().unwrap());
    assert_eq!(*changed.borrow_and_update(), 1);
}
