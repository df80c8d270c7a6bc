// Opening a large store, against reading the same bytes by hand.

import { Store } from '/pkg/leftfold_benches.js'
import { timed } from './measure.js'
import * as raw from './raw.js'

export const NAME = 'open-large'
export const STREAMS = 10_000
/** Index records read at once. */
const PAGE = 256

export async function prepare({ count }) {
  const store = await Store.open(NAME, false, 0)
  await store.bulk(count, STREAMS, 1)
  await store.close()
  store.free()
}

export const opening = {
  leftfold: async ({ count }) => {
    let store
    const ms = await timed(async () => {
      store = await Store.open(NAME, false, 0)
    })
    if (store.head() !== count) throw new Error(`the store has ${store.head()} events, expected ${count}`)
    await store.close()
    store.free()
    return ms
  },
  raw: async () => {
    const database = await raw.answer(indexedDB.open(`leftfold:${NAME}`))
    let bytes = 0
    const ms = await timed(() =>
      raw.pages(database, 'index', PAGE, (values) => {
        for (const value of values) bytes += value.length
      }),
    )
    database.close()
    return ms
  },
}

/** Memory of an open store, and the bytes of its index records. */
export async function memory(wasm) {
  const before = wasm.memory.buffer.byteLength
  const store = await Store.open(NAME, false, 0)
  const events = store.head()
  const resident = await store.residentBytes()
  const after = wasm.memory.buffer.byteLength
  const segments = await store.segments()
  await store.close()
  store.free()
  const database = await raw.answer(indexedDB.open(`leftfold:${NAME}`))
  let index = 0
  await raw.pages(database, 'index', PAGE, (values) => {
    for (const value of values) index += value.length
  })
  database.close()
  return { events, resident, before, after, segments, index }
}
