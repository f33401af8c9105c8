//! What was typed into a form, kept letter by letter so that it can be shown again.

use std::collections::BTreeMap;

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, FromRequest, Request};

/// The names and values of a form. No `Debug`: it may hold an identity.
#[derive(Clone, Default)]
pub struct Typed(BTreeMap<String, String>);

impl Typed {
    /// Gives what was typed, as it was typed; empty if the form has no such field.
    pub fn raw(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// Gives what was meant: without blanks around it, with the line ends of every other text, without control signs.
    pub fn text(&self, name: &str) -> String {
        plain(self.raw(name))
    }

    /// Tells whether a box was ticked, or a button of this name was pressed.
    pub fn has(&self, name: &str) -> bool {
        !self.raw(name).is_empty()
    }

    /// Puts a value in, as if somebody had typed it.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.insert(name.to_owned(), value.into());
    }
}

impl FromIterator<(String, String)> for Typed {
    /// Takes the last of several values: of two equally named fields it is the one further down the form.
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

impl<S: Send + Sync> FromRequest<S> for Typed {
    type Rejection = FormRejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, FormRejection> {
        let Form(pairs) = Form::<Vec<(String, String)>>::from_request(request, state).await?;
        Ok(pairs.into_iter().collect())
    }
}

/// Browsers end lines by CR LF, and pasted texts bring invisible signs along.
pub fn plain(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let kept: String = text
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .collect();
    kept.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_loses_only_what_nobody_typed_on_purpose() {
        let typed: Typed = [("narrative".to_owned(), "  satu\r\ndua\u{7}\r\n\r\ntiga \r\n".to_owned())]
            .into_iter()
            .collect();
        assert_eq!(typed.text("narrative"), "satu\ndua\n\ntiga");
        assert_eq!(typed.raw("narrative"), "  satu\r\ndua\u{7}\r\n\r\ntiga \r\n");
        assert_eq!(typed.text("no such field"), "");
    }
}
