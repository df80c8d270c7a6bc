//! The desk of commands: what is typed, what it is decided on, and what was issued in this tab.

use std::collections::VecDeque;
use std::sync::Arc;

use leftfold_core::{CommandContext, EventStore, Position, StreamName, StreamVersion, Timestamp};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;
use uuid::Uuid;

use super::{App, Phase, Trouble};
use crate::model::form::{CommandSchema, Draft, FieldFault, Place};
use crate::model::format;
use crate::model::place::PageView;
use crate::model::timeline::Command;
use crate::sample;
use crate::sample::commands::{Aggregate, IssueError, Issued, Loaded};

/// How many issued commands are listed.
const MOST_LISTED: usize = 200;
/// How many streams a field offers.
const MOST_OFFERED: usize = 8;

/// A stream as the form shows it: what a command will be decided on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) stream: StreamName,
    pub(crate) loaded: Loaded,
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) number: u64,
    pub(crate) label: &'static str,
    pub(crate) stream: StreamName,
    pub(crate) decided: StreamVersion,
    pub(crate) command_id: Uuid,
    pub(crate) at: Timestamp,
    pub(crate) result: Result<Issued, IssueError>,
}

/// A command that may have been stored although the answer was an error; issued again as it was, it keeps its id.
#[derive(Clone, PartialEq)]
struct Open {
    id: Uuid,
    stream: StreamName,
    command: Value,
}

/// The desk. It outlives a change of the page, so that nothing typed is lost.
#[derive(Clone, Copy)]
pub(crate) struct CommandDesk {
    pub(crate) aggregate: RwSignal<Aggregate>,
    /// What is typed for the stream, behind its category.
    pub(crate) stream_id: RwSignal<String>,
    pub(crate) stream_fault: RwSignal<Option<String>>,
    pub(crate) seen: RwSignal<Option<Arc<Seen>>>,
    pub(crate) command: RwSignal<usize>,
    pub(crate) draft: RwSignal<Draft>,
    pub(crate) correlation: RwSignal<String>,
    pub(crate) faults: RwSignal<Vec<FieldFault>>,
    pub(crate) outcome: RwSignal<Option<Arc<Outcome>>>,
    pub(crate) is_issuing: RwSignal<bool>,
    pub(crate) history: RwSignal<VecDeque<Arc<Outcome>>>,
    asked: StoredValue<u64>,
    issued: StoredValue<u64>,
    open: StoredValue<Option<Open>>,
    of_store: StoredValue<Option<Uuid>>,
}

impl CommandDesk {
    pub(crate) fn new() -> Self {
        Self {
            aggregate: RwSignal::new(Aggregate::Order),
            stream_id: RwSignal::new(String::new()),
            stream_fault: RwSignal::new(None),
            seen: RwSignal::new(None),
            command: RwSignal::new(0),
            draft: RwSignal::new(Draft::default()),
            correlation: RwSignal::new(String::new()),
            faults: RwSignal::new(Vec::new()),
            outcome: RwSignal::new(None),
            is_issuing: RwSignal::new(false),
            history: RwSignal::new(VecDeque::new()),
            asked: StoredValue::new(0),
            issued: StoredValue::new(0),
            open: StoredValue::new(None),
            of_store: StoredValue::new(None),
        }
    }

    /// The name of the stream as far as it is typed: `order-7f3a`.
    pub(crate) fn stream(&self) -> String {
        format!("{}-{}", self.aggregate.get().name(), self.stream_id.get().trim())
    }

