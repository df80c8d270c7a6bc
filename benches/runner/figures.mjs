// Medians, and ratios round by round: what slows the machine for a while slows both sides of a round.

export function median(values) {
  return quantile(values, 0.5)
}

export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const [low, high] = [Math.floor(at), Math.ceil(at)]
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low)
}

/** How many times as fast `ours` is as `theirs`: the median of the ratios of each round. */
export function ratio(ours, theirs) {
  return median(ours.map((rate, round) => rate / theirs[round]))
}
