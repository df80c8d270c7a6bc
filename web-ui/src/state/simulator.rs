//! The simulator: writes events to the sample store from this tab, at a chosen rate.

use futures_util::future::try_join_all;
use leftfold_core::{Commit, Durability, ExpectedVersion};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::browser::{now_ms, sleep};
use super::{App, Phase, Trouble};
use crate::model::page_url::PageUrl;
use crate::sample::{self, Simulator};

/// How often the simulator writes.
const TICK_MS: i32 = 50;
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
            if !is_open && !self.open_at(sample::STORE.to_owned(), PageUrl::default()).await {
                return;
            }
            let epoch = self.epoch();
            let number = self.simulator.get_untracked().map_or(0, |status| status.number + 1);
            self.simulator.set(Some(SimulatorStatus { rate, number }));
            if let Err(trouble) = self.simulate(epoch, number).await {
                self.complain("The simulator stopped", trouble);
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

    async fn simulate(self, epoch: u64, number: u64) -> Result<(), Trouble> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "any number is a seed")]
        let seed = js_sys::Date::now() as u64;
        let mut simulator = Simulator::new(seed);
        let mut owed = 1.0;
        let mut before = now_ms();
        loop {
            let running = self.simulator.get_untracked().filter(|status| status.number == number);
            let (Some(status), Some(store)) = (running, self.store()) else { return Ok(()) };
            if self.epoch() != epoch {
                return Ok(());
            }
            let mut commits = Vec::new();
            while owed >= 1.0 {
                owed -= 1.0;
                let (stream, event) = simulator.next_event()?;
                let commit = Commit::to_stream(stream, ExpectedVersion::Any, vec![event]);
                commits.push(store.commit_with(commit, Durability::Relaxed));
            }
            try_join_all(commits).await?;
            sleep(TICK_MS).await;
            let now = now_ms();
            owed = (owed + (now - before) / 1_000.0 * status.rate).min(MOST_AT_ONCE);
            before = now;
        }
    }
}
