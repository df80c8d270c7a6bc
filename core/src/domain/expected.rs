//! What a writer believes of a stream.

use std::fmt;

use super::StreamVersion;

/// The version that a writer expects a stream to have.
///
/// | expected | stream empty | stream at 2 |
/// | --- | --- | --- |
/// | `Any` | ok | ok |
/// | `NoStream`, `Exact(0)` | ok | conflict |
/// | `StreamExists` | conflict | ok |
/// | `Exact(2)` | conflict | ok |
/// | `Exact(1)`, `Exact(3)` | conflict | conflict |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExpectedVersion {
    /// No opinion.
    #[default]
    Any,
    /// The stream has no events.
    NoStream,
    /// The stream has at least one event.
    StreamExists,
    /// The stream's last event has this version.
    Exact(StreamVersion),
}

impl ExpectedVersion {
    /// The stream's last event has version `version`; 0 is the empty stream.
    #[must_use]
    pub const fn exact(version: u64) -> Self {
        Self::Exact(StreamVersion::new(version))
    }

    /// Whether a stream at `actual` is what was expected.
    #[must_use]
    pub fn admits(self, actual: StreamVersion) -> bool {
        match self {
            Self::Any => true,
            Self::NoStream => actual == StreamVersion::ZERO,
            Self::StreamExists => actual > StreamVersion::ZERO,
            Self::Exact(expected) => actual == expected,
        }
    }
}

impl fmt::Display for ExpectedVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any version"),
            Self::NoStream => f.write_str("no stream"),
            Self::StreamExists => f.write_str("an existing stream"),
            Self::Exact(version) => write!(f, "version {version}"),
        }
    }
}
