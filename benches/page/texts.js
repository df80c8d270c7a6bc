// Projections as text on a large log, beside the same handlers called by a loop over objects in memory.

import { Store, storeSimulated } from '/pkg/leftfold_benches.js'
import { CACHE_BYTES, timed } from './measure.js'

const NAME = 'simulated'

/** The folds: what is written in the text, and the same for a loop. Handlers are given what KurrentDB's are. */
const FOLDS = {
  types: {
    choice: 'fromAll()',
    handlers: `{
      $init: () => ({}),
      $any(state, event) { state[event.eventType] = (state[event.eventType] ?? 0) + 1 },
    }`,
    partition: () => '',
  },
  payload: {
    choice: 'fromAll()',
    handlers: `{
      $init: () => ({ events: 0, units: 0, last: null }),
      $any(state, event) {
        state.events += 1
        state.units += event.data.units ?? event.data.lines?.length ?? 0
        state.last = event.data.sku ?? state.last
      },
    }`,
    partition: () => '',
  },
  streams: {
    choice: 'fromAll().foreachStream()',
    handlers: `{
      $init: () => ({ events: 0, last: null }),
      $any(state, event) {
        state.events += 1
        state.last = event.eventType
      },
    }`,
    partition: (event) => event.streamId,
  },
}

const textOf = ({ choice, handlers }) => `${choice}.when(${handlers})`

let store
/** The same log in memory, once it was asked for. */
let inMemory

/** Makes the log, and opens it. */
export async function prepare({ count }) {
  await storeSimulated(NAME, count)
  store = await Store.open(NAME, false, CACHE_BYTES)
}

/** Makes the log in memory. */
export async function prepareInMemory({ count }) {
  inMemory = await Store.simulatedInMemory(count)
}

/** Lets it go. */
export function forgetMemory() {
  inMemory.free()
  inMemory = undefined
}

/** The fold of the whole log by a fresh worker, and the time until the text was read in it. */
export async function fold({ name }) {
  let timeline
  const start = await timed(async () => (timeline = await (inMemory ?? store).text(textOf(FOLDS[name]))))
  const ms = await timed(() => timeline.build())
  timeline.free()
  return { start, ms }
}

let loaded = []

/** Brings the first events into memory, as objects and as the texts that they were made of. */
export async function load({ count }) {
  const events = await store.events(count)
  loaded = events.map(([streamId, eventType, text]) => ({ streamId, eventType, text, data: JSON.parse(text) }))
}

/** The same handlers over the events in memory; `isParsed` takes the parsing of each into the time. */
export function plain({ name, isParsed }) {
  const { handlers, partition } = FOLDS[name]
  const { $init, $any } = (0, eval)(`(${handlers})`)
  const states = new Map()
  const start = performance.now()
  for (const event of loaded) {
    const of = partition(event)
    let state = states.get(of)
    if (state === undefined) states.set(of, (state = $init()))
    $any(state, isParsed ? { streamId: event.streamId, eventType: event.eventType, data: JSON.parse(event.text) } : event)
  }
  return performance.now() - start
}

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

/** Seeks of one state of all events, each compared with the number of its position. */
export async function seeks({ count, number }) {
  const random = randomNumbers()
  const timeline = await store.text(textOf(FOLDS.payload))
  await timeline.build()
  const seek = async (position) => {
    let text
    const ms = await timed(async () => (text = await timeline.seek(position, '')))
    if (JSON.parse(text).events !== position) throw new Error(`wrong state at ${position}: ${text}`)
    return { ms, folds: timeline.folds() }
  }
  const anywhere = []
  for (let done = 0; done < number; done++) anywhere.push(await seek(1 + random(count)))
  const drag = []
  for (let done = 0; done < number; done++) drag.push(await seek(Math.floor(count / 3) + done * 10))
  timeline.free()
  return [
    { title: 'anywhere', found: anywhere },
    { title: 'a drag, 10 events a step', found: drag },
  ]
}

/** All hits of an expression over the whole log, by a fresh worker whose start is not in the time. */
export async function scan({ name, expression, least }) {
  let hits
  const begun = await store.scan(textOf(FOLDS[name]), expression)
  const ms = await timed(async () => (hits = await begun.hits()))
  begun.free()
  if (hits < least) throw new Error(`${hits} hits of ${expression}`)
  return { ms, hits }
}
