//! What is imported from `glue.js`.

use js_sys::{Array, AsyncIterator};
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

    /// Reports an error that nobody waits for.
    pub(super) fn report(error: &JsValue);
}
