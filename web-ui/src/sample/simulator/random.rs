//! Numbers drawn from a seed (SplitMix64). Written here because no crate promises the same numbers in its next version, and
//! the sample must stay the same.

use std::ops::RangeInclusive;

use uuid::{Builder, Uuid};

pub(super) struct Random {
    state: u64,
}

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, not including, `bound`.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        u32::try_from(((self.bits() >> 32) * u64::from(bound.max(1))) >> 32).unwrap_or(0)
    }

    pub(super) fn between(&mut self, range: RangeInclusive<u32>) -> u32 {
        range.start() + self.below(range.end() - range.start() + 1)
    }

    pub(super) fn one_in(&mut self, many: u32) -> bool {
        self.below(many) == 0
    }

    pub(super) fn one_of<T: Copy>(&mut self, choices: &[T], otherwise: T) -> T {
        let index = self.below(u32::try_from(choices.len()).unwrap_or(u32::MAX)) as usize;
        choices.get(index).copied().unwrap_or(otherwise)
    }

    /// A UUID v7 of a moment.
    pub(super) fn uuid(&mut self, micros: i64) -> Uuid {
        let mut bytes = [0; 10];
        bytes[..8].copy_from_slice(&self.bits().to_le_bytes());
        bytes[8..].copy_from_slice(&self.bits().to_le_bytes()[..2]);
        let millis = u64::try_from(micros.div_euclid(1_000)).unwrap_or(0);
        Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
    }
}
