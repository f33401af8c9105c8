//! Reading and setting cookies.

use std::fmt::Write as _;

use axum::http::{HeaderMap, HeaderValue, header};

/// Gives the value of a cookie that the request carries.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(found, value)| (found == name).then_some(value))
}

/// Makes a `Set-Cookie` value that no script can read; `max_age_seconds` 0 removes the cookie, `None` keeps it until
/// the browser closes. Name and value are made of letters, digits, `_`, `-` by their callers.
pub fn set_cookie(name: &str, value: &str, same_site: &str, max_age_seconds: Option<u32>) -> HeaderValue {
    let mut text = format!("{name}={value}; Path=/; HttpOnly; SameSite={same_site}");
    if let Some(seconds) = max_age_seconds {
        // Writing to a string cannot fail.
        let _ = write!(text, "; Max-Age={seconds}");
    }
    HeaderValue::try_from(text).expect("cookie names and values are made of visible ASCII")
}

/// Has browsers send the cookies of an answer back over TLS only.
pub(super) fn keep_encrypted(headers: &mut HeaderMap) {
    let secure = |cookie: &HeaderValue| HeaderValue::try_from([cookie.as_bytes(), b"; Secure"].concat());
    let cookies: Vec<_> = headers.get_all(header::SET_COOKIE).iter().flat_map(secure).collect();
    headers.remove(header::SET_COOKIE);
    for cookie in cookies {
        headers.append(header::SET_COOKIE, cookie);
    }
}

/// Gives a name that only the program on this port uses. Browsers share cookies between all ports of a host: without
/// it, two programs on one machine would sign each other's people out.
pub(crate) fn per_port(name: &str, headers: &HeaderMap) -> String {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let port = host.rsplit_once(':').map(|(_, port)| port).unwrap_or_default();
    if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) {
        format!("{name}_{port}")
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; lang=en"));
        headers.append(header::COOKIE, HeaderValue::from_static("xlang=id"));
        assert_eq!(cookie(&headers, "lang"), Some("en"));
        assert_eq!(cookie(&headers, "ang"), None);
    }

    #[test]
    fn over_tls_every_cookie_is_for_tls_alone() {
        let mut headers = HeaderMap::new();
        headers.append(header::SET_COOKIE, set_cookie("a", "1", "Strict", None));
        headers.append(header::SET_COOKIE, set_cookie("lang", "en", "Lax", Some(60)));
        keep_encrypted(&mut headers);
        let cookies: Vec<_> = headers.get_all(header::SET_COOKIE).iter().collect();
        assert_eq!(
            cookies,
            [
                "a=1; Path=/; HttpOnly; SameSite=Strict; Secure",
                "lang=en; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure"
            ]
        );
    }

    #[test]
    fn each_port_has_cookies_of_its_own() {
        let mut headers = HeaderMap::new();
        assert_eq!(per_port("s", &headers), "s");
        headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1:8420"));
        assert_eq!(per_port("s", &headers), "s_8420");
        headers.insert(header::HOST, HeaderValue::from_static("[::1]"));
        assert_eq!(per_port("s", &headers), "s");
    }
}
