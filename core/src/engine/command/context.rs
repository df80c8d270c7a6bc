//! What comes with a command besides the command.

use std::collections::BTreeMap;

use serde_json::value::{RawValue, to_raw_value};
use uuid::Uuid;

use crate::domain::{DomainEvent, EventId, ExpectedVersion, InvalidEvent, NewEvent, Timestamp};
use crate::storage::Durability;

/// What comes with a command besides the command. By default nothing.
///
/// ```
/// use leftfold_core::{CommandContext, ExpectedVersion};
/// let context = CommandContext::default().correlation_id("checkout-81").expected_version(ExpectedVersion::exact(3));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CommandContext {
    pub(super) command_id: Option<Uuid>,
    pub(super) correlation_id: Option<String>,
    pub(super) causation_id: Option<String>,
    pub(super) expected_version: Option<ExpectedVersion>,
    pub(super) time: Option<Timestamp>,
    pub(super) durability: Option<Durability>,
}

impl CommandContext {
    /// The id of the command, which makes it idempotent: executed again, it stores nothing and answers with the events
    /// of the first time. The ids of its events follow from it (UUID v5), and they are all that is kept of it: a command
    /// that was refused, or on which no event was decided, leaves no trace and is decided anew.
    #[must_use]
    pub fn command_id(mut self, id: Uuid) -> Self {
        self.command_id = Some(id);
        self
    }

    /// What the events belong to, kept as `correlationId` in their metadata, unless the event has set that itself. Without
    /// one it is the id of the command.
    #[must_use]
    pub fn correlation_id(mut self, id: impl Into<String>) -> Self {
        self.correlation_id = Some(id.into());
        self
    }

    /// What caused the command, kept as `causationId` in the metadata of its events, unless the event has set that itself.
    /// Without one it is the id of the command.
    #[must_use]
    pub fn causation_id(mut self, id: impl Into<String>) -> Self {
        self.causation_id = Some(id.into());
        self
    }

    /// What the caller believes of the stream. A conflict is then the caller's to solve, and is not retried. A repeat of a
    /// command that has stored its events is none.
    #[must_use]
    pub fn expected_version(mut self, expected: ExpectedVersion) -> Self {
        self.expected_version = Some(expected);
        self
    }

    /// When the events happened. Without it the clock of the store says so.
    #[must_use]
    pub fn time(mut self, time: Timestamp) -> Self {
        self.time = Some(time);
        self
    }

    /// The durability of the append. Without it the store's own.
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = Some(durability);
        self
    }

    /// The id of the command's event `number` within `scope`.
    pub(super) fn event_id(&self, scope: &str, number: usize) -> Option<EventId> {
        let command = self.command_id?;
        Some(EventId::new(Uuid::new_v5(&command, format!("{number} {scope}").as_bytes())))
    }

    /// Events as they are stored: with ids, time and metadata of the command. `first` is the number of the first of them.
    pub(super) fn dress<E: DomainEvent>(
        &self,
        scope: &str,
        first: usize,
        events: &[E],
    ) -> Result<Vec<NewEvent>, InvalidEvent> {
        let command = self.command_id.map(|id| id.hyphenated().to_string());
        let member = |given: &Option<String>| given.clone().or_else(|| command.clone());
        let members = [("correlationId", member(&self.correlation_id)), ("causationId", member(&self.causation_id))];
        let given: Vec<(&str, String)> = members.into_iter().filter_map(|(name, id)| Some((name, id?))).collect();
        let dress = |(number, event): (usize, &E)| {
            let mut event = event.to_new_event()?;
            if !given.is_empty() {
                event = with_members(event, &given)?;
            }
            if let Some(time) = self.time {
                event = event.with_time(time);
            }
            if let Some(id) = self.event_id(scope, first + number) {
                event = event.with_id(id);
            }
            Ok(event)
        };
        events.iter().enumerate().map(dress).collect()
    }
}

/// The event with these members in its metadata, but for those that it has already.
fn with_members(event: NewEvent, members: &[(&str, String)]) -> Result<NewEvent, InvalidEvent> {
    let not_object = |error: serde_json::Error| InvalidEvent::MetadataNotObject { reason: error.to_string() };
    // Raw values: what the event has set stays as it was written.
    let mut metadata: BTreeMap<String, Box<RawValue>> = match event.metadata() {
        text if text.is_empty() => BTreeMap::new(),
        text => serde_json::from_slice(text).map_err(not_object)?,
    };
    for (name, id) in members {
        if !metadata.contains_key(*name) {
            metadata.insert((*name).to_owned(), to_raw_value(id).map_err(not_object)?);
        }
    }
    event.with_metadata(&metadata)
}
