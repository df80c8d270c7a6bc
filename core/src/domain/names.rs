//! Names: streams, event types, tags. Parsed once, shared afterwards.

use std::fmt;
use std::sync::Arc;

use super::InvalidName;
use super::limits::{MAX_EVENT_TYPE_BYTES, MAX_STREAM_NAME_BYTES, MAX_TAG_BYTES};

/// Checks a text that is to be a name: not empty, not too long, without control characters.
pub(crate) fn check_name(what: &'static str, text: &str, limit: usize) -> Result<(), InvalidName> {
    if text.is_empty() {
        return Err(InvalidName::Empty { what });
    }
    if text.len() > limit {
        return Err(InvalidName::TooLong { what, limit, actual: text.len() });
    }
    match text.chars().find(|c| c.is_control()) {
        Some(found) => Err(InvalidName::ControlCharacter { what, found: found.into() }),
        None => Ok(()),
    }
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal, $limit:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Parses a name.
            ///
            /// # Errors
            /// [`InvalidName`] when it is empty, too long, or holds a control character.
            pub fn new(text: &str) -> Result<Self, InvalidName> {
                check_name($what, text, $limit)?;
                Ok(Self(text.into()))
            }

            /// A name that was checked when it was stored.
            pub(crate) fn trusted(text: Arc<str>) -> Self {
                Self(text)
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            pub(crate) fn shared(&self) -> &Arc<str> {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<&str> for $name {
            type Error = InvalidName;

            fn try_from(text: &str) -> Result<Self, InvalidName> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidName;

            fn try_from(text: String) -> Result<Self, InvalidName> {
                Self::new(&text)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    };
}

name!(
    /// The name of a stream, `category-id`: 1 to 512 bytes of UTF-8 without control characters.
    StreamName,
    "stream name",
    MAX_STREAM_NAME_BYTES
);
name!(
    /// The type of an event, such as `OrderPlaced`: 1 to 255 bytes of UTF-8 without control characters.
    EventType,
    "event type",
    MAX_EVENT_TYPE_BYTES
);
name!(
    /// A short label of an event, such as `course:c1`: 1 to 255 bytes of UTF-8 without control characters.
    Tag,
    "tag",
    MAX_TAG_BYTES
);

impl StreamName {
    /// The text before the first `-`; the whole name where there is none.
    #[must_use]
    pub fn category(&self) -> &str {
        category_of(&self.0)
    }
}

/// The category of a stream name: the text before its first `-`.
pub(crate) fn category_of(stream: &str) -> &str {
    stream.split_once('-').map_or(stream, |(category, _)| category)
}
