//! The cards of read models: projections that run for as long as the store is open, once their page was, and what each shows
//! at the cursor.

mod history;
mod runner;
mod work;

use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;

use leftfold_core::{Position, ProjectionError, ProjectionProgress, ProjectionState, ProjectionStatus};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::browser::sleep;
use super::{App, Phase, Trouble};
use crate::lens::Lens;
use crate::model::chart::{BUILT_IN, Card, Content, SAMPLE, Series, Source};
use crate::model::format;
use crate::sample;

use runner::Runner;
pub(crate) use work::share_at;

/// How long news are gathered before a status is asked for again.
const GATHER_MS: u64 = 120;

/// What a card shows of the log.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ShownState {
    /// The position that was asked for.
    pub(crate) wanted: Position,
    /// The position that the content stands for: before the failure, when the projection fails at or before `wanted`.
    pub(crate) at: Position,
    /// The content, with what the step to `at` changed.
    pub(crate) content: Content,
}

/// The lines of a card, and what lies under their ends.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ShownSeries {
    pub(crate) series: Series,
    /// The positions of its points; none where they are times.
    positions: Vec<u64>,
    /// The head that the lines reach to.
    pub(crate) head: Position,
    /// Whether the width is time, from here to there in microseconds; else it is positions.
    pub(crate) times: Option<(i64, i64)>,
}

/// One card.
#[derive(Clone, Copy)]
pub(crate) struct CardState {
    pub(crate) card: Card,
    pub(crate) status: RwSignal<Option<ProjectionStatus>>,
    pub(crate) shown: RwSignal<Option<Arc<ShownState>>>,
    /// Why the state at the cursor is not shown.
    pub(crate) unshown: RwSignal<Option<Trouble>>,
    pub(crate) series: RwSignal<Option<Arc<ShownSeries>>>,
    pub(crate) progress: RwSignal<Option<ProjectionProgress>>,
    pub(crate) trouble: RwSignal<Option<Trouble>>,
    /// Changes when a rebuild is asked for and when it is asked to end: a rebuild that was given another number is not wanted.
    rebuild: StoredValue<u64>,
    /// Whether a rebuild is under way; else one with progress waits for its turn.
    is_rebuilding: StoredValue<bool>,
}

/// How a card stands, in the words of its badge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Starting,
    CaughtUp,
    Behind(u64),
    Rebuilding,
    Failed,
    Stopped,
}

impl CardState {
    fn new(card: Card) -> Self {
        Self {
            card,
            status: RwSignal::new(None),
            shown: RwSignal::new(None),
            unshown: RwSignal::new(None),
            series: RwSignal::new(None),
            progress: RwSignal::new(None),
            trouble: RwSignal::new(None),
            rebuild: StoredValue::new(0),
            is_rebuilding: StoredValue::new(false),
        }
    }

    fn clear(&self) {
        self.status.set(None);
        self.shown.set(None);
        self.unshown.set(None);
        self.series.set(None);
        self.progress.set(None);
        self.trouble.set(None);
    }

    /// How it stands; follows changes.
    pub(crate) fn standing(&self, app: App) -> Standing {
        if self.card.source == Source::Index {
            return Standing::CaughtUp;
        }
        if self.progress.with(Option::is_some) {
            return Standing::Rebuilding;
        }
        let head = app.head.get();
        self.status.with(|status| match status {
            None if self.trouble.with(Option::is_some) => Standing::Failed,
            None => Standing::Starting,
            Some(status) => match status.state {
                ProjectionState::Failed => Standing::Failed,
                ProjectionState::Stopped => Standing::Stopped,
                ProjectionState::Rebuilding => Standing::Rebuilding,
                ProjectionState::Following => match head.get().saturating_sub(status.checkpoint.get()) {
                    0 => Standing::CaughtUp,
                    behind => Standing::Behind(behind),
                },
            },
        })
    }

    /// Asks a rebuild to end. One that waits for its turn gets none.
    pub(crate) fn cancel(&self, app: App) {
        self.next_rebuild();
        if !self.is_rebuilding.get_value() && self.progress.with_untracked(Option::is_some) {
            self.progress.set(None);
            self.say_cancelled(app);
        }
    }

    fn say_cancelled(&self, app: App) {
        app.note("Rebuild cancelled", format!("{} keeps the read model from before.", self.card.name));
    }

    fn next_rebuild(&self) -> u64 {
        self.rebuild.update_value(|number| *number += 1);
        self.rebuild.get_value()
    }

