//! OCEL 2.0 in JSON: logs in which an event belongs to several objects.
//!
//! Source: "OCEL (Object-Centric Event Log) 2.0 Specification", 2023, section on the JSON exchange format, and its schema.
//!
//! An event of the log becomes an event:
//! - The stream is `type-id` of its first object of a chosen type: the mapping's stream, such as `orders`; else the type
//!   of which most of the first 100 events have exactly one object. An event without an object of that type goes to the
//!   stream of its first object that is in the file, and without any to the stream `events`.
//! - Every object that it is related to is a tag `type:id`. The relationships with their qualifiers, and the id of the
//!   event, are in the metadata as `relationships` and `id`.
//! - The data is an object of its attributes.
//!
//! An object becomes events of its own, in the stream `objects-type:id` with the tag `type:id`: `ObjectAdded` with the
//! values at the first time for which it has any (1970-01-01, as the specification has it, when it has none), and
//! `ObjectChanged` for each later time. The data has `objectType`, `objectId` and `attributes`, the first event's metadata
//! the relationships to other objects. They are not in the stream of the events: their times would hold these up, as a
//! stream keeps the order in which the file has it.
//!
//! A relationship to an object that is not in the file is kept in the metadata; it has no type, and so no tag and no
//! stream. It is reported in [`ImportReport::remarks`](super::ImportReport::remarks).
//!
//! Values keep their texts, whatever the types of the log declare. Declarations, and members that the specification does
//! not have, are not kept. Memory: the ids of all objects; and where the events stand before the objects, all of them.

mod item;
mod objects;

use std::borrow::Cow;

use hashbrown::HashMap;

use super::error::{ImportError, InvalidRow, RowFault};
use super::format::{FormatReader, ParsedRow, ReaderSetup, Remarks, TableShape};
use super::json_split::{Cut, Item, JsonSplitter, Key};
use super::mapper::{Body, Column, Mapped, Row};
use super::named_row::NamedRow;
use super::object::ObjectText;
use super::options::Field;
use super::row_table::{HeldRow, RowTable};
use crate::domain::Tag;
use item::{EventItem, parse, relationships};
use objects::{Objects, Place};

const ID: &str = "id";
const TYPE: &str = "type";
const TIME: &str = "time";

/// The stream of events without objects.
const NO_OBJECT: &str = "events";

/// The reader of OCEL 2.0 files.
pub(super) struct OcelReader {
    splitter: JsonSplitter,
    log: Log,
}

impl OcelReader {
    pub(super) fn new(setup: ReaderSetup) -> Self {
        let cut = Cut::Members(&["events", "objects", "objectTypes", "eventTypes"]);
        let objects = Objects::new(setup.category.as_deref());
        let log = Log {
            objects,
            has_objects: false,
            early: Vec::new(),
            table: RowTable::new(setup),
            remarks: Remarks::default(),
        };
        Self { splitter: JsonSplitter::new(cut), log }
    }
}

impl FormatReader for OcelReader {
    fn push(&mut self, bytes: &[u8], out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        let Self { splitter, log } = self;
        splitter.push(bytes, &mut |item| log.take(item, out))
    }

    fn settle(&mut self, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        self.log.take_early(out)?;
        self.log.settle(out)
    }

    fn finish(&mut self, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        self.splitter.finish()?;
        self.settle(out)?;
        self.log.objects.remark(&mut self.log.remarks);
        Ok(())
    }

    fn shape(&self) -> Option<TableShape<'_>> {
        self.log.table.shape()
    }

    fn remarks(&mut self) -> Remarks {
        std::mem::take(&mut self.log.remarks)
    }
}

/// From the items of the document to rows.
struct Log {
    objects: Objects,
    /// An object was there, so that all of them were when the next event comes.
    has_objects: bool,
    /// Events that stand before the objects.
    early: Vec<(Place, String)>,
    table: RowTable<OcelEvent>,
    remarks: Remarks,
}

