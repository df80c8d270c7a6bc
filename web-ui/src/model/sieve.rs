//! Which rows of a log pass the filter, worked out bit by bit: a log of a million events takes longer than a frame.

use std::sync::Arc;

use leftfold_core::{LogView, Position};

use super::filter::{Facet, Filter, Rows};

/// How many rows are looked at between two questions whether to go on.
const STRIDE: u64 = 4_096;

/// Judges events by the index of the log, and remembers its verdicts on names.
#[derive(Clone, Debug)]
struct Sieve {
    filter: Filter,
    looks_at_streams: bool,
    looks_at_tags: bool,
    types: Vec<bool>,
    streams: Vec<Option<bool>>,
    tag_sets: Vec<Option<bool>>,
}

impl Sieve {
    fn new(filter: Filter) -> Self {
        Self {
            looks_at_streams: filter.looks_at(&[Facet::Category, Facet::Stream]),
            looks_at_tags: filter.looks_at(&[Facet::Tag]),
            filter,
            types: Vec::new(),
            streams: Vec::new(),
            tag_sets: Vec::new(),
        }
    }

    /// Takes in names that are new in the log.
    fn learn(&mut self, log: &LogView) {
        let types = log.types();
        self.types
            .extend(types.iter().skip(self.types.len()).map(|kind| self.filter.passes_type(kind.event_type.as_str())));
        if self.looks_at_streams {
            self.streams.resize(log.stream_count(), None);
        }
    }

    fn passes(&mut self, log: &LogView, position: Position) -> Option<bool> {
        if !*self.types.get(log.type_index_of(position)? as usize)? {
            return Some(false);
        }
        if self.looks_at_streams {
            let number = log.stream_index_of(position)?;
            let verdict = self.streams.get_mut(number as usize)?;
            if verdict.is_none() {
                let name = log.stream_name(number)?;
                *verdict = Some(self.filter.passes_stream(name.as_str(), name.category()));
            }
            if *verdict != Some(true) {
                return Some(false);
            }
        }
        if self.looks_at_tags {
            let number = log.tag_set_index_of(position)?;
            let index = number as usize;
            if index >= self.tag_sets.len() {
                self.tag_sets.resize(index + 1, None);
            }
            let verdict = &mut self.tag_sets[index];
            if verdict.is_none() {
                *verdict = Some(self.filter.passes_tags(log.tag_set(number)?.iter().map(|tag| tag.as_str())));
            }
            return *verdict;
        }
        Some(true)
    }
}

/// The rows of a growing list that pass a filter.
///
/// Until all that was there at first has been judged, the rows are the ones that were shown before.
#[derive(Clone, Debug)]
pub struct Sifted {
    sieve: Sieve,
    /// How many rows of the source were judged.
    judged: u64,
    has_settled: bool,
    found: Arc<Rows>,
    before: Arc<Rows>,
}

impl Sifted {
    /// Nothing is judged yet; `before` is shown meanwhile.
    #[must_use]
    pub fn new(filter: Filter, before: Arc<Rows>) -> Self {
        let found = Arc::new(Rows::Some(Vec::new()));
        Self { sieve: Sieve::new(filter), judged: 0, has_settled: false, found, before }
    }

    /// The filter that judges.
    #[must_use]
    pub fn filter(&self) -> &Filter {
        &self.sieve.filter
    }

    /// The rows to show.
    #[must_use]
    pub fn rows(&self) -> &Arc<Rows> {
        if self.has_settled { &self.found } else { &self.before }
    }

    /// Whether the rows are those of this filter, and not yet those that were shown before.
    #[must_use]
    pub fn has_settled(&self) -> bool {
        self.has_settled
    }

