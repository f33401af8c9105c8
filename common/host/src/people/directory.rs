//! The accounts of a program, for those who keep them: who there is, who joins, what each may, who leaves.

use askama::Template;
use axum::Form;
use axum::extract::{FromRef, Path, State};
use axum::http::StatusCode;

use super::pages::in_words;
use super::password::{PASSWORD_LETTERS_MIN, Password};
use super::signing_in::{Adding, add_as};
use super::{SignedIn, Staff, StaffError, by_name, keeping, list, second_factor};
use crate::people::Right;
use crate::store::StoreError;
use crate::web::{Kit, PageError, PageResult, Reader, Routes, Who, redirect_saying};

const DIRECTORY: &str = "/akun/semua";

/// Gives `/akun/semua` to a program's router.
pub(super) fn routes<S>() -> Routes<S>
where
    Kit: FromRef<S>,
    S: Clone + Send + Sync + 'static,
{
    let keepers = Who::May(Right::Administer);
    Routes::default()
        .get(DIRECTORY, keepers, show)
        .post(DIRECTORY, keepers, join)
        .get("/akun/semua/{name}", keepers, show_one)
        .post("/akun/semua/{name}/peran", keepers, change_roles)
        .post("/akun/semua/{name}/sandi", keepers, change_password)
        .post("/akun/semua/{name}/tutup", keepers, close)
        .post("/akun/semua/{name}/buka", keepers, open)
}

struct RoleChoice {
    code: &'static str,
    label: String,
    is_held: bool,
}

#[derive(Template)]
#[template(path = "accounts.html")]
struct DirectoryPage<'a> {
    reader: &'a Reader,
    people: Vec<(Staff, String)>,
    roles: Vec<RoleChoice>,
    name: String,
    full_name: String,
    problem: Option<String>,
    password_letters_min: usize,
}

#[derive(Template)]
#[template(path = "account_of.html")]
struct PersonPage<'a> {
    reader: &'a Reader,
    person: Staff,
    path: String,
    roles: Vec<RoleChoice>,
    /// Whether it can be taken off here: the program offers it, they have it, and it is not one's own.
    has_second_factor: bool,
    problem: Option<String>,
    password_letters_min: usize,
}

/// What was typed. No `Debug`: it may hold a password.
#[derive(Default)]
struct Typed(Vec<(String, String)>);

impl Typed {
    fn text(&self, name: &str) -> &str {
        let field = self.0.iter().find(|(field, _)| field == name);
        field.map_or("", |(_, value)| value)
    }

    fn roles(&self) -> Vec<&str> {
        let chosen = self.0.iter().filter(|(field, _)| field == "role");
        chosen.map(|(_, value)| value.as_str()).collect()
    }
}

async fn show(State(kit): State<Kit>, reader: Reader) -> PageResult {
    directory(&kit, &reader, &Typed::default(), None).await
}

async fn join(
    State(kit): State<Kit>,
    (reader, keeper): (Reader, SignedIn),
    Form(form): Form<Vec<(String, String)>>,
) -> PageResult {
    let typed = Typed(form);
    let joined = match Password::new(typed.text("password").to_owned()) {
        Err(error) => Err(error),
        Ok(password) => {
            let roles = typed.roles();
            let who = (typed.text("name"), typed.text("full_name"), &roles[..]);
            add_as(
                &kit.store,
                &kit.clock,
                kit.roles,
                who,
                password,
                Adding::By(keeper.name),
            )
            .await
        }
    };
    match joined {
        Ok(()) => Ok(redirect_saying(DIRECTORY, "notice-account-made", &[])),
        Err(error) => {
            let problem = in_words(&reader, error)?;
            directory(&kit, &reader, &typed, Some(problem)).await
        }
    }
}

async fn show_one(State(kit): State<Kit>, reader: Reader, Path(name): Path<String>) -> PageResult {
    person(&kit, &reader, name, None).await
}

