//! The columns of the log: which are shown, and how wide.

use std::collections::{BTreeMap, BTreeSet};

/// The narrowest column, in CSS pixels.
pub const MIN_WIDTH: u32 = 48;
/// The widest column, in CSS pixels.
pub const MAX_WIDTH: u32 = 800;
/// Room beside the columns: the marks on the left and the map on the right.
const SIDES: u32 = 34 + 18;
/// A summary narrower than this says nothing; the stream makes room for it where the columns are the usual ones.
const LEAST_SUMMARY: u32 = 48;

/// A column of the log, in the order in which they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// The position; always shown.
    Position,
    /// When it happened.
    Time,
    /// When the store recorded it.
    RecordedAt,
    /// The stream and the version in it.
    Stream,
    /// The type.
    Type,
    /// The schema version.
    SchemaVersion,
    /// Bytes of payload.
    Size,
    /// The tags.
    Tags,
    /// The id.
    Id,
    /// The correlation id of the metadata.
    Correlation,
    /// The causation id of the metadata.
    Causation,
    /// The payload in one line; takes the room that is left.
    Summary,
}

impl Column {
    /// Every column, in order.
    pub const ALL: [Self; 12] = [
        Self::Position,
        Self::Time,
        Self::RecordedAt,
        Self::Stream,
        Self::Type,
        Self::SchemaVersion,
        Self::Size,
        Self::Tags,
        Self::Id,
        Self::Correlation,
        Self::Causation,
        Self::Summary,
    ];
    const USUAL: [Self; 5] = [Self::Position, Self::Time, Self::Stream, Self::Type, Self::Summary];

    /// What the header says.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Position => "#",
            Self::Time => "Time",
            Self::RecordedAt => "Recorded at",
            Self::Stream => "Stream @ version",
            Self::Type => "Type",
            Self::SchemaVersion => "Schema",
            Self::Size => "Size",
            Self::Tags => "Tags",
            Self::Id => "Event id",
            Self::Correlation => "Correlation",
            Self::Causation => "Causation",
            Self::Summary => "Summary",
        }
    }

    /// What it is called outside of the header.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Position => "Position",
            Self::SchemaVersion => "Schema version",
            Self::Correlation => "Correlation id",
            Self::Causation => "Causation id",
            other => other.title(),
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::Position => "position",
            Self::Time => "time",
            Self::RecordedAt => "recorded-at",
            Self::Stream => "stream",
            Self::Type => "type",
            Self::SchemaVersion => "schema-version",
            Self::Size => "size",
            Self::Tags => "tags",
            Self::Id => "id",
            Self::Correlation => "correlation",
            Self::Causation => "causation",
            Self::Summary => "summary",
        }
    }
}

/// What the widths depend on besides the reader's choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// Digits and separators of the last position.
    pub digits: u32,
    /// Whether times need their date.
    pub has_days: bool,
    /// The width of the log in CSS pixels.
    pub width: u32,
    /// Whether a row has two lines, which have room for four cells.
    pub is_narrow: bool,
}

/// Which columns are shown, and the widths that somebody gave them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    shown: BTreeSet<Column>,
    widths: BTreeMap<Column, u32>,
}

impl Default for Columns {
    fn default() -> Self {
        Self { shown: BTreeSet::from(Column::USUAL), widths: BTreeMap::new() }
    }
}

impl Columns {
    /// Whether a column is shown.
    #[must_use]
    pub fn shows(&self, column: Column) -> bool {
        self.shown.contains(&column)
    }

    /// Shows a column, or hides it; the position stays.
    pub fn toggle(&mut self, column: Column) {
        if column != Column::Position && !self.shown.remove(&column) {
            self.shown.insert(column);
        }
    }

    /// Gives a column a width, within bounds; with `None` its own again.
    pub fn resize(&mut self, column: Column, width: Option<u32>) {
        match width {
            Some(width) => self.widths.insert(column, width.clamp(MIN_WIDTH, MAX_WIDTH)),
            None => self.widths.remove(&column),
        };
    }

    /// The width of a column in CSS pixels.
    #[must_use]
    pub fn width(&self, column: Column, room: Room) -> u32 {
        let own = match column {
            Column::Position => 16 + room.digits.max(5) * 8,
            Column::Time | Column::RecordedAt if room.has_days => 158,
            Column::Time | Column::RecordedAt => 100,
            Column::Stream | Column::Type => 165,
            Column::SchemaVersion | Column::Size => 72,
            Column::Tags | Column::Correlation => 120,
            Column::Id | Column::Causation => 280,
            Column::Summary => 160,
        };
        self.widths.get(&column).copied().unwrap_or(own)
    }

