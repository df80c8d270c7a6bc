//! Cutting one JSON document of any size into items, in the memory of one item.
//!
//! A document is rarely an event; its elements or members are. [`JsonSplitter`] takes the bytes however they are chunked
//! and gives out the text of each item with its place. It follows strings and brackets only: whether the text of an item is
//! JSON is found by whoever parses it. A document is JSON exactly when the splitter has no error and every item is JSON.

mod place;
#[cfg(test)]
mod tests;

use super::error::ImportError;
use super::limits::MAX_ROW_BYTES;
use super::text::{LineCounter, utf8};
use place::{Container, Places};
pub(super) use place::{Item, Key};

/// Brackets that may be open at once, those of the document among them.
const MAX_NESTING: u32 = 128;

/// What a document is cut into.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cut {
    /// A root array into its elements.
    Elements,
    /// A root array into its elements; a root object is one item.
    ElementsOrObject,
    /// A root object into its members; and of these the named ones, when they are arrays, into their elements, and when
    /// they are objects, into their members.
    Members(&'static [&'static str]),
}

/// A push parser that cuts one document into items.
///
/// An item has at most [`MAX_ROW_BYTES`] and lies at most [`MAX_NESTING`] brackets deep. The text given out has no blanks
/// around it.
#[derive(Debug)]
pub(super) struct JsonSplitter {
    cut: Cut,
    state: State,
    places: Places,
    /// The begin of an item or name that goes on in the next chunk.
    partial: Vec<u8>,
    /// The line at which that item or name begins.
    first_line: u64,
    scan: Scan,
    lines: LineCounter,
    /// The named members that were there, a bit for each.
    seen: u64,
}

/// What comes next, blanks aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The root.
    Root,
    /// The first element or name, or the end of the container.
    First,
    /// The next element or name.
    Next,
    /// The rest of a name.
    Name,
    /// A colon.
    Colon,
    /// The value of a member.
    Value,
    /// The rest of an item.
    Item,
    /// A comma, or the end of the container.
    After,
    /// The end of the document.
    End,
}

impl JsonSplitter {
    pub(super) fn new(cut: Cut) -> Self {
        Self::behind(LineCounter::new(), cut)
    }

    /// For a document that begins behind these lines.
    pub(super) fn behind(lines: LineCounter, cut: Cut) -> Self {
        Self {
            cut,
            state: State::Root,
            places: Places::default(),
            partial: Vec::new(),
            first_line: 1,
            scan: Scan::default(),
            lines,
            seen: 0,
        }
    }

