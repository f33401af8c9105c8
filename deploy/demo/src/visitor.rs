//! A visitor of the pages: reads them, keeps its cookies, and sends forms as a browser without JavaScript does.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, StatusCode};
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio::runtime::{Builder, Runtime};

/// How long a page may take: a program that says nothing for so long says nothing any more.
const ANSWER_MAX: Duration = Duration::from_mins(5);
/// Follows redirects, but not for ever.
const REDIRECTS_MAX: usize = 5;
/// Where people log in, at both programs.
const LOG_IN: &str = "/login";
/// The first field of every form that writes.
const TOKEN: &str = "form_token";
/// Stands between the parts of an upload.
const BOUNDARY: &str = "titian-visitor-boundary";

/// Somebody with a browser.
pub struct Visitor {
    base: String,
    client: Client,
    cookies: BTreeMap<String, String>,
    /// What the forms of the page that is open carry.
    form_token: Option<String>,
    runtime: Runtime,
}

/// A page as it came.
#[derive(Clone, Debug)]
pub struct Page {
    /// The status.
    pub status: StatusCode,
    /// Where it stands, after redirects.
    pub path: String,
    /// Its HTML.
    pub html: String,
    /// Where it leads, if it is no page but a redirect.
    pub location: Option<String>,
}

impl Page {
    /// Gives the value of a hidden or other input by its name; forms tell so on which state they are based.
    pub fn input(&self, name: &str) -> Option<String> {
        let tags = self.html.split('<').filter(|tag| tag.starts_with("input"));
        let mut named = tags.filter(|tag| tag.contains(&format!("name=\"{name}\"")));
        let tag = named.next()?;
        let value = tag.split_once("value=\"")?.1;
        Some(unescape(value.split_once('"')?.0))
    }

    /// Tells whether a sentence stands on it, however it is broken into lines.
    pub fn holds(&self, sentence: &str) -> bool {
        self.text()
            .contains(&sentence.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// Gives the text without tags and line breaks, for looking a sentence up.
    pub fn text(&self) -> String {
        let inside = self
            .html
            .split('<')
            .map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text));
        let words = inside.flat_map(str::split_whitespace);
        unescape(&words.collect::<Vec<_>>().join(" "))
    }
}

impl Visitor {
    /// Opens a browser on a program's address, e.g. `http://127.0.0.1:40123`.
    ///
    /// # Errors
    /// When the system has no room for it.
    pub fn new(base: &str) -> Result<Self> {
        Self::with_roots(base, RootCertStore::empty())
    }

