//! One sentence that survives the redirect after a write, in a short-lived cookie.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use super::cookie::{cookie, per_port, set_cookie};

/// The redirect is followed at once; a notice older than this belongs to another day.
const NOTICE_SECONDS_MAX: u32 = 60;

/// A browser drops larger cookies silently.
const NOTICE_BYTES_MAX: usize = 1024;

const COOKIE: &str = "titian_notice";

/// What the next page says on top: a key of the texts and its values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Notice {
    #[serde(rename = "k")]
    pub key: String,
    #[serde(rename = "v")]
    pub values: Vec<(String, String)>,
}

impl Notice {
    /// Reads what an earlier answer left. Anybody may forge it, so it is only ever shown as escaped text.
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let text = cookie(headers, &per_port(COOKIE, headers))?;
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Removes it, once shown.
    pub fn remove(headers: &HeaderMap) -> HeaderValue {
        set_cookie(&per_port(COOKIE, headers), "", "Strict", Some(0))
    }
}

/// A response whose notice the outer layer turns into a cookie: only that knows the port.
#[derive(Clone, Debug)]
pub(super) struct Pending(pub Notice);

impl Pending {
    pub fn set(&self, request_headers: &HeaderMap) -> Option<HeaderValue> {
        let json = serde_json::to_vec(&self.0)
            .ok()
            .filter(|json| json.len() <= NOTICE_BYTES_MAX)?;
        let value = BASE64URL_NOPAD.encode(&json);
        let name = per_port(COOKIE, request_headers);
        Some(set_cookie(&name, &value, "Strict", Some(NOTICE_SECONDS_MAX)))
    }
}

/// Writes an address of this program with what it asks for; what is empty is left out.
pub fn address(path: &str, asked: &[(&str, &str)]) -> String {
    let told = asked.iter().filter(|(_, value)| !value.is_empty());
    let parts: Vec<_> = told.map(|(name, value)| format!("{name}={}", percent(value))).collect();
    if parts.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", parts.join("&"))
    }
}

/// Writes a value so that it can stand in an address.
fn percent(text: &str) -> String {
    let write = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(write).collect()
}

/// Sends the browser on to a page of this program after a write. Anything but a path of ours leads home.
pub fn redirect(path: &str) -> Response {
    let target = if is_local(path) { path } else { "/" };
    let location = HeaderValue::try_from(target).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

/// Sends the browser on, and says a text on top of that page: `notice-…` says that something is done, `warning-…`
/// that something needs attention. Values go through a cookie: no personal data.
pub fn redirect_saying(path: &str, key: &str, values: &[(&str, &str)]) -> Response {
    let mut response = redirect(path);
    response.extensions_mut().insert(Pending(Notice {
        key: key.to_owned(),
        values: values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    }));
    response
}

/// Says whether a text is a path of this program and not a way to another site.
pub(crate) fn is_local(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_what_was_asked_and_nothing_that_breaks_it() {
        assert_eq!(address("/", &[("q", ""), ("stage", "")]), "/");
        assert_eq!(
            address("/", &[("q", "a&b =1/é"), ("stage", "closed")]),
            "/?q=a%26b%20%3D1%2F%C3%A9&stage=closed"
        );
    }

    #[test]
    fn a_redirect_never_leaves_this_program() {
        for path in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "",
            "/a b",
            "/a\r\nb",
        ] {
            assert_eq!(redirect(path).headers()[header::LOCATION], "/", "{path}");
        }
        assert_eq!(
            redirect("/complaints?stage=verified").headers()[header::LOCATION],
            "/complaints?stage=verified"
        );
    }
}
