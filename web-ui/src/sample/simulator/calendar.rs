//! The hours of the warehouse: when customers order, when benches are staffed, when carriers call.

use super::random::Random;

pub(super) const SECOND: i64 = 1_000_000;
pub(super) const MINUTE: i64 = 60 * SECOND;
pub(super) const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;

/// Orders in ten minutes, for each hour of the day.
const DEMAND: [i64; 24] = [1, 1, 1, 1, 1, 2, 3, 5, 9, 11, 12, 14, 18, 11, 9, 8, 9, 11, 14, 16, 12, 6, 2, 1];
/// A sale, every day from 10:05 to 10:20.
const SALE: std::ops::Range<i64> = 10 * HOUR + 5 * MINUTE..10 * HOUR + 20 * MINUTE;
/// Orders in ten minutes while the sale lasts.
const SALE_DEMAND: i64 = 36;

fn time_of_day(micros: i64) -> i64 {
    micros.rem_euclid(DAY)
}

/// When the next order comes.
pub(super) fn next_order(random: &mut Random, now: i64) -> i64 {
    let time = time_of_day(now);
    let hour = usize::try_from(time / HOUR).unwrap_or(0);
    let demand = if SALE.contains(&time) { SALE_DEMAND } else { DEMAND.get(hour).copied().unwrap_or(1) };
    let mean_millis = 600_000 / demand;
    let most = u32::try_from(2 * mean_millis).unwrap_or(u32::MAX);
    now + i64::from(random.between(1..=most)) * 1_000
}

/// When an order is packed that the bench hears of now: benches are staffed from 06:00 to 22:00.
pub(super) fn packed_at(random: &mut Random, now: i64) -> i64 {
    let at = now + i64::from(random.between(180..=1_800)) * SECOND + i64::from(random.below(1_000)) * 1_000;
    let time = time_of_day(at);
    let opens = if time < 6 * HOUR {
        6 * HOUR - time
    } else if time >= 22 * HOUR {
        DAY + 6 * HOUR - time
    } else {
        return at;
    };
    at + opens + i64::from(random.below(2_700)) * SECOND
}

/// When the parcels leave: a carrier calls every 30 minutes, and is loaded for some minutes.
pub(super) fn dispatched_at(random: &mut Random, now: i64) -> i64 {
    let call = now + 30 * MINUTE - now.rem_euclid(30 * MINUTE);
    call + i64::from(random.below(300_000)) * 1_000
}

/// When the parcels arrive: one to three hours later, between 08:00 and 21:00.
pub(super) fn delivered_at(random: &mut Random, now: i64) -> i64 {
    let at = now + i64::from(random.between(3_600_000..=10_800_000)) * 1_000;
    let time = time_of_day(at);
    let waits = if time < 8 * HOUR {
        8 * HOUR - time
    } else if time >= 21 * HOUR {
        DAY + 8 * HOUR - time
    } else {
        return at;
    };
    at + waits + i64::from(random.below(14_400)) * SECOND
}

/// The next moment at a time of the day.
pub(super) fn next_at(time: i64, now: i64) -> i64 {
    let today = now - time_of_day(now) + time;
    if today > now { today } else { today + DAY }
}
