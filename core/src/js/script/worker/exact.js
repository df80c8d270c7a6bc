// Whether a state is what its JSON text says.

/** Lists with fewer elements are asked for members besides them: to name the keys of many takes longer than all else. */
const MANY = 8

/**
 * Whether the text that `exactly` gave last says all of the value: who reads it has the same. Members that are undefined, one object
 * in two places, a zero with a sign and an object without a prototype are not in it.
 */
let isTold = true

/**
 * The JSON text of a state that has nothing which JSON turns into something else. With `isWhole` members that are undefined, which
 * JSON leaves out, are refused too. `objects` are those of other values that it must share none with, and takes its own. `parts` is
 * the one object that has no prototype when it is read, either. With `isShown` an event is what it is written as: nobody goes on from it.
 */
function exactly(root, { objects, isWhole = false, parts, isShown = false } = {}) {
  const text = writtenState(root)
  isTold = true
  if (isPrimitive(root)) return text
  // Without recursion: values may be nested deeper than a call stack. By numbers: the text may have another `push`.
  const open = [root]
  // What JSON has written holds itself nowhere: of one object alone nothing is to be noted.
  let met = objects
  for (let count = 1; count > 0; ) {
    const value = open[--count]
    if (met !== undefined) {
      const known = met.size
      met.add(value)
      if (met.size === known) {
        isTold = false
        continue
      }
    }
    if (isArray(value)) {
      if (prototypeOf(value) !== listPrototype) throw unkeepable(`a list of the class ${value.constructor?.name}`)
      for (let index = 0; index < value.length; index++) {
        const inner = value[index]
        if (inner === undefined) throw unkeepable('undefined in an array')
        if (isPrimitive(inner)) continue
        met ??= new Set()
        open[count++] = inner
      }
      if (value.length < MANY) refuseMembers(value)
      continue
    }
    const prototype = prototypeOf(value)
    if (prototype !== objectPrototype && value !== parts) {
      if (value instanceof FoldedEvent) {
        if (isShown) continue
        throw unkeepable('an event', '; keep what is wanted of it, such as event.data')
      }
      if (prototype !== null) throw unkeepable(`an object of the class ${value.constructor?.name}`)
      isTold = false
    }
    // Members that it has from elsewhere come by as well, where the text has given some to all objects: JSON leaves them out.
    for (const name in value) {
      const inner = value[name]
      if (inner === undefined) {
        if (!hasOwn(value, name)) continue
        if (isWhole) throw unkeepable(`its member ${harness.stringify(name)}, which is undefined,`, '; delete it, or make it null')
        isTold = false
        continue
      }
      if (typeof inner === 'function' && !hasOwn(value, name)) continue
      if (isPrimitive(inner) || !hasOwn(value, name)) continue
      met ??= new Set()
      open[count++] = inner
    }
  }
  return text
}

/**
 * A text of a state from which `revived` makes the very same: members that are undefined, one object in two places, zeros with a sign and
 * objects without a prototype. It is its JSON text where that says all of it.
 */
function keptText(root, options) {
  const text = exactly(root, options)
  if (isTold) return text
  const kept = MARK + harness.stringify(writtenWhole(root, new Map()))
  if (kept.length > LONGEST_STATE) throw tooLong(kept.length)
  return kept
}

/** What a kept text begins with that is not the JSON text of the value. */
const MARK = '~'
/** Lists that stand for what is no list: an object, one without a prototype, one that was met before, and the rest. */
const [OBJECT, BARE, MET, UNDEFINED, MINUS_ZERO] = ['o', 'b', 'm', 'u', '-']

/** A value as lists and words alone. Objects are numbered in the order in which they are met. */
function writtenWhole(value, numbers) {
  if (value === undefined) return [UNDEFINED]
  if (value === 0 && 1 / value < 0) return [MINUS_ZERO]
  if (value === null || typeof value !== 'object') return value
  const known = numbers.get(value)
  if (known !== undefined) return [MET, known]
  numbers.set(value, numbers.size)
  // A list in the list: no word for anything else.
  if (isArray(value)) return [value.map((inner) => writtenWhole(inner, numbers))]
  const made = [prototypeOf(value) === null ? BARE : OBJECT]
  for (const name of keysOf(value)) {
    const inner = value[name]
    made[made.length] = name
    made[made.length] = writtenWhole(inner, numbers)
  }
  return made
}

function readBack(made, objects) {
  if (!isArray(made)) return made
  const [kind] = made
  if (kind === UNDEFINED) return undefined
  if (kind === MINUS_ZERO) return -0
  if (kind === MET) return objects[made[1]]
  if (isArray(kind)) {
    const list = (objects[objects.length] = [])
    for (let index = 0; index < kind.length; index++) list[index] = readBack(kind[index], objects)
    return list
  }
  const object = (objects[objects.length] = kind === BARE ? Object.create(null) : {})
  for (let index = 1; index < made.length; index += 2) {
    const value = readBack(made[index + 1], objects)
    if (made[index] === '__proto__') Object.defineProperty(object, '__proto__', { value, writable: true, enumerable: true, configurable: true })
    else object[made[index]] = value
  }
  return object
}

/** The value of a kept text. */
function valueOfKept(text) {
  return text[0] === MARK ? readBack(harness.parse(text.slice(MARK.length)), []) : harness.parse(text)
}

/** Whether a value has no others in it; refuses what JSON has no word for. */
function isPrimitive(value) {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      if (value - value !== 0) throw unkeepable(String(value))
      if (value === 0 && 1 / value < 0) isTold = false
      return true
    case 'object':
      return value === null
    default:
      throw unkeepable(value === undefined ? 'undefined' : `a ${typeof value}`)
  }
}

function writtenState(root) {
  try {
    return written(root)
  } catch (error) {
    if (error instanceof Misuse) throw error
    throw Object.assign(new Unkeepable(`the state cannot be kept: ${messageOf(error)}`), placeOf(error))
  }
}

/** A state that has something which JSON has no word for. */
class Unkeepable extends Misuse {}

const unkeepable = (what, advice = '') => new Unkeepable(`the state cannot be kept: ${what} is not JSON${advice}`)

function refuseMembers(list) {
  const keys = keysOf(list)
  if (keys.length > list.length) throw unkeepable(`an array with the member ${harness.stringify(keys[keys.length - 1])}`, '; use an object')
}
