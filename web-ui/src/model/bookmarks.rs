//! Bookmarks: events that a person has given a name.

use super::kept::Kept;
use leftfold_core::Position;
use serde::{Deserialize, Serialize};

/// The longest name that is kept, in characters.
pub const LONGEST_NAME: usize = 80;

/// An event that a person wants to find again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bookmark {
    /// Where it is.
    #[serde(rename = "at")]
    pub position: Position,
    /// What it is called; never empty.
    pub name: String,
}

/// The bookmarks of a store: at most one for each event, in the order of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bookmarks {
    all: Vec<Bookmark>,
}

/// How bookmarks are written down.
#[derive(Serialize, Deserialize)]
struct Written {
    /// The name of the store, so that they can be found when it is deleted unopened.
    store: String,
    bookmarks: Vec<Bookmark>,
}

impl Bookmarks {
    /// All of them, by position.
    #[must_use]
    pub fn all(&self) -> &[Bookmark] {
        &self.all
    }

    /// The one at a position.
    #[must_use]
    pub fn at(&self, position: Position) -> Option<&Bookmark> {
        self.find(position).ok().and_then(|index| self.all.get(index))
    }

    /// Those from `from` to `to`, both included.
    #[must_use]
    pub fn between(&self, from: Position, to: Position) -> &[Bookmark] {
        let start = self.all.partition_point(|bookmark| bookmark.position < from);
        let end = self.all.partition_point(|bookmark| bookmark.position <= to);
        self.all.get(start..end).unwrap_or_default()
    }

    /// Sets the bookmark at a position, or gives the one that is there this name. A name of blanks changes nothing.
    pub fn set(&mut self, position: Position, name: &str) {
        let name: String = name.trim().chars().take(LONGEST_NAME).collect();
        if name.is_empty() || position == Position::ZERO {
            return;
        }
        match self.find(position) {
            Ok(index) => self.all[index].name = name,
            Err(index) => self.all.insert(index, Bookmark { position, name }),
        }
    }

    /// Takes the bookmark at a position away.
    pub fn remove(&mut self, position: Position) -> Option<Bookmark> {
        self.find(position).ok().map(|index| self.all.remove(index))
    }

    fn find(&self, position: Position) -> Result<usize, usize> {
        self.all.binary_search_by_key(&position, |bookmark| bookmark.position)
    }
}

impl Kept for Bookmarks {
    const PREFIX: &'static str = "leftfold.bookmarks.";
    const WHAT: &'static str = "bookmarks";

    fn to_text(&self, store: &str) -> Option<String> {
        let written = Written { store: store.to_owned(), bookmarks: self.all.clone() };
        if self.all.is_empty() { None } else { serde_json::to_string(&written).ok() }
    }

    fn from_text(text: &str) -> Self {
        let mut bookmarks = Self::default();
        for bookmark in serde_json::from_str(text).map(|written: Written| written.bookmarks).unwrap_or_default() {
            bookmarks.set(bookmark.position, &bookmark.name);
        }
        bookmarks
    }
}

/// How a flag is drawn where there is no room for all of its name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Flag {
    /// With its name, right of its line, at most so many pixels wide.
    Right(f64),
    /// With its name, left of its line, at most so many pixels wide.
    Left(f64),
    /// Without its name.
    Bare,
    /// Only its line.
    Line,
}

/// The fewest pixels that hold a flag with some letters of its name, and one without.
const NAMED: f64 = 52.0;
const BARE: f64 = 24.0;
/// Between two flags.
const GAP: f64 = 4.0;

