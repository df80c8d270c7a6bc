// Loading the further parts of the package with the first call that needs them, and again where that has failed.
//
// The paths are as the files lie beside the package's first module, seen from here; written out, so that bundlers see them.

import { LeftfoldError } from "./glue.js";

/** A promise of the rest of the code, once it was asked for. */
let compiled;

/** Of each program, by what its first part exports: a promise of the rest being linked with it. */
const linked = new WeakMap();

/** The rest as it lies beside the module. */
function fetchRest(cache) {
  return fetch(new URL("../../../../leftfold_rest_bg.wasm", import.meta.url), { cache });
}

async function compile(given) {
  let source = await given;
  if (typeof source === "string" || source instanceof URL || source instanceof Request) source = await fetch(source);
  if (source instanceof WebAssembly.Module) return source;
  if (!(source instanceof Response)) return WebAssembly.compile(source);
  if (!source.ok) throw new Error(`${source.url}: ${source.status} ${source.statusText}`);
  // What streams has exactly this type: parameters behind it are refused.
  const isStreamed = source.headers.get("Content-Type") === "application/wasm";
  return isStreamed ? WebAssembly.compileStreaming(source) : WebAssembly.compile(await source.arrayBuffer());
}

function ask(source) {
  const asked = compile(source);
  compiled = asked;
  asked.catch(() => {
    // The next call tries again.
    if (compiled === asked) compiled = undefined;
  });
  return asked;
}

/**
 * Takes the rest of the code from elsewhere than from beside the module, if it is called before it is needed: what it
 * takes is what `init` takes. Without an argument it only loads it early, once however often it is called.
 */
export async function initRest(given = {}) {
  const isNamed = Object.getPrototypeOf(given) === Object.prototype;
  const { module_or_path: source } = isNamed ? given : { module_or_path: given };
  await (source === undefined ? (compiled ?? ask(fetchRest())) : ask(source));
}

/** Of which build a compiled module is. */
function buildOf(module) {
  return WebAssembly.Module.customSections(module, "leftfold-build").map((bytes) => new Uint8Array(bytes)).join();
}

/** Makes the rest a part of the program whose first part has these exports: they share a memory, and so must be of one build. */
async function link(exports, module) {
  const build = buildOf(module);
  let rest = await (compiled ?? ask(fetchRest()));
  // The browser may have kept that of an earlier version.
  if (buildOf(rest) !== build) rest = await ask(fetchRest("reload")).catch(() => rest);
  if (buildOf(rest) !== build) {
    compiled = undefined;
    throw new Error("another version of the package is on the server; reload the page");
  }
  await WebAssembly.instantiate(rest, { __wasm_split: exports });
}

/** Loads the rest of the code for the program whose first part has these exports and is this module. */
export function loadRest(exports, module) {
  let loaded = linked.get(exports);
  if (loaded === undefined) {
    loaded = link(exports, module).catch((error) => {
      // The next call tries again.
      linked.delete(exports);
      throw new LeftfoldError("aborted", `the rest of the code could not be loaded: ${error}`, {}, error);
    });
    linked.set(exports, loaded);
  }
  return loaded;
}

let formats;

/** A reader in the package's second module, which is loaded with the first file that is read. */
export async function openFormatReader(options) {
  formats ??= import("../../../../leftfold_formats.js").then(async (module) => {
    await module.default();
    return module;
  });
  const asked = formats;
  let module;
  try {
    module = await asked;
  } catch (error) {
    // The next import tries again; only a browser may go on without asking for the JavaScript, which it knows to be missing.
    if (formats === asked) formats = undefined;
    const message = `the code that reads files could not be loaded; if it cannot be a second time, reload the page: ${error}`;
    throw new LeftfoldError("aborted", message, {}, error);
  }
  return new module.FormatReader(options);
}