impl Log {
    fn take(&mut self, item: Item<'_>, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        let place = Place { line: item.line, path: item.path() };
        let refuse =
            |reason: &str| Err(ImportError::Document { line: item.line, path: item.path(), reason: reason.to_owned() });
        match (item.within, item.key) {
            (Some("objects"), Key::Index(_)) => {
                self.has_objects = true;
                self.objects.take(&place, item.text, out);
            }
            (Some("events"), Key::Index(_)) if self.has_objects => return self.event(place, item.text, out),
            (Some("events"), Key::Index(_)) => self.early.push((place, item.text.to_owned())),
            (Some("events" | "objects"), _) | (None, Key::Name("events" | "objects")) => {
                return refuse("the events and the objects of OCEL 2.0 are arrays");
            }
            _ if serde_json::from_str::<serde::de::IgnoredAny>(item.text).is_err() => {
                return refuse("this is not JSON");
            }
            _ => {}
        }
        Ok(())
    }

    /// All objects are known: the events that came before them are read.
    fn take_early(&mut self, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        for (place, text) in std::mem::take(&mut self.early) {
            self.event(place, &text, out)?;
        }
        Ok(())
    }

    fn event(&mut self, place: Place, text: &str, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        let row = OcelEvent::read(place, text, &self.objects, &mut self.remarks);
        if self.table.take(row, out) { self.settle(out) } else { Ok(()) }
    }

    fn settle(&mut self, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        let chosen = self.table.setup().mapping.stream.is_none().then(|| self.stream_type());
        let mut standard = vec![(Field::Type, TYPE), (Field::Time, TIME), (Field::Id, ID)];
        standard.extend(chosen.as_deref().map(|name| (Field::Stream, name)));
        self.table.settle(&standard, out)
    }

    /// The type of which most of the events that wait have exactly one object.
    fn stream_type(&self) -> String {
        let mut counts = vec![0_u32; self.objects.types().len()];
        for event in self.table.rows() {
            let mut of_event: HashMap<u32, u32> = HashMap::new();
            event.related.iter().for_each(|(number, _)| *of_event.entry(*number).or_default() += 1);
            for (number, _) in of_event.into_iter().filter(|(_, count)| *count == 1) {
                counts[number as usize] += 1;
            }
        }
        let most = counts.iter().enumerate().rev().max_by_key(|(_, count)| **count);
        most.map_or(NO_OBJECT.to_owned(), |(number, _)| self.objects.types()[number].to_string())
    }
}

/// An event of the log, its objects looked up.
#[derive(Debug)]
struct OcelEvent {
    place: Place,
    id: String,
    event_type: String,
    time: String,
    data: Vec<u8>,
    metadata: Vec<u8>,
    types: std::rc::Rc<[std::rc::Rc<str>]>,
    /// Number of the type, and id, of each object in the file.
    related: Vec<(u32, String)>,
}

impl OcelEvent {
    fn read(place: Place, text: &str, objects: &Objects, remarks: &mut Remarks) -> Result<Self, InvalidRow> {
        let item: EventItem<'_> = parse(&place, text)?;
        let mut data = ObjectText::default();
        let mut seen = hashbrown::HashSet::new();
        for attribute in item.attributes.iter().flatten() {
            if !seen.insert(attribute.name.as_ref()) {
                let message = "the attribute stands twice in the event";
                return Err(place.fault(RowFault::DuplicateMember, &attribute.name, message));
            }
            data.raw_member(&attribute.name, attribute.value);
        }
        let mut metadata = ObjectText::default();
        metadata.text_member(ID, &item.id);
        let mut related = Vec::new();
        if let Some(raw) = item.relationships {
            let list = relationships(&place, raw)?;
            if !list.is_empty() {
                metadata.raw_member("relationships", raw);
            }
            for relationship in list {
                match objects.type_of(&relationship.object_id) {
                    Some(number) => related.push((number, relationship.object_id.into_owned())),
                    None => remarks.add(place.dangling(&relationship.object_id)),
                }
            }
        }
        Ok(Self {
            id: item.id.into_owned(),
            event_type: item.event_type.into_owned(),
            time: item.time.into_owned(),
            data: data.finish(),
            metadata: metadata.finish(),
            types: objects.types(),
            related,
            place,
        })
    }

