// The clock, and names of databases that nothing else uses.

export async function timed(work) {
  const start = performance.now()
  await work()
  return performance.now() - start
}

export const freshName = () => `bench-${crypto.randomUUID()}`

export const later = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** A value that keeps what was read alive, and shows that it was read. */
export function expectBytes(actual, least) {
  if (actual < least) throw new Error(`read ${actual} bytes, expected ${least} at least`)
}

export const EVENT_BYTES = 250

/** Room for payloads in memory: what an application has that does not say otherwise. */
export const CACHE_BYTES = 64 * 1024 * 1024
