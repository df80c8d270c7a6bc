//! The log that the simulator makes: the same every time, in legal order, and right but for one release.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use leftfold_core::ExpectedVersion;
use proptest::prelude::*;

use super::*;
use crate::sample::inventory::InventoryEvent;
use crate::sample::projections::WarehouseBoard;
use crate::sample::shipment::ShipmentEvent;

/// The reservations that are released although they are not there: position, order, product, units.
pub(super) fn double_releases(events: &[RecordedEvent]) -> Vec<(Position, String, String, u32)> {
    let mut reserved = BTreeSet::new();
    let mut double = Vec::new();
    for event in events {
        match Fact::read(event).expect("a known shape") {
            Some(Fact::Inventory(InventoryEvent::StockReserved { order, sku, .. })) => {
                assert!(reserved.insert((order, sku)), "reserved twice at {}", event.position());
            }
            Some(Fact::Inventory(InventoryEvent::StockReleased { order, sku, units })) => {
                let is_reserved = reserved.remove(&(order.clone(), sku.clone()));
                double.extend((!is_reserved).then(|| (event.position(), order, sku, units)));
            }
            _ => {}
        }
    }
    double
}

/// What may come after what, for everything that belongs to one order.
fn may_follow(seen: &[String], next: &str) -> bool {
    let has = |name: &str| seen.iter().any(|seen| seen == name);
    match next {
        "OrderPlaced" => seen.is_empty(),
        "PaymentAuthorized" | "PaymentDeclined" => {
            has("OrderPlaced") && !has("PaymentAuthorized") && !has("PaymentDeclined")
        }
        "StockReserved" => has("PaymentAuthorized") && !has("OrderCancelled") && !has("PaymentCaptured"),
        "PaymentCaptured" => has("StockReserved") && !has("PaymentCaptured") && !has("OrderCancelled"),
        "OrderPacked" => has("PaymentCaptured") && !has("OrderCancelled") && !has("OrderPacked"),
        "ShipmentDispatched" => has("OrderPacked") && !has("ShipmentDispatched"),
        "ParcelDelivered" => has("ShipmentDispatched") && !has("ParcelDelivered"),
        "OrderCancelled" => has("OrderPlaced") && !has("OrderPacked") && !has("OrderCancelled"),
        "StockReleased" => has("StockReserved") && has("OrderCancelled"),
        "RefundIssued" => has("PaymentCaptured") && (has("OrderCancelled") || has("ParcelDelivered")),
        _ => false,
    }
}

fn check_orders(events: &[RecordedEvent]) {
    let mut orders: HashMap<String, Vec<String>> = HashMap::new();
    for event in events {
        let kind = event.event_type().as_str();
        let metadata: serde_json::Value = serde_json::from_slice(event.metadata()).expect("JSON");
        let order = metadata["correlationId"].as_str().expect("a correlation").to_owned();
        if kind == "StockReplenished" {
            assert!(order.starts_with("PO-"), "{order}");
            continue;
        }
        let seen = orders.entry(order).or_default();
        assert!(may_follow(seen, kind), "{kind} at {} after {seen:?}", event.position());
        seen.push(kind.to_owned());
    }
}

/// Never are more units kept than are on hand, nor fewer than none, but for what was released twice.
fn check_stock(events: &[RecordedEvent], double: &[(Position, String, String, u32)]) {
    let mut stock: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for event in events {
        let mut change = |sku: &str, on_hand: i64, reserved: i64| {
            let (hand, kept) = stock.entry(sku.to_owned()).or_default();
            *hand += on_hand;
            *kept += reserved;
            let spoilt = |(at, _, of, units): &(Position, String, String, u32)| {
                if *at <= event.position() && of == sku { i64::from(*units) } else { 0 }
            };
            let spoilt: i64 = double.iter().map(spoilt).sum();
            assert!(*kept >= -spoilt && *kept <= *hand, "{sku} at {}: {kept} of {hand}", event.position());
        };
        match Fact::read(event).expect("a known shape") {
            Some(Fact::Inventory(InventoryEvent::StockReplenished { sku, units, .. })) => change(&sku, units.into(), 0),
            Some(Fact::Inventory(InventoryEvent::StockReserved { sku, units, .. })) => change(&sku, 0, units.into()),
            Some(Fact::Inventory(InventoryEvent::StockReleased { sku, units, .. })) => {
                change(&sku, 0, -i64::from(units));
            }
            Some(Fact::Shipment(ShipmentEvent::ShipmentDispatched { contents, .. })) => {
                contents.iter().for_each(|item| change(&item.sku, -i64::from(item.units), -i64::from(item.units)));
            }
            _ => {}
        }
    }
}

