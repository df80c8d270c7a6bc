// The events of a batch, as handlers see them: members are read from the batch's columns when they are asked for.
//
// A batch is one buffer of little-endian numbers:
//
//   u32 events, u32 new streams, u32 new kinds, u32 bits (1 data is in it, 2 metadata, 4 streams have the numbers of
//   a log), u32 place of the names, u32 place of the payloads, u32 bytes of those in ASCII, u32 bytes of the others; then in columns, a number for each event: f64 milliseconds
//   since 1970, u32 position, u32 version, u32 stream, u32 kind, u8 flags. At the place of the names, those that were not sent before:
//   u32 length of each stream's, then of each kind's type, u32 schema version of each kind, then the names' UTF-8. At the place of the
//   payloads: for each event u32 begin of its metadata, u32 end, which is the begin of its data, u32 end; then the texts in ASCII, one
//   behind the other, then those in UTF-8. Begin and end count the characters of these two texts, as JavaScript does. Both places
//   are multiples of four.

const HEADER_BYTES = 32
const IS_JSON = 1
const IS_WIDE = 2
const HAS_DATA = 1
const HAS_METADATA = 2
const IS_OF_LOG = 4

/** Names of streams, by the numbers that the host gave them; undefined until one is asked for. Two numbers may have one name. */
const streams = []
/** The names that came with one batch, from the number `first` on: their text, and where each ends in it. */
const nameBlocks = []

/** The name of a stream: cut out when it is asked for, as many a handler asks for none. */
function streamName(number) {
  const known = streams[number]
  if (known !== undefined) return known
  let [low, high] = [0, nameBlocks.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (nameBlocks[middle].first <= number) low = middle
    else high = middle - 1
  }
  const { first, ends, text } = nameBlocks[low]
  return (streams[number] = text.slice(number === first ? 0 : ends[number - first - 1], ends[number - first]))
}

/** The same text as the engine keeps names of members: what is looked up by it is found at once. */
const asName = (text) => Object.keys({ [text]: 0 })[0]

/** What is known of types at a schema version (`kindOf`), by their numbers. */
const kinds = []

/** Whether any handler asked for data and for metadata; the first position for which it did; and whether a batch came without that. */
const asked = { data: false, metadata: false, first: 0, isMissing: false }

class Batch {
  constructor(buffer) {
    const [count, newStreams, newKinds, parts, names, payloads, narrowBytes, wideBytes] = new Uint32Array(buffer, 0, 8)
    this.buffer = buffer
    this.count = count
    this.parts = parts
    /** Whether the numbers of streams are those of a log, where no two have one name. */
    this.isOfLog = (parts & IS_OF_LOG) !== 0
    let place = HEADER_BYTES
    const column = (Type) => {
      const list = new Type(buffer, place, count)
      place += list.byteLength
      return list
    }
    this.times = column(Float64Array)
    this.positions = column(Uint32Array)
    this.versions = column(Uint32Array)
    this.streams = column(Uint32Array)
    this.kinds = column(Uint32Array)
    this.flags = column(Uint8Array)
    this.places = (parts & (HAS_DATA | HAS_METADATA)) === 0 ? null : new Uint32Array(buffer, payloads, count * 3)
    this.narrowPlace = payloads + count * 12
    this.narrowBytes = narrowBytes
    this.wideBytes = wideBytes
    this.narrow = undefined
    this.wide = undefined
    this.#learn(names, newStreams, newKinds)
  }