    /// Reads the next bytes and hands every item that is complete to `take`.
    ///
    /// # Errors
    /// What `take` returns; [`ImportError::Document`] where the document is none, or is nested too deeply;
    /// [`ImportError::RowTooLong`]; [`ImportError::Encoding`]. Nothing more may be pushed after an error.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        take: &mut impl FnMut(Item<'_>) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let mut rest = bytes;
        while !rest.is_empty() {
            if !matches!(self.state, State::Item | State::Name) {
                let blanks = rest.iter().take_while(|byte| is_blank(**byte)).count();
                self.lines.pass(&rest[..blanks]);
                rest = &rest[blanks..];
                let Some(byte) = rest.first() else { break };
                if self.step(*byte)? {
                    rest = &rest[1..];
                    continue;
                }
            }
            // One byte more than is allowed, so that the limit is met at the same byte whatever the chunks.
            let window = rest.len().min(MAX_ROW_BYTES + 1 - self.partial.len());
            let (len, is_complete) = match self.scan.pass(&rest[..window]) {
                Ok(passed) => passed,
                Err(fault) => {
                    self.lines.pass(&rest[..fault.at]);
                    return Err(self.error(fault.reason));
                }
            };
            let (part, after) = rest.split_at(len);
            self.lines.pass(part);
            rest = after;
            if self.partial.len() + len > MAX_ROW_BYTES {
                return Err(ImportError::RowTooLong {
                    line: self.first_line,
                    path: Some(self.places.path()),
                    limit: MAX_ROW_BYTES,
                    quoted: false,
                });
            }
            if !is_complete {
                self.partial.extend_from_slice(part);
            } else if self.partial.is_empty() {
                self.complete(part, take)?;
            } else {
                let mut whole = std::mem::take(&mut self.partial);
                whole.extend_from_slice(part);
                self.complete(&whole, take)?;
                whole.clear();
                self.partial = whole;
            }
        }
        Ok(())
    }

    /// The document is at its end.
    ///
    /// # Errors
    /// [`ImportError::Empty`] when there was none; [`ImportError::Document`] when it should go on.
    pub(super) fn finish(&self) -> Result<(), ImportError> {
        match self.state {
            State::End => Ok(()),
            State::Root => Err(ImportError::Empty),
            _ => Err(self.error("the file ends here, in the middle of it; was it cut off?")),
        }
    }

    /// A byte between items. Whether it is done with; if not, an item or a name begins with it.
    fn step(&mut self, byte: u8) -> Result<bool, ImportError> {
        match (self.state, byte) {
            (State::Root, _) => return self.open_root(byte),
            (State::First, b']' | b'}') | (State::After, b']' | b'}') => self.close(byte)?,
            (State::After, b',') => {
                self.places.next();
                self.state = State::Next;
            }
            (State::First | State::Next, _) if self.places.is_in_array() => return self.begin(byte),
            (State::First | State::Next, b'"') => {
                (self.state, self.first_line, self.scan) = (State::Name, self.lines.line(), Scan::default());
                return Ok(false);
            }
            (State::First | State::Next, _) => return Err(self.unexpected(byte, "a member name in quotes")),
            (State::Colon, b':') => self.state = State::Value,
            (State::Colon, _) => return Err(self.unexpected(byte, "a colon")),
            (State::Value, b'[' | b'{') if self.is_cut()? => {
                self.places.open(Container::of(byte));
                self.state = State::First;
            }
            (State::Value, _) => return self.begin(byte),
            (State::After, _) => return Err(self.unexpected(byte, "a comma or the closing bracket")),
            (State::End, _) => return Err(self.error("there is more text after the end of the document")),
            (State::Name | State::Item, _) => return Ok(false),
        }
        Ok(true)
    }

    fn open_root(&mut self, byte: u8) -> Result<bool, ImportError> {
        match (self.cut, byte) {
            (Cut::Elements | Cut::ElementsOrObject, b'[') | (Cut::Members(_), b'{') => {
                self.places.open(Container::of(byte));
                self.state = State::First;
                Ok(true)
            }
            (Cut::ElementsOrObject, b'{') => self.begin(byte),
            (Cut::Elements, _) => Err(self.unexpected(byte, "an array")),
            (Cut::ElementsOrObject, _) => Err(self.unexpected(byte, "an array or an object")),
            (Cut::Members(_), _) => Err(self.unexpected(byte, "an object")),
        }
    }

    /// Whether the member that comes is one of those that are cut. One that stands twice would have two histories.
    fn is_cut(&mut self) -> Result<bool, ImportError> {
        let (Cut::Members(names), Some(name)) = (self.cut, self.places.root_member()) else { return Ok(false) };
        let Some(number) = names.iter().position(|cut| *cut == name) else { return Ok(false) };
        let bit = 1_u64.checked_shl(u32::try_from(number).unwrap_or(u32::MAX)).unwrap_or(0);
        if self.seen & bit != 0 {
            return Err(self.error("the member stands twice in the document"));
        }
        self.seen |= bit;
        Ok(true)
    }

    fn begin(&mut self, byte: u8) -> Result<bool, ImportError> {
        if !(is_scalar(byte) || matches!(byte, b'"' | b'[' | b'{')) {
            return Err(self.unexpected(byte, "a value"));
        }
        (self.state, self.first_line) = (State::Item, self.lines.line());
        self.scan = Scan::below(self.places.depth());
        Ok(false)
    }

    fn close(&mut self, byte: u8) -> Result<(), ImportError> {
        if Container::closed_by(byte) != self.places.container() {
            return Err(self.error("the closing bracket is not of the kind of the one that is open"));
        }
        self.places.close();
        self.state = if self.places.depth() == 0 { State::End } else { State::After };
        Ok(())
    }

    /// The whole of a name or an item was passed.
    fn complete(
        &mut self,
        bytes: &[u8],
        take: &mut impl FnMut(Item<'_>) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let mut lines = LineCounter::new();
                lines.pass(&bytes[..error.valid_up_to()]);
                utf8(bytes, self.first_line + lines.line() - 1)?
            }
        };
        if self.state == State::Name {
            let name = serde_json::from_str(text).map_err(|_| self.error("a member name is not a text"))?;
            self.places.set_name(name);
            self.state = State::Colon;
            return Ok(());
        }
        self.state = if self.places.depth() == 0 { State::End } else { State::After };
        take(self.places.item(self.first_line, text))
    }

    fn unexpected(&self, byte: u8, expected: &str) -> ImportError {
        let found = if byte.is_ascii_graphic() {
            format!("\u{201c}{}\u{201d}", char::from(byte))
        } else {
            "another character".to_owned()
        };
        self.error(&format!("{expected} is expected, not {found}"))
    }

    fn error(&self, reason: &str) -> ImportError {
        ImportError::Document { line: self.lines.line(), path: self.places.path(), reason: reason.to_owned() }
    }
}