#[test]
fn the_sample_is_the_same_every_time() {
    assert_eq!(events().expect("events"), events().expect("events"));
}

/// A store that has the sample of one version takes in that of the next without repeats: the bytes may not change by mistake.
#[test]
fn the_sample_is_the_same_on_every_machine() {
    let mut text = String::new();
    for (stream, event) in events().expect("events") {
        let (time, id) = (event.time().expect("a time"), event.id().expect("an id"));
        text += &format!("{stream} {} {} {time} {id} ", event.event_type(), event.schema_version());
        text += &format!("{} {}\n", String::from_utf8_lossy(event.data()), String::from_utf8_lossy(event.metadata()));
    }
    let digest = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, text.as_bytes());
    assert_eq!(digest.to_string(), "4a03bdfb-e747-58c6-b687-19637d7112d2", "the bytes of the sample changed");
}

#[test]
fn the_sample_has_twelve_types_in_four_categories_in_order_of_time() {
    let events = events().expect("events");
    assert_eq!(events.len(), EVENTS);
    let types: BTreeSet<&str> = events.iter().map(|(_, event)| event.event_type().as_str()).collect();
    let categories: BTreeSet<&str> = events.iter().map(|(stream, _)| stream.category()).collect();
    assert_eq!(types.len(), 12, "{types:?}");
    assert_eq!(categories.into_iter().collect::<Vec<_>>(), ["inventory", "order", "payment", "shipment"]);
    assert!(events.windows(2).all(|pair| pair[0].1.time() <= pair[1].1.time()));
    let ids: BTreeSet<_> = events.iter().map(|(_, event)| event.id()).collect();
    assert_eq!(ids.len(), EVENTS);
}

#[test]
fn the_sample_is_one_day() {
    let events = events().expect("events");
    let days: BTreeSet<String> =
        events.iter().map(|(_, event)| event.time().expect("a time").to_string()[..10].to_owned()).collect();
    assert_eq!(days.into_iter().collect::<Vec<_>>(), ["2026-03-14"]);
}

/// What the walk through the sample ends at.
#[test]
fn one_reservation_of_the_sample_is_released_twice() {
    let events = lifted_sample();
    let double = double_releases(&events);
    let order = "order-a64e".to_owned();
    assert_eq!(double, [(DOUBLE_RELEASE, order.clone(), "SKU-ROPE-30".to_owned(), 3)]);
    check_stock(&events, &double);

    let caused = |event: &RecordedEvent| {
        let metadata: serde_json::Value = serde_json::from_slice(event.metadata()).expect("JSON");
        (metadata["correlationId"].clone(), metadata["causationId"].clone())
    };
    let releases = |event: &&RecordedEvent| {
        event.stream().as_str() == "inventory-ROPE-30" && event.event_type().as_str() == "StockReleased"
    };
    let of_order = |event: &&RecordedEvent| caused(event).0 == order.as_str();
    let both: Vec<&RecordedEvent> = events.iter().filter(releases).filter(of_order).collect();
    let [first, second] = both.as_slice() else { panic!("{} releases", both.len()) };
    assert_eq!(second.position(), DOUBLE_RELEASE);
    assert_eq!(caused(first), caused(second), "one message, delivered twice");
    assert_ne!(first.id(), second.id());
}

/// The broker restarts every afternoon, and delivers a cancellation once more every time.
#[test]
fn the_second_release_releases_no_reservation_twice() {
    let double = double_releases(&lifted(recorded(generate(SEED, 24_000).expect("events"))));
    assert_eq!(double.into_iter().map(|(at, ..)| at).collect::<Vec<_>>(), [DOUBLE_RELEASE]);
}

