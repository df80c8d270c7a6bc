//! Queries over the index: which positions match.

use hashbrown::HashSet;

use super::view::LogView;
use crate::domain::{Position, Query, QueryItem};

/// One item of a query with its names looked up. An item that names something unknown matches nothing.
struct Item {
    types: Option<HashSet<u32>>,
    tags: Vec<u32>,
    streams: Option<HashSet<u32>>,
    categories: Option<HashSet<u32>>,
}

/// A query with its names looked up in one log. It is made anew when the log has grown.
pub(crate) struct Search<'a> {
    log: &'a LogView,
    items: Vec<Item>,
}

fn numbers<N>(names: &[N], find: impl Fn(&N) -> Option<u32>) -> Option<HashSet<u32>> {
    (!names.is_empty()).then(|| names.iter().filter_map(find).collect())
}

impl<'a> Search<'a> {
    pub(crate) fn new(log: &'a LogView, query: &Query) -> Self {
        let items = query.items.iter().filter_map(|item| Self::look_up(log, item)).collect();
        Self { log, items }
    }

    fn look_up(log: &LogView, item: &QueryItem) -> Option<Item> {
        let tags: Option<Vec<u32>> = item.tags.iter().map(|tag| log.tags.find(tag.as_str())).collect();
        let found = Item {
            types: numbers(&item.types, |name| log.types.find(name.as_str())),
            tags: tags?,
            streams: numbers(&item.streams, |name| log.streams.find(name.as_str())),
            categories: numbers(&item.categories, |name| log.categories.find(name)),
        };
        let nothing = |set: &Option<HashSet<u32>>| set.as_ref().is_some_and(HashSet::is_empty);
        (!nothing(&found.types) && !nothing(&found.streams) && !nothing(&found.categories)).then_some(found)
    }

    pub(crate) fn matches(&self, position: Position) -> bool {
        self.log.row_number(position).is_some_and(|row| self.items.iter().any(|item| self.item_matches(item, row)))
    }

    fn item_matches(&self, item: &Item, row: usize) -> bool {
        let rows = &self.log.rows;
        let fits = |set: &Option<HashSet<u32>>, number: &dyn Fn() -> u32| {
            set.as_ref().is_none_or(|set| set.contains(&number()))
        };
        fits(&item.types, &|| self.log.kinds.get(rows.kind(row)).type_index)
            && fits(&item.streams, &|| rows.stream(row))
            && fits(&item.categories, &|| self.log.streams.get(rows.stream(row)).category)
            && (item.tags.is_empty() || {
                let set = &self.log.tag_sets.get(rows.tag_set(row)).numbers;
                item.tags.iter().all(|tag| set.contains(tag))
            })
    }

    /// The shortest list of positions that holds every match of `item`, if one is kept.
    fn candidates(&self, item: &Item) -> Option<Vec<&'a [u32]>> {
        let log = self.log;
        let tags = item.tags.iter().map(|tag| &*log.tags.get(*tag).positions).min_by_key(|list| list.len());
        let streams: Option<Vec<&[u32]>> = item
            .streams
            .as_ref()
            .map(|streams| streams.iter().map(|number| &*log.streams.get(*number).positions).collect());
        let total = |lists: &Vec<&[u32]>| lists.iter().map(|list| list.len()).sum::<usize>();
        match (tags, streams) {
            (Some(tag), Some(streams)) if total(&streams) < tag.len() => Some(streams),
            (Some(tag), _) => Some(vec![tag]),
            (None, streams) => streams,
        }
    }

    /// The last position of the log that matches, if it lies after `after`.
    ///
    /// By types, categories or nothing alone: constant time. By tags or streams: the events of the rarest tag or of the
    /// streams that lie after `after`. Types together with categories: the events after `after`.
    pub(crate) fn last_after(&self, after: Position) -> Option<Position> {
        self.items.iter().filter_map(|item| self.last_of_item(item, after)).max()
    }

    fn last_of_item(&self, item: &Item, after: Position) -> Option<Position> {
        let log = self.log;
        let is_match = |position: &u32| self.item_matches(item, *position as usize - 1);
        let found = if let Some(lists) = self.candidates(item) {
            let newest_of = |list: &[u32]| {
                list.iter().rev().take_while(|position| u64::from(**position) > after.get()).copied().find(is_match)
            };
            lists.into_iter().filter_map(newest_of).max()
        } else {
            match (&item.types, &item.categories) {
                (None, None) => Some(log.rows.len() as u32),
                (Some(types), None) => types.iter().map(|number| log.types.get(*number).last).max(),
                (None, Some(names)) => names.iter().map(|number| log.categories.get(*number).last).max(),
                (Some(_), Some(_)) => {
                    let first = after.get().saturating_add(1).min(u64::from(u32::MAX)) as u32;
                    (first..=log.rows.len() as u32).rev().find(is_match)
                }
            }
        };
        found.map(Position::from).filter(|position| *position > after)
    }

    /// Up to `limit` matches within `first..=last`, from the end that `backwards` says.
    pub(crate) fn page(&self, first: Position, last: Position, backwards: bool, limit: usize) -> Vec<Position> {
        let (first, last) = (first.get().max(1) as u32, last.get().min(self.log.rows.len() as u64) as u32);
        if first > last || self.items.is_empty() {
            return Vec::new();
        }
        let lists: Option<Vec<Vec<&[u32]>>> = self.items.iter().map(|item| self.candidates(item)).collect();
        let is_match = |position: &u32| self.matches(Position::from(*position));
        let Some(lists) = lists else {
            let range = first..=last;
            return if backwards {
                range.rev().filter(is_match).take(limit).map(Position::from).collect()
            } else {
                range.filter(is_match).take(limit).map(Position::from).collect()
            };
        };
        // Of each list only its first `limit` matches can be among the first `limit` of all.
        let mut found = Vec::new();
        for list in lists.into_iter().flatten() {
            let start = list.partition_point(|position| *position < first);
            let end = list.partition_point(|position| *position <= last);
            let part = &list[start..end];
            if backwards {
                found.extend(part.iter().rev().copied().filter(is_match).take(limit));
            } else {
                found.extend(part.iter().copied().filter(is_match).take(limit));
            }
        }
        found.sort_unstable();
        found.dedup();
        if backwards {
            found.reverse();
        }
        found.truncate(limit);
        found.into_iter().map(Position::from).collect()
    }
}
