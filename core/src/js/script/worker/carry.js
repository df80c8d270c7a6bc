// Carrying read models on for a host that keeps them: states come with a question as JSON texts and go back with its answer.
// Nothing is remembered here that the host could miss: any worker goes on where another has stopped.

/** The batch that was placed last: where its events go, and the chance that partitionBy has left for their handlers. */
let placed = { events: null, routes: [], seeds: null }

/** Runs of events that were carried. */
let runs = 0

/** Live values by partition, with the texts that say the same: who sends such a text is spared reading it. */
const carried = new Map()
const MOST_CARRIED = 4_096
let carriedCharacters = 0

/** The partitions of a batch's events, as numbers of `names`, -1 for an event that is left out; up to one that fails. */
function place({ batch: events, announces }) {
  const [names, numbers] = [[], new Map()]
  const partitions = new Int32Array(events.count).fill(-1)
  placed = { events, routes: new Array(events.count), seeds: new Int32Array(events.count) }
  for (let index = 0; index < events.count; index++) {
    const position = events.position(index)
    if (announces) reached(position)
    else beat()
    try {
      if (route(events, index, position) !== undefined) continue
    } catch (error) {
      return { names, partitions: partitions.slice(0, index), fault: described(error) }
    }
    const { event, handler } = routed
    const partition = partitionOfRouted()
    placed.routes[index] = { event, handler, partition }
    placed.seeds[index] = substitutes.seed
    let number = numbers.get(partition)
    if (number === undefined) {
      number = names.push(partition) - 1
      numbers.set(partition, number)
    }
    partitions[index] = number
  }
  return { names, partitions }
}

/**
 * Folds the placed events from `from` to before `to`. `names` are their partitions and, where partitions share a state, ''
 * for that; `texts` the states, null where there is none yet. Gives the texts of the states after them.
 */
function carry({ from, to, names, texts, announces }) {
  // A batch that was placed by another worker is not known here. That is no event's fault: the host finds that states lack.
  if (placed.events === null) return { texts: [] }
  const given = { from, to, names, texts, announces }
  if (isTried(runs++)) tryCarried(given)
  const units = carriedOn(given)
  try {
    return { texts: keptTexts(units) }
  } catch {
    // Which event made the state so that it cannot be written is found by writing it after each.
    return { texts: keptTexts(carriedOn({ ...given, isChecked: true })) }
  }
}

function keptTexts(units) {
  const objects = new Set()
  let isAllTold = true
  const texts = Array.from(units, ([name, live]) => {
    const text = exactly(live, { objects, isWhole: true })
    isAllTold &&= isTold
    return [name, live, text]
  })
  return texts.map(([name, live, text]) => {
    // Values that are not what their texts say are read anew, as another worker would.
    if (!isAllTold) return text
    if (carried.size >= MOST_CARRIED || carriedCharacters > KEPT_CHARACTERS) {
      carried.clear()
      carriedCharacters = 0
    }
    carried.set(name, { text, live })
    carriedCharacters += text.length
    return text
  })
}

/** The live values after the events, by partition, in the order of `names`. */
function carriedOn({ from, to, names, texts, announces, isChecked }) {
  const units = new Map(names.map((name, index) => [name, takenUp(name, texts[index])]))
  for (let index = from; index < to; index++) {
    const found = placed.routes[index]
    if (!found) continue
    const position = placed.events.position(index)
    if (announces) reached(position)
    else beat()
    begin(placed.events, index, position)
    substitutes.seed = placed.seeds[index]
    try {
      // What was made of the payload when it was folded before is not in it.
      step(units, isChecked ? anew(found, index) : found)
      if (isChecked) changedBy(found).forEach((name) => exactly(units.get(name), { isWhole: true }))
    } catch (error) {
      throw new Fault(position, error)
    }
  }
  return units
}

/** The same with an event of which nobody has read anything. */
const anew = (found, index) => ({ ...found, event: placed.events.event(index) })

/** The names of the values that an event has changed: with a shared state, that besides its partition's own. */
const changedBy = ({ partition }) => (isShared() && definition.partitionBy !== 'none' ? [partition, ''] : [partition])

/** The value of a text, which nobody else has. */
function takenUp(name, text) {
  const known = carried.get(name)
  // Whatever comes of it, it is no longer the value of its text.
  if (carried.delete(name)) carriedCharacters -= known.text.length
  if (typeof text !== 'string') return undefined
  return known?.text === text ? known.live : harness.parse(text)
}

/** Folds an event into the values of its partition: with a shared state, both are in the one value of a projection without partitions. */
function step(units, { event, handler, partition }) {
  partitionOfEvent = partition
  let live = units.get(partition)
  if (!isShared()) {
    live = live === undefined ? initial() : live
    units.set(partition, checked(handler(live, event), live))
    return
  }
  const isAlone = definition.partitionBy === 'none'
  let shared = isAlone ? live?.[1] : units.get('')
  if (shared === undefined) shared = harness.parse(written(call('$initShared')()))
  const both = [(isAlone ? live?.[0] : live) ?? initial(), shared]
  const after = checked(handler(both, event), both)
  if (isAlone) {
    units.set(partition, [after[0], after[1]])
    return
  }
  units.set(partition, after[0])
  units.set('', after[1])
}
