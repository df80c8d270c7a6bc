//! The guide: from the first event to a live projection, and what comes after. Every example compiles and runs as a test.
//!
//! 1. [`first_projection`]: events, a decider, a repository, a projection that follows.
//! 2. [`concurrency`]: version checks, retries, several streams, conditions over a query.
//! 3. [`schema`]: payloads that change shape.
//! 4. [`snapshots`]: streams that grow long.
//! 5. [`time_travel`]: the state at any moment, and where a value comes from.
//! 6. [`testing`]: given, when, then.
//! 7. [`tabs`]: several tabs and workers on one store.
//! 8. [`personal_data`]: what to do about data that must be forgotten.

#[doc = include_str!("first-projection.md")]
pub mod first_projection {}

#[doc = include_str!("concurrency.md")]
pub mod concurrency {}

#[doc = include_str!("schema.md")]
pub mod schema {}

#[doc = include_str!("snapshots.md")]
pub mod snapshots {}

#[doc = include_str!("time-travel.md")]
pub mod time_travel {}

#[doc = include_str!("testing.md")]
pub mod testing {}

#[doc = include_str!("tabs.md")]
pub mod tabs {}

#[doc = include_str!("personal-data.md")]
pub mod personal_data {}
