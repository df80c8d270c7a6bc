//! Positions and versions: the numbers of the log, each a type of its own.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The largest position or version: 2^53 − 1, so that every number survives a trip through JavaScript.
pub const MAX_NUMBER: u64 = (1 << 53) - 1;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $zero:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(u64);

        impl $name {
            #[doc = $zero]
            pub const ZERO: Self = Self(0);

            /// Wraps a number. Values above [`MAX_NUMBER`] are clamped to it.
            #[must_use]
            pub const fn new(value: u64) -> Self {
                Self(if value > MAX_NUMBER { MAX_NUMBER } else { value })
            }

            /// The plain number.
            #[must_use]
            pub const fn get(self) -> u64 {
                self.0
            }

            /// The number that follows.
            #[must_use]
            pub const fn next(self) -> Self {
                Self::new(self.0 + 1)
            }

            /// The number `count` further on.
            #[must_use]
            pub const fn plus(self, count: u64) -> Self {
                Self::new(self.0.saturating_add(count))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<u32> for $name {
            fn from(value: u32) -> Self {
                Self::new(value.into())
            }
        }
    };
}

number!(
    /// The 1-based number of an event in the whole log: gapless, totally ordered, never reused.
    Position,
    "Before the first event; as a head, the empty log."
);
number!(
    /// The 1-based number of an event in its stream.
    StreamVersion,
    "The version of an empty stream."
);

/// The version of an event type's payload shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SchemaVersion(pub u32);

impl Default for SchemaVersion {
    /// The first shape, 1.
    fn default() -> Self {
        Self(1)
    }
}

impl fmt::Display for SchemaVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
