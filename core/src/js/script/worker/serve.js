// What the host may ask. Every question has a number and gets one answer: `{ number, answer }` or `{ number, fault }`.

/** How often it is said how far a batch is: a host that hears nothing for long ends the worker. */
const BEAT_MS = 100
/** Events between two looks at the clock, which costs more than many a handler. */
const UNWATCHED = 16

let fold = new Fold({ keeps: true })
/** The position that everything up to was folded. */
let foldedTo = 0
/** How many events handlers have taken on the way there. */
let taken = 0
/** A pass over the log that looks for what an expression says. */
let scan = null
/** A pass over the log whose outcomes are compared with those of another text. */
let compared = null
let port = null

const reached = (position) => port.postMessage({ beat: position ?? null })

let spoke = 0
let looked = 0
let unwatched = 0
/** Gives a sign of life, now and then. It names no event: between two of them lie many. */
function beat() {
  if (++unwatched < UNWATCHED) return
  const now = harness.now()
  // Where handlers are slow, every event is watched.
  unwatched = now - looked > BEAT_MS ? UNWATCHED : 0
  looked = now
  if (now - spoke < BEAT_MS) return
  spoke = now
  reached()
}

/** Folds a batch; each event is announced first when the host looks for the one that does not end. */
function foldBatch(target, batch, { announces = false, each, look } = {}) {
  begun = harness.now()
  foldedEvents = 0
  // Behind what failed nothing is folded: a host that did not know of it yet has sent on.
  if (asked.isMissing) return
  if (target.failure) throw target.failure
  // A batch whose answer nobody waited for is sent again.
  const known = target === fold ? foldedTo : 0
  try {
    // A pass that keeps nothing answers for no place behind it: once is enough.
    if (target.begun === 0 || (target.keeps && isTried(target.begun))) tryPass(target, batch, known, announces)
    target.begun += 1
    if (asked.isMissing) return
    // An event that was split is looked at when all of it is folded.
    if (!announces && isStraight() && (target === fold || (look !== undefined && batch.positions === null))) {
      foldStraight(target, batch, known, look)
      return
    }
    for (let index = 0; index < batch.count; index++) {
      const position = batch.position(index)
      if (position <= known) continue
      if (announces) reached(position)
      else beat()
      foldedEvents += 1
      const reason = target.take(batch, index, position)
      each?.(batch, index, position, reason)
      // Whatever the text has made of what it was told then.
      if (asked.isMissing) break
      if (target !== fold) continue
      foldedTo = position
      if (reason === undefined) taken += 1
    }
  } catch (error) {
    if (asked.isMissing) return
    target.failure = error
    throw error
  }
}

function foldStraight(target, batch, known, look) {
  const passed = { to: known, events: 0, taken: 0 }
  try {
    target.takeAll(batch, known, passed, look)
  } finally {
    foldedEvents = passed.events
    if (target === fold) {
      foldedTo = passed.to
      taken += passed.taken
    }
  }
}

/** When the last batch was begun, and how many of its events were not folded before. */
let begun = 0
let foldedEvents = 0

/** Which payloads handlers have read so far, and whether one was not there, or a column. */
const saidOfReads = () => {
  const { isMissing, lacksColumn, first, data, metadata } = asked
  return { isMissing, lacksColumn, firstRead: first, readsData: data, readsMetadata: metadata }
}

/** What is said of a batch besides: the milliseconds that so many events took. */
const saidOfBatch = () => ({ took: harness.now() - begun, events: foldedEvents, ...saidOfReads() })

/** Runs a script in this worker. Errors of the text know their line. */
async function run(script, { isText = false } = {}) {
  const address = createObjectURL(new harness.Blob([script], { type: 'text/javascript' }))
  if (isText) addressOfText = address
  try {
    harness.importScripts(address)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw Object.assign(new Misuse(messageOf(error)), placeOf(error))
    throw Object.assign(new Misuse(messageOf(error)), await placeOfSyntaxError(address))
  } finally {
    revokeObjectURL(address)
  }
}
const createObjectURL = harness.URL.createObjectURL.bind(harness.URL)
const revokeObjectURL = harness.URL.revokeObjectURL.bind(harness.URL)

/** Where a text that is no script breaks: only an error that nobody catches knows. */
function placeOfSyntaxError(address) {
  return new Promise((resolve) => {
    harness.listen('error', (event) => {
      event.preventDefault()
      resolve({ line: event.lineno, column: event.colno })
    }, { once: true })
    harness.later(() => harness.importScripts(address))
    harness.later(() => resolve({}), 1_000)
  })
}

