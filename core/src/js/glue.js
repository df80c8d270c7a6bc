// The JavaScript half of the classes: what would cost a crossing a member from Rust, or cannot be written there.

/** An error of Leftfold: a stable `code`, and `details` that depend on it. */
export class LeftfoldError extends Error {
  constructor(code, message, details = {}, cause = undefined) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.details = Object.freeze(details);
  }
}

// On the prototype, as the language's own errors have it.
Object.defineProperty(LeftfoldError.prototype, "name", {
  value: "LeftfoldError",
  configurable: true,
  writable: true,
});

function kindOf(value) {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** What JSON would silently turn into null or nothing becomes a text, which Rust then refuses by name. */
function shown(value) {
  switch (typeof value) {
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "bigint":
      return `${value}n`;
    case "function":
    case "symbol":
      return `a ${typeof value}`;
    case "object":
      return value instanceof Date && Number.isNaN(value.getTime()) ? "Invalid Date" : value;
    default:
      return value;
  }
}

/** An event as plain JSON; data that is bytes goes into `bytes`, under the number of the event. */
function plainEvent(event, path, number, bytes) {
  if (typeof event !== "object" || event === null) {
    throw new LeftfoldError("invalid-event", `${path}: ${kindOf(event)} is no event`, { member: path });
  }
  let data = event.data;
  if (typeof data === "object" && data !== null) {
    if (ArrayBuffer.isView(data) && data[Symbol.toStringTag] === "Uint8Array") {
      bytes[number] = data;
      data = undefined;
    } else if (ArrayBuffer.isView(data) || data instanceof ArrayBuffer) {
      const member = `${path}.data`;
      throw new LeftfoldError("invalid-event", `${member}: bytes are given as a Uint8Array`, { member });
    }
  } else if (typeof data === "function" || typeof data === "symbol") {
    const member = `${path}.data`;
    throw new LeftfoldError("invalid-event", `${member}: a ${typeof data} is not JSON`, { member });
  }
  return {
    type: shown(event.type),
    data,
    id: shown(event.id),
    schemaVersion: shown(event.schemaVersion),
    time: shown(event.time),
    metadata: shown(event.metadata),
    tags: shown(event.tags),
  };
}

/** Only what is no JSON at all (a cycle, a BigInt, a getter that throws) fails here. */
function asText(code, build) {
  try {
    return JSON.stringify(build());
  } catch (error) {
    if (error instanceof LeftfoldError) throw error;
    throw new LeftfoldError(code, `what was given cannot be written as JSON: ${error}`, {}, error);
  }
}

export function packEvents(events, bytes) {
  const list = Array.isArray(events) ? events : [events];
  return asText("invalid-event", () => list.map((event, at) => plainEvent(event, `events[${at}]`, at, bytes)));
}

export function packCommit(commit, bytes) {
  if (typeof commit !== "object" || commit === null || Array.isArray(commit)) {
    throw new LeftfoldError("invalid-commit", `${kindOf(commit)} is no commit`, {});
  }
  let number = 0;
  const each = (list, plain) => (Array.isArray(list) ? list.map(plain) : shown(list));
  const members = (value, plain) => (typeof value === "object" && value !== null ? plain(value) : shown(value));
  return asText("invalid-event", () => ({
    writes: each(commit.writes, (write, at) =>
      members(write, ({ stream, expectedVersion, events }) => ({
        stream: shown(stream),
        expectedVersion: shown(expectedVersion),
        events: each(events, (event, n) => plainEvent(event, `writes[${at}].events[${n}]`, number++, bytes)),
      })),
    ),
    checks: each(commit.checks, (check) =>
      members(check, ({ stream, expectedVersion }) => ({
        stream: shown(stream),
        expectedVersion: shown(expectedVersion),
      })),
    ),
    conditions: each(commit.conditions, (condition) =>
      members(condition, ({ query, after }) => ({ query: shown(query), after: shown(after) })),
    ),
  }));
}

/** Freezes all of a JSON value. Without recursion: data may be nested deeper than a call stack. */
function freezeAll(root) {
  if (typeof root !== "object" || root === null) return;
  const open = [root];
  while (open.length > 0) {
    const value = open.pop();
    Object.freeze(value);
    for (const inner of Object.values(value)) {
      if (typeof inner === "object" && inner !== null) open.push(inner);
    }
  }
}

/** Makes frozen events of a page's JSON text. `bytes` has the data that is bytes, under the event's place in the page. */
export function unpackEvents(text, bytes) {
  const events = JSON.parse(text);
  // A view with elements cannot be frozen; it is a copy of its own, so that the log is out of reach all the same.
  bytes?.forEach((data, at) => (events[at].data = data));
  for (const event of events) {
    if (!ArrayBuffer.isView(event.data)) freezeAll(event.data);
    freezeAll(event.metadata);
    Object.freeze(event.tags);
    Object.freeze(event);
  }
  return events;
}

/** `pull(false)` gives the next page or undefined, `pull(true)` lets go of what the read holds. */
export async function* iterate(pull) {
  try {
    for (let page = await pull(false); page !== undefined; page = await pull(false)) {
      for (const event of page) yield event;
    }
  } finally {
    pull(true);
  }
}

/** The bytes of a Blob, gzip taken off. */
class Source {
  bytesRead = 0;
  #blob;
  #reader;

  constructor(blob) {
    this.#blob = blob;
  }

  get size() {
    return this.#blob.size;
  }

  async read() {
    this.#reader ??= (await this.#uncompressed()).getReader();
    return (await this.#reader.read()).value;
  }

  cancel() {
    // A stream that has failed says so again; it was told once already.
    this.#reader?.cancel().catch(() => {});
  }

  async #uncompressed() {
    const [first, second] = new Uint8Array(await this.#blob.slice(0, 2).arrayBuffer());
    const count = (chunk, controller) => {
      this.bytesRead += chunk.length;
      controller.enqueue(chunk);
    };
    const bytes = this.#blob.stream().pipeThrough(new TransformStream({ transform: count }));
    const isGzip = first === 0x1f && second === 0x8b;
    return isGzip ? bytes.pipeThrough(new DecompressionStream("gzip")) : bytes;
  }
}

export function openSource(value) {
  if (value instanceof Blob) return new Source(value);
  const isBytes = ArrayBuffer.isView(value) && value[Symbol.toStringTag] === "Uint8Array";
  if (isBytes || typeof value === "string") return new Source(new Blob([value]));
  const member = "source";
  throw new LeftfoldError("invalid-input", "source: a Blob, a string or a Uint8Array is expected", { member });
}

function copyOf(value) {
  if (Array.isArray(value)) return value.map(copyOf);
  if (typeof value !== "object" || value === null) return value;
  const prototype = Object.getPrototypeOf(value);
  // Objects of other windows have another Object's prototype, which has none itself.
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  return isPlain ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, copyOf(inner)])) : value;
}

/** A copy of the plain objects and lists that an argument is made of; what else is in them is the same. */
export function held(argument) {
  try {
    return copyOf(argument);
  } catch {
    // A cycle, a getter that throws: whoever reads it finds that too, and says where.
    return argument;
  }
}

/** A file of parts, which are bytes or Blobs. */
export function blob(parts, type) {
  return new Blob(parts, { type });
}

/** Reports an error that nobody waits for, as the browser reports one that nobody caught. */
export function report(error) {
  if (typeof reportError === "function") reportError(error);
  else console.error(error);
}
