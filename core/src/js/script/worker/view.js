// What an expression is given: it looks, and changes nothing.

/** One view of each object: what was the same stays the same. */
const views = new WeakMap()
/** The event that is looked at, and its view: to note those of all events takes longer than to make them. */
let [looksAt, viewOfLookedAt] = [undefined, undefined]

/** The view of an event, which is the one that is looked at from now on. */
function viewOfEvent(event) {
  looksAt = event
  viewOfLookedAt = new Proxy(event, readOnly)
  return viewOfLookedAt
}

const readOnly = {
  get: (target, key) => view(target[key]),
  getOwnPropertyDescriptor(target, key) {
    const found = Object.getOwnPropertyDescriptor(target, key)
    return found && 'value' in found ? { ...found, value: view(found.value) } : found
  },
  set: refuse,
  defineProperty: refuse,
  deleteProperty: refuse,
  setPrototypeOf: refuse,
  preventExtensions: refuse,
}

function refuse(_, key) {
  const name = typeof key === 'string' ? ` (${key})` : ''
  throw new Misuse(`an expression looks at states and events and cannot change them${name}: to compare, write == or ===; to sort, copy first`)
}

/** Whether a view of an object does what the object does: methods of a Set or a Date would not know it. */
const isPlain = (value) => Array.isArray(value) || value instanceof FoldedEvent || [null, objectPrototype].includes(prototypeOf(value))

/** A value to look at: it shows what it is, and refuses changes. */
function view(value) {
  if (typeof value !== 'object' || value === null || !isPlain(value)) return value
  if (value === looksAt) return viewOfLookedAt
  const known = views.get(value)
  if (known !== undefined) return known
  // A proxy of what is frozen must show the very values in it, which may not be frozen themselves.
  const shown = Object.isFrozen(value) ? (Array.isArray(value) ? [...value] : { ...value }) : value
  const made = new Proxy(shown, readOnly)
  views.set(value, made)
  return made
}
