//! samod as a peer of the benchmark: one document per complaint, kept in files, synchronised over samod's own TCP framing.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use automerge::transaction::Transactable;
use automerge::{AutoSerde, Automerge, ObjId, ObjType, ROOT, ReadDoc as _, ScalarValue};
use futures::StreamExt as _;
use samod::storage::TokioFilesystemStorage;
use samod::{BackoffConfig, ConcurrencyConfig, DocHandle, DocumentId, Repo, Transport};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What every peer of the benchmark waits after a connection broke.
const RETRY: Duration = Duration::from_millis(200);

/// `COMMAND [FILE] --data DIR [--server URL]`
struct Words {
    command: String,
    file: Option<PathBuf>,
    data: PathBuf,
    server: Option<String>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let words = Words::read()?;
    std::fs::create_dir_all(&words.data)?;
    let repo = Repo::build_tokio()
        .with_storage(TokioFilesystemStorage::new(&words.data))
        // As samod's documentation advises for many documents: one task for all instead of a thread each.
        .with_concurrency(ConcurrencyConfig::AsyncRuntime)
        .load()
        .await;
    match words.command.as_str() {
        "serve" => serve(&repo, &words.data).await,
        "load" => load(&repo, words.rows()?).await,
        "edit" => edit(&repo, &words.data, words.rows()?).await,
        "state" => Ok(println!("{}", state(&repo, &words.data).await?)),
        "sync" => sync(&repo, &words.data, words.server.as_deref().context("--server is missing")?).await,
        other => bail!("there is no command {other}"),
    }?;
    // Waits until everything is in its file.
    repo.stop().await;
    Ok(())
}

async fn serve(repo: &Repo, data: &Path) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let door = TcpListener::bind("127.0.0.1:0").await?;
    println!("side door at tcp://{}", door.local_addr()?);
    println!("listening on tcp://{}", listener.local_addr()?);
    let (asked, folder) = (repo.clone(), data.to_owned());
    tokio::spawn(async move {
        while let Ok((socket, _)) = door.accept().await {
            if let Err(error) = answer(&asked, &folder, socket).await {
                eprintln!("side door: {error:#}");
            }
        }
    });
    let acceptor = repo.make_acceptor(url_of(listener.local_addr()?)?)?;
    loop {
        let (socket, _) = listener.accept().await?;
        socket.set_nodelay(true)?;
        acceptor.accept(Transport::from_tokio_io(socket))?;
    }
}

/// Answers one line at the side door with a line.
async fn answer(repo: &Repo, data: &Path, socket: TcpStream) -> Result<()> {
    let (from, mut to) = socket.into_split();
    let line = BufReader::new(from).lines().next_line().await?.unwrap_or_default();
    let said = match line.split_once(' ') {
        Some((_, file)) => {
            edit(repo, data, rows(Path::new(file))?).await?;
            Value::Null
        }
        None if line == "count" => json!(stored(data)?.len()),
        None => state(repo, data).await?,
    };
    Ok(to.write_all(format!("{said}\n").as_bytes()).await?)
}

async fn load(repo: &Repo, rows: Vec<Value>) -> Result<()> {
    for row in rows {
        let mut document = Automerge::new();
        document
            .transact(|tx| fill(tx, &ROOT, &row))
            .map_err(|failure| failure.error)?;
        repo.create(document).await?;
    }
    Ok(())
}

async fn edit(repo: &Repo, data: &Path, edits: Vec<Value>) -> Result<()> {
    let events: HashMap<_, _> = edits
        .iter()
        .filter_map(|edit| Some((edit["id"].as_str()?, edit["events"].as_object()?)))
        .collect();
    for handle in open(repo, data).await? {
        handle.with_document(|document| {
            let id = row_of(document)["id"].as_str().map(str::to_owned);
            if let Some(events) = id.and_then(|id| events.get(id.as_str()).copied()) {
                document
                    .transact(|tx| {
                        let map = match tx.get(ROOT, "events")? {
                            Some((_, map)) => map,
                            None => tx.put_object(ROOT, "events", ObjType::Map)?,
                        };
                        // One text under its ULID, as in Titian: smaller than an object whose parts merge one by one.
                        events.iter().try_for_each(|(key, event)| tx.put(&map, key, event.to_string()))
                    })
                    .map_err(|failure: automerge::transaction::Failure<automerge::AutomergeError>| failure.error)?;
            }
            anyhow::Ok(())
        })?;
    }
    Ok(())
}

