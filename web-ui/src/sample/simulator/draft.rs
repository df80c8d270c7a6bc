//! An order as its customer has it in mind, and the commands that lead it through the house.

use uuid::Uuid;

use super::random::Random;
use super::world::{Command, Reason, Step, Subject};
use crate::sample::catalog::{CARRIERS, PRODUCTS};
use crate::sample::inventory::InventoryCommand;
use crate::sample::lines::{Item, Line, cents};
use crate::sample::order::{Channel, OrderCommand};
use crate::sample::payment::PaymentCommand;
use crate::sample::shipment::ShipmentCommand;

/// An order, as long as something is planned for it.
pub(super) struct Draft {
    customer: u32,
    channel: Channel,
    card: u32,
    credit_cents: i64,
    /// Number of the product, units.
    pub(super) products: Vec<(usize, u32)>,
    /// For how many of them there is a reservation.
    pub(super) reserved: usize,
    /// The event by which its payment was captured.
    pub(super) captured: Option<Uuid>,
    /// How many steps are planned.
    pub(super) plans: u32,
}

impl Draft {
    /// A new order. The first release sells one product an order, and nothing in bulk.
    pub(super) fn draw(random: &mut Random, is_early: bool) -> Self {
        let is_business = !is_early && random.one_in(14);
        let count = match random.below(20) {
            _ if is_early => 1,
            0..14 => 1,
            14..18 => 2,
            _ => 3,
        };
        let mut products: Vec<(usize, u32)> = Vec::new();
        for _ in 0..count {
            let product = draw_product(random);
            let units = random.between(if is_business { 8..=28 } else { 1..=4 });
            if products.iter().all(|(other, _)| *other != product) {
                products.push((product, units));
            }
        }
        let total = cents(&lines(&products));
        let spare = i64::from(random.between(1_000..=250_000));
        let credit_cents = if random.one_in(16) { total / 2 } else { total + spare };
        Self {
            customer: 900 + random.below(900),
            channel: if is_business { Channel::B2b } else { Channel::Web },
            card: random.below(10_000),
            credit_cents,
            products,
            reserved: 0,
            captured: None,
            plans: 0,
        }
    }

    /// The command of a step that is taken for the order of this name.
    pub(super) fn command(&self, random: &mut Random, name: String, step: Step) -> Option<(Subject, Command)> {
        let customer = format!("cus_{:04}", self.customer);
        let lines = || lines(&self.products);
        Some(match step {
            Step::Place => {
                let (channel, currency) = (self.channel, "EUR".to_owned());
                let command = OrderCommand::Place { customer, channel, currency, lines: lines() };
                (Subject::Order, Command::Order(command))
            }
            Step::Authorize => {
                let (card, credit_cents) = (format!("•• {:04}", self.card), self.credit_cents);
                let command = PaymentCommand::Authorize { order: name, customer, lines: lines(), card, credit_cents };
                (Subject::Payment, Command::Payment(command))
            }
            Step::Reserve { line } => {
                let &(product, units) = self.products.get(line)?;
                let sku = PRODUCTS.get(product)?.sku.to_owned();
                let command = InventoryCommand::Reserve { order: name, sku, units };
                (Subject::Inventory(product), Command::Inventory(command))
            }
            Step::Capture => (Subject::Payment, Command::Payment(PaymentCommand::Capture)),
            Step::Pack => {
                let units: u32 = self.products.iter().map(|(_, units)| units).sum();
                let command = OrderCommand::Pack { bench: random.between(1..=6), parcels: 1 + units / 12 };
                (Subject::Order, Command::Order(command))
            }
            Step::Dispatch => {
                let carrier = random.one_of(&CARRIERS, CARRIERS[0]);
                let tracking = format!("{}{:08}", &carrier[..2].to_uppercase(), random.below(100_000_000));
                let contents = lines().into_iter().map(|Line { sku, units, .. }| Item { sku, units }).collect();
                let carrier = carrier.to_owned();
                let command = ShipmentCommand::Dispatch { order: name, carrier, tracking, contents };
                (Subject::Shipment, Command::Shipment(command))
            }
            Step::Deliver => {
                let handover = random.one_of(&["signed for", "signed for", "parcel box", "neighbour"], "signed for");
                let command = ShipmentCommand::Deliver { handover: handover.to_owned() };
                (Subject::Shipment, Command::Shipment(command))
            }
            Step::Cancel(reason) => {
                let reason = match reason {
                    Reason::Customer => {
                        random.one_of(&["customer asked", "ordered twice", "wrong size"], "customer asked")
                    }
                    Reason::Payment => "payment declined",
                    Reason::Stock => "out of stock",
                };
                (Subject::Order, Command::Order(OrderCommand::Cancel { reason: reason.to_owned() }))
            }
            Step::Refund => (Subject::Payment, Command::Payment(PaymentCommand::Refund { lines: lines() })),
            Step::Return => {
                let mut line = lines().into_iter().next()?;
                line.units = random.between(1..=line.units);
                (Subject::Payment, Command::Payment(PaymentCommand::Refund { lines: vec![line] }))
            }
            Step::Release { .. } | Step::Arrive { .. } | Step::Restart => return None,
        })
    }
}

fn lines(products: &[(usize, u32)]) -> Vec<Line> {
    let line = |&(product, units): &(usize, u32)| {
        PRODUCTS.get(product).map(|of| Line { sku: of.sku.to_owned(), units, unit_price: of.unit_price })
    };
    products.iter().filter_map(line).collect()
}

/// A product, the sooner the more it is in demand.
fn draw_product(random: &mut Random) -> usize {
    let mut left = random.below(PRODUCTS.iter().map(|of| of.demand).sum());
    for (index, of) in PRODUCTS.iter().enumerate() {
        match left.checked_sub(of.demand) {
            None => return index,
            Some(rest) => left = rest,
        }
    }
    0
}
