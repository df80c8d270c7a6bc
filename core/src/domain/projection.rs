//! Projections: folds from events to a read model.

use std::borrow::Cow;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Query, RecordedEvent};

/// An error of the application's own code.
pub type BoxError = Box<dyn std::error::Error>;

/// A named, versioned fold from events to a read model.
///
/// The same events must always give the same read model: no clock, no random source, nothing but the event. Events
/// come in the order of the log, each lifted by the upcasters of its store. The query is matched against what is
/// stored: an upcaster that renames a type renames it for [`apply`](Self::apply), not for the query.
///
/// A read model is kept apart for each partition. A projection that does not say otherwise has one, with the empty name.
///
/// ```
/// use leftfold_core::{BoxError, Projection, Query, QueryItem, RecordedEvent};
/// use serde::{Deserialize, Serialize};
///
/// /// Units placed in orders.
/// struct UnitsOrdered;
///
/// #[derive(Clone, Default, Serialize, Deserialize)]
/// struct Units(u64);
///
/// #[derive(Deserialize)]
/// struct OrderPlaced { units: u64 }
///
/// impl Projection for UnitsOrdered {
///     type State = Units;
///
///     fn name(&self) -> &str { "units-ordered" }
///     fn query(&self) -> Query { QueryItem::of_types(["OrderPlaced"]).expect("a name").into() }
///     fn initial(&self) -> Units { Units::default() }
///     fn apply(&self, state: &mut Units, event: &RecordedEvent) -> Result<(), BoxError> {
///         state.0 += event.json::<OrderPlaced>()?.units;
///         Ok(())
///     }
/// }
/// ```
pub trait Projection {
    /// The read model, or one partition of it. Cheap clones make timelines cheap: persistent collections, such as
    /// those of the crate `imbl`, share what did not change.
    type State: Clone + Serialize + DeserializeOwned;

    /// The name, unique in its store: 1 to 255 bytes of UTF-8 without control characters.
    fn name(&self) -> &str;

    /// The version of the fold. A greater one builds the read model anew.
    fn version(&self) -> u32 {
        1
    }

    /// Which events are folded. Default: every event.
    fn query(&self) -> Query {
        Query::everything()
    }

    /// The read model before the first event.
    fn initial(&self) -> Self::State;

    /// The partition that an event belongs to; `None` leaves the event out.
    ///
    /// # Errors
    /// What the application's own code says; it fails the projection, as one of [`apply`](Self::apply) does.
    fn partition<'e>(&self, event: &'e RecordedEvent) -> Result<Option<Cow<'e, str>>, BoxError> {
        let _ = event;
        Ok(Some(Cow::Borrowed("")))
    }

    /// Folds an event into the read model. After an error the state is thrown away, half changed or not.
    ///
    /// It must not call the store and wait for the answer (`block_on`, `now_or_never`): the store is at work here, and
    /// what it would wait for may be this very call.
    ///
    /// # Errors
    /// What the application's own code says. It stops this projection at this event, and no other.
    fn apply(&self, state: &mut Self::State, event: &RecordedEvent) -> Result<(), BoxError>;

    /// Told which events come next, before they are given one by one.
    fn prepare(&self, events: &[RecordedEvent]) {
        let _ = events;
    }

    /// About how many bytes `state` needs beside `before`, which is kept already. A timeline asks it of what it keeps.
    ///
    /// Default: the length of the state as JSON, as if nothing were shared. A state that shares its structure should
    /// answer for itself.
    fn kept_bytes(&self, state: &Self::State, before: Option<&Self::State>) -> usize {
        let _ = before;
        json_len(state)
    }
}

/// The number of bytes that a value takes as JSON; zero for what cannot be written.
#[must_use]
pub fn json_len<T: Serialize + ?Sized>(value: &T) -> usize {
    struct Counter(usize);
    impl std::io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter(0);
    match serde_json::to_writer(&mut counter, value) {
        Ok(()) => counter.0,
        Err(_) => 0,
    }
}
