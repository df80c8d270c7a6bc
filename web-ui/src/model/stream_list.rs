//! The streams of a log by category, as the rail lists them: found bit by bit, for there may be very many.

use std::collections::{HashMap, HashSet};

use leftfold_core::LogView;

use super::search::Needle;

/// How many streams are looked at between two questions whether to go on.
const STRIDE: usize = 1_024;
/// How many entries a list has at most: an element of the height of more is not laid out exactly.
pub const MOST_ENTRIES: usize = 150_000;

/// The numbers of the streams whose names fit, by category.
#[derive(Clone, Debug, Default)]
pub struct StreamGroups {
    needle: Option<Needle>,
    looked_at: usize,
    groups: Vec<Vec<u32>>,
    numbers: HashMap<String, usize>,
}

impl StreamGroups {
    /// No stream was looked at yet. Without a text every stream fits.
    #[must_use]
    pub fn new(needle: Option<Needle>) -> Self {
        Self { needle, ..Self::default() }
    }

    /// The text that names must have.
    #[must_use]
    pub fn needle(&self) -> Option<&Needle> {
        self.needle.as_ref()
    }

    /// Looks at the streams that were not looked at yet, as long as `goes_on` says so. Whether all were.
    pub fn look(&mut self, log: &LogView, mut goes_on: impl FnMut() -> bool) -> bool {
        let count = log.stream_count();
        while self.looked_at < count {
            let end = (self.looked_at + STRIDE).min(count);
            for number in self.looked_at..end {
                let Some((number, name)) = u32::try_from(number).ok().and_then(|n| Some((n, log.stream_name(n)?)))
                else {
                    continue;
                };
                // Categories are numbered by first appearance, as the log numbers them.
                let category = match self.numbers.get(name.category()) {
                    Some(category) => *category,
                    None => {
                        self.groups.push(Vec::new());
                        self.numbers.insert(name.category().to_owned(), self.groups.len() - 1);
                        self.groups.len() - 1
                    }
                };
                if self.needle.as_ref().is_none_or(|needle| needle.is_in(name.as_str())) {
                    self.groups[category].push(number);
                }
            }
            self.looked_at = end;
            if !goes_on() {
                break;
            }
        }
        self.looked_at == count
    }

    /// The streams of a category that fit, by first appearance.
    #[must_use]
    pub fn of(&self, category: usize) -> &[u32] {
        self.groups.get(category).map_or(&[], Vec::as_slice)
    }
}

/// A line of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    /// The category with this number.
    Category(usize),
    /// The stream with this number, below its category.
    Stream(u32),
}

/// The lines of the list. While a text is searched for, a category is listed for its name or for a stream that fits, and all
/// that fit are listed; otherwise those of the open categories, and everywhere the `named` ones.
#[must_use]
pub fn entries(
    categories: &[String],
    groups: &StreamGroups,
    open: &HashSet<usize>,
    named: &HashMap<usize, Vec<u32>>,
) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (number, name) in categories.iter().enumerate() {
        let streams = groups.of(number);
        let named = named.get(&number).map_or(&[] as &[u32], Vec::as_slice);
        let is_listed = match groups.needle() {
            Some(needle) => needle.is_in(name) || !streams.is_empty() || !named.is_empty(),
            None => true,
        };
        if !is_listed {
            continue;
        }
        entries.push(Entry::Category(number));
        let room = MOST_ENTRIES.saturating_sub(entries.len());
        if groups.needle().is_some() || open.contains(&number) {
            entries.extend(streams.iter().take(room).map(|stream| Entry::Stream(*stream)));
            let unfit = named.iter().filter(|stream| streams.binary_search(stream).is_err());
            entries.extend(unfit.map(|stream| Entry::Stream(*stream)));
        } else {
            entries.extend(named.iter().map(|stream| Entry::Stream(*stream)));
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use futures_executor::block_on;
    use leftfold_core::{EventStore, MemoryDatabase, NewEvent, OpenOptions, StreamName};

    use super::*;

    #[test]
    fn streams_are_listed_below_their_categories_and_found_by_name() {
        block_on(async {
            let store = EventStore::open(MemoryDatabase::new().open(), OpenOptions::default()).await.expect("a store");
            let mut bulk = store.bulk().await.expect("a bulk");
            for number in 0..3_000_u32 {
                let name = StreamName::new(&format!("{}-{number}", ["order", "payment"][number as usize % 2]));
                bulk.push(&name.expect("a name"), &NewEvent::json("Done", &()).expect("an event")).await.expect("room");
            }
            bulk.finish().await.expect("stored");
            let categories = ["order".to_owned(), "payment".to_owned()];
            let list = |needle: Option<&str>, open: &[usize], named: &[(usize, Vec<u32>)]| {
                let mut groups = StreamGroups::new(needle.and_then(Needle::new));
                let mut turns = 1;
                while !store.with_log(|log| groups.look(log, || false)) {
                    turns += 1;
                }
                assert_eq!(turns, 3, "1,024 streams a turn");
                entries(&categories, &groups, &open.iter().copied().collect(), &named.iter().cloned().collect())
            };
            assert_eq!(list(None, &[], &[]), [Entry::Category(0), Entry::Category(1)]);
            let open = list(None, &[1], &[(0, vec![8])]);
            assert_eq!(open[..4], [Entry::Category(0), Entry::Stream(8), Entry::Category(1), Entry::Stream(1)]);
            assert_eq!(open.len(), 3 + 1_500);
            assert_eq!(list(Some("T-299"), &[], &[]), {
                let mut found = vec![Entry::Category(1), Entry::Stream(299)];
                found.extend((2_990..3_000).filter(|number| number % 2 == 1).map(Entry::Stream));
                found
            });
            assert_eq!(list(Some("R-17"), &[], &[(0, vec![8])])[..2], [Entry::Category(0), Entry::Stream(170)]);
            assert_eq!(list(Some("pay"), &[], &[]).len(), 1 + 1_500);
        });
    }
}
