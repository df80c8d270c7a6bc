//! What the side panel says: both states at a position, and where they part.

use std::sync::Arc;

use leftfold_core::{Cursor, Position};
use leptos::prelude::*;

use super::WhatIfDesk;
use crate::lens::Plan;
use crate::model::branch::{Arrangement, EventRef, Rerun};
use crate::model::side_by_side::SideBySide;
use crate::model::state_of::StateOf;
use crate::sample::rerun;
use crate::state::browser::next_frame;
use crate::state::latest::{Failure, Pieces};
use crate::state::texts::Edition;
use crate::state::{App, Trouble};

/// A question for what commands come to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RerunKey {
    epoch: u64,
    pub(crate) arrangement: Arc<Arrangement>,
    head: Position,
}

/// A question for both states.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SideKey {
    edition: Edition,
    pub(crate) of: StateOf,
    pub(crate) at: Position,
    pub(crate) arrangement: Arc<Arrangement>,
    pub(crate) rerun: Arc<Rerun>,
}

/// A question for the first difference.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FirstKey {
    edition: Edition,
    pub(crate) of: StateOf,
    head: Position,
    arrangement: Arc<Arrangement>,
    rerun: Arc<Rerun>,
}

/// Both states at a position.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Comparison {
    pub(crate) sides: SideBySide,
    /// Events from the fork on, on main.
    pub(crate) of_main: u64,
    /// Events from the fork on, on the branch.
    pub(crate) of_branch: u64,
    pub(crate) skipped: u64,
    pub(crate) refused: u64,
    pub(crate) unreached: u64,
}

impl WhatIfDesk {
    /// Sees to it that commands are decided anew, where they are to be. Follows what it depends on.
    pub(crate) fn want_rerun(self, app: App) {
        let (Some(branch), Some(arrangement)) = (self.branch.get(), self.arrangement.get()) else { return };
        if !branch.reruns || !self.knows_commands(app) {
            return;
        }
        let key = RerunKey { epoch: app.epoch_tracked(), arrangement, head: app.head.get() };
        self.rerun.ask(key, move |key| decided(app, key));
    }

    /// Whether commands are being decided.
    pub(crate) fn is_deciding(self, app: App) -> bool {
        let (Some(branch), Some(arrangement)) = (self.branch.get(), self.arrangement.get()) else { return false };
        let is_known = self.rerun.shown().is_some_and(|shown| shown.key.arrangement == arrangement);
        branch.reruns && self.knows_commands(app) && !is_known
    }

    /// Sees to it that both states are shown, and where they part.
    pub(crate) fn want_sides(self, app: App) {
        let Some(arrangement) = self.arrangement.get() else { return };
        let (of, rerun) = (app.whose_state(), self.outcome.get());
        let at = if self.at_end.get() { app.head.get() } else { app.follows.details.get() };
        let key = SideKey {
            edition: app.edition(),
            of: of.clone(),
            at,
            arrangement: Arc::clone(&arrangement),
            rerun: Arc::clone(&rerun),
        };
        self.sides.ask(key, move |key| compared(app, key));
        let key = FirstKey { edition: app.edition(), of, head: app.head.get(), arrangement, rerun };
        self.first.ask(key, move |key| parted(app, key));
    }

    /// Asks anew for what could not be worked out.
    pub(crate) fn try_again(self) {
        self.rerun.try_again();
        self.sides.try_again();
        self.first.try_again();
        self.test.try_again();
    }
}

async fn decided(app: App, key: RerunKey) -> Result<Rerun, Failure> {
    let store = app.store().ok_or_else(left)?;
    let between = async |_| {
        next_frame().await;
        app.epoch() == key.epoch
    };
    let outcome = rerun::run(&store, &key.arrangement, key.head, between).await;
    outcome.map_err(|error| Trouble::new(error.to_string(), error.code()))?.ok_or_else(left)
}

fn left() -> Failure {
    Trouble::new("The store is not open any more.", "aborted").into()
}

fn cannot_branch(of: &StateOf) -> Failure {
    let what = super::super::subject::title(of);
    Trouble::new(
        format!("{what} cannot be branched: it is counted, not folded. Choose a stream or a projection."),
        "invalid-input",
    )
    .into()
}

async fn compared(app: App, key: SideKey) -> Result<Comparison, Failure> {
    let store = app.store().ok_or_else(left)?;
    let subject = app.subject(&key.of, key.at)?;
    let mut pieces = Pieces::new();
    let main = subject.lens.state_at(key.at.into(), &subject.partition).await?;
    pieces.step().await;
    let plan = Plan::of(&store, &key.arrangement, &key.rerun, key.at).await?;
    let branch = subject.lens.branch(Cursor::Position(key.at), &plan).ok_or_else(|| cannot_branch(&key.of))?.await?;
    let branch = branch.state(&subject.partition).await?;
    pieces.step().await;
    let sides = SideBySide::of(&main.unwrap_or_default(), &branch.unwrap_or_default());
    pieces.step().await;
    let until = |event: EventRef| key.arrangement.place_of(event).is_some_and(|place| place <= key.at);
    let count = |number: usize| number as u64;
    let skipped = count(key.arrangement.skipped().filter(|event| until(*event)).count());
    let refused = count(key.rerun.refused.keys().filter(|event| until(**event)).count());
    let unreached = count(key.rerun.unreached.keys().filter(|event| until(**event)).count());
    let of_main = (key.at.get() + 1).saturating_sub(key.arrangement.fork().get());
    let put = count(key.arrangement.put_until(key.at).count());
    let away = count(key.arrangement.moved().filter(|moved| *moved <= key.at).count());
    let of_branch = (of_main + put).saturating_sub(away + skipped + refused + unreached);
    Ok(Comparison { sides, of_main, of_branch, skipped, refused, unreached })
}

async fn parted(app: App, key: FirstKey) -> Result<Option<Position>, Failure> {
    let store = app.store().ok_or_else(left)?;
    let subject = app.subject(&key.of, key.head)?;
    let plan = Plan::of(&store, &key.arrangement, &key.rerun, key.head).await?;
    let branch = subject.lens.branch(Cursor::Position(key.head), &plan).ok_or_else(|| cannot_branch(&key.of))?.await?;
    Ok(branch.first_difference(&subject.partition).await?)
}