/// Stays connected until the server has said of each document that it has what we have, and we have what it has.
async fn sync(repo: &Repo, data: &Path, server: &str) -> Result<()> {
    let handles = open(repo, data).await?;
    let backoff = BackoffConfig {
        initial_delay: RETRY,
        max_delay: RETRY,
        max_retries: None,
    };
    repo.dial_tcp(server.parse()?, backoff).map_err(|error| anyhow::anyhow!("{error}"))?;
    futures::future::join_all(handles.iter().map(until_same)).await;
    Ok(())
}

async fn until_same(handle: &DocHandle) {
    let (mut peers, mut changes) = handle.peers();
    let heads = |handle: &DocHandle| handle.with_document(|document| document.get_heads());
    while !peers.values().any(|peer| {
        let heads = Some(heads(handle));
        peer.their_heads == heads && peer.shared_heads == heads
    }) {
        match changes.next().await {
            Some(changed) => peers.extend(changed),
            None => return,
        }
    }
}

async fn state(repo: &Repo, data: &Path) -> Result<Value> {
    let mut lines: Vec<String> = Vec::new();
    for handle in open(repo, data).await? {
        lines.push(handle.with_document(|document| row_of(document).to_string()));
    }
    lines.sort();
    let digest = Sha256::digest(lines.join("\n"));
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(json!({"documents": lines.len(), "digest": digest}))
}

async fn open(repo: &Repo, data: &Path) -> Result<Vec<DocHandle>> {
    let found = stored(data)?.into_iter().map(|id| repo.find(id));
    let found = futures::future::join_all(found).await;
    found.into_iter().map(|handle| handle?.context("a stored document is found")).collect()
}

/// Lists the documents by their folders: samod has no list of what it stores.
fn stored(data: &Path) -> Result<Vec<DocumentId>> {
    let mut ids = Vec::new();
    for outer in std::fs::read_dir(data)? {
        let outer = outer?;
        for inner in std::fs::read_dir(outer.path())? {
            let id = format!("{}{}", outer.file_name().display(), inner?.file_name().display());
            // Beside the documents lies the name of the storage.
            ids.extend(id.parse::<DocumentId>());
        }
    }
    Ok(ids)
}

fn fill(tx: &mut impl Transactable, at: &ObjId, row: &Value) -> Result<(), automerge::AutomergeError> {
    for (key, value) in row.as_object().into_iter().flatten() {
        match value {
            Value::Object(_) => {
                let inner = tx.put_object(at, key, ObjType::Map)?;
                fill(tx, &inner, value)?;
            }
            Value::String(text) => tx.put(at, key, text.as_str())?,
            Value::Bool(flag) => tx.put(at, key, *flag)?,
            Value::Number(number) => tx.put(at, key, number.as_i64().unwrap_or_default())?,
            Value::Null | Value::Array(_) => tx.put(at, key, ScalarValue::Null)?,
        }
    }
    Ok(())
}

fn row_of(document: &Automerge) -> Value {
    // Through an ordered map: two sides that hold the same give the same text.
    let row: BTreeMap<String, Value> = serde_json::to_value(AutoSerde::from(document))
        .and_then(serde_json::from_value)
        .unwrap_or_default();
    json!(row)
}

fn rows(file: &Path) -> Result<Vec<Value>> {
    Ok(serde_json::from_slice(&std::fs::read(file)?)?)
}

fn url_of(address: SocketAddr) -> Result<url::Url> {
    Ok(format!("tcp://{address}").parse()?)
}

impl Words {
    fn read() -> Result<Self> {
        let mut given = std::env::args().skip(1);
        let command = given.next().context("which command?")?;
        let (mut file, mut data, mut server) = (None, None, None);
        while let Some(word) = given.next() {
            match word.as_str() {
                "--data" => data = given.next().map(PathBuf::from),
                "--server" => server = given.next(),
                // How many rows go at once is samod's own affair.
                "--batch" => _ = given.next(),
                _ => file = Some(PathBuf::from(word)),
            }
        }
        Ok(Self {
            command,
            file,
            data: data.context("--data is missing")?,
            server,
        })
    }

    fn rows(&self) -> Result<Vec<Value>> {
        rows(self.file.as_deref().context("which file?")?)
    }
}
