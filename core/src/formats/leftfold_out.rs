//! Format leftfold out: a header, then the events as lines that lose nothing.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::content::Content;
use super::export::EventWriter;
use super::leftfold_header::{Chain, Header};
use super::recorded_line::RecordedLine;
use crate::domain::{ContentType, RecordedEvent};

/// Writes the lines, and the header once they are written.
#[derive(Debug)]
pub(super) struct LeftfoldWriter {
    store: Uuid,
    chain: Chain,
}

impl LeftfoldWriter {
    pub(super) fn new(store: Uuid) -> Self {
        Self { store, chain: Chain::default() }
    }
}

impl EventWriter for LeftfoldWriter {
    fn event(&mut self, event: &RecordedEvent, out: &mut Vec<u8>) -> bool {
        let mut line = RecordedLine::new(event);
        match event.content() {
            ContentType::Bytes(media_type) => {
                line.content_type = Some(media_type);
                line.data_base64 = Some(STANDARD.encode(event.data()));
            }
            ContentType::Json => match in_one_line(event.data()) {
                Some(data) => line.data = Some(data),
                None => line.data_text = std::str::from_utf8(event.data()).ok(),
            },
        }
        if !event.metadata.is_empty() {
            match in_one_line(&event.metadata) {
                Some(metadata) => line.metadata = Some(metadata),
                None => line.metadata_text = std::str::from_utf8(&event.metadata).ok(),
            }
        }
        if !line.write(out) {
            return false;
        }
        out.push(b'\n');
        self.chain.add(event.id(), &Content::of_recorded(event));
        true
    }

    fn header(&self) -> Vec<u8> {
        Header::new(self.store, &self.chain).line()
    }
}

/// JSON that can stand in a line as it is: no line end in it and no blanks around it, which a parser would not give back.
fn in_one_line(text: &[u8]) -> Option<&RawValue> {
    let raw = serde_json::from_slice::<&RawValue>(text).ok()?;
    (raw.get().len() == text.len() && memchr::memchr2(b'\n', b'\r', text).is_none()).then_some(raw)
}
