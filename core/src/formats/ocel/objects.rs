//! The objects of the log: which there are, and the events that tell of them and of their changes.

use std::cell::OnceCell;
use std::rc::Rc;

use bytes::Bytes;
use hashbrown::{HashMap, HashSet};

use super::super::error::{InvalidRow, RowFault};
use super::super::format::{Draft, ParsedRow, Remarks};
use super::super::object::ObjectText;
use super::super::text::read_time;
use super::item::{Attribute, ObjectItem, parse, relationships};
use crate::domain::{EventType, InvalidEvent, NewEvent, StreamName, Tag, Timestamp};

/// Where in the document an item stands.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) line: u64,
    pub(super) path: String,
}

impl Place {
    pub(super) fn fault_of(&self, code: RowFault, message: String) -> InvalidRow {
        InvalidRow::new(self.line, code, message).at_path(Some(self.path.clone()))
    }

    pub(super) fn fault(&self, code: RowFault, column: &str, message: &str) -> InvalidRow {
        InvalidRow::in_column(self.line, code, column, message).at_path(Some(self.path.clone()))
    }

    fn fault_in(&self, column: Option<&str>, error: &InvalidEvent) -> InvalidRow {
        InvalidRow::of_event(self.line, column, error).at_path(Some(self.path.clone()))
    }

    pub(super) fn dangling(&self, object_id: &str) -> InvalidRow {
        let shown: String = object_id.chars().take(64).collect();
        let message = format!("the object \u{201c}{shown}\u{201d} is not in the file");
        self.fault(RowFault::DanglingReference, "relationships", &message)
    }
}

/// The objects that were read.
pub(super) struct Objects {
    /// `category-`, or empty.
    prefix: String,
    types: Vec<Rc<str>>,
    /// The same, once they were asked for.
    shared: OnceCell<Rc<[Rc<str>]>>,
    numbers: HashMap<Rc<str>, u32>,
    /// The number of the type, by id.
    by_id: HashMap<Box<str>, u32>,
    /// Objects that others are related to, and that were not seen yet: where that stands.
    wanted: HashMap<Box<str>, Vec<Place>>,
}

impl Objects {
    pub(super) fn new(category: Option<&str>) -> Self {
        Self {
            prefix: category.map(|category| format!("{category}-")).unwrap_or_default(),
            types: Vec::new(),
            shared: OnceCell::new(),
            numbers: HashMap::new(),
            by_id: HashMap::new(),
            wanted: HashMap::new(),
        }
    }

    /// The types of the objects, in the order in which they appear.
    pub(super) fn types(&self) -> Rc<[Rc<str>]> {
        Rc::clone(self.shared.get_or_init(|| self.types.as_slice().into()))
    }

    /// The number of the type of an object.
    pub(super) fn type_of(&self, id: &str) -> Option<u32> {
        self.by_id.get(id).copied()
    }

    /// Reads an object: its events are added to `out`, or its fault.
    pub(super) fn take(&mut self, place: &Place, text: &str, out: &mut Vec<ParsedRow>) {
        let from = out.len();
        if let Err(fault) = self.read(place, text, out) {
            out.truncate(from);
            out.push(ParsedRow::invalid(fault));
        }
    }

    /// Says which objects were not found.
    pub(super) fn remark(&mut self, remarks: &mut Remarks) {
        let mut dangling: Vec<InvalidRow> = Vec::new();
        for (id, places) in self.wanted.drain() {
            dangling.extend(places.iter().map(|place| place.dangling(&id)));
        }
        dangling.sort_by(|a, b| (a.line, &a.path, &a.message).cmp(&(b.line, &b.path, &b.message)));
        dangling.into_iter().for_each(|remark| remarks.add(remark));
    }