/// How the flags at these places (in pixels, ascending) are drawn in a lane, so that none lies over another.
#[must_use]
pub fn flags(places: &[f64], width: f64) -> Vec<Flag> {
    let mut taken_until = f64::NEG_INFINITY;
    places
        .iter()
        .enumerate()
        .map(|(i, x)| {
            let next = places.get(i + 1).copied();
            let right = next.map_or(width, |next| next - GAP) - x;
            let left = x - taken_until.max(0.0) - GAP;
            // A flag that leans to the left must leave its neighbour's line free, so only the last one may.
            let flag = if right >= NAMED {
                Flag::Right(right)
            } else if next.is_none() && left >= NAMED {
                Flag::Left(left)
            } else if right >= BARE {
                Flag::Bare
            } else {
                Flag::Line
            };
            taken_until = match flag {
                // How wide the name is, is not known here.
                Flag::Right(_) => x + right,
                Flag::Bare => x + BARE,
                Flag::Left(_) | Flag::Line => *x,
            };
            flag
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::model::kept::store_of;
    use proptest::prelude::*;

    use super::*;

    fn position(at: u64) -> Position {
        Position::new(at)
    }

    #[test]
    fn they_come_back_from_their_text() {
        let mut bookmarks = Bookmarks::default();
        assert_eq!(bookmarks.to_text("orders"), None);
        bookmarks.set(position(9), "  Flash \"sale\" opens ");
        bookmarks.set(position(4), "x".repeat(200).as_str());
        let text = bookmarks.to_text("orders").expect("some");
        assert_eq!(Bookmarks::from_text(&text), bookmarks);
        assert_eq!(store_of(&text).as_deref(), Some("orders"));
        assert_eq!(bookmarks.at(position(9)).expect("one").name, "Flash \"sale\" opens");
        assert_eq!(bookmarks.all()[0].name.len(), LONGEST_NAME);
        assert_eq!(Bookmarks::from_text("{nonsense"), Bookmarks::default());
    }

    #[test]
    fn a_blank_name_changes_nothing() {
        let mut bookmarks = Bookmarks::default();
        bookmarks.set(position(4), "one");
        bookmarks.set(position(4), "   ");
        bookmarks.set(position(5), "");
        assert_eq!(bookmarks.all(), [Bookmark { position: position(4), name: "one".to_owned() }]);
    }

    #[test]
    fn flags_are_shortened_where_they_are_crowded() {
        assert_eq!(flags(&[100.0, 400.0], 1000.0), [Flag::Right(296.0), Flag::Right(600.0)]);
        assert_eq!(flags(&[100.0, 130.0, 140.0], 1000.0), [Flag::Bare, Flag::Line, Flag::Right(860.0)]);
        assert_eq!(flags(&[990.0], 1000.0), [Flag::Left(986.0)]);
        assert_eq!(flags(&[980.0, 990.0], 1000.0), [Flag::Line, Flag::Line]);
    }

    proptest! {
        #[test]
        fn they_are_as_a_map_has_them(edits in prop::collection::vec((1_u64..20, prop::option::of("[a-z]{1,5}")), 0..60), from in 0_u64..20, width in 0_u64..20) {
            let mut bookmarks = Bookmarks::default();
            let mut map = std::collections::BTreeMap::new();
            for (at, name) in edits {
                match name {
                    Some(name) => {
                        bookmarks.set(position(at), &name);
                        map.insert(at, name);
                    }
                    None => prop_assert_eq!(bookmarks.remove(position(at)).map(|b| b.name), map.remove(&at)),
                }
            }
            let listed = |all: &[Bookmark]| all.iter().map(|b| (b.position.get(), b.name.clone())).collect::<Vec<_>>();
            prop_assert_eq!(listed(bookmarks.all()), map.clone().into_iter().collect::<Vec<_>>());
            let between = map.range(from..=from + width).map(|(at, name)| (*at, name.clone())).collect::<Vec<_>>();
            prop_assert_eq!(listed(bookmarks.between(position(from), position(from + width))), between);
        }

        #[test]
        fn no_flag_lies_over_another(mut places in prop::collection::vec(0.0_f64..1000.0, 0..40)) {
            places.sort_by(f64::total_cmp);
            let spans: Vec<(f64, f64)> = flags(&places, 1000.0).into_iter().zip(&places).filter_map(|(flag, x)| match flag {
                Flag::Right(room) => Some((*x, x + room)),
                Flag::Left(room) => Some((x - room, *x)),
                Flag::Bare => Some((*x, x + BARE)),
                Flag::Line => None,
            }).collect();
            for pair in spans.windows(2) {
                prop_assert!(pair[0].1 <= pair[1].0 + 1e-9, "{pair:?}");
            }
            prop_assert!(spans.iter().all(|(from, to)| *from >= -1e-9 && *to <= 1000.0 + 1e-9 ));
        }
    }
}