  #learn(place, newStreams, newKinds) {
    if (newStreams + newKinds === 0) return
    const lengths = new Uint32Array(this.buffer, place, newStreams + newKinds)
    const schemaVersions = new Uint32Array(this.buffer, place + lengths.byteLength, newKinds)
    const bytes = new Uint8Array(this.buffer, place + lengths.byteLength + schemaVersions.byteLength, lengths.reduce((sum, length) => sum + length, 0))
    const all = harness.decode(bytes)
    // Ends in characters, which are bytes where all are ASCII.
    const isNarrow = all.length === bytes.length
    let [begin, end] = [0, 0]
    const ends = lengths.map((length) => {
      end += isNarrow ? length : harness.decode(bytes.subarray(begin, begin + length)).length
      begin += length
      return end
    })
    if (newStreams > 0) nameBlocks[nameBlocks.length] = { first: streams.length, ends: ends.subarray(0, newStreams), text: all }
    for (let number = 0; number < newStreams; number++) streams[streams.length] = undefined
    for (let number = newStreams; number < ends.length; number++) {
      kinds[kinds.length] = kindOf(asName(all.slice(ends[number - 1], ends[number])), schemaVersions[number - newStreams])
    }
  }

  position(index) {
    return this.positions[index]
  }

  event(index) {
    return new FoldedEvent(this, index)
  }

  data(index) {
    asked.data = true
    this.#note(index, HAS_DATA)
    return this.#text(index, this.places[index * 3 + 1], this.places[index * 3 + 2])
  }

  metadata(index) {
    asked.metadata = true
    this.#note(index, HAS_METADATA)
    return this.#text(index, this.places[index * 3], this.places[index * 3 + 1])
  }

  /** A text of an event. All are decoded at once, and cut out of that; those in ASCII, as most are, take half the memory. */
  #text(index, begin, end) {
    if ((this.flags[index] & IS_WIDE) === 0) {
      this.narrow ??= harness.decodeNarrow(new Uint8Array(this.buffer, this.narrowPlace, this.narrowBytes))
      return this.narrow.slice(begin, end)
    }
    this.wide ??= harness.decode(new Uint8Array(this.buffer, this.narrowPlace + this.narrowBytes, this.wideBytes))
    return this.wide.slice(begin, end)
  }

  /** What a batch came without cannot be read here: the host looks at `asked`, whoever catches this. */
  #note(index, part) {
    const position = this.positions[index]
    if (asked.first === 0 || position < asked.first) asked.first = position
    if ((this.parts & part) !== 0) return
    asked.isMissing = true
    throw new Misuse('the payload was left out')
  }
}

const categoryOf = (stream) => {
  const end = stream.indexOf('-')
  return end < 0 ? stream : stream.slice(0, end)
}

/** An event under the names that KurrentDB gives its members. Numbers of events count from zero there. */
class FoldedEvent {
  #batch
  #index
  #data
  #metadata
  constructor(batch, index) {
    this.#batch = batch
    this.#index = index
  }

  get position() {
    return this.#batch.positions[this.#index]
  }

  get sequenceNumber() {
    return this.#batch.versions[this.#index] - 1
  }

  get eventNumber() {
    return this.sequenceNumber
  }

  get created() {
    return new harness.Date(this.#batch.times[this.#index]).toISOString()
  }

  get streamId() {
    return streamName(this.#batch.streams[this.#index])
  }

  get eventType() {
    return kinds[this.#batch.kinds[this.#index]].type
  }

  get category() {
    return categoryOf(this.streamId)
  }

  get schemaVersion() {
    return kinds[this.#batch.kinds[this.#index]].schemaVersion
  }

  get isJson() {
    return (this.#batch.flags[this.#index] & IS_JSON) !== 0
  }

  get bodyRaw() {
    return this.#batch.data(this.#index)
  }

  get data() {
    if (this.#data === undefined && this.isJson) this.#data = harness.parse(this.#batch.data(this.#index))
    return this.#data
  }

  get body() {
    return this.data
  }

  get metadataRaw() {
    return this.#batch.metadata(this.#index)
  }

  get metadata() {
    this.#metadata ??= harness.parse(this.#batch.metadata(this.#index) || '{}')
    return this.#metadata
  }

  get linkMetadata() {
    return undefined
  }

  get linkMetadataRaw() {
    return ''
  }

  /** Ids are not sent: who asks for one must not take it for none. */
  get eventId() {
    throw new Misuse('event.eventId is not there for a projection as text; event.position is unique, and so are event.streamId and event.sequenceNumber together')
  }

  /** What it is written as; it has no members of its own, which a spread would copy. */
  toJSON() {
    const { streamId, eventType, sequenceNumber, position, created, category, schemaVersion, isJson, data, metadata, partition } = this
    return { streamId, eventType, sequenceNumber, position, created, category, schemaVersion, isJson, data, metadata, partition }
  }

  /** The partition, once it is known. */
  get partition() {
    return partitionOfEvent ?? streamName(streamOfEvent)
  }
}
/** The partition of the event that is folded; undefined where it is that of a stream. */
let partitionOfEvent = ''
let streamOfEvent = -1
