//! One history out of a file: the order in which its events come into the log.
//!
//! By time, each event's key is the running maximum of time within its own stream, and equal keys keep the file's order.
//! So two events of one stream are never exchanged, whatever their times say, and events of different streams are in
//! the order of their times wherever each stream's own order allows it.
//!
//! A file whose events have positions, those of the log that it was taken from, comes in their order, unless the caller
//! asks for another.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use hashbrown::hash_map::Entry;

use super::options::ImportOrder;
use crate::domain::{NewEvent, StreamName, Timestamp};
use crate::engine::WideMap;

/// Events that are sorted at once. Whole runs are merged afterwards, event by event, so no step takes long.
const RUN_EVENTS: usize = 4_096;

/// An event on its way into the log.
pub(crate) type Placed = (StreamName, NewEvent);

#[derive(Debug)]
struct Held {
    /// Microseconds of a time, or a position.
    key: i64,
    /// Its number in its run, by the file's order.
    number: usize,
    event: Placed,
}

/// Brings the events of a file into order. By time and by position it holds them all; in the file's order it holds none.
#[derive(Debug)]
pub(super) struct Orderer {
    order: Option<ImportOrder>,
    /// The last position, under the order by position.
    position: Option<u64>,
    /// The running maximum of each stream.
    latest: WideMap<StreamName, Timestamp>,
    /// Sorted runs, in the file's order.
    runs: Vec<Vec<Held>>,
    /// The run that is being filled, in the file's order.
    run: Vec<Held>,
}

/// The file cannot be ordered by time: an event has none.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoTime;

impl Orderer {
    /// With `None` the order is by position when the first event has one; else by time as long as every event has one.
    pub(super) fn new(order: Option<ImportOrder>) -> Self {
        Self { order, position: None, latest: WideMap::default(), runs: Vec::new(), run: Vec::new() }
    }

    /// Takes the next event of the file. Events that are free to go are added to `out`.
    pub(super) fn push(&mut self, event: Placed, position: Option<u64>, out: &mut Vec<Placed>) -> Result<(), NoTime> {
        let is_first = self.run.is_empty() && self.runs.is_empty();
        if self.order.is_none() && (self.position.is_some() || (is_first && position.is_some())) {
            // An event without one stays behind the event before it.
            self.position = position.or(self.position);
            let key = self.position.map_or(i64::MAX, |position| i64::try_from(position).unwrap_or(i64::MAX));
            self.hold(key, event);
            return Ok(());
        }
        if self.order == Some(ImportOrder::File) {
            out.push(event);
            return Ok(());
        }
        let Some(time) = event.1.time() else {
            if self.order == Some(ImportOrder::Time) {
                return Err(NoTime);
            }
            self.order = Some(ImportOrder::File);
            self.give_in_file_order(out);
            out.push(event);
            return Ok(());
        };
        let (stream, event) = event;
        let (stream, key) = match self.latest.entry(stream) {
            Entry::Occupied(mut entry) => {
                let key = time.max(*entry.get());
                entry.insert(key);
                // The name that is held already, so that a stream's events share it.
                (entry.key().clone(), key)
            }
            Entry::Vacant(entry) => (entry.insert_entry(time).key().clone(), time),
        };
        self.hold(key.as_micros(), (stream, event));
        Ok(())
    }

    fn hold(&mut self, key: i64, event: Placed) {
        self.run.push(Held { key, number: self.run.len(), event });
        if self.run.len() >= RUN_EVENTS {
            self.close_run();
        }
    }

    fn give_in_file_order(&mut self, out: &mut Vec<Placed>) {
        self.close_run();
        for mut run in self.runs.drain(..) {
            run.sort_by_key(|held| held.number);
            out.extend(run.into_iter().map(|held| held.event));
        }
        self.latest = WideMap::default();
    }

    fn close_run(&mut self) {
        let mut run = std::mem::take(&mut self.run);
        run.sort_by_key(|held| held.key);
        self.runs.push(run);
    }

    /// Gives the events that were held, in order.
    pub(super) fn finish(mut self) -> Ordered {
        self.close_run();
        let mut runs: Vec<_> = self.runs.into_iter().map(|run| run.into_iter().peekable()).collect();
        let next = runs.iter_mut().enumerate().filter_map(|(number, run)| Some(Reverse((run.peek()?.key, number))));
        Ordered { next: next.collect(), runs }
    }
}

