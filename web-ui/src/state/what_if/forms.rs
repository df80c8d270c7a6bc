//! What is typed about a branch: its name, other data, another event, a command.

use leftfold_core::{Position, StreamName};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use super::WhatIfDesk;
use super::view::{behind, lifted};
use crate::model::branch::{Change, EventRef, Inserted, JsonFault, JsonText};
use crate::model::json::Json;
use crate::sample::commands::Aggregate;
use crate::sample::rerun;
use crate::state::browser::sleep;
use crate::state::commands::CommandDesk;
use crate::state::{App, Trouble};

/// How often it is looked whether the commands before another one are decided.
const BETWEEN_LOOKS_MS: u64 = 20;

/// What lies over the page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Form {
    /// A new branch, at this event.
    Fork(Position),
    Rename,
    Edit(EditForm),
    Insert(InsertForm),
    Issue {
        after: EventRef,
    },
    /// What became of the commands.
    Outcome,
    Export,
    TakeIn,
}

/// Other data for an event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EditForm {
    pub(crate) event: EventRef,
    pub(crate) title: String,
    /// What stands there when the form opens.
    pub(crate) text: String,
}

/// Another event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct InsertForm {
    pub(crate) after: EventRef,
    pub(crate) place: String,
    pub(crate) stream: String,
}

/// What came of a command on a branch.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Issuing {
    Idle,
    Working,
    Refused(String),
}

impl WhatIfDesk {
    /// Opens the form for other data of an event.
    pub(crate) fn open_edit(self, app: App, event: EventRef) {
        let Some(branch) = self.branch.get_untracked() else { return };
        let title = move |kind: &str| format!("Edit {} {kind}", Self::name_of(event));
        // What is seen on the branch: commands that are decided anew may have given it other data.
        let outcome = self.outcome.get_untracked();
        let redecided = outcome.data_of(event);
        if let (EventRef::New(number), Some(data)) = (event, redecided.or(branch.data_of(event))) {
            let kind = branch.inserted(number).map_or_else(String::new, |inserted| inserted.event_type.clone());
            self.form.set(Some(Form::Edit(EditForm { event, title: title(&kind), text: pretty(data.as_str()) })));
            return;
        }
        let EventRef::Stored(position) = event else { return };
        let Some(store) = app.store() else { return };
        let known = branch.data_of(event).or(redecided).map(|data| pretty(data.as_str()));
        let epoch = app.epoch();
        spawn_local(async move {
            let read = store.event(position).await;
            if app.epoch() != epoch {
                return;
            }
            match read {
                Ok(Some(stored)) => {
                    let text = known.or_else(|| lifted(app, &stored).map(|json| pretty(&json.to_string())));
                    let Some(text) = text else {
                        let trouble = Trouble::new(
                            "The data of this event is no JSON. It can be skipped or moved.",
                            "invalid-input",
                        );
                        app.complain("This cannot be edited", trouble);
                        return;
                    };
                    let title = title(stored.event_type().as_str());
                    self.form.set(Some(Form::Edit(EditForm { event, title, text })));
                }
                Ok(None) => {}
                Err(error) => app.complain("The event cannot be read", error.into()),
            }
        });
    }

    /// Takes over what was typed for an event. What was there before is no change.
    pub(crate) fn save_edit(self, app: App, form: &EditForm, text: &str) -> Result<(), JsonFault> {
        let data = JsonText::new(text)?;
        let same = |text: &str| Json::parse(text.as_bytes()).ok();
        if same(&form.text) == same(text) || self.try_make(app, Change::Edit { event: form.event, data }) {
            self.form.set(None);
        }
        Ok(())
    }

    /// Opens the form for another event.
    pub(crate) fn open_insert(self, app: App, after: EventRef) {
        let Some(branch) = self.branch.get_untracked() else { return };
        let stream = match after {
            EventRef::Stored(position) => app.row(position).map(|row| row.stream.to_string()),
            EventRef::New(number) => branch.inserted(number).map(|inserted| inserted.stream.clone()),
        };
        let place = behind(after, branch.fork());
        self.form.set(Some(Form::Insert(InsertForm { after, place, stream: stream.unwrap_or_default() })));
    }

