//! The first release: what it got wrong, and how its events are read today.

use leftfold_core::{DomainEvent, EventId, SchemaVersion};
use uuid::Uuid;

use super::*;
use crate::sample::early::{EarlyEvent, NotTaken, release};
use crate::sample::inventory::{InventoryDecider, InventoryEvent, InventoryState};
use crate::sample::order::{Channel, OrderEvent};

const ROPE: &str = "SKU-ROPE-30";

fn stock() -> InventoryState {
    let (sku, purchase_order) = (ROPE.to_owned(), "PO-8836".to_owned());
    let reserved =
        |order: &str, units| InventoryEvent::StockReserved { order: order.to_owned(), sku: ROPE.to_owned(), units };
    let given = [
        InventoryEvent::StockReplenished { sku, units: 20, purchase_order },
        reserved("order-1", 3),
        reserved("order-2", 4),
    ];
    given.into_iter().fold(InventoryState::default(), |state, event| InventoryDecider.evolve(state, event))
}

/// The handler names no order. As long as somebody's units are taken, it releases what it released before.
#[test]
fn the_early_handler_releases_one_reservation_twice() {
    let message = ("order-1".to_owned(), 3);
    let mut state = stock();
    for _ in 0..2 {
        let (order, units) = message.clone();
        let event = release(&state, ROPE, units).expect("the early handler takes it");
        assert_eq!(event, EarlyEvent::StockReleased { sku: ROPE.to_owned(), units });
        let lifted = InventoryEvent::StockReleased { order, sku: ROPE.to_owned(), units };
        state = InventoryDecider.evolve(state, lifted);
    }
    assert_eq!((state.sellable, state.taken), (19, 1), "20 came, 4 are kept: 16 can be sold, not 19");
}

#[test]
fn the_early_handler_only_sees_that_enough_is_taken() {
    assert_eq!(release(&stock(), ROPE, 8), Err(NotTaken { sku: ROPE.to_owned(), units: 8, taken: 7 }));
}

fn one(stream: &str, event: NewEvent) -> RecordedEvent {
    let stream = StreamName::new(stream).expect("a name");
    recorded(vec![(stream, event.with_id(EventId::new(Uuid::from_u128(7))))]).remove(0)
}

#[test]
fn an_order_of_one_product_is_read_as_an_order_of_one_line() {
    let early = EarlyEvent::OrderPlaced {
        customer: "cus_1188".to_owned(),
        currency: "EUR".to_owned(),
        sku: ROPE.to_owned(),
        units: 3,
        unit_price: 1_875,
    };
    let today = OrderEvent::OrderPlaced {
        customer: "cus_1188".to_owned(),
        channel: Channel::Web,
        currency: "EUR".to_owned(),
        lines: vec![line(ROPE, 3, 1_875)],
    };
    assert_eq!(EarlyEvent::of_order(&today), Some(early.clone()));
    let stored = one("order-7f3a", early.to_new_event().expect("an event"));
    assert_eq!(stored.schema_version(), SchemaVersion(1));
    let lifted = lifted(vec![stored]).remove(0);
    assert_eq!(lifted.schema_version(), SchemaVersion(2));
    assert_eq!(Fact::read(&lifted), Ok(Some(Fact::Order(today))));
}

#[test]
fn a_release_is_read_with_the_order_that_its_metadata_name() {
    let early = EarlyEvent::StockReleased { sku: ROPE.to_owned(), units: 3 }.to_new_event().expect("an event");
    let metadata = serde_json::json!({ "correlationId": "order-7f3a" });
    let stored = one("inventory-ROPE-30", early.clone().with_metadata(&metadata).expect("metadata"));
    let lifted = lifted(vec![stored]).remove(0);
    let today = InventoryEvent::StockReleased { order: "order-7f3a".to_owned(), sku: ROPE.to_owned(), units: 3 };
    assert_eq!(Fact::read(&lifted), Ok(Some(Fact::Inventory(today))));

    let nameless = one("inventory-ROPE-30", early);
    let error = upcasters::chains().expect("chains").lift(nameless).expect_err("no order");
    assert!(error.reason.contains("correlationId"), "{}", error.reason);
}
