//! State at the cursor, and state at A against state at B.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use leftfold_core::{Cursor, LogView, Position, StreamName, StreamVersion};
use leptos::prelude::*;

use super::App;
use super::latest::{Failure, Latest, Pieces};
use super::subject::Subject;
use super::texts::Edition;
use crate::model::changes::Changes;
use crate::model::diff_table::DiffTable;
use crate::model::json::Json;
use crate::model::state_of::StateOf;
use crate::model::tree::TreeValue;

/// A question for a state: which store, whose state, and where.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StateKey {
    edition: Edition,
    pub(crate) of: StateOf,
    pub(crate) at: Position,
}

/// A state at a position, with what changed against the position before.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StateView {
    /// The version of the stream there; `None` for what is no stream.
    pub(crate) version: Option<StreamVersion>,
    /// The state and what changed; `None` where the partition does not exist.
    pub(crate) value: Option<Arc<TreeValue>>,
}

/// A question for a difference.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DiffKey {
    edition: Edition,
    pub(crate) of: StateOf,
    pub(crate) a: Position,
    pub(crate) b: Position,
}

/// The difference between two states.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DiffView {
    pub(crate) table: DiffTable,
    /// The operations of the JSON Patch, each as JSON.
    pub(crate) patch: Vec<String>,
}

/// A question for the partitions of a projection, as far as the log goes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PartitionsKey {
    edition: Edition,
    pub(crate) name: String,
    head: Position,
}

/// States that were lately worked out, so that the one before the cursor is rarely folded again.
type Recent = Rc<RefCell<Vec<(StateKey, Option<Json>)>>>;
const MOST_RECENT: usize = 3;

/// The states that are shown.
#[derive(Clone, Copy)]
pub(crate) struct StateViews {
    pub(crate) at_cursor: Latest<StateKey, StateView>,
    pub(crate) diff: Latest<DiffKey, DiffView>,
    pub(crate) partitions: Latest<PartitionsKey, Vec<String>>,
    recent: StoredValue<Recent, LocalStorage>,
}

impl StateViews {
    pub(super) fn new() -> Self {
        Self {
            at_cursor: Latest::new(),
            diff: Latest::new(),
            partitions: Latest::new(),
            recent: StoredValue::new_local(Rc::default()),
        }
    }

    /// Forgets everything: another store is open.
    pub(super) fn clear(&self) {
        self.at_cursor.clear();
        self.diff.clear();
        self.partitions.clear();
        self.recent.set_value(Rc::default());
    }

    /// Sees to it that the state at the cursor is shown. Call it whenever it may be another; follows what it depends on.
    pub(crate) fn want(&self, app: App) {
        let (of, at) = (app.whose_state(), app.follows.details.get());
        if at == Position::ZERO {
            return;
        }
        let recent = self.recent.with_value(Rc::clone);
        let key = StateKey { edition: app.edition(), of, at };
        self.at_cursor.ask(key, move |key| view(app, key, Rc::clone(&recent)));
    }

    /// Sees to it that the difference between two positions is shown.
    pub(crate) fn want_diff(&self, app: App, a: Position, b: Position) {
        let key = DiffKey { edition: app.edition(), of: app.whose_state(), a, b };
        self.diff.ask(key, move |key| diff(app, key));
    }

    /// Sees to it that the partitions of a projection are known; follows the head.
    pub(crate) fn want_partitions(&self, app: App, name: String) {
        let key = PartitionsKey { edition: app.edition(), name, head: app.head.get() };
        self.partitions.ask(key, move |key| partitions(app, key));
    }

    /// Forgets what could not be worked out, so that it is asked for anew.
    pub(super) fn try_again(&self) {
        self.at_cursor.try_again();
        self.diff.try_again();
        self.partitions.try_again();
    }
}

async fn view(app: App, key: StateKey, recent: Recent) -> Result<StateView, Failure> {
    let subject = app.subject(&key.of, key.at)?;
    let mut pieces = Pieces::new();
    let key_before = StateKey { at: Position::new(key.at.get() - 1), ..key.clone() };
    let before = state(&subject, key_before, &recent).await?;
    pieces.step().await;
    let now = state(&subject, key.clone(), &recent).await?;
    pieces.step().await;
    let version = subject.stream.and_then(|stream| app.with_log(|log| version_at(log, &stream, key.at)));
    let value = now.map(|json| {
        let changes = Changes::between(before.as_ref().unwrap_or(&Json::Null), &json);
        Arc::new(TreeValue { json, changes })
    });
    pieces.step().await;
    app.follows.answer();
    Ok(StateView { version, value })
}

async fn state(subject: &Subject, key: StateKey, recent: &Recent) -> Result<Option<Json>, Failure> {
    let known = recent.borrow().iter().find(|(known, _)| *known == key).map(|(_, state)| state.clone());
    if let Some(state) = known {
        return Ok(state);
    }
    let state = subject.lens.state_at(key.at.into(), &subject.partition).await?;
    let mut recent = recent.borrow_mut();
    recent.insert(0, (key, state.clone()));
    recent.truncate(MOST_RECENT);
    Ok(state)
}

async fn diff(app: App, key: DiffKey) -> Result<DiffView, Failure> {
    let subject = app.subject(&key.of, key.b)?;
    let mut pieces = Pieces::new();
    let at_a = subject.lens.state_at(key.a.into(), &subject.partition).await?.unwrap_or_default();
    pieces.step().await;
    let at_b = subject.lens.state_at(key.b.into(), &subject.partition).await?.unwrap_or_default();
    pieces.step().await;
    let table = DiffTable::between(&at_a, &at_b);
    pieces.step().await;
    let operations = subject.lens.diff(key.a.into(), key.b.into(), &subject.partition).await?;
    pieces.step().await;
    let patch = operations.iter().filter_map(|operation| serde_json::to_string(operation).ok()).collect();
    Ok(DiffView { table, patch })
}

async fn partitions(app: App, key: PartitionsKey) -> Result<Vec<String>, Failure> {
    let lens = app.lenses().and_then(|lenses| lenses.projection(&key.name));
    let Some(lens) = lens else { return Ok(Vec::new()) };
    let found = lens.partitions_at(Cursor::Head).await?;
    Ok(found.iter().filter(|name| !name.is_empty()).map(ToString::to_string).collect())
}

fn version_at(log: &LogView, stream: &StreamName, at: Position) -> StreamVersion {
    let count = log.stream_positions(stream).partition_point(|position| u64::from(*position) <= at.get());
    StreamVersion::new(count as u64)
}
