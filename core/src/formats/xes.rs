//! XES: logs of process mining, in XML.
//!
//! Source: IEEE 1849-2016, "eXtensible Event Stream (XES) for Achieving Interoperability in Event Logs and Event Streams",
//! and XES 1.0 before it, with their extensions Concept, Lifecycle, Time and Identity. All versions are read alike.
//!
//! - The stream is the trace's `concept:name`, which is the column `case:concept:name` here, as CSV exports of such logs
//!   have it; every attribute of a trace is a column with `case:` before its key.
//! - The type is the event's `concept:name`; where `lifecycle:transition` is there and is not `complete`, the two joined
//!   by `+`, as in `decide+start`. The transition stays in the data too.
//! - The time is `time:timestamp`, the id `identity:id`. A mapping may name other attributes for all of these.
//! - The data is an object of the other attributes of the event, in its order: texts, dates and ids as texts, `int` and
//!   `float` as the number with its digits, `boolean` as a boolean. What JSON cannot write as a number (`NaN`, `INF`,
//!   `n/a`) stays a text. A list is an array of objects with one member each; a container is an object; an attribute
//!   that has attributes is `{"value":…,"attributes":{…}}`.
//! - The attributes of a trace are the metadata of its first event. A trace without events leaves nothing.
//! - What the log says of itself (its own attributes, extensions, classifiers and global attributes) is not kept. Global
//!   attributes are no defaults: an event has what stands in it.
//!
//! An event outside of a trace has no `case:` columns. A key that stands twice in one element is a fault of the event, and
//! so is an attribute of a trace behind its first event, which is left out. Document type definitions are refused, and
//! with them every entity that XML does not have by itself. Comments and processing instructions are passed over.

mod attribute;
mod splitter;

use std::borrow::Cow;
use std::cell::Cell;
use std::rc::Rc;

use hashbrown::HashSet;

use super::error::{ImportError, InvalidRow, RowFault};
use super::format::{Draft, FormatReader, ParsedRow, ReaderSetup, TableShape};
use super::limits::{MAX_ROW_BYTES, MAX_ROW_MEMBERS};
use super::mapper::{Body, Column, Mapped, Row};
use super::named_row::NamedRow;
use super::names::NameIndex;
use super::options::Field;
use super::row_table::{HeldRow, RowTable};
use attribute::{Attribute, Kind, repeated_key, write_object};
pub(super) use splitter::root_name;
use splitter::{Element, Piece, XmlSplitter};

/// What goes before the key of a trace's attribute to make it a column.
const CASE: &str = "case:";
const NAME: &str = "concept:name";
const TRANSITION: &str = "lifecycle:transition";

/// The attributes that the standard has for the fields.
const STANDARD: [(Field, &str); 4] = [
    (Field::Stream, "case:concept:name"),
    (Field::Type, NAME),
    (Field::Time, "time:timestamp"),
    (Field::Id, "identity:id"),
];

/// The reader of XES files.
pub(super) struct XesReader {
    splitter: XmlSplitter,
    log: Log,
    table: RowTable<LoggedEvent>,
}

impl XesReader {
    pub(super) fn new(setup: ReaderSetup) -> Self {
        Self { splitter: XmlSplitter::new(), log: Log::default(), table: RowTable::new(setup) }
    }
}

impl FormatReader for XesReader {
    fn push(&mut self, bytes: &[u8], out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        let Self { splitter, log, table } = self;
        splitter.push(bytes, &mut |piece| {
            let Some(row) = log.take(piece)? else { return Ok(()) };
            if table.take(row, out) { table.settle(&STANDARD, out) } else { Ok(()) }
        })
    }

    fn settle(&mut self, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        self.table.settle(&STANDARD, out)
    }

    fn finish(&mut self, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        self.splitter.finish()?;
        self.table.settle(&STANDARD, out)
    }

    fn shape(&self) -> Option<TableShape<'_>> {
        self.table.shape()
    }
}

/// The attributes of a trace, shared by its events.
#[derive(Debug, Default)]
struct Trace {
    attributes: Vec<Attribute>,
    index: NameIndex,
    /// Bytes of their tags.
    bytes: usize,
    /// An event has them as its metadata already.
    is_told: Cell<bool>,
}

impl Trace {
    /// Adds an attribute; gives it back where its key is there already.
    fn add(&mut self, attribute: Attribute) -> Result<(), Attribute> {
        let Self { attributes, index, .. } = self;
        if !index.insert(&attribute.key, attributes.len(), |number| &attributes[number].key) {
            return Err(attribute);
        }
        attributes.push(attribute);
        Ok(())
    }

    fn attribute(&self, key: &str) -> Option<&Attribute> {
        self.attributes.get(self.index.find(key, |number| &self.attributes[number].key)?)
    }
}

/// An event as it stands in the log.
#[derive(Debug)]
struct LoggedEvent {
    line: u64,
    attributes: Vec<Attribute>,
    trace: Rc<Trace>,
    bytes: usize,
}

