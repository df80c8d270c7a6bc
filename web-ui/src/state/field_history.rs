//! Every event that wrote one field, looked up some at a time from the newest on.

use leftfold_core::Position;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::latest::{Failure, Pieces};
use super::{App, OnlyThese};
use crate::model::json::Json;
use crate::model::state_of::StateOf;
use crate::model::tree::{brief, delta, pointer};

/// How many writes are looked up at once.
const PAGE: usize = 100;

/// A field of a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    /// Whose state.
    pub(crate) of: StateOf,
    /// The way to the field; empty for the state itself.
    pub(crate) path: Vec<String>,
    /// The position that was looked back from.
    pub(crate) from: Position,
}

impl Field {
    /// Whether it is of a projection, whose text may become another one.
    pub(super) fn is_of_projection(&self) -> bool {
        matches!(self.of, StateOf::Projection { .. })
    }
}

/// An event that wrote the field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Write {
    /// Where the event stands.
    pub(crate) at: Position,
    /// The value before it; `None` where there was none.
    pub(crate) before: Option<String>,
    /// The value behind it; `None` where it was removed.
    pub(crate) after: Option<String>,
    /// The difference, of numbers.
    pub(crate) delta: Option<String>,
}

/// How far the looking back is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reach {
    /// It goes on.
    Looking,
    /// There may be earlier writes, before this position.
    More(Position),
    /// There is no earlier write.
    Whole,
    /// It cannot go on.
    Failed(Failure),
}

/// The history of the field that somebody looks at.
#[derive(Clone, Copy)]
pub(crate) struct FieldHistory {
    /// The field; `None` while nobody looks at one.
    pub(crate) field: RwSignal<Option<Field>>,
    /// What wrote it, newest first.
    pub(crate) writes: RwSignal<Vec<Write>>,
    /// How far the looking back is.
    pub(crate) reach: RwSignal<Reach>,
    /// Whether the writes are shown from the oldest on: then it is looked back as far as there are any.
    pub(crate) is_oldest_first: RwSignal<bool>,
    /// Counts what was asked for: answers to an earlier question are not wanted any more.
    asked: StoredValue<u64>,
}

impl FieldHistory {
    pub(super) fn new() -> Self {
        Self {
            field: RwSignal::new(None),
            writes: RwSignal::new(Vec::new()),
            reach: RwSignal::new(Reach::Whole),
            is_oldest_first: RwSignal::new(false),
            asked: StoredValue::new(0),
        }
    }

    /// Looks at a field.
    pub(crate) fn open(&self, app: App, field: Field) {
        let from = field.from;
        self.writes.set(Vec::new());
        self.field.set(Some(field));
        self.look_back(app, from);
    }

    /// Looks at no field any more.
    pub(crate) fn close(&self, app: App) {
        app.forget_only(OnlyThese::Writes);
        self.asked.update_value(|asked| *asked += 1);
        self.field.set(None);
        self.writes.set(Vec::new());
    }

    /// Goes on where it failed.
    pub(super) fn try_again(&self, app: App) {
        if matches!(self.reach.get_untracked(), Reach::Failed(_)) {
            let found = self.writes.with_untracked(|writes| writes.last().map(|write| write.at));
            let from = match found {
                Some(at) => Some(Position::new(at.get() - 1)),
                None => self.field.with_untracked(|field| field.as_ref().map(|field| field.from)),
            };
            self.look_back(app, from.unwrap_or_default());
        }
    }

    /// Shows the writes in the other order.
    pub(crate) fn turn(&self, app: App) {
        self.is_oldest_first.update(|is_oldest_first| *is_oldest_first = !*is_oldest_first);
        if let (true, Reach::More(from)) = (self.is_oldest_first.get_untracked(), self.reach.get_untracked()) {
            self.look_back(app, from);
        }
    }

    /// Looks up the writes at and before a position.
    pub(crate) fn look_back(&self, app: App, from: Position) {
        let Some(field) = self.field.get_untracked() else { return };
        self.asked.update_value(|asked| *asked += 1);
        let (history, asked, epoch) = (*self, self.asked.get_value(), app.epoch());
        self.reach.set(Reach::Looking);
        spawn_local(async move {
            let is_wanted = || history.asked.get_value() == asked && app.epoch() == epoch;
            let mut from = from;
            let (mut found_since, mut pieces) = (Vec::new(), Pieces::new());
            let mut room = PAGE;
            while room > 0 || history.is_oldest_first.get_untracked() {
                room = room.saturating_sub(1);
                let found = last_write(app, &field, from).await;
                if !is_wanted() {
                    return;
                }
                match found {
                    Ok(Some(write)) => {
                        from = Position::new(write.at.get() - 1);
                        found_since.push(write);
                    }
                    Ok(None) => return history.show(&mut found_since, Reach::Whole),
                    Err(failure) => return history.show(&mut found_since, Reach::Failed(failure)),
                }
                if pieces.step().await {
                    if !is_wanted() {
                        return;
                    }
                    history.show(&mut found_since, Reach::Looking);
                }
            }
            history.show(&mut found_since, Reach::More(from));
        });
    }
}

impl FieldHistory {
    fn show(&self, found: &mut Vec<Write>, reach: Reach) {
        if !found.is_empty() {
            self.writes.update(|writes| writes.append(found));
        }
        self.reach.set(reach);
    }
}

async fn last_write(app: App, field: &Field, from: Position) -> Result<Option<Write>, Failure> {
    if from == Position::ZERO {
        return Ok(None);
    }
    let subject = app.subject(&field.of, field.from)?;
    let (lens, partition) = (&subject.lens, subject.partition.as_str());
    let pointer = if field.path.is_empty() { String::new() } else { pointer(&field.path) };
    let Some(at) = lens.last_write(&pointer, from.into(), partition).await? else { return Ok(None) };
    let value = |state: Option<Json>| state.and_then(|state| state.at(&field.path).cloned());
    let after = value(lens.state_at(at.into(), partition).await?);
    let before = value(lens.state_at(Position::new(at.get() - 1).into(), partition).await?);
    let delta = before.as_ref().zip(after.as_ref()).and_then(|(before, after)| delta(before, after));
    Ok(Some(Write { at, before: before.as_ref().map(brief), after: after.as_ref().map(brief), delta }))
}
