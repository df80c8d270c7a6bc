//! The states of a card: which lens has them, and how far it can be asked.

use std::rc::Rc;

use leftfold_core::{Position, ProjectionStatus, TimelineError};
use leptos::prelude::*;

use super::{CardState, ProjectionCards, ShownState};
use crate::lens::Lens;
use crate::model::chart::Source;
use crate::model::json::Json;
use crate::state::{App, Trouble};

impl ProjectionCards {
    /// The lens of a card. A projection that has skipped events is looked at without them.
    pub(super) fn lens(self, app: App, state: CardState) -> Option<Rc<dyn Lens>> {
        let lenses = app.lenses()?;
        if state.card.source == Source::Index {
            return Some(lenses.log());
        }
        let skipped = state.status.with_untracked(|status| status.as_ref().map(skipped_positions).unwrap_or_default());
        if skipped.is_empty() {
            return lenses.projection(state.card.name);
        }
        let (store, runner, name) = (app.store()?, self.runner(state)?, state.card.name);
        self.running
            .try_update_value(|running| {
                let histories = &mut running.as_mut()?.histories;
                let known = histories.iter().position(|(other, without, _)| *other == name && *without == skipped);
                if let Some(known) = known {
                    return Some(Rc::clone(&histories[known].2));
                }
                histories.retain(|(other, ..)| *other != name);
                let lens = runner.history_without(&store, &skipped);
                histories.push((name, skipped, Rc::clone(&lens)));
                Some(lens)
            })
            .flatten()
    }

    /// What a card shows at a position. Where the projection fails on the way there, its last good state.
    pub(super) async fn shown_at(
        self,
        app: App,
        state: CardState,
        wanted: Position,
    ) -> Result<Option<ShownState>, Trouble> {
        let Some(lens) = self.lens(app, state) else { return Ok(None) };
        let failed_at = state.status.with_untracked(|status| {
            status.as_ref().and_then(|status| status.failure.as_ref()).map(|failure| failure.position)
        });
        let mut at = match failed_at.filter(|failed| *failed <= wanted) {
            Some(failed) => Position::new(failed.get().saturating_sub(1)),
            None => wanted,
        };
        let after = loop {
            match state_at(&*lens, at).await {
                Err(TimelineError::Fold { position, .. }) if position <= at && position > Position::ZERO => {
                    at = Position::new(position.get() - 1);
                }
                answer => break answer?,
            }
        };
        let content = state.card.content(&after);
        let content = if at == wanted && at > Position::ZERO {
            let before = state_at(&*lens, Position::new(at.get() - 1)).await?;
            content.marked(&state.card.content(&before))
        } else {
            content
        };
        Ok(Some(ShownState { wanted, at, content }))
    }
}

pub(super) async fn state_at(lens: &dyn Lens, at: Position) -> Result<Json, TimelineError> {
    Ok(lens.state_at(at.into(), "").await?.unwrap_or_default())
}

fn skipped_positions(status: &ProjectionStatus) -> Vec<Position> {
    status.skipped.iter().map(|event| event.position).collect()
}
