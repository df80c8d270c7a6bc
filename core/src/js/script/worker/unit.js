// A state of its own, with the positions of its events and the states that were kept on the way.

/** The most events between two kept states of a partition: a seek folds fewer. */
const FOLD_BOUND = 2_048
/** Kept states stand this close while they are small: characters of a state for each event between two of them. */
const DENSEST = 64
const CHARACTERS_AN_EVENT = 32
/** Characters of all kept states together; beyond them every second one goes. */
const KEPT_CHARACTERS = 48 * 1024 * 1024
/** The longest state. */
const LONGEST_STATE = 16 * 1024 * 1024
/** What is copied rather than written has fewer characters. */
const FLAT_CHARACTERS = 4_096

/** The JSON text of a state; of what JSON has no word for, null. */
function written(value) {
  const text = harness.stringify(value) ?? 'null'
  if (text.length > LONGEST_STATE) throw tooLong(text.length)
  return text
}

const tooLong = (characters) => new Unkeepable(`a state has ${characters} characters of JSON; at most ${LONGEST_STATE} are kept`)

/**
 * About how many characters of JSON an object has that JSON says in full, that has no other in it, and is small: to copy it takes less
 * than to write and read it. Zero of all else.
 */
function flatCharacters(value) {
  if (value === null || typeof value !== 'object' || prototypeOf(value) !== objectPrototype || symbolsOf(value).length > 0) return 0
  let characters = 2
  for (const name in value) {
    if (name === 'toJSON' || name === '__proto__') return 0
    const member = value[name]
    characters += name.length + 8
    if (typeof member === 'string') characters += member.length
    // Of numbers: neither NaN nor Infinity, nor a zero that has a sign.
    else if (typeof member === 'number' ? !(member - member === 0) || (member === 0 && 1 / member < 0) : typeof member !== 'boolean' && member !== null) return 0
    if (characters > FLAT_CHARACTERS) return 0
  }
  return characters
}

/** The positions of all events that were taken, each with the place here of the one that the same unit took before it; 0 is none. */
const journal = { count: 1, positions: new Uint32Array(4_096), before: new Uint32Array(4_096) }

function noted(position, before) {
  const place = journal.count
  if (place === journal.positions.length) {
    for (const name of ['positions', 'before']) {
      const list = new Uint32Array(place * 2)
      list.set(journal[name])
      journal[name] = list
    }
  }
  journal.positions[place] = position
  journal.before[place] = before
  journal.count = place + 1
  return place
}

/** What a unit has besides, where it has taken many events or was asked: of the many units, few have that. */
class Kept {
  /** `{ count, characters, state }`: the state after so many events, as its text, or a copy of it that has no other object in it. */
  states = []
  spacing = DENSEST
  /** After how many events its state is kept next. */
  next = DENSEST
  isSpoiled = false
  /** The positions of its events, as far as they were asked for; there may be room behind them. */
  positions = new Uint32Array(0)
  known = 0
}

