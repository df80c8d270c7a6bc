// Seeks in a timeline of a large store, each timed and compared with what its state must be.

import { Store } from '/pkg/leftfold_benches.js'
import { CACHE_BYTES, timed } from './measure.js'
import { NAME, STREAMS } from './opening.js'
import { worth, worths } from './order.js'
import * as raw from './raw.js'

/** Pixels that a timeline of the whole log is wide. */
const PIXELS = 1200

/** The same numbers in every run: xorshift. */
function randomNumbers() {
  let state = 0x2545f491
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

/** Milliseconds and folds of a seek to each place. */
async function seeks(timeline, places, expected) {
  const [times, folds] = [[], []]
  for (const [position, partition] of places) {
    let cents
    times.push(
      await timed(async () => {
        cents = await timeline.seek(position, partition)
      }),
    )
    folds.push(timeline.folds())
    if (cents !== expected(position, partition)) throw new Error(`wrong state of '${partition}' at ${position}`)
  }
  return { times, folds }
}

/** Seeks anywhere, and between them the same way to the disk by hand: one segment by its key. */
async function anywhere(timeline, { count, seeks: number }, random, sums) {
  const database = await raw.answer(indexedDB.open(`leftfold:${NAME}`))
  const payload = () => database.transaction('payload').objectStore('payload')
  const keys = await raw.answer(payload().getAllKeys())
  const [found, gets] = [{ title: 'anywhere', times: [], folds: [] }, []]
  for (let done = 0; done < number; done++) {
    const { times, folds } = await seeks(timeline, [[1 + random(count), '']], (position) => sums[position])
    found.times.push(...times)
    found.folds.push(...folds)
    const key = keys[random(keys.length)]
    gets.push(await timed(() => raw.answer(payload().get(key))))
  }
  database.close()
  return [found, { title: 'by hand, between those: one `get` of one segment', times: gets, folds: [] }]
}

/** From a place on by steps, and back again. */
function drag(from, step, count) {
  const there = Array.from({ length: count / 2 }, (_, index) => from + index * step)
  return [...there, ...there.toReversed()].map((position) => [position, ''])
}

async function built(wasm, store, isByStream) {
  const before = wasm.memory.buffer.byteLength
  const timeline = store.timeline(isByStream)
  const ms = await timed(() => timeline.build())
  const figures = { ms, before, after: wasm.memory.buffer.byteLength }
  for (const name of ['keyframes', 'spacing', 'keptBytes', 'indexBytes']) figures[name] = timeline[name]()
  return { timeline, figures }
}

/** Builds the timelines and seeks in them. */
export async function measure(wasm, options) {
  const { count, seeks: number } = options
  const store = await Store.open(NAME, false, CACHE_BYTES)
  const random = randomNumbers()
  const sums = worths(count)
  const found = []
  const whole = await built(wasm, store, false)
  const all = async (title, places) => {
    found.push({ title, ...(await seeks(whole.timeline, places, (position) => sums[position])) })
  }
  found.push(...(await anywhere(whole.timeline, options, random, sums)))
  const pixel = Math.floor(count / PIXELS)
  await all(`a drag over the whole log, ${pixel} events a pixel`, drag(1, pixel, PIXELS * 2))
  await all('a drag, 10 events a step', drag(Math.floor(count / 3), 10, number))
  await all('a drag, one event a step', drag(Math.floor(count / 2), 1, number))
  whole.timeline.free()
  const streams = await built(wasm, store, true)
  const places = Array.from({ length: number }, () => [1 + random(count), `order-${random(STREAMS)}`])
  const one = (position, partition) => worth(position, STREAMS, Number(partition.slice('order-'.length)))
  found.push({ title: 'one of 10,000 partitions, anywhere', ...(await seeks(streams.timeline, places, one)) })
  streams.timeline.free()
  const resident = await store.residentBytes()
  await store.close()
  store.free()
  return { events: count, found, whole: whole.figures, streams: streams.figures, resident }
}
