//! Forms prove that they come from a page that this program gave to the same person in the same browser.
//!
//! Every form that writes carries a token as its first field, put there when its page is made ([`FormToken::fill`]) and taken
//! out of what comes back before a handler sees it ([`FormToken::claim`]): neither templates nor handlers can forget it. The
//! token follows from a secret that only this browser has (a cookie), and from one that only the database has of the person.
//! It does not follow from the session: a form that was left open is good again, with its files, once the same person has
//! signed in again, and is never sent in the name of somebody else who signed in meanwhile.

use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use futures_util::{StreamExt as _, stream};
use http_body_util::BodyExt as _;

use super::cookie::{cookie, per_port, set_cookie};
use crate::clock::Clock;

/// The field that carries it, before all others.
pub(super) const FIELD: &str = "form_token";

/// The cookie that makes one browser's forms differ from another's.
const COOKIE: &str = "titian_forms";

/// More than the longest line between two parts (70 letters, RFC 2046 §5.1.1) with the head and the value of the first part.
const FRONT_BYTES_MAX: usize = 512;

/// Separates this use of BLAKE3 from every other.
const CONTEXT: &str = "titian 2026 form token v1";

/// What the database keeps of a person's password, as the part of their tokens that no browser has: it outlives their sessions
/// and ends with the password. Has no `Debug`, so that it cannot reach a log.
#[derive(Clone)]
pub(crate) struct FormSecret(pub String);

/// What a browser keeps so that forms of others are told from its own.
pub(super) struct Browser {
    seed: [u8; 32],
    is_new: bool,
}

impl Browser {
    /// Recognises a browser, or makes it known.
    pub fn of(headers: &HeaderMap, clock: &Clock) -> Self {
        let kept =
            cookie(headers, &per_port(COOKIE, headers)).and_then(|text| BASE64URL_NOPAD.decode(text.as_bytes()).ok());
        match kept.and_then(|seed| seed.try_into().ok()) {
            Some(seed) => Self { seed, is_new: false },
            None => Self {
                seed: clock.random(),
                is_new: true,
            },
        }
    }

    /// Gives the token of this browser's forms while this person, or nobody, is signed in.
    pub fn token(&self, person: Option<(&str, &FormSecret)>) -> FormToken {
        let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
        hasher.update(&self.seed);
        if let Some((name, secret)) = person {
            // Names hold no zero byte, so that no two pairs are written alike.
            hasher.update(name.as_bytes()).update(&[0]).update(secret.0.as_bytes());
        }
        FormToken(HEXLOWER.encode(hasher.finalize().as_bytes()))
    }

    /// Has a browser that was not known keep what it is known by, with the first page that it gets.
    ///
    /// `Lax`: a link from elsewhere must not make a known browser look new, which would spoil the forms that are open in it.
    pub fn keep(&self, request_headers: &HeaderMap, response: &mut HeaderMap) {
        let kind = response.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
        if self.is_new && kind.is_some_and(|kind| kind.starts_with(b"text/html")) {
            let name = per_port(COOKIE, request_headers);
            let kept = set_cookie(&name, &BASE64URL_NOPAD.encode(&self.seed), "Lax", None);
            response.append(header::SET_COOKIE, kept);
        }
    }
}

/// What the forms of a page carry. Has no `Debug` of its content, so that it cannot reach a log.
#[derive(Clone, Default)]
pub(crate) struct FormToken(String);

impl std::fmt::Debug for FormToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FormToken(…)")
    }
}

