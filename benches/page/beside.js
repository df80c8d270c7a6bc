// Reads while a bulk append runs, in the same tab or in another.

import { Store } from '/pkg/leftfold_benches.js'
import { later, timed } from './measure.js'

const NAME = 'beside'
/** Events of one read. */
const READ = 100
/** Milliseconds between two reads. */
const PAUSE = 3

let store = null
let isReading = false

export async function open({ cacheBytes, events, name = NAME }) {
  store = await Store.open(name, false, cacheBytes)
  if (store.head() === 0) await store.bulk(events, 100, 1)
}

export async function close() {
  await store.close()
  store.free()
  store = null
}

export const write = (count) => timed(() => store.bulk(count, 100, 1))

/** Reads at random places until told to stop; gives the milliseconds of each read. */
export async function readUntilStopped({ events }) {
  const times = []
  isReading = true
  while (isReading) {
    const from = 1 + Math.floor(Math.random() * (events - READ))
    times.push(await timed(() => store.readFrom(from, READ)))
    await later(PAUSE)
  }
  return times
}

export function stop() {
  isReading = false
}

export async function readBesideWriting({ events, count }) {
  const reading = readUntilStopped({ events })
  await write(count)
  stop()
  return reading
}

export async function readAlone({ events, reads }) {
  const reading = readUntilStopped({ events })
  await later(reads * PAUSE * 2)
  stop()
  return reading
}
