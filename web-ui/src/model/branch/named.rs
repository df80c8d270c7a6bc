//! A branch with a name.

use leftfold_core::Position;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::change::{Change, EventRef, Inserted, InvalidChange};
use super::text::JsonText;

/// The longest name, in characters.
pub const LONGEST_NAME: usize = 60;
/// The most changes of one branch: each costs a seek.
const MOST_CHANGES: usize = 500;

/// A branch: where it leaves the log, and what is different from there on.
///
/// **Contract.** Events before the fork are shared: nothing changes them, and nothing stands between them. From the fork on it
/// has all events of the log, also those that come later. What was done to an event twice is done as it was last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NamedBranch {
    name: String,
    fork: Position,
    #[serde(default)]
    changes: Vec<Change>,
    /// Whether the commands that made later events are decided anew.
    #[serde(default)]
    pub reruns: bool,
}

/// Why something is no branch.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidBranch {
    /// It has no name.
    #[error("a branch needs a name")]
    NoName,
    /// The name is too long.
    #[error("the name has {length} characters; at most {LONGEST_NAME} are kept")]
    LongName {
        /// Its length.
        length: usize,
    },
    /// Another branch is called so.
    #[error("there is a branch named {name} already")]
    Taken {
        /// The name.
        name: String,
    },
    /// The text is none.
    #[error("this is no branch: {reason}")]
    NoBranch {
        /// What is wrong.
        reason: String,
    },
    /// A change of it cannot be made.
    #[error("change {number} cannot be made: {error}")]
    Change {
        /// Which, from 1 on.
        number: usize,
        /// Why.
        error: InvalidChange,
    },
}