    /// The chosen command; follows changes.
    pub(crate) fn schema(&self) -> &'static CommandSchema {
        let commands = self.aggregate.get().commands();
        &commands[self.command.get().min(commands.len() - 1)]
    }

    /// What is wrong at a place; follows changes.
    pub(crate) fn fault(&self, place: Place) -> Option<String> {
        self.faults.with(|faults| faults.iter().find(|fault| fault.place == place).map(|fault| fault.message.clone()))
    }

    /// Goes on with another decider. Nothing of the old form fits it.
    pub(crate) fn choose_aggregate(&self, aggregate: Aggregate) {
        if self.aggregate.get_untracked() == aggregate {
            return;
        }
        self.command.set(0);
        self.aggregate.set(aggregate);
        self.stream_id.set(String::new());
        self.forget_stream();
        self.clear_form();
    }

    /// Goes on with another command of the decider.
    pub(crate) fn choose_command(&self, number: usize) {
        self.command.set(number);
        self.clear_form();
    }

    /// Takes what is typed into a field.
    pub(crate) fn type_in(&self, place: Place, text: String) {
        self.draft.update(|draft| draft.set(place, text));
        self.faults.update(|faults| faults.retain(|fault| fault.place != place));
    }

    /// Takes another stream, and looks at it.
    pub(crate) fn choose_stream(self, app: App, id: String) {
        self.stream_id.set(id);
        self.forget_stream();
        self.outcome.set(None);
        if !self.stream_id.with_untracked(|id| id.trim().is_empty()) {
            spawn_local(async move {
                self.look(app).await;
            });
        }
    }

    fn forget_stream(&self) {
        self.asked.update_value(|asked| *asked += 1);
        self.seen.set(None);
        self.stream_fault.set(None);
    }

    fn clear_form(&self) {
        self.draft.set(Draft::default());
        self.faults.set(Vec::new());
        self.outcome.set(None);
        self.open.set_value(None);
    }

    /// The store may be another one: what was seen of the one before does not hold.
    pub(crate) fn meet(self, app: App) {
        let id = self.sample_store(app).map(|store| store.id());
        if id.is_none() || id == self.of_store.get_value() {
            return;
        }
        self.of_store.set_value(id);
        self.history.set(VecDeque::new());
        self.outcome.set(None);
        self.open.set_value(None);
        self.choose_stream(app, self.stream_id.get_untracked());
    }

    /// The open store, if it is the sample's.
    fn sample_store(self, app: App) -> Option<EventStore> {
        let is_sample = matches!(app.phase.get_untracked(), Phase::Open { name } if name == sample::STORE);
        app.store().filter(|_| is_sample)
    }

    /// Loads the stream again, as it is by now.
    pub(crate) fn load_again(self, app: App, retries: bool) {
        spawn_local(async move {
            self.outcome.set(None);
            if self.look(app).await.is_some() && retries {
                self.submit(app).await;
            }
        });
    }

    /// Looks at the typed stream; `None` when it cannot be one, or something else was asked for meanwhile.
    async fn look(self, app: App) -> Option<Arc<Seen>> {
        let store = self.sample_store(app)?;
        let asked = self.asked.get_value() + 1;
        self.asked.set_value(asked);
        let (aggregate, name) = (self.aggregate.get_untracked(), untrack(|| self.stream()));
        let stream = match StreamName::new(&name) {
            Ok(stream) => stream,
            Err(error) => {
                self.stream_fault.set(Some(error.to_string()));
                return None;
            }
        };
        let loaded = aggregate.load(&store, &stream).await;
        if self.asked.get_value() != asked {
            return None;
        }
        match loaded {
            Ok(loaded) => {
                let seen = Arc::new(Seen { stream, loaded });
                self.seen.set(Some(Arc::clone(&seen)));
                Some(seen)
            }
            Err(error) => {
                self.stream_fault.set(Some(error.to_string()));
                None
            }
        }
    }

    /// Issues the command as it is typed.
    pub(crate) fn issue(self, app: App) {
        if !self.is_issuing.get_untracked() {
            spawn_local(self.submit(app));
        }
    }

    async fn submit(self, app: App) {
        if self.stream_id.with_untracked(|id| id.trim().is_empty()) {
            self.stream_fault.set(Some("Choose a stream, or type the id of a new one.".to_owned()));
            return;
        }
        let Some(store) = self.sample_store(app) else { return };
        let (schema, stream_text) = untrack(|| (self.schema(), self.stream()));
        let command = match self.draft.with_untracked(|draft| draft.value(schema, &stream_text)) {
            Ok(command) => command,
            Err(faults) => {
                self.faults.set(faults);
                self.outcome.set(None);
                return;
            }
        };
        self.is_issuing.set(true);
        let seen = match self.seen.get_untracked() {
            Some(seen) => Some(seen),
            None => self.look(app).await,
        };
        if let Some(seen) = seen {
            self.decide(&store, schema, &seen, command).await;
        }
        self.is_issuing.set(false);
    }

    async fn decide(self, store: &EventStore, schema: &'static CommandSchema, seen: &Seen, command: Value) {
        let (stream, decided) = (seen.stream.clone(), seen.loaded.version);
        let id = self.open.with_value(|open| {
            let same = open.as_ref().filter(|open| open.stream == stream && open.command == command);
            same.map_or_else(Uuid::now_v7, |open| open.id)
        });
        self.open.set_value(Some(Open { id, stream: stream.clone(), command: command.clone() }));
        let mut context = CommandContext::default().command_id(id);
        let correlation = self.correlation.get_untracked();
        if !correlation.trim().is_empty() {
            context = context.correlation_id(correlation.trim());
        }
        let aggregate = self.aggregate.get_untracked();
        let result = aggregate.issue(store, &stream, decided, command, context).await;
        if self.of_store.get_value() != Some(store.id()) {
            // What is listed is of another store by now.
            return;
        }
        if !matches!(result, Err(IssueError::Failed { .. })) {
            self.open.set_value(None);
        }
        self.issued.update_value(|issued| *issued += 1);
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970")]
        let at = Timestamp::from_micros(js_sys::Date::now() as i64 * 1_000).unwrap_or_default();
        let number = self.issued.get_value();
        let label = schema.label;
        let outcome = Arc::new(Outcome { number, label, stream, decided, command_id: id, at, result });
        self.history.update(|history| {
            history.push_front(Arc::clone(&outcome));
            history.truncate(MOST_LISTED);
        });
        let is_still_there =
            self.seen.with_untracked(|now| now.as_ref().is_some_and(|now| now.stream == outcome.stream));
        if is_still_there {
            if let Ok(issued) = &outcome.result {
                self.clear_form();
                let stream = outcome.stream.clone();
                self.seen.set(Some(Arc::new(Seen { stream, loaded: issued.loaded.clone() })));
            }
            self.outcome.set(Some(outcome));
        }
    }
}

impl App {
    /// Shows an event in the debugger.
    pub(crate) fn open_in_debugger(self, position: Position) {
        // It may have been stored a moment ago.
        if let Some(store) = self.store() {
            self.send(Command::HeadGrew(store.head()));
        }
        if self.go_to(position).is_err() {
            let text = format!("The log of this store has no event {}.", format::position(position));
            self.complain("No such event", Trouble::new(text, "invalid-input"));
            return;
        }
        self.page.set(PageView::Debugger);
    }

    /// Streams of a category whose names hold a text, those that appeared last first.
    pub(crate) fn streams_like(&self, category: &str, text: &str) -> Vec<(StreamName, StreamVersion)> {
        self.with_log(|log| {
            let names = (0..log.stream_count()).rev().filter_map(|number| log.stream_name(u32::try_from(number).ok()?));
            let fits = |name: &&StreamName| name.category() == category && name.as_str().contains(text);
            names.filter(fits).take(MOST_OFFERED).map(|name| (name.clone(), log.stream_version(name))).collect()
        })
        .unwrap_or_default()
    }
}
