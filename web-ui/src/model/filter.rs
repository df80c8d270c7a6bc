//! The filter: which types, categories, streams and tags are shown alone, and which are hidden.
//!
//! Within types, within streams (categories and single streams together) and within tags, the shown ones are alternatives;
//! the three groups must all hold; whatever is hidden is hidden.

use std::collections::BTreeMap;

use leftfold_core::Position;

/// What a rule of the filter is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Facet {
    /// An event type.
    Type,
    /// A category of streams.
    Category,
    /// One stream.
    Stream,
    /// A tag.
    Tag,
}

/// What a rule of the filter says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Show only this, and what else is shown only.
    Only,
    /// Hide this.
    Hide,
}

impl Rule {
    /// What it says of a name: `Only` this, or `Hide` this.
    #[must_use]
    pub fn verb(self) -> &'static str {
        match self {
            Self::Only => "Only",
            Self::Hide => "Hide",
        }
    }
}

/// The filter of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    rules: BTreeMap<(Facet, String), Rule>,
}

impl Filter {
    /// Whether every event passes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// How many rules there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// The rule about a name, if there is one.
    #[must_use]
    pub fn rule(&self, facet: Facet, name: &str) -> Option<Rule> {
        self.rules.get(&(facet, name.to_owned())).copied()
    }

    /// Sets, replaces or (with `None`) removes the rule about a name.
    pub fn set(&mut self, facet: Facet, name: &str, rule: Option<Rule>) {
        let key = (facet, name.to_owned());
        match rule {
            Some(rule) => self.rules.insert(key, rule),
            None => self.rules.remove(&key),
        };
    }

    /// Sets a rule, or removes it where it already says the same.
    pub fn toggle(&mut self, facet: Facet, name: &str, rule: Rule) {
        let next = if self.rule(facet, name) == Some(rule) { None } else { Some(rule) };
        self.set(facet, name, next);
    }

    /// Every rule, by facet and name.
    pub fn rules(&self) -> impl Iterator<Item = (Facet, &str, Rule)> {
        self.rules.iter().map(|((facet, name), rule)| (*facet, name.as_str(), *rule))
    }

    fn verdict<'a>(&self, names: impl IntoIterator<Item = (Facet, &'a str)>, group: &[Facet]) -> bool {
        let mut is_shown = !self.rules.iter().any(|((facet, _), rule)| group.contains(facet) && *rule == Rule::Only);
        for (facet, name) in names {
            match self.rule(facet, name) {
                Some(Rule::Hide) => return false,
                Some(Rule::Only) => is_shown = true,
                None => {}
            }
        }
        is_shown
    }

    /// Whether events of a type pass, as far as types go.
    #[must_use]
    pub fn passes_type(&self, event_type: &str) -> bool {
        self.verdict([(Facet::Type, event_type)], &[Facet::Type])
    }

    /// Whether events of a stream pass, as far as streams go.
    #[must_use]
    pub fn passes_stream(&self, stream: &str, category: &str) -> bool {
        self.verdict([(Facet::Category, category), (Facet::Stream, stream)], &[Facet::Category, Facet::Stream])
    }

    /// Whether events with these tags pass, as far as tags go.
    #[must_use]
    pub fn passes_tags<'a>(&self, tags: impl IntoIterator<Item = &'a str>) -> bool {
        self.verdict(tags.into_iter().map(|tag| (Facet::Tag, tag)), &[Facet::Tag])
    }

    /// Whether any rule is about one of these facets.
    #[must_use]
    pub fn looks_at(&self, facets: &[Facet]) -> bool {
        self.rules.keys().any(|(facet, _)| facets.contains(facet))
    }

    /// What the rules come to, in words: `2 shown only, 1 hidden`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let count = |wanted| self.rules.values().filter(|rule| **rule == wanted).count();
        match (count(Rule::Only), count(Rule::Hide)) {
            (0, hidden) => format!("{hidden} hidden"),
            (only, 0) => format!("{only} shown only"),
            (only, hidden) => format!("{only} shown only, {hidden} hidden"),
        }
    }
}

