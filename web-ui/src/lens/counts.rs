//! The state of the log as a whole: how many events of each type. Its index knows them; no payload is read.

use std::cell::RefCell;
use std::rc::Rc;

use leftfold_core::{BuildProgress, CancelToken, Cursor, EventStore, LogView, PatchOperation, Position, TimelineError};
use serde_json::{Value, json};

use super::lenses::Breathe;
use super::{Lens, LensFuture, WHOLE_LOG};
use crate::model::fold::{COUNT_EVERY, TypeCounts, log_state};
use crate::model::json::Json;

/// How many kept counts are made between two turns: some 60,000 events.
const BLOCKS_A_TURN: u64 = 16;

/// Counts by type of the whole log.
pub(super) struct LogCounts {
    store: EventStore,
    counts: RefCell<TypeCounts>,
    breathe: Breathe,
}

impl LogCounts {
    pub(super) fn new(store: EventStore, breathe: Breathe) -> Self {
        Self { store, counts: RefCell::default(), breathe }
    }

    /// The position that a cursor means, once everything up to it is counted.
    async fn reach(
        &self,
        at: Cursor,
        on_progress: &mut dyn FnMut(Position),
        cancel: &CancelToken,
    ) -> Result<Position, TimelineError> {
        let head = self.store.head();
        let at = match at {
            Cursor::Position(at) if at <= head => at,
            Cursor::Position(at) => at.min(self.store.refresh().await?),
            Cursor::Time(time) => {
                self.store.refresh().await?;
                self.store.with_log(|log| log.position_at(time))
            }
            Cursor::Head => self.store.refresh().await?,
        };
        let wanted = at.get() / COUNT_EVERY;
        loop {
            let kept = self.counts.borrow().blocks();
            if kept >= wanted {
                return Ok(at);
            }
            if cancel.is_cancelled() {
                return Err(TimelineError::Aborted);
            }
            let to = (kept + BLOCKS_A_TURN).min(wanted) * COUNT_EVERY;
            self.store.with_log(|log| self.counts.borrow_mut().at(to, type_of(log)));
            on_progress(Position::new(to));
            (self.breathe)().await;
        }
    }

    async fn counts_at(&self, at: Cursor) -> Result<(Position, Vec<u64>), TimelineError> {
        let at = self.reach(at, &mut |_| {}, &CancelToken::new()).await?;
        Ok((at, self.store.with_log(|log| self.counts.borrow_mut().at(at.get(), type_of(log)))))
    }

    fn state(&self, counts: &[u64]) -> Json {
        let names = self.type_names();
        log_state(counts, |index| names.get(index).map(String::as_str))
    }

    fn type_names(&self) -> Vec<String> {
        self.store.with_log(|log| log.types().iter().map(|kind| kind.event_type.to_string()).collect())
    }

    async fn patch(&self, a: Cursor, b: Cursor) -> Result<Vec<PatchOperation>, TimelineError> {
        let ((at, before), (_, after)) = (self.counts_at(a).await?, self.counts_at(b).await?);
        let names = self.type_names();
        let count = |counts: &[u64], index: usize| counts.get(index).copied().unwrap_or(0);
        let mut operations: Vec<Value> = Vec::new();
        let (before_all, after_all): (u64, u64) = (before.iter().sum(), after.iter().sum());
        if before_all != after_all {
            operations.push(json!({ "op": "replace", "path": "/events", "value": after_all }));
        }
        for (index, name) in names.iter().enumerate() {
            let path = format!("/types/{}", name.replace('~', "~0").replace('/', "~1"));
            operations.extend(match (count(&before, index), count(&after, index)) {
                (before, after) if before == after => None,
                (0, after) => Some(json!({ "op": "add", "path": path, "value": after })),
                (_, 0) => Some(json!({ "op": "remove", "path": path })),
                (_, after) => Some(json!({ "op": "replace", "path": path, "value": after })),
            });
        }
        serde_json::from_value(Value::Array(operations))
            .map_err(|error| TimelineError::NotJson { position: at, reason: error.to_string() })
    }

    /// Looks for the last event of a type: past the kept counts that are the same, then event by event.
    async fn last_of_type(&self, type_index: usize, at: Position) -> Option<Position> {
        let is_type = |log: &LogView, at: u64| log.type_index_of(Position::new(at)).map(|index| index as usize);
        let mut end = at.get();
        while end > 0 {
            let start = (end - 1) / COUNT_EVERY * COUNT_EVERY;
            let is_within = self.counts.borrow().grew(start / COUNT_EVERY, type_index);
            if is_within != Some(false) {
                let found =
                    self.store.with_log(|log| (start + 1..=end).rev().find(|at| is_type(log, *at) == Some(type_index)));
                if found.is_some() {
                    return found.map(Position::new);
                }
            }
            end = start;
        }
        None
    }
}

fn type_of(log: &LogView) -> impl Fn(u64) -> u32 {
    |position| log.type_index_of(Position::new(position)).unwrap_or(0)
}

impl Lens for LogCounts {
    fn name(&self) -> &str {
        WHOLE_LOG
    }

    fn build<'a>(
        &'a self,
        on_progress: &'a mut dyn FnMut(BuildProgress),
        cancel: &'a CancelToken,
    ) -> LensFuture<'a, ()> {
        Box::pin(async move {
            let head = self.store.refresh().await?;
            let at = Cursor::Position(head);
            self.reach(at, &mut |folded_to| on_progress(BuildProgress { folded_to, head }), cancel).await?;
            on_progress(BuildProgress { folded_to: head, head });
            Ok(())
        })
    }

    fn partitions_at(&self, at: Cursor) -> LensFuture<'_, Vec<Rc<str>>> {
        Box::pin(async move {
            let at = self.reach(at, &mut |_| {}, &CancelToken::new()).await?;
            Ok(if at == Position::ZERO { Vec::new() } else { vec!["".into()] })
        })
    }

    fn state_at<'a>(&'a self, at: Cursor, partition: &'a str) -> LensFuture<'a, Option<Json>> {
        Box::pin(async move {
            if !partition.is_empty() {
                return Ok(None);
            }
            let (_, counts) = self.counts_at(at).await?;
            Ok(Some(self.state(&counts)))
        })
    }

    fn diff<'a>(&'a self, a: Cursor, b: Cursor, partition: &'a str) -> LensFuture<'a, Vec<PatchOperation>> {
        Box::pin(async move { if partition.is_empty() { self.patch(a, b).await } else { Ok(Vec::new()) } })
    }

    fn last_write<'a>(&'a self, pointer: &'a str, at: Cursor, partition: &'a str) -> LensFuture<'a, Option<Position>> {
        Box::pin(async move {
            let at = self.reach(at, &mut |_| {}, &CancelToken::new()).await?;
            if at == Position::ZERO || !partition.is_empty() {
                return Ok(None);
            }
            if matches!(pointer, "" | "/events" | "/types") {
                return Ok(Some(at));
            }
            let Some(name) = pointer.strip_prefix("/types/") else { return Ok(None) };
            let name = name.replace("~1", "/").replace("~0", "~");
            match self.type_names().iter().position(|known| *known == name) {
                Some(index) => Ok(self.last_of_type(index, at).await),
                None => Ok(None),
            }
        })
    }
}