    fn objects_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let of_type = move |(number, _): &&(u32, String)| &*self.types[*number as usize] == name;
        self.related.iter().filter(of_type).map(|(_, id)| id.as_str())
    }

    /// The stream when it is to be the one of an object of this type.
    fn stream(&self, name: &str) -> String {
        let first = || self.related.first().map(|(number, id)| (&*self.types[*number as usize], id.as_str()));
        match self.objects_of(name).next().map(|id| (name, id)).or_else(first) {
            Some((name, id)) => format!("{name}-{id}"),
            None => NO_OBJECT.to_owned(),
        }
    }
}

impl Row for OcelEvent {
    fn line(&self) -> u64 {
        self.place.line
    }

    fn text(&self, column: &Column) -> Result<Option<Cow<'_, str>>, InvalidRow> {
        let text = match column.name.as_str() {
            ID => Cow::Borrowed(self.id.as_str()),
            TYPE => Cow::Borrowed(self.event_type.as_str()),
            TIME => Cow::Borrowed(self.time.as_str()),
            name => Cow::Owned(self.stream(name)),
        };
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    fn body(&self, _mapped: &Mapped) -> Result<Body, InvalidRow> {
        let mut body = Body { data: self.data.clone(), metadata: self.metadata.clone(), ..Body::default() };
        for (number, id) in &self.related {
            let tag = Tag::new(&format!("{}:{id}", self.types[*number as usize]));
            let tag =
                tag.map_err(|error| InvalidRow::of_event(self.place.line, Some("relationships"), &error.into()))?;
            body.tags.push(tag);
        }
        Ok(body)
    }
}

impl OcelEvent {
    fn texts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [(ID, self.id.as_str()), (TYPE, self.event_type.as_str()), (TIME, self.time.as_str())].into_iter()
    }

    /// The ids of its objects, by the numbers of their types.
    fn by_type(&self) -> HashMap<u32, Vec<&str>> {
        let mut by_type: HashMap<u32, Vec<&str>> = HashMap::new();
        self.related.iter().for_each(|(number, id)| by_type.entry(*number).or_default().push(id));
        by_type
    }
}

impl NamedRow for OcelEvent {
    fn sample<'r>(&'r self, take: &mut dyn FnMut(Cow<'r, str>, Option<Cow<'r, str>>)) {
        let text = |text: &'r str| Some(Cow::Borrowed(text)).filter(|text| !text.is_empty());
        self.texts().for_each(|(name, value)| take(Cow::Borrowed(name), text(value)));
        let by_type = self.by_type();
        for (number, name) in (0..).zip(self.types.iter()) {
            let first = by_type.get(&number).and_then(|ids| ids.first());
            take(Cow::Borrowed(name), first.and_then(|id| text(id)));
        }
        if self.types.is_empty() {
            take(Cow::Borrowed(NO_OBJECT), None);
        }
    }

    fn show(&self, _columns: &[String], take: &mut dyn FnMut(&str, &dyn Fn() -> String)) {
        self.texts().for_each(|(name, value)| take(name, &|| value.to_owned()));
        self.by_type().iter().for_each(|(number, ids)| take(&self.types[*number as usize], &|| ids.join(", ")));
    }
}

impl HeldRow for OcelEvent {
    fn path(&self) -> Option<String> {
        Some(self.place.path.clone())
    }

    fn bytes(&self) -> usize {
        // Every type is a column of every event.
        self.data.len() + self.metadata.len() + std::mem::size_of_val(&*self.types)
    }
}
