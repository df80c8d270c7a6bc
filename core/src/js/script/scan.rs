//! A history breakpoint: every event after which an expression holds.

use std::fmt;

use super::fault::ScriptFault;
use super::feed::Feed;
use super::sandbox::Question;
use super::timeline::ScriptTimeline;
use crate::domain::Position;
use crate::engine::EventStore;
use crate::timeline::TimelineError;

/// A pass over the log of a store that finds the events after which an expression, JavaScript over `state` and `event`, is true:
/// a history breakpoint. `state` is that of the event's partition.
///
/// The log is folded once, from its beginning, page by page as [`next_page`](Self::next_page) is called; what is appended
/// meanwhile is found by further calls. It has a worker of its own, which ends when it is dropped: whoever asks a timeline of the
/// same text is not held up, and an expression that does not end ends nothing else. Nothing is kept but the live states.
pub struct ScriptScan {
    /// Its worker is asked for nothing but the scan.
    of: ScriptTimeline,
    expression: String,
    /// Events are looked at whatever they are: there is no state that leaves some out.
    is_of_events: bool,
    feed: Option<(Feed, Position)>,
    /// A page was asked for, and whoever asked has not waited for it: how far the worker is nobody knows.
    is_torn: bool,
    scanned_to: Position,
    /// What it fails with, and the last position before that. The worker has folded a part of a page then: what is found before the
    /// failure is found by another one.
    failing: Option<(Position, TimelineError)>,
    failure: Option<TimelineError>,
}

impl fmt::Debug for ScriptScan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptScan").field("scanned_to", &self.scanned_to).finish_non_exhaustive()
    }
}

impl ScriptScan {
    /// Starts a worker and has it read the text and the expression. Nothing of the log is read yet. What the text leaves out is
    /// not looked at, nor is what is not JSON.
    ///
    /// # Errors
    /// [`ScriptFault`]: one of the two is no JavaScript, the text is not a projection, or it cannot be run here.
    pub async fn start(store: EventStore, text: &str, expression: &str) -> Result<Self, ScriptFault> {
        Self::of(store, text, expression, false).await
    }

    /// The same without a text: every event is looked at, alone, and `state` is an empty object. What is not JSON has no `data`.
    ///
    /// # Errors
    /// [`ScriptFault`]: the expression is no JavaScript, or cannot be run here.
    pub async fn of_events(store: EventStore, expression: &str) -> Result<Self, ScriptFault> {
        Self::of(store, "fromAll().when({ $any() {} })", expression, true).await
    }

    async fn of(store: EventStore, text: &str, expression: &str, is_of_events: bool) -> Result<Self, ScriptFault> {
        let of = ScriptTimeline::start(store, text).await?;
        of.inner().reads.also(expression);
        let expression = expression.to_owned();
        let scan = Self {
            of,
            expression,
            is_of_events,
            feed: None,
            is_torn: false,
            scanned_to: Position::ZERO,
            failing: None,
            failure: None,
        };
        scan.of.inner().worker().ask(scan.begin()).await.map_err(unplaced)?;
        Ok(scan)
    }

    /// What has a worker read the expression.
    fn begin(&self) -> Question {
        let question = Question::new("scan").with("expression", self.expression.as_str());
        question.with("isOfEvents", self.is_of_events)
    }

    /// How far it is: every event up to here that the text folds was looked at.
    #[must_use]
    pub fn scanned_to(&self) -> Position {
        self.scanned_to
    }

    /// Looks at one more page, and gives the positions found in it, ascending; `None` when it has reached the head of the log as
    /// this handle knows it.
    ///
    /// # Errors
    /// [`TimelineError`], once everything before the event that fails was looked at, and the same one from then on. A machine that
    /// stands still too often fails it, too.
    pub async fn next_page(&mut self) -> Result<Option<Vec<Position>>, TimelineError> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        let was_torn = std::mem::replace(&mut self.is_torn, true);
        let found = self.look_on(was_torn).await;
        self.is_torn = false;
        self.failure = found.as_ref().err().cloned();
        found
    }

    async fn look_on(&mut self, was_torn: bool) -> Result<Option<Vec<Position>>, TimelineError> {
        let inner = self.of.inner();
        let mut head = inner.store.head();
        if let Some((last, error)) = &self.failing {
            if self.scanned_to >= *last {
                return Err(error.clone());
            }
            head = *last;
        } else if self.scanned_to >= head {
            return Ok(None);
        }
        if was_torn || inner.is_lacking.get() || inner.worker().has_ended() {
            // Up to where it was, the same is found once more.
            inner.begin_anew().await?;
            inner.worker().ask(self.begin()).await.map_err(unplaced)?;
            self.feed = Some((Feed::new(inner, "scanned", Position::ZERO, head), head));
        }
        let (mut feed, to) =
            self.feed.take().unwrap_or_else(|| (Feed::new(inner, "scanned", self.scanned_to, head), head));
        let Some(answered) = feed.next(inner).await? else {
            self.scanned_to = self.scanned_to.max(to);
            return Ok(Some(Vec::new()));
        };
        let said = match answered.said {
            Ok(said) => said,
            Err(fault) if fault.is_endless => {
                let behind = (answered.after, answered.up_to);
                let found = inner.find_endless("scanned", Some(self.begin()), behind).await;
                return match found {
                    Ok(None) | Err(_) if inner.stalls.is_borne() => Ok(Some(Vec::new())),
                    found => {
                        let fault = ScriptFault { position: found?, ..fault };
                        self.fails(fault)
                    }
                };
            }
            Err(fault) => return self.fails(fault),
        };
        if inner.reads.learn(&said) {
            inner.is_lacking.set(true);
            return Ok(Some(Vec::new()));
        }
        if let Some(error) = answered.error {
            return Err(error);
        }
        let known = self.scanned_to;
        self.scanned_to = known.max(answered.up_to);
        self.feed = Some((feed, to)).filter(|_| answered.up_to < to);
        Ok(Some(said.positions("hits").into_iter().filter(|hit| *hit > known).collect()))
    }

    /// Notes what it fails with. What lies before that is looked at first, by another worker.
    fn fails(&mut self, fault: ScriptFault) -> Result<Option<Vec<Position>>, TimelineError> {
        let inner = self.of.inner();
        let error = inner.fold_error(&fault);
        let Some(position) = fault.position.filter(|position| *position > self.scanned_to.next()) else {
            return Err(error);
        };
        inner.is_lacking.set(true);
        self.failing = Some((Position::new(position.get() - 1), error));
        Ok(Some(Vec::new()))
    }
}

/// What is wrong with the expression. Its lines are counted in what stands around it.
fn unplaced(fault: ScriptFault) -> ScriptFault {
    ScriptFault { line: None, column: None, ..fault }
}
