//! Whether the office's data are enciphered, and what its head does about it: turn it on, renew the recovery code, lock them now.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use askama::Template;
use axum::extract::{ConnectInfo, Extension, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use titian_host::at_rest::{DataKey, Opener, RecoveryCode, SinceBoot};
use titian_host::audit::{self, Deed};
use titian_host::people::{self, Answer, Password, Right, SessionToken};
use titian_host::web::{PageError, PageResult, redirect, redirect_saying};
use tokio::sync::mpsc;

use super::Pages;
use super::typed::Typed;
use super::visitor::Visitor;
use super::words::Words;
use crate::at_rest::{Beginning, Trouble};

/// Where it is shown.
pub const ENCRYPTION: &str = "/enkripsi";

/// How long a code that is shown waits to be typed back: time to find a pen, or to have a printer mended.
const CODE_MILLIS_MAX: i64 = 30 * 60_000;

/// What somebody asks of the program that stands around the pages, since the data must be closed for it.
pub enum Ask {
    /// Encipher the data.
    Encipher(Beginning),
    /// Go on with what was begun.
    GoOn,
    /// Forget the key, and serve the page that opens the data.
    Lock,
}

/// What these pages work with beside the key file. Cheap to clone.
#[derive(Clone)]
pub struct Encryption {
    /// Whether passwords of accounts open the data, where they are enciphered.
    by_accounts: bool,
    /// Why enciphering them failed, where it did just now.
    trouble: Option<Trouble>,
    asks: mpsc::Sender<Ask>,
    /// The code that is shown and opens nothing yet. In memory alone: whatever ends the program ends it.
    shown: Arc<Mutex<Option<ShownCode>>>,
}

/// A code on somebody's screen. One at a time: whoever asks for another has the one before taken back.
struct ShownCode {
    code: RecoveryCode,
    /// In whose session it is shown.
    session: SessionToken,
    /// Until when it waits, by the clock that nobody sets.
    until: i64,
    purpose: Purpose,
}

/// What is done once it was typed back.
enum Purpose {
    /// The data are enciphered; the password opens them from the first day, with what the database holds of it.
    TurnOn(Option<(Password, String)>),
    /// It takes the place of the former code.
    Renew,
}

impl Purpose {
    /// Whether the code takes another's place.
    fn is_new(&self) -> bool {
        matches!(self, Self::Renew)
    }
}

/// What came of a code that was typed back.
enum TypedBack {
    /// It is the one.
    Right(RecoveryCode, Purpose),
    /// It is not; the one that is shown, and whether it takes another's place.
    Wrong(RecoveryCode, bool),
    /// None is shown to this session, or not any more.
    Over,
}

/// How the data lie.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lies {
    Plain,
    Begun,
    Enciphered,
}

#[derive(Template)]
#[template(path = "encryption.html")]
struct EncryptionPage<'a> {
    words: &'a Words,
    name: &'a str,
    lies: Lies,
    trouble: Option<&'static str>,
    by_accounts: bool,
    /// The accounts whose passwords open the data.
    accounts: Vec<String>,
    /// Whether this machine's own key store opens them.
    by_machine: bool,
    problem: Option<String>,
}

/// The code is shown by this page alone, and only to the session that asked for it.
#[derive(Template)]
#[template(path = "encryption_code.html")]
struct CodePage<'a> {
    words: &'a Words,
    code: &'a str,
    shown_on: String,
    is_new: bool,
    problem: Option<String>,
}

impl Encryption {
    /// Takes what the settings say, why it failed just now, and where the program hears what is asked.
    pub fn new(by_accounts: bool, trouble: Option<Trouble>, asks: mpsc::Sender<Ask>) -> Self {
        Self {
            by_accounts,
            trouble,
            asks,
            shown: Arc::default(),
        }
    }

    fn show(&self, shown: ShownCode) {
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(shown);
    }

    /// Compares what somebody typed with the code that is shown to their session; the right one is taken, and good once.
    fn take(&self, session: &SessionToken, typed: &str, now: i64) -> TypedBack {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.take_if(|shown| shown.until < now);
        let Some(of_session) = shown.as_ref().filter(|shown| shown.session == *session) else {
            return TypedBack::Over;
        };
        if RecoveryCode::parse(typed).as_ref() != Some(&of_session.code) {
            return TypedBack::Wrong(of_session.code.clone(), of_session.purpose.is_new());
        }
        match shown.take() {
            Some(shown) => TypedBack::Right(shown.code, shown.purpose),
            None => TypedBack::Over,
        }
    }