/// The rows of the log that pass the filter, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rows {
    /// Every event up to the head.
    All {
        /// The last position.
        head: Position,
    },
    /// These positions, ascending.
    Some(Vec<u32>),
}

impl Default for Rows {
    fn default() -> Self {
        Self::All { head: Position::ZERO }
    }
}

impl Rows {
    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        match self {
            Self::All { head } => head.get(),
            Self::Some(positions) => positions.len() as u64,
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The position in a row, counted from 0.
    #[must_use]
    pub fn at(&self, row: u64) -> Option<Position> {
        match self {
            Self::All { head } => (row < head.get()).then(|| Position::new(row + 1)),
            Self::Some(positions) => positions.get(usize::try_from(row).ok()?).map(|at| Position::from(*at)),
        }
    }

    /// How many rows stand at or before a position.
    #[must_use]
    pub fn count_up_to(&self, position: Position) -> u64 {
        match self {
            Self::All { head } => position.min(*head).get(),
            Self::Some(positions) => positions.partition_point(|at| u64::from(*at) <= position.get()) as u64,
        }
    }

    /// The row of the last event at or before a position; the first row when there is none before it.
    #[must_use]
    pub fn row_near(&self, position: Position) -> Option<u64> {
        if self.is_empty() { None } else { Some(self.count_up_to(position).saturating_sub(1)) }
    }

    /// The row that holds exactly this position.
    #[must_use]
    pub fn row_of(&self, position: Position) -> Option<u64> {
        self.row_near(position).filter(|row| self.at(*row) == Some(position))
    }

    /// The rows from one position to another, both included.
    #[must_use]
    pub fn between(&self, from: Position, to: Position) -> Self {
        let number = |at: Position| u32::try_from(at.get()).unwrap_or(u32::MAX);
        match self {
            Self::All { head } => Self::Some((number(from).max(1)..=number(to.min(*head))).collect()),
            Self::Some(all) => {
                let start = all.partition_point(|at| u64::from(*at) < from.get());
                let end = all.partition_point(|at| u64::from(*at) <= to.get());
                Self::Some(all.get(start..end).unwrap_or_default().to_vec())
            }
        }
    }

    /// Those of the rows that are among these positions, which ascend.
    #[must_use]
    pub fn among(&self, picked: &[u32]) -> Self {
        match self {
            Self::All { head } => {
                let end = picked.partition_point(|at| u64::from(*at) <= head.get());
                Self::Some(picked.get(..end).unwrap_or_default().to_vec())
            }
            Self::Some(all) => {
                let is_fewer = all.len() < picked.len();
                let (few, mut rest) = if is_fewer { (all.as_slice(), picked) } else { (picked, all.as_slice()) };
                let mut both = Vec::new();
                for at in few {
                    rest = rest.get(rest.partition_point(|other| other < at)..).unwrap_or_default();
                    if rest.first() == Some(at) {
                        both.push(*at);
                    }
                }
                Self::Some(both)
            }
        }
    }

    /// The nearest position after this one.
    #[must_use]
    pub fn after(&self, position: Position) -> Option<Position> {
        self.at(self.count_up_to(position))
    }

    /// The nearest position before this one.
    #[must_use]
    pub fn before(&self, position: Position) -> Option<Position> {
        let earlier = Position::new(position.get().checked_sub(1)?);
        self.at(self.count_up_to(earlier).checked_sub(1)?)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn rows_among_positions_are_those_in_both(
            all in prop::collection::btree_set(1_u32..60, 0..50),
            picked in prop::collection::btree_set(1_u32..60, 0..50),
            head in 0_u32..60,
        ) {
            let of = |set: &BTreeSet<u32>| set.iter().copied().collect::<Vec<_>>();
            let both = all.intersection(&picked).copied().collect();
            prop_assert_eq!(Rows::Some(of(&all)).among(&of(&picked)), Rows::Some(both));
            let whole = Rows::All { head: Position::from(head) };
            prop_assert_eq!(whole.among(&of(&picked)), Rows::Some(picked.range(..=head).copied().collect()));
        }
    }

    fn filter(rules: &[(Facet, &str, Rule)]) -> Filter {
        let mut filter = Filter::default();
        for (facet, name, rule) in rules {
            filter.set(*facet, name, Some(*rule));
        }
        filter
    }

    #[test]
    fn without_rules_everything_passes() {
        let filter = Filter::default();
        assert!(filter.passes_type("OrderPlaced") && filter.passes_stream("order-1", "order"));
    }

    #[test]
    fn shown_types_are_alternatives_and_hidden_ones_are_hidden() {
        let only = filter(&[(Facet::Type, "A", Rule::Only), (Facet::Type, "B", Rule::Only)]);
        assert_eq!(["A", "B", "C"].map(|t| only.passes_type(t)), [true, true, false]);
        let hide = filter(&[(Facet::Type, "B", Rule::Hide)]);
        assert_eq!(["A", "B"].map(|t| hide.passes_type(t)), [true, false]);
    }

    #[test]
    fn a_stream_can_be_shown_beside_a_category_and_hidden_from_one() {
        let both = filter(&[(Facet::Category, "order", Rule::Only), (Facet::Stream, "payment-7", Rule::Only)]);
        assert!(both.passes_stream("order-1", "order") && both.passes_stream("payment-7", "payment"));
        assert!(!both.passes_stream("payment-8", "payment"));
        let but = filter(&[(Facet::Category, "order", Rule::Only), (Facet::Stream, "order-1", Rule::Hide)]);
        assert!(!but.passes_stream("order-1", "order") && but.passes_stream("order-2", "order"));
    }

    #[test]
    fn tags_are_alternatives_and_one_hidden_tag_hides() {
        let only = filter(&[(Facet::Tag, "b2b", Rule::Only), (Facet::Tag, "fraud", Rule::Hide)]);
        let passes = |tags: &[&str]| only.passes_tags(tags.iter().copied());
        assert_eq!(
            [passes(&["b2b", "x"]), passes(&["x"]), passes(&[]), passes(&["b2b", "fraud"])],
            [true, false, false, false]
        );
        assert_eq!(only.in_words(), "1 shown only, 1 hidden");
        assert!(only.looks_at(&[Facet::Tag]) && !only.looks_at(&[Facet::Category, Facet::Stream]));
    }

    #[test]
    fn toggling_twice_is_nothing_and_the_other_rule_replaces() {
        let mut filter = Filter::default();
        filter.toggle(Facet::Type, "A", Rule::Only);
        filter.toggle(Facet::Type, "A", Rule::Hide);
        assert_eq!(filter.rule(Facet::Type, "A"), Some(Rule::Hide));
        filter.toggle(Facet::Type, "A", Rule::Hide);
        assert!(filter.is_empty());
    }

    #[test]
    fn rows_answer_both_ways() {
        for rows in [Rows::All { head: Position::new(5) }, Rows::Some(vec![1, 2, 3, 4, 5]), Rows::Some(vec![2, 5])] {
            for row in 0..rows.len() {
                let position = rows.at(row).expect("a row");
                assert_eq!(rows.row_of(position), Some(row));
                assert_eq!(rows.after(position), rows.at(row + 1));
                assert_eq!(rows.before(position), row.checked_sub(1).and_then(|row| rows.at(row)));
            }
        }
        let between = |rows: Rows, from: u64, to: u64| rows.between(Position::new(from), Position::new(to));
        assert_eq!(between(Rows::All { head: Position::new(5) }, 2, 4), Rows::Some(vec![2, 3, 4]));
        assert_eq!(between(Rows::All { head: Position::new(5) }, 4, 9), Rows::Some(vec![4, 5]));
        assert_eq!(between(Rows::Some(vec![2, 5, 7]), 3, 7), Rows::Some(vec![5, 7]));
        assert_eq!(between(Rows::Some(vec![2, 5, 7]), 3, 4), Rows::Some(vec![]));
        let rows = Rows::Some(vec![3, 9]);
        let near = |at: u64| rows.row_near(Position::new(at));
        assert_eq!([near(1), near(3), near(8), near(9), near(99)], [Some(0), Some(0), Some(0), Some(1), Some(1)]);
        assert_eq!(rows.row_of(Position::new(4)), None);
        assert_eq!(Rows::default().row_near(Position::new(1)), None);
    }
}
