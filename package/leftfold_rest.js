// The rest of the compiled code: what an application does not need at its start. The first part loads it with the first
// call that needs it. The two are one program: they are of one compilation, and share its memory.

let compiled;

/**
 * Takes the code from elsewhere than from beside this module, if it is called before it is needed: `module_or_path` may
 * be a URL, a `Response`, bytes or a `WebAssembly.Module`, or a promise of one. Without an argument it only loads it early.
 */
export default async function init(options) {
  const { module_or_path: source = new URL("leftfold_rest_bg.wasm", import.meta.url) } = options ?? {};
  const asked = compile(source);
  compiled = asked;
  try {
    await asked;
  } catch (error) {
    // The next call tries again.
    if (compiled === asked) compiled = undefined;
    throw error;
  }
}

/** Makes it a part of the program whose first part has these exports. */
export async function link(exports) {
  if (compiled === undefined) await init();
  await WebAssembly.instantiate(await compiled, { __wasm_split: exports });
}

async function compile(given) {
  let source = await given;
  if (typeof source === "string" || source instanceof URL || source instanceof Request) source = await fetch(source);
  if (source instanceof WebAssembly.Module) return source;
  if (!(source instanceof Response)) return WebAssembly.compile(source);
  if (!source.ok) throw new Error(`${source.url}: ${source.status} ${source.statusText}`);
  const isAnnounced = source.headers.get("Content-Type")?.startsWith("application/wasm");
  return isAnnounced ? WebAssembly.compileStreaming(source) : WebAssembly.compile(await source.arrayBuffer());
}
