// Rows that read: the databases are made once, and every variant gives the milliseconds of one read.

import Dexie from 'dexie'
import { openDB } from 'idb'

import { Store } from '/pkg/leftfold_benches.js'
import { CACHE_BYTES, EVENT_BYTES, expectBytes, timed } from './measure.js'
import { eventObject, order } from './order.js'
import * as raw from './raw.js'

const STREAMS = 100
/** Events of one stream that follow each other, in the layout `runs`. */
const RUN = 50

const streamAt = (index, run) => Math.floor(index / run) % STREAMS

/** Makes the databases that the reads share. */
export async function prepare({ count }) {
  for (const [name, run] of [['read-mixed', 1], ['read-runs', RUN]]) {
    const store = await Store.open(name, false, CACHE_BYTES)
    await store.bulk(count, STREAMS, run)
    await store.close()
    store.free()
  }
  const packed = await raw.openPacked('read-packed')
  const objects = await raw.openObjects('read-objects')
  const versions = new Array(STREAMS).fill(0)
  for (let i = 0; i < count; i += 1000) {
    const values = Array.from({ length: 1000 }, (_, offset) => order(i + offset))
    const first = packed.transaction('log', 'readwrite')
    first.objectStore('log').add(raw.pack(values), i + 1)
    const second = objects.transaction('log', 'readwrite')
    values.forEach((data, offset) => {
      const stream = streamAt(i + offset, 1)
      versions[stream] += 1
      second.objectStore('log').add(eventObject(i + offset + 1, `order-${stream}`, versions[stream], data))
    })
    await Promise.all([raw.ended(first), raw.ended(second)])
  }
  packed.close()
  objects.close()
}

async function leftfold(name, work, warmUp = async () => {}) {
  const store = await Store.open(name, false, CACHE_BYTES)
  await warmUp(store)
  let bytes = 0
  const ms = await timed(async () => {
    bytes = await work(store)
  })
  await store.close()
  store.free()
  return { ms, bytes }
}

async function checked(read, events) {
  const { ms, bytes } = await read
  expectBytes(bytes, events * EVENT_BYTES)
  return ms
}

async function byHand(name, open, work) {
  const database = await open(name)
  const ms = await timed(() => work(database))
  database.close()
  return ms
}

const readPacked = (database) => raw.answer(database.transaction('log').objectStore('log').getAll())

export const log = {
  leftfold: ({ count }) => checked(leftfold('read-mixed', (store) => store.readLog()), count),
  leftfoldWarm: ({ count }) =>
    checked(leftfold('read-mixed', (store) => store.readLog(), (store) => store.readLog()), count),
  rawPacked: ({ count }) =>
    byHand('read-packed', raw.openPacked, async (database) => {
      const views = []
      let bytes = 0
      for (const record of await readPacked(database)) bytes += raw.unpack(record, views)
      expectBytes(bytes, count * EVENT_BYTES)
    }),
  rawPackedBytesOnly: ({ count }) =>
    byHand('read-packed', raw.openPacked, async (database) => {
      let bytes = 0
      for (const record of await readPacked(database)) bytes += record.length
      expectBytes(bytes, count * EVENT_BYTES)
    }),
  rawObjects: ({ count }) =>
    byHand('read-objects', raw.openObjects, async (database) => {
      let events = 0
      await raw.pages(database, 'log', 1000, (values) => {
        events += values.length
      })
      expectBytes(events, count)
    }),
  idb: async ({ count }) => {
    const database = await openDB('read-objects', 1)
    const ms = await timed(async () => expectBytes((await database.getAll('log')).length, count))
    database.close()
    return ms
  },
  dexie: async ({ count }) => {
    const database = await new Dexie('read-objects').open()
    const ms = await timed(async () => expectBytes((await database.table('log').toArray()).length, count))
    database.close()
    return ms
  },
}

const oneStream = ({ count }, round) => ({ stream: (round * 37) % STREAMS, events: Math.floor(count / STREAMS) })

function leftfoldStream(name, isWarm) {
  return (options, round) => {
    const { stream, events } = oneStream(options, round)
    const read = (store) => store.readStream(stream)
    return checked(leftfold(name, read, isWarm ? read : undefined), events)
  }
}

export const stream = {
  leftfoldMixedCold: leftfoldStream('read-mixed', false),
  leftfoldMixedWarm: leftfoldStream('read-mixed', true),
  leftfoldRunsCold: leftfoldStream('read-runs', false),
  leftfoldRunsWarm: leftfoldStream('read-runs', true),
  rawObjects: (options, round) => {
    const { stream, events } = oneStream(options, round)
    return byHand('read-objects', raw.openObjects, async (database) => {
      const range = IDBKeyRange.bound([`order-${stream}`, 0], [`order-${stream}`, Infinity])
      const values = await raw.answer(database.transaction('log').objectStore('log').index('stream').getAll(range))
      expectBytes(values.length, events)
    })
  },
  dexie: async (options, round) => {
    const { stream, events } = oneStream(options, round)
    const database = await new Dexie('read-objects').open()
    const ms = await timed(async () => {
      const name = `order-${stream}`
      const found = database.table('log').where('stream').between([name, Dexie.minKey], [name, Dexie.maxKey])
      expectBytes((await found.toArray()).length, events)
    })
    database.close()
    return ms
  },
}
