//! The words of the field as types. Pure: no clock, no random source, no input or output.

mod commit;
mod decider;
mod decider_projection;
mod error;
mod event;
mod expected;
pub mod limits;
mod names;
mod numbers;
mod projection;
mod query;
mod time;
mod time_text;
mod typed;
mod upcaster;

pub use commit::{Commit, CommitResult, StreamCheck, StreamRange, StreamWrite};
pub use decider::{Aggregate, AggregateDecider, Decider};
pub use decider_projection::DeciderProjection;
pub use error::{InvalidCommit, InvalidEvent, InvalidName, InvalidQuery, InvalidTime};
pub use event::{ContentType, EventId, NewEvent, RecordedEvent};
pub use expected::ExpectedVersion;
pub use names::{EventType, StreamName, Tag};
pub(crate) use names::{category_of, check_name};
pub use numbers::{MAX_NUMBER, Position, SchemaVersion, StreamVersion};
pub use projection::{BoxError, Projection, json_len};
pub use query::{Condition, Query, QueryItem};
pub use time::Timestamp;
pub use typed::{DecodeError, DomainEvent, Typed, UnknownTypes};
pub use upcaster::{JsonUpcaster, Payload, UpcastError, UpcastStep, Upcaster, UpcasterTaken, Upcasters};
