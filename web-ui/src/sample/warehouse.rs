//! A warehouse that takes orders: what happens is drawn from a seed, and each happening leads to the next.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use leftfold_core::{InvalidEvent, NewEvent};
use serde_json::{Value, json};

/// Something that happened.
pub(super) struct Fact {
    pub(super) stream: String,
    pub(super) micros: i64,
    kind: &'static str,
    data: Value,
    correlation: String,
}

impl Fact {
    pub(super) fn into_event(self) -> Result<NewEvent, InvalidEvent> {
        NewEvent::json(self.kind, &self.data)?.with_metadata(&json!({ "correlationId": self.correlation }))
    }
}

/// What a warehouse sells: name, price in cents.
const SKUS: [(&str, u32); 8] = [
    ("AERO-12", 4_690),
    ("AERO-14", 4_990),
    ("BOLT-02", 920),
    ("BOLT-05", 1_240),
    ("CRATE-9", 8_400),
    ("LAMP-21", 3_150),
    ("ROPE-30", 1_875),
    ("TARP-06", 2_640),
];
const CARRIERS: [&str; 3] = ["DHL", "UPS", "PostNord"];
const SECOND: i64 = 1_000_000;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Place,
    Authorize,
    Reserve,
    Capture,
    Pack,
    Dispatch,
    Deliver,
    Cancel,
    Release,
    Refund,
    Replenish,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Planned {
    micros: i64,
    number: u64,
    step: Step,
    order: u32,
}

#[derive(Clone, Copy)]
struct Order {
    sku: usize,
    units: u32,
}

pub(super) struct Warehouse {
    random: u64,
    salt: u32,
    planned: BinaryHeap<Reverse<Planned>>,
    plans: u64,
    orders: Vec<Order>,
}

impl Warehouse {
    pub(super) fn new(seed: u64, start_micros: i64) -> Self {
        let mut warehouse = Self { random: seed, salt: 0, planned: BinaryHeap::new(), plans: 0, orders: Vec::new() };
        warehouse.salt = warehouse.below(1 << 16);
        warehouse.plan(start_micros, Step::Place, 0);
        warehouse
    }

    /// The next happening.
    pub(super) fn next(&mut self) -> Fact {
        loop {
            // A warehouse always has a next order planned; were it ever without one, it opens again.
            let Some(Reverse(now)) = self.planned.pop() else {
                self.plan(0, Step::Place, u32::try_from(self.orders.len()).unwrap_or(u32::MAX));
                continue;
            };
            if let Some(fact) = self.happen(now) {
                return fact;
            }
        }
    }

