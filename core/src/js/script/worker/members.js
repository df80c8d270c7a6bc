// Which members of its data a text reads, as far as its source tells: of data that is read by a few names, the rest need not come.
//
// Nothing is guessed. A function gets an event by the name of its parameter alone, so each place where that name stands is looked at; what
// is read in any other way than by a fixed member of `data` makes the answer that all must come. A name in a text, a comment or a member
// of something else counts as well: that is too much, never too little.

/** The function's parameters, or the one of an arrow without brackets. */
const HEAD = /^(?:(?:function\b\s*)?(?:[\w$]+|'[^'\\\n]*'|"[^"\\\n]*")?\s*\(([^()]*)\)\s*(?:=>|\{)|([A-Za-z_$][\w$]*)\s*=>)/
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/
/** By these a function may reach what it was given under another name. */
const OTHER_WAYS = /\barguments\b|\bcaller\b|\beval\b|\\u/
/** What follows the event, to the end of a name, where it is read so that its data is not, or by one member. */
const READ = /\s*\??\.\s*(?:(?:eventType|streamId|sequenceNumber|eventNumber|created|position|category|schemaVersion|isJson|metadata|metadataRaw|partition|eventId)|(?:data|body)\s*\??\.\s*([A-Za-z_$][\w$]*))(?![\w$\\\u0080-\uffff])/y

/** Adds what a function reads of the data of its parameter of that number to `found`; false where that cannot be told. */
function readsMembers(given, number, found) {
  const source = textOfFunction(given)
  const head = HEAD.exec(source)
  if (head === null || OTHER_WAYS.test(source) || source.includes('[native code]')) return false
  const parameters = (head[2] ?? head[1]).split(',').map((name) => name.trim())
  if (parameters.length === 1 && parameters[0] === '') return true
  if (!parameters.every((name) => IDENTIFIER.test(name)) || new Set(parameters).size < parameters.length) return false
  const event = parameters[number]
  if (event === undefined) return true
  for (let at = head[0].length; (at = source.indexOf(event, at)) >= 0; ) {
    const [before, end] = [source[at - 1], at + event.length]
    at = end
    if (/[\w$]/.test(before) || /[\w$]/.test(source[end] ?? '')) continue
    READ.lastIndex = end
    const read = READ.exec(source)
    if (read === null) return false
    // What every object has may look at the others.
    if (read[1] !== undefined && read[1] in objectPrototype) return false
    if (read[1] !== undefined) found.add(read[1])
  }
  return true
}

/** The names of the members of data that a text reads; undefined where all must come. */
function membersRead(text) {
  const { handlers, partitionBy } = definition
  const found = new Set()
  const given = [...handlers].filter(([name]) => !name.startsWith('$init')).map(([, handler]) => [handler, 1])
  if (typeof partitionBy === 'function') given.push([partitionBy, 0])
  // A function without strict rules is asked by others for what it was given: `handler.arguments`.
  if (OTHER_WAYS.test(text) || handlers.has('$deleted')) return undefined
  return given.every(([reads, number]) => readsMembers(reads, number, found)) ? [...found] : undefined
}