impl FormToken {
    /// Puts the token into every form of a page that writes. Texts of people cannot look like a form: templates escape them.
    pub fn fill(&self, html: &str) -> String {
        let mut filled = String::with_capacity(html.len() + 256);
        let mut rest = html;
        while let Some(start) = rest.find("<form ") {
            let end = rest[start..].find('>').map_or(rest.len(), |end| start + end + 1);
            let (before, after) = rest.split_at(end);
            filled.push_str(before);
            if before[start..].contains("method=\"post\"") {
                for piece in ["<input type=\"hidden\" name=\"", FIELD, "\" value=\"", &self.0, "\">"] {
                    filled.push_str(piece);
                }
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    /// Takes the token out of a form that came, and gives the form without it; `None` if it carries none or another.
    ///
    /// No more than the front of the body is read, however large the files are that follow.
    pub async fn claim(&self, mut parts: Parts, body: Body) -> Option<axum::extract::Request> {
        let (front, rest) = front(body).await?;
        let is_multipart = parts
            .headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/form-data"));
        let (claimed, length) = if is_multipart {
            first_part(&front)?
        } else {
            first_pair(&front)?
        };
        // In constant time: a guess must not tell how much of it was right.
        let hash = |text: &[u8]| blake3::hash(text);
        if hash(claimed) != hash(self.0.as_bytes()) {
            return None;
        }
        // It told the length with the token.
        parts.headers.remove(header::CONTENT_LENGTH);
        let front = front.slice(length..);
        let body = match rest {
            Some(rest) => Body::from_stream(stream::once(async { Ok(front) }).chain(rest.into_data_stream())),
            None => Body::from(front),
        };
        Some(axum::extract::Request::from_parts(parts, body))
    }
}

/// Reads the front of a body, and gives what follows if there is more; `None` if it breaks off.
async fn front(mut body: Body) -> Option<(Bytes, Option<Body>)> {
    let mut front = Vec::new();
    while front.len() < FRONT_BYTES_MAX {
        match body.frame().await {
            None => return Some((front.into(), None)),
            Some(frame) => front.extend_from_slice(&frame.ok()?.into_data().unwrap_or_default()),
        }
    }
    Some((front.into(), Some(body)))
}

/// Finds the token as the first pair of `application/x-www-form-urlencoded`, and where the next begins.
fn first_pair(front: &[u8]) -> Option<(&[u8], usize)> {
    let value = front.strip_prefix(FIELD.as_bytes())?.strip_prefix(b"=")?;
    let start = front.len() - value.len();
    match value.iter().position(|byte| *byte == b'&') {
        Some(end) => Some((&value[..end], start + end + 1)),
        None => Some((value, front.len())),
    }
}

/// Finds the token as the first part of `multipart/form-data` (RFC 7578), and where the next begins.
fn first_part(front: &[u8]) -> Option<(&[u8], usize)> {
    let head = find(front, b"\r\n\r\n")?;
    find(&front[..head], format!("name=\"{FIELD}\"").as_bytes())?;
    let start = head + 4;
    let end = find(&front[start..], b"\r\n")?;
    Some((&front[start..start + end], start + end + 2))
}

fn find(text: &[u8], sought: &[u8]) -> Option<usize> {
    text.windows(sought.len()).position(|window| window == sought)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn browser(seed: u8) -> Browser {
        Browser {
            seed: [seed; 32],
            is_new: false,
        }
    }

    async fn claim(token: &FormToken, kind: &str, body: &str) -> Option<String> {
        let request = axum::extract::Request::builder().header(header::CONTENT_TYPE, kind);
        // As a network gives it: piece by piece.
        let pieces: Vec<_> = body
            .as_bytes()
            .chunks(100)
            .map(|piece| Ok::<_, std::io::Error>(Bytes::copy_from_slice(piece)))
            .collect();
        let (parts, body) = request
            .body(Body::from_stream(stream::iter(pieces)))
            .unwrap()
            .into_parts();
        let left = token.claim(parts, body).await?.into_body().collect().await.unwrap();
        Some(String::from_utf8(left.to_bytes().to_vec()).unwrap())
    }

    #[test]
    fn a_token_is_of_one_browser_and_one_person_with_one_password() {
        let secret = |text: &str| FormSecret(text.to_owned());
        let (one, other) = (secret("one"), secret("other"));
        let tokens = [
            browser(1).token(None).0,
            browser(2).token(None).0,
            browser(1).token(Some(("siti", &one))).0,
            browser(2).token(Some(("siti", &one))).0,
            browser(1).token(Some(("siti", &other))).0,
            browser(1).token(Some(("sit", &one))).0,
        ];
        for (index, token) in tokens.iter().enumerate() {
            assert_eq!(token.len(), 64);
            assert!(!tokens[..index].contains(token));
        }
        assert_eq!(tokens[2], browser(1).token(Some(("siti", &one))).0);
    }

    #[test]
    fn forms_that_write_are_filled_and_no_others() {
        let token = FormToken("T".into());
        let page = "<form method=\"get\" action=\"/\"><p>a > b</p></form><form class=\"x\"\nmethod=\"post\" action=\"/y\"><p></form>&lt;form method=\"post\">";
        let expected = page.replace(
            "action=\"/y\">",
            "action=\"/y\"><input type=\"hidden\" name=\"form_token\" value=\"T\">",
        );
        assert_eq!(token.fill(page), expected);
        assert_eq!(
            token.fill("<form method=\"post\""),
            "<form method=\"post\"<input type=\"hidden\" name=\"form_token\" value=\"T\">"
        );
    }

    #[tokio::test]
    async fn a_form_is_given_on_without_its_token_and_not_at_all_without_the_right_one() {
        const PLAIN: &str = "application/x-www-form-urlencoded";
        const PARTS: &str = "multipart/form-data; boundary=x";
        let token = FormToken("right".into());
        let long = "a".repeat(5_000);
        let plain = format!("form_token=right&text={long}");
        assert_eq!(claim(&token, PLAIN, &plain).await, Some(format!("text={long}")));
        assert_eq!(claim(&token, PLAIN, "form_token=right").await.as_deref(), Some(""));
        let part = |name: &str, value: &str| {
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let others = format!("{}--x--\r\n", part("file", &long));
        assert_eq!(
            claim(&token, PARTS, &format!("{}{others}", part("form_token", "right")))
                .await
                .as_ref(),
            Some(&others)
        );
        for (kind, body) in [
            (PLAIN, String::new()),
            (PLAIN, "form_token=".into()),
            (PLAIN, "form_token=righ&text=1".into()),
            (PLAIN, "form_token=right2".into()),
            (PLAIN, "text=1&form_token=right".into()),
            (PARTS, others.clone()),
            (PARTS, format!("{}{others}", part("form_token", "wrong"))),
            (
                PARTS,
                format!("{}{}{others}", part("text", "1"), part("form_token", "right")),
            ),
            (
                PARTS,
                "--x\r\nContent-Disposition: form-data; name=\"form_token\"\r\n\r\nright".into(),
            ),
            (PARTS, "form_token=right".into()),
            ("text/plain", "text=1".into()),
        ] {
            assert_eq!(claim(&token, kind, &body).await, None, "{kind}: {body}");
        }
    }
}
