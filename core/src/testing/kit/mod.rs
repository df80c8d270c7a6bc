//! Given, when, then: tests of a domain without a store.
//!
//! ```
//! # use leftfold_core::{Decider, DomainEvent};
//! # use serde::{Deserialize, Serialize};
//! # #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
//! # enum SeatEvent { SeatReserved { guest: String } }
//! # impl DomainEvent for SeatEvent {}
//! # #[derive(Debug, PartialEq, thiserror::Error)]
//! # #[error("the seat is taken")]
//! # struct Taken;
//! # struct Seat;
//! # impl Decider for Seat {
//! #     type State = Option<String>;
//! #     type Command = String;
//! #     type Event = SeatEvent;
//! #     type Rejection = Taken;
//! #     fn name(&self) -> &str { "seat" }
//! #     fn initial_state(&self) -> Option<String> { None }
//! #     fn decide(&self, guest: &Option<String>, command: &String) -> Result<Vec<SeatEvent>, Taken> {
//! #         if guest.is_some() { return Err(Taken) }
//! #         Ok(vec![SeatEvent::SeatReserved { guest: command.clone() }])
//! #     }
//! #     fn evolve(&self, _: Option<String>, SeatEvent::SeatReserved { guest }: SeatEvent) -> Option<String> { Some(guest) }
//! # }
//! use leftfold_core::testing::DeciderScenario;
//!
//! let reserved = SeatEvent::SeatReserved { guest: "Ada".to_owned() };
//! DeciderScenario::new(Seat).when("Ada".to_owned()).then([reserved.clone()]).then_state(Some("Ada".to_owned()));
//! DeciderScenario::new(Seat).given([reserved]).when("Bo".to_owned()).then_error(Taken);
//! ```

mod decider;
mod projection;
mod recorded;
mod tense;
mod upcaster;

pub use decider::{Decided, DeciderScenario};
pub use projection::ProjectionScenario;
pub use recorded::recorded;
pub use tense::past_tense_warning;
pub use upcaster::{Lifted, UpcasterScenario};
