//! What a card shows of a projection that is written in the page: its state at the cursor.

use std::sync::Arc;

use leftfold_core::{Cursor, Position, TimelineError};
use leptos::prelude::*;

use super::App;
use super::latest::{Failure, Latest};
use super::texts::Edition;
use crate::model::changes::Changes;
use crate::model::chart::Content;
use crate::model::json::Json;
use crate::model::tree::TreeValue;

/// Partitions that are offered by name.
const MOST_OFFERED: usize = 200;

/// A question for what a card shows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TextKey {
    edition: Edition,
    name: String,
    /// The partition that was chosen; empty for the first.
    chosen: String,
    pub(crate) at: Position,
}

/// What a card shows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TextState {
    /// Where it stands: before the failure, where the projection fails at or before the cursor.
    pub(crate) at: Position,
    pub(crate) partition: String,
    pub(crate) shown: Option<TextShown>,
    pub(crate) fault: Option<TextFault>,
    pub(crate) folds: usize,
}

/// A state in the form that suits it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TextShown {
    Content(Content),
    Tree(Arc<TreeValue>),
}

/// What a projection fails with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TextFault {
    pub(crate) message: String,
    pub(crate) line: Option<u64>,
    /// The event at which it fails; none where the text cannot be run at all.
    pub(crate) position: Option<Position>,
}

/// The partitions that a card knows: of which edition, up to where, how many, and the first of them.
type KnownPartitions = Option<(Edition, Position, usize, Vec<String>)>;

/// A card of a projection that is written in the page.
#[derive(Clone, Copy)]
pub(crate) struct TextCard {
    name: StoredValue<String>,
    /// The partition that was chosen.
    pub(crate) chosen: RwSignal<String>,
    pub(crate) state: Latest<TextKey, TextState>,
    known: RwSignal<KnownPartitions>,
}

impl TextCard {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: StoredValue::new(name.to_owned()),
            chosen: RwSignal::new(String::new()),
            state: Latest::new(),
            known: RwSignal::new(None),
        }
    }

    /// How many partitions there are, and the names of the first; follows changes. None where the projection makes none.
    pub(crate) fn partitions(self) -> (usize, Vec<String>) {
        self.known.with(|known| known.as_ref().map(|(_, _, count, names)| (*count, names.clone())).unwrap_or_default())
    }

    /// Sees to it that the state at the cursor is shown. Call it whenever it may be another: also when the store was left a
    /// moment ago, and the card with it.
    pub(crate) fn want(self, app: App) {
        let (Some(name), Some(chosen)) = (self.name.try_get_value(), self.chosen.try_get()) else { return };
        let key = TextKey { edition: app.edition(), name, chosen, at: app.follows.details.get() };
        self.state.ask(key, move |key| answer(self, app, key));
    }

    async fn first_partition(
        self,
        timeline: &leftfold_core::js::script::ScriptTimeline,
        key: &TextKey,
        at: Position,
    ) -> Result<String, TimelineError> {
        let is_known = self.known.with_untracked(|known| {
            known.as_ref().is_some_and(|(edition, to, ..)| *edition == key.edition && *to >= at)
        });
        if !is_known {
            let mut names = timeline.partitions_at(Cursor::Position(at)).await?;
            let count = names.len();
            names.truncate(MOST_OFFERED);
            let _ = self.known.try_set(Some((key.edition, at, count, names)));
        }
        let first =
            self.known.try_with_untracked(|known| known.as_ref().and_then(|(.., names)| names.first().cloned()));
        Ok(first.flatten().unwrap_or_default())
    }
}

async fn answer(card: TextCard, app: App, key: TextKey) -> Result<TextState, Failure> {
    let gone = || TimelineError::Aborted;
    let lenses = app.lenses().ok_or_else(gone)?;
    let nothing = |fault| TextState { at: key.at, partition: String::new(), shown: None, fault: Some(fault), folds: 0 };
    let timeline = match lenses.text(&key.name).await {
        Ok(timeline) => timeline.ok_or_else(gone)?,
        Err(TimelineError::NotRunnable { reason }) => {
            return Ok(nothing(TextFault { message: reason, line: None, position: None }));
        }
        Err(error) => return Err(error.into()),
    };
    let mut at = key.at;
    let mut fault = None;
    loop {
        match state(card, &timeline, &key, at).await {
            Ok((partition, before, now)) => {
                let folds = timeline.last_seek().folds;
                let shown = now.map(|now| form(before, now, at == key.at));
                return Ok(TextState { at, partition, shown, fault, folds });
            }
            Err(error) => {
                let said = timeline.fault_of(&error).ok_or_else(|| error.clone())?;
                let first = fault.is_none();
                fault = Some(TextFault { message: said.message, line: said.line, position: said.position });
                match said.position.filter(|position| *position <= at && *position > Position::ZERO && !said.is_endless)
                {
                    // Before it failed it had a state.
                    Some(position) if first => at = Position::new(position.get() - 1),
                    _ => return Ok(TextState { at, partition: String::new(), shown: None, fault, folds: 0 }),
                }
            }
        }
    }
}

type Both = (String, Option<Json>, Option<Json>);

async fn state(
    card: TextCard,
    timeline: &leftfold_core::js::script::ScriptTimeline,
    key: &TextKey,
    at: Position,
) -> Result<Both, TimelineError> {
    let partition = match (timeline.outline().is_partitioned, key.chosen.is_empty()) {
        (false, _) => String::new(),
        (true, true) => card.first_partition(timeline, key, at).await?,
        (true, false) => {
            card.first_partition(timeline, key, at).await?;
            key.chosen.clone()
        }
    };
    let json = |text: Option<String>| text.map(|text| Json::parse(text.as_bytes()).unwrap_or_default());
    let before = Position::new(at.get().saturating_sub(1));
    let before = json(timeline.result_at(Cursor::Position(before), &partition).await?);
    let now = json(timeline.result_at(Cursor::Position(at), &partition).await?);
    Ok((partition, before, now))
}

/// What suits a state, with what the step changed in it.
fn form(before: Option<Json>, now: Json, marks: bool) -> TextShown {
    let before = before.unwrap_or_default();
    match (Content::of_state(&now), Content::of_state(&before)) {
        (Some(content), Some(old)) if marks => TextShown::Content(content.marked(&old)),
        (Some(content), _) => TextShown::Content(content),
        (None, _) => {
            let changes = if marks { Changes::between(&before, &now) } else { Changes::between(&now, &now) };
            TextShown::Tree(Arc::new(TreeValue { json: now, changes }))
        }
    }
}
