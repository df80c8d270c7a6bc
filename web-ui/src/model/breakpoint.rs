//! A history breakpoint: an expression that holds after some of the events.

use std::sync::Arc;

use leftfold_core::Position;

use super::json::MERGE_IN_JAVASCRIPT;
use super::timeline::Direction;

/// The longest expression, in bytes: it stands in the address.
pub const LONGEST: usize = 2_000;

/// Whose state the expression is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Over {
    /// No state: the event alone.
    Event,
    /// The payloads of the event's stream, merged.
    Stream,
    /// A projection that is written in the page.
    Projection(String),
}

/// An expression, and whose state it is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breakpoint {
    /// Whose state.
    pub over: Over,
    /// JavaScript over `state` and `event`.
    pub expression: String,
}

impl Over {
    /// The text that folds it, where it is none of those that are written in the page and there is a state at all.
    #[must_use]
    pub fn source(&self) -> Option<String> {
        match self {
            Self::Stream => Some(format!(
                "{MERGE_IN_JAVASCRIPT}\n\
                 fromAll().foreachStream().when({{ $init: () => null, $any: (state, event) => merge(state, event.data) }})"
            )),
            Self::Event | Self::Projection(_) => None,
        }
    }

    /// How an address names it.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Event => "event".to_owned(),
            Self::Stream => "stream".to_owned(),
            Self::Projection(name) => format!("projection:{name}"),
        }
    }

    /// What an address names; `None` when it names nothing.
    #[must_use]
    pub fn of_key(key: &str) -> Option<Self> {
        match key {
            "event" => Some(Self::Event),
            "stream" => Some(Self::Stream),
            _ => {
                let name = key.strip_prefix("projection:").filter(|name| !name.is_empty())?;
                Some(Self::Projection(name.to_owned()))
            }
        }
    }
}

/// The positions at which it holds, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    all: Arc<Vec<u32>>,
}

impl Hits {
    /// With more of them, which lie behind all others.
    pub fn push(&mut self, found: &[Position]) {
        if !found.is_empty() {
            let all = Arc::make_mut(&mut self.all);
            // The index of a log counts in 32 bits.
            all.extend(found.iter().filter_map(|at| u32::try_from(at.get()).ok()));
        }
    }

    /// All of them, shared.
    #[must_use]
    pub fn positions(&self) -> Arc<Vec<u32>> {
        Arc::clone(&self.all)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Whether it holds at a position.
    #[must_use]
    pub fn has(&self, at: Position) -> bool {
        self.number_at(at).is_some()
    }

    /// Which hit a position is, from 1.
    #[must_use]
    pub fn number_at(&self, at: Position) -> Option<usize> {
        let before = self.before(at);
        (self.all.get(before).copied().map(u64::from) == Some(at.get())).then_some(before + 1)
    }

    /// The first one behind a position.
    #[must_use]
    pub fn next(&self, at: Position) -> Option<Position> {
        self.all.get(self.before(at.next())).copied().map(Position::from)
    }

    /// The last one before a position.
    #[must_use]
    pub fn previous(&self, at: Position) -> Option<Position> {
        let before = self.before(at).checked_sub(1)?;
        self.all.get(before).copied().map(Position::from)
    }

    /// The first hit on the way in a direction from behind `before` to `after`; where `after` lies on the other side of `before`,
    /// the way leads round the loop in `range`.
    #[must_use]
    pub fn passed(
        &self,
        direction: Direction,
        before: Position,
        after: Position,
        range: Option<(Position, Position)>,
    ) -> Option<Position> {
        let is_straight = match direction {
            Direction::Forwards => before <= after,
            Direction::Backwards => after <= before,
        };
        let on = |from: Position, to: Position| match direction {
            Direction::Forwards => self.next(from).filter(|hit| *hit <= to),
            Direction::Backwards => self.previous(from).filter(|hit| *hit >= to),
        };
        match (is_straight, range) {
            (true, _) => on(before, after),
            (false, None) => None,
            (false, Some((from, to))) => match direction {
                Direction::Forwards => {
                    on(before, to).or_else(|| on(Position::new(from.get().saturating_sub(1)), after))
                }
                Direction::Backwards => on(before, from).or_else(|| on(to.next(), after)),
            },
        }
    }

    /// Those from `from` to `to`, both included.
    #[must_use]
    pub fn between(&self, from: Position, to: Position) -> &[u32] {
        self.all.get(self.before(from)..self.before(to.next())).unwrap_or_default()
    }

    fn before(&self, at: Position) -> usize {
        self.all.partition_point(|hit| u64::from(*hit) < at.get())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn playing_passes_hits_round_its_loop_too() {
        let at = Position::new;
        let mut hits = Hits::default();
        hits.push(&[at(10), at(22), at(25), at(40)]);
        let passed = |direction, before: u64, after: u64| {
            hits.passed(direction, at(before), at(after), Some((at(20), at(30)))).map(Position::get)
        };
        use Direction::{Backwards, Forwards};
        assert_eq!(passed(Forwards, 21, 23), Some(22));
        assert_eq!(passed(Forwards, 22, 24), None);
        assert_eq!(passed(Forwards, 28, 23), Some(22));
        assert_eq!(passed(Forwards, 24, 21), Some(25));
        assert_eq!(passed(Forwards, 28, 21), None);
        assert_eq!(passed(Backwards, 26, 24), Some(25));
        assert_eq!(passed(Backwards, 21, 24), Some(25));
        assert_eq!(passed(Backwards, 23, 28), Some(22));
        assert_eq!(hits.passed(Forwards, at(30), at(20), None), None);
    }

    #[test]
    fn what_an_address_names_comes_back() {
        for over in [Over::Event, Over::Stream, Over::Projection("stock: by product".to_owned())] {
            assert_eq!(Over::of_key(&over.key()), Some(over));
        }
        assert_eq!(["", "projection:", "log"].map(Over::of_key), [None, None, None]);
    }

    proptest! {
        #[test]
        fn hits_are_as_a_set_has_them(set in prop::collection::btree_set(1_u64..40, 0..20), at in 0_u64..42, width in 0_u64..20) {
            let mut hits = Hits::default();
            for found in set.iter().copied().map(Position::new).collect::<Vec<_>>().chunks(3) {
                hits.push(found);
            }
            let position = Position::new(at);
            let get = |found: Option<Position>| found.map(Position::get);
            prop_assert_eq!(hits.len(), set.len());
            prop_assert_eq!(hits.is_empty(), set.is_empty());
            prop_assert_eq!(hits.has(position), set.contains(&at));
            prop_assert_eq!(get(hits.next(position)), set.range(at + 1..).next().copied());
            prop_assert_eq!(get(hits.previous(position)), set.range(..at).next_back().copied());
            prop_assert_eq!(hits.number_at(position), set.iter().position(|hit| *hit == at).map(|before| before + 1));
            let between: BTreeSet<u64> = hits.between(position, Position::new(at + width)).iter().copied().map(u64::from).collect();
            prop_assert_eq!(between, set.range(at..=at + width).copied().collect::<BTreeSet<_>>());
        }
    }
}
