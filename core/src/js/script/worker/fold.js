// The fold: states by partition, each with the positions of its events and states that were kept on the way.

/** The most events between two kept states of a partition: a seek folds fewer. */
const FOLD_BOUND = 2_048
/** Kept states stand this close while they are small: characters of a state for each event between two of them. */
const DENSEST = 64
const CHARACTERS_AN_EVENT = 32
/** Characters of all kept states together; beyond them every second one goes. */
const KEPT_CHARACTERS = 48 * 1024 * 1024
/** The longest state. */
const LONGEST_STATE = 16 * 1024 * 1024

/** Why an event cannot be folded. */
class Fault extends Error {
  constructor(position, cause) {
    super(messageOf(cause))
    Object.assign(this, { position, cause, ...placeOf(cause) })
  }
}

function messageOf(cause) {
  try {
    if (cause instanceof Misuse) return cause.message
    return cause instanceof Error ? `${cause.name}: ${cause.message.replace(/^Failed to execute 'importScripts' on '\w+': /, '')}` : `the text threw ${String(cause)}`
  } catch {
    return 'the text threw something that has no words'
  }
}

/** The line of the text that an error comes from, as far as its stack tells. */
function placeOf(error) {
  let stack
  try {
    stack = error?.stack
  } catch {
    return {}
  }
  const found = typeof stack === 'string' ? /blob:[^\s)]*?:(\d+):(\d+)/.exec(stack) : null
  return found ? { line: Number(found[1]), column: Number(found[2]) } : {}
}

/** The JSON text of a state; of what JSON has no word for, null. */
function written(value) {
  const text = harness.stringify(value) ?? 'null'
  if (text.length > LONGEST_STATE) throw new Misuse(`a state has ${text.length} characters of JSON; at most ${LONGEST_STATE} are kept`)
  return text
}

/** Positions that only grow. Most partitions have a few: a list of small numbers, which the engine keeps packed. */
class Positions {
  #values = []

  get length() {
    return this.#values.length
  }

  push(position) {
    this.#values[this.#values.length] = position
  }

  at(index) {
    return this.#values[index]
  }

  slice(from, to) {
    const part = new Uint32Array(Math.max(0, Math.min(to, this.length) - from))
    for (let index = 0; index < part.length; index++) part[index] = this.#values[from + index]
    return part
  }

  /** How many are at or before `position`. */
  countTo(position) {
    let [low, high] = [0, this.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#values[middle] <= position) low = middle + 1
      else high = middle
    }
    return low
  }
}

/**
 * A state of its own: that of a partition, or that of all partitions together where they share one.
 *
 * Invariant: between two kept states, and behind the last one, lie at most FOLD_BOUND of its events, for as long as
 * KEPT_CHARACTERS suffice for that.
 */
class Unit {
  positions = new Positions()
  /** `{ count, text }`: the state after so many events. */
  kept = []
  isSpoiled = false

  constructor(name, live) {
    this.name = name
    this.live = live
    this.spacing = DENSEST
  }

  /** Notes that its state has taken an event; says how many characters were kept for it. */
  folded(position) {
    if (this.positions.length > 0 && this.positions.at(this.positions.length - 1) === position) {
      // An event that was split: what was kept after its first part is not the state after it.
      const kept = this.kept.at(-1)
      if (kept?.count !== this.positions.length) return 0
      const text = written(this.live)
      const more = text.length - kept.text.length
      kept.text = text
      return more
    }
    this.positions.push(position)
    const last = this.kept.at(-1)?.count ?? 0
    if (this.positions.length - last < this.spacing) return 0
    const text = written(this.live)
    this.kept.push({ count: this.positions.length, text })
    this.spacing = Math.max(this.spacing, Math.min(FOLD_BOUND, Math.ceil(text.length / CHARACTERS_AN_EVENT)))
    return text.length
  }

  /** Lets every second kept state go, a lone one too; says how many characters that were. */
  thin() {
    let freed = 0
    this.kept = this.kept.filter(({ text }, index) => {
      const stays = index % 2 === 1
      if (!stays) freed += text.length
      return stays
    })
    // Beyond the bound, where the room does not suffice for it.
    this.spacing *= 2
    return freed
  }

  /** The last kept state after at most `count` events. */
  keptBefore(count) {
    let [low, high] = [0, this.kept.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.kept[middle].count <= count) low = middle + 1
      else high = middle
    }
    return this.kept[low - 1]
  }
}

const call = (name) => definition.handlers.get(name)

/** The state that a partition begins with: a copy, so that no two share a value. */
function initial() {
  const init = call('$init')
  return init ? harness.parse(written(init())) : {}
}

const isShared = () => definition.handlers.has('$initShared')

/** What a unit begins with. */
const beginning = () => (isShared() ? { shared: harness.parse(written(call('$initShared')())), parts: Object.create(null) } : initial())

/** A unit's live value from a kept text. */
function revived(text) {
  const live = harness.parse(text)
  // A partition may have any name, such as that of a member that every object has.
  if (isShared()) Object.setPrototypeOf(live.parts, null)
  return live
}

