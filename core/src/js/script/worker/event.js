// The events of a batch, as handlers see them: members are read from the batch's columns when they are asked for.
//
// A batch is one buffer of little-endian numbers:
//
//   u32 events, u32 new streams, u32 new kinds, u32 bits, u32 position of the first event, u32 place of the names, u32 place of the
//   payloads, u32 bytes of those in ASCII, u32 bytes of the others, u32 bytes of the streams' names; then columns, a number for each event. The bits tell those
//   that are there: f64 milliseconds since 1970 (1), 16 bytes of the id (2), u32 position (4; without it each follows the one before),
//   u32 version (8), u32 stream (16), u32 kind (32; u8 without it), u8 flags (64; without it all are JSON and no text goes beyond ASCII).
//   Further bits: 128 data is in it, 256 metadata, 512 streams have the numbers of a log. At the place of the names, those that were not
//   sent before: u32 length of each stream's, then of each kind's type, u32 schema version of each kind, then the names' UTF-8. At the
//   place of the payloads: for each event u32 begin of its metadata, u32 end, which is the begin of its data, u32 end; then the texts in
//   ASCII, one behind the other, then those in UTF-8. Begin and end count the characters of these two texts, as JavaScript does. Both
//   places are multiples of four.

const HEADER_WORDS = 10
const HAS_TIMES = 1
const HAS_IDS = 2
const HAS_POSITIONS = 4
const HAS_VERSIONS = 8
const HAS_STREAMS = 16
const HAS_WIDE_KINDS = 32
const HAS_FLAGS = 64
const HAS_DATA = 128
const HAS_METADATA = 256
const IS_OF_LOG = 512
const IS_JSON = 1
const IS_WIDE = 2

/** Names of streams, by the numbers that the host gave them; undefined until one is asked for. Two numbers may have one name. */
const streams = []
/**
 * The names that came with one batch, from the number `first` on: their UTF-8 and the length of each, until one is asked for; then their
 * text, and where each ends in it.
 */
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
  const block = nameBlocks[low]
  if (block.bytes !== undefined) Object.assign(block, decoded(block), { bytes: undefined, lengths: undefined })
  const { first, ends, text } = block
  return (streams[number] = text.slice(number === first ? 0 : ends[number - first - 1], ends[number - first]))
}

/** The text of names, and the end of each in characters, which are bytes where all are ASCII. */
function decoded({ bytes, lengths }) {
  const text = harness.decode(bytes)
  const isNarrow = text.length === bytes.length
  let [begin, end] = [0, 0]
  const ends = lengths.map((length) => {
    end += isNarrow ? length : harness.decode(bytes.subarray(begin, begin + length)).length
    begin += length
    return end
  })
  return { text, ends }
}

/** The same text as the engine keeps names of members: what is looked up by it is found at once. */
const asName = (text) => Object.keys({ [text]: 0 })[0]

/** What is known of types at a schema version (`kindOf`), by their numbers. */
const kinds = []

/**
 * Whether any handler asked for data and for metadata; the first position for which it did; and whether a batch came without that, or
 * without a column that was asked for.
 */
const asked = { data: false, metadata: false, first: 0, isMissing: false, lacksColumn: false }

/** What a batch came without cannot be read here: the host looks at `asked`, whoever catches this. */
function lack(what) {
  asked.isMissing = true
  throw new Misuse(`${what} was left out`)
}

function lackColumn(what) {
  asked.lacksColumn = true
  lack(what)
}

