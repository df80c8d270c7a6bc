//! Projections as text: written in a page, folded in a worker that reaches nothing.
//!
//! The dialect is that of KurrentDB's projections: `fromAll()`, `fromStream(s)`, `fromStreams(…)`, `fromCategory(c)`, then
//! `foreachStream()` or `partitionBy(f)`, then `when({ … })` with `$init`, `$initShared`, `$any`, `$deleted` and event types, then
//! `transformBy(f)`, `filterBy(f)`, `outputState()`. Handlers get `(state, event)`; what they return is the state, and when that
//! is nothing, the one they were given. `emit`, `linkTo` and `copyTo` are collected for whoever asks what an event did, and
//! never written. `event.sequenceNumber` counts from zero, as it does there; a stream's version here counts from one. There is no
//! `$created`; the members of an event are read by their names, as a spread copies none of them. Local times
//! of a `Date`, such as `getHours()`, `new Date(2026, 0, 1)` and texts without a zone, are those of UTC, and what depends on a
//! locale is English where none is named: so the results are the same wherever somebody looks. There is no `Intl`.
//!
//! ```js
//! fromCategory('cart').foreachStream().when({
//!   $init: () => ({ units: 0 }),
//!   ItemAdded(state, event) { state.units += event.data.units },
//! })
//! ```
//!
//! A state must be JSON: what JSON turns into something else, such as a `Set`, a `Date` or `NaN`, fails the projection, at the event
//! that made it so, when a state is kept or asked for. Members that are undefined and one object in two places stay what they are: the
//! state at a position is that of one fold of the log without a stop, whichever way it is asked for. Where states go back to a host
//! after each batch, undefined members fail, and one object in two places becomes two.
//!
//! A text may keep nothing outside of its state, as that is what was folded last. Some events are folded twice before they count, the
//! first ones of a pass and then ever fewer, and a text that makes two different states of one fails.
//!
//! The page that folds texts must allow frames with inline scripts and workers from blob addresses, where it has a
//! Content-Security-Policy.
//!
//! `host.js` is this side of the worker, the files in `worker/` the other; `pack.rs` and `worker/event.js` share the layout of a
//! batch.

mod branch;
#[cfg(feature = "js")]
mod carrier;
mod compare;
mod explain;
mod fault;
mod feed;
mod inner;
mod outline;
mod pack;
mod prune;
mod reads;
mod sandbox;
mod scan;
mod search;
mod stalls;
mod timeline;

pub use branch::ScriptBranch;
#[cfg(feature = "js")]
pub(in crate::js) use carrier::{Carried, Carrier};
pub use compare::{ScriptComparison, ScriptSide, compare};
pub use fault::ScriptFault;
pub use outline::{ScriptOutline, ScriptStep};
pub use scan::ScriptScan;
pub use timeline::ScriptTimeline;
