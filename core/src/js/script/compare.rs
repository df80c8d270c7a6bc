//! Two texts over the same log: where they part.

use futures_util::future::join;
use js_sys::Array;
use serde_json::Value;
use wasm_bindgen::JsValue;

use super::fault::ScriptFault;
use super::sandbox::{Answer, Question, fault};
use super::search::Search;
use super::timeline::ScriptTimeline;
use crate::domain::{Position, Query, RecordedEvent};
use crate::engine::{CancelToken, EventStore, ReadOptions};
use crate::timeline::{BuildProgress, TimelineError};

/// Events whose outcomes come over at once.
const AT_ONCE: usize = 256;
/// What is asked of a batch.
const ASK: &str = "compared";

fn begin() -> Question {
    Question::new("compare")
}

/// One of the two texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptSide {
    /// The first.
    A,
    /// The second.
    B,
}

/// Where two texts part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScriptComparison {
    /// The first event after which they give something different, and the partition.
    pub first: Option<(Position, String)>,
    /// How many events there are after which they differ in a partition that the event went to.
    pub different: u64,
    /// How many events went to a partition in at least one of them.
    pub compared: u64,
    /// Which of them failed, and with what: nothing behind that is compared.
    pub stopped: Option<(ScriptSide, ScriptFault)>,
}

/// Folds the log with two texts, event by event, and says where they part: by their results, which are their states where they
/// make no other. Two JSON values are the same whatever the order of their members; a partition that is in one text alone differs.
///
/// `on_progress` is told how far it is, and what was found so far. Each text runs in a worker of its own; memory does not grow
/// with the log, but for the states themselves. Every outcome is written out to be compared: large states take long.
///
/// # Errors
/// [`TimelineError`], when one of them cannot be run at all; [`Aborted`](TimelineError::Aborted) soon after `cancel` was thrown.
/// What one of them fails with at an event is part of the answer.
pub async fn compare(
    store: &EventStore,
    a: &str,
    b: &str,
    mut on_progress: impl FnMut(BuildProgress, &ScriptComparison),
    cancel: &CancelToken,
) -> Result<ScriptComparison, TimelineError> {
    let (a, b) = join(ScriptTimeline::start(store.clone(), a), ScriptTimeline::start(store.clone(), b)).await;
    let sides = [a?, b?];
    for side in &sides {
        side.inner.ask(begin()).await?;
    }
    let head = store.refresh().await?;
    let [of_a, of_b] = [&sides[0], &sides[1]].map(|side| &side.inner.outline.query);
    let query = if of_a == of_b { of_a.clone() } else { Query::everything() };
    let of_both = Some(query.clone());
    let mut events = store.read_known(ReadOptions { to: Some(head), query: of_both, ..ReadOptions::default() });
    let mut found = ScriptComparison::default();
    while let Some(page) = events.next_page().await? {
        for part in page.chunks(AT_ONCE) {
            if cancel.is_cancelled() {
                return Err(TimelineError::Aborted);
            }
            let Some(last) = part.last().map(RecordedEvent::position) else { continue };
            found.take(&sides, &query, part).await?;
            on_progress(BuildProgress { folded_to: last, head }, &found);
            if found.stopped.is_some() {
                return Ok(found);
            }
        }
    }
    on_progress(BuildProgress { folded_to: head, head }, &found);
    Ok(found)
}

