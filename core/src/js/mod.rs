//! The JavaScript classes: `EventStore`, `Subscription`, `Projection`, `Timeline`, `Branch`, `LeftfoldError`. These are
//! the only exports of the compiled module.
//!
//! What crosses from JavaScript is checked here and becomes a type of the domain, or a `LeftfoldError` that names the
//! member; what crosses back is plain objects. Types for TypeScript are generated from the Rust types that read and
//! write them. Options are read member by member ([`members`]), reports cross as JSON text, and events as one JSON text a
//! call or a page. A page made member by member takes more than twice as long.
//!
//! The package has three compiled parts, for an application should not load at its start what it may never need. The first
//! two are made with the feature `js-split`, of one compilation: what most applications need at once, and [`rest`]. The third
//! is made with `js-formats`: the class `FormatReader`, which makes packed events of bytes ([`format_reader`]). The import
//! hands it the bytes, and stores the events that come back, as it would its own. With `js` the first two are one.
//!
//! `cargo xtask package` makes an npm package of it, in `pkg`; it needs no bundler:
//!
//! ```js
//! import init, { EventStore } from "./pkg/leftfold.js";
//! await init();
//! const store = await EventStore.open("shop");
//! await store.append("order-1", { type: "OrderPlaced", data: { units: 25 } }, { expectedVersion: "no-stream" });
//! for await (const event of store.read()) console.log(event.position, event.type);
//! ```

#[cfg(feature = "js")]
mod branch;
#[cfg(feature = "js")]
mod commit;
#[cfg(feature = "js")]
mod definition;
#[cfg(feature = "js")]
mod export;
#[cfg(any(feature = "js", feature = "js-formats"))]
mod failure;
#[cfg(feature = "js")]
mod folded;
#[cfg(feature = "js-formats")]
mod format_reader;
#[cfg(any(feature = "js", feature = "js-formats"))]
mod glue;
#[cfg(feature = "js")]
mod import;
#[cfg(any(feature = "js", feature = "js-formats"))]
mod import_types;
#[cfg(any(feature = "js", feature = "js-formats"))]
mod members;
#[cfg(any(feature = "js", feature = "js-formats"))]
mod options;
#[cfg(feature = "js")]
mod prepared;
#[cfg(feature = "js")]
mod projection;
#[cfg(feature = "js")]
mod reader;
#[cfg(feature = "js")]
mod recorded;
#[cfg(any(feature = "js", feature = "js-formats"))]
mod reports;
#[cfg(feature = "js")]
mod rest;
#[cfg(feature = "script")]
pub mod script;
#[cfg(any(feature = "js", feature = "js-formats"))]
mod signal;
#[cfg(feature = "js")]
mod state;
#[cfg(feature = "js")]
mod store;
#[cfg(feature = "js")]
mod subscription;
#[cfg(feature = "js")]
mod text;
#[cfg(feature = "js")]
mod text_path;
#[cfg(feature = "js")]
mod timeline;
#[cfg(feature = "js")]
mod upcast;
#[cfg(any(feature = "js", feature = "js-formats"))]
mod value;

#[cfg(any(feature = "js", feature = "js-formats"))]
use wasm_bindgen::prelude::*;

#[cfg(feature = "js")]
pub use branch::JsBranch;
#[cfg(feature = "js-formats")]
pub use format_reader::JsFormatReader;
#[cfg(feature = "js")]
pub use projection::JsProjection;
#[cfg(feature = "js")]
pub use store::JsEventStore;
#[cfg(feature = "js")]
pub use subscription::JsSubscription;
#[cfg(feature = "js")]
pub use timeline::JsTimeline;

#[cfg(any(feature = "js", feature = "js-formats"))]
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** What JSON can hold. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What a writer believes of a stream; a number is the version of its last event, 0 is the empty stream. */
export type ExpectedVersion = "any" | "no-stream" | "stream-exists" | number;

/** A moment: an RFC 3339 string, a Date, or milliseconds since 1970. */
export type TimeInput = string | Date | number;

/**
 * What calls reject with. `code` is stable; `details` depends on it, `cause` is the error behind it if there is one.
 *
 * With `projection-failed`, `details.reason` is "failed" when a function of the projection, or the state that it makes, is to
 * blame, "rebuilding" while the state is made anew and cannot be read yet, and "superseded" when a newer version of the
 * application has made it.
 */
export class LeftfoldError extends Error {
  private constructor();
  readonly code:
    | "wrong-expected-version" | "condition-failed" | "duplicate-event-id"
    | "invalid-event" | "invalid-commit" | "invalid-query" | "invalid-input"
    | "quota-exceeded" | "storage-unavailable" | "storage-blocked" | "storage-closed" | "storage-aborted"
    | "newer-format" | "corrupt" | "unsupported-format" | "aborted" | "upcast-failed" | "projection-failed";
  readonly details: { [key: string]: Json };
}
"#;

/// A panic is a defect; it must not go by without a word in the console.
#[cfg(any(feature = "js", feature = "js-formats"))]
#[wasm_bindgen(start, skip_typescript)]
fn start() {
    console_error_panic_hook::set_once();
}
