//! Keeping what cards show in step with the cursor and the head, in small pieces.

use std::sync::Arc;

use leftfold_core::Position;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::history::state_at;
use super::{CardState, ProjectionCards, ShownSeries, ShownState};
use crate::model::chart::{CardKind, Cell, Content, Series, Source, sample_positions, share_of_position};
use crate::model::format;
use crate::model::place::PageView;
use crate::model::turns::Turns;
use crate::state::browser::{next_frame, now_ms, sleep};
use crate::state::{App, Phase};

/// How many points a line has.
const POINTS: u64 = 120;
/// How long the page works before it lets others have their turn.
const TURN_MS: f64 = 6.0;
/// How long lines rest between two rounds while the log grows.
const REST_MS: u64 = 1_000;

/// Gives way when a turn is over.
struct Turn {
    began: f64,
}

impl Turn {
    fn begin() -> Self {
        Self { began: now_ms() }
    }

    async fn pass(&mut self) {
        if now_ms() - self.began > TURN_MS {
            sleep(0).await;
            self.began = now_ms();
        }
    }
}

/// What the cards are drawn for. While it plays that is another with every frame: no card may wait until all others are drawn.
type Wanted = (u64, Position, Vec<Option<(Position, usize)>>, u64);

impl ProjectionCards {
    /// What decides on what is shown; follows changes. Failures and skipped events change the history of a card.
    fn wanted(self, app: App) -> Wanted {
        (app.epoch.get(), app.follows.details.get(), self.faults(app), self.tries.get())
    }

    /// Where each card's history breaks off, and how many events it leaves out; follows changes.
    fn faults(self, app: App) -> Vec<Option<(Position, usize)>> {
        let of = |state: &CardState| {
            state.status.with(|status| {
                let status = status.as_ref()?;
                let failed = status.failure.as_ref().map_or(Position::ZERO, |failure| failure.position);
                Some((failed, status.skipped.len()))
            })
        };
        self.cards(app).iter().map(of).collect()
    }

    fn is_looked_at(app: App) -> bool {
        app.page.get_untracked() == PageView::Projections && matches!(app.phase.get_untracked(), Phase::Open { .. })
    }

    /// Works until every card shows the state at the cursor. Call it whenever that may have changed.
    pub(crate) fn draw(self, app: App) {
        // Read here, so that the caller is told of changes.
        let _ = self.wanted(app);
        if self.is_drawing.get_value() {
            return;
        }
        self.is_drawing.set_value(true);
        spawn_local(async move {
            let mut turns = Turns::default();
            let (mut turn, mut since_frame) = (Turn::begin(), 0);
            while Self::is_looked_at(app) {
                let (wanted, cards) = untrack(|| (self.wanted(app), self.cards(app)));
                let Some(index) = turns.next(&wanted, cards.len()) else { break };
                self.draw_card(app, cards[index], wanted.0, wanted.1).await;
                since_frame += 1;
                if since_frame >= cards.len() {
                    next_frame().await;
                    (turn, since_frame) = (Turn::begin(), 0);
                } else {
                    turn.pass().await;
                }
            }
            self.is_drawing.set_value(false);
        });
    }

    async fn draw_card(self, app: App, state: CardState, epoch: u64, at: Position) {
        let shown = self.shown_at(app, state, at).await;
        if app.epoch() != epoch {
            return;
        }
        match shown {
            Ok(shown) => {
                state.shown.set(shown.map(|shown| Arc::new(with_rate(app, state, shown))));
                state.unshown.set(None);
            }
            // The state of another moment must not be taken for that of this one.
            Err(trouble) => {
                state.shown.set(None);
                state.unshown.set(Some(trouble));
            }
        }
    }

    /// Works until every line reaches to the head. Call it whenever the head may have grown.
    pub(crate) fn sample_lines(self, app: App) {
        let _ = (app.head.get(), self.faults(app), self.tries.get());
        if self.is_sampling.get_value() {
            return;
        }
        self.is_sampling.set_value(true);
        spawn_local(async move {
            let mut sampled = None;
            while Self::is_looked_at(app) {
                let wanted = untrack(|| (app.epoch(), app.head.get(), self.faults(app), self.tries.get()));
                if sampled.as_ref() == Some(&wanted) {
                    break;
                }
                let is_same_history =
                    sampled.as_ref().is_some_and(|(epoch, _, faults, _)| (*epoch, faults) == (wanted.0, &wanted.2));
                for state in untrack(|| self.cards(app)).into_iter().filter(|state| state.card.has_lines()) {
                    let series = match state.card.source {
                        Source::Projection => self.sampled(app, state, wanted.1, is_same_history).await,
                        Source::Index => index_series(app, state.card.kind),
                    };
                    if app.epoch() != wanted.0 {
                        break;
                    }
                    state.series.set(series.map(Arc::new));
                }
                sampled = Some(wanted);
                self.draw_rates(app);
                sleep(REST_MS).await;
            }
            self.is_sampling.set_value(false);
        });
    }

