//! Pages of a program that cannot serve its own just now: the frame without navigation, and what they say to whom.

use askama::Template;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use titian_domain::lang::Lang;

use super::assets;
use super::reader::lang_of;
use crate::texts::Texts;

/// What such a page works with, for one reader.
pub(super) struct Bare<'a> {
    pub brand: &'static str,
    pub lang: Lang,
    texts: &'a Texts,
}

impl<'a> Bare<'a> {
    pub fn new(brand: &'static str, texts: &'a Texts, headers: &HeaderMap) -> Self {
        Self {
            brand,
            lang: lang_of(headers),
            texts,
        }
    }

    pub fn say(&self, key: &str) -> String {
        self.texts.say(self.lang, key)
    }

    pub fn other_lang(&self) -> Lang {
        self.lang.pick(Lang::En, Lang::Id)
    }

    #[expect(clippy::unused_self, reason = "the template asks it of the page")]
    pub fn stylesheet(&self) -> String {
        assets::url("titian.css")
    }

    #[expect(clippy::unused_self, reason = "the template asks it of the page")]
    pub fn icon(&self) -> String {
        assets::url("favicon.svg")
    }
}

/// Answers with such a page, once `finish` has completed its HTML.
pub(super) fn answer(status: StatusCode, page: &impl Template, finish: impl FnOnce(&str) -> String) -> Response {
    match page.render() {
        Ok(html) => {
            let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
            (status, kind, finish(&html)).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a page without the program's own could not be made");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