    /// The columns that are shown in this room.
    #[must_use]
    pub fn in_room(&self, room: Room) -> Vec<Column> {
        if room.is_narrow {
            return vec![Column::Position, Column::Time, Column::Type, Column::Summary];
        }
        let mut columns: Vec<Column> = self.shown.iter().copied().collect();
        let is_usual = columns == Column::USUAL && self.widths.is_empty();
        let fixed: u32 = Column::USUAL[..4].iter().map(|column| self.width(*column, room)).sum();
        if is_usual && room.width > 0 && room.width < SIDES + fixed + LEAST_SUMMARY {
            columns.retain(|column| *column != Column::Stream);
        }
        columns
    }

    /// The columns as CSS grid tracks: the last one takes what is left.
    #[must_use]
    pub fn tracks(&self, room: Room) -> String {
        let columns = self.in_room(room);
        let (last, fixed) = columns.split_last().unwrap_or((&Column::Position, &[]));
        let mut tracks: Vec<String> = fixed.iter().map(|column| format!("{}px", self.width(*column, room))).collect();
        tracks.push(format!("minmax({}px,1fr)", if *last == Column::Summary { 0 } else { self.width(*last, room) }));
        tracks.join(" ")
    }

    /// The least width of a row; where the log is narrower it scrolls sideways.
    #[must_use]
    pub fn least_width(&self, room: Room) -> u32 {
        let columns = self.in_room(room);
        let width = |column: &Column| match column {
            Column::Summary => LEAST_SUMMARY,
            other => self.width(*other, room),
        };
        SIDES + columns.iter().map(width).sum::<u32>()
    }

    /// The choice as a text that [`read`](Self::read) reads back.
    #[must_use]
    pub fn write(&self) -> String {
        let part = |column: &Column| {
            let mark = if self.shows(*column) { "" } else { "-" };
            match self.widths.get(column) {
                Some(width) => format!("{mark}{}={width}", column.key()),
                None => format!("{mark}{}", column.key()),
            }
        };
        Column::ALL.iter().map(part).collect::<Vec<_>>().join(" ")
    }

    /// Reads what [`write`](Self::write) wrote; what it does not understand stays as it usually is.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut columns = Self::default();
        for part in text.split_whitespace() {
            let (name, width) = part.split_once('=').map_or((part, None), |(name, width)| (name, width.parse().ok()));
            let is_hidden = name.starts_with('-');
            let key = name.trim_start_matches('-');
            let Some(column) = Column::ALL.into_iter().find(|column| column.key() == key) else { continue };
            if columns.shows(column) == is_hidden {
                columns.toggle(column);
            }
            columns.resize(column, width);
        }
        columns
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ROOM: Room = Room { digits: 6, has_days: true, width: 780, is_narrow: false };

    proptest! {
        #[test]
        fn a_choice_is_read_back(toggled in proptest::collection::vec(0..12_usize, 0..8), sized in proptest::collection::vec((0..12_usize, 0..2_000_u32), 0..6)) {
            let mut columns = Columns::default();
            toggled.iter().for_each(|column| columns.toggle(Column::ALL[*column]));
            sized.iter().for_each(|(column, width)| columns.resize(Column::ALL[*column], Some(*width)));
            prop_assert_eq!(Columns::read(&columns.write()), columns.clone());
            let shown = columns.in_room(ROOM);
            prop_assert_eq!(shown[0], Column::Position);
            prop_assert!(shown.is_sorted());
            prop_assert_eq!(columns.tracks(ROOM).matches("px").count(), shown.len());
        }
    }

    #[test]
    fn what_is_not_understood_is_passed_over() {
        assert_eq!(Columns::read("-position nonsense stream=wide =7"), Columns::default());
    }

    #[test]
    fn the_stream_makes_room_where_nobody_chose_columns() {
        let shown = |columns: &Columns, width| columns.in_room(Room { width, ..ROOM }).contains(&Column::Stream);
        let mut columns = Columns::default();
        assert!(shown(&columns, 780) && !shown(&columns, 560));
        columns.toggle(Column::Id);
        assert!(shown(&columns, 560) && columns.least_width(ROOM) > 560);
        let narrow = columns.in_room(Room { is_narrow: true, ..ROOM });
        assert_eq!(narrow, [Column::Position, Column::Time, Column::Type, Column::Summary]);
    }
}
