//! State at the cursor: of one stream by folding its payloads, of the whole log by counting types.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use leftfold_core::{ContentType, Direction, EventStore, Position, StreamName, StreamReadOptions, StreamVersion};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::App;
use super::browser::next_frame;
use super::trouble::Trouble;
use crate::model::changes::Changes;
use crate::model::fold::{StreamFold, TypeCounts, log_state};
use crate::model::json::Json;

/// How many streams are kept folded.
const MOST_FOLDS: usize = 16;
/// How many events of a stream are read at once.
const PAGE: usize = 1_000;

/// Whose state is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StateOf {
    /// The stream of the event at the cursor.
    Selected,
    /// This stream, wherever the cursor goes.
    Stream(String),
    /// The whole log.
    Log,
}

/// A state at a position, with what changed against the step before.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StateView {
    /// Whose state: a stream's name, or the whole log.
    pub(crate) title: String,
    /// The position that it stands for.
    pub(crate) at: Position,
    /// The version of the stream there; `None` for the whole log.
    pub(crate) version: Option<StreamVersion>,
    /// The state.
    pub(crate) state: Json,
    /// What changed against the position before.
    pub(crate) changes: Changes,
}

#[derive(Default)]
struct Folds {
    streams: VecDeque<(StreamName, StreamFold)>,
    counts: TypeCounts,
}

/// The state at the cursor, a moment behind it.
#[derive(Clone, Copy)]
pub(crate) struct StateViews {
    folds: StoredValue<Rc<RefCell<Folds>>, LocalStorage>,
    shown: RwSignal<Option<Arc<StateView>>>,
    is_working: StoredValue<bool>,
}

impl StateViews {
    pub(super) fn new() -> Self {
        Self {
            folds: StoredValue::new_local(Rc::default()),
            shown: RwSignal::new(None),
            is_working: StoredValue::new(false),
        }
    }

    /// Forgets everything: another store is open.
    pub(super) fn clear(&self) {
        self.folds.set_value(Rc::default());
        self.shown.set(None);
    }

    /// The state that is shown; follows changes.
    pub(crate) fn shown(&self) -> Option<Arc<StateView>> {
        self.shown.get()
    }

    /// Works until the state shown is the one at the cursor. Call it whenever either may have changed.
    pub(crate) fn refresh(&self, app: App) {
        if self.is_working.with_value(|working| *working) {
            return;
        }
        self.is_working.set_value(true);
        let views = *self;
        spawn_local(async move {
            loop {
                let wanted = (app.epoch(), app.cursor.get_untracked(), app.state_of.get_untracked());
                match views.compute(app, wanted.1, &wanted.2).await {
                    Ok(view) if app.epoch() == wanted.0 => views.shown.set(view.map(Arc::new)),
                    Ok(_) => {}
                    Err(trouble) => app.complain("State could not be folded", trouble),
                }
                if wanted == (app.epoch(), app.cursor.get_untracked(), app.state_of.get_untracked()) {
                    break;
                }
                next_frame().await;
            }
            views.is_working.set_value(false);
        });
    }

    async fn compute(&self, app: App, at: Position, of: &StateOf) -> Result<Option<StateView>, Trouble> {
        let Some(store) = app.store() else { return Ok(None) };
        if at == Position::ZERO {
            return Ok(None);
        }
        let folds = self.folds.with_value(Rc::clone);
        match of {
            StateOf::Log => Ok(Some(log_view(&store, &folds, at))),
            StateOf::Selected => match app.row(at) {
                Some(row) => Ok(Some(stream_view(&store, &folds, row.stream, at).await?)),
                None => Ok(None),
            },
            StateOf::Stream(name) => {
                let stream = StreamName::new(name).map_err(|error| Trouble::new(error.to_string(), "invalid-event"))?;
                Ok(Some(stream_view(&store, &folds, stream, at).await?))
            }
        }
    }
}

fn log_view(store: &EventStore, folds: &Rc<RefCell<Folds>>, at: Position) -> StateView {
    let mut folds = folds.borrow_mut();
    store.with_log(|log| {
        let type_of = |position: u64| log.type_index_of(Position::new(position)).unwrap_or(0);
        let names: Vec<String> = log.types().iter().map(|kind| kind.event_type.to_string()).collect();
        let mut state_at = |at: u64| {
            let counts = folds.counts.at(at, type_of);
            log_state(&counts, |index| names.get(index).map(String::as_str))
        };
        let before = state_at(at.get() - 1);
        let state = state_at(at.get());
        let changes = Changes::between(&before, &state);
        StateView { title: "Whole log".to_owned(), at, version: None, state, changes }
    })
}

async fn stream_view(
    store: &EventStore,
    folds: &Rc<RefCell<Folds>>,
    stream: StreamName,
    at: Position,
) -> Result<StateView, Trouble> {
    let up_to = |at: Position| {
        let count = store
            .with_log(|log| log.stream_positions(&stream).partition_point(|position| u64::from(*position) <= at.get()));
        StreamVersion::new(count as u64)
    };
    let (version, before) = (up_to(at), up_to(Position::new(at.get() - 1)));
    let mut fold = folds.borrow_mut().take(&stream);
    while fold.version() < version {
        let options = StreamReadOptions {
            from: Some(fold.version().next()),
            to: Some(version),
            direction: Direction::Forwards,
            limit: Some(PAGE),
        };
        let events = store.read_stream(&stream, options).await?;
        if events.is_empty() {
            break;
        }
        for event in events {
            fold.push(match event.content() {
                ContentType::Json => Json::parse(event.data()).unwrap_or_default(),
                // Bytes have no members to merge; the state then says what they are.
                ContentType::Bytes(kind) => {
                    let bytes = Json::count(event.data().len() as u64);
                    Json::Object(vec![
                        ("contentType".to_owned(), Json::String(kind.to_string())),
                        ("bytes".to_owned(), bytes),
                    ])
                }
            });
        }
    }
    let earlier = fold.state_at(before);
    let state = fold.state_at(version);
    let title = stream.to_string();
    folds.borrow_mut().keep(stream, fold);
    let changes = Changes::between(&earlier, &state);
    Ok(StateView { title, at, version: Some(version), state, changes })
}

impl Folds {
    fn take(&mut self, stream: &StreamName) -> StreamFold {
        let index = self.streams.iter().position(|(name, _)| name == stream);
        index.and_then(|index| self.streams.remove(index)).map(|(_, fold)| fold).unwrap_or_default()
    }

    fn keep(&mut self, stream: StreamName, fold: StreamFold) {
        self.streams.push_front((stream, fold));
        self.streams.truncate(MOST_FOLDS);
    }
}
