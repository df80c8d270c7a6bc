// First of the worker's parts: keeps what the harness needs of the platform, then takes the platform away.
//
// The frame that the worker comes from has no origin and a policy without any source: the browser itself refuses network,
// storage and foreign code. What is taken away here besides gives errors that say what is missing, and keeps a fold to its events.

const harness = {
  Blob: globalThis.Blob,
  URL: globalThis.URL,
  decode: TextDecoder.prototype.decode.bind(new TextDecoder('utf-8', { ignoreBOM: true })),
  // Of ASCII alone: one byte for each character in memory, too.
  decodeNarrow: TextDecoder.prototype.decode.bind(new TextDecoder('latin1')),
  importScripts: globalThis.importScripts.bind(globalThis),
  later: globalThis.setTimeout.bind(globalThis),
  listen: globalThis.addEventListener.bind(globalThis),
  now: globalThis.performance.now.bind(globalThis.performance),
  parse: JSON.parse,
  stringify: JSON.stringify,
  Date: globalThis.Date,
}
const { floor, imul } = Math
const prototypeOf = Object.getPrototypeOf
const symbolsOf = Object.getOwnPropertySymbols
const objectPrototype = Object.prototype
const listPrototype = Array.prototype
const { isArray } = Array
const { hasOwn, keys: keysOf } = Object
/** The source of a function, as it was written. */
const textOfFunction = Function.prototype.call.bind(Function.prototype.toString)

/** The names that a program of the language alone may expect. */
const LANGUAGE = new Set([
  'AggregateError', 'Array', 'ArrayBuffer', 'BigInt', 'BigInt64Array', 'BigUint64Array', 'Boolean', 'DataView', 'Error', 'EvalError',
  'Float32Array', 'Float64Array', 'Function', 'Infinity', 'Int16Array', 'Int32Array', 'Int8Array', 'Iterator', 'JSON', 'Map', 'Math',
  'NaN', 'Number', 'Object', 'Promise', 'Proxy', 'RangeError', 'ReferenceError', 'Reflect', 'RegExp', 'Set', 'String', 'Symbol',
  'SyntaxError', 'TypeError', 'URIError', 'Uint16Array', 'Uint32Array', 'Uint8Array', 'Uint8ClampedArray', 'WeakMap', 'WeakSet',
  'decodeURI', 'decodeURIComponent', 'encodeURI', 'encodeURIComponent', 'escape', 'eval', 'globalThis', 'isFinite', 'isNaN',
  'parseFloat', 'parseInt', 'undefined', 'unescape',
])

function takePlatformAway() {
  for (let object = globalThis; object && object !== Object.prototype; object = Object.getPrototypeOf(object)) {
    for (const name of Object.getOwnPropertyNames(object)) {
      if (object === globalThis ? LANGUAGE.has(name) : name === 'constructor') continue
      if (!Reflect.deleteProperty(object, name)) {
        Reflect.defineProperty(object, name, { value: undefined, writable: false })
      }
    }
  }
}

/** What the event that is folded gives in the place of clock and chance, and whether the projection has asked for them. */
const substitutes = { now: 0, seed: 0, clock: 0, chance: 0 }

/** mulberry32: 32 bits of state, the same numbers for the same event. */
function random() {
  substitutes.chance += 1
  substitutes.seed = (substitutes.seed + 0x6d2b79f5) | 0
  let mixed = imul(substitutes.seed ^ (substitutes.seed >>> 15), 1 | substitutes.seed)
  mixed = (mixed + imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
}

function now() {
  substitutes.clock += 1
  // The time of the event was left out.
  if (substitutes.now !== substitutes.now) lackColumn('the time')
  return substitutes.now
}

function replaceClockAndChance() {
  const clock = new Proxy(harness.Date, {
    apply: () => new harness.Date(now()).toString(),
    construct: (target, given, newTarget) => Reflect.construct(target, [given.length === 0 ? now() : momentOf(given)], newTarget),
  })
  const fixed = (value) => ({ value, writable: false, enumerable: false, configurable: false })
  // The one that it had would be found by whoever asks for the descriptor.
  Object.defineProperty(harness.Date, 'now', fixed(now))
  Object.defineProperty(harness.Date.prototype, 'constructor', fixed(clock))
  Object.defineProperty(globalThis, 'Date', fixed(clock))
  Object.defineProperty(Math, 'random', fixed(random))
}