    fn happen(&mut self, now: Planned) -> Option<Fact> {
        if now.step == Step::Place {
            self.take_order(now);
        }
        let order = *self.orders.get(now.order as usize)?;
        let (name, cents) = SKUS[order.sku];
        let id = self.order_id(now.order);
        let amount = order.units * cents;
        let (category, kind, data) = match now.step {
            Step::Place => {
                let customer = format!("cus_{:04}", 900 + self.below(900));
                let line = json!({ "sku": name, "units": order.units, "unitPrice": cents });
                self.later(now, Step::Authorize, 1..=3);
                (
                    "order",
                    "OrderPlaced",
                    json!({ "customer": customer, "currency": "EUR", "lines": [line], "status": "placed" }),
                )
            }
            Step::Authorize if self.one_in(14) => {
                self.later(now, Step::Cancel, 30..=240);
                (
                    "payment",
                    "PaymentDeclined",
                    json!({ "amount": amount, "reason": "insufficient_funds", "status": "declined" }),
                )
            }
            Step::Authorize => {
                self.later(now, Step::Reserve, 1..=4);
                self.later(now, Step::Capture, 8..=40);
                let card = format!("•• {:04}", self.below(10_000));
                ("payment", "PaymentAuthorized", json!({ "amount": amount, "card": card, "status": "authorized" }))
            }
            Step::Reserve => {
                if self.one_in(12) {
                    self.later(now, Step::Cancel, 60..=900);
                } else {
                    self.later(now, Step::Pack, 120..=1_500);
                }
                if self.one_in(8) {
                    self.later(now, Step::Replenish, 20..=600);
                }
                ("inventory", "StockReserved", json!({ "order": id, "lastOrder": id, "units": order.units }))
            }
            Step::Capture => ("payment", "PaymentCaptured", json!({ "amount": amount, "status": "captured" })),
            Step::Pack => {
                self.later(now, Step::Dispatch, 60..=1_200);
                (
                    "order",
                    "OrderPacked",
                    json!({ "bench": 1 + self.below(6), "parcels": 1 + order.units / 12, "status": "packed" }),
                )
            }
            Step::Dispatch => {
                self.later(now, Step::Deliver, 3_600..=14_400);
                let carrier = CARRIERS[self.below(3) as usize];
                let tracking = format!("{}{:08}", &carrier[..1], self.below(100_000_000));
                (
                    "shipment",
                    "ShipmentDispatched",
                    json!({ "order": id, "carrier": carrier, "tracking": tracking, "status": "on the way" }),
                )
            }
            Step::Deliver => {
                ("shipment", "ParcelDelivered", json!({ "dock": 1 + self.below(4), "status": "delivered" }))
            }
            Step::Cancel => {
                if self.one_in(3) {
                    self.later(now, Step::Refund, 20..=300);
                }
                self.later(now, Step::Release, 1..=3);
                ("order", "OrderCancelled", json!({ "reason": "customer asked", "status": "cancelled" }))
            }
            Step::Release => ("inventory", "StockReleased", json!({ "order": id, "units": order.units })),
            Step::Refund => {
                ("payment", "RefundIssued", json!({ "amount": amount, "to": "original card", "status": "refunded" }))
            }
            Step::Replenish => {
                let units = 20 + self.below(6) * 10;
                (
                    "inventory",
                    "StockReplenished",
                    json!({ "units": units, "purchaseOrder": format!("PO-{}", 8_000 + self.below(2_000)) }),
                )
            }
        };
        let stream = if category == "inventory" { format!("inventory-{name}") } else { format!("{category}-{id}") };
        Some(Fact { stream, micros: now.micros, kind, data, correlation: format!("order-{id}") })
    }

    fn take_order(&mut self, now: Planned) {
        let sku = self.below(8) as usize;
        let units = if self.one_in(15) { 10 + self.below(30) } else { 1 + self.below(4) };
        self.orders.push(Order { sku, units });
        // Quiet and busy hours: the time between two orders swings between about 4 and 40 seconds.
        let minute = now.micros / (60 * SECOND);
        let gap = match minute % 97 {
            0..20 => 4,
            20..45 => 14,
            45..70 => 8,
            _ => 22,
        };
        let micros = now.micros + i64::from(1 + self.below(gap * 2)) * SECOND + i64::from(self.below(1_000)) * 1_000;
        self.plan(micros, Step::Place, now.order + 1);
    }

    fn later(&mut self, now: Planned, step: Step, seconds: std::ops::RangeInclusive<u32>) {
        let seconds = seconds.start() + self.below(seconds.end() - seconds.start() + 1);
        let micros = now.micros + i64::from(seconds) * SECOND + i64::from(self.below(1_000)) * 1_000;
        self.plan(micros, step, now.order);
    }

    fn plan(&mut self, micros: i64, step: Step, order: u32) {
        self.plans += 1;
        self.planned.push(Reverse(Planned { micros, number: self.plans, step, order }));
    }

    /// Four hexadecimal digits or more, another for every order of this warehouse.
    fn order_id(&self, order: u32) -> String {
        let mixed = (order.wrapping_mul(40_503) ^ self.salt) & 0xffff;
        match order >> 16 {
            0 => format!("{mixed:04x}"),
            round => format!("{round:x}{mixed:04x}"),
        }
    }

    fn one_in(&mut self, many: u32) -> bool {
        self.below(many) == 0
    }

    /// A number from 0 up to, not including, `bound` (SplitMix64).
    fn below(&mut self, bound: u32) -> u32 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let high = (mixed ^ (mixed >> 31)) >> 32;
        u32::try_from((high * u64::from(bound.max(1))) >> 32).unwrap_or(0)
    }
}
