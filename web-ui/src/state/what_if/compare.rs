//! What the side panel says: both states at a position, and where they part.

use std::sync::Arc;

use leftfold_core::{Position, TimelineError};
use leptos::prelude::*;

use super::WhatIfDesk;
use crate::lens::Plan;
use crate::model::branch::{Arrangement, EventRef, Rerun};
use crate::model::json::Json;
use crate::model::side_by_side::{Comparing, SideBySide};
use crate::model::state_of::StateOf;
use crate::sample::rerun;
use crate::state::browser::next_frame;
use crate::state::latest::{Answered, Failure, Pieces};
use crate::state::texts::Edition;
use crate::state::{App, Trouble};

/// Values that are compared before it is looked whether this frame had enough.
const VALUES_A_STEP: usize = 256;

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
    at_end: bool,
    arrangement: Arc<Arrangement>,
    rerun: Arc<Rerun>,
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
    /// Why main has no state there, where the branch has one.
    pub(crate) main_failure: Option<Failure>,
    /// Events from the fork on, on main.
    pub(crate) of_main: u64,
    /// Events from the fork on, on the branch.
    pub(crate) of_branch: u64,
    pub(crate) skipped: u64,
    pub(crate) refused: u64,
    pub(crate) unreached: u64,
}

impl RerunKey {
    /// Whether an answer is still wanted when the question has become another: the log grows while one is worked on.
    pub(super) fn is_worth(&self, wanted: &Self) -> bool {
        Self { head: wanted.head, ..self.clone() } == *wanted
    }
}

impl SideKey {
    /// The same.
    pub(super) fn is_worth(&self, wanted: &Self) -> bool {
        *self == *wanted || (self.at_end && Self { at: wanted.at, ..self.clone() } == *wanted)
    }
}

impl FirstKey {
    /// The same.
    pub(crate) fn is_worth(&self, wanted: &Self) -> bool {
        Self { head: wanted.head, ..self.clone() } == *wanted
    }
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

    /// Whether commands are being decided: until it is known what they come to, nothing is said of the branch.
    pub(crate) fn is_deciding(self, app: App) -> bool {
        self.decision(app).is_some_and(|decided| decided.is_none())
    }

    /// Why the commands could not be decided anew.
    pub(crate) fn rerun_failure(self, app: App) -> Option<Failure> {
        self.decision(app)??.answer.err()
    }

    /// The last event that commands were decided up to, where that is not the last one of the log.
    pub(crate) fn decided_until(self, app: App) -> Option<Position> {
        Some(self.decision(app)??.key.head).filter(|until| *until < app.head.get())
    }

    /// What is known of the commands of the branch; `None` where they are not decided anew.
    fn decision(self, app: App) -> Option<Option<Answered<RerunKey, Rerun>>> {
        let (branch, arrangement) = (self.branch.get()?, self.arrangement.get()?);
        let is_wanted = branch.reruns && self.knows_commands(app);
        is_wanted.then(|| self.rerun.shown().filter(|shown| shown.key.arrangement == arrangement))
    }

    /// The question for both states as it is now; `None` while it cannot be asked. Follows what it depends on.
    pub(crate) fn side_key(self, app: App) -> Option<SideKey> {
        let arrangement = self.arrangement.get().filter(|_| !self.is_deciding(app))?;
        let at_end = self.at_end.get();
        let at = if at_end { app.head.get() } else { app.follows.details.get() };
        Some(SideKey {
            edition: app.edition(),
            of: app.whose_state(),
            at,
            at_end,
            arrangement,
            rerun: self.outcome.get(),
        })
    }

    /// The same for the first difference.
    pub(crate) fn first_key(self, app: App) -> Option<FirstKey> {
        let arrangement = self.arrangement.get().filter(|_| !self.is_deciding(app))?;
        Some(FirstKey {
            edition: app.edition(),
            of: app.whose_state(),
            head: app.head.get(),
            arrangement,
            rerun: self.outcome.get(),
        })
    }

    /// Sees to it that both states are shown, and where they part.
    pub(crate) fn want_sides(self, app: App) {
        if let Some(key) = self.side_key(app) {
            self.sides.ask(key, move |key| compared(app, key));
        }
        if let Some(key) = self.first_key(app) {
            self.first.ask(key, move |key| parted(app, key));
        }
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
    // What fails on main may be what the branch leaves out.
    let main = subject.lens.state_at(key.at.into(), &subject.partition).await.map_err(Failure::from);
    pieces.step().await;
    let plan = Plan::of(&store, &key.arrangement, &key.rerun)?;
    let branch = subject.lens.branch(&plan).ok_or_else(|| cannot_branch(&key.of))?.await?;
    let (main, branch, main_failure) = match (main, branch.state_at(key.at, &subject.partition).await) {
        (Ok(main), branch) => (main, branch.map_err(|error| failed(&plan, error))?, None),
        (Err(failure), Ok(branch)) => (None, branch, Some(failure)),
        (Err(failure), Err(_)) => return Err(failure),
    };
    pieces.step().await;
    let none = Some(Json::Null).filter(|_| main.is_none() && branch.is_none());
    let mut comparing = Comparing::new(main.as_ref().or(none.as_ref()), branch.as_ref().or(none.as_ref()));
    while comparing.step(VALUES_A_STEP) {
        pieces.step().await;
    }
    let sides = comparing.into_sides();
    let until = |event: EventRef| key.arrangement.place_of(event).is_some_and(|place| place <= key.at);
    let count = |number: usize| number as u64;
    let skipped = count(key.arrangement.skipped().filter(|event| until(*event)).count());
    let refused = count(key.rerun.refused.keys().filter(|event| until(**event)).count());
    let unreached = count(key.rerun.unreached.keys().filter(|event| until(**event)).count());
    let of_main = (key.at.get() + 1).saturating_sub(key.arrangement.fork().get());
    let put = count(key.arrangement.put_until(key.at).count());
    let away = count(key.arrangement.moved().filter(|moved| *moved <= key.at).count());
    let of_branch = (of_main + put).saturating_sub(away + skipped + refused + unreached);
    Ok(Comparison { sides, main_failure, of_main, of_branch, skipped, refused, unreached })
}

async fn parted(app: App, key: FirstKey) -> Result<Option<Position>, Failure> {
    let store = app.store().ok_or_else(left)?;
    let subject = app.subject(&key.of, key.head)?;
    let plan = Plan::of(&store, &key.arrangement, &key.rerun)?;
    let branch = subject.lens.branch(&plan).ok_or_else(|| cannot_branch(&key.of))?.await?;
    branch.first_difference(&subject.partition).await.map_err(|error| failed(&plan, error))
}

/// Why a branch cannot be folded. A new event has no position that one could go to: it is told by its number.
fn failed(plan: &Plan, error: TimelineError) -> Failure {
    let (position, said) = match &error {
        TimelineError::Fold { position, event_type, reason } => (*position, format!("{event_type}: {reason}")),
        TimelineError::Upcast(error) => (error.position, error.to_string()),
        _ => return error.into(),
    };
    match plan.new_at(position) {
        Some(number) => {
            let message = format!("The projection failed at new event {number}, {said}");
            Trouble::new(message, error.code()).into()
        }
        None => error.into(),
    }
}