async fn change_roles(
    State(kit): State<Kit>,
    (reader, keeper): (Reader, SignedIn),
    Path(name): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> PageResult {
    let changed = keeping::set_roles(
        (&kit.store, &kit.clock, &keeper.name),
        kit.roles,
        &name,
        &Typed(form).roles(),
    )
    .await;
    answer(&kit, &reader, name, "notice-account-roles", changed).await
}

async fn change_password(
    State(kit): State<Kit>,
    (reader, keeper): (Reader, SignedIn),
    Path(name): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> PageResult {
    let changed = match Password::new(Typed(form).text("password").to_owned()) {
        Ok(password) => keeping::set_password((&kit.store, &kit.clock, &keeper.name), &name, password).await,
        Err(error) => Err(error),
    };
    answer(&kit, &reader, name, "notice-account-password", changed).await
}

async fn close(State(kit): State<Kit>, (reader, keeper): (Reader, SignedIn), Path(name): Path<String>) -> PageResult {
    let changed = keeping::set_disabled((&kit.store, &kit.clock, &keeper.name), kit.roles, &name, true).await;
    answer(&kit, &reader, name, "notice-account-closed", changed).await
}

async fn open(State(kit): State<Kit>, (reader, keeper): (Reader, SignedIn), Path(name): Path<String>) -> PageResult {
    let changed = keeping::set_disabled((&kit.store, &kit.clock, &keeper.name), kit.roles, &name, false).await;
    answer(&kit, &reader, name, "notice-account-opened", changed).await
}

pub(super) async fn answer(
    kit: &Kit,
    reader: &Reader,
    name: String,
    notice: &str,
    changed: Result<(), StaffError>,
) -> PageResult {
    match changed {
        Ok(()) => Ok(redirect_saying(&format!("{DIRECTORY}/{name}"), notice, &[])),
        Err(StaffError::Missing) => Err(PageError::not_found()),
        Err(error) => {
            let problem = in_words(reader, error)?;
            person(kit, reader, name, Some(problem)).await
        }
    }
}

async fn directory(kit: &Kit, reader: &Reader, typed: &Typed, problem: Option<String>) -> PageResult {
    let all = kit
        .store
        .read(|connection| Ok::<_, StoreError>(list(connection)?))
        .await?;
    let said = |staff: Staff| {
        let roles: Vec<_> = staff
            .roles
            .iter()
            .map(|role| reader.say(&format!("role-{role}")))
            .collect();
        (staff, roles.join(", "))
    };
    let page = DirectoryPage {
        people: all.into_iter().map(said).collect(),
        roles: choices(kit, reader, &typed.roles()),
        name: typed.text("name").to_owned(),
        full_name: typed.text("full_name").to_owned(),
        password_letters_min: PASSWORD_LETTERS_MIN,
        reader,
        problem,
    };
    reader.page_with(status(page.problem.as_ref()), "accounts-title", &page)
}

async fn person(kit: &Kit, reader: &Reader, name: String, problem: Option<String>) -> PageResult {
    let reading = kit.store.read(move |connection| {
        let found = by_name(connection, &name)?;
        let has_second_factor = match &found {
            Some(person) => second_factor::is_on(connection, &person.name)?,
            None => false,
        };
        Ok::<_, StoreError>((found, has_second_factor))
    });
    let (found, has_second_factor) = reading.await?;
    let person = found.ok_or_else(PageError::not_found)?;
    let is_own = reader.signed_in.as_ref().is_some_and(|own| own.name == person.name);
    let title = person.full_name.clone();
    let page = PersonPage {
        path: format!("{DIRECTORY}/{}", person.name),
        roles: choices(kit, reader, &person.roles),
        has_second_factor: has_second_factor && !is_own && kit.second_factor.is_some(),
        password_letters_min: PASSWORD_LETTERS_MIN,
        person,
        reader,
        problem,
    };
    reader.page_with(status(page.problem.as_ref()), title, &page)
}

fn choices<C: AsRef<str>>(kit: &Kit, reader: &Reader, held: &[C]) -> Vec<RoleChoice> {
    let choice = |code: &'static str| RoleChoice {
        label: reader.say(&format!("role-{code}")),
        is_held: held.iter().any(|held| held.as_ref() == code),
        code,
    };
    kit.roles.codes().map(choice).collect()
}

fn status(problem: Option<&String>) -> StatusCode {
    match problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    }
}
