// Rows that fold: what was sold by SKU, from the log or from a stream. Every variant gives the milliseconds of one fold.

import { PackedFold, Store } from '/pkg/leftfold_benches.js'
import { CACHE_BYTES, freshName, later, timed } from './measure.js'
import { worth } from './order.js'
import * as raw from './raw.js'

/** The stream that is loaded, the number of streams beside it, and the events behind its snapshot. */
const LOADED = 3
const LOAD_STREAMS = 10
const TAIL = 50

function expectWorth(actual, expected) {
  if (actual !== expected) throw new Error(`the fold came to ${actual}, expected ${expected}`)
}

/** A store that is opened, and closed when the work is done. `isOpening` takes the opening into the time. */
async function leftfold(name, work, { isOpening = false, warmUp = async () => {} } = {}) {
  let store
  const open = async () => {
    store = await Store.open(name, false, CACHE_BYTES)
  }
  if (!isOpening) {
    await open()
    await warmUp(store)
  }
  const ms = await timed(async () => {
    if (isOpening) await open()
    await work(store)
  })
  await store.close()
  store.free()
  return ms
}

async function byHand(name, open, work) {
  const database = await open(name)
  const ms = await timed(() => work(database))
  database.close()
  return ms
}

/** The same fold in JavaScript. */
class Sales {
  #sums = new Map()

  add({ sku, units, priceCents }) {
    let sum = this.#sums.get(sku)
    if (!sum) this.#sums.set(sku, (sum = { orders: 0, units: 0, cents: 0 }))
    sum.orders += 1
    sum.units += units
    sum.cents += units * priceCents
  }

  cents() {
    let cents = 0
    for (const sum of this.#sums.values()) cents += sum.cents
    return cents
  }
}

const records = (database) => raw.answer(database.transaction('log').objectStore('log').getAll())

/** A fold of the whole log, which must come to what the orders are worth. */
async function foldLog(read, { count }) {
  let cents
  const ms = await read(async (fold) => {
    cents = await fold
  })
  expectWorth(cents, worth(count))
  return ms
}

const byLeftfold = (options, opening) =>
  foldLog((take) => leftfold('read-mixed', (store) => take(store.foldLog()), opening), options)

export const fold = {
  leftfold: (options) => byLeftfold(options),
  leftfoldOpening: (options) => byLeftfold(options, { isOpening: true }),
  rawPacked: (options) =>
    foldLog((take) => byHand('read-packed', raw.openPacked, (database) => take(foldPacked(database))), options),
  rawPackedJs: (options) =>
    foldLog((take) => byHand('read-packed', raw.openPacked, (database) => take(foldPackedInJs(database))), options),
  rawObjects: (options) =>
    foldLog((take) => byHand('read-objects', raw.openObjects, (database) => take(foldObjects(database))), options),
}

/** The records go into WebAssembly as they are, and are decoded and folded there by the same code. */
async function foldPacked(database) {
  const sales = new PackedFold()
  for (const record of await records(database)) sales.fold(record)
  const cents = sales.cents()
  sales.free()
  return cents
}

async function foldPackedInJs(database) {
  const [sales, decoder, views] = [new Sales(), new TextDecoder(), []]
  for (const record of await records(database)) {
    views.length = 0
    raw.unpack(record, views)
    for (const view of views) sales.add(JSON.parse(decoder.decode(view)))
  }
  return sales.cents()
}

async function foldObjects(database) {
  const sales = new Sales()
  await raw.pages(database, 'log', 1000, (values) => {
    for (const { data } of values) sales.add(data)
  })
  return sales.cents()
}

/** A projection that was never run before. */
function catchUp(isByStream) {
  return ({ count, streams }) => {
    const [partition, expected] = isByStream ? ['order-7', worth(count, streams, 7)] : ['', worth(count)]
    const name = `sales-${freshName()}`
    return leftfold('read-mixed', async (store) => {
      expectWorth(await store.catchUp(name, isByStream, partition), expected)
    })
  }
}

export const projection = {
  leftfold: catchUp(false),
  leftfoldByStream: catchUp(true),
}

/** A store of ten streams; one has a snapshot and a few events behind it. */
export async function prepareLoads({ count }) {
  const store = await Store.open('loads', false, CACHE_BYTES)
  await store.bulk(count * LOAD_STREAMS, LOAD_STREAMS, count)
  // The first load has nothing to begin with, and writes the snapshot behind the answer.
  while ((await store.load(LOADED, true)).folded > 0) await later(5)
  await store.appendTail(LOADED, TAIL)
  await store.close()
  store.free()
}

const loaded = (hasSnapshots, isWarm) => async ({ count }) => {
  let found
  const work = async (store) => {
    found = await store.load(LOADED, hasSnapshots)
  }
  const ms = await leftfold('loads', work, isWarm ? { warmUp: work } : {})
  const folded = hasSnapshots ? TAIL : count + TAIL
  if (found.version !== count + TAIL || found.folded !== folded) {
    throw new Error(`folded ${found.folded} of ${found.version} events, expected ${folded} of ${count + TAIL}`)
  }
  expectWorth(found.cents, worth((LOADED + 1) * count) - worth(LOADED * count) + worth(TAIL))
  return ms
}

export const loads = {
  leftfold: loaded(false, false),
  leftfoldSnapshot: loaded(true, false),
  leftfoldWarm: loaded(false, true),
  leftfoldSnapshotWarm: loaded(true, true),
}
