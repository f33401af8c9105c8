//! How a program stands on a machine: the SQLite door, web kit, configuration, logs, clock, accounts.
//!
//! | module     | is                                                                                             |
//! |------------|------------------------------------------------------------------------------------------------|
//! | [`store`]  | the one door to SQLite: `write` resolves after a durable commit, `read` sees one snapshot       |
//! | [`clock`]  | the one place that reads the time and draws random bytes                                        |
//! | [`config`] | flags over environment over file over defaults, with the origin of each value                   |
//! | [`logs`]   | tracing to stderr                                                                               |
//! | [`cli`]    | exit codes, [`cli::Failure`], tables and JSON                                                   |
//! | [`texts`]  | Fluent texts in both languages, and the check that they are complete                            |
//! | [`web`]    | server, frame of a page, errors, guards                                                         |
//! | [`casebook`] | the change log of case files, and the projections that lists and searches read              |
//! | [`attachments`] | files of complaints, named by their hash, beside the database                                     |
//! | [`bundle`] | files that a person carries: encrypted, written so that they can be relied on, read with bounds |
//! | [`at_rest`] | what keeps a data folder unreadable on a stolen disk                                      |
//! | [`audit`] | who did what and when, in rows that are bound to one another                              |
//! | [`export`] | the register as a spreadsheet                                                          |
//! | [`facts`]  | holidays, regions, categories, limits: shipped, or replaced by a file in the data folder          |
//! | [`machine`] | what every command begins with                                                               |
//! | [`people`] | accounts, sessions, sign-in pages, second factor, `staff` command                               |
//! | [`subject`] | what citizens may ask about their own data                                            |
//! | [`spreadsheet`] | Excel files that people choose, bounded, and the dates in them                             |
//!
//! A program's state gives a [`web::Kit`] by `FromRef`; its handlers and commands then look like this:
//!
//! ```
//! # use askama::Template;
//! # use axum::{Form, Router, extract::{FromRef, State}, http::StatusCode};
//! # use titian_host::{cli::{Exit, Failure, Output, Table}, clock::Clock, people::{self, Right, SignedIn}};
//! # use titian_host::store::{Store, StoreError, Transaction};
//! # use titian_host::web::{self, AllowedHosts, Kit, PageResult, Reader, Who};
//! # #[derive(serde::Deserialize)] struct NoteForm { body: String }
//! # fn insert(tx: &Transaction<'_>, body: &str) -> Result<(), StoreError> { tx.execute("…", [body])?; Ok(()) }
//! #[derive(Template)] // templates/notes.html, or as here:
//! #[template(source = r#"<p>{{ reader.say("notes-intro") }}</p>{% for n in notes %}{{ n }}{% endfor %}"#, ext = "html")]
//! struct NotesPage<'a> {
//!     reader: &'a Reader,
//!     notes: Vec<String>,
//! }
//!
//! async fn list(State(store): State<Store>, _: SignedIn, reader: Reader) -> PageResult {
//!     let notes = store.read(|db| {
//!         let mut statement = db.prepare_cached("SELECT body FROM note")?;
//!         let rows = statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
//!         Ok::<_, StoreError>(rows)
//!     });
//!     reader.page("notes-title", &NotesPage { reader: &reader, notes: notes.await? })
//! }
//!
//! async fn add(State(store): State<Store>, who: SignedIn, reader: Reader, Form(form): Form<NoteForm>) -> PageResult {
//!     if form.body.is_empty() {
//!         let page = NotesPage { reader: &reader, notes: vec![] }; // … with what was typed, and the problem
//!         return reader.page_with(StatusCode::UNPROCESSABLE_ENTITY, "notes-title", &page);
//!     }
//!     store.write(move |tx| insert(tx, &form.body)).await?; // durable from here on
//!     Ok(web::redirect_saying("/notes", "notice-note-saved", &[("name", &who.name)]))
//! }
//!
//! async fn command(store: &Store, output: Output) -> Result<Exit, Failure> {
//!     let count: i64 = store.read(|db| Ok::<_, StoreError>(db.query_one("SELECT count(*) FROM note", [], |r| r.get(0))?)).await?;
//!     if count == 0 {
//!         return Err(Failure::with_exit(Exit::NotFound, "there are no notes", "add one with `note add`"));
//!     }
//!     output.show(&count, |count| Table::new(["notes"]).row([count.to_string()]))?;
//!     Ok(Exit::Ok)
//! }
//!
//! # #[derive(Clone)] struct App { kit: Kit }
//! # impl FromRef<App> for Kit { fn from_ref(app: &App) -> Self { app.kit.clone() } }
//! # impl FromRef<App> for Store { fn from_ref(app: &App) -> Self { app.kit.store.clone() } }
//! fn router(app: App) -> Router {
//!     let pages = people::routes().get("/notes", Who::May(Right::Read), list).post("/notes", Who::May(Right::Note), add);
//!     web::finish(pages, app, AllowedHosts::loopback()) // then: web::serve(listener, web::Plain, router, web::shutdown_signal())
//! }
//! ```

pub mod at_rest;
pub mod attachments;
pub mod audit;
pub mod bundle;
pub mod casebook;
pub mod cli;
pub mod clock;
pub mod config;
pub mod export;
pub mod facts;
pub mod folder;
mod line;
pub mod logs;
pub mod machine;
pub mod people;
pub mod spreadsheet;
pub mod store;
pub mod subject;
pub mod texts;
pub mod web;
