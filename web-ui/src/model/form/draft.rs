//! What was typed into a form.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::schema::{CommandSchema, FieldKind, FieldSchema};
use crate::model::format::grouped;

/// Where a text is typed: a field of the command, or a field of one of its lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The number of the field.
    pub field: usize,
    /// The name of the line and the number of the field in it.
    pub line: Option<(u32, usize)>,
}

impl Place {
    /// A field of the command itself.
    #[must_use]
    pub const fn field(field: usize) -> Self {
        Self { field, line: None }
    }

    /// A field of a line.
    #[must_use]
    pub const fn of_line(field: usize, line: u32, member: usize) -> Self {
        Self { field, line: Some((line, member)) }
    }
}

/// Why a field cannot be taken as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFault {
    /// Where.
    pub place: Place,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// What was typed into a form so far. What was not touched stands as the schema has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    typed: BTreeMap<Place, String>,
    /// The names of the lines of a field, once one was added or taken away.
    lines: BTreeMap<usize, Vec<u32>>,
    next_line: u32,
}

impl Draft {
    /// What a field shows.
    #[must_use]
    pub fn text(&self, place: Place, field: &FieldSchema, stream: &str) -> String {
        self.typed.get(&place).cloned().unwrap_or_else(|| field.initial_text(stream))
    }

    /// Takes what was typed.
    pub fn set(&mut self, place: Place, text: String) {
        self.typed.insert(place, text);
    }

    /// The names of the lines of a field, in order. One line stands there before anything is done.
    #[must_use]
    pub fn lines(&self, field: usize) -> Vec<u32> {
        self.lines.get(&field).cloned().unwrap_or_else(|| vec![0])
    }

    /// Adds a line behind the others and gives its name.
    pub fn add_line(&mut self, field: usize) -> u32 {
        let mut lines = self.lines(field);
        self.next_line += 1;
        lines.push(self.next_line);
        self.lines.insert(field, lines);
        self.next_line
    }

    /// Takes a line away, with what was typed into it.
    pub fn remove_line(&mut self, field: usize, line: u32) {
        let mut lines = self.lines(field);
        lines.retain(|other| *other != line);
        self.lines.insert(field, lines);
        self.typed.retain(|place, _| place.field != field || place.line.is_none_or(|(other, _)| other != line));
    }

    /// The command as a value that its type reads: `{"Name": {…}}`.
    ///
    /// # Errors
    /// Every field that cannot be taken as it is, in the order of the form.
    pub fn value(&self, schema: &CommandSchema, stream: &str) -> Result<Value, Vec<FieldFault>> {
        let mut faults = Vec::new();
        let mut members = Map::new();
        for (index, field) in schema.fields.iter().enumerate() {
            let value = match field.kind {
                FieldKind::Lines { fields, .. } => {
                    let lines = self.lines(index).into_iter();
                    let of_line = |line: u32| {
                        let member = |(number, field): (usize, &FieldSchema)| {
                            let place = Place::of_line(index, line, number);
                            (field.name.to_owned(), self.member(place, field, stream, &mut faults))
                        };
                        Value::Object(fields.iter().enumerate().map(member).collect())
                    };
                    Value::Array(lines.map(of_line).collect())
                }
                _ => self.member(Place::field(index), field, stream, &mut faults),
            };
            members.insert(field.name.to_owned(), value);
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let command = if schema.fields.is_empty() { Value::Null } else { Value::Object(members) };
        Ok(Value::Object([(schema.name.to_owned(), command)].into_iter().collect()))
    }

    fn member(&self, place: Place, field: &FieldSchema, stream: &str, faults: &mut Vec<FieldFault>) -> Value {
        read(field.kind, self.text(place, field, stream).trim()).unwrap_or_else(|message| {
            faults.push(FieldFault { place, message });
            Value::Null
        })
    }
}

fn read(kind: FieldKind, text: &str) -> Result<Value, String> {
    match kind {
        FieldKind::Text { .. } if text.is_empty() => Err("Nothing is typed here yet.".to_owned()),
        FieldKind::Text { max_chars, .. } => {
            let chars = text.chars().count();
            if chars > max_chars {
                return Err(format!("{chars} characters; at most {max_chars} go here."));
            }
            Ok(Value::String(text.to_owned()))
        }
        FieldKind::Number { min, max } => {
            let (low, high) = (grouped(min.into()), grouped(max.into()));
            let number = text.parse::<i128>().map_err(|_| format!("A whole number from {low} to {high} goes here."))?;
            match u32::try_from(number).ok().filter(|number| (min..=max).contains(number)) {
                Some(number) => Ok(Value::from(number)),
                None if number < i128::from(min) => Err(format!("At least {low}.")),
                None => Err(format!("At most {high}.")),
            }
        }
        FieldKind::Choice { options } if options.contains(&text) => Ok(Value::String(text.to_owned())),
        FieldKind::Choice { .. } => Err("None of the choices.".to_owned()),
        // Lines do not nest.
        FieldKind::Lines { .. } => Ok(Value::Array(Vec::new())),
    }
}
