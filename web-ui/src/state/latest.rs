//! The answer to the latest question, a moment behind it.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;

use futures_util::future::{Either, select};
use leftfold_core::{Position, TimelineError};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Trouble;
use super::browser::{frame_or_moment, next_frame, now_ms, sleep};

/// How long work on a question that nobody asks any more may go on.
const PATIENCE_MS: u64 = 400;
/// How long a question stands before work on it begins where they come faster than answers: after one whose answer came too late.
const STANDS_MS: u64 = 100;
/// Questions that never stand are worked on after so many waits,
const MOST_WAITS: u32 = 4;
/// and after so many if there was no answer at all.
const MOST_WAITS_IN_VAIN: u32 = 10;
/// How long a rest is, for each millisecond that the answer took.
const REST_FOR_WORK: f64 = 2.0;
/// No rest is longer, in milliseconds.
const LONGEST_REST_MS: f64 = 120.0;
/// A frame: a shorter rest is none.
const FRAME_MS: f64 = 16.0;
/// How much of a frame one piece of work may take before others get their turn.
const PIECE_MS: f64 = 4.0;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failure {
    pub(crate) trouble: Trouble,
    /// The event that could not be folded.
    pub(crate) at: Option<Position>,
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self { trouble, at: None }
    }
}

impl From<TimelineError> for Failure {
    fn from(error: TimelineError) -> Self {
        let at = match &error {
            TimelineError::Fold { position, .. } | TimelineError::NotJson { position, .. } => Some(*position),
            TimelineError::Upcast(error) => Some(error.position),
            _ => None,
        };
        Self { trouble: error.into(), at }
    }
}

/// An answer and the question that it answers.
pub(crate) struct Answered<K, T> {
    pub(crate) key: K,
    pub(crate) answer: Result<Arc<T>, Failure>,
}

impl<K: Clone, T> Clone for Answered<K, T> {
    fn clone(&self) -> Self {
        Self { key: self.key.clone(), answer: self.answer.clone() }
    }
}

impl<K: PartialEq, T: PartialEq> PartialEq for Answered<K, T> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && self.answer == other.answer
    }
}

/// Answers questions one after another. While it works on one, only the latest of those that come is kept; work that takes
/// long is broken off for it, unless its answer is still worth having. The answer before stays until the next is there.
pub(crate) struct Latest<K: 'static, T: 'static> {
    /// Whether the answer to the first question is worth having where the second is wanted.
    is_worth: fn(&K, &K) -> bool,
    shown: RwSignal<Option<Answered<K, T>>>,
    wanted: StoredValue<Option<K>>,
    is_working: StoredValue<bool>,
    /// How often all was forgotten: answers from before that are of another store.
    cleared: StoredValue<u64>,
    /// How often a failed answer was forgotten, so that whoever has asked asks again.
    tries: RwSignal<u64>,
}

impl<K, T> Clone for Latest<K, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, T> Copy for Latest<K, T> {}

