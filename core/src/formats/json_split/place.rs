//! Where in a document an item stands.

use std::fmt::Write;

/// One item of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::formats) struct Item<'a> {
    /// The member of the root that it is an element or member of; `None` for an element or member of the root, and for
    /// the root itself.
    pub(in crate::formats) within: Option<&'a str>,
    pub(in crate::formats) key: Key<'a>,
    /// The line at which it begins, from 1.
    pub(in crate::formats) line: u64,
    /// Its text, as it stands in the document.
    pub(in crate::formats) text: &'a str,
}

/// Which item of its container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::formats) enum Key<'a> {
    /// It is the document.
    Root,
    /// The element with this number, from 0.
    Index(u64),
    /// The member of this name.
    Name(&'a str),
}

impl Item<'_> {
    /// The place as a JSON path (RFC 9535): `$.events[17]`.
    pub(in crate::formats) fn path(&self) -> String {
        let mut path = "$".to_owned();
        if let Some(within) = self.within {
            write_key(&mut path, Key::Name(within));
        }
        write_key(&mut path, self.key);
        path
    }
}

fn write_key(path: &mut String, key: Key<'_>) {
    let written = match key {
        Key::Root => Ok(()),
        Key::Index(index) => write!(path, "[{index}]"),
        Key::Name(name) if is_plain(name) => write!(path, ".{name}"),
        Key::Name(name) => write!(path, "[{}]", serde_json::Value::from(name)),
    };
    debug_assert!(written.is_ok());
}

/// A name that a path can hold without quotes.
fn is_plain(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    name.bytes().next().is_some_and(is_letter) && name.bytes().all(|byte| is_letter(byte) || byte.is_ascii_digit())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    Array,
    Object,
}

impl Container {
    pub(super) const fn of(bracket: u8) -> Self {
        if bracket == b'[' { Self::Array } else { Self::Object }
    }

    pub(super) const fn closed_by(bracket: u8) -> Self {
        if bracket == b']' { Self::Array } else { Self::Object }
    }
}

/// The containers that are open, outermost first: the root, and within it a member that is cut.
#[derive(Debug, Default)]
pub(super) struct Places {
    open: Vec<Open>,
}

#[derive(Debug)]
struct Open {
    container: Container,
    index: u64,
    /// The name of the member that comes, or came last.
    name: Option<String>,
}

impl Open {
    fn key(&self) -> Key<'_> {
        match (self.container, &self.name) {
            (Container::Array, _) => Key::Index(self.index),
            (Container::Object, Some(name)) => Key::Name(name),
            (Container::Object, None) => Key::Root,
        }
    }
}

impl Places {
    pub(super) fn depth(&self) -> u32 {
        u32::try_from(self.open.len()).unwrap_or(u32::MAX)
    }

    /// The innermost open container.
    pub(super) fn container(&self) -> Container {
        self.open.last().map_or(Container::Object, |open| open.container)
    }

    pub(super) fn is_in_array(&self) -> bool {
        self.container() == Container::Array
    }

    /// The member of the root that comes.
    pub(super) fn root_member(&self) -> Option<&str> {
        match self.open.as_slice() {
            [root] => root.name.as_deref(),
            _ => None,
        }
    }

    pub(super) fn open(&mut self, container: Container) {
        self.open.push(Open { container, index: 0, name: None });
    }

    pub(super) fn close(&mut self) {
        self.open.pop();
    }

    /// A comma was passed: the next element or member comes.
    pub(super) fn next(&mut self) {
        if let Some(open) = self.open.last_mut() {
            open.index += 1;
            open.name = None;
        }
    }

    pub(super) fn set_name(&mut self, name: String) {
        if let Some(open) = self.open.last_mut() {
            open.name = Some(name);
        }
    }

    pub(super) fn item<'a>(&'a self, line: u64, text: &'a str) -> Item<'a> {
        let within = match self.open.as_slice() {
            [root, _] => root.name.as_deref(),
            _ => None,
        };
        Item { within, key: self.open.last().map_or(Key::Root, Open::key), line, text }
    }

    /// The path of what comes, or came last.
    pub(super) fn path(&self) -> String {
        self.item(0, "").path()
    }
}
