//! The person who reads a page: language, who they are, and how a page is put together for them.

use askama::Template;
use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use titian_domain::lang::Lang;

use super::assets;
use super::cookie::cookie;
use super::error::{PageError, PageResult, Text};
use super::layout::Visit;
use super::notice::Notice;
use super::{Kit, NavLink};
use crate::people::{Right, SignedIn};
use crate::texts::{Speech, Value};

/// The cookie that keeps the language.
pub(super) const LANG_COOKIE: &str = "lang";

/// Everything that a page needs to speak to its reader. An extractor for handlers; templates call [`Reader::say`].
#[derive(Clone)]
pub struct Reader {
    /// The language of the page.
    pub lang: Lang,
    /// Who is signed in, if anybody.
    pub signed_in: Option<SignedIn>,
    kit: Kit,
    visit: Visit,
}

#[derive(Template)]
#[template(path = "base.html")]
struct Base<'a> {
    reader: &'a Reader,
    title: &'a str,
    body: &'a str,
    brand: &'a str,
    place: &'a str,
    stylesheet: String,
    script: String,
    icon: String,
    links: Vec<(NavLink, bool)>,
    notice: Option<(bool, String)>,
    other_lang: Lang,
    back: String,
}

impl Reader {
    /// Makes a reader without a request: for tests that render every page in every language.
    pub fn sample(kit: &Kit, lang: Lang, signed_in: Option<SignedIn>) -> Self {
        Self {
            lang,
            signed_in,
            kit: kit.clone(),
            visit: Visit {
                path: "/".to_owned(),
                path_and_query: "/".to_owned(),
                ..Visit::default()
            },
        }
    }

    pub(crate) fn new(kit: Kit, visit: Visit) -> Self {
        Self {
            lang: lang_of(&visit.headers),
            signed_in: visit.signed_in.clone(),
            kit,
            visit,
        }
    }

    /// Says whether the reader may do something.
    pub fn may(&self, right: Right) -> bool {
        self.signed_in.as_ref().is_some_and(|person| person.may(right))
    }

    /// Gives the texts in the reader's language, for what is written without a reader too.
    pub fn speech(&self) -> Speech {
        Speech::new(self.kit.texts.clone(), self.lang)
    }

    /// Says a text.
    pub fn say(&self, key: &str) -> String {
        self.kit.texts.say(self.lang, key)
    }

    /// Tells whether there is a text of this key.
    pub fn has(&self, key: &str) -> bool {
        self.kit.texts.has(self.lang, key)
    }

    /// Says a text with one value, for templates: key, the value's name, the value.
    pub fn say1(&self, key: &str, name: &str, value: impl std::fmt::Display) -> String {
        self.say_with(key, &[(name, Value::from(value.to_string()))])
    }

    /// Says a text with values; a number picks singular or plural.
    pub fn say_with(&self, key: &str, values: &[(&str, Value<'_>)]) -> String {
        self.kit.texts.say_with(self.lang, key, values)
    }

    /// Puts the frame around a page.
    ///
    /// # Errors
    /// When the template fails, which is ours to mend.
    pub fn page(&self, title: impl Into<Text>, body: &impl Template) -> PageResult {
        self.page_with(StatusCode::OK, title, body)
    }

    /// Puts the frame around a page that answers with another status, such as 422 for a form that is to be mended.
    ///
    /// # Errors
    /// When the template fails, which is ours to mend.
    pub fn page_with(&self, status: StatusCode, title: impl Into<Text>, body: &impl Template) -> PageResult {
        let html = self.html(&title.into().said(self), &body.render()?)?;
        let mut response = (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response();
        if Notice::from_headers(&self.visit.headers).is_some() {
            response
                .headers_mut()
                .append(header::SET_COOKIE, Notice::remove(&self.visit.headers));
        }
        Ok(response)
    }

    fn html(&self, title: &str, body: &str) -> Result<String, PageError> {
        let notice =
            Notice::from_headers(&self.visit.headers).filter(|notice| self.kit.texts.has(self.lang, &notice.key));
        let said = |notice: Notice| {
            let values: Vec<_> = notice
                .values
                .iter()
                .map(|(name, value)| (name.as_str(), Value::from(value.as_str())))
                .collect();
            (notice.key.starts_with("warning-"), self.say_with(&notice.key, &values))
        };
        let base = Base {
            reader: self,
            title,
            body,
            brand: self.kit.layout.brand(),
            place: &self.kit.layout.place(),
            stylesheet: assets::url("titian.css"),
            script: assets::url("copy.js"),
            icon: assets::url("favicon.svg"),
            links: self
                .signed_in
                .as_ref()
                .map(|person| self.kit.layout.links(&self.visit.path, person))
                .unwrap_or_default(),
            notice: notice.map(said),
            other_lang: self.lang.pick(Lang::En, Lang::Id),
            back: self.visit.path_and_query.clone(),
        };
        Ok(self.visit.form_token.fill(&base.render()?))
    }
}

/// Gives the language in which a request wants to be answered.
pub(super) fn lang_of(headers: &HeaderMap) -> Lang {
    match cookie(headers, LANG_COOKIE) {
        Some("en") => Lang::En,
        _ => Lang::Id,
    }
}

impl<S> FromRequestParts<S> for Reader
where
    Kit: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        let visit = parts.extensions.get::<Visit>().cloned();
        let visit = visit.ok_or_else(|| anyhow::anyhow!("this router was not put through web::finish"))?;
        Ok(Self::new(Kit::from_ref(state), visit))
    }
}
