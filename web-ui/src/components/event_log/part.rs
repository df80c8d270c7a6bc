//! The pieces that a cell is made of.

use crate::model::search::Needle;

/// How a piece of text looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Plain,
    Dim,
    /// A match of the search.
    Hit,
    /// Where the match is, if none of the cells shows it.
    Note,
    /// How many events come after the row of the cursor.
    Ahead,
    /// Why something could not be read.
    Failed,
    /// Only for those who hear the page.
    Spoken,
}

impl Look {
    /// The element of such a text: its tag and its class. Plain text has none.
    pub(super) fn element(self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Self::Plain => return None,
            Self::Dim => ("span", "lf-log__dim"),
            Self::Hit => ("mark", ""),
            Self::Note => ("mark", "lf-log__note"),
            Self::Ahead => ("span", "lf-badge lf-badge--moment"),
            Self::Failed => ("span", "lf-log__failed"),
            Self::Spoken => ("span", "lf-vh"),
        })
    }
}

/// A piece of a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Text(Look, String),
    /// The mark of an event type.
    Swatch {
        colour: String,
        shape: &'static str,
    },
}

impl Part {
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self::Text(Look::Plain, text.into())
    }

    pub(super) fn dim(text: impl Into<String>) -> Self {
        Self::Text(Look::Dim, text.into())
    }

    /// Whether the elements of this piece can show another one.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(look, _), Self::Text(other, _)) => look == other,
            (Self::Swatch { .. }, Self::Swatch { .. }) => true,
            _ => false,
        }
    }
}

/// A text in which every match is marked.
pub(super) fn marked(text: String, needle: Option<&Needle>) -> Vec<Part> {
    let ranges = needle.map(|needle| needle.ranges(&text)).unwrap_or_default();
    if ranges.is_empty() {
        return vec![Part::plain(text)];
    }
    let mut parts = Vec::with_capacity(ranges.len() * 2 + 1);
    let mut from = 0;
    for range in ranges {
        if from < range.start {
            parts.push(Part::plain(&text[from..range.start]));
        }
        parts.push(Part::Text(Look::Hit, text[range.clone()].to_owned()));
        from = range.end;
    }
    if from < text.len() {
        parts.push(Part::plain(&text[from..]));
    }
    parts
}
