//! The frame around every page: the program's name, where it stands, and its navigation.

use std::sync::{Arc, PoisonError, RwLock};

use axum::http::HeaderMap;

use super::form_token::FormToken;
use crate::people::{OWN_ACCOUNT, Right, SignedIn};

/// One link of the navigation.
#[derive(Clone, Copy, Debug)]
pub struct NavLink {
    /// Its path; the link of the longest matching path is marked as current.
    pub href: &'static str,
    /// The key of its text.
    pub key: &'static str,
    /// What one has to be allowed to see it.
    pub right: Right,
}

/// What stands around every page of a program. Cheap to clone; clones share the place.
#[derive(Clone, Debug)]
pub struct Layout {
    brand: &'static str,
    nav: &'static [NavLink],
    place: Arc<RwLock<String>>,
}

impl Layout {
    /// Names the program and its navigation, of which everybody sees what they may use.
    pub fn new(brand: &'static str, nav: &'static [NavLink]) -> Self {
        Self {
            brand,
            nav,
            place: Arc::default(),
        }
    }

    /// Says where the program stands, such as the name of the office; a gateway learns it at enrolment.
    pub fn set_place(&self, place: impl Into<String>) {
        *self.place.write().unwrap_or_else(PoisonError::into_inner) = place.into();
    }

    pub(crate) fn brand(&self) -> &'static str {
        self.brand
    }

    pub(super) fn place(&self) -> String {
        self.place.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Gives the links, and which of them the path belongs to.
    pub(super) fn links(&self, path: &str, person: &SignedIn) -> Vec<(NavLink, bool)> {
        let belongs = |href: &str| {
            path.strip_prefix(href)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || href.ends_with('/'))
        };
        let current = self
            .nav
            .iter()
            .map(|link| link.href)
            // One's account stands beside the navigation: it belongs to none of the links.
            .filter(|href| belongs(href) && !path.starts_with(OWN_ACCOUNT))
            .max_by_key(|href| href.len());
        self.nav
            .iter()
            .filter(|link| person.may(link.right))
            .map(|link| (*link, Some(link.href) == current))
            .collect()
    }
}

/// What the outer layer learned about a request before its handler runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Visit {
    pub headers: HeaderMap,
    pub path: String,
    pub path_and_query: String,
    pub signed_in: Option<SignedIn>,
    /// What the forms of the answer carry, and those that are sent must.
    pub form_token: FormToken,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_exact_link_is_the_current_one_and_links_are_for_those_who_may() {
        const NAV: &[NavLink] = &[
            NavLink {
                href: "/",
                key: "home",
                right: Right::Read,
            },
            NavLink {
                href: "/complaints",
                key: "list",
                right: Right::Read,
            },
            NavLink {
                href: "/complaints/new",
                key: "new",
                right: Right::Record,
            },
        ];
        let layout = Layout::new("Titian", NAV);
        let person = |rights: &[Right]| SignedIn {
            password_is_given: false,
            second_factor_is_due: false,
            name: "siti".into(),
            full_name: "Siti Rahmah".into(),
            rights: rights.iter().copied().collect(),
        };
        let shown = layout.links("/", &person(&[Right::Read]));
        assert_eq!(
            shown.iter().map(|(link, _)| link.key).collect::<Vec<_>>(),
            ["home", "list"]
        );
        let current = |path| {
            layout
                .links(path, &person(&[Right::Read, Right::Record]))
                .into_iter()
                .find(|(_, on)| *on)
                .map(|(link, _)| link.key)
        };
        assert_eq!(current("/complaints/new"), Some("new"));
        assert_eq!(current("/complaints/01J"), Some("list"));
        assert_eq!(current("/complaintsx"), Some("home"));
        assert_eq!(current("/akun/semua"), None);
    }
}