impl<K, T> Latest<K, T>
where
    K: Clone + PartialEq + Send + Sync + 'static,
    T: Send + Sync + 'static,
{
    /// Every question but the latest is broken off.
    pub(super) fn new() -> Self {
        Self::worth(|worked_on, wanted| worked_on == wanted)
    }

    /// Work goes on while its answer is worth having.
    pub(super) fn worth(is_worth: fn(&K, &K) -> bool) -> Self {
        Self {
            is_worth,
            shown: RwSignal::new(None),
            wanted: StoredValue::new(None),
            is_working: StoredValue::new(false),
            cleared: StoredValue::new(0),
            tries: RwSignal::new(0),
        }
    }

    /// Forgets the answer and what was asked.
    pub(super) fn clear(&self) {
        self.cleared.update_value(|count| *count += 1);
        self.wanted.set_value(None);
        self.shown.set(None);
    }

    /// Forgets an answer that is a failure: it is asked for anew.
    pub(crate) fn try_again(&self) {
        let has_failed = self.shown.with_untracked(|shown| shown.as_ref().is_some_and(|shown| shown.answer.is_err()));
        if has_failed {
            self.shown.set(None);
            self.tries.update(|tries| *tries += 1);
        }
    }

    /// The latest answer; follows changes.
    pub(crate) fn shown(&self) -> Option<Answered<K, T>> {
        self.shown.get()
    }

    /// Asks. The same question is answered once. Follows [`try_again`](Self::try_again).
    pub(super) fn ask<F>(&self, key: K, answer: impl Fn(K) -> F + 'static)
    where
        F: Future<Output = Result<T, Failure>> + 'static,
    {
        let latest = *self;
        latest.tries.track();
        let is_known = latest.shown.with_untracked(|shown| shown.as_ref().is_some_and(|shown| shown.key == key));
        latest.wanted.set_value(Some(key).filter(|_| !is_known));
        if is_known || latest.is_working.get_value() {
            return;
        }
        latest.is_working.set_value(true);
        spawn_local(async move {
            // Whoever has asked may be gone, and this with it.
            while let Some(key) = latest.wanted.try_get_value().flatten() {
                let (since, cleared) = (now_ms(), latest.cleared.try_get_value());
                let answered = latest.work(&key, answer(key.clone())).await;
                let took_ms = now_ms() - since;
                let has_answer = answered.is_some();
                if has_answer {
                    frame_or_moment().await;
                }
                if latest.cleared.try_get_value() != cleared {
                    continue;
                }
                let is_wanted = latest.wants(|wanted| *wanted == key);
                if is_wanted {
                    latest.wanted.try_set_value(None);
                }
                // While the question changes with every frame, the answer before the last is still worth seeing.
                if let Some(answer) = answered
                    && (is_wanted || latest.wants(|_| true))
                {
                    latest.shown.try_set(Some(Answered { key, answer: answer.map(Arc::new) }));
                }
                if is_wanted {
                    rest_after(took_ms).await;
                } else {
                    latest.stands(if has_answer { MOST_WAITS } else { MOST_WAITS_IN_VAIN }).await;
                }
            }
            latest.is_working.try_set_value(false);
        });
    }

    /// Whether there is a wanted question of which this holds.
    fn wants(&self, holds: impl Fn(&K) -> bool) -> bool {
        self.wanted.try_with_value(|wanted| wanted.as_ref().is_some_and(holds)) == Some(true)
    }

    /// Waits until the question stays what it is for a moment.
    async fn stands(&self, most_waits: u32) {
        let mut before = self.wanted.try_get_value();
        for _ in 0..most_waits {
            sleep(STANDS_MS).await;
            let now = self.wanted.try_get_value();
            if now == before {
                return;
            }
            before = now;
        }
    }

    /// Works on an answer, for as long as it is worth it.
    async fn work(&self, key: &K, work: impl Future<Output = Result<T, Failure>>) -> Option<Result<T, Failure>> {
        let mut work = pin!(work);
        loop {
            match select(work.as_mut(), pin!(sleep(PATIENCE_MS))).await {
                Either::Left((answer, _)) => return Some(answer),
                Either::Right(_) if self.wants(|wanted| (self.is_worth)(key, wanted)) => {}
                Either::Right(_) => return None,
            }
        }
    }
}

/// Lets time pass after an answer: the longer it took, the longer, so that a question which changes with every frame does not
/// keep every frame at work.
async fn rest_after(took_ms: f64) {
    let rest = (took_ms * REST_FOR_WORK).min(LONGEST_REST_MS);
    if rest > FRAME_MS {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between a frame and the longest rest"
        )]
        sleep(rest as u64).await;
    }
    next_frame().await;
}

/// Cuts work into pieces of a frame.
pub(super) struct Pieces {
    since: f64,
}

impl Pieces {
    pub(super) fn new() -> Self {
        Self { since: now_ms() }
    }

    /// Lets the browser paint if this frame had enough. Whether it had.
    pub(super) async fn step(&mut self) -> bool {
        let had_enough = now_ms() - self.since > PIECE_MS;
        if had_enough {
            next_frame().await;
            self.since = now_ms();
        }
        had_enough
    }
}