/// The blanks of JSON.
const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Bytes of numbers, `true`, `false` and `null`.
const fn is_scalar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')
}

/// Finds the end of one value, which may come in several chunks.
#[derive(Debug, Default)]
struct Scan {
    /// The kinds of the open brackets, the innermost in the lowest bit: 1 is an array.
    arrays: u128,
    depth: u32,
    /// Brackets that are open around the value.
    outer: u32,
    is_in_text: bool,
    is_escaped: bool,
    is_in_scalar: bool,
}

struct ScanFault {
    at: usize,
    reason: &'static str,
}

impl Scan {
    fn below(outer: u32) -> Self {
        Self { outer, ..Self::default() }
    }

    /// Passes over `bytes` up to the end of the value: how many belong to it, and whether it ends with them.
    fn pass(&mut self, bytes: &[u8]) -> Result<(usize, bool), ScanFault> {
        let mut at = 0;
        while at < bytes.len() {
            if self.is_in_text {
                let Some(len) = self.rest_of_text(&bytes[at..]) else { return Ok((bytes.len(), false)) };
                at += len;
                if self.depth == 0 {
                    return Ok((at, true));
                }
                continue;
            }
            let byte = bytes[at];
            if self.depth == 0 && is_scalar(byte) {
                self.is_in_scalar = true;
            } else if self.is_in_scalar {
                return Ok((at, true));
            }
            match byte {
                b'"' => self.is_in_text = true,
                b'[' | b'{' => {
                    self.depth += 1;
                    if self.outer + self.depth > MAX_NESTING {
                        return Err(ScanFault { at, reason: "there are more than 128 brackets in one another" });
                    }
                    self.arrays = (self.arrays << 1) | u128::from(byte == b'[');
                }
                b']' | b'}' => {
                    if (self.arrays & 1 == 1) != (byte == b']') {
                        let reason = "the closing bracket is not of the kind of the one that is open";
                        return Err(ScanFault { at, reason });
                    }
                    self.arrays >>= 1;
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Ok((at + 1, true));
                    }
                }
                _ => {}
            }
            at += 1;
        }
        Ok((at, false))
    }

    /// The bytes up to and with the closing quote, if it is there.
    fn rest_of_text(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = usize::from(std::mem::take(&mut self.is_escaped));
        loop {
            at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
            if bytes[at] == b'"' {
                self.is_in_text = false;
                return Some(at + 1);
            }
            if at + 1 == bytes.len() {
                self.is_escaped = true;
                return None;
            }
            at += 2;
        }
    }
}