/** The kept state after `count` events, undefined for the beginning; null when it was let go of meanwhile. */
function textOfKept(unit, count) {
  if (count === 0) return undefined
  const kept = unit.keptBefore(count)
  return kept?.count === count ? kept.text : null
}

const unitOf = (partition) => fold.find(partition)

/** Clock and chance where no event is folded: the same on every run. */
function still() {
  Object.assign(substitutes, { now: 0, seed: 0 })
}

/** The state before the first event; none of a partition that only an event brings into being. */
function stateBefore(partition) {
  if (partition !== '' || isShared()) return undefined
  still()
  return written(initial())
}

/**
 * Folds events of one unit from a kept text; `visit` is told of the live value after each, and whether the event is whole; `arrived` of the
 * live value before the event at `until`. `isChecked` looks after each whether JSON has words for it.
 */
function walk(unit, text, batch, { visit, announces, isChecked, until, arrived } = {}) {
  let [live, hasBegun] = text === undefined ? [undefined, false] : [revived(text), true]
  for (let index = 0; index < batch.count; index++) {
    const position = batch.position(index)
    if (position === until && (index === 0 || batch.position(index - 1) !== until)) arrived(live)
    if (announces) reached(position)
    else beat()
    if (route(batch, index, position) === undefined && (isShared() || partitionOfRouted() === unit.name)) {
      try {
        // At the event that it began with when the log was folded: it has that one's clock.
        if (!hasBegun) [live, hasBegun] = [beginning(), true]
        live = applied(live)
        if (isChecked) unitText(live)
      } catch (error) {
        throw new Fault(position, error)
      }
    }
    visit?.(live, position, index === batch.count - 1 || batch.position(index + 1) !== position)
  }
  return live
}

/** The same, with what `tell` makes of the live value. Where JSON has no word for that, the fault is that of the event that made it so. */
function walked(unit, text, batch, tell, options) {
  try {
    const live = walk(unit, text, batch, options)
    return tell(live)
  } catch (error) {
    if (error instanceof Unkeepable) walk(unit, text, batch, { ...options, visit: undefined, until: undefined, isChecked: true })
    throw error
  }
}

