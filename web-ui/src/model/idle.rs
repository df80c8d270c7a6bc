//! Which of several things that take memory nobody has asked for lately.

/// So long after it was last asked for, a thing is idle, in milliseconds.
const IDLE_AFTER_MS: f64 = 60_000.0;
/// So many are never idle: those that were asked for last.
const NEVER_IDLE: usize = 2;

/// The indexes of what is idle; of each, `asked_at` says when it was last asked for, in milliseconds of the clock of `now_ms`.
#[must_use]
pub fn idle(asked_at: &[f64], now_ms: f64) -> Vec<usize> {
    let mut latest_first: Vec<usize> = (0..asked_at.len()).collect();
    latest_first.sort_by(|a, b| asked_at[*b].total_cmp(&asked_at[*a]));
    latest_first.into_iter().skip(NEVER_IDLE).filter(|index| now_ms - asked_at[*index] >= IDLE_AFTER_MS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_lately_or_last_is_not_idle() {
        let now = 500_000.0;
        assert_eq!(idle(&[now - 1.0, now - 70_000.0, now, now - 59_000.0, now - 80_000.0], now), [1, 4]);
        assert_eq!(idle(&[0.0, 1.0], now), [0_usize; 0]);
        assert_eq!(idle(&[2.0, 0.0, 1.0], now), [1]);
        assert_eq!(idle(&[], now), [0_usize; 0]);
    }
}
