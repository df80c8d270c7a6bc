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
 * the one object that has no prototype when it is read, either.
 */
function exactly(root, { objects, isWhole = false, parts } = {}) {
  const text = written(root)
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
      if (prototypeOf(value) !== listPrototype) isTold = false
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
      isTold = false
      if (prototype !== null && prototypeOf(prototype) !== null) throw unkeepable(`an object of the class ${value.constructor?.name}`)
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

const unkeepable = (what, advice = '') => new Misuse(`the state cannot be kept: ${what} is not JSON${advice}`)

function refuseMembers(list) {
  const keys = keysOf(list)
  if (keys.length > list.length) throw unkeepable(`an array with the member ${harness.stringify(keys[keys.length - 1])}`, '; use an object')
}
