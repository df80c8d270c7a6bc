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

/** What a list begins as that many have and few fill. */
const NONE = Object.freeze([])

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

/** The address that the text has here: the stacks of errors name it. */
let addressOfText = ''

/** The line of the text that an error comes from, as far as its stack tells. Its innermost lines may be of these files. */
function placeOf(error) {
  let stack
  try {
    stack = error?.stack
  } catch {
    return {}
  }
  const begin = typeof stack === 'string' && addressOfText !== '' ? stack.indexOf(`${addressOfText}:`) : -1
  const found = begin < 0 ? null : /^(\d+):(\d+)/.exec(stack.slice(begin + addressOfText.length + 1))
  return found ? { line: Number(found[1]), column: Number(found[2]) } : {}
}

/** The JSON text of a state; of what JSON has no word for, null. */
function written(value) {
  const text = harness.stringify(value) ?? 'null'
  if (text.length > LONGEST_STATE) throw new Misuse(`a state has ${text.length} characters of JSON; at most ${LONGEST_STATE} are kept`)
  return text
}

/**
 * A state of its own: that of a partition, or that of all partitions together where they share one.
 *
 * Invariant: between two kept states, and behind the last one, lie at most FOLD_BOUND of its events, for as long as
 * KEPT_CHARACTERS suffice for that.
 */
class Unit {
  /** `{ count, text }`: the state after so many events. */
  kept = NONE
  /**
   * After how many events it was read anew from its text, which did not say all of it. None of these goes: whoever folds the same
   * events does the same there.
   */
  #readAnew = NONE
  isSpoiled = false
  /** How many events it has taken. */
  count = 0
  spacing = DENSEST
  /** Their positions, ascending: a list of small numbers, which the engine keeps packed. */
  #positions = NONE
  #last = 0
  /** Events behind the last kept state. */
  #since = 0
  #name
  #stream

  /** A partition with a name, or with that of a stream. */
  constructor(name, stream, live) {
    this.#name = name
    this.#stream = stream
    this.live = live
  }

