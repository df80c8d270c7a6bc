//! Cutting XML into its elements, in the memory of one tag.
//!
//! Source: XML 1.0, fifth edition. Content other than elements means nothing to XES and is passed over. There is no
//! document type definition, and so no entity but the five that XML has.

use std::borrow::Cow;

use quick_xml::XmlVersion;
use quick_xml::events::BytesStart;
use quick_xml::parser::{CommentParser, ElementParser, Parser, PiParser};

use super::super::error::ImportError;
use super::super::limits::MAX_ROW_BYTES;
use super::super::text::{LineCounter, utf8};

/// Elements that may be open at once.
const MAX_NESTING: usize = 128;

/// Attributes of one tag: XES knows four, and looking for repeats takes the square of their number.
const MAX_TAG_ATTRIBUTES: usize = 128;

const CDATA: &[u8] = b"<![CDATA[";

/// A begin or an end of an element. An element without content is both, one after the other.
#[derive(Debug)]
pub(super) enum Piece<'a> {
    Start(Element<'a>),
    End,
}

/// The begin of an element.
#[derive(Debug)]
pub(super) struct Element<'a> {
    pub(super) line: u64,
    /// Its name without a namespace's prefix.
    pub(super) name: &'a str,
    attributes: Vec<(&'a str, Cow<'a, str>)>,
    /// Bytes of its tag.
    pub(super) bytes: usize,
    path: &'a [String],
}

impl Element<'_> {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(found, _)| *found == name).map(|(_, value)| value.as_ref())
    }

    pub(super) fn error(&self, reason: &str) -> ImportError {
        document_error(self.line, self.path, reason)
    }
}

/// A push parser that gives out elements.
#[derive(Debug)]
pub(super) struct XmlSplitter {
    state: State,
    /// The begin of markup that goes on in the next chunk.
    partial: Vec<u8>,
    /// The line at which that markup begins.
    first_line: u64,
    lines: LineCounter,
    /// The names of the open elements.
    path: Vec<String>,
    /// The root has begun.
    has_root: bool,
    /// The file says that it is in another encoding than UTF-8, and only ASCII is the same in both.
    only_ascii: bool,
    /// The two bytes before, within a CDATA section.
    before: [u8; 2],
}

#[derive(Debug)]
enum State {
    /// Between markup.
    Content,
    /// Markup of a kind that its first bytes do not tell yet.
    Markup,
    Tag(ElementParser),
    Instruction(PiParser),
    Comment(CommentParser),
    Cdata,
}

impl XmlSplitter {
    pub(super) fn new() -> Self {
        Self {
            state: State::Content,
            partial: Vec::new(),
            first_line: 1,
            lines: LineCounter::new(),
            path: Vec::new(),
            has_root: false,
            only_ascii: false,
            before: [0; 2],
        }
    }

