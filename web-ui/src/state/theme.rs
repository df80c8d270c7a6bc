//! Light, dark, or what the system says.

use super::browser::{remember, remembered};
use super::root::Root;

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
        Self::named(remembered(KEY).as_deref())
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

    /// The one of this name; any other name is that of the system.
    pub(crate) fn named(name: Option<&str>) -> Self {
        match name {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    /// Whether one was chosen, and its name.
    fn chosen(self) -> Option<&'static str> {
        (self != Self::System).then(|| self.name())
    }

    /// Applies it to the page.
    pub(super) fn apply(self, root: Root) {
        root.set_theme(self.chosen());
    }

    /// Remembers it for the next time.
    pub(super) fn remember(self) {
        remember(KEY, self.chosen());
    }
}
