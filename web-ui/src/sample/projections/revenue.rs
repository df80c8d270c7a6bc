//! What came in and what went back.

use imbl::OrdMap;
use leftfold_core::{BoxError, Projection, Query, RecordedEvent};
use serde::{Deserialize, Serialize};

use super::of_types;
use crate::sample::fact::Fact;
use crate::sample::lines::{Line, cents};
use crate::sample::payment::PaymentEvent;

/// Captured less refunded, in all and by the hour in which it happened (UTC).
#[derive(Clone, Copy, Debug, Default)]
pub struct Revenue;

/// The revenue, in cents.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RevenueState {
    /// What came in.
    pub captured_cents: i64,
    /// What went back.
    pub refunded_cents: i64,
    /// What stayed.
    pub net_cents: i64,
    /// By hour, such as `2026-03-14T09`.
    pub hours: OrdMap<String, Hour>,
}

/// The revenue of an hour, in cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hour {
    /// What came in.
    pub captured_cents: i64,
    /// What went back.
    pub refunded_cents: i64,
}

impl RevenueState {
    fn book(&mut self, event: &RecordedEvent, captured: &[Line], refunded: &[Line]) {
        let (captured, refunded) = (cents(captured), cents(refunded));
        self.captured_cents += captured;
        self.refunded_cents += refunded;
        self.net_cents = self.captured_cents - self.refunded_cents;
        let mut name = event.time().to_string();
        name.truncate("2026-03-14T09".len());
        let hour = self.hours.entry(name).or_default();
        hour.captured_cents += captured;
        hour.refunded_cents += refunded;
    }
}

impl Projection for Revenue {
    type State = RevenueState;

    fn name(&self) -> &str {
        "revenue"
    }

    fn query(&self) -> Query {
        of_types(["PaymentCaptured", "RefundIssued"])
    }

    fn initial(&self) -> RevenueState {
        RevenueState::default()
    }

    fn apply(&self, state: &mut RevenueState, event: &RecordedEvent) -> Result<(), BoxError> {
        match Fact::read(event)? {
            Some(Fact::Payment(PaymentEvent::PaymentCaptured { lines, .. })) => state.book(event, &lines, &[]),
            Some(Fact::Payment(PaymentEvent::RefundIssued { lines, .. })) => state.book(event, &[], &lines),
            _ => {}
        }
        Ok(())
    }
}
