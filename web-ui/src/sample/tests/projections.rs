//! Each projection beside a plain fold that is written another way.

use std::collections::{BTreeMap, HashMap};

use leftfold_core::{ExpectedVersion, Projection, ProjectionError, ProjectionOptions, Timeline, TimelineOptions};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::sample::inventory::InventoryEvent;
use crate::sample::lines::{cents, units};
use crate::sample::order::OrderEvent;
use crate::sample::payment::PaymentEvent;
use crate::sample::projections::*;
use crate::sample::shipment::ShipmentEvent;

/// As an engine folds: the query chooses, then every event is applied.
fn fold<P: Projection>(projection: &P, events: &[RecordedEvent]) -> P::State {
    let query = projection.query();
    let mut state = projection.initial();
    for event in events {
        let is_chosen = query.items.is_empty()
            || query.items.iter().any(|item| item.types.is_empty() || item.types.contains(event.event_type()));
        if is_chosen {
            projection.apply(&mut state, event).expect("a fold");
        }
    }
    state
}

/// Everything that is known of one order.
#[derive(Default)]
struct Order {
    customer: String,
    lines: Vec<Line>,
    placed: i64,
    seen: Vec<&'static str>,
    delivered: Option<i64>,
    refunded: i64,
}

/// The log, gathered by order and by product, from which all read models can be had.
#[derive(Default)]
struct Gathered {
    orders: BTreeMap<String, Order>,
    came: BTreeMap<String, i64>,
    reserved: BTreeMap<String, i64>,
    released: BTreeMap<String, i64>,
    hours: BTreeMap<String, (i64, i64)>,
}

fn gather(events: &[RecordedEvent]) -> Gathered {
    let mut all = Gathered::default();
    for event in events {
        let (stream, time) = (event.stream().to_string(), event.time());
        let hour = time.to_string()[..13].to_owned();
        match Fact::read(event).expect("a known shape").expect("a known type") {
            Fact::Order(OrderEvent::OrderPlaced { customer, lines, .. }) => {
                let placed = time.as_micros();
                all.orders.insert(stream, Order { customer, lines, placed, seen: vec!["placed"], ..Order::default() });
            }
            Fact::Order(OrderEvent::OrderPacked { .. }) => all.see(&stream, "packed"),
            Fact::Order(OrderEvent::OrderCancelled { .. }) => all.see(&stream, "cancelled"),
            Fact::Payment(PaymentEvent::PaymentCaptured { order, lines, .. }) => {
                all.hours.entry(hour).or_default().0 += cents(&lines);
                all.see(&order, "paid");
            }
            Fact::Payment(PaymentEvent::RefundIssued { order, lines, .. }) => {
                all.hours.entry(hour).or_default().1 += cents(&lines);
                all.orders.get_mut(&order).expect("an order").refunded += cents(&lines);
            }
            Fact::Payment(_) => {}
            Fact::Shipment(ShipmentEvent::ShipmentDispatched { order, .. }) => all.see(&order, "shipped"),
            Fact::Shipment(ShipmentEvent::ParcelDelivered { order, .. }) => {
                all.see(&order, "delivered");
                all.orders.get_mut(&order).expect("an order").delivered = Some(time.as_micros());
            }
            Fact::Inventory(event) => {
                let (of, sku, units) = match event {
                    InventoryEvent::StockReplenished { sku, units, .. } => (&mut all.came, sku, units),
                    InventoryEvent::StockReserved { sku, units, .. } => (&mut all.reserved, sku, units),
                    InventoryEvent::StockReleased { sku, units, .. } => (&mut all.released, sku, units),
                };
                *of.entry(sku).or_default() += i64::from(units);
            }
        }
    }
    all
}

impl Gathered {
    fn see(&mut self, order: &str, what: &'static str) {
        self.orders.get_mut(order).expect("an order").seen.push(what);
    }

    fn shipped(&self, sku: &str) -> i64 {
        let shipped = self.orders.values().filter(|order| order.seen.contains(&"shipped"));
        let lines = shipped.flat_map(|order| &order.lines).filter(|line| line.sku == sku);
        lines.map(|line| i64::from(line.units)).sum()
    }
}

