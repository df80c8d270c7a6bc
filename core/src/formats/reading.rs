//! The reading of a file that was begun: events while its bytes come, the rest in order at its end, and what was found.

use super::error::ImportError;
use super::import::{EventReader, Interrupted};
use super::intake::{Counts, Intake};
use super::options::{Format, ImportOptions};
use super::order::{Ordered, Placed};
use super::report::ImportReport;
use crate::engine::BulkReport;

/// Events that waited for their order and are given at once.
const REST_EVENTS: usize = 64;

/// The reading of one file.
pub(crate) struct Reading(Stage);

enum Stage {
    /// Its bytes are coming.
    Begun(Box<Intake>),
    /// It is at its end.
    Ended(Ordered, Box<Counts>, Format),
    /// It could not be read to its end.
    Failed,
}

impl Reading {
    /// # Errors
    /// [`ImportError`], when the options cannot be.
    pub(crate) fn new(options: &ImportOptions) -> Result<Self, ImportError> {
        Ok(Self(Stage::Begun(Box::new(Intake::new(options)?))))
    }

    /// What an import did that read this file to its end; asked for once.
    ///
    /// # Errors
    /// [`ImportError::Empty`], when it was not.
    pub(crate) fn report(&mut self, stored: BulkReport) -> Result<ImportReport, ImportError> {
        let Stage::Ended(_, counts, format) = std::mem::replace(&mut self.0, Stage::Failed) else {
            return Err(ImportError::Empty);
        };
        Ok(ImportReport {
            format,
            events: stored.events,
            streams: stored.streams,
            duplicates: stored.duplicates + counts.duplicates,
            skipped: counts.skipped,
            skipped_count: counts.skipped_count,
            remarks: counts.remarks.list,
            remark_count: counts.remarks.count,
            first_position: stored.first_position,
            last_position: stored.last_position,
        })
    }
}

impl EventReader for Reading {
    type Error = ImportError;

    fn push(&mut self, bytes: &[u8], out: &mut Vec<Placed>) -> Result<(), ImportError> {
        match &mut self.0 {
            Stage::Begun(intake) => intake.push(bytes, out),
            _ => Err(ImportError::Empty),
        }
    }

    fn finish(&mut self, out: &mut Vec<Placed>) -> Result<(), ImportError> {
        let Stage::Begun(intake) = std::mem::replace(&mut self.0, Stage::Failed) else {
            return Err(ImportError::Empty);
        };
        let (ordered, counts, format) = intake.finish(out)?;
        self.0 = Stage::Ended(ordered, Box::new(counts), format);
        if out.is_empty() { self.rest(out) } else { Ok(()) }
    }

    fn rest(&mut self, out: &mut Vec<Placed>) -> Result<(), ImportError> {
        if let Stage::Ended(ordered, ..) = &mut self.0 {
            out.extend(ordered.take(REST_EVENTS));
        }
        Ok(())
    }

    fn events(&self) -> u64 {
        match &self.0 {
            Stage::Begun(intake) => intake.events(),
            Stage::Ended(_, counts, _) => counts.events,
            Stage::Failed => 0,
        }
    }
}

impl From<Interrupted> for ImportError {
    fn from(interrupted: Interrupted) -> Self {
        match interrupted {
            Interrupted::Source(reason) => Self::Source { reason },
            Interrupted::Cancelled => Self::Aborted,
            Interrupted::Store(error) => Self::Store(error),
        }
    }
}