impl ScriptComparison {
    async fn take(
        &mut self,
        sides: &[ScriptTimeline; 2],
        query: &Query,
        part: &[RecordedEvent],
    ) -> Result<(), TimelineError> {
        let [a, b] = sides;
        let payloads = a.inner.lifted(part.to_vec())?;
        // Of an event that upcasters take away neither text hears.
        let mut positions: Vec<Position> = payloads.iter().map(RecordedEvent::position).collect();
        positions.dedup();
        let ask = |side: &ScriptTimeline, question: Question| {
            // Packed before anything is awaited: names have the numbers of the order in which they are sent.
            let question = question.batch(side.inner.packer.borrow_mut().pack(&payloads));
            let side = side.clone();
            async move { side.inner.worker().ask(question).await }
        };
        let routes = join(ask(a, Question::new("routes")), ask(b, Question::new("routes"))).await;
        let Some((to_a, to_b)) = self.both(routes) else {
            return self.find_endless(sides, query, &payloads, |question| question).await;
        };
        let (to_a, to_b) = (to_a.texts("names"), to_b.texts("names"));
        let of_both = |question: Question| question.with("first", names(&to_a)).with("second", names(&to_b));
        let asked = || of_both(Question::new(ASK));
        let outcomes = join(ask(a, asked()), ask(b, asked())).await;
        let Some((by_a, by_b)) = self.both(outcomes) else {
            return self.find_endless(sides, query, &payloads, of_both).await;
        };
        let outcomes = [&by_a, &by_b].map(|answer| [answer.texts("first"), answer.texts("second")]);
        let reached = outcomes[0][0].len().min(outcomes[1][0].len());
        for (index, position) in positions.into_iter().enumerate().take(reached) {
            let partitions = [to_a.get(index).cloned().flatten(), to_b.get(index).cloned().flatten()];
            self.compared += u64::from(partitions.iter().any(Option::is_some));
            let differs = |place: usize| {
                let outcome = |side: usize| outcomes[side][place].get(index).and_then(Option::as_deref);
                !is_same(outcome(0), outcome(1))
            };
            if let Some(place) = (0..2).find(|place| differs(*place)) {
                self.different += 1;
                let partition = partitions[place].clone().unwrap_or_default();
                self.first.get_or_insert((position, partition));
            }
        }
        // Whichever failed first: what the other did behind that is not compared.
        let faults = [(ScriptSide::A, by_a.member("fault")), (ScriptSide::B, by_b.member("fault"))];
        let faults = faults.into_iter().filter_map(|(side, said)| Some((side, fault(said?))));
        self.stopped = faults.min_by_key(|(_, fault)| fault.position);
        Ok(())
    }

    /// Says at which of the events the one that was ended did not come to an end, where it did not.
    async fn find_endless(
        &mut self,
        sides: &[ScriptTimeline; 2],
        query: &Query,
        payloads: &[RecordedEvent],
        of_both: impl FnOnce(Question) -> Question,
    ) -> Result<(), TimelineError> {
        let (Some((side, fault)), Some(first)) = (&mut self.stopped, payloads.first()) else { return Ok(()) };
        if !fault.is_endless {
            return Ok(());
        }
        let inner = sides[usize::from(*side == ScriptSide::B)].inner();
        let mut search = Search::start(inner, ASK, Some(begin())).await?;
        search.pass_to(Position::new(first.position().get() - 1), query).await?;
        fault.position = search.look(of_both, payloads).await?;
        Ok(())
    }

    /// Both answers, unless one of the two was ended.
    fn both(&mut self, (a, b): (Result<Answer, ScriptFault>, Result<Answer, ScriptFault>)) -> Option<(Answer, Answer)> {
        match (a, b) {
            (Ok(a), Ok(b)) => Some((a, b)),
            (Err(fault), _) => {
                self.stopped = Some((ScriptSide::A, fault));
                None
            }
            (_, Err(fault)) => {
                self.stopped = Some((ScriptSide::B, fault));
                None
            }
        }
    }
}

fn names(names: &[Option<String>]) -> Array {
    names.iter().map(|name| name.as_deref().map_or(JsValue::NULL, JsValue::from_str)).collect()
}

/// Whether two JSON texts say the same.
fn is_same(a: Option<&str>, b: Option<&str>) -> bool {
    if a == b {
        return true;
    }
    let value = |text: Option<&str>| text.and_then(|text| serde_json::from_str::<Value>(text).ok());
    matches!((value(a), value(b)), (Some(a), Some(b)) if a == b)
}
