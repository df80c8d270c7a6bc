// Rows that write: every variant starts with an empty database and gives the milliseconds of its work.

import Dexie from 'dexie'
import { openDB } from 'idb'

import { Store } from '/pkg/leftfold_benches.js'
import { CACHE_BYTES, freshName, timed } from './measure.js'
import { eventObject, orders } from './order.js'
import * as raw from './raw.js'

async function leftfold({ count, strict }, work) {
  const name = freshName()
  const store = await Store.open(name, strict, CACHE_BYTES)
  store.prepare(count)
  const ms = await timed(() => work(store))
  if (store.head() !== count) throw new Error(`the store has ${store.head()} events, expected ${count}`)
  await store.close()
  store.free()
  await raw.deleteDatabase(`leftfold:${name}`)
  return ms
}

async function byHand(open, work) {
  const name = freshName()
  const database = await open(name)
  const ms = await timed(() => work(database))
  database.close()
  await raw.deleteDatabase(name)
  return ms
}

async function byIdb(work) {
  const name = freshName()
  const upgrade = (database) => database.createObjectStore('log', { keyPath: 'position' })
  const database = await openDB(name, 1, { upgrade })
  const ms = await timed(() => work(database))
  database.close()
  await raw.deleteDatabase(name)
  return ms
}

async function byDexie(strict, work) {
  const name = freshName()
  const database = new Dexie(name, { chromeTransactionDurability: durability(strict) })
  database.version(1).stores({ log: 'position' })
  await database.open()
  const ms = await timed(() => work(database.log))
  await database.delete()
  return ms
}

const durability = (strict) => (strict ? 'strict' : 'relaxed')

function objects(count, stream) {
  return orders(count).map((data, index) => eventObject(index + 1, stream, index + 1, data))
}

export const single = {
  leftfold: (options) => leftfold(options, (store) => store.appendOneByOne()),
  raw: ({ count, strict }) => {
    const values = orders(count)
    return byHand(raw.openPacked, async (database) => {
      for (let i = 0; i < count; i++) {
        const transaction = database.transaction('log', 'readwrite', { durability: durability(strict) })
        transaction.objectStore('log').add(raw.encodeOne(values[i]), i + 1)
        transaction.commit()
        await raw.ended(transaction)
      }
    })
  },
  idb: ({ count, strict }) => {
    const values = objects(count, 'order-single')
    return byIdb(async (database) => {
      for (const value of values) {
        const transaction = database.transaction('log', 'readwrite', { durability: durability(strict) })
        await Promise.all([transaction.store.add(value), transaction.done])
      }
    })
  },
  dexie: ({ count, strict }) => {
    const values = objects(count, 'order-single')
    return byDexie(strict, async (log) => {
      for (const value of values) await log.add(value)
    })
  },
}

export const inFlight = {
  leftfold: (options) => leftfold(options, (store) => store.appendInFlight(options.callers)),
}

export const commits = {
  leftfold: (options) => leftfold(options, (store) => store.appendCommits(options.size)),
  rawPacked: ({ count, size, strict }) => {
    const values = orders(count)
    return byHand(raw.openPacked, async (database) => {
      for (let i = 0; i < count; i += size) {
        const transaction = database.transaction('log', 'readwrite', { durability: durability(strict) })
        transaction.objectStore('log').add(raw.pack(values.slice(i, i + size)), i + 1)
        transaction.commit()
        await raw.ended(transaction)
      }
    })
  },
  rawObjects: ({ count, size, strict }) => {
    const values = objects(count, 'order-batch')
    return byHand(raw.openPlainObjects, async (database) => {
      for (let i = 0; i < count; i += size) {
        const transaction = database.transaction('log', 'readwrite', { durability: durability(strict) })
        const log = transaction.objectStore('log')
        for (const value of values.slice(i, i + size)) log.add(value)
        transaction.commit()
        await raw.ended(transaction)
      }
    })
  },
  idb: ({ count, size, strict }) => {
    const values = objects(count, 'order-batch')
    return byIdb(async (database) => {
      for (let i = 0; i < count; i += size) {
        const transaction = database.transaction('log', 'readwrite', { durability: durability(strict) })
        await Promise.all([...values.slice(i, i + size).map((value) => transaction.store.add(value)), transaction.done])
      }
    })
  },
  dexie: ({ count, size, strict }) => {
    const values = objects(count, 'order-batch')
    return byDexie(strict, async (log) => {
      for (let i = 0; i < count; i += size) await log.bulkAdd(values.slice(i, i + size))
    })
  },
}

/** A bulk append, for which the others have nothing but commits. */
export const bulk = {
  leftfold: (options) => leftfold(options, (store) => store.bulk(options.count, 100, 1)),
}
