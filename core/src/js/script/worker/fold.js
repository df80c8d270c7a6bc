// The fold: states by partition.

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

const call = (name) => definition.handlers.get(name)

/** The state that a partition begins with: a copy, so that no two share a value. */
function initial() {
  const { init } = definition
  if (init === undefined) return {}
  const value = init()
  if (definition.isInitFresh) return value
  return flatCharacters(value) > 0 ? { ...value } : harness.parse(written(value))
}

const isShared = () => definition.isShared

/** What a unit begins with. */
const beginning = () => (isShared() ? { shared: harness.parse(written(call('$initShared')())), parts: Object.create(null) } : initial())

/** The kept text of a unit's live value. */
const unitText = (live) => keptText(live, { parts: isShared() ? live.parts : undefined })

/** A unit's live value from a kept text. */
function revived(text) {
  const live = valueOfKept(text)
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

  /** Batches that were begun. */
  begun = 0
  /** The pass whose states it goes on from, in copies. */
  #original

  constructor({ keeps, original }) {
    this.keeps = keeps
    this.#original = original
  }

  /** A pass that goes on from the same states, and changes none of them. */
  copy() {
    return new Fold({ keeps: false, original: this })
  }

  /** What a new unit begins with: in a copy of a pass, a copy of the live value there. */
  #beginning(name) {
    const original = this.#original
    if (original === undefined || original.#units.length === 0) return beginning()
    const unit = typeof name === 'number' && !original.#hasNamed ? original.#byStream[name] : original.find(typeof name === 'number' ? streamName(name) : name)
    if (unit === undefined) return beginning()
    if (unit.keptCharacters > TRIED_CHARACTERS / 4) throw new Misuse('the state is too large to be tried')
    return revived(unitText(unit.live))
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
    return this.find(partition) ?? this.#made(isShared() ? '' : partition)
  }

  /** A new unit, with a name or with that of a stream, by its number. */
  #made(name) {
    const unit = new Unit(name, this.#beginning(name))
    this.#hasNamed ||= typeof name !== 'number'
    this.#units[this.#units.length] = unit
    return unit
  }

  /** The unit of the event that was routed last. To index each by its name would take as long as to fold its few events. */
  #routed(batch) {
    const { partition, stream } = routed
    if (partition === '') return (this.#unnamed ??= this.unit(''))
    if (stream < 0) return this.unit(partition)
    return this.#byStream[stream] ?? this.#ofStream(batch, stream)
  }

  /** The unit of a stream that had no event here yet. */
  #ofStream(batch, stream) {
    const isNew = batch.isOfLog && !this.#hasNamed && !isShared()
    const unit = isNew ? this.#made(stream) : this.unit(streamName(stream))
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
      if (unit) unit.spoil()
      throw error instanceof Fault ? error : new Fault(position, error)
    }
    return undefined
  }

  /**
   * Takes the events of a batch behind a position, one after the other, for a text that `isStraight`: what `take` does then, without
   * the questions that have one answer for all. `passed` is told how far it came, of how many events, and how many handlers took;
   * `look` is given each of these, and the state behind it.
   */
  takeAll(batch, known, passed, look) {
    const { count, first, positions, times, streams: numbers, kinds: kindNumbers, flags } = batch
    const isByStream = definition.partitionBy === 'stream'
    partitionOfEvent = isByStream ? undefined : ''
    let unit
    for (let index = 0; index < count; index++) {
      const position = positions === null ? first + index : positions[index]
      if (position <= known) continue
      beat()
      passed.events += 1
      const { handler } = kinds[kindNumbers[index]]
      if (handler !== undefined && (flags === null || (flags[index] & IS_JSON) !== 0)) {
        substitutes.now = times === null ? NaN : floor(times[index])
        substitutes.seed = imul(position, 0x9e3779b1) | 0
        unit = undefined
        try {
          if (isByStream) {
            const stream = numbers[index]
            streamOfEvent = stream
            unit = this.#byStream[stream] ?? this.#ofStream(batch, stream)
          } else {
            unit = this.#unnamed ??= this.unit('')
          }
          this.last = unit
          const { live } = unit
          const after = handler(live, new FoldedEvent(batch, index))
          if (after !== undefined) unit.live = checked(after, live)
          if (this.keeps) this.#keep(unit, position)
        } catch (error) {
          if (unit) unit.spoil()
          throw error instanceof Fault ? error : new Fault(position, error)
        }
        if (look !== undefined) look(batch, index, position, unit.live)
        // Whatever the text has made of what it was told then.
        if (asked.isMissing) return
        passed.taken += 1
      }
      passed.to = position
    }
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

/** Whether all events go the same way: to the handler of their type, and to the state of all or that of their stream. */
const isStraight = () => {
  const { source, partitionBy, handlers } = definition
  return source.kind === 'all' && typeof partitionBy === 'string' && !handlers.has('$deleted') && !isShared()
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
  if (definition.source.kind !== 'all' && !isInSource(streamName(batch.stream(index)))) return 'other stream'
  const kind = kinds[batch.kinds[index]]
  const gone = kind.isDeletion ? deletedStream(batch.event(index), kind.type) : undefined
  const handler = gone === undefined ? kind.handler : kind.deleted
  if (handler === undefined) return 'no handler'
  if (!batch.isJson(index)) return 'not JSON'
  const event = batch.event(index)
  begin(batch, index, position)
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
  routed.stream = by === 'stream' && gone === undefined ? batch.stream(index) : -1
  return undefined
}

/** The stream whose deletion an event tells. */
function deletedStream(event, type) {
  if (type === '$streamDeleted') return event.streamId
  const before = event.data?.$tb
  return event.streamId.startsWith('$$') && before >= Number.MAX_SAFE_INTEGER ? event.streamId.slice(2) : undefined
}

/** Clock and chance stand where the event stands. */
function begin({ times }, index, position) {
  substitutes.now = times === null ? NaN : floor(times[index])
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

/**
 * The JSON text of a partition's state within the live value of its unit; undefined where there is none yet. What JSON has no word for is
 * refused: it would be shown as something else.
 */
function stateText(live, partition) {
  if (!isShared()) return exactly(live, { isShown: true })
  const part = live.parts[partition]
  return part === undefined ? undefined : exactly([part, live.shared], { isShown: true })
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
