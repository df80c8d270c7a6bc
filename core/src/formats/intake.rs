//! From the bytes of a file to the events of the log, without any waiting: reads, settles ids, brings into order.

use super::error::{ImportError, InvalidRow, place};
use super::format::{ParsedRow, Remarks};
use super::ids::Identifier;
use super::options::{Format, ImportOptions, ImportOrder, OnInvalid};
use super::order::{NoTime, Ordered, Orderer, Placed};
use super::parser::Parser;
use super::report::MAX_LISTED_ROWS;

/// The intake of one file.
pub(super) struct Intake {
    parser: Parser,
    identifier: Identifier,
    orderer: Orderer,
    /// The order is the caller's choice, or that of the format.
    is_order_settled: bool,
    on_invalid: OnInvalid,
    rows: Vec<ParsedRow>,
    counts: Counts,
}

/// What was found on the way.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Events read, those left out as duplicates not among them.
    pub(super) events: u64,
    pub(super) duplicates: u64,
    pub(super) skipped: Vec<InvalidRow>,
    pub(super) skipped_count: u64,
    pub(super) remarks: Remarks,
}

impl Intake {
    pub(super) fn new(options: &ImportOptions) -> Result<Self, ImportError> {
        Ok(Self {
            parser: Parser::new(options, false)?,
            identifier: Identifier::default(),
            orderer: Orderer::new(options.order),
            is_order_settled: options.order.is_some(),
            on_invalid: options.on_invalid,
            rows: Vec::new(),
            counts: Counts::default(),
        })
    }

    /// Reads the next bytes. Events that are free to go are added to `out`.
    ///
    /// # Errors
    /// What is wrong with the file; under [`OnInvalid::Stop`] also its first invalid row.
    pub(super) fn push(&mut self, bytes: &[u8], out: &mut Vec<Placed>) -> Result<(), ImportError> {
        let read = self.parser.push(bytes, &mut self.rows);
        self.take_rows(out)?;
        read
    }

    /// The file is at its end: the events that waited for their order, what was found, and the format.
    pub(super) fn finish(mut self, out: &mut Vec<Placed>) -> Result<(Ordered, Counts, Format), ImportError> {
        let read = self.parser.finish(&mut self.rows);
        self.take_rows(out)?;
        read?;
        self.counts.remarks = self.parser.remarks();
        let format = self.parser.format().ok_or(ImportError::Empty)?;
        Ok((self.orderer.finish(), self.counts, format))
    }

    pub(super) fn events(&self) -> u64 {
        self.counts.events
    }

    fn take_rows(&mut self, out: &mut Vec<Placed>) -> Result<(), ImportError> {
        if !self.is_order_settled
            && let Some(detected) = self.parser.detected()
        {
            self.is_order_settled = true;
            if detected.format.is_ordered() {
                self.orderer = Orderer::new(Some(ImportOrder::File));
            }
        }
        for row in self.rows.drain(..) {
            let position = row.result.as_ref().ok().and_then(|draft| draft.position);
            match row.result.and_then(|draft| self.identifier.identify(draft)) {
                Ok(Some(event)) => {
                    self.counts.events += 1;
                    self.orderer.push(event, position, out).map_err(|NoTime| ImportError::NoTimeToOrderBy {
                        reason: format!(
                            "the event in line {}{} has none, or no column is mapped to the time",
                            row.line,
                            place(row.path.as_deref()),
                        ),
                    })?;
                }
                Ok(None) => self.counts.duplicates += 1,
                Err(fault) if self.on_invalid == OnInvalid::Stop => return Err(fault.at_path(row.path).into()),
                Err(fault) => {
                    self.counts.skipped_count += 1;
                    if self.counts.skipped.len() < MAX_LISTED_ROWS {
                        self.counts.skipped.push(fault.at_path(row.path));
                    }
                }
            }
        }
        Ok(())
    }
}
