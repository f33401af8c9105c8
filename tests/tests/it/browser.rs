//! A real Chromium through its driver: what a person with a mouse and a keyboard does.

use std::path::{Path, PathBuf};
use std::process::Command;

use fantoccini::elements::Element;
use fantoccini::wd::{Capabilities, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use titian_demo::cast::Account;
use titian_demo::log::Log;
use titian_demo::task::Task;

/// What chromedriver prints when it takes requests; the port follows.
const READY: &str = "ChromeDriver was started successfully on port ";

/// How often to ask whether the old page is gone. Each look is a round trip to the driver, a few milliseconds long.
const LOOKS_MAX: u32 = 5_000;

/// A browser with a profile of its own. It and its driver end when it is dropped.
pub struct Browser {
    client: Client,
    shots: PathBuf,
    shot: u32,
    _driver: Task,
    _profile: TempDir,
}

impl Browser {
    /// Opens a window as large as the screens of the offices. `name` is the folder of its screenshots.
    pub async fn open(name: &str) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut command = Command::new("chromedriver");
        let mut driver = Task::start_with_children("chromedriver", command.arg("--port=0"), &Log::default())
            .expect("chromedriver is installed by tests/run");
        let port = driver.line(READY).unwrap();
        let capabilities = json!({
            "goog:chromeOptions": {
                "args": [
                    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                    "--disable-background-networking", "--disable-component-update", "--disable-sync",
                    "--no-first-run", "--window-size=1366,768",
                    format!("--user-data-dir={}", profile.path().display()),
                ],
            },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let Value::Object(capabilities) = capabilities else {
            unreachable!("it is written as an object")
        };
        let capabilities: Capabilities = capabilities;
        let url = format!("http://127.0.0.1:{}", port.trim_end_matches('.'));
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&url)
            .await
            .unwrap();
        let shots = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&shots).unwrap();
        Self {
            client,
            shots,
            shot: 0,
            _driver: driver,
            _profile: profile,
        }
    }

    /// Opens an address.
    pub async fn go(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    /// Logs in at a program, and arrives at its first page.
    pub async fn log_in(&self, address: &str, account: Account) {
        self.go(&format!("{address}/login")).await;
        self.write("#name", account.name).await;
        self.write("#password", account.password).await;
        self.press("main form button[type=submit]").await;
        assert!(
            !self.path().await.starts_with("/login"),
            "the log-in was refused: {}",
            self.text("main").await
        );
    }

    /// Finds an element; it must be there.
    pub async fn find(&self, css: &str) -> Element {
        match self.client.find(Locator::Css(css)).await {
            Ok(element) => element,
            Err(error) => panic!(
                "no {css} on {}: {error}\n{}",
                self.path().await,
                self.text("main").await
            ),
        }
    }

    /// Counts the elements that fit.
    pub async fn count(&self, css: &str) -> usize {
        self.client.find_all(Locator::Css(css)).await.unwrap().len()
    }

    /// Reads the text that an element shows.
    pub async fn text(&self, css: &str) -> String {
        self.client.find(Locator::Css(css)).await.unwrap().text().await.unwrap()
    }

    /// Types a text into an empty field.
    pub async fn write(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Chooses what has this value.
    pub async fn choose(&self, css: &str, value: &str) {
        self.find(css).await.select_by_value(value).await.unwrap();
    }

    /// Presses a button or a link that leads to another page, and waits until that one is there.
    pub async fn press(&self, css: &str) {
        let button = self.find(css).await;
        self.leave_by(button).await;
    }

    /// Presses something that stays on the page.
    pub async fn touch(&self, css: &str) {
        self.find(css).await.click().await.unwrap();
    }

    /// Follows the link with exactly this text.
    pub async fn follow(&self, text: &str) {
        let link = self.client.find(Locator::LinkText(text)).await;
        self.leave_by(link.unwrap_or_else(|error| panic!("no link {text}: {error}")))
            .await;
    }

    /// A press only starts the way to the next page: the old one is left when its elements are no longer known.
    async fn leave_by(&self, element: Element) {
        let old = self.find("html").await;
        element.click().await.unwrap();
        for _ in 0..LOOKS_MAX {
            if old.tag_name().await.is_err() {
                self.wait_for("body").await;
                return;
            }
        }
        panic!("the press leads nowhere on {}", self.path().await);
    }

    /// Waits until an element is there.
    pub async fn wait_for(&self, css: &str) {
        self.client.wait().for_element(Locator::Css(css)).await.unwrap();
    }

    /// Gives the path of the page.
    pub async fn path(&self) -> String {
        self.client.current_url().await.unwrap().path().to_owned()
    }

    /// Gives what stands in a field.
    pub async fn value_of(&self, css: &str) -> String {
        self.find(css).await.prop("value").await.unwrap().unwrap_or_default()
    }

    /// Keeps a picture of the page for people to look at, beside the build.
    pub async fn shoot(&mut self, name: &str) {
        self.shot += 1;
        let picture = self.client.screenshot().await.unwrap();
        std::fs::write(self.shots.join(format!("{:02}-{name}.png", self.shot)), picture).unwrap();
    }

    /// Ends the session. The browser must have had nothing to complain about: no script, style or policy failed.
    pub async fn close(self) {
        let complaints = self.client.issue_cmd(BrowserLog).await.unwrap();
        let complaints: Vec<_> = complaints
            .as_array()
            .into_iter()
            .flatten()
            .filter(|entry| is_ours(entry))
            .collect();
        assert!(complaints.is_empty(), "the browser complains: {complaints:#?}");
        self.client.close().await.unwrap();
    }
}

/// A refused form, and a page that asks for patience, are answered with a status that the browser notes; that is no fault of the page.
fn is_ours(entry: &Value) -> bool {
    let message = entry["message"].as_str().unwrap_or_default();
    ![422, 503]
        .map(|status| format!("the server responded with a status of {status}"))
        .iter()
        .any(|noted| message.contains(noted))
}

/// Asks chromedriver for what the browser logged.
#[derive(Debug)]
struct BrowserLog;

impl WebDriverCompatibleCommand for BrowserLog {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(json!({ "type": "browser" }).to_string()))
    }
}