fn check_board(events: &[RecordedEvent], all: &Gathered) {
    let board = fold(&WarehouseBoard, events);
    for (sku, came) in &all.came {
        let shipped = all.shipped(sku);
        let (on_hand, sum) = (came - shipped, |of: &BTreeMap<String, i64>| of.get(sku).copied().unwrap_or(0));
        let reserved = sum(&all.reserved) - sum(&all.released) - shipped;
        assert_eq!(board.skus[sku], Stock { on_hand, reserved, sellable: on_hand - reserved }, "{sku}");
    }
    assert_eq!(board.skus.len(), all.came.len());
    let is_open = |order: &&Order| !order.seen.contains(&"delivered") && !order.seen.contains(&"cancelled");
    let open: HashMap<&String, &Order> = all.orders.iter().filter(|(_, order)| is_open(order)).collect();
    assert_eq!(board.orders.len(), open.len());
    for (name, order) in &board.orders {
        let plain = open[name];
        let shown = (order.customer.as_str(), order.status.as_str(), order.units, order.cents);
        let status = *plain.seen.last().expect("a status");
        assert_eq!(shown, (plain.customer.as_str(), status, units(&plain.lines), cents(&plain.lines)), "{name}");
    }
    let totals = BoardTotals {
        open: i64::try_from(open.len()).expect("a count"),
        units: open.values().map(|order| units(&order.lines)).sum(),
        backlog_cents: open.values().map(|order| cents(&order.lines)).sum(),
    };
    assert_eq!(board.totals, totals);
}

fn check_statuses(events: &[RecordedEvent], all: &Gathered) {
    let counts = fold(&OrdersByStatus, events);
    let names = [
        ("placed", Status::Placed),
        ("paid", Status::Paid),
        ("packed", Status::Packed),
        ("shipped", Status::Shipped),
        ("delivered", Status::Delivered),
        ("cancelled", Status::Cancelled),
    ];
    for (name, status) in names {
        let there: Vec<&Order> = all.orders.values().filter(|order| order.seen.last() == Some(&name)).collect();
        let orders = i64::try_from(there.len()).expect("a count");
        let plain = Placed { orders, cents: there.iter().map(|order| cents(&order.lines)).sum() };
        assert_eq!(counts.by_status.get(&status).copied().unwrap_or_default(), plain, "{name}");
    }
}

fn check_money(events: &[RecordedEvent], all: &Gathered) {
    let revenue = fold(&Revenue, events);
    let plain: BTreeMap<String, (i64, i64)> =
        revenue.hours.iter().map(|(hour, of)| (hour.clone(), (of.captured_cents, of.refunded_cents))).collect();
    assert_eq!(plain, all.hours);
    let (captured, refunded): (i64, i64) =
        all.hours.values().fold((0, 0), |(captured, refunded), hour| (captured + hour.0, refunded + hour.1));
    assert_eq!((revenue.captured_cents, revenue.refunded_cents), (captured, refunded));
    assert_eq!(revenue.net_cents, captured - refunded);

    let customers = fold(&CustomerValue, events);
    let mut plain: BTreeMap<String, Customer> = BTreeMap::new();
    for order in all.orders.values() {
        let customer = plain.entry(order.customer.clone()).or_default();
        customer.orders += 1;
        let is_paid = order.seen.contains(&"paid");
        customer.value_cents += if is_paid { cents(&order.lines) } else { 0 } - order.refunded;
    }
    assert_eq!(customers.into_iter().collect::<BTreeMap<_, _>>(), plain);
}

fn check_units(events: &[RecordedEvent], all: &Gathered) {
    let products = fold(&UnitsByProduct, events);
    for (sku, counted) in &products {
        let lines = all.orders.values().flat_map(|order| &order.lines).filter(|line| line.sku == *sku);
        let ordered = lines.map(|line| i64::from(line.units)).sum();
        assert_eq!(*counted, ProductUnits { ordered, shipped: all.shipped(sku) }, "{sku}");
    }
}

