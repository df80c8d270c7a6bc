//! The JavaScript classes: `EventStore`, `Subscription`, `Projection`, `Timeline`, `Branch`, `LeftfoldError`. These are
//! the only exports of the compiled module.
//!
//! What crosses from JavaScript is checked here and becomes a type of the domain, or a `LeftfoldError` that names the
//! member; what crosses back is plain objects. Types for TypeScript are generated from the Rust types that read and
//! write them. Options and reports cross member by member, through serde-wasm-bindgen; events cross as one JSON text a
//! call or a page. A page made member by member takes more than twice as long.
//!
//! Not there yet: definitions as text of projections that are kept up with the log, and branches of them.
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

mod branch;
mod commit;
mod definition;
mod export;
mod failure;
mod glue;
mod import;
mod options;
mod prepared;
mod projection;
mod reader;
mod recorded;
mod reports;
mod signal;
mod state;
mod store;
mod subscription;
mod text;
mod timeline;
mod upcast;
mod value;

use wasm_bindgen::prelude::*;

pub use branch::JsBranch;
pub use projection::JsProjection;
pub use store::JsEventStore;
pub use subscription::JsSubscription;
pub use timeline::JsTimeline;

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
#[wasm_bindgen(start, skip_typescript)]
fn start() {
    console_error_panic_hook::set_once();
}
