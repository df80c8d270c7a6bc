//! State at the cursor: of a projection, of a stream or of the whole log.

use std::sync::Arc;

use leftfold_core::{LogView, Position, StreamName, StreamVersion};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::App;
use super::browser::next_frame;
use super::trouble::Trouble;
use crate::model::changes::Changes;
use crate::model::json::Json;
use crate::model::state_of::StateOf;

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

/// The state at the cursor, a moment behind it.
#[derive(Clone, Copy)]
pub(crate) struct StateViews {
    shown: RwSignal<Option<Arc<StateView>>>,
    is_working: StoredValue<bool>,
}

impl StateViews {
    pub(super) fn new() -> Self {
        Self { shown: RwSignal::new(None), is_working: StoredValue::new(false) }
    }

    /// Forgets everything: another store is open.
    pub(super) fn clear(&self) {
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
        let Some(lenses) = app.lenses().filter(|_| at != Position::ZERO) else { return Ok(None) };
        let (lens, partition, stream) = match of {
            StateOf::Log => (lenses.log(), "", None),
            StateOf::Projection { name, partition } => match lenses.projection(name) {
                Some(lens) => (lens, partition.as_str(), None),
                None => return Ok(None),
            },
            StateOf::Selected => match app.row(at) {
                Some(row) => (lenses.stream(&row.stream), "", Some(row.stream)),
                None => return Ok(None),
            },
            StateOf::Stream(name) => {
                let stream = StreamName::new(name).map_err(|error| Trouble::new(error.to_string(), "invalid-event"))?;
                (lenses.stream(&stream), "", Some(stream))
            }
        };
        let before = lens.state_at(Position::new(at.get() - 1).into(), partition).await?.unwrap_or_default();
        let state = lens.state_at(at.into(), partition).await?.unwrap_or_default();
        let version = stream.and_then(|stream| app.with_log(|log| version_at(log, &stream, at)));
        let changes = Changes::between(&before, &state);
        Ok(Some(StateView { title: lens.name().to_owned(), at, version, state, changes }))
    }
}

fn version_at(log: &LogView, stream: &StreamName, at: Position) -> StreamVersion {
    let count = log.stream_positions(stream).partition_point(|position| u64::from(*position) <= at.get());
    StreamVersion::new(count as u64)
}