impl LoggedEvent {
    fn attribute(&self, column: &str) -> Option<&Attribute> {
        let own = self.attributes.iter().find(|found| found.key == column);
        own.or_else(|| self.trace.attribute(column.strip_prefix(CASE)?))
    }

    fn value(&self, column: &str) -> Option<&str> {
        self.attribute(column)?.value_text()
    }
}

impl NamedRow for LoggedEvent {
    fn sample<'r>(&'r self, take: &mut dyn FnMut(Cow<'r, str>, Option<Cow<'r, str>>)) {
        let mut of_case = HashSet::new();
        for attribute in &self.attributes {
            if attribute.key.starts_with(CASE) {
                of_case.insert(attribute.key.as_str());
            }
            take(Cow::Borrowed(&attribute.key), attribute.value_text().map(Cow::Borrowed));
        }
        for attribute in &self.trace.attributes {
            let name = format!("{CASE}{}", attribute.key);
            if !of_case.contains(name.as_str()) {
                take(Cow::Owned(name), attribute.value_text().map(Cow::Borrowed));
            }
        }
    }

    fn show(&self, columns: &[String], take: &mut dyn FnMut(&str, &dyn Fn() -> String)) {
        // Every event of the trace has its attributes: those are looked up. The event's own outrank them, and come last.
        for name in columns {
            if let Some(attribute) = name.strip_prefix(CASE).and_then(|key| self.trace.attribute(key)) {
                take(name, &|| attribute.shown());
            }
        }
        self.attributes.iter().for_each(|attribute| take(&attribute.key, &|| attribute.shown()));
    }
}

impl HeldRow for LoggedEvent {
    fn path(&self) -> Option<String> {
        None
    }

    fn bytes(&self) -> usize {
        self.bytes + self.trace.bytes
    }

    fn is_drafted(&self, result: &Result<Draft, InvalidRow>) {
        // Metadata that is too large is the fault of one event, not of every event of its trace.
        if !matches!(result, Err(fault) if fault.code != RowFault::TooLarge) {
            self.trace.is_told.set(true);
        }
    }
}

impl Row for LoggedEvent {
    fn line(&self) -> u64 {
        self.line
    }

    fn text(&self, column: &Column) -> Result<Option<Cow<'_, str>>, InvalidRow> {
        let Some(attribute) = self.attribute(&column.name) else { return Ok(None) };
        let Some(text) = attribute.text() else {
            let message = "a list or container cannot be a field";
            return Err(InvalidRow::in_column(self.line, RowFault::WrongKind, &column.name, message));
        };
        if text.is_empty() {
            return Ok(None);
        }
        let transition = if column.name == NAME { self.value(TRANSITION) } else { None };
        Ok(Some(match transition.filter(|transition| !transition.eq_ignore_ascii_case("complete")) {
            Some(transition) => Cow::Owned(format!("{text}+{transition}")),
            None => Cow::Borrowed(text),
        }))
    }

    fn body(&self, mapped: &Mapped) -> Result<Body, InvalidRow> {
        let mut body = Body::default();
        write_object(&mut body.data, self.attributes.iter().filter(|found| !mapped.has_name(&found.key)), "");
        if !self.trace.is_told.get() {
            let is_free = |found: &&Attribute| !mapped.has_name(&format!("{CASE}{}", found.key));
            write_object(&mut body.metadata, self.trace.attributes.iter().filter(is_free), CASE);
        }
        Ok(body)
    }
}

/// Where in the log the reader is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    #[default]
    Outside,
    Log,
    Trace,
    Event,
}

/// From the elements of the log to its events.
#[derive(Debug, Default)]
struct Log {
    place: Place,
    /// Open elements within one that is passed over.
    passed_over: usize,
    /// The attributes that are open, the innermost last.
    open: Vec<Attribute>,
    /// The trace, until its first event.
    head: Option<Trace>,
    /// The trace, from its first event on.
    trace: Option<Rc<Trace>>,
    event: Vec<Attribute>,
    event_line: u64,
    fault: Option<InvalidRow>,
    /// Bytes of what is held of the event, or of the head of the trace; and its attributes.
    bytes: usize,
    attributes: usize,
}

type LoggedRow = Result<LoggedEvent, InvalidRow>;

impl Log {
    /// Takes the next piece. A row is an event, or a fault of its own.
    fn take(&mut self, piece: Piece<'_>) -> Result<Option<LoggedRow>, ImportError> {
        match piece {
            Piece::Start(_) if self.passed_over > 0 => self.passed_over += 1,
            Piece::Start(element) => return self.start(&element),
            Piece::End if self.passed_over > 0 => self.passed_over -= 1,
            Piece::End => return Ok(self.end()),
        }
        Ok(None)
    }

