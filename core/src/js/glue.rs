//! What is imported from `glue.js`, `parts.js` and `fold.js`.

use js_sys::{Array, AsyncIterator, Function, JsString, Uint8Array};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/js/glue.js")]
extern "C" {
    /// The error class.
    #[wasm_bindgen(extends = js_sys::Error)]
    #[derive(Clone, Debug)]
    pub(super) type LeftfoldError;

    #[wasm_bindgen(constructor)]
    pub(super) fn new(code: &str, message: &str, details: JsValue, cause: JsValue) -> LeftfoldError;

    /// Not a function to call: it makes the module export the class. As a type it would bring a TypeScript definition
    /// of its own, which knows nothing of the class.
    #[wasm_bindgen(js_name = LeftfoldError, reexport, skip_typescript)]
    fn exported_class();

    /// The JSON text of an array of events; `bytes` receives the data that is bytes, by the number of the event.
    #[wasm_bindgen(js_name = packEvents, catch)]
    pub(super) fn pack_events(events: &JsValue, bytes: &Array) -> Result<String, JsValue>;

    /// The JSON text of a commit; `bytes` as for [`pack_events`], numbered through all writes.
    #[wasm_bindgen(js_name = packCommit, catch)]
    pub(super) fn pack_commit(commit: &JsValue, bytes: &Array) -> Result<String, JsValue>;

    /// Frozen events from the JSON text of a page.
    #[wasm_bindgen(js_name = unpackEvents, catch)]
    pub(super) fn unpack_events(text: &str, bytes: Option<Array>) -> Result<Array, JsValue>;

    /// An async iterator over pages that `pull` gives.
    pub(super) fn iterate(pull: JsValue) -> AsyncIterator;

    /// The bytes of a file, a text or an array.
    #[derive(Clone, Debug)]
    pub(super) type Source;

    /// Takes what an import was given; throws when it has no bytes.
    #[wasm_bindgen(js_name = openSource, catch)]
    pub(super) fn open_source(value: &JsValue) -> Result<Source, JsValue>;

    /// The next bytes, uncompressed; undefined at the end.
    #[wasm_bindgen(method, catch)]
    pub(super) async fn read(this: &Source) -> Result<JsValue, JsValue>;

    /// Lets go of the file.
    #[wasm_bindgen(method)]
    pub(super) fn cancel(this: &Source);

    /// Bytes of the source, compressed or not.
    #[wasm_bindgen(method, getter)]
    pub(super) fn size(this: &Source) -> f64;

    /// Bytes of the source that were read.
    #[wasm_bindgen(method, getter, js_name = bytesRead)]
    pub(super) fn bytes_read(this: &Source) -> f64;

    /// A copy of an argument that is to be read later: what is changed in it meanwhile changes nothing.
    pub(super) fn held(argument: &JsValue) -> JsValue;

    /// `FormatReader` of `format_reader.rs`, where its methods are described.
    pub(super) type FormatReader;

    #[wasm_bindgen(method, catch)]
    pub(super) fn push(this: &FormatReader, bytes: &[u8]) -> Result<Option<Uint8Array>, JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn finish(this: &FormatReader) -> Result<Option<Uint8Array>, JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn rest(this: &FormatReader) -> Result<Option<Uint8Array>, JsValue>;

    #[wasm_bindgen(method, getter)]
    pub(super) fn events(this: &FormatReader) -> f64;

    #[wasm_bindgen(method, catch)]
    pub(super) fn report(this: &FormatReader) -> Result<String, JsValue>;

    /// Lets go of its memory.
    #[wasm_bindgen(method)]
    pub(super) fn free(this: &FormatReader);

    /// A Blob of parts that are bytes or Blobs; throws when the browser has no room.
    #[wasm_bindgen(catch)]
    pub(super) fn blob(parts: &Array, media_type: &str) -> Result<JsValue, JsValue>;

    /// Reports an error that nobody waits for.
    pub(super) fn report(error: &JsValue);
}

#[wasm_bindgen(module = "/src/js/parts.js")]
extern "C" {
    /// A reader in the module that reads files, which is loaded when it was not yet. The options are JSON.
    #[wasm_bindgen(js_name = openFormatReader, catch)]
    pub(super) async fn open_format_reader(options: &str) -> Result<JsValue, JsValue>;

    /// Loads the rest of the code for the program of these exports and this module, when it was not loaded yet.
    #[cfg(feature = "js-split")]
    #[wasm_bindgen(js_name = loadRest, catch)]
    pub(super) async fn load_rest(exports: &JsValue, module: &JsValue) -> Result<(), JsValue>;

    /// Not called from here: it makes the module export the function, for `leftfold_rest.js`.
    #[cfg(feature = "js-split")]
    #[wasm_bindgen(js_name = initRest, reexport, skip_typescript)]
    fn exported_init_rest();
}

#[wasm_bindgen(module = "/src/js/fold.js")]
extern "C" {
    /// Calls an upcaster with an event; gives the type, or null, and the JSON text of the data of each payload in turn.
    #[wasm_bindgen(js_name = callUpcast, catch)]
    pub(super) fn call_upcast(upcast: &Function, event: &JsValue) -> Result<Array, JsValue>;

    /// Calls a handler with a state and an event; gives the state after it.
    #[wasm_bindgen(js_name = callHandler, catch)]
    pub(super) fn call_handler(handler: &Function, state: &JsValue, event: &JsValue) -> Result<JsValue, JsValue>;

    /// Calls a function that names the partition of an event.
    #[wasm_bindgen(js_name = callPartition, catch)]
    pub(super) fn call_partition(partition_by: &Function, event: &JsValue) -> Result<Option<String>, JsValue>;

    /// The JSON text of a state, which throws when it has none that says it all.
    #[wasm_bindgen(js_name = stateText, catch)]
    pub(super) fn state_text(state: &JsValue) -> Result<JsString, JsValue>;

    /// The JSON text of the state to begin with, a value or a function that gives it.
    #[wasm_bindgen(js_name = initialText, catch)]
    pub(super) fn initial_text(initial: &JsValue) -> Result<JsString, JsValue>;

    /// A read-only view of a state.
    pub(super) fn view(state: &JsValue) -> JsValue;
}

#[wasm_bindgen]
extern "C" {
    /// The value of a JSON text that stays in JavaScript.
    #[wasm_bindgen(js_namespace = JSON, catch)]
    pub(super) fn parse(text: &JsString) -> Result<JsValue, JsValue>;
}
