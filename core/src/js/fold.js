// The JavaScript half of folds: calling the page's functions, and its states as JSON.

/** Whether all of it is a list of payloads: objects that have a string `type` and `data`, and nothing else. */
function isPayloads(value) {
  const isPayload = (item) =>
    typeof item === "object" &&
    item !== null &&
    typeof item.type === "string" &&
    Object.hasOwn(item, "data") &&
    Object.keys(item).length === 2;
  return Array.isArray(value) && value.every(isPayload);
}

/** What JSON would silently leave out or turn into something else. */
function strangerTo(value) {
  switch (typeof value) {
    case "number":
      return Number.isFinite(value) ? undefined : String(value);
    case "bigint":
    case "function":
    case "symbol":
      return `a ${typeof value}`;
    case "object": {
      if (value === null || Array.isArray(value)) return undefined;
      if (typeof value.then === "function") return "a promise";
      const prototype = Object.getPrototypeOf(value);
      // Objects of other windows have another Object's prototype, which has none itself.
      const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
      return isPlain ? undefined : `an object of the class ${value.constructor?.name}`;
    }
    default:
      return undefined;
  }
}

/** The JSON text of a value, if it is the same when it is read again. */
function exactly(root) {
  if (root === undefined) throw new TypeError("undefined is not JSON");
  const text = JSON.stringify(root);
  // What has no end was refused above. Without recursion: values may be nested deeper than a call stack.
  const open = [root];
  while (open.length > 0) {
    const value = open.pop();
    const stranger = strangerTo(value);
    if (stranger !== undefined) throw new TypeError(`${stranger} is not JSON`);
    if (typeof value !== "object" || value === null) continue;
    if (Array.isArray(value) && value.includes(undefined)) throw new TypeError("undefined in an array is not JSON");
    for (const name of Object.keys(value)) {
      const inner = value[name];
      // It would be there until the state is read anew, and then not.
      if (inner === undefined) throw new TypeError(`its member ${JSON.stringify(name)}, which is undefined, is not JSON; delete it, or make it null`);
      if (inner !== null && typeof inner !== "string") open.push(inner);
    }
  }
  return text;
}

/** Calls an upcaster. Gives type and JSON text of each payload in turn, the type null where it stays what it is. */
export function callUpcast(upcast, event) {
  const lifted = upcast(event.data, event);
  const payloads = isPayloads(lifted) ? lifted.map(({ type, data }) => [type, data]) : [[null, lifted]];
  for (const [, data] of payloads) {
    if (data === undefined) throw new TypeError("undefined is not JSON");
    const stranger = strangerTo(data);
    if (stranger !== undefined) throw new TypeError(`${stranger} is not JSON`);
  }
  return payloads.flatMap(([type, data]) => [type, JSON.stringify(data)]);
}

/** Calls a handler. Gives the state after the event: what it returns, or the state that it was given and has changed. */
export function callHandler(handler, state, event) {
  const next = handler(state, event);
  if (next === undefined) return state;
  const stranger = strangerTo(next);
  if (stranger !== undefined) throw new TypeError(`the handler gave ${stranger}, which is not JSON`);
  return next;
}

/** Calls a function that names a partition; undefined leaves the event out. */
export function callPartition(partitionBy, event) {
  const name = partitionBy(event) ?? undefined;
  if (name !== undefined && typeof name !== "string") {
    throw new TypeError(`partitionBy gave a ${typeof name}; a string or undefined is expected`);
  }
  // It has no text in UTF-8: two names would become one.
  if (/\p{Surrogate}/u.test(name)) throw new TypeError("partitionBy gave half of a surrogate pair, which is no character");
  return name;
}

/** The JSON text of a state. */
export function stateText(state) {
  return exactly(state);
}

/** The JSON text of the state that a projection begins with: a value, or what a function gives. */
export function initialText(initial) {
  return exactly(typeof initial === "function" ? initial() : initial);
}

const readOnly = {
  get: (target, key) => view(target[key]),
  getOwnPropertyDescriptor(target, key) {
    const found = Object.getOwnPropertyDescriptor(target, key);
    return found && { ...found, value: view(found.value) };
  },
  set: refuse,
  defineProperty: refuse,
  deleteProperty: refuse,
  setPrototypeOf: refuse,
  preventExtensions: refuse,
};

function refuse() {
  throw new TypeError("the state that a predicate is given cannot be changed");
}

/** A state to look at: it shows what the state is, and refuses changes. */
export function view(state) {
  if (typeof state !== "object" || state === null) return state;
  // A proxy of what is frozen must show the very values in it, which may not be frozen themselves.
  if (Object.isFrozen(state)) return new Proxy(Array.isArray(state) ? [...state] : { ...state }, readOnly);
  return new Proxy(state, readOnly);
}
