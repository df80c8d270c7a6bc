//! Light, dark, or what the system says.

use leptos::prelude::*;

use super::browser::{remember, remembered};

const KEY: &str = "leftfold.theme";

/// The theme of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Theme {
    System,
    Light,
    Dark,
}

impl Theme {
    /// What was chosen the last time.
    pub(crate) fn remembered() -> Self {
        match remembered(KEY).as_deref() {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    /// The one that the switch goes to next.
    pub(crate) fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    /// Its name, as an attribute and on the switch.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Applies it to the page and remembers it.
    pub(crate) fn apply(self) {
        let Some(root) = document().document_element() else { return };
        if self == Self::System {
            let _ = root.remove_attribute("data-theme");
            remember(KEY, None);
        } else {
            let _ = root.set_attribute("data-theme", self.name());
            remember(KEY, Some(self.name()));
        }
    }
}
