//! Redux DevTools: the state that its monitor exports ("lifted state"), and the shorter `{payload, preloadedState}`.
//!
//! Source: `LiftedState` of `@redux-devtools/instrument`, and what `@redux-devtools/app` exports and imports.
//!
//! - The events are the actions in the order of `stagedActionIds`, which is that of the history; actions that are not staged
//!   are no part of it and are left out. Those in `skippedActionIds` are kept, with `skipped` in their metadata.
//! - The type is the action's `type`, the time its `timestamp`. They belong to one stream, [`STREAM`] unless the mapping
//!   gives another.
//! - The data of an action of the common shape (`payload`, `meta`, `error` and nothing else) is its `payload`; of another it is
//!   an object of all its members but the type. The metadata has `actionId`, `meta`, `error` and `stack`.
//! - The first action's data has the state after it besides, as `state` (from `computedStates`, else `committedState`): a
//!   fold begins there. Where the action has a `state` of its own, that keeps its name, and this one is `state_2`. The other
//!   states are computed from the actions, and are not kept.
//! - `payload` is a text that holds an array of actions, which have no times, or a lifted state. `preloadedState` becomes an event
//!   `@@INIT` with that `state`, before the actions.
//!
//! An id that stands twice in `actionsById` is a fault of the later action. The order is known at the end, so that the actions
//! are held until then, at most [`MAX_HELD_BYTES`](super::MAX_HELD_BYTES) of them; states are passed over.

use std::borrow::Cow;

use hashbrown::{HashMap, HashSet};
use serde_json::value::RawValue;

use super::error::{ImportError, InvalidRow, RowFault};
use super::format::{FormatReader, ParsedRow, ReaderSetup, TableShape};
use super::guess::SampleColumn;
use super::json_row::{Object, scalar};
use super::json_split::{Cut, Item, JsonSplitter, Key};
use super::mapper::{Body, Column, Mapped, Mapper, Row, unique_name};
use super::named_row::{NamedRow, ShownColumns, parsed as parsed_row};
use super::object::ObjectText;
use super::options::{Field, FieldSource};

/// The stream of the actions, when the mapping gives none.
pub(super) const STREAM: &str = "redux-devtools";

const ACTIONS: &str = "actionsById";
const STAGED: &str = "stagedActionIds";
const SKIPPED: &str = "skippedActionIds";
const STATES: &str = "computedStates";
const COMMITTED: &str = "committedState";
const PAYLOAD: &str = "payload";
const PRELOADED: &str = "preloadedState";

/// The type of the action with which every store begins.
const INIT: &str = "@@INIT";
const COLUMNS: [&str; 3] = ["actionId", "type", "timestamp"];

/// Whether a text that begins with a brace begins as an export of Redux DevTools.
pub(super) fn is_redux(head: &[u8]) -> bool {
    let has = |name: &[u8]| memchr::memmem::find(head, name).is_some();
    let may_be = has(b"\"actionsById\"") || (has(b"\"payload\"") && has(b"\"preloadedState\""));
    if !may_be {
        return false;
    }
    let mut is_lifted = false;
    let mut names = HashSet::new();
    let _ = JsonSplitter::new(CUT).push(head, &mut |item| {
        if item.within == Some(ACTIONS) {
            is_lifted = Object::parse(item.line, item.text).is_ok_and(|lifted| lifted.member("action").is_some());
            return Err(ImportError::Empty);
        }
        if let (None, Key::Name(name)) = (item.within, item.key) {
            names.insert(name.to_owned());
        }
        Ok(())
    });
    is_lifted || (names.len() == 2 && names.contains(PAYLOAD) && names.contains(PRELOADED))
}

const CUT: Cut = Cut::Members(&[ACTIONS, STAGED, SKIPPED, STATES]);

/// The reader of exports of Redux DevTools.
pub(super) struct ReduxReader {
    setup: ReaderSetup,
    splitter: JsonSplitter,
    lifted: Lifted,
    columns: ShownColumns,
    mapper: Option<Mapper>,
}

impl ReduxReader {
    pub(super) fn new(setup: ReaderSetup) -> Self {
        let (splitter, lifted) = (JsonSplitter::new(CUT), Lifted::default());
        Self { setup, splitter, lifted, columns: ShownColumns::default(), mapper: None }
    }
}

