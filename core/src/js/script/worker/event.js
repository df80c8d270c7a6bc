// The events of a batch, as handlers see them: members are read from the batch's bytes when they are asked for.
//
// A batch begins with the numbers below, little-endian; names that were not sent before follow, then the bytes of the events:
//
//   u32 events, u32 new names, then per new name u32 length and its UTF-8, filled up to eight bytes, then per event 56 bytes:
//   f64 position, f64 version, f64 milliseconds since 1970, u32 stream, u32 type, u32 flags, u32 schema version,
//   u32 begin of the data, u32 length, u32 begin of the metadata, u32 length; the last are places in the batch.

const EVENT_BYTES = 56
const IS_JSON = 1
const IS_WIDE = 2
/** Names of streams and types, by the number that the host gave them. */
const namesByNumber = []

class Batch {
  constructor(buffer) {
    this.buffer = buffer
    this.view = new DataView(buffer)
    this.count = this.view.getUint32(0, true)
    let place = 8
    for (let fresh = this.view.getUint32(4, true); fresh > 0; fresh--) {
      const length = this.view.getUint32(place, true)
      namesByNumber.push(this.text(place + 4, length))
      place += 4 + length
    }
    this.first = (place + 7) & ~7
    this.payloads = this.first + this.count * EVENT_BYTES
    this.narrow = undefined
  }

  text(begin, length) {
    return harness.decode(new Uint8Array(this.buffer, begin, length))
  }

  /** A text of an event. Those of ASCII alone, as most are, are cut out of all of them, which are decoded at once. */
  payload(begin, length, isWide) {
    if (isWide) return this.text(begin, length)
    this.narrow ??= harness.decodeNarrow(new Uint8Array(this.buffer, this.payloads))
    return this.narrow.slice(begin - this.payloads, begin - this.payloads + length)
  }

  position(index) {
    return this.view.getFloat64(this.first + index * EVENT_BYTES, true)
  }

  stream(index) {
    return namesByNumber[this.view.getUint32(this.first + index * EVENT_BYTES + 24, true)]
  }

  type(index) {
    return namesByNumber[this.view.getUint32(this.first + index * EVENT_BYTES + 28, true)]
  }

  isJson(index) {
    return (this.view.getUint32(this.first + index * EVENT_BYTES + 32, true) & IS_JSON) !== 0
  }

  event(index) {
    return new FoldedEvent(this, this.first + index * EVENT_BYTES)
  }
}

const categoryOf = (stream) => {
  const end = stream.indexOf('-')
  return end < 0 ? stream : stream.slice(0, end)
}

/** An event under the names that KurrentDB gives its members. Numbers of events count from zero there. */
class FoldedEvent {
  #batch
  #at
  #data
  #metadata
  constructor(batch, at) {
    this.#batch = batch
    this.#at = at
  }

  #float(offset) {
    return this.#batch.view.getFloat64(this.#at + offset, true)
  }

  #whole(offset) {
    return this.#batch.view.getUint32(this.#at + offset, true)
  }

  get position() {
    return this.#float(0)
  }

  get sequenceNumber() {
    return this.#float(8) - 1
  }

  get eventNumber() {
    return this.sequenceNumber
  }

  get created() {
    return new harness.Date(this.#float(16)).toISOString()
  }

  get streamId() {
    return namesByNumber[this.#whole(24)]
  }

  get eventType() {
    return namesByNumber[this.#whole(28)]
  }

  get category() {
    return categoryOf(this.streamId)
  }

  get schemaVersion() {
    return this.#whole(36)
  }

  get isJson() {
    return (this.#whole(32) & IS_JSON) !== 0
  }

  get bodyRaw() {
    return this.#batch.payload(this.#whole(40), this.#whole(44), (this.#whole(32) & IS_WIDE) !== 0)
  }

  get data() {
    if (this.#data === undefined && this.isJson) this.#data = harness.parse(this.bodyRaw)
    return this.#data
  }

  get body() {
    return this.data
  }

  get metadataRaw() {
    return this.#batch.payload(this.#whole(48), this.#whole(52), (this.#whole(32) & IS_WIDE) !== 0)
  }

  get metadata() {
    this.#metadata ??= harness.parse(this.metadataRaw || '{}')
    return this.#metadata
  }

  get linkMetadata() {
    return undefined
  }

  get linkMetadataRaw() {
    return ''
  }

  /** The partition, once it is known. */
  get partition() {
    return partitionOfEvent
  }

  static time(event) {
    return event.#float(16)
  }
}
let partitionOfEvent = ''
