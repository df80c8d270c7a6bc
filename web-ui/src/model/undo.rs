//! What can be undone: changes of the filter, of the search and of bookmarks.
//!
//! A change is taken back part by part, and each part only where it still holds: what was changed again since stays.

use leftfold_core::Position;

use super::bookmarks::Bookmarks;
use super::filter::{Facet, Filter, Rule};
use super::format;

/// The most changes that are kept.
const MOST_KEPT: usize = 200;

/// All that can be undone, as it is at a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrangement {
    /// The filter.
    pub filter: Filter,
    /// Whether only the matches of the search are shown.
    pub only_matches: bool,
    /// Whether only what lies between the cursors A and B is shown.
    pub only_range: bool,
    /// The text that is searched for.
    pub search: String,
    /// The bookmarks.
    pub bookmarks: Bookmarks,
}

/// A value before and after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Edit<T> {
    before: T,
    after: T,
}

impl<T: PartialEq> Edit<T> {
    fn between(before: T, after: T) -> Option<Self> {
        (before != after).then_some(Self { before, after })
    }
}

/// What made one arrangement another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Change {
    rules: Vec<(Facet, String, Edit<Option<Rule>>)>,
    only_matches: Option<Edit<bool>>,
    only_range: Option<Edit<bool>>,
    search: Option<Edit<String>>,
    bookmarks: Vec<(Position, Edit<Option<String>>)>,
}

impl Change {
    fn between(before: &Arrangement, after: &Arrangement) -> Self {
        let all_rules = before.filter.rules().chain(after.filter.rules());
        let mut named: Vec<(Facet, &str)> = all_rules.map(|(facet, name, _)| (facet, name)).collect();
        named.sort_unstable();
        named.dedup();
        let rule = |(facet, name): (Facet, &str)| {
            let edit = Edit::between(before.filter.rule(facet, name), after.filter.rule(facet, name))?;
            Some((facet, name.to_owned(), edit))
        };
        let all_bookmarks = before.bookmarks.all().iter().chain(after.bookmarks.all());
        let mut places: Vec<Position> = all_bookmarks.map(|bookmark| bookmark.position).collect();
        places.sort_unstable();
        places.dedup();
        let bookmark = |at| Some((at, Edit::between(name_at(&before.bookmarks, at), name_at(&after.bookmarks, at))?));
        Self {
            rules: named.into_iter().filter_map(rule).collect(),
            only_matches: Edit::between(before.only_matches, after.only_matches),
            only_range: Edit::between(before.only_range, after.only_range),
            search: Edit::between(before.search.clone(), after.search.clone()),
            bookmarks: places.into_iter().filter_map(bookmark).collect(),
        }
    }

    fn undone(&self, now: &Arrangement) -> Arrangement {
        let mut then = now.clone();
        for (facet, name, edit) in &self.rules {
            if now.filter.rule(*facet, name) == edit.after {
                then.filter.set(*facet, name, edit.before);
            }
        }
        if let Some(edit) = self.only_matches.as_ref().filter(|edit| now.only_matches == edit.after) {
            then.only_matches = edit.before;
        }
        if let Some(edit) = self.only_range.as_ref().filter(|edit| now.only_range == edit.after) {
            then.only_range = edit.before;
        }
        if let Some(edit) = self.search.as_ref().filter(|edit| now.search == edit.after) {
            then.search.clone_from(&edit.before);
        }
        for (at, edit) in &self.bookmarks {
            if name_at(&now.bookmarks, *at) == edit.after {
                match &edit.before {
                    Some(name) => then.bookmarks.set(*at, name),
                    None => drop(then.bookmarks.remove(*at)),
                }
            }
        }
        then
    }

