//! What a form is made from.

/// A command as a form shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommandSchema {
    /// The name of the command, as its enum has it.
    pub name: &'static str,
    /// What the form calls it.
    pub label: &'static str,
    /// What it does, in a sentence.
    pub help: &'static str,
    /// Its fields, in the order of the form.
    pub fields: &'static [FieldSchema],
}

/// A field of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldSchema {
    /// The name of the member.
    pub name: &'static str,
    /// What the form calls it.
    pub label: &'static str,
    /// What belongs there; may be empty.
    pub help: &'static str,
    /// What can be typed.
    pub kind: FieldKind,
    /// What stands there before anything is typed.
    pub initial: Initial,
}

/// What can be typed into a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// A text, never an empty one.
    Text {
        /// At most so many characters.
        max_chars: usize,
        /// What is offered.
        suggests: Suggests,
    },
    /// A whole number.
    Number {
        /// At least this.
        min: u32,
        /// At most this.
        max: u32,
    },
    /// One of some words.
    Choice {
        /// The words.
        options: &'static [&'static str],
    },
    /// Any number of lines, each with the same fields. Lines do not nest.
    Lines {
        /// What one line is called.
        noun: &'static str,
        /// The fields of a line.
        fields: &'static [FieldSchema],
    },
}

/// What a text field offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suggests {
    /// Nothing.
    Nothing,
    /// These words.
    Words(&'static [&'static str]),
    /// The streams of a category.
    Streams(&'static str),
}

/// What stands in a field before anything is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Initial {
    /// Nothing.
    Empty,
    /// A text.
    Text(&'static str),
    /// This, and behind it what the name of the stream has behind its category.
    StreamId(&'static str),
}

impl FieldSchema {
    /// What stands in the field for a stream, before anything is typed.
    #[must_use]
    pub fn initial_text(&self, stream: &str) -> String {
        match self.initial {
            Initial::Empty => String::new(),
            Initial::Text(text) => text.to_owned(),
            Initial::StreamId(prefix) => match stream.split_once('-') {
                Some((_, id)) if !id.is_empty() => format!("{prefix}{id}"),
                _ => String::new(),
            },
        }
    }
}
