//! What is stored of a projection, and under which keys.
//!
//! Under `NAME 00 00` stands the head record: the generations and how far each is. Under `NAME 00 01 GENERATION PARTITION`
//! (the generation as a big-endian `u32`) stand the partitions of the read models, as the JSON of their states.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::domain::Position;
use crate::storage::KeyRange;
use crate::storage::codec::{unwrap, wrap};

/// Where and why a projection stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectionFailure {
    /// The event that it could not fold.
    pub position: Position,
    /// The type of that event.
    pub event_type: String,
    /// What the application's code said.
    pub message: String,
    /// The line of the projection's text, from 1, where it is made of text and the line is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The column, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u64>,
}

/// An event that was left out on purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedEvent {
    /// Where it stands.
    pub position: Position,
    /// Why it was left out.
    pub reason: String,
}

/// What a projection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProjectionState {
    /// A read model is built from the start.
    Rebuilding,
    /// It folds what comes.
    Following,
    /// It has stopped at an event.
    Failed,
    /// It was stopped here; another handle may go on.
    Stopped,
}

/// How a projection stands.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ProjectionStatus {
    /// Every event up to here is in the read model that answers.
    pub checkpoint: Position,
    /// Positions between that and the head.
    pub lag: u64,
    /// What it is doing.
    pub state: ProjectionState,
    /// Why it has stopped, if it has.
    pub failure: Option<ProjectionFailure>,
    /// The version of the read model that answers.
    pub version: u32,
    /// How far the read model is that is being built, while one is.
    pub rebuilding_at: Option<Position>,
    /// Events that were left out on purpose.
    pub skipped: Vec<SkippedEvent>,
    /// Whether this handle runs it.
    pub is_running_here: bool,
    /// Events a second that this handle folded when it was last at work; 0 when it has not been.
    pub events_per_second: f64,
}

/// One read model of a projection: the one that answers, or one that is being built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Generation {
    pub(super) number: u32,
    /// The version of the projection that built it.
    pub(super) version: u32,
    pub(super) checkpoint: Position,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) failure: Option<ProjectionFailure>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) skipped: Vec<SkippedEvent>,
}

impl Generation {
    pub(super) fn new(number: u32, version: u32) -> Self {
        Self { number, version, checkpoint: Position::ZERO, failure: None, skipped: Vec::new() }
    }
}

/// The head record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Head {
    /// What answers.
    pub(super) active: Generation,
    /// What will answer once it has caught up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) building: Option<Generation>,
    /// Numbers below were given to generations.
    pub(super) next_generation: u32,
}

impl Head {
    pub(super) fn new(version: u32) -> Self {
        Self { active: Generation::new(1, version), building: None, next_generation: 2 }
    }

    /// Begins another read model beside the one that answers.
    pub(super) fn begin_building(&mut self, version: u32) {
        self.building = Some(Generation::new(self.next_generation, version));
        self.next_generation += 1;
    }

    pub(super) fn generation_mut(&mut self, number: u32) -> Option<&mut Generation> {
        match &mut self.building {
            Some(building) if building.number == number => Some(building),
            _ if self.active.number == number => Some(&mut self.active),
            _ => None,
        }
    }

    pub(super) fn encode(&self) -> Bytes {
        // Numbers and strings can always be written.
        wrap(&serde_json::to_vec(self).unwrap_or_default())
    }

    pub(super) fn decode(record: &Bytes) -> Option<Self> {
        serde_json::from_slice(&unwrap(record)?).ok()
    }
}

/// The keys of one projection. Its name holds no control character.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    prefix: Vec<u8>,
}

impl Keys {
    pub(super) fn new(name: &str) -> Self {
        let mut prefix = name.as_bytes().to_vec();
        prefix.push(0);
        Self { prefix }
    }

    fn with(&self, rest: &[&[u8]]) -> Bytes {
        let mut key = self.prefix.clone();
        rest.iter().for_each(|part| key.extend_from_slice(part));
        key.into()
    }

    pub(super) fn head(&self) -> Bytes {
        self.with(&[&[0]])
    }

    pub(super) fn partition(&self, generation: u32, partition: &str) -> Bytes {
        self.with(&[&[1], &generation.to_be_bytes(), partition.as_bytes()])
    }

    /// The name of the partition that a key of the generation stands for.
    pub(super) fn name_of(&self, key: &[u8]) -> Option<String> {
        String::from_utf8(key.get(self.prefix.len() + 5..)?.to_vec()).ok()
    }

    /// Everything of one generation.
    pub(super) fn generation(&self, number: u32) -> KeyRange {
        let before = match number.checked_add(1) {
            Some(next) => self.with(&[&[1], &next.to_be_bytes()]),
            None => self.with(&[&[2]]),
        };
        KeyRange { from: self.with(&[&[1], &number.to_be_bytes()]), before }
    }

    /// Every read model, of whatever generation.
    pub(super) fn generations(&self) -> KeyRange {
        KeyRange { from: self.with(&[&[1]]), before: self.with(&[&[2]]) }
    }
}
