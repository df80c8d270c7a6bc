//! What each customer is worth.

use imbl::OrdMap;
use leftfold_core::{BoxError, Projection, Query, RecordedEvent};
use serde::{Deserialize, Serialize};

use super::of_types;
use crate::sample::fact::Fact;
use crate::sample::lines::cents;
use crate::sample::order::OrderEvent;
use crate::sample::payment::PaymentEvent;

/// Orders, and captured less refunded, by customer.
#[derive(Clone, Copy, Debug, Default)]
pub struct CustomerValue;

/// A customer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Customer {
    /// Orders placed.
    pub orders: i64,
    /// Captured less refunded, in cents.
    pub value_cents: i64,
}

impl Projection for CustomerValue {
    type State = OrdMap<String, Customer>;

    fn name(&self) -> &str {
        "customer-value"
    }

    fn query(&self) -> Query {
        of_types(["OrderPlaced", "PaymentCaptured", "RefundIssued"])
    }

    fn initial(&self) -> OrdMap<String, Customer> {
        OrdMap::new()
    }

    fn apply(&self, state: &mut OrdMap<String, Customer>, event: &RecordedEvent) -> Result<(), BoxError> {
        match Fact::read(event)? {
            Some(Fact::Order(OrderEvent::OrderPlaced { customer, .. })) => {
                state.entry(customer).or_default().orders += 1;
            }
            Some(Fact::Payment(PaymentEvent::PaymentCaptured { customer, lines, .. })) => {
                state.entry(customer).or_default().value_cents += cents(&lines);
            }
            Some(Fact::Payment(PaymentEvent::RefundIssued { customer, lines, .. })) => {
                state.entry(customer).or_default().value_cents -= cents(&lines);
            }
            _ => {}
        }
        Ok(())
    }
}
