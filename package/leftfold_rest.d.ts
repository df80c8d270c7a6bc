/** Where the code is: a URL, a `Response`, bytes or a `WebAssembly.Module`. */
export type RestInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;

/**
 * Loads the rest of the compiled code before it is needed, from beside this module or from elsewhere. Without this call it
 * is loaded with the first call that needs it.
 */
export default function init(given?: { module_or_path?: RestInput | Promise<RestInput> } | RestInput | Promise<RestInput>): Promise<void>;
