//! What happens outside the deciders: customers, the bank, benches, carriers, and the process that leads an order through
//! them. It asks for one command after the other, and goes on from the event, or the refusal, that it is told of.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use uuid::Uuid;

use super::calendar::{self, HOUR, MINUTE, SECOND};
use super::draft::Draft;
use super::random::Random;
use crate::sample::catalog::{PRODUCTS, inventory_stream};
use crate::sample::fact::Fact;
use crate::sample::inventory::{InventoryCommand, InventoryEvent};
use crate::sample::order::{OrderCommand, OrderEvent};
use crate::sample::payment::{PaymentCommand, PaymentEvent};
use crate::sample::shipment::{ShipmentCommand, ShipmentEvent};

/// The first release of the software runs for so long; then comes the one that runs today.
const FIRST_RELEASE_LASTS: i64 = 2 * HOUR + 58 * MINUTE;
/// The broker restarts so long after the beginning, at 09:47:05, and delivers the last cancellation once more.
const FIRST_RESTART_AFTER: i64 = 105 * MINUTE + 5 * SECOND;
/// It restarts every day at this time as well.
const RESTARTS_AT: i64 = 14 * HOUR + 5 * MINUTE;

/// What is asked of a decider.
#[derive(Clone, Debug)]
pub(super) enum Command {
    Order(OrderCommand),
    Payment(PaymentCommand),
    Inventory(InventoryCommand),
    Shipment(ShipmentCommand),
    /// The early handler's.
    EarlyRelease {
        sku: &'static str,
        units: u32,
    },
}

/// Where a command goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    Order,
    Payment,
    Shipment,
    /// The product of this number.
    Inventory(usize),
}

/// A command, and why it is given.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) micros: i64,
    pub(super) stream: String,
    pub(super) subject: Subject,
    /// The number of the order, for what is done for one.
    pub(super) order: Option<u32>,
    pub(super) command: Command,
    pub(super) correlation: String,
    pub(super) causation: Uuid,
    /// Makes the command idempotent.
    pub(super) command_id: Option<Uuid>,
    /// Whether the first release runs.
    pub(super) is_early: bool,
    step: Step,
}

/// Why nothing came of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// There is too little stock.
    OutOfStock,
    /// Any other reason.
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reason {
    Customer,
    Payment,
    Stock,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Place,
    Authorize,
    Reserve { line: usize },
    Capture,
    Pack,
    Dispatch,
    Deliver,
    Cancel(Reason),
    Release { product: usize, units: u32 },
    Refund,
    Return,
    Arrive { product: usize },
    Restart,
}

/// Earliest first; of two at one moment, the one that was planned first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Plan {
    micros: i64,
    number: u64,
    step: Step,
    order: Option<u32>,
    cause: Option<Uuid>,
}

/// A cancellation that was handled: what the broker delivers once more when it restarts.
struct Message {
    order: u32,
    event: Uuid,
    reserved: Vec<(usize, u32)>,
}

pub(super) struct World {
    random: Random,
    ids: Random,
    salt: u32,
    plans: BinaryHeap<Reverse<Plan>>,
    planned: u64,
    orders: HashMap<u32, Draft>,
    next_order: u32,
    is_delivery_underway: [bool; PRODUCTS.len()],
    last_cancellation: Option<Message>,
    first_release_until: i64,
}

impl World {
    /// A warehouse that opens, with the first release of its software or with today's.
    pub(super) fn new(seed: u64, opens: i64, has_first_release: bool) -> Self {
        let mut random = Random::new(seed);
        let salt = random.below(1 << 16);
        let mut world = Self {
            random,
            ids: Random::new(seed ^ 0x6a09_e667_f3bc_c909),
            salt,
            plans: BinaryHeap::new(),
            planned: 0,
            orders: HashMap::new(),
            next_order: 0,
            is_delivery_underway: [true; PRODUCTS.len()],
            last_cancellation: None,
            first_release_until: if has_first_release { opens + FIRST_RELEASE_LASTS } else { opens },
        };
        for product in 0..PRODUCTS.len() {
            let micros = opens + i64::from(world.random.below(20_000)) * 1_000;
            world.plan(micros, Step::Arrive { product }, None, None);
        }
        world.plan(opens + 25 * SECOND, Step::Place, None, None);
        if has_first_release {
            world.plan(opens + FIRST_RESTART_AFTER, Step::Restart, None, None);
        }
        world.plan(calendar::next_at(RESTARTS_AT, opens), Step::Restart, None, None);
        world
    }

    /// The next command. Whoever takes it reports by [`happened`](Self::happened) or [`refused`](Self::refused).
    pub(super) fn next(&mut self) -> Request {
        loop {
            // Every order plans the next one, so that something is always planned.
            let Some(Reverse(plan)) = self.plans.pop() else {
                self.plan(0, Step::Place, None, None);
                continue;
            };
            if let Some(request) = self.request(plan) {
                return request;
            }
        }
    }

    /// The id of an event that a command leads to. Of a command with an id it is always the same: a store that has the event
    /// takes it in no second time.
    pub(super) fn event_id(&mut self, request: &Request, index: usize) -> Uuid {
        match request.command_id {
            Some(command) => Uuid::new_v5(&command, format!("{index} {}", request.stream).as_bytes()),
            None => self.ids.uuid(request.micros),
        }
    }

