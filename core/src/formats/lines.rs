//! Cutting a text into lines, in the memory of one line.

use super::error::ImportError;
use super::text::utf8;

/// Cuts bytes at line feeds; a line may begin in one chunk and end in another.
#[derive(Debug)]
pub(super) struct LineCutter {
    /// The begin of a line that goes on in the next chunk.
    partial: Vec<u8>,
    line: u64,
    max_bytes: usize,
}

impl LineCutter {
    /// Cuts lines of at most `max_bytes`, the first of which has the number `line`.
    pub(super) const fn behind(line: u64, max_bytes: usize) -> Self {
        Self { partial: Vec::new(), line, max_bytes }
    }

    /// Reads the next bytes and hands every line that is complete, with its number, to `take`.
    ///
    /// # Errors
    /// What `take` returns; [`ImportError::RowTooLong`]; [`ImportError::Encoding`].
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        take: &mut impl FnMut(u64, &str) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let mut rest = bytes;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let (line, after) = (&rest[..end], &rest[end + 1..]);
            rest = after;
            if self.partial.is_empty() {
                self.complete(line, take)?;
            } else {
                let mut whole = std::mem::take(&mut self.partial);
                whole.extend_from_slice(line);
                self.complete(&whole, take)?;
                whole.clear();
                self.partial = whole;
            }
        }
        self.partial.extend_from_slice(rest);
        if self.partial.len() > self.max_bytes { Err(self.too_long()) } else { Ok(()) }
    }

    /// The text is at its end: what is left is the last line.
    pub(super) fn finish(
        &mut self,
        take: &mut impl FnMut(u64, &str) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let last = std::mem::take(&mut self.partial);
        self.complete(&last, take)
    }

    fn complete(
        &mut self,
        bytes: &[u8],
        take: &mut impl FnMut(u64, &str) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        if bytes.len() > self.max_bytes {
            return Err(self.too_long());
        }
        take(self.line, utf8(bytes, self.line)?)?;
        self.line += 1;
        Ok(())
    }

    fn too_long(&self) -> ImportError {
        ImportError::RowTooLong { line: self.line, path: None, limit: self.max_bytes, quoted: false }
    }
}
