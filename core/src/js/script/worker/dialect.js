// The words that a projection as text is made of: those of KurrentDB's projections.

/** A fault of the projection's text, as against one of an event. */
class Misuse extends Error {}

const SPECIAL = new Set(['$init', '$initShared', '$any', '$deleted', '$created'])

/** What the text says; the functions below fill it. */
const definition = {
  /** `{ kind: 'all' }`, or the names of streams or categories. */
  source: null,
  /** `none`, `stream`, or a function of the event. */
  partitionBy: 'none',
  handlers: null,
  /** That of `$init`. */
  init: undefined,
  /** Whether each call of it gives a value that nobody else has, and that JSON says in full. */
  isInitFresh: false,
  /** Whether partitions share a part of their states. */
  isShared: false,
  /** Functions of the state, in order: `{ filter }` or `{ transform }`. */
  steps: [],
  outputs: false,
  options: {},
}

/** What handlers call besides; collected for one event at a time. */
const told = { emitted: [], logs: [], isKept: false }
const MOST_TOLD = 100
const LONGEST_LOG = 2_000

function need(value, is, what) {
  if (!is(value)) throw new Misuse(what)
  return value
}
const isText = (value) => typeof value === 'string' && value !== ''
const isFunction = (value) => typeof value === 'function'

function from(source) {
  if (definition.source) throw new Misuse('the events are chosen once: fromAll, fromStream, fromStreams, fromCategory or fromCategories')
  definition.source = source
  const choice = {
    when,
    foreachStream: () => partitioned('stream'),
    partitionBy: (by) => partitioned(need(by, isFunction, 'partitionBy needs a function of the event')),
    outputState: () => outputs(choice),
  }
  return Object.freeze(choice)
}

function partitioned(by) {
  if (definition.partitionBy !== 'none') throw new Misuse('the state is partitioned once: foreachStream or partitionBy')
  definition.partitionBy = by
  return Object.freeze({ when })
}

function when(handlers) {
  if (definition.handlers) throw new Misuse('when is called once')
  need(handlers, (value) => value !== null && typeof value === 'object', 'when needs an object of handlers')
  for (const [name, handler] of Object.entries(handlers)) {
    need(handler, isFunction, `when.${name} must be a function`)
    // KurrentDB calls `$created` when a stream begins; here the first event of a stream says that.
    if (name === '$created' || (name.startsWith('$init') && !SPECIAL.has(name))) throw new Misuse(`there is no handler ${name}`)
  }
  definition.handlers = new Map(Object.entries(handlers))
  definition.init = definition.handlers.get('$init')
  definition.isInitFresh = definition.init !== undefined && givesLiteral(definition.init)
  definition.isShared = definition.handlers.has('$initShared')
  return results()
}

/** Objects of plain values, by which every call gives another one: `() => ({ count: 0, last: null })`, or with `return`. */
const GIVES_LITERAL = (() => {
  const value = String.raw`(?:\d{1,15}|null|true|false|'[^'\\\n]*'|"[^"\\\n]*"|\[\s*\]|\{\s*\})`
  const name = String.raw`(?!__proto__\b|toJSON\b)[A-Za-z_$][\w$]*`
  const object = String.raw`\{\s*(?:${name}\s*:\s*${value}\s*(?:,\s*${name}\s*:\s*${value}\s*)*,?\s*)?\}`
  return new RegExp(String.raw`^(?:\(\)\s*=>\s*\(\s*${object}\s*\)|(?:function\b\s*)?(?:[A-Za-z_$][\w$]*)?\s*\(\s*\)\s*\{\s*return[ \t]*${object}\s*;?\s*\})$`)
})()
const givesLiteral = (init) => GIVES_LITERAL.test(textOfFunction(init))

function results() {
  const chain = {
    transformBy: (transform) => step({ transform: need(transform, isFunction, 'transformBy needs a function of the state') }),
    filterBy: (filter) => step({ filter: need(filter, isFunction, 'filterBy needs a function of the state') }),
    outputState: () => outputs(chain),
    outputTo: () => outputs(chain),
    $defines_state_transform: () => chain,
  }
  const step = (part) => {
    definition.steps.push(part)
    return chain
  }
  return Object.freeze(chain)
}

function outputs(chain) {
  definition.outputs = true
  return chain
}

const names = (given, what) => {
  const list = given.flat()
  if (list.length === 0 || !list.every(isText)) throw new Misuse(`${what} needs names`)
  return list
}

function tell(kind, stream, more) {
  need(stream, isText, `${kind} needs the name of a stream`)
  if (told.isKept && told.emitted.length < MOST_TOLD) told.emitted.push(inWords({ kind, stream, ...more }) ?? inWords({ kind, stream, unwritten: 'what JSON has no word for' }))
}

/** The JSON text of what is told, if it has one. Nobody looks at it when the log is folded: what is wrong with it fails no handler here, either. */
function inWords(value) {
  try {
    return written(value)
  } catch {
    return undefined
  }
}

function logged(value) {
  try {
    return typeof value === 'object' ? (inWords(value) ?? String(value)) : String(value)
  } catch {
    return 'something that has no words'
  }
}

/** An event, as it is named in what was linked or copied. */
const reference = (event) => ({ sequenceNumber: event?.sequenceNumber, streamId: event?.streamId, eventType: event?.eventType })

function log(...values) {
  if (!told.isKept || told.logs.length >= MOST_TOLD) return
  told.logs.push(values.map(logged).join(' ').slice(0, LONGEST_LOG))
}

const WORDS = {
  fromAll: () => from({ kind: 'all' }),
  fromStream: (stream) => from({ kind: 'streams', names: names([stream], 'fromStream') }),
  fromStreams: (...streams) => from({ kind: 'streams', names: names(streams, 'fromStreams') }),
  fromCategory: (...categories) => from({ kind: 'categories', names: names(categories, 'fromCategory') }),
  fromCategories: (...categories) => from({ kind: 'categories', names: names(categories, 'fromCategories') }),
  options: (options) => void Object.assign(definition.options, options),
  emit: (stream, type, data, metadata) => tell('emit', stream, { type: String(type), data: data ?? null, metadata: metadata ?? null }),
  linkTo: (stream, event, metadata) => tell('linkTo', stream, { event: reference(event), metadata: metadata ?? null }),
  linkStreamTo: (stream, linked, metadata) => tell('linkStreamTo', stream, { linked: String(linked), metadata: metadata ?? null }),
  copyTo: (stream, event, metadata) => tell('copyTo', stream, { event: reference(event), data: event?.data ?? null, metadata: metadata ?? null }),
  log,
}

function giveWords() {
  const fixed = (value) => ({ value, writable: false, enumerable: true, configurable: false })
  for (const [name, word] of Object.entries(WORDS)) Object.defineProperty(globalThis, name, fixed(word))
  Object.defineProperty(globalThis, 'console', fixed(Object.freeze({ debug: log, error: log, info: log, log, warn: log })))
}

/** Why the definition cannot be folded; nothing when it can. */
function incomplete() {
  if (!definition.source) return 'the text chooses no events: begin with fromAll(), fromStream(), fromStreams() or fromCategory()'
  if (!definition.handlers) return 'the text has no handlers: call when({ ... })'
  return undefined
}