#[test]
fn the_product_has_more_to_sell_than_there_is_from_then_to_the_end() {
    use leftfold_core::Projection;
    let events = lifted_sample();
    let mut board = WarehouseBoard.initial();
    let mut first = None;
    for event in &events {
        WarehouseBoard.apply(&mut board, event).expect("a board");
        if first.is_none() && board.skus.values().any(|stock| stock.sellable > stock.on_hand) {
            first = Some(event.position());
        }
    }
    assert_eq!(first, Some(DOUBLE_RELEASE), "it shows at once");
    let wrong: Vec<&str> =
        board.skus.iter().filter(|(_, stock)| stock.sellable > stock.on_hand).map(|(sku, _)| sku.as_str()).collect();
    assert_eq!(wrong, ["SKU-ROPE-30"], "it shows at the end, and nothing else is wrong");
}

#[test]
fn the_first_release_writes_older_shapes_and_the_second_does_not() {
    let mut versions: BTreeMap<String, Vec<(u32, i64)>> = BTreeMap::new();
    for event in recorded(events().expect("events")) {
        let kind = event.event_type().to_string();
        versions.entry(kind).or_default().push((event.schema_version().0, event.time().as_micros()));
    }
    for (kind, versions) in versions {
        let has_two = matches!(kind.as_str(), "OrderPlaced" | "StockReleased");
        let latest = if has_two { 2 } else { 1 };
        assert_eq!(versions.iter().map(|(version, _)| *version).max(), Some(latest), "{kind}");
        let old = versions.iter().filter(|(version, _)| *version < latest);
        let last_old = old.clone().map(|(_, time)| *time).max();
        let first_new = versions.iter().filter(|(version, _)| *version == latest).map(|(_, time)| *time).min();
        assert_eq!(old.count() > 5, has_two, "{kind}");
        assert!(last_old < first_new, "{kind}: the second release takes the place of the first");
    }
}

#[test]
fn an_order_that_cannot_be_paid_or_filled_is_cancelled() {
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for event in lifted_sample() {
        if let Some(Fact::Order(order::OrderEvent::OrderCancelled { reason })) = Fact::read(&event).expect("a fact") {
            *reasons.entry(reason).or_default() += 1;
        }
    }
    let expected = ["customer asked", "ordered twice", "out of stock", "payment declined", "wrong size"];
    assert_eq!(reasons.keys().map(String::as_str).collect::<Vec<_>>(), expected);
}

#[test]
fn commands_are_refused_on_the_way() {
    let mut simulator = Simulator::new(SEED);
    let made: usize = simulator.by_ref().take(EVENTS).map(|step| step.expect("a step").events.len()).sum();
    assert_eq!(made, EVENTS);
    assert!(simulator.refusals() > 50, "{}", simulator.refusals());
}

#[test]
fn the_simulator_goes_on_and_on_and_keeps_nothing_of_finished_orders() {
    let mut simulator = Simulator::new(7);
    let streams: BTreeSet<String> =
        simulator.by_ref().take(60_000).map(|step| step.expect("a step").stream.to_string()).collect();
    assert!(streams.len() > 15_000, "{}", streams.len());
    assert!(simulator.orders_under_way() < 1_000, "{}", simulator.orders_under_way());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn any_seed_makes_a_legal_day(seed: u64, count in 1..7_000_usize) {
        let mut versions: HashMap<StreamName, u64> = HashMap::new();
        let mut events = Vec::new();
        for step in Simulator::new(seed).take(count) {
            let Step { stream, expected, events: decided } = step.expect("a step");
            let version = versions.entry(stream.clone()).or_default();
            prop_assert_eq!(expected, ExpectedVersion::exact(*version));
            *version += decided.len() as u64;
            events.extend(decided.into_iter().map(|event| (stream.clone(), event)));
        }
        let events = lifted(recorded(events));
        for event in &events {
            prop_assert!(Fact::read(event).expect("a known shape").is_some(), "{} is unknown", event.event_type());
        }
        let double = double_releases(&events);
        prop_assert!(double.len() <= 1, "{:?}", double);
        check_orders(&events);
        check_stock(&events, &double);
    }

    #[test]
    fn any_seed_makes_the_same_every_time(seed: u64) {
        prop_assert_eq!(generate(seed, 500).expect("events"), generate(seed, 500).expect("events"));
    }
}