impl FormatReader for ReduxReader {
    fn push(&mut self, bytes: &[u8], _: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        let (lifted, limit) = (&mut self.lifted, self.setup.max_held_bytes);
        self.splitter.push(bytes, &mut |item| {
            lifted.take(&item);
            if lifted.bytes > limit {
                return Err(ImportError::TooMuchToHold { line: item.line, path: Some(item.path()), limit });
            }
            Ok(())
        })
    }

    fn settle(&mut self, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        let actions = std::mem::take(&mut self.lifted).history();
        let parsed: Vec<_> =
            actions.iter().map(|held| held.as_ref().map_err(Clone::clone).and_then(Held::action)).collect();
        let has_times =
            parsed.iter().flatten().all(|action| action.value("timestamp").is_ok_and(|time| time.is_some()));
        let rows = || parsed.iter().flatten();
        let sampled = COLUMNS.map(|name| SampleColumn {
            name: Cow::Borrowed(name),
            rows: rows().count(),
            given: rows().filter_map(|action| action.value(name).ok().flatten()).collect(),
        });
        let mut mapping = self.setup.mapping.clone();
        for field in Field::ALL.into_iter().filter(|field| self.setup.mapping.get(*field).is_none()) {
            let source = match field {
                Field::Stream => FieldSource::Constant(STREAM.to_owned()),
                Field::Type => FieldSource::Column("type".to_owned()),
                Field::Time if has_times => FieldSource::Column("timestamp".to_owned()),
                Field::Time | Field::Id | Field::SchemaVersion => FieldSource::Nowhere,
            };
            mapping.set(field, Some(source));
        }
        let setup = ReaderSetup { mapping, ..self.setup.clone() };
        self.columns = ShownColumns::new(&sampled);
        let mapper = self.mapper.insert(Mapper::resolve(&setup, &sampled, true)?);
        for action in &parsed {
            out.push(match action {
                Err(fault) => ParsedRow::invalid(fault.clone()),
                Ok(action) => parsed_row(mapper, &self.setup, &self.columns, action, Some(action.held.path.clone())),
            });
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut Vec<ParsedRow>) -> Result<(), ImportError> {
        self.splitter.finish()?;
        self.settle(out)
    }

    fn shape(&self) -> Option<TableShape<'_>> {
        Some(TableShape { columns: self.columns.names(), mapping: self.mapper.as_ref()?.mapping() })
    }
}

/// A text of the document, and where it stands.
#[derive(Clone, Debug)]
struct Held {
    line: u64,
    path: String,
    text: String,
    /// The number of the action; `None` where actions have none.
    id: Option<String>,
    is_skipped: bool,
    /// The text is the action itself, without anything around it.
    is_bare: bool,
    /// The state after the first action.
    state: Option<Box<RawValue>>,
}

/// What was read so far.
#[derive(Debug, Default)]
struct Lifted {
    actions: Vec<Held>,
    ids: HashSet<String>,
    staged: Option<Vec<Held>>,
    /// Bytes of these.
    bytes: usize,
    skipped: HashSet<String>,
    first_state: Option<Box<RawValue>>,
    committed: Option<Box<RawValue>>,
    preloaded: Option<Held>,
    faults: Vec<InvalidRow>,
}

impl Lifted {
    fn take(&mut self, item: &Item<'_>) {
        if matches!(item.within, Some(ACTIONS | STAGED | SKIPPED)) {
            self.bytes += item.text.len();
        }
        match (item.within, item.key) {
            (Some(ACTIONS), Key::Name(name)) if !self.ids.insert(name.to_owned()) => {
                let held = Held::new(item);
                let message = format!("{ACTIONS} has the id twice; readers disagree on which action it is");
                self.faults.push(held.fault(RowFault::DuplicateMember, message));
            }
            (Some(ACTIONS), _) => self.actions.push(Held::new(item)),
            (Some(STAGED), _) => self.staged.get_or_insert_default().push(Held::new(item)),
            (Some(SKIPPED), _) => {
                self.skipped.insert(item.text.to_owned());
            }
            (Some(STATES), Key::Index(0)) => {
                let state = Object::parse(item.line, item.text).ok();
                self.first_state = state.and_then(|computed| computed.member("state").map(ToOwned::to_owned));
            }
            (None, Key::Name(COMMITTED)) => {
                let committed = if item.text == "null" { None } else { serde_json::from_str(item.text).ok() };
                self.committed = committed;
            }
            (None, Key::Name(PRELOADED)) => self.preloaded = Some(Held::new(item)),
            (None, Key::Name(PAYLOAD)) => self.take_payload(&Held::new(item)),
            _ => {}
        }
    }

