//! A history breakpoint: every event after which an expression holds.

use std::fmt;

use futures_util::future::join;

use super::fault::ScriptFault;
use super::sandbox::Question;
use super::timeline::ScriptTimeline;
use crate::domain::{Position, RecordedEvent};
use crate::engine::{EventStore, Events};
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
    reading: Option<Ahead>,
    scanned_to: Position,
    /// After a failure the worker has folded a part of a page, which no other page goes with.
    failure: Option<TimelineError>,
}

/// The log as it is read for the scan.
struct Ahead {
    events: Events,
    to: Position,
    /// A page that was read while the one before was scanned.
    next: Option<Option<Vec<RecordedEvent>>>,
}

impl fmt::Debug for ScriptScan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptScan").field("scanned_to", &self.scanned_to).finish_non_exhaustive()
    }
}

impl ScriptScan {
    /// Starts a worker and has it read the text and the expression. Nothing of the log is read yet.
    ///
    /// # Errors
    /// [`ScriptFault`]: one of the two is no JavaScript, the text is not a projection, or it cannot be run here.
    pub async fn start(store: EventStore, text: &str, expression: &str) -> Result<Self, ScriptFault> {
        let of = ScriptTimeline::start(store, text).await?;
        let asked = of.inner().worker().ask(Question::new("scan").with("expression", expression)).await;
        // Its lines are counted in what stands around it.
        asked.map_err(|fault| ScriptFault { line: None, column: None, ..fault })?;
        Ok(Self { of, reading: None, scanned_to: Position::ZERO, failure: None })
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
    /// [`TimelineError`], and the same one from then on.
    pub async fn next_page(&mut self) -> Result<Option<Vec<Position>>, TimelineError> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        let found = self.look_on().await;
        self.failure = found.as_ref().err().cloned();
        found
    }

    async fn look_on(&mut self) -> Result<Option<Vec<Position>>, TimelineError> {
        let inner = self.of.inner();
        let head = inner.store.head();
        if self.scanned_to >= head {
            return Ok(None);
        }
        let mut reading = self.reading.take().unwrap_or_else(|| {
            let options = inner.outline.read_from(self.scanned_to.next(), head);
            Ahead { events: inner.store.read_known(options), to: head, next: None }
        });
        let page = match reading.next.take() {
            Some(page) => page,
            None => reading.events.next_page().await?,
        };
        let page = page.unwrap_or_default();
        let Some(last) = page.last().map(RecordedEvent::position) else {
            self.scanned_to = reading.to;
            return Ok(Some(Vec::new()));
        };
        let bytes = inner.packer.borrow_mut().pack(&inner.lifted(page)?);
        let scanned = inner.ask(Question::new("scanned").batch(&bytes));
        let (answer, next) = join(scanned, reading.events.next_page()).await;
        let answer = answer?;
        reading.next = Some(next?);
        self.scanned_to = last;
        self.reading = Some(reading).filter(|reading| last < reading.to);
        Ok(Some(answer.positions("hits")))
    }
}
