//! The counts by type of the whole log, at any position.

use super::json::Json;

/// How many positions lie between two kept counts.
pub const COUNT_EVERY: u64 = 4096;

/// Counts by type for any position, folded from type indexes and kept every 4,096 positions.
#[derive(Debug, Default)]
pub struct TypeCounts {
    kept: Vec<Vec<u64>>,
}

impl TypeCounts {
    /// How many stretches of [`COUNT_EVERY`] positions are counted.
    #[must_use]
    pub fn blocks(&self) -> u64 {
        self.kept.len() as u64
    }

    /// Whether a type index has an event in a stretch, numbered from zero; `None` when the stretch is not counted.
    #[must_use]
    pub fn grew(&self, block: u64, type_index: usize) -> Option<bool> {
        let block = usize::try_from(block).ok()?;
        let count = |block: usize| self.kept.get(block).map(|counts| counts.get(type_index).copied().unwrap_or(0));
        let before = block.checked_sub(1).map_or(Some(0), count)?;
        Some(count(block)? > before)
    }

    /// How many events of each type index there are up to a position.
    ///
    /// `type_of` gives the type index of a 1-based position; it is asked for at most 4,096 positions past the kept counts.
    pub fn at(&mut self, position: u64, type_of: impl Fn(u64) -> u32) -> Vec<u64> {
        let wanted = position / COUNT_EVERY;
        while (self.kept.len() as u64) < wanted {
            let from = self.kept.len() as u64 * COUNT_EVERY;
            let mut counts = self.kept.last().cloned().unwrap_or_default();
            add(&mut counts, from + 1..=from + COUNT_EVERY, &type_of);
            self.kept.push(counts);
        }
        let index = usize::try_from(wanted).unwrap_or(usize::MAX);
        let mut counts = index.checked_sub(1).and_then(|i| self.kept.get(i)).cloned().unwrap_or_default();
        add(&mut counts, wanted * COUNT_EVERY + 1..=position, &type_of);
        counts
    }
}

fn add(counts: &mut Vec<u64>, positions: std::ops::RangeInclusive<u64>, type_of: impl Fn(u64) -> u32) {
    for position in positions {
        let index = type_of(position) as usize;
        if counts.len() <= index {
            counts.resize(index + 1, 0);
        }
        counts[index] += 1;
    }
}

/// The state of the whole log: how many events, and how many of each type, in order of first appearance.
#[must_use]
pub fn log_state<'a>(counts: &[u64], name_of: impl Fn(usize) -> Option<&'a str>) -> Json {
    let named = counts.iter().enumerate().filter(|(_, count)| **count > 0);
    let types = named.filter_map(|(index, count)| Some((name_of(index)?.to_owned(), Json::count(*count)))).collect();
    let events = Json::count(counts.iter().sum());
    Json::Object(vec![("events".to_owned(), events), ("types".to_owned(), Json::Object(types))])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_by_type_equal_a_plain_count() {
        let type_of = |position: u64| u32::try_from(position * position % 5).expect("small");
        let mut counts = TypeCounts::default();
        for position in [0, 1, 4095, 4096, 4097, 20_000, 8192, 5] {
            let mut plain = Vec::new();
            add(&mut plain, 1..=position, type_of);
            assert_eq!(counts.at(position, type_of), plain, "position {position}");
        }
        assert_eq!(counts.blocks(), 4);
        for (block, kind) in (0..5).flat_map(|block| (0..6).map(move |kind| (block, kind))) {
            let mut range = block * COUNT_EVERY + 1..=(block + 1) * COUNT_EVERY;
            let has_some = range.any(|position| type_of(position) == kind);
            assert_eq!(counts.grew(block, kind as usize), (block < 4).then_some(has_some), "{block} {kind}");
        }
    }

    #[test]
    fn the_log_state_names_the_types() {
        let state = log_state(&[2, 0, 3], |i| ["A", "B", "C"].get(i).copied());
        assert_eq!(state.to_string(), r#"{"events":5,"types":{"A":2,"C":3}}"#);
    }
}