/** How many of the first `length` numbers of a list, which ascends, lie below another. */
function countBelow(list, number, length = list.length) {
  let [low, high] = [0, length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (list[middle] < number) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * A state of its own: that of a partition, or that of all partitions together where they share one.
 *
 * Invariant: between two kept states, and behind the last one, lie at most FOLD_BOUND of its events, for as long as
 * KEPT_CHARACTERS suffice for that.
 */
class Unit {
  /** How many events it has taken. */
  count = 0
  /** The position of the first one; zero before it. */
  first = 0
  #last = 0
  /** The place of the last one in the journal. */
  #place = 0
  /** Its name, or the number of the stream that has it. */
  #name
  #kept

  constructor(name, live) {
    this.#name = name
    this.live = live
  }

  get name() {
    if (typeof this.#name === 'number') this.#name = streamName(this.#name)
    return this.#name
  }

  /** Whether its live value is that of an event which could not be folded. */
  get isSpoiled() {
    return this.#kept?.isSpoiled ?? false
  }

  spoil() {
    this.#keptSoFar().isSpoiled = true
  }

  #keptSoFar() {
    return (this.#kept ??= new Kept())
  }

  /** Its positions so far: the events of the journal are followed back to the one that is known. */
  #positions() {
    const kept = this.#keptSoFar()
    if (kept.positions.length < this.count) {
      const positions = new Uint32Array(Math.max(this.count, kept.known * 2))
      positions.set(kept.positions.subarray(0, kept.known))
      kept.positions = positions
    }
    let place = this.#place
    for (let index = this.count - 1; index >= kept.known; index--) {
      kept.positions[index] = journal.positions[place]
      place = journal.before[place]
    }
    kept.known = this.count
    return kept.positions
  }

  /** The positions of its events behind the first `from`, up to that of number `to`. */
  positions(from, to) {
    return this.#positions().slice(from, Math.max(from, Math.min(to, this.count)))
  }

  /** How many of its events are at or before `position`. */
  countTo(position) {
    return countBelow(this.#positions(), position + 1, this.count)
  }

  /** Notes that its state has taken an event; says how many characters were kept for it. */
  folded(position) {
    if (this.#last === position) return this.#foldedAgain()
    this.#last = position
    this.#place = noted(position, this.#place)
    if (this.count === 0) this.first = position
    this.count += 1
    return this.count < (this.#kept === undefined ? DENSEST : this.#kept.next) ? 0 : this.#keep()
  }

  #keep() {
    const kept = this.#keptSoFar()
    const state = this.#stateToKeep()
    kept.states[kept.states.length] = state
    kept.spacing = Math.max(kept.spacing, Math.min(FOLD_BOUND, Math.ceil(state.characters / CHARACTERS_AN_EVENT)))
    kept.next = this.count + kept.spacing
    return state.characters
  }

  /** The same for a further part of an event that was split: what was kept after its first part is not the state after it. */
  #foldedAgain() {
    const states = this.#kept?.states
    const last = states?.at(-1)
    if (last?.count !== this.count) return 0
    const state = (states[states.length - 1] = this.#stateToKeep())
    return state.characters - last.characters
  }

  #stateToKeep() {
    const { count } = this
    const characters = isShared() ? 0 : flatCharacters(this.live)
    if (characters > 0) return { count, characters, state: { ...this.live } }
    const state = this.#keptText()
    return { count, characters: state.length, state }
  }

  #keptText() {
    try {
      return unitText(this.live)
    } catch (error) {
      const since = this.count - (this.#kept.states.findLast(({ count }) => count < this.count)?.count ?? 0)
      const said = `${messageOf(error)}; it is one of the last ${since} events of its partition that made it so`
      throw Object.assign(new Misuse(said), placeOf(error), error instanceof Unkeepable && { unkept: this.name })
    }
  }

  /** Lets every second kept state go, a lone one too; says how many characters that were. */
  thin() {
    const kept = this.#kept
    if (kept === undefined) return 0
    let freed = 0
    kept.states = kept.states.filter(({ characters }, index) => {
      const stays = index % 2 === 1
      if (!stays) freed += characters
      return stays
    })
    // Beyond the bound, where the room does not suffice for it.
    kept.spacing *= 2
    kept.next = (kept.states.at(-1)?.count ?? 0) + kept.spacing
    return freed
  }

  /** The characters of the state that was kept last. */
  get keptCharacters() {
    return this.#kept?.states.at(-1)?.characters ?? 0
  }

  /** The last kept state after at most `count` events, as `{ count, text }`. */
  keptBefore(count) {
    const states = this.#kept?.states ?? []
    let [low, high] = [0, states.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (states[middle].count <= count) low = middle + 1
      else high = middle
    }
    const found = states[low - 1]
    if (found === undefined) return undefined
    return { count: found.count, text: typeof found.state === 'string' ? found.state : written(found.state) }
  }
}