    /// Opens a browser that was told to trust the certificate in a PEM file.
    ///
    /// # Errors
    /// When there is no certificate in it.
    pub fn trusting(base: &str, certificate: &Path) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(certificate)?)?;
        Self::with_roots(base, roots)
    }

    fn with_roots(base: &str, roots: RootCertStore) -> Result<Self> {
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .timeout(ANSWER_MAX)
            .tls_backend_preconfigured(tls)
            .build()?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Self {
            base: base.to_owned(),
            client,
            cookies: BTreeMap::new(),
            form_token: None,
            runtime,
        })
    }

    /// Reads a page.
    ///
    /// # Errors
    /// When the program does not answer.
    pub fn get(&mut self, path: &str) -> Result<Page> {
        self.go(Method::GET, path, None)
    }

    /// Sends a form.
    ///
    /// # Errors
    /// When the program does not answer.
    pub fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<Page> {
        let form = self.form_of(fields)?;
        self.go(Method::POST, path, Some(form))
    }

    /// Sends a form with one file in it.
    ///
    /// # Errors
    /// When the program does not answer.
    pub fn upload(&mut self, path: &str, field: &str, name: &str, content: &[u8]) -> Result<Page> {
        let token = self.form_token()?;
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{TOKEN}\"\r\n\r\n{token}\r\n\
             --{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        let tail = format!("\r\n--{BOUNDARY}--\r\n");
        let body = [head.as_bytes(), content, tail.as_bytes()].concat();
        self.go(
            Method::POST,
            path,
            Some((format!("multipart/form-data; boundary={BOUNDARY}"), body)),
        )
    }

    /// Sends a form and gives the answer itself, without following where it leads.
    ///
    /// # Errors
    /// When the program does not answer.
    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<Page> {
        let form = self.form_of(fields)?;
        self.ask(Method::POST, path, Some(form))
    }

    /// Logs in.
    ///
    /// # Errors
    /// When the name or the password is refused.
    pub fn log_in(&mut self, name: &str, password: &str) -> Result<Page> {
        self.get(LOG_IN)?;
        let page = self.submit(LOG_IN, &[("name", name), ("password", password), ("next", "/")])?;
        ensure!(
            page.status == StatusCode::OK && page.path != LOG_IN,
            "the log-in was refused: {}",
            page.text()
        );
        Ok(page)
    }

    fn go(&mut self, method: Method, path: &str, form: Option<Form>) -> Result<Page> {
        let mut page = self.ask(method, path, form)?;
        for _ in 0..REDIRECTS_MAX {
            match page.location.take() {
                Some(to) => page = self.ask(Method::GET, &to, None)?,
                None => return Ok(page),
            }
        }
        anyhow::bail!("{path} redirects in circles")
    }

    fn ask(&mut self, method: Method, path: &str, form: Option<Form>) -> Result<Page> {
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.base))
            .header(ORIGIN, &self.base);
        let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        request = request.header(COOKIE, cookies.collect::<Vec<_>>().join("; "));
        if let Some((kind, body)) = form {
            request = request.header(CONTENT_TYPE, kind).body(body);
        }
        let (status, headers, html) = self.runtime.block_on(async {
            let response = request.send().await?;
            let (status, headers) = (response.status(), response.headers().clone());
            anyhow::Ok((status, headers, response.text().await?))
        })?;
        for cookie in headers.get_all(SET_COOKIE) {
            let pair = cookie.to_str()?.split(';').next().and_then(|pair| pair.split_once('='));
            let (name, value) = pair.context("a cookie has a name")?;
            self.cookies.insert(name.trim().to_owned(), value.to_owned());
            // Who it is may have changed, and forms are somebody's.
            self.form_token = None;
        }
        let location = match headers.get(LOCATION) {
            Some(to) if status.is_redirection() => Some(to.to_str()?.trim_start_matches(&self.base).to_owned()),
            _ => None,
        };
        let page = Page {
            status,
            path: path.to_owned(),
            html,
            location,
        };
        self.form_token = page.input(TOKEN).or(self.form_token.take());
        Ok(page)
    }

    /// Gives what a form of the open page carries; opens the first page if none is open.
    fn form_token(&mut self) -> Result<String> {
        if self.form_token.is_none() {
            self.get("/")?;
        }
        self.form_token.clone().context("the open page has no form")
    }

    fn form_of(&mut self, fields: &[(&str, &str)]) -> Result<Form> {
        let token = self.form_token()?;
        let pairs = [(TOKEN, token.as_str())].into_iter().chain(fields.iter().copied());
        let pairs = pairs.map(|(name, value)| format!("{}={}", encode(name), encode(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        Ok(("application/x-www-form-urlencoded".to_owned(), body.into_bytes()))
    }
}

/// A body with its content type.
type Form = (String, Vec<u8>);

fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"*-._".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing into a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

fn unescape(text: &str) -> String {
    let pairs = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&#38;", "&"),
        ("&amp;", "&"),
    ];
    pairs
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_and_written_as_a_browser_does() {
        let html = r#"<form><p>Nama  &amp;
            sandi</p><input type="hidden" name="heads" value="a&#38;b"></form>"#;
        let page = Page {
            status: StatusCode::OK,
            path: "/".into(),
            html: html.into(),
            location: None,
        };
        assert_eq!(page.input("heads").as_deref(), Some("a&b"));
        assert_eq!(page.input("other"), None);
        assert_eq!(page.text(), "Nama & sandi");
        assert_eq!(encode("RT 5 & é"), "RT%205%20%26%20%C3%A9");
    }
}
