//! A run of what was typed: the log folded up to the cursor, and nothing kept in the store.

use leftfold_core::js::script::{ScriptFault, ScriptTimeline};
use leftfold_core::{BuildProgress, CancelToken, Cursor, Position, TimelineError};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::EditorDesk;
use crate::state::App;
use crate::state::browser::now_ms;

/// What is wrong with a text, or with what it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) message: String,
    pub(crate) line: Option<u64>,
    pub(crate) column: Option<u64>,
    /// The event at which it failed, and its type.
    pub(crate) at: Option<(Position, String)>,
}

impl Fault {
    pub(super) fn new(app: App, fault: ScriptFault) -> Self {
        let of_type = |at: Position| (at, app.row(at).map(|row| row.event_type.to_string()).unwrap_or_default());
        let ScriptFault { message, line, column, position, .. } = fault;
        Self { message, line, column, at: position.map(of_type) }
    }

    pub(super) fn of_error(error: &TimelineError) -> Self {
        Self { message: error.to_string(), line: None, column: None, at: None }
    }
}

/// What a run has come to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ran {
    /// The number of the run.
    pub(crate) number: u64,
    /// How far the log was folded.
    pub(crate) at: Position,
    pub(crate) folds: u64,
    pub(crate) micros: u64,
    /// The text that was run.
    pub(crate) source: String,
    /// The partitions that there were by then; none where the text makes none.
    pub(crate) partitions: Vec<String>,
    pub(crate) is_partitioned: bool,
    pub(crate) has_result: bool,
    /// Whether handlers have asked for the time of day, and for chance.
    pub(crate) asked_for: (bool, bool),
    /// What it failed with, behind `at`.
    pub(crate) fault: Option<Fault>,
}

/// How a run stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Work {
    Idle,
    Running(Option<BuildProgress>),
    Ran(Ran),
    /// The text cannot be run at all.
    Unfit {
        source: String,
        fault: Fault,
    },
}

impl Work {
    /// What is wrong, and with which text.
    pub(crate) fn fault(&self) -> Option<(&Fault, &str)> {
        match self {
            Self::Ran(Ran { fault: Some(fault), source, .. }) | Self::Unfit { fault, source } => Some((fault, source)),
            _ => None,
        }
    }
}

/// The worker of the latest run.
#[derive(Default)]
pub(super) struct Running {
    number: u64,
    cancel: CancelToken,
    timeline: Option<ScriptTimeline>,
    source: String,
}

impl EditorDesk {
    /// Runs what was typed up to the cursor. A run before it ends.
    pub(crate) fn run(self, app: App) {
        let Some(store) = app.store() else { return };
        let number = app.next_number();
        let source = self.source.get_untracked();
        let cancel = CancelToken::new();
        let kept = self.running.try_update_value(|running| {
            running.cancel.cancel();
            running.cancel = cancel.clone();
            running.number = number;
            let is_same = running.source == source;
            running.timeline.take().filter(|timeline| is_same && timeline.fault().is_none())
        });
        self.unsaved.set(None);
        self.work.set(Work::Running(None));
        spawn_local(async move {
            let timeline = match kept.flatten() {
                Some(timeline) => Ok(timeline),
                None => ScriptTimeline::start(store, &source).await,
            };
            if !self.is_run(number) {
                return;
            }
            let timeline = match timeline {
                Ok(timeline) => timeline,
                Err(fault) => return self.work.set(Work::Unfit { source, fault: Fault::new(app, fault) }),
            };
            self.running.update_value(|running| {
                running.timeline = Some(timeline.clone());
                running.source.clone_from(&source);
            });
            if let Some(ran) = self.fold(app, &timeline, number, source, &cancel).await {
                self.work.set(Work::Ran(ran));
            }
        });
    }

    async fn fold(
        self,
        app: App,
        timeline: &ScriptTimeline,
        number: u64,
        source: String,
        cancel: &CancelToken,
    ) -> Option<Ran> {
        let wanted = app.cursor.get_untracked();
        let since = now_ms();
        let told = |progress| {
            if self.is_run(number) {
                self.work.set(Work::Running(Some(progress)));
            }
        };
        let folded = timeline.build_to(Cursor::Position(wanted), told, cancel).await;
        let took = (now_ms() - since).max(0.0);
        if !self.is_run(number) || matches!(folded, Err(TimelineError::Aborted)) {
            return None;
        }
        let fault = folded.err().map(|error| match timeline.fault_of(&error) {
            Some(fault) => Fault::new(app, fault),
            None => Fault::of_error(&error),
        });
        let failed_at = fault.as_ref().and_then(|fault| fault.at.as_ref()).map(|(at, _)| at.get());
        let at = match (&fault, failed_at) {
            (None, _) => wanted,
            (Some(_), at) => Position::new(at.unwrap_or(1).saturating_sub(1)),
        };
        let is_partitioned = timeline.outline().is_partitioned;
        let partitions =
            if is_partitioned { timeline.partitions_at(Cursor::Position(at)).await } else { Ok(Vec::new()) };
        self.is_run(number).then(|| Ran {
            number,
            at,
            folds: timeline.folds(),
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a duration")]
            micros: (took * 1e3) as u64,
            source,
            partitions: partitions.unwrap_or_default(),
            is_partitioned,
            has_result: timeline.outline().has_result,
            asked_for: timeline.asked_for(),
            fault,
        })
    }

    fn is_run(self, number: u64) -> bool {
        self.running.try_with_value(|running| running.number == number) == Some(true)
    }

    /// Ends the run that is under way, if there is one. What a run before it gave is gone.
    pub(crate) fn cancel_run(self) {
        self.stop_run();
        self.work.set(Work::Idle);
    }

    pub(super) fn stop_run(self) {
        self.running.update_value(|running| {
            running.cancel.cancel();
            *running = super::run::Running::default();
        });
    }

    /// The timeline of a run, while it is the latest.
    pub(super) fn timeline_of(self, number: u64) -> Option<ScriptTimeline> {
        self.running.try_with_value(|running| running.timeline.clone().filter(|_| running.number == number)).flatten()
    }
}