/** All states of one pass over the log. */
class Fold {
  units = new Map()
  /** The first position of each partition, in that order. */
  firsts = new Map()
  #all = []
  #keptCharacters = 0
  #thinned = 0

  constructor({ keeps }) {
    this.keeps = keeps
  }

  /** The unit that has the state of a partition, made when it is new. */
  unit(partition) {
    const name = isShared() ? '' : partition
    let unit = this.units.get(name)
    if (!unit) {
      unit = new Unit(name, beginning())
      this.units.set(name, unit)
      this.#all.push(unit)
    }
    return unit
  }

  /** Folds an event of a batch. Gives undefined, or the reason why it was left out. */
  take(batch, index, position) {
    const found = route(batch, index, position)
    if (typeof found === 'string') return found
    let unit
    try {
      unit = this.unit(found.partition)
      unit.live = applied(unit.live, found)
      if (!this.firsts.has(found.partition)) this.firsts.set(found.partition, position)
      if (this.keeps) this.#keep(unit, position)
    } catch (error) {
      if (unit) unit.isSpoiled = true
      throw error instanceof Fault ? error : new Fault(position, error)
    }
    return undefined
  }

  #keep(unit, position) {
    const more = unit.folded(position)
    this.#keptCharacters += more
    if (more <= 0 || this.#keptCharacters <= KEPT_CHARACTERS) return
    // From all of them, in turn.
    for (let tried = 0; tried < this.#all.length && this.#keptCharacters > KEPT_CHARACTERS / 2; tried++) {
      this.#keptCharacters -= this.#all[this.#thinned++ % this.#all.length].thin()
    }
  }
}

const isInSource = (stream) => {
  const { kind, names } = definition.source
  if (kind === 'all') return true
  return names.includes(kind === 'streams' ? stream : categoryOf(stream))
}

/** Where an event goes, `{ event, handler, partition }`, or why nowhere. */
function route(batch, index, position) {
  if (!isInSource(batch.stream(index))) return 'other stream'
  const type = batch.type(index)
  const deleted = definition.handlers.get('$deleted')
  let handler = definition.handlers.get(type) ?? definition.handlers.get('$any')
  let stream = batch.stream(index)
  if (deleted && definition.partitionBy === 'stream' && (type === '$streamDeleted' || type === '$metadata')) {
    const gone = deletedStream(batch.event(index), type)
    if (gone !== undefined) [handler, stream] = [deleted, gone]
  }
  if (!handler || (SPECIAL.has(type) && handler !== deleted)) return 'no handler'
  if (!batch.isJson(index)) return 'not JSON'
  const event = batch.event(index)
  begin(event, position)
  try {
    const partition = definition.partitionBy === 'none' ? '' : definition.partitionBy === 'stream' ? stream : partitionBy(event)
    return partition === undefined ? 'no partition' : { event, handler, partition }
  } catch (error) {
    throw new Fault(position, error)
  }
}

/** The stream whose deletion an event tells. */
function deletedStream(event, type) {
  if (type === '$streamDeleted') return event.streamId
  const before = event.data?.$tb
  return event.streamId.startsWith('$$') && before >= Number.MAX_SAFE_INTEGER ? event.streamId.slice(2) : undefined
}

/** Clock and chance stand where the event stands. */
function begin(event, position) {
  substitutes.now = Math.floor(FoldedEvent.time(event))
  substitutes.seed = Math.imul(position, 0x9e3779b1) | 0
  partitionOfEvent = ''
}

/** Half of a pair: the host, whose texts are UTF-8, would take it for another character. */
const HALF = /\p{Surrogate}/u

function partitionBy(event) {
  const partition = definition.partitionBy(event)
  if (partition === undefined || partition === null || partition === '') return undefined
  if (!['string', 'number', 'boolean'].includes(typeof partition)) throw new Misuse('partitionBy must give a text')
  const name = String(partition)
  if (HALF.test(name)) throw new Misuse('partitionBy must give a text of whole characters; this one has half of a surrogate pair')
  return name
}

/** The live value of a unit after an event. */
function applied(live, { event, handler, partition }) {
  partitionOfEvent = partition
  if (!isShared()) return checked(handler(live, event), live)
  live.parts[partition] ??= initial()
  const both = [live.parts[partition], live.shared]
  const [part, shared] = checked(handler(both, event), both)
  live.parts[partition] = part
  live.shared = shared
  return live
}

function checked(after, before) {
  if (after === undefined) return before
  if (typeof after?.then === 'function') throw new Misuse('a handler gave a promise; it must give the state at once')
  return after
}

/** The JSON text of a partition's state within the live value of its unit; undefined where there is none yet. */
function stateText(live, partition) {
  if (!isShared()) return written(live)
  const part = live.parts[partition]
  return part === undefined ? undefined : written([part, live.shared])
}

/** What the steps behind `when` make of a state, as JSON text. */
function resultText(text) {
  let value = harness.parse(text)
  for (const { filter, transform } of definition.steps) {
    if (filter && !filter(value)) return 'null'
    if (transform) value = transform(value)
  }
  return written(value)
}