const answers = {
  async define({ text }) {
    await run(text, { isText: true })
    const fault = incomplete()
    if (fault) throw new Misuse(fault)
    const { kind, names: chosen = [] } = definition.source
    const types = [...definition.handlers.keys()]
    const by = definition.partitionBy === 'none' ? 'none' : definition.partitionBy === 'stream' ? 'stream' : 'function'
    const members = membersRead(text)
    return { source: kind, names: chosen, partitionBy: by, types, members, isShared: isShared(), hasResult: definition.steps.length > 0 }
  },

  fold({ batch, upTo, announces }) {
    foldBatch(fold, batch, { announces })
    if (!asked.isMissing) foldedTo = Math.max(foldedTo, upTo)
    const { clock, chance } = substitutes
    return { ...saidOfBatch(), taken, clock, chance }
  },

  place,
  carry,

  /** The state before any event, of a projection that is kept up with the log. */
  beginning: () => ({ text: stateBefore('') }),

  /** What is made of a state that the host keeps. */
  result({ text }) {
    still()
    return { state: resultText(text) }
  },

  /** Partitions in the order of their first events, those that have one at or before `at`. */
  partitions({ at }) {
    return { names: fold.partitions(at) }
  },

  /** How many events of a partition lie at or before a position. */
  count({ partition, at }) {
    return { count: unitOf(partition)?.countTo(at) ?? 0 }
  },

  /** The state after `count` events of a partition where it is at hand; else the events that lead there from `base` events on. */
  plan({ partition, count, wants }) {
    const unit = unitOf(partition)
    if (count > (unit?.count ?? 0)) return { isStale: true }
    if (!unit || count === 0) return { ...stated(undefined, stateBefore(partition), wants), isBeginning: true }
    if (count === unit.count && !unit.isSpoiled) {
      try {
        return stated(unit.live, stateText(unit.live, partition), wants)
      } catch (error) {
        // Whoever folds it anew finds the event that made it so.
        if (!(error instanceof Unkeepable)) throw error
      }
    }
    const kept = unit.keptBefore(count)
    const base = kept?.count ?? 0
    if (base === count) {
      const live = revived(kept.text)
      return stated(live, stateText(live, partition), wants)
    }
    return { base, positions: unit.positions(base, count) }
  },

  /** The state behind the events of a plan. */
  state({ partition, base, batch, wants, announces }) {
    const unit = unitOf(partition)
    // Another worker may have taken the place of the one that has made the plan.
    const text = unit ? textOfKept(unit, base) : null
    if (text === null) return { isStale: true }
    return walked(unit, text, batch, (live) => stated(live, stateText(live, partition), wants), { announces })
  },

  /** The events that lead to the states after `from` and up to `to` events, from `base` events on. */
  span({ partition, from, to }) {
    const unit = unitOf(partition)
    if (to > (unit?.count ?? 0)) return { isStale: true }
    const base = unit?.keptBefore(from)?.count ?? 0
    return { base, positions: unit?.positions(base, to) }
  },

  /** These states as JSON texts, the one after `from` events first, with the positions of the events behind it. */
  states({ partition, base, from, batch, announces }) {
    const unit = unitOf(partition)
    const text = unit ? textOfKept(unit, base) : null
    if (text === null) return { isStale: true }
    const positions = []
    const texts = base === from ? [text === undefined ? stateBefore(partition) : stateText(revived(text), partition)] : []
    let passed = base
    const visit = (live, position, isWhole) => {
      if (!isWhole) return
      passed += 1
      if (passed < from) return
      if (passed > from) positions.push(position)
      texts.push(stateText(live, partition))
    }
    walked(unit, text, batch, () => {}, { visit, announces })
    return { positions: Uint32Array.from(positions), texts: texts.map((state) => state ?? null) }
  },

  /** The positions of a partition's events behind one place, up to another. */
  positions({ partition, after, to }) {
    const unit = unitOf(partition)
    return { positions: unit?.positions(unit.countTo(after), unit.countTo(to)) }
  },

  /** Folds events that are not those of the log, in whatever order, from the text of a unit on. */
  replay({ partition, text, batch, announces }) {
    const tell = (live) => stated(live, live === undefined ? stateBefore(partition) : stateText(live, partition), 'unit')
    return walked({ name: isShared() ? '' : partition }, text, batch, tell, { announces })
  },

  /** Where an event goes, or why it is left out. It may have been split. */
  placed({ batch: events }) {
    const position = events.position(0)
    let skipped
    for (let index = 0; index < events.count; index++) {
      let reason
      try {
        reason = route(events, index, position)
      } catch (error) {
        return { fault: described(error) }
      }
      if (reason === undefined) return { partition: partitionOfRouted() }
      skipped ??= reason
    }
    return { skipped }
  },

  /**
   * What one event did, the last of those that lead to it from `base` events of its partition on: the state before and after, what was
   * emitted and logged.
   */
  explain({ partition, base, batch: events, announces }) {
    const unit = unitOf(partition)
    const text = base === 0 ? undefined : unit ? textOfKept(unit, base) : null
    if (text === null) return { isStale: true }
    const position = events.position(events.count - 1)
    let [before, micros] = [undefined, 0]
    const [emitted, logs] = [[], []]
    Object.assign(told, { emitted, logs })
    const options = {
      announces,
      until: position,
      arrived(live) {
        before = live === undefined ? stateBefore(partition) : stateText(live, partition)
        told.isKept = true
        micros = -harness.now()
      },
    }
    const of = { name: isShared() ? '' : partition }
    try {
      const after = walked(of, text, events, (live) => {
        micros += harness.now()
        told.isKept = false
        return stateText(live, partition)
      }, options)
      return { before, after, emitted, logs, micros: Math.round(micros * 1_000) }
    } catch (error) {
      if (!(error instanceof Fault) || error.position !== position) throw error
      return { before, fault: described(error), emitted, logs }
    } finally {
      told.isKept = false
    }
  },

  /** Begins a pass that looks for the events at which an expression over `state` and `event` is true: of all with `isOfEvents`. */
  async scan({ expression, isOfEvents }) {
    scan = null
    await run(`'use strict'; globalThis.$holds = (state, event) => (\n${expression}\n)`)
    const holds = globalThis.$holds
    delete globalThis.$holds
    scan = { fold: new Fold({ keeps: false }), holds, isOfEvents }
    return {}
  },

  /** Begins a pass whose outcomes are compared with those of another text. */
  compare() {
    compared = new Fold({ keeps: false })
    return {}
  },

  /** Where the events of a batch go: for each the name of its partition, null where it is left out. */
  routes({ batch: events }) {
    const names = []
    for (let index = 0; index < events.count; index++) {
      const position = events.position(index)
      beat()
      let name = null
      try {
        if (route(events, index, position) === undefined) name = partitionOfRouted()
      } catch {
        // The fold fails at it in its turn.
      }
      if (index > 0 && events.position(index - 1) === position) names[names.length - 1] ??= name
      else names.push(name)
    }
    return { names }
  },

  /**
   * Folds a batch. For each event, the outcomes behind it of two partitions, those of its place in `first` and `second`: none
   * without these.
   */
  compared({ batch, first = [], second = [], announces }) {
    const outcomes = [[], []]
    const each = (events, index, position) => {
      // An event that was split is looked at when all of it is folded.
      if (index + 1 < events.count && events.position(index + 1) === position) return
      const number = outcomes[0].length
      try {
        const both = [first, second].map((names) => outcomeOf(compared, names[number] ?? null))
        both.forEach((outcome, side) => outcomes[side].push(outcome))
      } catch (error) {
        throw new Fault(position, error)
      }
    }
    let fault
    try {
      foldBatch(compared, batch, { each, announces })
    } catch (error) {
      fault = described(error)
    }
    return { first: outcomes[0], second: outcomes[1], fault }
  },

  scanned({ batch, announces }) {
    const hits = []
    const look = (events, index, position, state) => {
      try {
        if (scan.holds(viewOfState(state), new ViewOfEvent(events.event(index)))) hits[hits.length] = position
      } catch (error) {
        throw new Fault(position, error)
      }
    }
    let folded
    const each = (events, index, position, reason) => {
      if (reason === undefined) folded = { index, state: stateOfLast() }
      else if (scan.isOfEvents) folded = alone(events, index, position)
      // An event that was split is looked at when all of it is folded.
      if (!folded || (index + 1 < events.count && events.position(index + 1) === position)) return
      const { index: last, state } = folded
      folded = undefined
      look(events, last, position, state)
    }
    foldBatch(scan.fold, batch, { announces, each, look: scan.isOfEvents ? undefined : look })
    return { ...saidOfBatch(), hits: Uint32Array.from(hits) }
  },
}

