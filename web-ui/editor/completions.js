// What is offered while a projection is typed: the words of the dialect, and what the log has.

import { snippetCompletion } from "@codemirror/autocomplete";
import { syntaxTree } from "@codemirror/language";
import { StateEffect, StateField } from "@codemirror/state";

const set = StateEffect.define();

/** An effect that says what the log has. */
export const withNames = (value) => set.of(value);

/** What the log has: event types with the members of their payloads, categories, streams. */
export const names = StateField.define({
  create: () => ({ types: [], categories: [], streams: [] }),
  update: (value, transaction) => transaction.effects.reduce((now, effect) => (effect.is(set) ? effect.value : now), value),
});

const word = (label, detail, template) =>
  template ? snippetCompletion(template, { label, detail, type: "function" }) : { label, detail, type: "property" };

const SOURCES = [
  word("fromAll", "every event", "fromAll()"),
  word("fromCategory", "streams of a kind", "fromCategory('${}')"),
  word("fromStream", "one stream", "fromStream('${}')"),
  word("fromStreams", "these streams", "fromStreams('${}')"),
  word("log", "shown with the step", "log(${})"),
  word("emit", "shown, never written", "emit('${stream}', '${type}', ${data})"),
  word("linkTo", "shown, never written", "linkTo('${stream}', ${event})"),
  word("copyTo", "shown, never written", "copyTo('${stream}', ${event})"),
];
const CHAIN = [
  word("foreachStream", "a state for each stream", "foreachStream()"),
  word("partitionBy", "a state for each value", "partitionBy((event) => event.${})"),
  word("when", "the handlers", "when({\n\t${}\n})"),
  word("transformBy", "the result of a state", "transformBy((state) => ${state})"),
  word("filterBy", "or no result", "filterBy((state) => ${true})"),
  word("outputState", "the result is the state", "outputState()"),
];
const SPECIAL = [
  word("$init", "the state before the first event", "$init: () => ({ ${} }),"),
  word("$any", "events without a handler", "$any(state, event) {\n\t${}\n},"),
  word("$initShared", "a state that partitions share", "$initShared: () => ({ ${} }),"),
  word("$deleted", "the stream is gone", "$deleted(state, event) {\n\t${}\n},"),
];
const EVENT = [
  word("data", "the payload"),
  word("eventType", "text"),
  word("streamId", "text"),
  word("sequenceNumber", "in its stream, from 0"),
  word("metadata", "object"),
  word("partition", "text"),
  word("created", "when, RFC 3339"),
  word("eventId", "UUID as text"),
  word("isJson", "whether data is there"),
  word("body", "as data"),
  word("bodyRaw", "the payload as text"),
];
const USUAL = ["event", "e", "ev", "evt"];

const handler = ({ name, count }) => {
  const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
  const detail = `${count} event${count === 1 ? "" : "s"}`;
  return snippetCompletion(`${key.replaceAll(/[#$](?=\{)/g, "\\$&")}(state, event) {\n\t\${}\n},`, { label: name, detail, type: "class" });
};

/** The nearest of these around a place. */
function around(node, kinds) {
  for (let at = node; at; at = at.parent) if (kinds.includes(at.name)) return at;
  return null;
}

// A method of an object reads as a property that has parameters.
const FUNCTIONS = ["Property", "MethodDeclaration", "ArrowFunction", "FunctionExpression"];