/** The numbers of ids in hexadecimal. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

class Batch {
  constructor(buffer) {
    const [count, newStreams, newKinds, parts, first, names, payloads, narrowBytes, wideBytes, streamBytes] = new Uint32Array(buffer, 0, HEADER_WORDS)
    this.buffer = buffer
    this.count = count
    this.parts = parts
    /** Whether the numbers of streams are those of a log, where no two have one name. */
    this.isOfLog = (parts & IS_OF_LOG) !== 0
    let place = HEADER_WORDS * 4
    const column = (part, Type, size = 1) => {
      if ((parts & part) !== part) return null
      const list = new Type(buffer, place, count * size)
      place += list.byteLength
      return list
    }
    this.first = first
    this.times = column(HAS_TIMES, Float64Array)
    this.ids = column(HAS_IDS, Uint8Array, 16)
    this.positions = column(HAS_POSITIONS, Uint32Array)
    this.versions = column(HAS_VERSIONS, Uint32Array)
    this.streams = column(HAS_STREAMS, Uint32Array)
    this.kinds = column(HAS_WIDE_KINDS, Uint32Array) ?? column(0, Uint8Array)
    this.flags = column(HAS_FLAGS, Uint8Array)
    this.places = (parts & (HAS_DATA | HAS_METADATA)) === 0 ? null : new Uint32Array(buffer, payloads, count * 3)
    this.narrowPlace = payloads + count * 12
    this.narrowBytes = narrowBytes
    this.wideBytes = wideBytes
    this.narrow = undefined
    this.wide = undefined
    this.#learn(names, newStreams, streamBytes, newKinds)
  }

  #learn(place, newStreams, streamBytes, newKinds) {
    if (newStreams + newKinds === 0) return
    const lengths = new Uint32Array(this.buffer, place, newStreams + newKinds)
    const schemaVersions = new Uint32Array(this.buffer, place + lengths.byteLength, newKinds)
    const [ofStreams, ofKinds] = [lengths.slice(0, newStreams), lengths.subarray(newStreams)]
    const names = place + lengths.byteLength + schemaVersions.byteLength
    // Copied: to keep the batch for them would keep all of it.
    const bytes = new Uint8Array(this.buffer, names, streamBytes).slice()
    if (newStreams > 0) nameBlocks[nameBlocks.length] = { first: streams.length, bytes, lengths: ofStreams }
    for (let number = 0; number < newStreams; number++) streams[streams.length] = undefined
    if (newKinds === 0) return
    const kindBytes = ofKinds.reduce((sum, length) => sum + length, 0)
    const { text, ends } = decoded({ bytes: new Uint8Array(this.buffer, names + streamBytes, kindBytes), lengths: ofKinds })
    for (let number = 0; number < newKinds; number++) {
      kinds[kinds.length] = kindOf(asName(text.slice(ends[number - 1] ?? 0, ends[number])), schemaVersions[number])
    }
  }

  position(index) {
    return this.positions === null ? this.first + index : this.positions[index]
  }

  time(index) {
    return this.times === null ? lackColumn('the time') : this.times[index]
  }

  version(index) {
    return this.versions === null ? lackColumn('the version') : this.versions[index]
  }

  /** The number of the stream. */
  stream(index) {
    return this.streams === null ? lackColumn('the stream') : this.streams[index]
  }

  isJson(index) {
    return this.flags === null || (this.flags[index] & IS_JSON) !== 0
  }

  /** The id: a UUID as text. */
  id(index) {
    if (this.ids === null) lackColumn('the id')
    let text = ''
    for (let place = 0; place < 16; place++) {
      if (place === 4 || place === 6 || place === 8 || place === 10) text += '-'
      text += HEX[this.ids[index * 16 + place]]
    }
    return text
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
    if (this.flags === null || (this.flags[index] & IS_WIDE) === 0) {
      this.narrow ??= harness.decodeNarrow(new Uint8Array(this.buffer, this.narrowPlace, this.narrowBytes))
      return this.narrow.slice(begin, end)
    }
    this.wide ??= harness.decode(new Uint8Array(this.buffer, this.narrowPlace + this.narrowBytes, this.wideBytes))
    return this.wide.slice(begin, end)
  }

  #note(index, part) {
    const position = this.position(index)
    if (asked.first === 0 || position < asked.first) asked.first = position
    if ((this.parts & part) === 0) lack('the payload')
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
    return this.#batch.position(this.#index)
  }

  get sequenceNumber() {
    return this.#batch.version(this.#index) - 1
  }

  get eventNumber() {
    return this.sequenceNumber
  }

  get created() {
    return new harness.Date(this.#batch.time(this.#index)).toISOString()
  }

  get streamId() {
    return streamName(this.#batch.stream(this.#index))
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
    return this.#batch.isJson(this.#index)
  }

  get bodyRaw() {
    return this.#batch.data(this.#index)
  }

  get data() {
    if (this.#data === undefined && this.isJson) {
      const text = this.#batch.data(this.#index)
      // What is left of many an object that came in part.
      this.#data = text === '{}' ? {} : harness.parse(text)
    }
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

  get eventId() {
    return this.#batch.id(this.#index)
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