    /// Whether anything is planned for an order.
    pub(super) fn knows(&self, order: u32) -> bool {
        self.orders.contains_key(&order)
    }

    /// Goes on from an event. `sellable` is what the stock of the product is then.
    pub(super) fn happened(&mut self, request: &Request, event: &Fact, id: Uuid, sellable: Option<i64>) {
        let now = request.micros;
        if let (Subject::Inventory(product), Some(sellable)) = (request.subject, sellable) {
            self.reorder(now, product, sellable);
        }
        let Some(number) = request.order else { return };
        match event {
            Fact::Order(OrderEvent::OrderPlaced { .. }) => self.soon(now, 200..=900, Step::Authorize, number, id),
            Fact::Payment(PaymentEvent::PaymentDeclined { .. }) => {
                self.soon(now, 400..=2_000, Step::Cancel(Reason::Payment), number, id);
            }
            Fact::Payment(PaymentEvent::PaymentAuthorized { .. }) => {
                self.soon(now, 150..=600, Step::Reserve { line: 0 }, number, id);
            }
            Fact::Inventory(InventoryEvent::StockReserved { .. }) => self.reserved(now, request.step, number, id),
            Fact::Payment(PaymentEvent::PaymentCaptured { .. }) => {
                if let Some(draft) = self.orders.get_mut(&number) {
                    draft.captured = Some(id);
                }
            }
            Fact::Order(OrderEvent::OrderPacked { .. }) => {
                let at = calendar::dispatched_at(&mut self.random, now);
                self.plan(at, Step::Dispatch, Some(number), Some(id));
            }
            Fact::Shipment(ShipmentEvent::ShipmentDispatched { .. }) => {
                let at = calendar::delivered_at(&mut self.random, now);
                self.plan(at, Step::Deliver, Some(number), None);
                if self.random.one_in(60) {
                    self.soon(at, 1_000..=9_000, Step::Deliver, number, None);
                }
            }
            Fact::Shipment(ShipmentEvent::ParcelDelivered { .. }) => {
                if self.random.one_in(25) {
                    self.soon(now, 1_800_000..=10_800_000, Step::Return, number, None);
                }
            }
            Fact::Order(OrderEvent::OrderCancelled { .. }) => self.cancelled(now, number, id),
            Fact::Inventory(_) | Fact::Payment(PaymentEvent::RefundIssued { .. }) => {}
        }
        self.tidy(number);
    }

    /// Goes on from a refusal.
    pub(super) fn refused(&mut self, request: &Request, refusal: Refusal) {
        if refusal == Refusal::OutOfStock {
            if let Subject::Inventory(product) = request.subject {
                self.reorder(request.micros, product, 0);
            }
            if let Some(order) = request.order {
                self.soon(request.micros, 300..=900, Step::Cancel(Reason::Stock), order, request.causation);
            }
        }
        if let Some(order) = request.order {
            self.tidy(order);
        }
    }

    fn reserved(&mut self, now: i64, step: Step, number: u32, id: Uuid) {
        let Step::Reserve { line } = step else { return };
        let Some(draft) = self.orders.get_mut(&number) else { return };
        draft.reserved = line + 1;
        if line + 1 < draft.products.len() {
            return self.soon(now, 20..=80, Step::Reserve { line: line + 1 }, number, id);
        }
        self.soon(now, 4_000..=20_000, Step::Capture, number, id);
        let packed = calendar::packed_at(&mut self.random, now);
        self.plan(packed, Step::Pack, Some(number), None);
        if self.random.one_in(11) {
            self.soon(now, 60_000..=1_200_000, Step::Cancel(Reason::Customer), number, None);
        }
    }

    fn cancelled(&mut self, now: i64, number: u32, id: Uuid) {
        let Some(draft) = self.orders.get(&number) else { return };
        let (reserved, is_captured) = (draft.products[..draft.reserved].to_vec(), draft.captured.is_some());
        for (index, (product, units)) in reserved.iter().copied().enumerate() {
            let at = now + 250_000 + 40_000 * i64::try_from(index).unwrap_or(0);
            self.plan(at, Step::Release { product, units }, Some(number), Some(id));
        }
        if !reserved.is_empty() {
            self.last_cancellation = Some(Message { order: number, event: id, reserved });
        }
        if is_captured {
            self.soon(now, 20_000..=240_000, Step::Refund, number, id);
        }
    }

    /// The last cancellation is handled as if it were new.
    fn restart(&mut self, now: i64) {
        self.plan(calendar::next_at(RESTARTS_AT, now), Step::Restart, None, None);
        if let Some(Message { order, event, reserved }) = self.last_cancellation.take() {
            for (product, units) in reserved {
                self.plan(now + 1_400_000, Step::Release { product, units }, Some(order), Some(event));
            }
        }
    }

