// What the host may ask. Every question has a number and gets one answer: `{ number, answer }` or `{ number, fault }`.

/** How often it is said how far a batch is: a host that hears nothing for long ends the worker. */
const BEAT_MS = 100

let fold = new Fold({ keeps: true })
/** The position that everything up to was folded. */
let foldedTo = 0
/** A pass over the log that looks for what an expression says. */
let scan = null
let port = null

const reached = (position) => port.postMessage({ beat: position })

/** Folds a batch; each event is announced first when the host looks for the one that does not end. */
function foldBatch(target, buffer, { announces = false, each } = {}) {
  const batch = new Batch(buffer)
  let spoke = harness.now()
  const skipped = {}
  for (let index = 0; index < batch.count; index++) {
    const position = batch.position(index)
    if (announces) reached(position)
    else if (index % 64 === 63 && harness.now() - spoke > BEAT_MS) {
      spoke = harness.now()
      reached(position)
    }
    const reason = target.take(batch, index, position)
    if (reason !== undefined) skipped[reason] = (skipped[reason] ?? 0) + 1
    each?.(batch, index, position, reason)
    if (target === fold) foldedTo = position
  }
  return { skipped }
}

/** Runs a text as a script of this worker; its errors know their line. */
async function run(text) {
  const address = createObjectURL(new harness.Blob([text], { type: 'text/javascript' }))
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

const beginOf = (text) => (text === undefined ? (isShared() ? { shared: call('$initShared')(), parts: {} } : initial()) : harness.parse(text))

const unitOf = (partition) => fold.units.get(isShared() ? '' : partition)

/** Folds events of one unit from a kept state; `visit` is told of the live value after each, and whether the event is whole. */
function walk(unit, text, buffer, visit) {
  let live = beginOf(text)
  const batch = new Batch(buffer)
  for (let index = 0; index < batch.count; index++) {
    const position = batch.position(index)
    const found = route(batch, index, position)
    if (typeof found !== 'string' && (isShared() || found.partition === unit.name)) {
      try {
        live = applied(live, found)
      } catch (error) {
        throw new Fault(position, error)
      }
    }
    visit?.(live, position, index === batch.count - 1 || batch.position(index + 1) !== position)
  }
  return live
}

const answers = {
  async define({ text }) {
    await run(text)
    const fault = incomplete()
    if (fault) throw new Misuse(fault)
    const { kind, names: chosen = [] } = definition.source
    const types = [...definition.handlers.keys()]
    const by = definition.partitionBy === 'none' ? 'none' : definition.partitionBy === 'stream' ? 'stream' : 'function'
    return { source: kind, names: chosen, partitionBy: by, types, isShared: isShared(), hasResult: definition.steps.length > 0 }
  },

  fold({ batch, upTo, announces }) {
    const { skipped } = foldBatch(fold, batch, { announces })
    foldedTo = Math.max(foldedTo, upTo)
    const { clock, chance } = substitutes
    return { skipped, foldedTo, partitions: fold.units.size, clock, chance, emitted: told.emittedCount }
  },

  /** Partitions in the order of their first events, those that have one at or before `at`. */
  partitions({ at }) {
    if (isShared()) return { names: Object.keys(unitOf('')?.live.parts ?? {}) }
    return { names: [...fold.units.values()].filter(({ positions }) => positions.length > 0 && positions.at(0) <= at).map(({ name }) => name) }
  },

  /** How many events of a partition lie at or before a position. */
  count({ partition, at }) {
    return { count: unitOf(partition)?.positions.countTo(at) ?? 0 }
  },

  /** The state after `count` events of a partition where it is at hand; else the events that lead there from `base` events on. */
  plan({ partition, count }) {
    const unit = unitOf(partition)
    if (!unit || count === 0) return partition === '' && !isShared() ? stated(written(initial())) : {}
    if (count === unit.positions.length && !unit.isSpoiled) return stated(stateText(unit.live, partition))
    const kept = unit.keptBefore(count)
    const base = kept?.count ?? 0
    if (base === count) return stated(stateText(harness.parse(kept.text), partition))
    return { base, positions: unit.positions.slice(base, count) }
  },

  /** The state behind the events of a plan. */
  state({ partition, base, batch }) {
    const unit = unitOf(partition)
    const text = textOfKept(unit, base)
    if (text === null) return { isStale: true }
    return stated(stateText(walk(unit, text, batch), partition))
  },

  /** The events that lead to the states after `from` and up to `to` events, from `base` events on. */
  span({ partition, from, to }) {
    const unit = unitOf(partition)
    const base = unit.keptBefore(from)?.count ?? 0
    return { base, positions: unit.positions.slice(base, to) }
  },

  /** These states as JSON texts, the one after `from` events first, with the positions of the events behind it. */
  states({ partition, base, from, batch }) {
    const unit = unitOf(partition)
    const text = textOfKept(unit, base)
    if (text === null) return { isStale: true }
    const positions = []
    const texts = base === from ? [stateText(beginOf(text), partition)] : []
    let passed = base
    walk(unit, text, batch, (live, position, isWhole) => {
      if (!isWhole) return
      passed += 1
      if (passed < from) return
      if (passed > from) positions.push(position)
      texts.push(stateText(live, partition))
    })
    return { positions: Uint32Array.from(positions), texts: texts.map((state) => state ?? null) }
  },

  /** What one event did: the state before and after, the result, what was emitted and logged, or why it was left out. */
  explain({ text, partition, batch }) {
    const events = new Batch(batch)
    const position = events.position(0)
    Object.assign(told, { emitted: [], logs: [], isKept: true })
    const began = harness.now()
    try {
      const found = route(events, 0, position)
      if (typeof found === 'string') return { skipped: found }
      if (partition === undefined) return { partition: found.partition }
      let live = beginOf(text)
      const before = stateText(live, found.partition)
      live = applied(live, found)
      const micros = Math.round((harness.now() - began) * 1_000)
      const after = stateText(live, found.partition)
      const { emitted, logs } = told
      return { partition: found.partition, before, after, result: resultText(after), emitted, logs, micros }
    } catch (error) {
      const fault = error instanceof Fault ? error : new Fault(position, error)
      return { fault: described(fault), logs: told.logs, emitted: told.emitted }
    } finally {
      told.isKept = false
    }
  },

  /** Begins a pass that looks for the events at which an expression over `state` and `event` is true. */
  async scan({ expression }) {
    scan = null
    await run(`globalThis.$holds = (state, event) => (\n${expression}\n)`)
    const holds = globalThis.$holds
    delete globalThis.$holds
    scan = { fold: new Fold({ keeps: false }), holds }
    return {}
  },

  scanned({ batch }) {
    const hits = []
    foldBatch(scan.fold, batch, {
      each(events, index, position, reason) {
        if (reason !== undefined) return
        const live = scan.fold.unit(partitionOfEvent).live
        const state = isShared() ? [live.parts[partitionOfEvent], live.shared] : live
        try {
          if (scan.holds(state, events.event(index))) hits.push(position)
        } catch (error) {
          throw new Fault(position, error)
        }
      },
    })
    return { hits: Uint32Array.from(hits) }
  },
}

function stated(text) {
  if (text === undefined) return {}
  return { state: text, result: definition.steps.length > 0 ? resultText(text) : text }
}

function described(error) {
  const { position, line, column } = error
  return { message: messageOf(error instanceof Fault ? error.cause : error), position, line, column, foldedTo }
}

/** One question after the other: a text is run in several steps. */
let before = Promise.resolve()
async function serve({ number, ask, ...given }) {
  try {
    port.postMessage({ number, answer: await answers[ask](given) })
  } catch (error) {
    port.postMessage({ number, fault: described(error) })
  }
}

harness.listen('message', ({ ports }) => {
  port = ports[0]
  port.onmessage = ({ data }) => {
    before = before.then(() => serve(data))
  }
  takePlatformAway()
  replaceClockAndChance()
  giveWords()
  port.postMessage({ isReady: true })
}, { once: true })