  get name() {
    return (this.#name ??= streamName(this.#stream))
  }

  /** The position of its first event; zero before it. */
  get first() {
    return this.count === 0 ? 0 : this.#positions[0]
  }

  /** The positions of its events behind the first `from`, up to that of number `to`. */
  positions(from, to) {
    const part = new Uint32Array(Math.max(0, Math.min(to, this.count) - from))
    for (let index = 0; index < part.length; index++) part[index] = this.#positions[from + index]
    return part
  }

  /** How many of its events are at or before `position`. */
  countTo(position) {
    let [low, high] = [0, this.count]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#positions[middle] <= position) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Notes that its state has taken an event; says how many characters were kept for it. */
  folded(position) {
    if (this.#last === position) return this.#foldedAgain()
    this.#last = position
    if (this.count === 0) this.#positions = [position]
    else this.#positions[this.count] = position
    this.count += 1
    this.#since += 1
    if (this.#since < this.spacing) return 0
    const text = this.#writtenAndRead()
    this.#since = 0
    const kept = { count: this.count, text }
    if (this.kept.length === 0) this.kept = [kept]
    else this.kept[this.kept.length] = kept
    this.spacing = Math.max(this.spacing, Math.min(FOLD_BOUND, Math.ceil(text.length / CHARACTERS_AN_EVENT)))
    return text.length
  }

  /** The same for a further part of an event that was split: what was kept after its first part is not the state after it. */
  #foldedAgain() {
    const kept = this.kept.at(-1)
    if (kept?.count !== this.count) return 0
    const text = this.#writtenAndRead()
    const more = text.length - kept.text.length
    kept.text = text
    return more
  }

  /**
   * The text of its state. What a text does not say is gone for the fold as it is for whoever goes on from the text: so the state at
   * a place is one and the same, by whatever way it is reached.
   */
  #writtenAndRead() {
    let text
    try {
      text = exactly(this.live, { parts: isShared() ? this.live.parts : undefined })
    } catch (error) {
      throw Object.assign(new Misuse(`${messageOf(error)}; it is one of the last ${this.#since} events of its partition that made it so`), placeOf(error))
    }
    if (isTold) return text
    this.live = revived(text)
    if (this.#readAnew.length === 0) this.#readAnew = [this.count]
    else if (!this.wasReadAnew(this.count)) this.#readAnew[this.#readAnew.length] = this.count
    return text
  }

  /** Whether its state was read anew after so many events. */
  wasReadAnew(count) {
    let [low, high] = [0, this.#readAnew.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#readAnew[middle] < count) low = middle + 1
      else high = middle
    }
    return this.#readAnew[low] === count
  }

  /** Lets every second kept state go, a lone one too; says how many characters that were. */
  thin() {
    let freed = 0
    this.kept = this.kept.filter(({ text }, index) => {
      const stays = index % 2 === 1
      if (!stays) freed += text.length
      return stays
    })
    this.#since = this.count - (this.kept.at(-1)?.count ?? 0)
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
  const { init } = definition
  if (init === undefined) return {}
  const value = init()
  return isFlat(value) ? { ...value } : harness.parse(written(value))
}

/** Whether a value is an object that JSON says in full, and has no other in it: to copy it takes less than to write and read it. */
function isFlat(value) {
  if (value === null || typeof value !== 'object' || prototypeOf(value) !== objectPrototype || symbolsOf(value).length > 0) return false
  for (const name in value) {
    if (name === 'toJSON' || name === '__proto__') return false
    const member = value[name]
    // Of numbers: neither NaN nor Infinity, nor a zero that has a sign.
    if (typeof member === 'number' ? !(member - member === 0) || (member === 0 && 1 / member < 0) : typeof member !== 'string' && typeof member !== 'boolean' && member !== null) return false
  }
  return true
}

const isShared = () => definition.isShared

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
  /** In the order in which they were made. */
  #units = []
  /** Those of them that were looked up by name, and all before these. */
  #byName = new Map()
  #indexed = 0
  /** Whether one was made for a name: the same may be that of a stream. */
  #hasNamed = false
  /** Units by the number of the stream whose events they take. */
  #byStream = []
  #unnamed
  /** Where partitions share a unit: the first position of each, in that order. */
  #firsts = new Map()
  #keptCharacters = 0
  #thinned = 0
  /** The unit that has taken an event last. */
  last = null

  constructor({ keeps }) {
    this.keeps = keeps
  }

  /** The unit that has the state of a partition, if there is one. */
  find(partition) {
    for (; this.#indexed < this.#units.length; this.#indexed++) {
      const unit = this.#units[this.#indexed]
      this.#byName.set(unit.name, unit)
    }
    return this.#byName.get(isShared() ? '' : partition)
  }

  /** The same; it is made when it is new. */
  unit(partition) {
    return this.find(partition) ?? this.#made(isShared() ? '' : partition, -1)
  }

  #made(name, stream) {
    const unit = new Unit(name, stream, beginning())
    this.#hasNamed ||= stream < 0
    this.#units[this.#units.length] = unit
    return unit
  }

  /** The unit of the event that was routed last. To index each by its name would take as long as to fold its few events. */
  #routed(batch) {
    const { partition, stream } = routed
    if (partition === '') return (this.#unnamed ??= this.unit(''))
    if (stream < 0) return this.unit(partition)
    const known = this.#byStream[stream]
    if (known !== undefined) return known
    const isNew = batch.isOfLog && !this.#hasNamed && !isShared()
    const unit = isNew ? this.#made(undefined, stream) : this.unit(streamName(stream))
    // Without a gap: a list with holes would become a table.
    while (this.#byStream.length < stream) this.#byStream[this.#byStream.length] = undefined
    return (this.#byStream[stream] = unit)
  }

  /** The partitions that have an event at or before `at`, in the order of their first events. */
  partitions(at) {
    if (isShared()) return [...this.#firsts].filter(([, first]) => first <= at).map(([name]) => name)
    return this.#units.filter(({ count, first }) => count > 0 && first <= at).map(({ name }) => name)
  }

  /** Folds an event of a batch. Gives undefined, or the reason why it was left out. */
  take(batch, index, position) {
    const reason = route(batch, index, position)
    if (reason !== undefined) return reason
    let unit
    try {
      unit = this.#routed(batch)
      this.last = unit
      unit.live = applied(unit.live)
      if (isShared()) this.#note(position)
      if (this.keeps) this.#keep(unit, position)
    } catch (error) {
      if (unit) unit.isSpoiled = true
      throw error instanceof Fault ? error : new Fault(position, error)
    }
    return undefined
  }

  /** Notes the first event of a partition that shares its unit. */
  #note(position) {
    const partition = partitionOfRouted()
    if (!this.#firsts.has(partition)) this.#firsts.set(partition, position)
  }

  #keep(unit, position) {
    const more = unit.folded(position)
    if (more === 0) return
    this.#keptCharacters += more
    if (more <= 0 || this.#keptCharacters <= KEPT_CHARACTERS) return
    // From all of them, in turn.
    for (let tried = 0; tried < this.#units.length && this.#keptCharacters > KEPT_CHARACTERS / 2; tried++) {
      this.#keptCharacters -= this.#units[this.#thinned++ % this.#units.length].thin()
    }
  }
}

const isInSource = (stream) => {
  const { kind, names } = definition.source
  return names.includes(kind === 'streams' ? stream : categoryOf(stream))
}

/** What is known of a type at a schema version. */
function kindOf(type, schemaVersion) {
  const { handlers, partitionBy } = definition
  const deleted = handlers.get('$deleted')
  const isDeletion = deleted !== undefined && partitionBy === 'stream' && (type === '$streamDeleted' || type === '$metadata')
  const own = handlers.get(type) ?? handlers.get('$any')
  const handler = SPECIAL.has(type) && own !== deleted ? undefined : own
  return { type, schemaVersion, handler, isDeletion, deleted }
}

/**
 * Where the event goes that `route` was asked of last, if it goes anywhere: its handler and its partition; where that is its own stream's,
 * undefined and the number of the stream, else -1. One for all events: to make one for each costs as much as many a handler.
 */
const routed = { event: null, handler: null, partition: '', stream: -1 }

/** Tells `routed` where an event goes; gives undefined, or why it goes nowhere. */
function route(batch, index, position) {
  const stream = batch.streams[index]
  if (definition.source.kind !== 'all' && !isInSource(streamName(stream))) return 'other stream'
  const kind = kinds[batch.kinds[index]]
  const gone = kind.isDeletion ? deletedStream(batch.event(index), kind.type) : undefined
  const handler = gone === undefined ? kind.handler : kind.deleted
  if (handler === undefined) return 'no handler'
  if ((batch.flags[index] & IS_JSON) === 0) return 'not JSON'
  const event = batch.event(index)
  begin(batch.times[index], position)
  const by = definition.partitionBy
  let partition = ''
  if (by === 'stream') {
    // The name of its own stream is cut out when it is asked for.
    partition = gone
  } else if (by !== 'none') {
    try {
      partition = partitionBy(event)
    } catch (error) {
      throw new Fault(position, error)
    }
    if (partition === undefined) return 'no partition'
  }
  routed.event = event
  routed.handler = handler
  routed.partition = partition
  routed.stream = by === 'stream' && gone === undefined ? stream : -1
  return undefined
}

/** The stream whose deletion an event tells. */
function deletedStream(event, type) {
  if (type === '$streamDeleted') return event.streamId
  const before = event.data?.$tb
  return event.streamId.startsWith('$$') && before >= Number.MAX_SAFE_INTEGER ? event.streamId.slice(2) : undefined
}

/** Clock and chance stand where the event stands. */
function begin(time, position) {
  substitutes.now = floor(time)
  substitutes.seed = imul(position, 0x9e3779b1) | 0
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

/** The partition of the event that was routed last. */
const partitionOfRouted = () => routed.partition ?? streamName(routed.stream)

/** The live value of a unit after the event that was routed last. */
function applied(live) {
  const { event, handler } = routed
  partitionOfEvent = routed.partition
  streamOfEvent = routed.stream
  if (!isShared()) return checked(handler(live, event), live)
  const partition = partitionOfRouted()
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