    /// What was done, in a few words.
    fn in_words(&self) -> String {
        let mut parts = Vec::new();
        match self.rules.as_slice() {
            [] => {}
            [(_, name, Edit { after: Some(rule), .. })] => parts.push(format!("{}: {name}", rule.verb())),
            [(_, name, Edit { before: Some(rule), .. })] => parts.push(format!("{}: {name}, removed", rule.verb())),
            several => parts.push(format::counted(several.len() as u64, "filter rule")),
        }
        if self.only_matches.is_some() {
            parts.push("matches alone".to_owned());
        }
        if self.only_range.is_some() {
            parts.push("A–B alone".to_owned());
        }
        if let Some(edit) = &self.search {
            parts.push(format!("search for “{}”", if edit.after.is_empty() { &edit.before } else { &edit.after }));
        }
        for (at, edit) in &self.bookmarks {
            let (at, verb) = (format::position(*at), edit.verb());
            parts.push(format!("bookmark at {at} {verb}"));
        }
        parts.join(", ")
    }
}

impl Edit<Option<String>> {
    fn verb(&self) -> &'static str {
        match (&self.before, &self.after) {
            (None, _) => "set",
            (_, None) => "deleted",
            _ => "renamed",
        }
    }
}

fn name_at(bookmarks: &Bookmarks, at: Position) -> Option<String> {
    bookmarks.at(at).map(|bookmark| bookmark.name.clone())
}

/// A change that was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// The number of the change.
    pub number: u64,
    /// What it was, in a few words.
    pub what: String,
    /// The arrangement without it.
    pub arrangement: Arrangement,
}

/// The changes that can be undone, the latest last.
#[derive(Clone, Debug, Default)]
pub struct History {
    changes: Vec<(u64, Change)>,
    last: u64,
}

impl History {
    /// Keeps what made one arrangement another. Its number; `None` when they are the same.
    pub fn keep(&mut self, before: &Arrangement, after: &Arrangement) -> Option<u64> {
        let change = Change::between(before, after);
        if change == Change::default() {
            return None;
        }
        self.last += 1;
        self.changes.push((self.last, change));
        if self.changes.len() > MOST_KEPT {
            self.changes.remove(0);
        }
        Some(self.last)
    }

    /// Takes the latest change back of which something still holds.
    pub fn undo_last(&mut self, now: &Arrangement) -> Option<Undone> {
        loop {
            let number = self.changes.last()?.0;
            if let Some(undone) = self.undo(number, now) {
                return Some(undone);
            }
        }
    }

    /// Takes a change back. `None` when nothing of it holds any more, and when it was taken back or forgotten.
    pub fn undo(&mut self, number: u64, now: &Arrangement) -> Option<Undone> {
        let index = self.changes.iter().position(|(other, _)| *other == number)?;
        let (_, change) = self.changes.remove(index);
        let arrangement = change.undone(now);
        (arrangement != *now).then(|| Undone { number, what: change.in_words(), arrangement })
    }

