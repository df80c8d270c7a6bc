//! Counts of events by colour for any stretch of rows, in time that does not depend on how long the log is.

use super::COLOURS;

/// Rows between two kept sums: a boundary is counted in at most so many steps.
const STRIDE: u64 = 64;

/// Events of each colour.
type Counts = [u32; COLOURS];

/// Running sums of the colours of rows, extended as rows come. It takes 48 bytes for every 64 rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Density {
    /// The counts before every 64th row, beginning with none.
    sums: Vec<Counts>,
    all: Counts,
    rows: u64,
}

impl Density {
    /// How many rows are counted.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Counts the next row. The colours begin again behind the last one.
    pub fn push(&mut self, type_index: u32) {
        if self.rows.is_multiple_of(STRIDE) {
            self.sums.push(self.all);
        }
        self.all[type_index as usize % COLOURS] += 1;
        self.rows += 1;
    }

    /// The counts of the first `rows` rows. `type_index_of` is asked for fewer than 64 rows; rows that are not counted yet
    /// are left out.
    #[must_use]
    pub fn up_to(&self, rows: u64, type_index_of: impl Fn(u64) -> Option<u32>) -> [u32; COLOURS] {
        if rows >= self.rows {
            return self.all;
        }
        let block = rows / STRIDE;
        let kept = usize::try_from(block).ok().and_then(|block| self.sums.get(block));
        let mut counts = kept.copied().unwrap_or_default();
        for row in block * STRIDE..rows {
            if let Some(index) = type_index_of(row) {
                counts[index as usize % COLOURS] += 1;
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_stretch_is_counted_as_by_hand(types in prop::collection::vec(0_u32..30, 0..1500), ends in prop::array::uniform2(0_u64..1600)) {
            let mut density = Density::default();
            for index in &types {
                density.push(*index);
            }
            prop_assert_eq!(density.rows(), types.len() as u64);
            for end in ends {
                let mut by_hand = [0; COLOURS];
                for index in types.iter().take(end as usize) {
                    by_hand[*index as usize % COLOURS] += 1;
                }
                prop_assert_eq!(density.up_to(end, |row| types.get(row as usize).copied()), by_hand);
            }
        }
    }
}