    /// Judges what the source has and was not judged yet, as long as `goes_on` says so. Whether all is judged.
    pub fn judge(&mut self, log: &LogView, source: &Arc<Rows>, mut goes_on: impl FnMut() -> bool) -> bool {
        let count = source.len();
        if self.sieve.filter.is_empty() {
            self.found = Arc::clone(source);
            (self.judged, self.has_settled) = (count, true);
            return true;
        }
        self.sieve.learn(log);
        if let Rows::Some(positions) = Arc::make_mut(&mut self.found) {
            while self.judged < count {
                let end = (self.judged + STRIDE).min(count);
                for row in self.judged..end {
                    let Some(position) = source.at(row) else { continue };
                    if self.sieve.passes(log, position) == Some(true) {
                        positions.extend(u32::try_from(position.get()));
                    }
                }
                self.judged = end;
                if !goes_on() {
                    break;
                }
            }
        }
        let is_done = self.judged >= count;
        self.has_settled |= is_done;
        is_done
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use futures_executor::block_on;
    use leftfold_core::{EventStore, MemoryDatabase, NewEvent, OpenOptions, StreamName, Tag};
    use proptest::prelude::*;

    use super::super::filter::Rule;
    use super::*;

    const TYPES: [&str; 3] = ["Placed", "Packed", "Shipped"];
    const STREAMS: [&str; 5] = ["order-1", "order-2", "payment-1", "payment-2", "stock"];
    const TAGS: [&str; 2] = ["b2b", "express"];

    type Drawn = (usize, usize, u8);

    async fn append(store: &EventStore, events: &[Drawn]) {
        let mut bulk = store.bulk().await.expect("a bulk");
        for (kind, stream, tags) in events {
            let tags = TAGS.iter().enumerate().filter(|(i, _)| tags >> i & 1 == 1);
            let tags = tags.map(|(_, tag)| Tag::new(tag).expect("a tag"));
            let event = NewEvent::json(TYPES[*kind], &()).and_then(|event| event.with_tags(tags)).expect("an event");
            bulk.push(&StreamName::new(STREAMS[*stream]).expect("a name"), &event).await.expect("room");
        }
        bulk.finish().await.expect("stored");
    }

    fn naive(log: &LogView, source: &Rows, filter: &Filter) -> Vec<u64> {
        (0..source.len())
            .filter_map(|row| log.row(source.at(row)?))
            .filter(|row| {
                filter.passes_type(row.event_type.as_str())
                    && filter.passes_stream(row.stream.as_str(), row.stream.category())
                    && filter.passes_tags(row.tags.iter().map(|tag| tag.as_str()))
            })
            .map(|row| row.position.get())
            .collect()
    }

    fn positions(rows: &Rows) -> Vec<u64> {
        (0..rows.len()).filter_map(|row| rows.at(row)).map(Position::get).collect()
    }

    fn drawn_event() -> impl Strategy<Value = Drawn> {
        (0..TYPES.len(), 0..STREAMS.len(), 0..4_u8)
    }

    fn drawn_filter() -> impl Strategy<Value = Filter> {
        let names: Vec<(Facet, &str)> = (TYPES.iter().map(|name| (Facet::Type, *name)))
            .chain(STREAMS.iter().map(|name| (Facet::Stream, *name)))
            .chain(["order", "payment"].map(|name| (Facet::Category, name)))
            .chain(TAGS.iter().map(|name| (Facet::Tag, *name)))
            .collect();
        let rule = (proptest::sample::select(names), prop_oneof![Just(Rule::Only), Just(Rule::Hide)]);
        proptest::collection::vec(rule, 0..4).prop_map(|rules| {
            let mut filter = Filter::default();
            for ((facet, name), rule) in rules {
                filter.set(facet, name, Some(rule));
            }
            filter
        })
    }

    proptest! {
        #[test]
        fn the_rows_are_those_that_pass_also_as_the_log_grows(
            filter in drawn_filter(),
            first in proptest::collection::vec(drawn_event(), 1..40),
            later in proptest::collection::vec(drawn_event(), 1..20),
            every_second in any::<bool>(),
        ) {
            block_on(async {
                let store = EventStore::open(MemoryDatabase::new().open(), OpenOptions::default()).await.expect("a store");
                let source = |head: Position| Arc::new(if every_second {
                    Rows::Some((1..=head.get()).filter(|at| at % 2 == 0).filter_map(|at| u32::try_from(at).ok()).collect())
                } else {
                    Rows::All { head }
                });
                let mut sifted = Sifted::new(filter.clone(), Arc::default());
                for events in [&first, &later] {
                    append(&store, events).await;
                    let source = source(store.head());
                    assert!(store.with_log(|log| sifted.judge(log, &source, || true)));
                    let wanted = store.with_log(|log| naive(log, &source, &filter));
                    assert_eq!(positions(sifted.rows()), wanted);
                }
            });
        }
    }

    #[test]
    fn a_long_log_is_judged_in_parts_and_what_was_shown_stays_until_then() {
        block_on(async {
            let store = EventStore::open(MemoryDatabase::new().open(), OpenOptions::default()).await.expect("a store");
            let events: Vec<Drawn> = (0..10_000).map(|number| (number % 3, number % 5, 0)).collect();
            append(&store, &events).await;
            let mut filter = Filter::default();
            filter.set(Facet::Type, "Packed", Some(Rule::Only));
            let source = Arc::new(Rows::All { head: store.head() });
            let mut sifted = Sifted::new(filter.clone(), Arc::new(Rows::Some(vec![7])));
            let turns = Cell::new(0);
            let judge = |sifted: &mut Sifted| {
                turns.set(turns.get() + 1);
                store.with_log(|log| sifted.judge(log, &source, || false))
            };
            while !judge(&mut sifted) {
                assert_eq!(positions(sifted.rows()), [7]);
            }
            assert_eq!(turns.get(), 3, "4,096 rows a turn");
            assert_eq!(positions(sifted.rows()), store.with_log(|log| naive(log, &source, &filter)));
        });
    }
}