    /// Makes a rebuild wait for its turn. Its number; `None` when there is one already.
    fn ask_rebuild(&self, head: Position) -> Option<u64> {
        if self.progress.with_untracked(Option::is_some) || self.is_rebuilding.get_value() {
            return None;
        }
        self.progress.set(Some(ProjectionProgress { done: 0, total: head.get() }));
        Some(self.next_rebuild())
    }
}

/// What runs for one opened store.
struct Running {
    epoch: u64,
    runners: Vec<(&'static str, Rc<dyn Runner>)>,
    histories: Vec<(&'static str, Vec<Position>, Rc<dyn Lens>)>,
}

/// The cards of the page.
#[derive(Clone, Copy)]
pub(crate) struct ProjectionCards {
    sample: StoredValue<Vec<CardState>>,
    built_in: StoredValue<Vec<CardState>>,
    running: StoredValue<Option<Running>, LocalStorage>,
    is_drawing: StoredValue<bool>,
    is_sampling: StoredValue<bool>,
    /// How often somebody asked to draw once more what could not be drawn.
    tries: RwSignal<u64>,
}

impl ProjectionCards {
    pub(super) fn new() -> Self {
        let states = |cards: &[Card]| StoredValue::new(cards.iter().copied().map(CardState::new).collect());
        Self {
            sample: states(&SAMPLE),
            built_in: states(&BUILT_IN),
            running: StoredValue::new_local(None),
            is_drawing: StoredValue::new(false),
            is_sampling: StoredValue::new(false),
            tries: RwSignal::new(0),
        }
    }

    /// The cards of the open store; follows changes.
    pub(crate) fn cards(&self, app: App) -> Vec<CardState> {
        let is_sample = app.phase.with(|phase| matches!(phase, Phase::Open { name } if name == sample::STORE));
        if is_sample { self.sample.get_value() } else { self.built_in.get_value() }
    }

    /// Runs the projections of the open store, unless they run.
    pub(crate) fn start(self, app: App) {
        let epoch = app.epoch();
        if self.running.with_value(|running| running.as_ref().is_some_and(|running| running.epoch == epoch)) {
            return;
        }
        self.stop();
        self.running.set_value(Some(Running { epoch, runners: Vec::new(), histories: Vec::new() }));
        let Some(store) = app.store() else { return };
        for state in untrack(|| self.cards(app)).into_iter().filter(|state| state.card.source == Source::Projection) {
            let store = store.clone();
            spawn_local(async move {
                let started = runner::start(&store, state.card.name).await;
                if app.epoch() != epoch {
                    if let Ok(Some(runner)) = started {
                        runner.stop();
                    }
                    return;
                }
                match started {
                    Ok(Some(runner)) => {
                        self.running.update_value(|running| {
                            if let Some(running) = running {
                                running.runners.push((state.card.name, Rc::clone(&runner)));
                            }
                        });
                        self.follow(app, state, runner, epoch).await;
                    }
                    Ok(None) => {}
                    Err(error) => state.trouble.set(Some(error.into())),
                }
            });
        }
    }

    /// Lets everything go: the store is left.
    pub(super) fn stop(self) {
        if let Some(running) = self.running.try_update_value(Option::take).flatten() {
            running.runners.iter().for_each(|(_, runner)| runner.stop());
        }
        for state in self.sample.get_value().into_iter().chain(self.built_in.get_value()) {
            state.next_rebuild();
            state.is_rebuilding.set_value(false);
            state.clear();
        }
    }

    /// Keeps the status of a card up to date until the store is left.
    async fn follow(self, app: App, state: CardState, runner: Rc<dyn Runner>, epoch: u64) {
        let is_asking = StoredValue::new(false);
        let asker = Rc::clone(&runner);
        let mut told = move || {
            // News come in bursts; one question answers for all of a burst.
            if is_asking.get_value() {
                return;
            }
            is_asking.set_value(true);
            let runner = Rc::clone(&asker);
            spawn_local(async move {
                self.ask(app, state, &*runner, epoch).await;
                sleep(GATHER_MS).await;
                is_asking.set_value(false);
                self.ask(app, state, &*runner, epoch).await;
            });
        };
        runner.watch(&mut told).await;
    }

    async fn ask(self, app: App, state: CardState, runner: &dyn Runner, epoch: u64) {
        let status = runner.status().await;
        if app.epoch() != epoch {
            return;
        }
        match status {
            Ok(status) => {
                state.trouble.set(None);
                let is_news = state.status.with_untracked(|old| old.as_ref() != Some(&status));
                if is_news {
                    state.status.set(Some(status));
                }
            }
            Err(error) => state.trouble.set(Some(error.into())),
        }
    }

    fn runner(self, state: CardState) -> Option<Rc<dyn Runner>> {
        self.running.with_value(|running| {
            let runners = &running.as_ref()?.runners;
            runners.iter().find(|(name, _)| *name == state.card.name).map(|(_, runner)| Rc::clone(runner))
        })
    }

    /// Builds a read model anew.
    pub(crate) fn rebuild(self, app: App, state: CardState) {
        self.rebuild_these(app, vec![state]);
    }

    /// Builds every read model anew, one after the other.
    pub(crate) fn rebuild_all(self, app: App) {
        self.rebuild_these(app, untrack(|| self.cards(app)));
    }

    fn rebuild_these(self, app: App, states: Vec<CardState>) {
        let (epoch, head) = (app.epoch(), app.head.get_untracked());
        let ask = |state: CardState| Some((state, self.runner(state)?, state.ask_rebuild(head)?));
        let asked: Vec<_> = states.into_iter().filter_map(ask).collect();
        spawn_local(async move {
            for (state, runner, number) in asked {
                if app.epoch() != epoch {
                    return;
                }
                if state.rebuild.get_value() == number {
                    self.rebuilt(app, state, runner, number).await;
                }
            }
        });
    }

    async fn rebuilt(self, app: App, state: CardState, runner: Rc<dyn Runner>, number: u64) {
        let epoch = app.epoch();
        state.is_rebuilding.set_value(true);
        let mut told = |progress: ProjectionProgress| {
            let is_wanted = state.rebuild.get_value() == number;
            if is_wanted {
                state.progress.set(Some(progress));
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        };
        let outcome = runner.rebuild(&mut told).await;
        if app.epoch() != epoch {
            return;
        }
        let reached = state.progress.with_untracked(|progress| progress.map(|progress| Position::new(progress.done)));
        state.progress.set(None);
        state.is_rebuilding.set_value(false);
        match outcome {
            Ok(()) => app.mark_rebuild(reached.unwrap_or(app.head.get_untracked()), state.card.name),
            Err(ProjectionError::Cancelled { .. }) => state.say_cancelled(app),
            Err(error) => app.complain("The rebuild did not end well", error.into()),
        }
        self.ask(app, state, &*runner, epoch).await;
    }

    /// Draws anew what could not be drawn.
    pub(crate) fn try_again(self) {
        self.tries.update(|tries| *tries += 1);
    }

    /// Tries the event again at which a projection has failed.
    pub(crate) fn retry(self, app: App, state: CardState, position: Position) {
        spawn_local(async move {
            let (Some(runner), epoch) = (self.runner(state), app.epoch()) else { return };
            let outcome = match runner.retry().await {
                Ok(()) => runner.caught_up(position).await,
                Err(error) => Err(error),
            };
            if app.epoch() != epoch {
                return;
            }
            self.ask(app, state, &*runner, epoch).await;
            match outcome {
                Ok(()) => {
                    app.note("Retried", format!("{} goes on behind {}.", state.card.name, format::position(position)))
                }
                Err(error) => app.complain("It failed again", error.into()),
            }
        });
    }

    /// Leaves the event out at which a projection has failed.
    pub(crate) fn skip(self, app: App, state: CardState, position: Position, reason: String) {
        spawn_local(async move {
            let (Some(runner), epoch) = (self.runner(state), app.epoch()) else { return };
            let outcome = runner.skip(position, &reason).await;
            if app.epoch() != epoch {
                return;
            }
            match outcome {
                Ok(()) => {
                    app.note("Event skipped", format!("{} leaves out {}.", state.card.name, format::position(position)))
                }
                Err(error) => app.complain("The event could not be skipped", error.into()),
            }
            self.ask(app, state, &*runner, epoch).await;
        });
    }
}

/// Stops what runs once its store is left.
pub(super) fn run(app: App) {
    Effect::new(move |_| {
        app.epoch.track();
        let is_of_another = app
            .projections
            .running
            .with_value(|running| running.as_ref().is_some_and(|running| running.epoch != app.epoch()));
        if is_of_another {
            app.projections.stop();
        }
    });
}
