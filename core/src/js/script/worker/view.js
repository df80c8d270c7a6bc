// What an expression is given: it looks, and changes nothing.

/** One view of each object: what was the same stays the same. */
const views = new WeakMap()
/** The state that was looked at last, and its view: most often it is the next one, too. */
let [lookedAt, viewOfLookedAt] = [undefined, undefined]

/** The view of a state that an expression is given. */
function viewOfState(live) {
  if (live !== lookedAt) [lookedAt, viewOfLookedAt] = [live, view(live)]
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
  const known = views.get(value)
  if (known !== undefined) return known
  // A proxy of what is frozen must show the very values in it, which may not be frozen themselves.
  const shown = Object.isFrozen(value) ? (Array.isArray(value) ? [...value] : { ...value }) : value
  const made = new Proxy(shown, readOnly)
  views.set(value, made)
  return made
}

/** What refuses to be given members: an object that inherits from it refuses it, too. */
const closed = new Proxy(Object.create(objectPrototype), { set: refuse })

/** The view of an event. There is one for each: a proxy would take longer to make than all else that is done with most of them. */
class ViewOfEvent {
  #event

  constructor(event) {
    this.#event = event
  }

  static {
    for (const [name, { get }] of Object.entries(Object.getOwnPropertyDescriptors(FoldedEvent.prototype))) {
      if (get) Object.defineProperty(this.prototype, name, { get() { return view(this.#event[name]) }, set: () => refuse(undefined, name) })
    }
    Object.setPrototypeOf(this.prototype, closed)
  }

  toJSON() {
    return this.#event.toJSON()
  }
}
