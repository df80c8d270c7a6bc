//! The simulator: writes events to the sample store from this tab, at a chosen rate.

use leftfold_core::{Durability, EventStore};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::browser::{now_ms, sleep};
use super::{App, Phase, Trouble};
use crate::model::page_url::PageUrl;
use crate::sample::{self, LiveSimulator};

/// How often the simulator writes.
const TICK_MS: u64 = 50;
/// The most events of one commit: after a long sleep of the tab it goes on, it does not catch up.
const MOST_AT_ONCE: f64 = 50.0;

/// A simulator that runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SimulatorStatus {
    /// Events a second.
    pub(crate) rate: f64,
    number: u64,
}

impl App {
    /// Opens the sample store and writes to it until it is stopped or the store is left.
    pub(crate) fn start_simulator(self, rate: f64) {
        spawn_local(async move {
            let is_open = matches!(self.phase.get_untracked(), Phase::Open { name } if name == sample::STORE);
            let opened =
                if is_open { self.store() } else { self.open_at(sample::STORE.to_owned(), PageUrl::default()).await };
            let Some(store) = opened else { return };
            let epoch = self.epoch();
            let number = self.next_number();
            self.simulator.set(Some(SimulatorStatus { rate, number }));
            if let Err(trouble) = self.simulate(&store, epoch, number).await {
                // Who stopped it, or left its store, knows.
                if self.running_simulator(epoch, number).is_some() {
                    self.complain("The simulator stopped", trouble);
                }
            }
            self.simulator.update(|status| {
                if status.is_some_and(|status| status.number == number) {
                    *status = None;
                }
            });
            self.list_stores().await;
        });
    }

    /// Lets it write no more.
    pub(crate) fn stop_simulator(&self) {
        self.simulator.set(None);
    }

    async fn simulate(self, store: &EventStore, epoch: u64, number: u64) -> Result<(), Trouble> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "any number is a seed")]
        let (seed, opens_micros) = (js_sys::Date::now() as u64, js_sys::Date::now() as i64 * 1_000);
        let mut simulator = LiveSimulator::new(store, seed, opens_micros)?;
        let mut owed = 1.0;
        let mut before = now_ms();
        loop {
            while owed >= 1.0 {
                let Some(_) = self.running_simulator(epoch, number) else { return Ok(()) };
                #[expect(clippy::cast_precision_loss, reason = "a command makes some events")]
                let made = simulator.step(Durability::Relaxed).await? as f64;
                owed -= made;
            }
            sleep(TICK_MS).await;
            let Some(status) = self.running_simulator(epoch, number) else { return Ok(()) };
            let now = now_ms();
            owed = (owed + (now - before) / 1_000.0 * status.rate).min(MOST_AT_ONCE);
            before = now;
        }
    }

    /// The simulator of this number, as long as nothing stopped it and its store is open.
    fn running_simulator(self, epoch: u64, number: u64) -> Option<SimulatorStatus> {
        let running = self.simulator.get_untracked().filter(|status| status.number == number);
        running.filter(|_| self.epoch() == epoch)
    }
}
