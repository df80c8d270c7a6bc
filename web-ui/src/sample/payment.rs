//! The payment of an order: authorized or declined, captured, and refunded as far as it was captured.
//!
//! An event names the lines that it is about, never what they come to.

use leftfold_core::{Decider, DomainEvent};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::lines::{LINE_FIELDS, Line, cents};
use crate::model::form::{CommandSchema, FieldKind, FieldSchema, Initial, Suggests};

/// What happens to a payment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum PaymentEvent {
    /// The bank holds the money.
    PaymentAuthorized {
        /// The order.
        order: String,
        /// Who pays.
        customer: String,
        /// What for.
        lines: Vec<Line>,
        /// The last digits of the card.
        card: String,
    },
    /// The bank refused.
    PaymentDeclined {
        /// The order.
        order: String,
        /// Who would have paid.
        customer: String,
        /// What for.
        lines: Vec<Line>,
        /// Why.
        reason: String,
    },
    /// The money is ours.
    PaymentCaptured {
        /// The order.
        order: String,
        /// Who paid.
        customer: String,
        /// What for.
        lines: Vec<Line>,
    },
    /// Money went back.
    RefundIssued {
        /// The order.
        order: String,
        /// Who got it.
        customer: String,
        /// What for.
        lines: Vec<Line>,
        /// Where to.
        to: String,
    },
}

impl DomainEvent for PaymentEvent {}

/// What is asked of a payment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all_fields = "camelCase")]
pub enum PaymentCommand {
    /// To hold the money.
    Authorize {
        /// The order.
        order: String,
        /// Who pays.
        customer: String,
        /// What for.
        lines: Vec<Line>,
        /// The last digits of the card.
        card: String,
        /// How much the bank answers for, in cents.
        credit_cents: i64,
    },
    /// To take the money.
    Capture,
    /// To give money back.
    Refund {
        /// What for.
        lines: Vec<Line>,
    },
}

/// What a payment is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PaymentState {
    /// Nobody asked for it.
    #[default]
    Unknown,
    /// The bank holds the money.
    Authorized {
        /// The order.
        order: String,
        /// Who pays.
        customer: String,
        /// What for.
        lines: Vec<Line>,
    },
    /// The bank refused.
    Declined {
        /// Why.
        reason: String,
    },
    /// The money is ours.
    Captured {
        /// The order.
        order: String,
        /// Who paid.
        customer: String,
        /// What for, as far as it was not refunded.
        lines: Vec<Line>,
    },
}

/// Why a payment refuses.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PaymentRejection {
    /// The bank has answered before.
    #[error("the bank has answered already")]
    AlreadyAnswered,
    /// There is nothing to pay.
    #[error("there is nothing to pay")]
    NothingToPay,
    /// The bank refused.
    #[error("the payment was declined: {reason}")]
    Declined {
        /// Why.
        reason: String,
    },
    /// The bank holds no money.
    #[error("the payment is not authorized")]
    NotAuthorized,
    /// The money is ours already.
    #[error("the payment was captured before")]
    AlreadyCaptured,
    /// There is nothing to give back.
    #[error("the payment was not captured")]
    NotCaptured,
    /// More would go back than came.
    #[error("{wanted} units of {sku} cannot be refunded, {captured} are captured and not refunded")]
    MoreThanCaptured {
        /// The product.
        sku: String,
        /// How many units.
        wanted: u32,
        /// How many there are.
        captured: u32,
    },
}

/// Decides on payments.
#[derive(Clone, Copy, Debug, Default)]
pub struct PaymentDecider;

impl Decider for PaymentDecider {
    type State = PaymentState;
    type Command = PaymentCommand;
    type Event = PaymentEvent;
    type Rejection = PaymentRejection;

    fn name(&self) -> &str {
        "payment"
    }

    fn initial_state(&self) -> PaymentState {
        PaymentState::default()
    }

