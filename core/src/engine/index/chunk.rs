//! The rows of the index, in chunks of fixed size, so that growing never copies and never leaves half a column empty.

/// Rows of one chunk: a power of two.
pub(crate) const CHUNK_ROWS: usize = 4096;
/// Rows between two notes of the latest time so far.
const NOTED_ROWS: usize = 64;

/// One row: what the index knows of one event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowData {
    pub(crate) id: [u8; 16],
    pub(crate) time: i64,
    pub(crate) stream: u32,
    pub(crate) kind: u32,
    pub(crate) tag_set: u32,
}

/// Bytes that a row takes.
pub(crate) const ROW_BYTES: usize = 16 + 8 + 4 + 4 + 4;

#[derive(Debug)]
struct Chunk {
    ids: Vec<[u8; 16]>,
    times: Vec<i64>,
    /// The latest time of all events before each [`NOTED_ROWS`] of this chunk; the first is that of all chunks before.
    max_times: Vec<i64>,
    streams: Vec<u32>,
    kinds: Vec<u32>,
    tag_sets: Vec<u32>,
}

/// All rows, by row number: position − 1.
#[derive(Debug)]
pub(crate) struct Rows {
    chunks: Vec<Chunk>,
    len: usize,
    max_time: i64,
}

impl Default for Rows {
    fn default() -> Self {
        Self { chunks: Vec::new(), len: 0, max_time: i64::MIN }
    }
}

impl Rows {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn push(&mut self, row: RowData) {
        if self.len.is_multiple_of(CHUNK_ROWS) {
            self.chunks.push(Chunk {
                ids: Vec::with_capacity(CHUNK_ROWS),
                times: Vec::with_capacity(CHUNK_ROWS),
                max_times: Vec::with_capacity(CHUNK_ROWS / NOTED_ROWS),
                streams: Vec::with_capacity(CHUNK_ROWS),
                kinds: Vec::with_capacity(CHUNK_ROWS),
                tag_sets: Vec::with_capacity(CHUNK_ROWS),
            });
        }
        if let Some(chunk) = self.chunks.last_mut() {
            if chunk.times.len().is_multiple_of(NOTED_ROWS) {
                chunk.max_times.push(self.max_time);
            }
            chunk.ids.push(row.id);
            chunk.times.push(row.time);
            chunk.streams.push(row.stream);
            chunk.kinds.push(row.kind);
            chunk.tag_sets.push(row.tag_set);
        }
        self.len += 1;
        self.max_time = self.max_time.max(row.time);
    }

    fn at(&self, row: usize) -> (&Chunk, usize) {
        (&self.chunks[row / CHUNK_ROWS], row % CHUNK_ROWS)
    }

    pub(crate) fn get(&self, row: usize) -> RowData {
        let (chunk, i) = self.at(row);
        RowData {
            id: chunk.ids[i],
            time: chunk.times[i],
            stream: chunk.streams[i],
            kind: chunk.kinds[i],
            tag_set: chunk.tag_sets[i],
        }
    }

    pub(crate) fn id(&self, row: usize) -> &[u8; 16] {
        let (chunk, i) = self.at(row);
        &chunk.ids[i]
    }

    pub(crate) fn time(&self, row: usize) -> i64 {
        let (chunk, i) = self.at(row);
        chunk.times[i]
    }

    pub(crate) fn stream(&self, row: usize) -> u32 {
        let (chunk, i) = self.at(row);
        chunk.streams[i]
    }

    pub(crate) fn kind(&self, row: usize) -> u32 {
        let (chunk, i) = self.at(row);
        chunk.kinds[i]
    }

    pub(crate) fn tag_set(&self, row: usize) -> u32 {
        let (chunk, i) = self.at(row);
        chunk.tag_sets[i]
    }

    /// The latest time of the rows up to and with `row`: O(1).
    pub(crate) fn max_time_at(&self, row: usize) -> i64 {
        let (chunk, i) = self.at(row);
        let noted = i / NOTED_ROWS;
        chunk.times[noted * NOTED_ROWS..=i].iter().copied().fold(chunk.max_times[noted], i64::max)
    }

    /// How many rows stand before the first whose time lies after `time`: O(log rows).
    pub(crate) fn rows_until(&self, time: i64) -> usize {
        let number = self.chunks.partition_point(|chunk| chunk.max_times.first().is_some_and(|max| *max <= time));
        let Some(chunk) = number.checked_sub(1).and_then(|number| self.chunks.get(number)) else {
            return 0;
        };
        // At least the first is not after `time`.
        let noted = (chunk.max_times.partition_point(|max| *max <= time) - 1) * NOTED_ROWS;
        let within = chunk.times[noted..].iter().position(|row| *row > time).unwrap_or(chunk.times.len() - noted);
        (number - 1) * CHUNK_ROWS + noted + within
    }

    /// Bytes allocated.
    pub(crate) fn resident_bytes(&self) -> usize {
        self.chunks.len() * (CHUNK_ROWS * ROW_BYTES + CHUNK_ROWS / NOTED_ROWS * size_of::<i64>() + size_of::<Chunk>())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows(times: &[i64]) -> Rows {
        let mut rows = Rows::default();
        for time in times {
            rows.push(RowData { id: [0; 16], time: *time, stream: 0, kind: 0, tag_set: 0 });
        }
        rows
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

        /// Times that go up and down, about the end of a chunk: what is said of them is what all rows before say.
        #[test]
        fn the_latest_time_so_far_and_the_row_at_a_time_are_those_of_all_rows(
            steps in prop::collection::vec(-90_i64..100, (CHUNK_ROWS - 100)..(CHUNK_ROWS + 300)),
            asked in prop::collection::vec((any::<prop::sample::Index>(), -3_i64..4), 40),
        ) {
            let times: Vec<i64> = steps.iter().scan(0, |at, step| { *at += step; Some(*at) }).collect();
            let latest: Vec<i64> = times.iter().scan(i64::MIN, |max, time| { *max = (*max).max(*time); Some(*max) }).collect();
            let rows = rows(&times);
            for (index, beside) in asked {
                let row = index.index(times.len());
                prop_assert_eq!(rows.max_time_at(row), latest[row]);
                let time = times[row] + beside;
                prop_assert_eq!(rows.rows_until(time), latest.iter().filter(|max| **max <= time).count());
            }
        }
    }
}
