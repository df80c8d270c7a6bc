//! The ids of imported events, such that a second import of the same file finds every event already stored.
//!
//! An id of the file that is a UUID is kept. Another id text becomes the UUID v5 of the stream (with its category) and
//! the text. A row without an id gets the UUID v5 of its whole content (stream, type, time, schema version, data,
//! metadata, tags) and the number of equal rows before it in the file, so that two equal rows stay two events.

use hashbrown::hash_map::Entry;
use twox_hash::XxHash64;
use uuid::Uuid;

use super::content::{Content, write_bytes};
use super::error::{InvalidRow, RowFault};
use super::format::{Draft, GivenId};
use crate::domain::{EventId, NewEvent, StreamName};
use crate::engine::WideMap;

/// The namespace of every derived id. Changing it would make every file new to every store.
const NAMESPACE: Uuid = Uuid::from_u128(0x6f1c_8a52_39d4_4e0b_9a7e_52c1_d06b_f3a8);

/// What a derived id is derived from: the first byte keeps the two kinds apart.
const OF_CONTENT: u8 = 0;
const OF_TEXT: u8 = 1;

/// Settles the ids of one file, row by row in the file's order.
///
/// It holds 12 to 24 bytes an event.
#[derive(Debug, Default)]
pub(super) struct Identifier {
    /// By hash of the content: how often it was seen. Contents that share a hash only share their numbering.
    repeats: WideMap<u64, u32>,
    /// By id that the file gave: hash of the content.
    given: WideMap<EventId, u64>,
    content: Vec<u8>,
}

impl Identifier {
    /// The event with its id; `None` when it stands in the file already, id and content.
    ///
    /// # Errors
    /// [`RowFault::IdReused`] when an earlier row gave the id to an event of other content.
    pub(super) fn identify(&mut self, draft: Draft) -> Result<Option<(StreamName, NewEvent)>, InvalidRow> {
        let Draft { line, stream, event, id, .. } = draft;
        self.content.clear();
        self.content.push(OF_CONTENT);
        Content::of_new(&stream, &event).write(&mut self.content);
        let hash = XxHash64::oneshot(0, &self.content);
        let Some(given) = id else {
            let repeats = self.repeats.entry(hash).or_insert(0);
            self.content.extend_from_slice(&repeats.to_le_bytes());
            *repeats += 1;
            let id = EventId::new(Uuid::new_v5(&NAMESPACE, &self.content));
            return Ok(Some((stream, event.with_id(id))));
        };
        let id = match &given {
            GivenId::Uuid(id) => *id,
            GivenId::Text(text) => {
                self.content.clear();
                self.content.push(OF_TEXT);
                write_bytes(&mut self.content, stream.as_str().as_bytes());
                write_bytes(&mut self.content, text.as_bytes());
                EventId::new(Uuid::new_v5(&NAMESPACE, &self.content))
            }
        };
        match self.given.entry(id) {
            Entry::Vacant(entry) => {
                entry.insert(hash);
                Ok(Some((stream, event.with_id(id))))
            }
            Entry::Occupied(entry) if *entry.get() == hash => Ok(None),
            Entry::Occupied(_) => {
                let shown: String = match given {
                    GivenId::Uuid(id) => id.to_string(),
                    GivenId::Text(text) => text.chars().take(64).collect(),
                };
                let message = format!(
                    "the id {shown} stands in an earlier row with other content; map no id if it is not the event's own"
                );
                Err(InvalidRow::new(line, RowFault::IdReused, message))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(stream: &str, data: &str, id: Option<&str>) -> Draft {
        let event = NewEvent::json_text("Counted", data.as_bytes().to_vec()).expect("event");
        let id = id.and_then(GivenId::parse);
        Draft { line: 7, stream: StreamName::new(stream).expect("name"), event, id, position: None }
    }

    fn ids(drafts: Vec<Draft>) -> Vec<Option<EventId>> {
        let mut identifier = Identifier::default();
        drafts
            .into_iter()
            .map(|draft| identifier.identify(draft).expect("valid").and_then(|(_, event)| event.id()))
            .collect()
    }

    #[test]
    fn equal_rows_stay_two_events_and_a_second_import_gives_equal_ids() {
        let rows = || vec![draft("a", "1", None), draft("a", "1", None), draft("b", "1", None), draft("a", "1", None)];
        let first = ids(rows());
        assert_eq!(first, ids(rows()));
        let distinct: std::collections::BTreeSet<_> = first.iter().flatten().collect();
        assert_eq!(distinct.len(), 4);
    }

    /// Stored ids rest on this derivation, so it must never drift.
    #[test]
    fn the_derivation_is_pinned() {
        let found = ids(vec![draft("order-1", "{\"a\":1}", None), draft("order-1", "{}", Some("17"))]);
        let shown: Vec<String> = found.iter().flatten().map(ToString::to_string).collect();
        assert_eq!(shown, ["da4469fc-715d-5f26-b897-6e6d58f124d2", "50022683-7b66-552c-83c3-e692427a2414"]);
    }

    #[test]
    fn a_uuid_is_kept_and_other_texts_are_scoped_by_their_stream() {
        let uuid = "0198c0de-0000-7000-8000-000000000001";
        let found = ids(vec![draft("a", "1", Some(uuid)), draft("a", "2", Some("x")), draft("b", "2", Some("x"))]);
        assert_eq!(found[0], EventId::parse(uuid).ok());
        assert_ne!(found[1], found[2]);
    }

    #[test]
    fn words_for_none_are_no_ids() {
        for text in ["", " ", "NA", "null", "None", "n/a", "-", "00000000-0000-0000-0000-000000000000"] {
            assert_eq!(GivenId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_given_id_twice_is_a_duplicate_or_a_fault() {
        let mut identifier = Identifier::default();
        let mut add = |data: &str| identifier.identify(draft("a", data, Some("17"))).map(|found| found.is_some());
        assert_eq!(add("1"), Ok(true));
        assert_eq!(add("1"), Ok(false));
        let fault = add("2").expect_err("reused");
        assert_eq!((fault.line, fault.code), (7, RowFault::IdReused));
    }
}
