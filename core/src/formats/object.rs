//! Writing a JSON object member by member, without touching the texts of its values.

use serde_json::value::RawValue;

/// The text of an object under construction.
#[derive(Debug, Default)]
pub(super) struct ObjectText(Vec<u8>);

impl ObjectText {
    fn name(&mut self, name: &str) {
        self.0.push(if self.0.is_empty() { b'{' } else { b',' });
        write_text(&mut self.0, name);
        self.0.push(b':');
    }

    /// Adds a member whose value is a text.
    pub(super) fn text_member(&mut self, name: &str, value: &str) {
        self.name(name);
        write_text(&mut self.0, value);
    }

    /// Adds a member whose value is JSON already.
    pub(super) fn raw_member(&mut self, name: &str, value: &RawValue) {
        self.name(name);
        self.0.extend_from_slice(value.get().as_bytes());
    }

    /// Adds a member whose value is the text of JSON.
    pub(super) fn json_member(&mut self, name: &str, value: &[u8]) {
        self.name(name);
        self.0.extend_from_slice(value);
    }

    /// The text of the object.
    pub(super) fn finish(mut self) -> Vec<u8> {
        if self.0.is_empty() {
            self.0.push(b'{');
        }
        self.0.push(b'}');
        self.0
    }
}

/// Writes `text` as a JSON string. Writing to memory cannot fail, and text cannot be refused.
pub(super) fn write_text(out: &mut Vec<u8>, text: &str) {
    let written = serde_json::to_writer(&mut *out, text);
    debug_assert!(written.is_ok());
}
