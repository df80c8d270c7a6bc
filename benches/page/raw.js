// IndexedDB by hand, as fast as it goes: the baseline.

export function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

export function ended(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error)
  })
}

export function openDatabase(name, upgrade) {
  const request = indexedDB.open(name, 1)
  request.onupgradeneeded = () => upgrade(request.result)
  return answer(request)
}

export const openPacked = (name) => openDatabase(name, (database) => database.createObjectStore('log'))

export const openObjects = (name) =>
  openDatabase(name, (database) => {
    const log = database.createObjectStore('log', { keyPath: 'position' })
    log.createIndex('stream', ['stream', 'version'])
  })

export const openPlainObjects = (name) =>
  openDatabase(name, (database) => database.createObjectStore('log', { keyPath: 'position' }))

export function deleteDatabase(name) {
  return answer(indexedDB.deleteDatabase(name))
}

const encoder = new TextEncoder()

export function encodeOne(value) {
  return encoder.encode(JSON.stringify(value))
}

/** Many values in one array: the length of each in four bytes, then its JSON text. */
export function pack(values) {
  let bytes = new Uint8Array(values.length * 300)
  let view = new DataView(bytes.buffer)
  let end = 0
  for (const value of values) {
    const text = JSON.stringify(value)
    if (bytes.length < end + 4 + text.length * 3) {
      const larger = new Uint8Array(bytes.length * 2 + text.length * 3)
      larger.set(bytes)
      bytes = larger
      view = new DataView(bytes.buffer)
    }
    const { written } = encoder.encodeInto(text, bytes.subarray(end + 4))
    view.setUint32(end, written, true)
    end += 4 + written
  }
  return bytes.slice(0, end)
}

/** Makes a view of every event's bytes, and adds up their lengths. */
export function unpack(bytes, views) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let sum = 0
  for (let at = 0; at < bytes.length; ) {
    const length = view.getUint32(at, true)
    views.push(bytes.subarray(at + 4, at + 4 + length))
    sum += length
    at += 4 + length
  }
  return sum
}

/** All values of a table, in pages of `size`. */
export async function pages(database, table, size, take) {
  let from = null
  for (;;) {
    const store = database.transaction(table, 'readonly').objectStore(table)
    const range = from === null ? null : IDBKeyRange.lowerBound(from, true)
    const [keys, values] = await Promise.all([answer(store.getAllKeys(range, size)), answer(store.getAll(range, size))])
    take(values)
    if (keys.length < size) return
    from = keys[keys.length - 1]
  }
}