    /// Forgets all changes. Their numbers are not used again.
    pub fn clear(&mut self) {
        self.changes.clear();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(position: u64) -> Position {
        Position::new(position)
    }

    /// Makes one change after another, and gives the history, the arrangement at the end, and the numbers.
    fn made(changes: &[fn(&mut Arrangement)]) -> (History, Arrangement, Vec<u64>) {
        let (mut history, mut now, mut numbers) = (History::default(), Arrangement::default(), Vec::new());
        for change in changes {
            let before = now.clone();
            change(&mut now);
            numbers.extend(history.keep(&before, &now));
        }
        (history, now, numbers)
    }

    #[test]
    fn a_later_change_of_the_filter_outlives_the_undoing_of_an_earlier_one() {
        let (mut history, now, numbers) = made(&[
            |it| it.filter.set(Facet::Type, "A", Some(Rule::Only)),
            |it| it.filter.set(Facet::Type, "B", Some(Rule::Hide)),
            |it| it.filter = Filter::default(),
            |it| it.filter.set(Facet::Type, "B", Some(Rule::Only)),
            |it| it.filter.set(Facet::Tag, "C", Some(Rule::Hide)),
        ]);
        let undone = history.undo(numbers[2], &now).expect("one");
        let rules: Vec<_> = undone.arrangement.filter.rules().collect();
        assert_eq!(
            rules,
            [(Facet::Type, "A", Rule::Only), (Facet::Type, "B", Rule::Only), (Facet::Tag, "C", Rule::Hide)]
        );
        assert_eq!(undone.what, "2 filter rules");
        assert_eq!(history.undo(numbers[2], &now), None, "once");
    }

    #[test]
    fn a_bookmark_is_put_back_only_where_none_is_now() {
        let (mut history, mut now, _) = made(&[
            |it| it.bookmarks.set(at(4), "four"),
            |it| it.bookmarks.set(at(9), "nine"),
            |it| drop(it.bookmarks.remove(at(4))),
        ]);
        now.bookmarks.set(at(4), "of another tab");
        let undone = history.undo_last(&now).expect("the setting of nine: nothing of the deletion holds");
        assert_eq!(undone.what, "bookmark at #9 set");
        assert_eq!(undone.arrangement.bookmarks.all().len(), 1);
        assert_eq!(name_at(&undone.arrangement.bookmarks, at(4)).as_deref(), Some("of another tab"));
        assert_eq!(history.undo_last(&undone.arrangement), None);
    }

    #[test]
    fn a_cleared_search_comes_back_unless_something_else_is_searched_for() {
        let (mut history, mut now, numbers) = made(&[|it| it.search = "rope".to_owned(), |it| it.search.clear()]);
        let undone = history.clone().undo_last(&now).expect("one");
        assert_eq!((undone.arrangement.search.as_str(), undone.what.as_str()), ("rope", "search for “rope”"));
        now.search = "tent".to_owned();
        assert_eq!(history.undo(numbers[1], &now), None);
    }

    #[test]
    fn what_changes_nothing_is_not_kept() {
        let (mut history, now, numbers) = made(&[|it| it.bookmarks.set(at(4), " "), |it| it.only_matches = false]);
        assert_eq!((numbers.as_slice(), history.undo_last(&now)), ([].as_slice(), None));
    }

    fn arrangement() -> impl Strategy<Value = Arrangement> {
        let rule = prop_oneof![Just(Rule::Only), Just(Rule::Hide)];
        let rules = prop::collection::vec(("[ab]", rule), 0..4);
        let bookmarks = prop::collection::vec((1_u64..4, "[xy]"), 0..4);
        (rules, any::<bool>(), "[pq]?", bookmarks).prop_map(|(rules, only_matches, search, bookmarks)| {
            let mut made = Arrangement { only_matches, search, ..Arrangement::default() };
            for (name, rule) in rules {
                made.filter.set(Facet::Type, &name, Some(rule));
            }
            for (position, name) in bookmarks {
                made.bookmarks.set(at(position), &name);
            }
            made
        })
    }

    proptest! {
        #[test]
        fn undoing_one_after_the_other_leads_back(all in prop::collection::vec(arrangement(), 1..6)) {
            let mut history = History::default();
            for pair in all.windows(2) {
                history.keep(&pair[0], &pair[1]);
            }
            let mut now = all.last().cloned().expect("one");
            while let Some(undone) = history.undo_last(&now) {
                prop_assert!(!undone.what.is_empty());
                now = undone.arrangement;
            }
            prop_assert_eq!(&now, &all[0]);
        }

        #[test]
        fn what_was_changed_since_stays(before in arrangement(), after in arrangement(), now in arrangement()) {
            let undone = Change::between(&before, &after).undone(&now);
            let since = Change::between(&after, &now);
            for (facet, name, edit) in &since.rules {
                prop_assert_eq!(undone.filter.rule(*facet, name), edit.after);
            }
            for (at, edit) in &since.bookmarks {
                prop_assert_eq!(&name_at(&undone.bookmarks, *at), &edit.after);
            }
            if since.search.is_some() {
                prop_assert_eq!(undone.search, now.search);
            }
        }
    }
}