    fn decide(&self, state: &PaymentState, command: &PaymentCommand) -> Result<Vec<PaymentEvent>, PaymentRejection> {
        match command {
            PaymentCommand::Authorize { order, customer, lines, card, credit_cents } => {
                if *state != PaymentState::Unknown {
                    return Err(PaymentRejection::AlreadyAnswered);
                }
                let (order, customer, lines) = (order.clone(), customer.clone(), lines.clone());
                let asked = cents(&lines);
                if asked == 0 {
                    return Err(PaymentRejection::NothingToPay);
                }
                Ok(vec![if asked > *credit_cents {
                    let reason = "insufficient_funds".to_owned();
                    PaymentEvent::PaymentDeclined { order, customer, lines, reason }
                } else {
                    PaymentEvent::PaymentAuthorized { order, customer, lines, card: card.clone() }
                }])
            }
            PaymentCommand::Capture => match state {
                PaymentState::Authorized { order, customer, lines } => {
                    let (order, customer, lines) = (order.clone(), customer.clone(), lines.clone());
                    Ok(vec![PaymentEvent::PaymentCaptured { order, customer, lines }])
                }
                PaymentState::Declined { reason } => Err(PaymentRejection::Declined { reason: reason.clone() }),
                PaymentState::Captured { .. } => Err(PaymentRejection::AlreadyCaptured),
                PaymentState::Unknown => Err(PaymentRejection::NotAuthorized),
            },
            PaymentCommand::Refund { lines } => {
                let PaymentState::Captured { order, customer, lines: captured } = state else {
                    return Err(PaymentRejection::NotCaptured);
                };
                check_refund(lines, captured)?;
                let (order, customer, to) = (order.clone(), customer.clone(), "original card".to_owned());
                Ok(vec![PaymentEvent::RefundIssued { order, customer, lines: lines.clone(), to }])
            }
        }
    }

    fn evolve(&self, state: PaymentState, event: PaymentEvent) -> PaymentState {
        match event {
            PaymentEvent::PaymentAuthorized { order, customer, lines, .. } => {
                PaymentState::Authorized { order, customer, lines }
            }
            PaymentEvent::PaymentDeclined { reason, .. } => PaymentState::Declined { reason },
            PaymentEvent::PaymentCaptured { order, customer, lines } => {
                PaymentState::Captured { order, customer, lines }
            }
            PaymentEvent::RefundIssued { lines: refunded, .. } => match state {
                PaymentState::Captured { order, customer, mut lines } => {
                    for gone in refunded {
                        if let Some(line) = lines.iter_mut().find(|line| line.sku == gone.sku) {
                            line.units = line.units.saturating_sub(gone.units);
                        }
                    }
                    lines.retain(|line| line.units > 0);
                    PaymentState::Captured { order, customer, lines }
                }
                other => other,
            },
        }
    }
}

/// Every product is asked back once, with at most the units that were captured, at the price that was paid.
fn check_refund(lines: &[Line], captured: &[Line]) -> Result<(), PaymentRejection> {
    if cents(lines) == 0 {
        return Err(PaymentRejection::NothingToPay);
    }
    for (index, line) in lines.iter().enumerate() {
        let paid = captured.iter().find(|paid| paid.sku == line.sku && paid.unit_price == line.unit_price);
        let is_second = lines[..index].iter().any(|other| other.sku == line.sku);
        let captured = if is_second { 0 } else { paid.map_or(0, |paid| paid.units) };
        if line.units > captured {
            return Err(PaymentRejection::MoreThanCaptured { sku: line.sku.clone(), wanted: line.units, captured });
        }
    }
    Ok(())
}

/// The commands as forms show them.
pub const COMMANDS: &[CommandSchema] = &[
    CommandSchema {
        name: "Authorize",
        label: "Authorize payment",
        help: "The bank is asked to hold the money, and may decline.",
        fields: &[
            FieldSchema {
                name: "order",
                label: "Order",
                help: "",
                kind: FieldKind::Text { max_chars: 100, suggests: Suggests::Streams("order") },
                initial: Initial::StreamId("order-"),
            },
            FieldSchema {
                name: "customer",
                label: "Customer",
                help: "Who pays, such as cus_1188",
                kind: FieldKind::Text { max_chars: 100, suggests: Suggests::Nothing },
                initial: Initial::Empty,
            },
            FieldSchema {
                name: "lines",
                label: "Lines",
                help: "",
                kind: FieldKind::Lines { noun: "line", fields: LINE_FIELDS },
                initial: Initial::Empty,
            },
            FieldSchema {
                name: "card",
                label: "Card",
                help: "Its last digits",
                kind: FieldKind::Text { max_chars: 19, suggests: Suggests::Nothing },
                initial: Initial::Empty,
            },
            FieldSchema {
                name: "creditCents",
                label: "Credit",
                help: "What the bank answers for, in cents",
                kind: FieldKind::Number { min: 0, max: 1000000000 },
                initial: Initial::Text("100000"),
            },
        ],
    },
    CommandSchema {
        name: "Capture",
        label: "Capture payment",
        help: "The money that the bank holds is taken.",
        fields: &[],
    },
    CommandSchema {
        name: "Refund",
        label: "Refund payment",
        help: "Money goes back, for units that were captured.",
        fields: &[FieldSchema {
            name: "lines",
            label: "Lines",
            help: "",
            kind: FieldKind::Lines { noun: "line", fields: LINE_FIELDS },
            initial: Initial::Empty,
        }],
    },
];