    /// An array of actions or a lifted state, as JSON or as a text that holds it.
    fn take_payload(&mut self, payload: &Held) {
        let text = payload.content();
        let read = if text.trim_start().starts_with('{') {
            let mut splitter = JsonSplitter::new(CUT);
            let read = splitter.push(text.as_bytes(), &mut |item| {
                self.take_within(&item, payload);
                Ok(())
            });
            read.and_then(|()| splitter.finish()).map_err(|error| error.to_string())
        } else {
            self.take_actions(&text, payload).map_err(|error| error.to_string())
        };
        if let Err(error) = read {
            let message = format!("the payload is neither an array of actions nor a lifted state: {error}");
            self.faults.push(payload.fault(RowFault::NotJson, message));
        }
    }

    fn take_actions(&mut self, text: &str, payload: &Held) -> Result<(), serde_json::Error> {
        let actions: Vec<&RawValue> = serde_json::from_str(text)?;
        self.actions.extend(actions.into_iter().enumerate().map(|(index, action)| Held {
            line: payload.line,
            path: format!("{}[{index}]", payload.path),
            text: action.get().to_owned(),
            id: None,
            is_skipped: false,
            is_bare: true,
            state: None,
        }));
        Ok(())
    }

    /// Takes an item of the lifted state that a payload holds. A payload in it is not looked into.
    fn take_within(&mut self, item: &Item<'_>, payload: &Held) {
        if item.within.is_none() && item.key == Key::Name(PAYLOAD) {
            return;
        }
        let before = (self.actions.len(), self.staged.as_ref().map_or(0, Vec::len), self.faults.len());
        self.take(item);
        let path = format!("{}{}", payload.path, item.path().trim_start_matches('$'));
        let staged = self.staged.iter_mut().flat_map(|staged| staged.iter_mut().skip(before.1));
        for held in self.actions.iter_mut().skip(before.0).chain(staged) {
            (held.line, held.path) = (payload.line, path.clone());
        }
        for fault in self.faults.iter_mut().skip(before.2) {
            (fault.line, fault.path) = (payload.line, Some(path.clone()));
        }
    }

    /// The actions in the order of the history, and what is wrong with it.
    fn history(self) -> Vec<Result<Held, InvalidRow>> {
        let Self { actions, staged, skipped, first_state, committed, preloaded, faults, .. } = self;
        let mut rows: Vec<Result<Held, InvalidRow>> = faults.into_iter().map(Err).collect();
        let is_bare = actions.iter().all(|held| held.is_bare);
        match staged {
            Some(staged) => {
                let mut by_id: HashMap<String, Held> =
                    actions.into_iter().filter_map(|held| Some((held.id.clone()?, held))).collect();
                for id in staged {
                    let missing = || {
                        let shown: String = id.text.chars().take(64).collect();
                        let message = format!("action {shown} is staged, but is not in {ACTIONS}, or is staged twice");
                        id.fault(RowFault::MissingValue, message)
                    };
                    rows.push(by_id.remove(&id.text).ok_or_else(missing));
                }
            }
            None => rows.extend(actions.into_iter().map(Ok)),
        }
        for held in rows.iter_mut().flatten() {
            held.is_skipped = held.id.as_ref().is_some_and(|id| skipped.contains(id));
        }
        let begin = first_state.or(committed);
        if let (false, Some(Ok(first))) = (is_bare, rows.first_mut()) {
            first.state = begin;
        }
        if let Some(preloaded) = preloaded {
            let state = serde_json::from_str::<Box<RawValue>>(&preloaded.content());
            let init = match state {
                Ok(state) if state.get() == "null" => None,
                Ok(state) => {
                    let text = format!("{{\"type\":\"{INIT}\"}}");
                    Some(Ok(Held { text, state: Some(state), is_bare: true, id: None, ..preloaded }))
                }
                Err(error) => Some(Err(preloaded.fault(RowFault::NotJson, format!("not JSON: {error}")))),
            };
            rows.splice(0..0, init);
        }
        rows
    }
}

impl Held {
    fn new(item: &Item<'_>) -> Self {
        let id = match item.key {
            Key::Name(name) => Some(name.to_owned()),
            Key::Index(index) => Some(index.to_string()),
            Key::Root => None,
        };
        let (line, path, text) = (item.line, item.path(), item.text.to_owned());
        Self { line, path, text, id, is_skipped: false, is_bare: false, state: None }
    }