    /// Reads the next bytes and hands every piece that is complete to `take`.
    ///
    /// # Errors
    /// What `take` returns; [`ImportError::Document`] where the text is not XML, or has what is refused here;
    /// [`ImportError::Encoding`]. Nothing more may be pushed after an error.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        take: &mut impl FnMut(Piece<'_>) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let end = match &mut self.state {
                State::Content => {
                    let end = memchr::memchr(b'<', rest).unwrap_or(rest.len());
                    self.pass_content(&rest[..end])?;
                    rest = &rest[end..];
                    if !rest.is_empty() {
                        (self.state, self.first_line) = (State::Markup, self.lines.line());
                    }
                    continue;
                }
                State::Markup => {
                    self.partial.push(rest[0]);
                    self.lines.pass(&rest[..1]);
                    rest = &rest[1..];
                    self.tell_kind()?;
                    continue;
                }
                State::Tag(parser) => parser.feed(rest).map(|at| at + 1),
                State::Instruction(parser) => parser.feed(rest).map(|at| at + 1),
                State::Comment(parser) => parser.feed(rest),
                State::Cdata => end_of_cdata(rest, &mut self.before),
            };
            let (part, after) = rest.split_at(end.unwrap_or(rest.len()));
            self.lines.pass(part);
            rest = after;
            if matches!(self.state, State::Tag(_) | State::Instruction(_)) {
                if self.partial.len() + part.len() > MAX_ROW_BYTES {
                    return Err(
                        self.error(&format!("the tag has more than {MAX_ROW_BYTES} bytes; is a quote not closed?"))
                    );
                }
                self.partial.extend_from_slice(part);
            }
            if end.is_some() {
                let markup = std::mem::take(&mut self.partial);
                match std::mem::replace(&mut self.state, State::Content) {
                    State::Tag(_) => self.tag(&markup, take)?,
                    State::Instruction(_) => self.instruction(&markup)?,
                    _ => {}
                }
                self.partial = markup;
                self.partial.clear();
            }
        }
        Ok(())
    }

    /// The document is at its end.
    ///
    /// # Errors
    /// [`ImportError::Document`] when it should go on.
    pub(super) fn finish(&self) -> Result<(), ImportError> {
        if !matches!(self.state, State::Content) || !self.path.is_empty() {
            return Err(self.error_here("the file ends here, in the middle of it; was it cut off?"));
        }
        if self.has_root { Ok(()) } else { Err(self.error_here("there is no element")) }
    }

    /// Text between markup: there is none outside of the root.
    fn pass_content(&mut self, text: &[u8]) -> Result<(), ImportError> {
        let blank = text.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.lines.pass(&text[..blank]);
        if blank < text.len() && self.path.is_empty() {
            return Err(self.error_here("there is text outside of the root element"));
        }
        self.lines.pass(&text[blank..]);
        Ok(())
    }

    /// Looks at the first bytes of markup for its kind.
    fn tell_kind(&mut self) -> Result<(), ImportError> {
        let begin = self.partial.as_slice();
        let kind = match begin {
            [_] => return Ok(()),
            [_, b'?'] => State::Instruction(PiParser::default()),
            [_, b'!', ..] if b"<!--".starts_with(begin) => {
                if begin.len() < 4 {
                    return Ok(());
                }
                State::Comment(CommentParser::default())
            }
            [_, b'!', ..] if CDATA.starts_with(begin) => {
                if begin.len() < CDATA.len() {
                    return Ok(());
                }
                self.before = [0; 2];
                State::Cdata
            }
            [_, b'!', b'D', ..] => {
                return Err(self.error("document type definitions (DOCTYPE) are refused; take it out of the file"));
            }
            [_, b'!', ..] => return Err(self.error("this markup is not XML")),
            [_, b'>', ..] => return Err(self.error("an element has no name")),
            _ => State::Tag(ElementParser::default()),
        };
        if matches!(kind, State::Comment(_) | State::Cdata) {
            self.partial.clear();
        }
        self.state = kind;
        Ok(())
    }

    fn instruction(&mut self, markup: &[u8]) -> Result<(), ImportError> {
        let text = self.text(markup)?;
        let Some(declaration) = text.strip_prefix("<?").and_then(|text| text.strip_suffix("?>")) else { return Ok(()) };
        if !declaration.starts_with("xml") || !declaration[3..].starts_with(|c: char| c.is_ascii_whitespace()) {
            return Ok(());
        }
        let attributes = BytesStart::from_content(declaration, 3);
        for attribute in attributes.attributes().take(MAX_TAG_ATTRIBUTES) {
            let attribute = attribute.map_err(|error| self.error(&error.to_string()))?;
            let is_same = |name: &str| attribute.value.eq_ignore_ascii_case(name);
            if attribute.key.as_ref() == "encoding" && !is_same("utf-8") && !is_same("utf8") {
                self.only_ascii = true;
            }
        }
        Ok(())
    }

    /// A whole tag.
    fn tag(
        &mut self,
        markup: &[u8],
        take: &mut impl FnMut(Piece<'_>) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let text = self.text(markup)?;
        let inner = text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or_default();
        if let Some(name) = inner.strip_prefix('/') {
            let name = name.trim_ascii_end();
            return match self.path.last() {
                Some(open) if open == name => {
                    self.path.pop();
                    take(Piece::End)
                }
                Some(open) => {
                    Err(self.error(&format!("</{}> stands where </{}> is expected", shown(name), shown(open))))
                }
                None => Err(self.error(&format!("</{}> closes an element that is not open", shown(name)))),
            };
        }
        let (inner, is_empty) = inner.strip_suffix('/').map_or((inner, false), |inner| (inner, true));
        let name_len = inner.find(|c: char| c.is_ascii_whitespace()).unwrap_or(inner.len());
        let name = &inner[..name_len];
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, ':' | '_' | '-' | '.');
        if name.is_empty() || !name.chars().all(is_name) {
            return Err(self.error(&format!("\u{201c}{}\u{201d} is no name of an element", shown(name))));
        }
        if self.path.is_empty() && self.has_root {
            return Err(self.error("there is a second root element"));
        }
        if self.path.len() >= MAX_NESTING {
            return Err(self.error(&format!("there are more than {MAX_NESTING} elements in one another")));
        }
        let start = BytesStart::from_content(inner, name_len);
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            if attributes.len() >= MAX_TAG_ATTRIBUTES {
                return Err(self.error(&format!("the tag has more than {MAX_TAG_ATTRIBUTES} attributes")));
            }
            let attribute = attribute.map_err(|error| self.error(&error.to_string()))?;
            let value =
                attribute.normalized_value(XmlVersion::Explicit1_0).map_err(|error| self.error(&error.to_string()))?;
            attributes.push((attribute.key.into_inner(), value));
        }
        self.has_root = true;
        self.path.push(name.to_owned());
        let local = name.rsplit(':').next().unwrap_or(name);
        let (line, bytes) = (self.first_line, markup.len());
        take(Piece::Start(Element { line, name: local, attributes, bytes, path: &self.path }))?;
        if is_empty {
            self.path.pop();
            take(Piece::End)?;
        }
        Ok(())
    }

    fn text<'m>(&self, markup: &'m [u8]) -> Result<&'m str, ImportError> {
        let text = utf8(markup, self.first_line)?;
        if self.only_ascii && !text.is_ascii() {
            let found = "in the other encoding that its first line names";
            return Err(ImportError::Encoding { line: self.first_line, found });
        }
        Ok(text)
    }

    /// An error in the markup.
    fn error(&self, reason: &str) -> ImportError {
        document_error(self.first_line, &self.path, reason)
    }

    /// An error behind what was passed.
    fn error_here(&self, reason: &str) -> ImportError {
        document_error(self.lines.line(), &self.path, reason)
    }
}

