//! The header of format leftfold, and the hash chain that it names.
//!
//! The chain goes over what the events hold, not over the text of the file: `head(n) = BLAKE3(head(n - 1), id, content)`,
//! where `head(0)` is 32 zero bytes, the id its 16 bytes, and the content stream, type, time, schema version, content
//! type, data, metadata and tags, see [`Content::write`]. Positions, versions and times of recording are not in it: a
//! store gives them. So stores that hold the same events in the same order have the same head.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::content::Content;
use super::error::ImportError;
use crate::domain::EventId;

/// Version of the format that is written here, and the newest that is read.
pub(super) const VERSION: u64 = 1;

/// Bytes of the header line of format leftfold, its line end included: always the same, so that room can be left for it
/// before its events are known.
pub const LEFTFOLD_HEADER_BYTES: usize = 192;

/// How the header line begins, blanks aside; formats are told by it.
pub(super) const BEGIN: &str = "{\"leftfold\":";

/// The head of a hash chain over events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Head([u8; 32]);

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A hash chain that grows event by event.
#[derive(Debug, Default)]
pub(super) struct Chain {
    head: Head,
    events: u64,
    buffer: Vec<u8>,
}

impl Chain {
    pub(super) fn add(&mut self, id: EventId, content: &Content<'_>) {
        self.buffer.clear();
        self.buffer.extend_from_slice(&self.head.0);
        self.buffer.extend_from_slice(id.uuid().as_bytes());
        content.write(&mut self.buffer);
        self.head = Head(*blake3::hash(&self.buffer).as_bytes());
        self.events += 1;
    }

    pub(super) fn events(&self) -> u64 {
        self.events
    }

    pub(super) fn head(&self) -> Head {
        self.head
    }
}

/// The first line of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    leftfold: u64,
    store: String,
    events: u64,
    head: String,
}

impl Header {
    pub(super) fn new(store: Uuid, chain: &Chain) -> Self {
        Self {
            leftfold: VERSION,
            store: store.hyphenated().to_string(),
            events: chain.events,
            head: chain.head.to_string(),
        }
    }

    /// The line, filled up with blanks.
    pub(super) fn line(&self) -> Vec<u8> {
        let mut line = serde_json::to_vec(self).unwrap_or_default();
        debug_assert!(line.len() < LEFTFOLD_HEADER_BYTES);
        line.resize(LEFTFOLD_HEADER_BYTES - 1, b' ');
        line.push(b'\n');
        line
    }

    /// Reads the first line.
    ///
    /// # Errors
    /// [`ImportError::NewerFormat`]; [`ImportError::NoHeader`] when it is no header.
    pub(super) fn parse(line: &str) -> Result<Self, ImportError> {
        #[derive(Deserialize)]
        struct Version {
            leftfold: u64,
        }
        let no_header = |error: serde_json::Error| ImportError::NoHeader { reason: error.to_string() };
        let Version { leftfold } = serde_json::from_str(line).map_err(no_header)?;
        if leftfold != VERSION {
            return Err(ImportError::NewerFormat { found: leftfold, known: VERSION });
        }
        serde_json::from_str(line).map_err(no_header)
    }

    /// Compares the file with its header, now that all of it is read.
    ///
    /// # Errors
    /// [`ImportError::Altered`].
    pub(super) fn verify(&self, chain: &Chain) -> Result<(), ImportError> {
        let reason = if self.events != chain.events() {
            format!("it has {} events, but its header says {}", chain.events(), self.events)
        } else if self.head != chain.head().to_string() {
            format!("the hash chain of its events ends in {}, but its header says {}", chain.head(), shown(&self.head))
        } else {
            return Ok(());
        };
        Err(ImportError::Altered { reason })
    }
}

/// As much of a text as an error has room for.
fn shown(text: &str) -> String {
    text.chars().take(64).collect()
}