    /// What it holds: the text of a JSON string, else its JSON.
    fn content(&self) -> Cow<'_, str> {
        match serde_json::from_str::<String>(&self.text) {
            Ok(text) => Cow::Owned(text),
            Err(_) => Cow::Borrowed(&self.text),
        }
    }

    fn fault(&self, code: RowFault, message: String) -> InvalidRow {
        InvalidRow::new(self.line, code, message).at_path(Some(self.path.clone()))
    }

    fn action(&self) -> Result<Action<'_>, InvalidRow> {
        let object = Object::parse(self.line, &self.text).map_err(|fault| fault.at_path(Some(self.path.clone())))?;
        if self.is_bare {
            return Ok(Action { held: self, lifted: None, action: object });
        }
        let missing = || self.fault(RowFault::MissingValue, "action: there is no action".to_owned());
        let action = object.member("action").ok_or_else(missing)?;
        let action = Object::parse(self.line, action.get())
            .map_err(|fault| fault.at_path(Some(format!("{}.action", self.path))))?;
        Ok(Action { held: self, lifted: Some(object), action })
    }
}

/// One action, with what the monitor says of it.
struct Action<'a> {
    held: &'a Held,
    lifted: Option<Object<'a>>,
    action: Object<'a>,
}

impl Action<'_> {
    fn value(&self, column: &str) -> Result<Option<Cow<'_, str>>, &'static str> {
        let lifted = |name: &str| self.lifted.as_ref().and_then(|lifted| lifted.member(name));
        match column {
            "actionId" => Ok(self.held.id.as_deref().filter(|_| !self.held.is_bare).map(Cow::Borrowed)),
            "timestamp" => lifted("timestamp").map_or(Ok(None), scalar),
            _ => self.action.member(column).map_or(Ok(None), scalar),
        }
    }
}

impl NamedRow for Action<'_> {
    fn sample<'r>(&'r self, take: &mut dyn FnMut(Cow<'r, str>, Option<Cow<'r, str>>)) {
        COLUMNS.into_iter().for_each(|name| take(Cow::Borrowed(name), self.value(name).ok().flatten()));
    }

    fn show(&self, _columns: &[String], take: &mut dyn FnMut(&str, &dyn Fn() -> String)) {
        let shown = |name| self.value(name).ok().flatten().unwrap_or_default().into_owned();
        COLUMNS.into_iter().for_each(|name| take(name, &|| shown(name)));
    }
}

impl Row for Action<'_> {
    fn line(&self) -> u64 {
        self.held.line
    }

    fn text(&self, column: &Column) -> Result<Option<Cow<'_, str>>, InvalidRow> {
        self.value(&column.name).map_err(|found| {
            let message = format_args!("a text or a number is expected, not {found}");
            InvalidRow::in_column(self.held.line, RowFault::WrongKind, &column.name, message)
        })
    }

    fn body(&self, _: &Mapped) -> Result<Body, InvalidRow> {
        let members = || self.action.members();
        let is_common = members().all(|(name, _)| matches!(name, "type" | "payload" | "meta" | "error"));
        let mut metadata = ObjectText::default();
        if let (Some(id), false) = (&self.held.id, self.held.is_bare) {
            match serde_json::from_str::<&RawValue>(id) {
                Ok(number) => metadata.raw_member("actionId", number),
                Err(_) => metadata.text_member("actionId", id),
            }
        }
        if self.held.is_skipped {
            metadata.raw_member("skipped", RawValue::TRUE);
        }
        if let Some(stack) = self.lifted.as_ref().and_then(|lifted| lifted.member("stack")) {
            metadata.raw_member("stack", stack);
        }
        if is_common {
            let about = members().filter(|(name, _)| matches!(*name, "meta" | "error"));
            about.for_each(|(name, raw)| metadata.raw_member(name, raw));
        }
        let payload = self.action.member("payload").filter(|_| is_common && self.held.state.is_none());
        let data = payload.map_or_else(
            || {
                let mut data = ObjectText::default();
                let others = members().filter(|(name, _)| match *name {
                    "type" => false,
                    "meta" | "error" => !is_common,
                    _ => true,
                });
                others.for_each(|(name, raw)| data.raw_member(name, raw));
                if let Some(state) = &self.held.state {
                    let name = unique_name("state", |name| self.action.member(name).is_some());
                    data.raw_member(&name, state);
                }
                data.finish()
            },
            |payload| payload.get().as_bytes().to_vec(),
        );
        Ok(Body { data, metadata: metadata.finish(), ..Body::default() })
    }
}