fn document_error(line: u64, path: &[String], reason: &str) -> ImportError {
    ImportError::Document { line, path: format!("/{}", path.join("/")), reason: reason.to_owned() }
}

fn shown(name: &str) -> String {
    name.chars().take(64).collect()
}

/// Where `]]>` ends, which may have begun in the bytes `before`.
fn end_of_cdata(bytes: &[u8], before: &mut [u8; 2]) -> Option<usize> {
    for (at, byte) in bytes.iter().enumerate() {
        if *byte == b'>' && before == b"]]" {
            return Some(at + 1);
        }
        *before = [before[1], *byte];
    }
    None
}

/// The local name of the root element of a document that begins with `head`, if that is far enough to tell.
pub(in super::super) fn root_name(head: &[u8]) -> Option<&str> {
    let mut rest = head.trim_ascii_start();
    loop {
        let end = match rest {
            [b'<', b'?', ..] => memchr::memmem::find(rest, b"?>")? + 2,
            [b'<', b'!', b'-', b'-', ..] => memchr::memmem::find(&rest[4..], b"-->")? + 7,
            _ => break,
        };
        rest = rest[end..].trim_ascii_start();
    }
    // What a document type definition would be for; whoever reads the file refuses it by name.
    let name = rest.strip_prefix(b"<!DOCTYPE").map(<[u8]>::trim_ascii_start).or_else(|| rest.strip_prefix(b"<"))?;
    let end = name.iter().position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/' | b'['))?;
    std::str::from_utf8(&name[..end]).ok()?.rsplit(':').next()
}
