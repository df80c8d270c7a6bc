//! The history breakpoint: one pass over the log finds all its hits, and follows what is appended.

use leftfold_core::js::script::ScriptScan;
use leftfold_core::{EventStore, Position, TimelineError};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{App, Failure, OnlyThese, Trouble};
use crate::model::breakpoint::{Breakpoint, Hits, Over};
use crate::model::timeline::{Command, Direction, Timeline};

/// How the pass over the log stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Scan {
    Idle,
    Running,
    /// All of the log was looked at; what is appended is, too.
    Following,
    Cancelled,
    Failed(Failure),
}

/// The breakpoint of the open store, and what was found.
#[derive(Clone, Copy)]
pub(crate) struct BreakpointDesk {
    /// The breakpoint; set it by [`App::set_breakpoint`].
    pub(crate) set: RwSignal<Option<Breakpoint>>,
    pub(crate) hits: RwSignal<Hits>,
    pub(crate) scan: RwSignal<Scan>,
    /// The position up to which the log was looked at.
    pub(crate) seen: RwSignal<Position>,
    /// How often a pass was asked for: the same breakpoint may be looked for again.
    asked: RwSignal<u64>,
    /// The number of the pass: another pass is not wanted any more.
    number: StoredValue<u64>,
    /// What looks on when the log has grown.
    resting: StoredValue<Option<ScriptScan>, LocalStorage>,
}

impl BreakpointDesk {
    pub(super) fn new() -> Self {
        Self {
            set: RwSignal::new(None),
            hits: RwSignal::new(Hits::default()),
            scan: RwSignal::new(Scan::Idle),
            seen: RwSignal::new(Position::ZERO),
            asked: RwSignal::new(0),
            number: StoredValue::new(0),
            resting: StoredValue::new_local(None),
        }
    }

    /// Lets it go: the store is left.
    pub(super) fn clear(self) {
        self.stop(Scan::Idle);
        self.set.set(None);
        self.hits.set(Hits::default());
        self.seen.set(Position::ZERO);
    }

    fn stop(self, scan: Scan) {
        self.number.update_value(|number| *number += 1);
        self.resting.set_value(None);
        self.scan.set(scan);
    }

    /// Ends the pass; what was found stays.
    pub(crate) fn cancel(self) {
        self.stop(Scan::Cancelled);
    }

    fn is_wanted(self, number: u64) -> bool {
        self.number.try_get_value() == Some(number)
    }

    /// A pass from the beginning of the log.
    async fn look(
        self,
        store: EventStore,
        source: Option<String>,
        expression: &str,
        number: u64,
    ) -> Result<(), TimelineError> {
        let scan = match source {
            Some(source) => ScriptScan::start(store, &source, expression).await?,
            None => ScriptScan::of_events(store, expression).await?,
        };
        self.look_on(scan, number).await
    }

    /// Looks at all that is new, then rests.
    async fn look_on(self, mut scan: ScriptScan, number: u64) -> Result<(), TimelineError> {
        while self.is_wanted(number) {
            let Some(found) = scan.next_page().await? else {
                self.resting.set_value(Some(scan));
                if self.scan.with_untracked(|scan| *scan != Scan::Following) {
                    self.scan.set(Scan::Following);
                }
                return Ok(());
            };
            if self.is_wanted(number) {
                self.seen.set(scan.scanned_to());
                if !found.is_empty() {
                    self.hits.update(|hits| hits.push(&found));
                }
            }
        }
        Ok(())
    }

    fn fail(self, outcome: Result<(), TimelineError>, number: u64) {
        if let Err(error) = outcome
            && self.is_wanted(number)
        {
            self.scan.set(Scan::Failed(error.into()));
        }
    }
}

/// Scans whenever the breakpoint is another one, or the projection that it is over has another text.
pub(super) fn run(app: App) {
    let desk = app.breakpoint;
    let wanted = Memo::new(move |_| {
        let breakpoint = desk.set.get()?;
        let source = match &breakpoint.over {
            Over::Projection(name) => app.texts.all.with(|texts| texts.named(name).map(|text| text.source.clone())),
            over => over.source(),
        };
        Some((app.epoch.get(), desk.asked.get(), breakpoint, source))
    });
    Effect::new(move |_| {
        let Some((_, _, breakpoint, source)) = wanted.get() else { return };
        app.scan(&breakpoint, source);
    });
    Effect::new(move |_| {
        app.head.track();
        if let Some(scan) = desk.resting.try_update_value(Option::take).flatten() {
            let number = desk.number.get_value();
            spawn_local(async move { desk.fail(desk.look_on(scan, number).await, number) });
        }
    });
}

impl App {
    /// Sets the breakpoint, or takes it away.
    pub(crate) fn set_breakpoint(self, breakpoint: Option<Breakpoint>) {
        if breakpoint.is_none() {
            self.forget_only(OnlyThese::Hits);
            self.breakpoint.clear();
        } else {
            self.breakpoint.set.set(breakpoint);
            self.scan_again();
        }
    }

    /// Looks at the whole log once more.
    pub(crate) fn scan_again(self) {
        self.breakpoint.asked.update(|asked| *asked += 1);
    }

    fn scan(self, breakpoint: &Breakpoint, source: Option<String>) {
        let desk = self.breakpoint;
        desk.stop(Scan::Running);
        desk.hits.set(Hits::default());
        desk.seen.set(Position::ZERO);
        let Some(store) = self.store() else { return };
        if source.is_none() && breakpoint.over != Over::Event {
            let name = match &breakpoint.over {
                Over::Projection(name) => name.clone(),
                over => over.key(),
            };
            let text = format!(
                "This browser has no projection {name}. Write it on the Projections page, or choose another state with Edit."
            );
            return desk.stop(Scan::Failed(Trouble::new(text, "projection-unknown").into()));
        }
        let (number, expression) = (desk.number.get_value(), breakpoint.expression.clone());
        spawn_local(async move {
            desk.fail(desk.look(store, source, &expression, number).await, number);
        });
    }

    /// Goes to the next hit, or to the one before.
    pub(crate) fn go_to_hit(self, forwards: bool) {
        let at = self.cursor.get_untracked();
        let hit = self.breakpoint.hits.with_untracked(|hits| if forwards { hits.next(at) } else { hits.previous(at) });
        if let Some(hit) = hit {
            self.jump_to(hit);
        }
    }

    /// Stops playback at the first hit that it came by on its way in a direction, round its loop too.
    pub(super) fn stop_at_hit(self, direction: Direction, before: Position, after: Position) {
        let range = self.timeline.with_untracked(Timeline::range);
        let passed = |hits: &Hits| hits.passed(direction, before, after, range);
        if let Some(hit) = self.breakpoint.hits.with_untracked(passed) {
            self.send(Command::Pause);
            self.send(Command::SetPositionClamped(hit));
        }
    }
}
