// Finds texts that keep something outside of their states: it is that of whatever was folded last, which need not be the event before.

/** Events that are folded twice before they count, and characters of the states that are compared. */
const TRIED_EVENTS = 16
const TRIED_CHARACTERS = 256 * 1024

/** Whether to try a pass at its batch of this number: the first ones, and then ever fewer. */
const isTried = (number) => (number & (number - 1)) === 0

/**
 * Folds one event twice: `fold` is called with 0 and with 1, and gives a text of what it made. Gives how many characters it has; nothing
 * where it cannot be made, as the fold itself will tell.
 */
function foldedTwice(position, fold) {
  const attempt = (run) => {
    try {
      return { text: fold(run) }
    } catch (error) {
      return { error }
    }
  }
  const [first, second] = [attempt(0), attempt(1)]
  if (asked.isMissing || (first.error !== undefined && second.error !== undefined)) return undefined
  if (first.text === second.text) return first.text.length
  const what = 'the text keeps something outside of its state, such as a variable that a handler changes: folded twice, this event made two different states. Keep it in the state'
  throw new Fault(position, new Misuse(what))
}

/** Tries the first events of a batch, behind those that are known, on copies of the states of a pass. */
function tryPass(target, batch, known, announces) {
  const copies = [target.copy(), target.copy()]
  let characters = 0
  let tried = 0
  for (let index = 0; index < batch.count && tried < TRIED_EVENTS && characters < TRIED_CHARACTERS; index++) {
    const position = batch.position(index)
    if (position <= known) continue
    if (announces) reached(position)
    else beat()
    const made = foldedTwice(position, (run) => {
      if (copies[run].take(batch, index, position) !== undefined) return ''
      const { last } = copies[run]
      return partitionOfRouted() + unitText(last.live)
    })
    if (made === undefined) return
    tried += made === 0 ? 0 : 1
    characters += made
  }
}

/** Tries the first of the placed events that are to be carried into states. */
function tryCarried({ from, to, names, texts, announces }) {
  const copies = [0, 1].map(() => new Map(names.map((name, index) => [name, typeof texts[index] === 'string' ? harness.parse(texts[index]) : undefined])))
  let characters = 0
  for (let index = from; index < Math.min(to, from + TRIED_EVENTS) && characters < TRIED_CHARACTERS; index++) {
    const found = placed.routes[index]
    if (!found) continue
    const position = placed.events.position(index)
    if (announces) reached(position)
    else beat()
    const made = foldedTwice(position, (run) => {
      begin(placed.events, index, position)
      substitutes.seed = placed.seeds[index]
      step(copies[run], anew(found, index))
      return changedBy(found).map((name) => keptText(copies[run].get(name))).join()
    })
    if (made === undefined) return
    characters += made
  }
}