    fn reorder(&mut self, now: i64, product: usize, sellable: i64) {
        let (Some(is_underway), Some(of)) = (self.is_delivery_underway.get_mut(product), PRODUCTS.get(product)) else {
            return;
        };
        if sellable < i64::from(of.reorder_below) && !*is_underway {
            *is_underway = true;
            let at = now + i64::from(self.random.between(600..=2_700)) * SECOND;
            self.plan(at, Step::Arrive { product }, None, None);
        }
    }

    fn request(&mut self, plan: Plan) -> Option<Request> {
        let Plan { micros, step, cause, .. } = plan;
        if let Some(draft) = plan.order.and_then(|order| self.orders.get_mut(&order)) {
            draft.plans = draft.plans.saturating_sub(1);
        }
        let drawn = cause.unwrap_or_else(|| self.ids.uuid(micros));
        // What is packed was planned with the reservation, and is taken from the shelf once it is paid.
        let captured = plan.order.and_then(|order| self.orders.get(&order)?.captured);
        let causation = captured.filter(|_| matches!(step, Step::Pack)).unwrap_or(drawn);
        let is_early = micros < self.first_release_until;
        let (order, subject, command) = match step {
            Step::Restart => {
                self.restart(micros);
                return None;
            }
            Step::Arrive { product } => {
                self.is_delivery_underway[product] = false;
                (None, Subject::Inventory(product), Command::Inventory(self.delivery(product)?))
            }
            Step::Release { product, units } => {
                let (order, sku) = (plan.order?, PRODUCTS.get(product)?.sku);
                let command = if is_early {
                    Command::EarlyRelease { sku, units }
                } else {
                    Command::Inventory(InventoryCommand::Release { order: self.name(order), sku: sku.to_owned() })
                };
                (Some(order), Subject::Inventory(product), command)
            }
            Step::Place => {
                let number = self.take_order(micros, is_early);
                let (subject, command) = self.command(number, Step::Place)?;
                (Some(number), subject, command)
            }
            step => {
                let number = plan.order?;
                let (subject, command) = self.command(number, step)?;
                (Some(number), subject, command)
            }
        };
        let name = order.map(|order| self.name(order));
        let stream = match (subject, &name) {
            (Subject::Inventory(product), _) => inventory_stream(PRODUCTS.get(product)?.sku),
            (Subject::Order, Some(name)) => name.clone(),
            (Subject::Payment, Some(name)) => name.replacen("order", "payment", 1),
            (Subject::Shipment, Some(name)) => name.replacen("order", "shipment", 1),
            (_, None) => return None,
        };
        // A delivery of stock is a matter of its own; everything else is done for an order.
        let correlation = name.unwrap_or_else(|| match &command {
            Command::Inventory(InventoryCommand::Replenish { purchase_order, .. }) => purchase_order.clone(),
            _ => stream.clone(),
        });
        let command_id = matches!(step, Step::Release { .. } if !is_early)
            .then(|| Uuid::new_v5(&causation, format!("release:{stream}").as_bytes()));
        Some(Request { micros, stream, subject, order, command, correlation, causation, command_id, is_early, step })
    }

    fn command(&mut self, order: u32, step: Step) -> Option<(Subject, Command)> {
        let name = self.name(order);
        self.orders.get(&order)?.command(&mut self.random, name, step)
    }

    fn delivery(&mut self, product: usize) -> Option<InventoryCommand> {
        let of = PRODUCTS.get(product)?;
        let purchase_order = format!("PO-{}", 8_000 + self.random.below(2_000));
        Some(InventoryCommand::Replenish { sku: of.sku.to_owned(), units: of.lot, purchase_order })
    }

    /// A new order, and the plan for the next one.
    fn take_order(&mut self, now: i64, is_early: bool) -> u32 {
        let number = self.next_order;
        self.next_order = self.next_order.wrapping_add(1);
        let next = calendar::next_order(&mut self.random, now);
        self.plan(next, Step::Place, None, None);
        self.orders.insert(number, Draft::draw(&mut self.random, is_early));
        number
    }

    fn soon(
        &mut self,
        now: i64,
        millis: std::ops::RangeInclusive<u32>,
        step: Step,
        order: u32,
        cause: impl Into<Option<Uuid>>,
    ) {
        let micros = now + i64::from(self.random.between(millis)) * 1_000;
        self.plan(micros, step, Some(order), cause.into());
    }

    fn plan(&mut self, micros: i64, step: Step, order: Option<u32>, cause: Option<Uuid>) {
        if let Some(draft) = order.and_then(|order| self.orders.get_mut(&order)) {
            draft.plans += 1;
        }
        self.planned += 1;
        self.plans.push(Reverse(Plan { micros, number: self.planned, step, order, cause }));
    }

    fn tidy(&mut self, order: u32) {
        if self.orders.get(&order).is_some_and(|draft| draft.plans == 0) {
            self.orders.remove(&order);
        }
    }

    /// `order-` and four hexadecimal digits or more, another for every order of this warehouse.
    fn name(&self, order: u32) -> String {
        let mixed = (order.wrapping_mul(40_503) ^ self.salt) & 0xffff;
        match order >> 16 {
            0 => format!("order-{mixed:04x}"),
            round => format!("order-{round:x}{mixed:04x}"),
        }
    }
}