    /// Asks the program, and sends the browser where it will find the answer. Where it was asked already, once is enough.
    fn ask(&self, ask: Ask, path: &str) -> Response {
        let _ = self.asks.try_send(ask);
        let mut response = redirect(path);
        // The pages that follow are served anew: the browser shall not ask for them on a connection that ends with this one.
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
        response
    }
}

/// Shows how the data lie.
pub async fn show(State(pages): State<Pages>, visitor: Visitor) -> PageResult {
    page(&pages, &visitor, None).await
}

/// Shows the code that is to open the data.
pub async fn turn_on(
    State(pages): State<Pages>,
    visitor: Visitor,
    (headers, peer): (HeaderMap, Peer),
    typed: Typed,
) -> PageResult {
    if lies(&pages).await != Lies::Plain {
        // In another tab it was turned on meanwhile.
        return Ok(redirect(ENCRYPTION));
    }
    let password = match proved(&pages, &visitor, peer, &typed).await? {
        Ok(hash) => (Password::typed(typed.raw("password")), hash),
        Err(problem) => return page(&pages, &visitor, Some(problem)).await,
    };
    let opens = pages.encryption.by_accounts.then_some(password);
    show_new(&pages, &visitor, &headers, Purpose::TurnOn(opens))
}

/// Shows the code that is to take the place of the former one.
pub async fn renew(
    State(pages): State<Pages>,
    visitor: Visitor,
    (headers, peer): (HeaderMap, Peer),
    typed: Typed,
) -> PageResult {
    if lies(&pages).await == Lies::Plain {
        return Ok(redirect(ENCRYPTION));
    }
    match proved(&pages, &visitor, peer, &typed).await? {
        Ok(_) => show_new(&pages, &visitor, &headers, Purpose::Renew),
        Err(problem) => page(&pages, &visitor, Some(problem)).await,
    }
}

/// Takes the code that was typed back, and only then does what it was shown for.
pub async fn typed_back(State(pages): State<Pages>, visitor: Visitor, headers: HeaderMap, typed: Typed) -> PageResult {
    let encryption = &pages.encryption;
    let session = people::session_token(&headers).ok_or_else(PageError::not_found)?;
    let now = pages.desk.clock.steady().0;
    let (code, purpose) = match encryption.take(&session, typed.raw("code"), now) {
        TypedBack::Right(code, purpose) => (code, purpose),
        TypedBack::Wrong(code, is_new) => {
            let problem = visitor.words.say("encryption-code-wrong");
            return code_page(&pages, &visitor, (&code, is_new), Some(problem));
        }
        TypedBack::Over => {
            // Pressed twice: the first time it was taken, and the paper must not be thrown away.
            let said = if opens(&pages, typed.raw("code")).await {
                "notice-encryption-code-good"
            } else {
                "warning-encryption-code-over"
            };
            return Ok(redirect_saying(ENCRYPTION, said, &[]));
        }
    };
    match (purpose, &pages.kit.lock) {
        (Purpose::TurnOn(password), None) => {
            let beginning = Beginning {
                who: visitor.staff.name,
                key: DataKey::new(pages.desk.clock.random()),
                code,
                password,
            };
            Ok(encryption.ask(Ask::Encipher(beginning), ENCRYPTION))
        }
        (Purpose::Renew, Some(lock)) => {
            let (kit, lock, who) = (pages.kit.clone(), lock.clone(), visitor.staff.name);
            // To its end, though the browser goes away meanwhile: what is noted is done.
            let renewing = tokio::spawn(async move {
                let deed = (who.as_str(), Deed::DataCodeRenewed);
                audit::note_alone(&kit.store, &kit.clock, deed, None, "").await?;
                lock.renew_code(&code, &kit.clock).await.map_err(anyhow::Error::from)
            });
            renewing.await.map_err(anyhow::Error::from)??;
            Ok(redirect_saying(ENCRYPTION, "notice-encryption-code-renewed", &[]))
        }
        // A shown code does not outlive the phase in which it was shown.
        (Purpose::TurnOn(_), Some(_)) | (Purpose::Renew, None) => Ok(redirect(ENCRYPTION)),
    }
}

/// Tells whether a code opens the data as they lie now.
async fn opens(pages: &Pages, code: &str) -> bool {
    match (&pages.kit.lock, RecoveryCode::parse(code)) {
        (Some(lock), Some(code)) => lock.is_opened_by(&code).await,
        _ => false,
    }
}

/// Goes on with what was begun and failed.
pub async fn go_on(State(pages): State<Pages>, _visitor: Visitor) -> PageResult {
    if lies(&pages).await == Lies::Begun {
        return Ok(pages.encryption.ask(Ask::GoOn, ENCRYPTION));
    }
    Ok(redirect(ENCRYPTION))
}

