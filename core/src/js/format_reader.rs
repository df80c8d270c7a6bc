//! The class of the second module, which reads files: the first one loads it when a file is to be imported. It is no part of
//! the public contract.

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use super::failure::{Describe, Failure};
use super::import_types::{ImportMapping, ImportOptions, ImportOrder, ImportReport, OnInvalid, SkippedRow};
use crate::engine::BulkReport;
use crate::formats::apart::{EventReader, Placed, Reading, pack};
use crate::formats::{self, FieldSource, Format, ImportError, InvalidRow, Mapping};

/// Reads one file.
#[wasm_bindgen(js_name = FormatReader)]
pub struct JsFormatReader {
    reading: Reading,
}

impl std::fmt::Debug for JsFormatReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JsFormatReader").finish_non_exhaustive()
    }
}

#[wasm_bindgen(js_class = FormatReader)]
impl JsFormatReader {
    /// Begins with a file; the options are those of an import as JSON.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &str) -> Result<Self, JsValue> {
        let options: ImportOptions =
            serde_json::from_str(options).map_err(|error| Failure::new("invalid-input", error))?;
        let reading = read(options).and_then(|options| Ok(Reading::new(&options)?))?;
        Ok(Self { reading })
    }

    /// Reads the next bytes, and gives the events that are free to go, packed.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Option<Uint8Array>, JsValue> {
        self.take(|reading, out| reading.push(bytes, out))
    }

    /// The file is at its end; as `push`.
    pub fn finish(&mut self) -> Result<Option<Uint8Array>, JsValue> {
        self.take(Reading::finish)
    }

    /// Some of the events that waited for their order; none once there are no more.
    pub fn rest(&mut self) -> Result<Option<Uint8Array>, JsValue> {
        self.take(Reading::rest)
    }

    /// Events read so far.
    #[wasm_bindgen(getter)]
    pub fn events(&self) -> f64 {
        self.reading.events() as f64
    }

    /// The report of an import that has stored nothing, as JSON, once the file was read to its end.
    pub fn report(&mut self) -> Result<String, JsValue> {
        let report = self.reading.report(BulkReport::default()).map_err(Failure::from)?;
        Ok(serde_json::to_string(&ImportReport::from(report)).map_err(|error| Failure::new("invalid-input", error))?)
    }
}

impl JsFormatReader {
    fn take(
        &mut self,
        read: impl FnOnce(&mut Reading, &mut Vec<Placed>) -> Result<(), ImportError>,
    ) -> Result<Option<Uint8Array>, JsValue> {
        let mut out = Vec::new();
        read(&mut self.reading, &mut out).map_err(Failure::from)?;
        Ok((!out.is_empty()).then(|| Uint8Array::from(pack(&out).as_slice())))
    }
}

fn read(options: ImportOptions) -> Result<formats::ImportOptions, Failure> {
    Ok(formats::ImportOptions {
        format: Format::parse(options.format.as_deref().unwrap_or("auto"))?,
        mapping: options.mapping.unwrap_or_default().into(),
        category: options.category,
        order: options.order.map(|order| match order {
            ImportOrder::Time => formats::ImportOrder::Time,
            ImportOrder::File => formats::ImportOrder::File,
        }),
        on_invalid: match options.on_invalid.unwrap_or_default() {
            OnInvalid::Stop => formats::OnInvalid::Stop,
            OnInvalid::Skip => formats::OnInvalid::Skip,
        },
    })
}

impl From<ImportMapping> for Mapping {
    fn from(mapping: ImportMapping) -> Self {
        let source = |name: Option<String>| name.map(|name| FieldSource::from(name.as_str()));
        Self {
            stream: source(mapping.stream),
            event_type: source(mapping.r#type),
            time: source(mapping.time),
            id: source(mapping.id),
            schema_version: source(mapping.schema_version),
        }
    }
}

impl From<formats::ImportReport> for ImportReport {
    fn from(report: formats::ImportReport) -> Self {
        let row = |row: InvalidRow| SkippedRow {
            line: row.line,
            code: row.code.to_string(),
            message: match row.path {
                Some(path) => format!("{path}: {}", row.message),
                None => row.message,
            },
        };
        Self {
            format: report.format.name().to_owned(),
            events: report.events,
            streams: report.streams,
            duplicates: report.duplicates,
            skipped: report.skipped.into_iter().map(row).collect(),
            remarks: report.remarks.into_iter().map(row).collect(),
            first_position: report.first_position.get(),
            last_position: report.last_position.get(),
        }
    }
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        let failure = Self::new(error.code(), &error);
        match error {
            ImportError::UnsupportedFormat { found } => failure.with("found", found),
            ImportError::UnknownFormat { name } => failure.with("format", name),
            ImportError::Encoding { line, .. } => failure.with("line", line),
            ImportError::TooManyColumns { line, limit, .. } => failure.with("line", line).with("limit", limit),
            ImportError::RowTooLong { line, path, limit, .. } | ImportError::TooMuchToHold { line, path, limit } => {
                with_path(failure, path).with("line", line).with("limit", limit)
            }
            ImportError::Document { line, path, .. } => failure.with("line", line).with("path", path),
            ImportError::InvalidRow(row) => row.describe(failure),
            ImportError::NoColumn { field, columns } => failure.with("member", field.name()).with("columns", columns),
            ImportError::NotOfFormat { format, column, columns } => {
                failure.with("format", format.name()).with("column", column).with("columns", columns)
            }
            ImportError::UnknownColumn { field, column, columns } => {
                failure.with("member", field.name()).with("column", column).with("columns", columns)
            }
            ImportError::InvalidConstant { field, .. } => failure.with("member", field.name()),
            ImportError::InvalidCategory { .. } => failure.with("member", "category"),
            ImportError::NoTimeToOrderBy { .. } => failure.with("member", "order"),
            ImportError::NewerFormat { found, known } => failure.with("found", found).with("known", known),
            ImportError::NoHeader { .. } => failure.with("line", 1),
            ImportError::Altered { reason } => failure.with("reason", reason),
            ImportError::Source { reason } => failure.with("reason", reason),
            ImportError::Store(error) => error.into(),
            ImportError::Empty | ImportError::Aborted => failure,
        }
    }
}

fn with_path(failure: Failure, path: Option<String>) -> Failure {
    match path {
        Some(path) => failure.with("path", path),
        None => failure,
    }
}

impl Describe for InvalidRow {
    fn describe(&self, failure: Failure) -> Failure {
        let failure = with_path(failure, self.path.clone()).with("line", self.line).with("fault", self.code.as_str());
        match &self.column {
            Some(column) => failure.with("column", column),
            None => failure,
        }
    }
}