/// The events of the file in their order: a merge of sorted runs, where the earlier run wins a tie.
#[derive(Debug)]
pub(super) struct Ordered {
    runs: Vec<std::iter::Peekable<std::vec::IntoIter<Held>>>,
    next: BinaryHeap<Reverse<(i64, usize)>>,
}

impl Iterator for Ordered {
    type Item = Placed;

    fn next(&mut self) -> Option<Placed> {
        let Reverse((_, number)) = self.next.pop()?;
        let held = self.runs[number].next()?;
        if let Some(following) = self.runs[number].peek() {
            self.next.push(Reverse((following.key, number)));
        }
        Some(held.event)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// An event that remembers its place in the file.
    fn event(stream: u8, micros: Option<i64>, line: usize) -> Placed {
        let event = NewEvent::json("Happened", &line).expect("event");
        let event = match micros {
            Some(micros) => event.with_time(Timestamp::from_micros(micros).expect("in range")),
            None => event,
        };
        (StreamName::new(&format!("s-{stream}")).expect("name"), event)
    }

    fn line(event: &Placed) -> usize {
        serde_json::from_slice(event.1.data()).expect("a number")
    }

    fn ordered(order: Option<ImportOrder>, events: Vec<Placed>) -> Result<Vec<usize>, NoTime> {
        let mut orderer = Orderer::new(order);
        let mut out = Vec::new();
        for event in events {
            orderer.push(event, None, &mut out)?;
        }
        out.extend(orderer.finish());
        Ok(out.iter().map(line).collect())
    }

    #[test]
    fn a_stream_keeps_its_order_where_its_times_go_back() {
        let events = vec![event(1, Some(10), 0), event(1, Some(5), 1), event(2, Some(7), 2), event(2, Some(10), 3)];
        assert_eq!(ordered(None, events), Ok(vec![2, 0, 1, 3]));
    }

    #[test]
    fn one_event_without_a_time_keeps_the_files_order() {
        let events = |last| {
            let mut events: Vec<Placed> = (0..RUN_EVENTS + 10).map(|n| event(n as u8, Some(-(n as i64)), n)).collect();
            events.push(event(0, last, events.len()));
            events
        };
        let in_file_order: Vec<usize> = (0..RUN_EVENTS + 11).collect();
        assert_eq!(ordered(None, events(None)), Ok(in_file_order.clone()));
        assert_eq!(ordered(Some(ImportOrder::File), events(Some(0))), Ok(in_file_order.clone()));
        assert_eq!(ordered(Some(ImportOrder::Time), events(None)), Err(NoTime));
        assert_ne!(ordered(None, events(Some(0))), Ok(in_file_order));
    }

    #[test]
    fn positions_outrank_times_unless_another_order_is_asked_for() {
        let events = |order| {
            let mut orderer = Orderer::new(order);
            let mut out = Vec::new();
            for n in 0..RUN_EVENTS + 10 {
                let position = Some((RUN_EVENTS + 10 - n) as u64);
                orderer.push(event(n as u8, Some((n % 7) as i64), n), position, &mut out).expect("times");
            }
            out.extend(orderer.finish());
            out.iter().map(line).collect::<Vec<_>>()
        };
        let in_file_order: Vec<usize> = (0..RUN_EVENTS + 10).collect();
        assert_eq!(events(None), in_file_order.iter().rev().copied().collect::<Vec<_>>());
        assert_eq!(events(Some(ImportOrder::File)), in_file_order);
        assert_ne!(events(Some(ImportOrder::Time)), events(None));
    }

    proptest! {
        // A case is thousands of events, so that there are runs to merge.
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn by_time_is_a_stable_sort_by_the_running_maximum(rows in proptest::collection::vec((0_u8..5, 0_i64..50), 0..9_000)) {
            let mut latest = [i64::MIN; 5];
            let mut expected: Vec<(i64, usize)> = Vec::new();
            for (line, (stream, time)) in rows.iter().enumerate() {
                let latest = &mut latest[usize::from(*stream)];
                *latest = (*latest).max(*time);
                expected.push((*latest, line));
            }
            expected.sort();
            let events = rows.iter().enumerate().map(|(line, (stream, time))| event(*stream, Some(*time), line)).collect();
            let expected: Vec<usize> = expected.into_iter().map(|(_, line)| line).collect();
            prop_assert_eq!(ordered(None, events), Ok(expected));
        }
    }
}
