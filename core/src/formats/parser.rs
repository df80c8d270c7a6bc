//! From the bytes of a file to its rows: detects the format, then lets the reader of that format read.

use super::detect::{Detected, HEAD_BYTES, detect};
use super::dialect::Dialects;
use super::error::ImportError;
use super::format::{FormatReader, ParsedRow, ReaderSetup, Remarks, TableShape, reader};
use super::limits::MAX_HELD_BYTES;
use super::options::{Format, ImportOptions, Mapping};
use crate::domain::StreamName;

/// Reads one file of whatever format.
pub(super) struct Parser {
    options: ImportOptions,
    keep_cells: bool,
    max_held_bytes: usize,
    stage: Stage,
}

enum Stage {
    /// The head, until there is enough of it.
    Head(Vec<u8>),
    Reading(Detected, Box<dyn FormatReader>),
}

impl Parser {
    /// # Errors
    /// [`ImportError::InvalidCategory`].
    pub(super) fn new(options: &ImportOptions, keep_cells: bool) -> Result<Self, ImportError> {
        if let Some(category) = &options.category {
            let refuse = |reason: &str| {
                Err(ImportError::InvalidCategory { category: category.clone(), reason: reason.to_owned() })
            };
            if category.contains('-') {
                return refuse("a category ends at the first \u{201c}-\u{201d} of a stream name");
            }
            if let Err(error) = StreamName::new(category) {
                return refuse(&error.to_string());
            }
        }
        Ok(Self {
            options: options.clone(),
            keep_cells,
            max_held_bytes: MAX_HELD_BYTES,
            stage: Stage::Head(Vec::new()),
        })
    }

    /// With another limit on what is held.
    #[cfg(test)]
    pub(super) fn holding(self, max_held_bytes: usize) -> Self {
        Self { max_held_bytes, ..self }
    }

    /// Reads the next bytes; complete rows are added to `out`.
    pub(super) fn push(&mut self, bytes: &[u8], out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        match &mut self.stage {
            Stage::Reading(_, reader) => reader.push(bytes, out),
            Stage::Head(head) => {
                let (to_head, rest) = bytes.split_at(bytes.len().min(HEAD_BYTES - head.len()));
                head.extend_from_slice(to_head);
                if head.len() < HEAD_BYTES {
                    return Ok(());
                }
                let reader = self.begin(false, out)?;
                reader.push(rest, out)
            }
        }
    }

    /// Gives out what can be known now, as if the guesses need no more rows. A row that is not complete stays back.
    pub(super) fn settle(&mut self, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        self.begin(false, out)?.settle(out)
    }

    /// The file is at its end.
    pub(super) fn finish(&mut self, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        self.begin(true, out)?.finish(out)
    }

    /// What the file turned out to be, once that is known.
    pub(super) fn detected(&self) -> Option<Detected> {
        match &self.stage {
            Stage::Head(_) => None,
            Stage::Reading(detected, _) => Some(*detected),
        }
    }

    /// The format that the file turned out to be in: that of a table, where it holds rows of one.
    pub(super) fn format(&self) -> Option<Format> {
        match &self.stage {
            Stage::Head(_) => None,
            Stage::Reading(detected, reader) => Some(reader.dialect().unwrap_or(detected.format)),
        }
    }

    /// The columns and their mapping, once they are known.
    pub(super) fn shape(&self) -> Option<TableShape<'_>> {
        match &self.stage {
            Stage::Head(_) => None,
            Stage::Reading(_, reader) => reader.shape(),
        }
    }

    /// What was kept although something is wrong with it, at the end of the file.
    pub(super) fn remarks(&mut self) -> Remarks {
        match &mut self.stage {
            Stage::Head(_) => Remarks::default(),
            Stage::Reading(_, reader) => reader.remarks(),
        }
    }

    /// Ends the head stage, if it has not ended yet.
    fn begin(&mut self, is_whole: bool, out: &mut Vec<ParsedRow>) -> Result<&mut dyn FormatReader, ImportError> {
        if let Stage::Head(head) = &mut self.stage {
            let head = std::mem::take(head);
            let detected = detect(&head, is_whole, self.options.format)?;
            let setup = ReaderSetup {
                delimiter: detected.delimiter,
                mapping: self.options.mapping.clone(),
                category: self.options.category.clone(),
                dialects: match self.options.format {
                    Some(format) if format.is_dialect() => Dialects::Only(format),
                    None if self.options.mapping == Mapping::default() => Dialects::ByColumns,
                    _ => Dialects::None,
                },
                keep_cells: self.keep_cells,
                max_held_bytes: self.max_held_bytes,
            };
            let mut reader = reader(detected, setup);
            reader.push(&head[detected.bom_bytes..], out)?;
            self.stage = Stage::Reading(detected, reader);
        }
        match &mut self.stage {
            Stage::Reading(_, reader) => Ok(reader.as_mut()),
            Stage::Head(_) => Err(ImportError::Empty),
        }
    }
}