    fn start(&mut self, element: &Element<'_>) -> Result<Option<LoggedRow>, ImportError> {
        if let Some(outer) = self.open.last_mut() {
            match Kind::of(element.name) {
                Some(kind) => return self.open_attribute(kind, element),
                None if element.name == "values" && outer.kind == Kind::List => {
                    self.open.push(Attribute::new(element.line, Kind::Values, "", ""));
                }
                None => self.passed_over = 1,
            }
            return Ok(None);
        }
        match (self.place, element.name) {
            (Place::Outside, "log") => self.place = Place::Log,
            (Place::Outside, _) => {
                return Err(element.error("the root of an XES file is a log"));
            }
            (Place::Log, "trace") => {
                self.place = Place::Trace;
                (self.bytes, self.attributes) = (0, 0);
                self.head = Some(Trace::default());
                self.trace = None;
            }
            (Place::Log | Place::Trace, "event") => {
                if let Some(mut head) = self.head.take() {
                    head.bytes = self.bytes;
                    self.trace = Some(Rc::new(head));
                }
                self.place = Place::Event;
                self.event_line = element.line;
                (self.bytes, self.attributes) = (0, 0);
            }
            (Place::Trace | Place::Event, name) => match Kind::of(name) {
                Some(kind) => return self.open_attribute(kind, element),
                None => self.passed_over = 1,
            },
            (Place::Log, _) => self.passed_over = 1,
        }
        Ok(None)
    }

    fn open_attribute(&mut self, kind: Kind, element: &Element<'_>) -> Result<Option<LoggedRow>, ImportError> {
        let key = element.attribute("key").unwrap_or_default();
        let value = element.attribute("value");
        self.bytes += element.bytes;
        if self.bytes > MAX_ROW_BYTES {
            return Err(
                element.error(&format!("the event, or the head of its trace, has more than {MAX_ROW_BYTES} bytes"))
            );
        }
        self.attributes += 1;
        if self.attributes > MAX_ROW_MEMBERS {
            let message = format!("the event, or the head of its trace, has more than {MAX_ROW_MEMBERS} attributes");
            return Err(element.error(&message));
        }
        let fault = if key.is_empty() {
            let message = format!("the attribute ({}) has no key", element.name);
            Some(InvalidRow::new(element.line, RowFault::MissingValue, message))
        } else if value.is_none() && !matches!(kind, Kind::List | Kind::Container) {
            Some(InvalidRow::in_column(element.line, RowFault::MissingValue, key, "there is no value"))
        } else if self.place == Place::Trace && self.head.is_none() && self.open.is_empty() {
            let message = "an attribute of a trace must stand before its first event";
            Some(InvalidRow::in_column(element.line, RowFault::Misplaced, key, message))
        } else {
            None
        };
        let mut attribute = Attribute::new(element.line, kind, key, value.unwrap_or_default());
        attribute.is_faulty = fault.is_some();
        self.open.push(attribute);
        Ok(fault.and_then(|fault| self.found(fault)))
    }

    /// A fault: of the event, or of its own when it lies outside of events.
    fn found(&mut self, fault: InvalidRow) -> Option<LoggedRow> {
        if self.place == Place::Event {
            self.fault.get_or_insert(fault);
            return None;
        }
        Some(Err(fault))
    }

    fn end(&mut self) -> Option<LoggedRow> {
        if let Some(attribute) = self.open.pop() {
            return self.close_attribute(attribute);
        }
        match self.place {
            Place::Event => {
                let trace = self.trace.clone();
                self.place = if trace.is_some() { Place::Trace } else { Place::Log };
                let attributes = std::mem::take(&mut self.event);
                let line = self.event_line;
                let fault = self.fault.take().or_else(|| {
                    let key = repeated_key(&attributes)?;
                    Some(InvalidRow::in_column(
                        line,
                        RowFault::DuplicateMember,
                        key,
                        "the key stands twice in the event",
                    ))
                });
                return Some(match fault {
                    Some(fault) => Err(InvalidRow { line, ..fault }),
                    None => Ok(LoggedEvent { line, attributes, trace: trace.unwrap_or_default(), bytes: self.bytes }),
                });
            }
            Place::Trace => {
                self.place = Place::Log;
                (self.head, self.trace) = (None, None);
            }
            Place::Log | Place::Outside => self.place = Place::Outside,
        }
        None
    }

    fn close_attribute(&mut self, attribute: Attribute) -> Option<LoggedRow> {
        if attribute.is_faulty {
            return None;
        }
        let is_list = matches!(attribute.kind, Kind::List | Kind::Values);
        if let Some(key) = repeated_key(&attribute.children).filter(|_| !is_list) {
            return self.found_twice(attribute.line, key, "one attribute");
        }
        if let Some(outer) = self.open.last_mut() {
            if attribute.kind == Kind::Values {
                outer.children.extend(attribute.children);
            } else {
                outer.children.push(attribute);
            }
            return None;
        }
        match (self.place, &mut self.head) {
            (Place::Event, _) => self.event.push(attribute),
            (Place::Trace, Some(head)) => {
                if let Err(attribute) = head.add(attribute) {
                    return self.found_twice(attribute.line, &attribute.key, "the trace");
                }
            }
            _ => {}
        }
        None
    }

    fn found_twice(&mut self, line: u64, key: &str, within: &str) -> Option<LoggedRow> {
        let message = format_args!("the key stands twice in {within}");
        let fault = InvalidRow::in_column(line, RowFault::DuplicateMember, key, message);
        self.found(fault)
    }
}
