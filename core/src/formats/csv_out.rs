//! CSV out: RFC 4180, with a header, and a row for every event.
//!
//! `data` and `metadata` are their JSON texts, `tags` an array of texts; data that is bytes is base64, and `content_type`
//! says so.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use csv_core::{Terminator, WriteResult, Writer, WriterBuilder};

use super::export::EventWriter;
use crate::domain::{ContentType, RecordedEvent};

/// The columns, in their order.
pub(super) const COLUMNS: [&str; 12] = [
    "position",
    "stream",
    "version",
    "id",
    "type",
    "schema_version",
    "time",
    "recorded_at",
    "tags",
    "content_type",
    "data",
    "metadata",
];

/// Writes the rows.
pub(super) struct CsvWriter(Writer);

impl CsvWriter {
    pub(super) fn new() -> Self {
        Self(WriterBuilder::new().terminator(Terminator::CRLF).build())
    }

    fn row(&mut self, cells: [&[u8]; COLUMNS.len()], out: &mut Vec<u8>) {
        for (number, cell) in cells.into_iter().enumerate() {
            if number > 0 {
                self.write(out, 2, |writer, out| {
                    let (result, written) = writer.delimiter(out);
                    (result, 0, written)
                });
            }
            let mut rest = cell;
            self.write(out, cell.len() + 2, |writer, out| {
                let (result, read, written) = writer.field(rest, out);
                rest = &rest[read..];
                (result, read, written)
            });
        }
        self.write(out, 3, |writer, out| {
            let (result, written) = writer.terminator(out);
            (result, 0, written)
        });
    }

    /// Takes a step until it has found room for all that it writes.
    fn write(
        &mut self,
        out: &mut Vec<u8>,
        room: usize,
        mut step: impl FnMut(&mut Writer, &mut [u8]) -> (WriteResult, usize, usize),
    ) {
        let mut room = room.max(16);
        loop {
            let start = out.len();
            out.resize(start + room, 0);
            let (result, _, written) = step(&mut self.0, &mut out[start..]);
            out.truncate(start + written);
            match result {
                WriteResult::InputEmpty => return,
                WriteResult::OutputFull => room *= 2,
            }
        }
    }
}

impl std::fmt::Debug for CsvWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CsvWriter")
    }
}

impl EventWriter for CsvWriter {
    fn begin(&mut self, out: &mut Vec<u8>) {
        self.row(COLUMNS.map(str::as_bytes), out);
    }

    fn event(&mut self, event: &RecordedEvent, out: &mut Vec<u8>) -> bool {
        let tags = if event.tags().is_empty() {
            String::new()
        } else {
            serde_json::to_string(event.tags()).unwrap_or_default()
        };
        let encoded;
        let (content_type, data) = match event.content() {
            ContentType::Json => ("", event.data()),
            ContentType::Bytes(media_type) => {
                encoded = STANDARD.encode(event.data());
                (&**media_type, encoded.as_bytes())
            }
        };
        let cells = [
            event.position().get().to_string(),
            event.stream().as_str().to_owned(),
            event.version().get().to_string(),
            event.id().to_string(),
            event.event_type().as_str().to_owned(),
            event.schema_version().0.to_string(),
            event.time().to_string(),
            event.recorded_at().to_string(),
        ];
        let [position, stream, version, id, event_type, schema_version, time, recorded_at] = &cells;
        let cells = [position, stream, version, id, event_type, schema_version, time, recorded_at, &tags];
        let [a, b, c, d, e, f, g, h, tags] = cells.map(|cell| cell.as_bytes());
        self.row([a, b, c, d, e, f, g, h, tags, content_type.as_bytes(), data, &event.metadata], out);
        true
    }
}
