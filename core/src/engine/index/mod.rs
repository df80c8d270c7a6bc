//! The index of the log in memory: at most 64 bytes an event, no payload.

mod chunk;
mod ids;
mod names;
mod search;
mod view;

pub(crate) use search::Search;
pub use view::{CategoryCount, LogView, Row, StreamFilter, StreamInfo, TagCount, TypeCount};