/** The state that the scan has folded last. */
function stateOfLast() {
  const { live } = scan.fold.last
  return isShared() ? [live.parts[partitionOfRouted()], live.shared] : live
}

/** An event that no handler gets, and what it is looked at with: it has its clock all the same. */
function alone(events, index, position) {
  begin(events, index, position)
  return { index, state: {} }
}

/** What a text gives for a partition: its result, else its state; null where there is none. */
function outcomeOf(target, partition) {
  if (partition === null) return null
  const unit = target.find(partition)
  const text = unit ? stateText(unit.live, partition) : stateBefore(partition)
  if (text === undefined) return null
  if (definition.steps.length === 0) return text
  still()
  return resultText(text)
}

/** An answer with a state: `wants` is `state`, `result`, or `unit` for all that must be known to fold on. */
function stated(live, text, wants) {
  if (wants === 'unit') {
    const unit = live === undefined ? undefined : unitText(live)
    return { state: text, unit, shared: isShared() && live !== undefined ? written(live) : undefined }
  }
  if (text === undefined) return {}
  if (wants !== 'result') return { state: text }
  still()
  return { state: resultText(text) }
}

/** What is said of anything that was thrown. */
function described(error) {
  const said = error instanceof Fault || error instanceof Misuse ? error : { ...placeOf(error) }
  const number = (value) => (typeof value === 'number' ? value : undefined)
  const message = messageOf(error instanceof Fault ? error.cause : error)
  const unkept = error instanceof Fault && error.cause instanceof Misuse ? error.cause.unkept : undefined
  return { message, position: number(said.position), line: number(said.line), column: number(said.column), foldedTo, unkept }
}

/** Questions whose answers say what was read themselves. */
const IS_OF_LOG_ON_ITS_WAY = new Set(['fold', 'scanned', 'compared'])

/** One question after the other: a text is run in several steps. */
let before = Promise.resolve()
async function serve({ number, ask, ...given }) {
  const wasMissing = asked.isMissing
  // A state may read an event when it is written, long after it was folded: then the host must begin anew.
  const isSpoilt = () => !wasMissing && asked.isMissing && !IS_OF_LOG_ON_ITS_WAY.has(ask)
  const stale = () => ({ isStale: true, ...saidOfReads() })
  try {
    // First of all: names have the numbers of the order in which batches come, also of those that are refused.
    if (given.batch !== undefined) given.batch = new Batch(given.batch)
    const answer = await answers[ask](given)
    port.postMessage({ number, answer: isSpoilt() ? stale() : answer })
  } catch (error) {
    if (isSpoilt()) port.postMessage({ number, answer: stale() })
    else port.postMessage({ number, fault: described(error) })
  }
}

harness.listen('message', ({ ports }) => {
  port = ports[0]
  port.onmessage = ({ data }) => {
    before = before.then(() => serve(data)).catch(() => port.postMessage({ number: data.number, fault: { message: 'the text broke the worker' } }))
  }
  takePlatformAway()
  replaceClockAndChance()
  replaceZone()
  replaceLocale()
  giveWords()
  port.postMessage({ isReady: true })
}, { once: true })