/** The functions around a place: names of their parameters, and the name of the handler that each is. */
function functionsAround(state, node) {
  const found = [];
  for (let at = around(node, FUNCTIONS); at; at = around(at.parent, FUNCTIONS)) {
    const list = at.getChild("ParamList");
    if (!list) continue;
    const text = ({ from, to }) => state.sliceDoc(from, to);
    const parameters = list.getChildren("VariableDefinition").map(text);
    const named = at.name === "Property" ? at : at.parent?.name === "Property" ? at.parent : null;
    const key = named?.getChild("PropertyDefinition") ?? named?.getChild("String");
    found.push({ parameters, handler: key && text(key).replaceAll(/^["']|["']$/g, "") });
  }
  return found;
}

/** The members of payloads beneath a path: of one event type where it is known, else of all. */
function members(types, handlerName, path) {
  const known = types.filter(({ name }) => name === handlerName);
  const found = new Map();
  for (const { name, members } of known.length > 0 ? known : types) {
    for (const member of members) {
      const steps = member.path;
      if (steps.length !== path.length + 1 || path.some((step, i) => steps[i] !== step)) continue;
      const last = steps.at(-1);
      if (!/^[A-Za-z_$][\w$]*$/.test(last)) continue;
      const entry = found.get(last) ?? { kind: member.kind, in: [] };
      entry.in.push(name);
      found.set(last, entry);
    }
  }
  const where = (types) => (types.length === 1 ? ` in ${types[0]}` : ` in ${types.length} types`);
  return [...found].map(([label, { kind, in: types }]) => ({ label, type: "property", detail: kind + (known.length > 0 ? "" : where(types)) }));
}

const INSIDE = /[\w$]*$/;

/** What may stand behind a dot. */
function afterDot(context, state, node) {
  const line = state.doc.lineAt(context.pos);
  const before = state.sliceDoc(line.from, context.pos).replaceAll("?.", ".");
  const chain = /([A-Za-z_$][\w$]*)((?:\.[A-Za-z_$][\w$]*)*)\.[\w$]*$/.exec(before);
  const typed = context.matchBefore(INSIDE);
  const from = typed?.from ?? context.pos;
  if (!chain) return /(?:\)|^\s*)\.[\w$]*$/.test(before) ? { from, options: CHAIN, validFor: INSIDE } : null;
  const [, root, rest] = chain;
  const path = rest.split(".").filter(Boolean);
  const functions = functionsAround(state, node);
  const isEvent = USUAL.includes(root) || functions.some(({ parameters }) => parameters[1] === root);
  if (!isEvent) return null;
  if (path.length === 0) return { from, options: EVENT, validFor: INSIDE };
  if (!["data", "body"].includes(path[0])) return null;
  const types = state.field(names).types.map(({ name }) => name);
  const handlerName = functions.find(({ handler }) => types.includes(handler))?.handler;
  return { from, options: members(state.field(names).types, handlerName, path.slice(1)), validFor: INSIDE };
}

/** Names of the log within quotes. */
function withinQuotes(context, state, text) {
  const call = around(text, ["CallExpression"]);
  const callee = call && state.sliceDoc(call.from, call.firstChild?.to ?? call.from);
  const { categories, streams } = state.field(names);
  const offered = /^fromCategor/.test(callee) ? categories : /^fromStream/.test(callee) ? streams : null;
  if (!offered) return null;
  return { from: text.from + 1, options: offered.map((label) => ({ label, type: "text" })), validFor: /^[^'"]*$/ };
}

/** The source of completions for CodeMirror. */
export function completions(context) {
  const { state, pos } = context;
  const node = syntaxTree(state).resolveInner(pos, -1);
  if (around(node, ["LineComment", "BlockComment"])) return null;
  const text = around(node, ["String"]);
  if (text && pos > text.from && pos <= text.to) return withinQuotes(context, state, text);
  if (context.matchBefore(/\.[\w$]*$/)) return afterDot(context, state, node);
  const typed = context.matchBefore(/[\w$]+$/);
  if (!typed && !context.explicit) return null;
  const from = typed?.from ?? pos;
  const place = around(node, ["ObjectExpression", "Block", "ArgList", "Script"]);
  // A handler that is being typed reads as a name within the object.
  const options = place?.name === "ObjectExpression" ? [...state.field(names).types.map(handler), ...SPECIAL] : SOURCES;
  return { from, options, validFor: INSIDE };
}