impl NamedBranch {
    /// A branch with no change so far. `fork` is the first event that may be another one.
    ///
    /// # Errors
    /// [`InvalidBranch::NoName`], [`InvalidBranch::LongName`].
    pub fn new(name: &str, fork: Position) -> Result<Self, InvalidBranch> {
        let name = checked(name)?;
        Ok(Self { name, fork: fork.max(Position::new(1)), changes: Vec::new(), reruns: true })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first event that may be another one.
    #[must_use]
    pub fn fork(&self) -> Position {
        self.fork
    }

    /// Its changes, in the order in which they were made.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Whether another branch, whatever its name, is the same from the fork on.
    #[must_use]
    pub fn is_equal_to(&self, other: &Self) -> bool {
        (self.fork, &self.changes, self.reruns) == (other.fork, &other.changes, other.reruns)
    }

    /// Whether it is another branch but for where the event stands that was moved last in both.
    pub(super) fn moves_on_from(&self, before: &Self) -> bool {
        let [first @ .., Change::Move { event, .. }] = self.changes.as_slice() else { return false };
        let [others @ .., Change::Move { event: other, .. }] = before.changes.as_slice() else { return false };
        (first, event, self.reruns) == (others, other, before.reruns)
    }

    /// The new event of a number.
    #[must_use]
    pub fn inserted(&self, number: u32) -> Option<&Inserted> {
        self.changes.iter().find_map(|change| match change {
            Change::Insert(inserted) if inserted.number == number => Some(inserted),
            _ => None,
        })
    }

    /// A number for a new event.
    #[must_use]
    pub fn next_number(&self) -> u32 {
        let numbers = self.changes.iter().filter_map(|change| match change {
            Change::Insert(inserted) => Some(inserted.number),
            _ => None,
        });
        numbers.max().map_or(1, |number| number.saturating_add(1))
    }

    /// Gives it another name.
    ///
    /// # Errors
    /// [`InvalidBranch::NoName`], [`InvalidBranch::LongName`].
    pub fn rename(&mut self, name: &str) -> Result<(), InvalidBranch> {
        self.name = checked(name)?;
        Ok(())
    }

    /// Makes a change. `head` is the last event of the log.
    ///
    /// # Errors
    /// [`InvalidChange`]; nothing is changed then.
    pub fn make(&mut self, change: Change, head: Position) -> Result<(), InvalidChange> {
        self.check(&change, head)?;
        match change {
            Change::Skip(event @ EventRef::New(_)) => self.restore(event),
            Change::Skip(event) => {
                self.changes.retain(|other| *other != Change::Skip(event));
                self.push(Change::Skip(event))?;
            }
            Change::Edit { event: EventRef::New(number), data } => {
                for other in &mut self.changes {
                    if let Change::Insert(inserted) = other
                        && inserted.number == number
                    {
                        inserted.data = data.clone();
                        // It is no longer what was decided.
                        inserted.command = None;
                    }
                }
            }
            Change::Edit { event, data } => {
                self.changes.retain(|other| !matches!(other, Change::Edit { event: of, .. } if *of == event));
                self.push(Change::Edit { event, data })?;
            }
            other => self.push(other)?,
        }
        self.join_moves();
        Ok(())
    }

    /// An event that is moved on and on stands where it was put last: what came before is no change of its own.
    fn join_moves(&mut self) {
        let moved = |change: &Change| match change {
            Change::Move { event, .. } => Some(*event),
            _ => None,
        };
        for last in (1..self.changes.len()).rev() {
            if let [.., before, after] = &self.changes[..=last]
                && moved(after).is_some()
                && moved(before) == moved(after)
            {
                self.changes.remove(last - 1);
            }
        }
    }

    fn push(&mut self, change: Change) -> Result<(), InvalidChange> {
        if self.changes.len() >= MOST_CHANGES {
            return Err(InvalidChange::TooMany { most: MOST_CHANGES });
        }
        self.changes.push(change);
        Ok(())
    }

    /// Takes back all that was done to an event. A new one is gone; what stood behind it stands behind what it was put behind.
    pub fn restore(&mut self, event: EventRef) {
        let mut behind = None;
        self.changes.retain(|change| match change {
            Change::Skip(of) | Change::Edit { event: of, .. } | Change::Move { event: of, .. } => *of != event,
            Change::Insert(inserted) if EventRef::New(inserted.number) == event => {
                behind = Some(inserted.after);
                false
            }
            Change::Insert(_) => true,
        });
        for change in &mut self.changes {
            match (change, behind) {
                (Change::Move { after, .. } | Change::Insert(Inserted { after, .. }), Some(behind))
                    if *after == event =>
                {
                    *after = behind
                }
                _ => {}
            }
        }
        self.changes.retain(|change| !matches!(change, Change::Move { event, after } if event == after));
        self.join_moves();
    }

    /// Takes all changes back.
    pub fn reset(&mut self) {
        self.changes.clear();
    }

    fn check(&self, change: &Change, head: Position) -> Result<(), InvalidChange> {
        match change {
            Change::Skip(event) | Change::Edit { event, .. } => self.known(*event, head),
            Change::Insert(inserted) => {
                inserted.check()?;
                if self.inserted(inserted.number).is_some() {
                    return Err(InvalidChange::Taken { number: inserted.number });
                }
                self.place(inserted.after, head)
            }
            Change::Move { event, after } => {
                self.known(*event, head)?;
                self.place(*after, head)?;
                if event == after { Err(InvalidChange::BehindItself { event: *event }) } else { Ok(()) }
            }
        }
    }

    fn known(&self, event: EventRef, head: Position) -> Result<(), InvalidChange> {
        match event {
            EventRef::Stored(at) if at < self.fork => Err(InvalidChange::BeforeFork { event, fork: self.fork }),
            EventRef::Stored(at) if at > head => Err(InvalidChange::NoEvent { event }),
            EventRef::New(number) if self.inserted(number).is_none() => Err(InvalidChange::NoEvent { event }),
            _ => Ok(()),
        }
    }

    /// What something can be put behind: an event of the branch, or the last one that it shares.
    fn place(&self, after: EventRef, head: Position) -> Result<(), InvalidChange> {
        match after {
            EventRef::Stored(at) if at.next() == self.fork => Ok(()),
            after => self.known(after, head),
        }
    }

    /// As a file of its own.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// Reads what [`to_json`](Self::to_json) has written, for a log that ends at `head`. Every change is made anew.
    ///
    /// # Errors
    /// [`InvalidBranch`], with what is wrong and where.
    pub fn from_json(text: &str, head: Position) -> Result<Self, InvalidBranch> {
        let read: Self =
            serde_json::from_str(text).map_err(|error| InvalidBranch::NoBranch { reason: error.to_string() })?;
        let mut branch = Self::new(&read.name, read.fork)?;
        branch.reruns = read.reruns;
        if branch.fork > head.next() {
            let reason = format!("it leaves the log at {}, whose last event is {head}", branch.fork);
            return Err(InvalidBranch::NoBranch { reason });
        }
        for (index, change) in read.changes.into_iter().enumerate() {
            branch.make(change, head).map_err(|error| InvalidBranch::Change { number: index + 1, error })?;
        }
        Ok(branch)
    }

    /// The data that was given to an event.
    #[must_use]
    pub fn data_of(&self, event: EventRef) -> Option<&JsonText> {
        self.changes.iter().rev().find_map(|change| match change {
            Change::Edit { event: of, data } if *of == event => Some(data),
            Change::Insert(inserted) if EventRef::New(inserted.number) == event => Some(&inserted.data),
            _ => None,
        })
    }
}

fn checked(name: &str) -> Result<String, InvalidBranch> {
    let name = name.trim();
    let length = name.chars().count();
    match length {
        0 => Err(InvalidBranch::NoName),
        _ if length > LONGEST_NAME => Err(InvalidBranch::LongName { length }),
        _ => Ok(name.to_owned()),
    }
}