fn check_times(events: &[RecordedEvent], all: &Gathered) {
    let times = fold(&FulfilmentTime, events);
    let mut durations: Vec<i64> =
        all.orders.values().filter_map(|order| Some(order.delivered? - order.placed)).collect();
    durations.sort_unstable();
    assert_eq!(times.durations.iter().copied().collect::<Vec<_>>(), durations);
    // By nearest rank, the definition: the smallest duration that so many of 100 do not exceed.
    let percentile = |percent: usize| {
        let enough = |limit: &&i64| {
            100 * durations.iter().filter(|duration| duration <= limit).count() >= percent * durations.len()
        };
        durations.iter().find(enough).copied().unwrap_or(0)
    };
    assert_eq!((times.p50_micros, times.p95_micros), (percentile(50), percentile(95)));
}

fn check_all(events: &[RecordedEvent]) {
    let all = gather(events);
    check_board(events, &all);
    check_statuses(events, &all);
    check_money(events, &all);
    check_units(events, &all);
    check_times(events, &all);
}

#[test]
fn the_read_models_of_the_sample_are_those_of_a_plain_fold() {
    check_all(&lifted_sample());
}

#[test]
fn a_state_comes_back_from_json() {
    fn check<P: Projection>(projection: &P, events: &[RecordedEvent])
    where
        P::State: PartialEq + std::fmt::Debug,
    {
        let state = fold(projection, events);
        let text = serde_json::to_string(&state).expect("JSON");
        assert_eq!(serde_json::from_str::<P::State>(&text).expect("a state"), state, "{}", projection.name());
    }
    let events = &lifted_sample()[..2_000];
    check(&WarehouseBoard, events);
    check(&OrdersByStatus, events);
    check(&Revenue, events);
    check(&UnitsByProduct, events);
    check(&FulfilmentTime, events);
    check(&CustomerValue, events);
}

#[test]
fn an_unknown_type_is_left_out() {
    let event = NewEvent::json("StockCounted", &serde_json::json!({ "units": 3 })).expect("an event");
    let unknown = recorded(vec![(StreamName::new("inventory-ROPE-30").expect("a name"), event)]);
    assert_eq!(fold(&WarehouseBoard, &unknown), Board::default());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn the_read_models_of_any_day_are_those_of_a_plain_fold(seed: u64, count in 1..4_000_usize) {
        check_all(&lifted(recorded(generate(seed, count).expect("events"))));
    }
}

/// A read model that left an event out on purpose, and the history that is shown beside it.
#[test]
fn the_history_without_a_skipped_event_is_what_the_read_model_holds() {
    block_on(async {
        let store = store_of(generate(SEED, 600).expect("events")).await;
        upcasters::register(&store).expect("names");
        let board = store.project(WarehouseBoard, ProjectionOptions::default()).await.expect("a projection");
        let stream = StreamName::new("inventory-ROPE-30").expect("a name");
        let came = |units: Value| json!({ "sku": "SKU-ROPE-30", "units": units, "purchaseOrder": "PO-1" });
        let event = |units: Value| NewEvent::json("StockReplenished", &came(units)).expect("an event");
        let events = vec![event(json!("many")), event(json!(5))];
        store.append(stream, ExpectedVersion::Any, events).await.expect("stored");
        let wrong = Position::new(601);
        let failed = board.caught_up(None).await.expect_err("the event is wrong");
        assert!(matches!(&failed, ProjectionError::Failed { failure, .. } if failure.position == wrong), "{failed}");

        board.skip(wrong, "a word for a number").await.expect("skipped");
        board.caught_up(None).await.expect("caught up");
        let kept = board.state("").await.expect("a read").expect("a state");
        let history = Timeline::new(store, Skipping::new(WarehouseBoard, [wrong]), TimelineOptions::default());
        let state_at =
            async |at: u64| history.state_at(Position::new(at).into(), "").await.expect("a state").expect("one");
        assert_eq!(state_at(602).await, kept);
        assert_eq!(state_at(601).await, state_at(600).await);
        assert_eq!(kept.skus["SKU-ROPE-30"].on_hand, state_at(600).await.skus["SKU-ROPE-30"].on_hand + 5);
    });
}