    fn read(&mut self, place: &Place, text: &str, out: &mut Vec<ParsedRow>) -> Result<(), InvalidRow> {
        let object: ObjectItem<'_> = parse(place, text)?;
        if self.by_id.contains_key(&*object.id) {
            return Err(place.fault(RowFault::IdReused, "id", "an object before has this id"));
        }
        let related = object.relationships.map(|raw| relationships(place, raw)).transpose()?.unwrap_or_default();
        let mut metadata = ObjectText::default();
        if let (Some(raw), false) = (object.relationships, related.is_empty()) {
            metadata.raw_member("relationships", raw);
        }
        let mut metadata = metadata.finish();
        for (number, (time, attributes)) in by_time(place, &object)?.iter().enumerate() {
            let event_type = if number == 0 { "ObjectAdded" } else { "ObjectChanged" };
            let draft = self.draft(place, &object, event_type, *time, attributes, std::mem::take(&mut metadata));
            let draft = draft.map_err(|error| place.fault_in(None, &error))?;
            let path = Some(place.path.clone());
            out.push(ParsedRow { line: place.line, path, cells: Vec::new(), result: Ok(draft) });
        }
        let number = self.number(&object.object_type);
        self.by_id.insert((*object.id).into(), number);
        self.wanted.remove(&*object.id);
        for relationship in related.iter().filter(|found| !self.by_id.contains_key(&*found.object_id)) {
            self.wanted.entry((*relationship.object_id).into()).or_default().push(place.clone());
        }
        Ok(())
    }

    fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = u32::try_from(self.types.len()).unwrap_or(u32::MAX);
        let name: Rc<str> = name.into();
        self.types.push(name.clone());
        self.shared.take();
        self.numbers.insert(name, number);
        number
    }

    fn draft(
        &self,
        place: &Place,
        object: &ObjectItem<'_>,
        event_type: &str,
        time: Timestamp,
        attributes: &[&Attribute<'_>],
        metadata: Vec<u8>,
    ) -> Result<Draft, InvalidEvent> {
        let name = format!("{}:{}", object.object_type, object.id);
        let mut stream = format!("objects-{name}");
        if !stream.starts_with(&self.prefix) {
            stream.insert_str(0, &self.prefix);
        }
        let mut values = ObjectText::default();
        attributes.iter().for_each(|attribute| values.raw_member(&attribute.name, attribute.value));
        let mut data = ObjectText::default();
        data.text_member("objectType", &object.object_type);
        data.text_member("objectId", &object.id);
        data.json_member("attributes", &values.finish());
        let event = NewEvent::of_json(EventType::new(event_type)?, Bytes::from(data.finish()))?
            .with_time(time)
            .with_tags([Tag::new(&name)?])?
            .with_metadata_text(metadata)?;
        Ok(Draft { line: place.line, stream: StreamName::new(&stream)?, event, id: None, position: None })
    }
}

/// The time of values that were always so.
fn epoch() -> Timestamp {
    Timestamp::from_micros(0).unwrap_or(Timestamp::MIN)
}

type AtTime<'a> = (Timestamp, Vec<&'a Attribute<'a>>);

/// The values of an object by the times from which they hold, the first of them first.
fn by_time<'a>(place: &Place, object: &'a ObjectItem<'a>) -> Result<Vec<AtTime<'a>>, InvalidRow> {
    let mut times: Vec<(Timestamp, &Attribute<'_>)> = Vec::new();
    for attribute in object.attributes.iter().flatten() {
        let time = match &attribute.time {
            Some(text) => read_time(text).map_err(|error| place.fault_in(Some(&attribute.name), &error.into()))?,
            None => epoch(),
        };
        times.push((time, attribute));
    }
    times.sort_by_key(|(time, _)| *time);
    let mut groups: Vec<AtTime<'_>> = Vec::new();
    let mut seen = HashSet::new();
    for (time, attribute) in times {
        match groups.last_mut() {
            Some((latest, attributes)) if *latest == time => attributes.push(attribute),
            _ => {
                seen.clear();
                groups.push((time, vec![attribute]));
            }
        }
        if !seen.insert(attribute.name.as_ref()) {
            let message = "the attribute has two values for one time";
            return Err(place.fault(RowFault::DuplicateMember, &attribute.name, message));
        }
    }
    if groups.is_empty() {
        groups.push((epoch(), Vec::new()));
    }
    Ok(groups)
}