/// Locks the data now.
pub async fn lock(State(pages): State<Pages>, visitor: Visitor, peer: Peer, typed: Typed) -> PageResult {
    if lies(&pages).await != Lies::Enciphered {
        return Ok(redirect(ENCRYPTION));
    }
    if let Err(problem) = proved(&pages, &visitor, peer, &typed).await? {
        return page(&pages, &visitor, Some(problem)).await;
    }
    let folder = pages.kit.store.path().parent().map(SinceBoot::of);
    if let Some(Err(error)) = folder.map(|kept| kept.forget()) {
        return Err(PageError::Internal(error.into()));
    }
    Ok(pages.encryption.ask(Ask::Lock, "/"))
}

/// Says to whoever may change it that the data are not enciphered, or not all of them.
pub async fn reminder(pages: &Pages, visitor: &Visitor) -> Option<String> {
    let key = match lies(pages).await {
        Lies::Plain => "encryption-reminder-plain",
        Lies::Begun => "encryption-reminder-begun",
        Lies::Enciphered => return None,
    };
    visitor.staff.may(Right::Administer).then(|| visitor.words.say(key))
}

/// Where a request comes from.
type Peer = Option<Extension<ConnectInfo<SocketAddr>>>;

/// Tries the password that was typed again, and gives what the database holds of it; or says what is wrong.
async fn proved(
    pages: &Pages,
    visitor: &Visitor,
    peer: Peer,
    typed: &Typed,
) -> Result<Result<String, String>, PageError> {
    let from = peer.map(|Extension(ConnectInfo(address))| address.ip());
    let (kit, words) = (&pages.kit, &visitor.words);
    let who = (visitor.staff.name.as_str(), Password::typed(typed.raw("password")));
    let trying = people::with_password((&kit.store, &kit.clock), who, from, |_, proved| Ok(proved.hash.clone()));
    Ok(match trying.await? {
        Answer::Right(hash) => Ok(hash),
        Answer::Wrong => Err(words.say("account-old-wrong")),
        Answer::Wait(millis) => Err(words.say1("sign-in-wait", "seconds", ((millis + 999) / 1000).to_string())),
    })
}

fn show_new(pages: &Pages, visitor: &Visitor, headers: &HeaderMap, purpose: Purpose) -> PageResult {
    let clock = &pages.desk.clock;
    let code = RecoveryCode::new(clock.random());
    let is_new = purpose.is_new();
    pages.encryption.show(ShownCode {
        code: code.clone(),
        session: people::session_token(headers).ok_or_else(PageError::not_found)?,
        until: clock.steady().plus_millis(CODE_MILLIS_MAX).0,
        purpose,
    });
    code_page(pages, visitor, (&code, is_new), None)
}

async fn lies(pages: &Pages) -> Lies {
    match &pages.kit.lock {
        None => Lies::Plain,
        Some(lock) if lock.is_begun().await => Lies::Begun,
        Some(_) => Lies::Enciphered,
    }
}

async fn page(pages: &Pages, visitor: &Visitor, problem: Option<String>) -> PageResult {
    let openers = match &pages.kit.lock {
        Some(lock) => lock.openers().await,
        None => Vec::new(),
    };
    let named = |opener: &Opener| match opener {
        Opener::Account(name) => Some(name.clone()),
        Opener::RecoveryCode | Opener::Machine => None,
    };
    let page = EncryptionPage {
        words: &visitor.words,
        name: &visitor.staff.name,
        lies: lies(pages).await,
        trouble: pages.encryption.trouble.map(trouble_key),
        by_accounts: pages.encryption.by_accounts,
        accounts: openers.iter().filter_map(named).collect(),
        by_machine: openers.contains(&Opener::Machine),
        problem,
    };
    let status = status(page.problem.as_ref());
    visitor.reader.page_with(status, "encryption-title", &page)
}

fn code_page(
    pages: &Pages,
    visitor: &Visitor,
    (code, is_new): (&RecoveryCode, bool),
    problem: Option<String>,
) -> PageResult {
    let page = CodePage {
        words: &visitor.words,
        code: &code.to_text(),
        shown_on: visitor.words.instant(pages.desk.now()),
        is_new,
        problem,
    };
    let status = status(page.problem.as_ref());
    visitor.reader.page_with(status, "encryption-code-title", &page)
}

fn trouble_key(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::InUse => "encryption-trouble-in-use",
        Trouble::Disk => "encryption-trouble-disk",
        Trouble::Broken => "encryption-trouble-broken",
    }
}

fn status(problem: Option<&String>) -> StatusCode {
    match problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    }
}