    async fn sampled(self, app: App, state: CardState, head: Position, may_go_on: bool) -> Option<ShownSeries> {
        let lens = self.lens(app, state)?;
        let failed =
            state.status.with_untracked(|status| status.as_ref()?.failure.as_ref().map(|failure| failure.position));
        // While the log grows by little, only the new end is asked for.
        let old = state.series.get_untracked().filter(|old| may_go_on && old.may_grow_to(head));
        let (mut positions, mut lines) =
            old.map_or_else(Default::default, |old| (old.positions.clone(), old.series.lines.clone()));
        let missing = if positions.is_empty() { sample_positions(head.get(), POINTS) } else { vec![head.get()] };
        let mut turn = Turn::begin();
        for position in missing {
            if failed.is_some_and(|failed| position >= failed.get()) {
                break;
            }
            let Ok(json) = state_at(&*lens, Position::new(position)).await else { break };
            positions.push(position);
            let values = state.card.values(&json);
            lines.resize_with(values.len(), Vec::new);
            lines.iter_mut().zip(values).for_each(|(line, value)| line.push(value));
            turn.pass().await;
        }
        let shares = positions.iter().map(|position| share_of_position(*position, head.get())).collect();
        Some(ShownSeries { series: Series { shares, lines }, positions, head, times: None })
    }

    /// The legends that are read off the lines.
    fn draw_rates(self, app: App) {
        for state in untrack(|| self.cards(app)).into_iter().filter(|state| state.card.source == Source::Index) {
            if let (CardKind::Lines, Some(shown)) = (state.card.kind, state.shown.get_untracked()) {
                state.shown.set(Some(Arc::new(with_rate(app, state, (*shown).clone()))));
            }
        }
    }
}

impl ShownSeries {
    /// Whether the lines stay even enough when the new end is all that is added.
    fn may_grow_to(&self, head: Position) -> bool {
        let (points, from) = (self.positions.len() as u64, self.head.get());
        (POINTS..2 * POINTS).contains(&points) && (from + 1..=from + from / POINTS).contains(&head.get())
    }
}

/// Lines that the index alone gives: events up to a time, or events of a stretch of time.
fn index_series(app: App, kind: CardKind) -> Option<ShownSeries> {
    app.with_log(|log| {
        let head = log.head();
        let (from, to) = (log.running_time(Position::new(1))?.as_micros(), log.running_time(head)?.as_micros());
        let steps = i64::try_from(POINTS).ok()?;
        let mut series = Series { shares: Vec::new(), lines: vec![Vec::new()] };
        let mut before = 0;
        for step in 0..steps {
            let time = i128::from(from) + i128::from(to - from) * i128::from(step) / i128::from(steps - 1);
            let time = leftfold_core::Timestamp::from_micros(i64::try_from(time).ok()?).ok()?;
            let upto = log.position_at(time).get();
            #[expect(clippy::cast_precision_loss, reason = "a point of a line")]
            {
                series.shares.push(step as f64 / (steps - 1) as f64);
                series.lines[0].push(if kind == CardKind::Lines { upto - before } else { upto } as f64);
            }
            before = upto;
        }
        Some(ShownSeries { series, positions: Vec::new(), head, times: Some((from, to)) })
    })
    .flatten()
}

/// The rate at the cursor, where the state does not say it.
fn with_rate(app: App, state: CardState, mut shown: ShownState) -> ShownState {
    if state.card.source == Source::Index
        && let Content::Lines { legend } = &mut shown.content
        && let Some(series) = state.series.get_untracked()
        && let Some((from, to)) = series.times
    {
        let share = share_at(app, &series, shown.at);
        #[expect(clippy::cast_precision_loss, reason = "a duration in words")]
        let stretch = (to - from) as f64 / 1e6 / (POINTS - 1) as f64;
        let events = series.series.value_at(0, share).map(state.card.write).unwrap_or_default();
        let text = format!("{events} in {}", format::seconds(stretch));
        if let Some((_, cell)) = legend.first_mut() {
            *cell = Cell::from(text);
        }
    }
    shown
}

/// Where the position lies on the width of the lines, from 0 to 1.
pub(crate) fn share_at(app: App, series: &ShownSeries, at: Position) -> f64 {
    match series.times {
        None => share_of_position(at.get(), series.head.get()),
        Some((from, to)) => {
            let time = app.with_log(|log| log.running_time(at)).flatten();
            crate::model::chart::share_of_time(time.map_or(from, |time| time.as_micros()), from, to)
        }
    }
}
