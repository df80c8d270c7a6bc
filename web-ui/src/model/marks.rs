//! Marks of the signals lane: what the engine did at an event.

use leftfold_core::Position;

/// What a mark stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MarkKind {
    /// The state of a stream was saved as it was at the event.
    Snapshot,
    /// A projection was rebuilt up to the event.
    Rebuild,
}

impl MarkKind {
    /// What one of them is called.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Snapshot => "snapshot",
            Self::Rebuild => "rebuild",
        }
    }
}

/// Something that happened at an event.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark {
    /// The event.
    pub position: Position,
    /// What happened.
    pub kind: MarkKind,
    /// To what: the stream of a snapshot, the name of a projection.
    pub of: String,
}

/// The marks of one kind are replaced by others; the result is in the order of the log, without repeats.
#[must_use]
pub fn replaced(marks: &[Mark], kind: MarkKind, by: impl IntoIterator<Item = (Position, String)>) -> Vec<Mark> {
    let others = marks.iter().filter(|mark| mark.kind != kind).cloned();
    let new = by.into_iter().map(|(position, of)| Mark { position, kind, of });
    let mut all: Vec<Mark> = others.chain(new).collect();
    all.sort();
    all.dedup();
    all
}

/// The marks from `from` to `to`, both included, of marks in the order of the log.
#[must_use]
pub fn between(marks: &[Mark], from: Position, to: Position) -> &[Mark] {
    let start = marks.partition_point(|mark| mark.position < from);
    let end = marks.partition_point(|mark| mark.position <= to);
    marks.get(start..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_replaced_and_the_others_stay() {
        let at = |number: u64, of: &str| (Position::new(number), of.to_owned());
        let rebuilt = replaced(&[], MarkKind::Rebuild, [at(7, "board")]);
        let marks = replaced(&rebuilt, MarkKind::Snapshot, [at(9, "a"), at(3, "b"), at(9, "a")]);
        assert_eq!(marks.iter().map(|mark| mark.position.get()).collect::<Vec<_>>(), [3, 7, 9]);
        assert_eq!(between(&marks, Position::new(4), Position::new(9)).len(), 2);
        assert_eq!(replaced(&marks, MarkKind::Snapshot, []), rebuilt);
    }
}
