//! What tests of a domain, of a storage adapter, and of whatever stands on the engine, need.
//!
//! - **Given, when, then** for deciders, projections and upcasters: [`DeciderScenario`], [`ProjectionScenario`],
//!   [`UpcasterScenario`].
//! - The **contract suite**: what every storage must do under the engine, case by case ([`contract`]). An adapter shows
//!   how its database is opened and how its bytes are reached ([`Fixture`]), and runs every case that
//!   [`contract_cases!`](crate::contract_cases) lists as a test of its own.
//! - The **model** ([`walk`]): random commits, reads, bulks and reopenings, compared with a log that is nothing but a
//!   list.
//! - **Faults** ([`FaultyStorage`]): a storage around another one that fails, waits, forgets nudges or dies on demand.
//! - A **host with a seed** ([`SimHost`]): it runs tasks in an order that the seed decides, with a clock of its own, so
//!   that an unlucky order can be found once and repeated ever after.

pub mod contract;
mod faults;
mod fixture;
mod kit;
mod model;
mod sim;
mod walk;

pub use crate::storage::memory::Table;
pub use faults::{Call, Faults, FaultyStorage, Moment};
pub use fixture::{Fixture, MemoryFixture};
pub use kit::{Decided, DeciderScenario, Lifted, ProjectionScenario, UpcasterScenario, past_tense_warning, recorded};
pub use sim::SimHost;
pub use walk::walk;
