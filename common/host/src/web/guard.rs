//! Whom the pages answer: the right host name, and writes only from their own pages.

use axum::http::{HeaderMap, Method, header};

/// The host names under which a program answers. A page of another name that resolves to this machine (DNS
/// rebinding) is refused before anything is routed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedHosts(Option<Vec<String>>);

impl AllowedHosts {
    /// Answers to this machine itself: `localhost`, `127.0.0.1`, `[::1]`, on any port.
    pub fn loopback() -> Self {
        Self(Some(["localhost", "127.0.0.1", "[::1]"].map(str::to_owned).into()))
    }

    /// Answers to more names, given without a port.
    #[must_use]
    pub fn and<S: AsRef<str>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        if let Some(allowed) = &mut self.0 {
            allowed.extend(names.into_iter().map(|name| name.as_ref().to_ascii_lowercase()));
        }
        self
    }

    /// Answers to every name: only behind something else that checks it.
    pub fn any() -> Self {
        Self(None)
    }

    /// Decides about a request.
    pub fn admit(&self, headers: &HeaderMap) -> bool {
        let Some(allowed) = &self.0 else { return true };
        let mut hosts = headers.get_all(header::HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else {
            return false;
        };
        let name = host.to_str().map(without_port).unwrap_or_default().to_ascii_lowercase();
        allowed.contains(&name)
    }
}

/// Decides whether a request may change something: it has to come from a page of this program.
///
/// Browsers say where a write comes from in `Sec-Fetch-Site`, older ones in `Origin`, the oldest in `Referer`. What
/// says nothing at all is accepted only without cookies: then it is no browser with somebody's session.
pub fn may_write(method: &Method, headers: &HeaderMap) -> bool {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return true;
    }
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return matches!(site, "same-origin" | "none");
    }
    let own = text(header::HOST).unwrap_or_default();
    match text(header::ORIGIN).or_else(|| text(header::REFERER)) {
        Some(from) => authority(from).is_some_and(|from| from.eq_ignore_ascii_case(own)),
        None => !headers.contains_key(header::COOKIE),
    }
}

fn authority(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    rest.split(['/', '?', '#'])
        .next()
        .filter(|authority| !authority.is_empty())
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (header::HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn only_the_names_of_this_machine_are_answered() {
        let allowed = AllowedHosts::loopback().and(["Hub.TanahLaut.example"]);
        for host in [
            "localhost",
            "127.0.0.1:8420",
            "[::1]:80",
            "[::1]",
            "hub.tanahlaut.example:8443",
        ] {
            assert!(allowed.admit(&headers(&[("host", host)])), "{host}");
        }
        for host in ["evil.example", "127.0.0.1.evil.example:8420", "localhost:80:80", ""] {
            assert!(!allowed.admit(&headers(&[("host", host)])), "{host}");
        }
        assert!(!allowed.admit(&headers(&[])));
        assert!(AllowedHosts::any().admit(&headers(&[("host", "evil.example")])));
    }

    #[test]
    fn a_write_is_accepted_only_from_this_programs_own_pages() {
        let host = ("host", "127.0.0.1:8420");
        let session = ("cookie", "titian_session_8420=x");
        let decide = |pairs: &[_]| may_write(&Method::POST, &headers(&[&[host], pairs].concat()));
        assert!(decide(&[("sec-fetch-site", "same-origin")]));
        assert!(!decide(&[
            ("sec-fetch-site", "cross-site"),
            ("origin", "http://127.0.0.1:8420")
        ]));
        assert!(!decide(&[("sec-fetch-site", "same-site")]));
        assert!(decide(&[("origin", "http://127.0.0.1:8420"), session]));
        assert!(!decide(&[("origin", "http://127.0.0.1:9000"), session]));
        assert!(!decide(&[("origin", "null"), session]));
        assert!(decide(&[("referer", "http://127.0.0.1:8420/complaints/new"), session]));
        assert!(!decide(&[("referer", "http://evil.example/127.0.0.1:8420"), session]));
        assert!(!decide(&[session]));
        assert!(decide(&[]));
        assert!(may_write(
            &Method::GET,
            &headers(&[host, ("origin", "http://evil.example")])
        ));
    }
}