    /// Puts another event on the branch.
    pub(crate) fn insert(
        self,
        app: App,
        after: EventRef,
        stream: &str,
        event_type: &str,
        schema_version: u32,
        data: JsonText,
    ) -> Result<(), String> {
        let Some(branch) = self.branch.get_untracked() else { return Ok(()) };
        let number = branch.next_number();
        let (stream, event_type) = (stream.trim().to_owned(), event_type.trim().to_owned());
        let inserted = Inserted { number, after, stream, event_type, schema_version, data, command: None };
        self.make(app, Change::Insert(inserted))?;
        self.picked.set(Some(EventRef::New(number)));
        self.form.set(None);
        self.goal.set(Some(EventRef::New(number)));
        Ok(())
    }

    /// The schema version that events of a type have lately.
    pub(crate) fn schema_version_of(self, app: App, event_type: &str) -> u32 {
        let last = app.with_log(|log| {
            let head = log.head().get();
            let of_type =
                |at: &u64| log.row(Position::new(*at)).is_some_and(|row| row.event_type.as_str() == event_type);
            (head.saturating_sub(5_000).max(1)..=head).rev().find(of_type).and_then(|at| log.row(Position::new(at)))
        });
        last.flatten().map_or(1, |row| row.schema_version.0)
    }

    /// Decides on a command behind an event of the branch, and puts there what was decided.
    pub(crate) fn issue(self, app: App, desk: CommandDesk, after: EventRef, state: RwSignal<Issuing>) {
        let (schema, stream_text) = untrack(|| (desk.schema(), desk.stream()));
        let command = match desk.draft.with_untracked(|draft| draft.value(schema, &stream_text)) {
            Ok(command) => command,
            Err(faults) => {
                desk.faults.set(faults);
                return;
            }
        };
        let stream = match StreamName::new(&stream_text) {
            Ok(stream) if !desk.stream_id.with_untracked(|id| id.trim().is_empty()) => stream,
            Ok(_) => return desk.stream_fault.set(Some("Type the id of a stream.".to_owned())),
            Err(error) => return desk.stream_fault.set(Some(error.to_string())),
        };
        let Some(store) = app.store() else { return };
        let aggregate: Aggregate = desk.aggregate.get_untracked();
        let epoch = app.epoch();
        state.set(Issuing::Working);
        spawn_local(async move {
            // The commands before it come first: what they come to is what it is decided on.
            while app.epoch() == epoch && state.try_get_untracked().is_some() && untrack(|| self.is_deciding(app)) {
                sleep(BETWEEN_LOOKS_MS).await;
            }
            let Some(arrangement) = self.arrangement.get_untracked().filter(|_| app.epoch() == epoch) else { return };
            let outcome = self.outcome.get_untracked();
            let decided =
                rerun::decide(&store, &arrangement, &outcome, after, aggregate, &stream, command.clone()).await;
            if app.epoch() != epoch || state.try_get_untracked().is_none() {
                return;
            }
            let put = decided.map_err(|error| error.to_string()).and_then(|events| {
                events.iter().try_fold(after, |after, event| self.put_decided(app, after, &stream, event, &command))
            });
            match put {
                Ok(last) => {
                    self.form.set(None);
                    self.goal.set(Some(last));
                }
                Err(reason) => state.set(Issuing::Refused(reason)),
            }
        });
    }

    fn put_decided(
        self,
        app: App,
        after: EventRef,
        stream: &StreamName,
        event: &leftfold_core::NewEvent,
        command: &Value,
    ) -> Result<EventRef, String> {
        let Some(branch) = self.branch.get_untracked() else { return Ok(after) };
        let number = branch.next_number();
        let json = |bytes: &[u8]| {
            let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
            JsonText::new(text).map_err(|fault| fault.to_string())
        };
        let inserted = Inserted {
            number,
            after,
            stream: stream.to_string(),
            event_type: event.event_type().to_string(),
            schema_version: event.schema_version().0,
            data: json(event.data())?,
            command: Some(json(command.to_string().as_bytes())?),
        };
        self.make(app, Change::Insert(inserted))?;
        self.picked.set(Some(EventRef::New(number)));
        Ok(EventRef::New(number))
    }
}

/// JSON on several lines, for whoever edits it.
fn pretty(text: &str) -> String {
    let value = Json::parse(text.as_bytes()).ok();
    value.and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_else(|| text.to_owned())
}
