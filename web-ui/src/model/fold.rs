//! State at a position: the fold of a stream's payloads, and the counts by type of the whole log.

use std::collections::BTreeMap;

use leftfold_core::StreamVersion;

use super::json::Json;

/// How many payloads lie between two kept states.
const KEEP_EVERY: usize = 64;

/// The payloads of one stream, folded into a state for any version.
///
/// Payloads are taken in once, in order. Asking for the version after the last one asked for folds a single payload; any
/// other version folds at most 64 from the nearest kept state.
#[derive(Debug, Default)]
pub struct StreamFold {
    payloads: Vec<Json>,
    kept: BTreeMap<usize, Json>,
    last: Option<(usize, Json)>,
}

impl StreamFold {
    /// The version up to which payloads were taken in.
    #[must_use]
    pub fn version(&self) -> StreamVersion {
        StreamVersion::new(self.payloads.len() as u64)
    }

    /// Takes in the payload of the next version.
    pub fn push(&mut self, payload: Json) {
        self.payloads.push(payload);
    }

    /// The state at a version: `null` at zero, the last known one beyond what was taken in.
    pub fn state_at(&mut self, version: StreamVersion) -> Json {
        let count = usize::try_from(version.get()).unwrap_or(usize::MAX).min(self.payloads.len());
        let kept = self.kept.range(..=count).next_back().map(|(at, state)| (*at, state));
        let last = self.last.as_ref().map(|(at, state)| (*at, state)).filter(|(at, _)| *at <= count);
        let nearest = kept.into_iter().chain(last).max_by_key(|(at, _)| *at);
        let (start, mut state) = nearest.map_or((0, Json::Null), |(at, state)| (at, state.clone()));
        for (index, payload) in self.payloads[start..count].iter().enumerate() {
            let done = start + index + 1;
            state.merge(payload);
            if done.is_multiple_of(KEEP_EVERY) {
                self.kept.entry(done).or_insert_with(|| state.clone());
            }
        }
        self.last = Some((count, state.clone()));
        state
    }
}

/// How many positions lie between two kept counts.
const COUNT_EVERY: u64 = 4096;

/// Counts by type for any position, folded from type indexes and kept every 4,096 positions.
#[derive(Debug, Default)]
pub struct TypeCounts {
    kept: Vec<Vec<u64>>,
}

impl TypeCounts {
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
    fn every_version_is_the_plain_fold_in_any_order_of_asking() {
        let payloads: Vec<Json> = (0..300)
            .map(|i| Json::parse(format!(r#"{{"n":{i},"k{}":{{"at":{i}}}}}"#, i % 7).as_bytes()).expect("JSON"))
            .collect();
        let mut fold = StreamFold::default();
        payloads.iter().for_each(|payload| fold.push(payload.clone()));
        for version in [0, 1, 2, 3, 64, 63, 65, 300, 299, 128, 10, 500] {
            let mut plain = Json::Null;
            payloads.iter().take(version).for_each(|payload| plain.merge(payload));
            assert_eq!(fold.state_at(StreamVersion::new(version as u64)), plain, "version {version}");
        }
    }

    #[test]
    fn a_fold_that_grows_goes_on_from_where_it_was() {
        let mut fold = StreamFold::default();
        fold.push(Json::parse(br#"{"a":1}"#).expect("JSON"));
        assert_eq!(fold.state_at(StreamVersion::new(9)).to_string(), r#"{"a":1}"#);
        fold.push(Json::parse(br#"{"a":2}"#).expect("JSON"));
        assert_eq!(fold.state_at(fold.version()).to_string(), r#"{"a":2}"#);
    }

    #[test]
    fn counts_by_type_equal_a_plain_count() {
        let type_of = |position: u64| u32::try_from(position * position % 5).expect("small");
        let mut counts = TypeCounts::default();
        for position in [0, 1, 4095, 4096, 4097, 20_000, 8192, 5] {
            let mut plain = Vec::new();
            add(&mut plain, 1..=position, type_of);
            assert_eq!(counts.at(position, type_of), plain, "position {position}");
        }
    }

    #[test]
    fn the_log_state_names_the_types() {
        let state = log_state(&[2, 0, 3], |i| ["A", "B", "C"].get(i).copied());
        assert_eq!(state.to_string(), r#"{"events":5,"types":{"A":2,"C":3}}"#);
    }
}
