//! What-if branches as data: where they leave the log, and what is different from there on.
//!
//! A [`NamedBranch`] is a list of [`Change`]s. An [`Arrangement`] is what comes of them: which events stand where, which are
//! left out and which have other data. The log is never part of it.

mod arrangement;
mod became;
mod change;
mod drafts;
mod named;
mod rerun;
mod scenario;
mod shelf;
#[cfg(test)]
mod tests;
mod text;

pub use arrangement::{Arrangement, Slot, Standing};
pub use became::{Became, changed, tally};
pub use change::{Change, EventRef, Inserted, InvalidChange};
pub use drafts::Drafts;
pub use named::{InvalidBranch, LONGEST_NAME, NamedBranch};
pub use rerun::{Redecided, Refused, Rerun};
pub use scenario::{Folded, Given, Scenario, Side};
pub use shelf::Branches;
pub use text::{JsonFault, JsonText};
