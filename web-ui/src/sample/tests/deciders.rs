//! What each decider does, and what it refuses: given what happened, when a command comes, then this.

use super::*;
use crate::sample::inventory::{InventoryCommand, InventoryDecider, InventoryEvent, InventoryRejection};
use crate::sample::lines::Item;
use crate::sample::order::{Channel, OrderCommand, OrderDecider, OrderEvent, OrderRejection};
use crate::sample::payment::{PaymentCommand, PaymentDecider, PaymentEvent, PaymentRejection};
use crate::sample::shipment::{ShipmentCommand, ShipmentDecider, ShipmentEvent, ShipmentRejection};

const ROPE: &str = "SKU-ROPE-30";
const BOLT: &str = "SKU-BOLT-02";

mod orders {
    use super::*;

    fn place(lines: Vec<Line>) -> OrderCommand {
        let (customer, currency) = ("cus_1188".to_owned(), "EUR".to_owned());
        OrderCommand::Place { customer, channel: Channel::Web, currency, lines }
    }

    fn placed() -> OrderEvent {
        let (customer, currency) = ("cus_1188".to_owned(), "EUR".to_owned());
        OrderEvent::OrderPlaced { customer, channel: Channel::Web, currency, lines: vec![line(ROPE, 3, 1_875)] }
    }

    fn packed() -> OrderEvent {
        OrderEvent::OrderPacked { bench: 2, parcels: 1 }
    }

    fn cancelled() -> OrderEvent {
        OrderEvent::OrderCancelled { reason: "wrong size".to_owned() }
    }

    fn pack() -> OrderCommand {
        OrderCommand::Pack { bench: 2, parcels: 1 }
    }

    fn cancel() -> OrderCommand {
        OrderCommand::Cancel { reason: "wrong size".to_owned() }
    }

    #[track_caller]
    fn check(given: &[OrderEvent], command: &OrderCommand, then: Result<OrderEvent, OrderRejection>) {
        assert_eq!(when(&OrderDecider, given.to_vec(), command), then.map(|event| vec![event]));
    }

    #[test]
    fn an_order_is_placed_once() {
        check(&[], &place(vec![line(ROPE, 3, 1_875)]), Ok(placed()));
        for given in [vec![placed()], vec![placed(), packed()], vec![placed(), cancelled()]] {
            check(&given, &place(vec![line(ROPE, 3, 1_875)]), Err(OrderRejection::AlreadyPlaced));
        }
    }

    #[test]
    fn an_order_has_lines_each_with_units_and_a_product_of_its_own() {
        check(&[], &place(vec![]), Err(OrderRejection::NoLines));
        check(&[], &place(vec![line(ROPE, 0, 1_875)]), Err(OrderRejection::NoUnits { sku: ROPE.to_owned() }));
        let twice = vec![line(ROPE, 1, 1_875), line(BOLT, 1, 920), line(ROPE, 2, 1_875)];
        check(&[], &place(twice), Err(OrderRejection::TwoLines { sku: ROPE.to_owned() }));
    }

    #[test]
    fn an_order_is_packed_or_cancelled() {
        check(&[placed()], &pack(), Ok(packed()));
        check(&[placed()], &cancel(), Ok(cancelled()));
        check(&[placed(), packed()], &cancel(), Err(OrderRejection::AlreadyPacked));
        check(&[placed(), packed()], &pack(), Err(OrderRejection::AlreadyPacked));
        check(&[placed(), cancelled()], &pack(), Err(OrderRejection::AlreadyCancelled));
        check(&[placed(), cancelled()], &cancel(), Err(OrderRejection::AlreadyCancelled));
    }

    #[test]
    fn an_unknown_order_is_neither_packed_nor_cancelled() {
        check(&[], &pack(), Err(OrderRejection::Unknown));
        check(&[], &cancel(), Err(OrderRejection::Unknown));
    }
}

mod payments {
    use super::*;

    fn lines() -> Vec<Line> {
        vec![line(ROPE, 3, 1_875), line(BOLT, 10, 920)]
    }

    fn authorize(credit_cents: i64) -> PaymentCommand {
        let (order, customer, card) = ("order-7f3a".to_owned(), "cus_1188".to_owned(), "•• 9120".to_owned());
        PaymentCommand::Authorize { order, customer, lines: lines(), card, credit_cents }
    }

    fn authorized() -> PaymentEvent {
        let (order, customer, card) = ("order-7f3a".to_owned(), "cus_1188".to_owned(), "•• 9120".to_owned());
        PaymentEvent::PaymentAuthorized { order, customer, lines: lines(), card }
    }

    fn declined() -> PaymentEvent {
        let (order, customer, reason) = ("order-7f3a", "cus_1188", "insufficient_funds");
        let (order, customer, reason) = (order.to_owned(), customer.to_owned(), reason.to_owned());
        PaymentEvent::PaymentDeclined { order, customer, lines: lines(), reason }
    }

    fn captured() -> PaymentEvent {
        let (order, customer) = ("order-7f3a".to_owned(), "cus_1188".to_owned());
        PaymentEvent::PaymentCaptured { order, customer, lines: lines() }
    }

    fn refunded(lines: Vec<Line>) -> PaymentEvent {
        let (order, customer, to) = ("order-7f3a".to_owned(), "cus_1188".to_owned(), "original card".to_owned());
        PaymentEvent::RefundIssued { order, customer, lines, to }
    }

    fn refund(lines: Vec<Line>) -> PaymentCommand {
        PaymentCommand::Refund { lines }
    }

    #[track_caller]
    fn check(given: &[PaymentEvent], command: &PaymentCommand, then: Result<PaymentEvent, PaymentRejection>) {
        assert_eq!(when(&PaymentDecider, given.to_vec(), command), then.map(|event| vec![event]));
    }

    #[test]
    fn the_bank_answers_once_for_as_much_as_it_says() {
        let total = 3 * 1_875 + 10 * 920;
        check(&[], &authorize(total), Ok(authorized()));
        check(&[], &authorize(total - 1), Ok(declined()));
        for given in [authorized(), declined()] {
            check(&[given], &authorize(total), Err(PaymentRejection::AlreadyAnswered));
        }
    }

    #[test]
    fn only_what_is_authorized_is_captured_and_once() {
        check(&[authorized()], &PaymentCommand::Capture, Ok(captured()));
        check(&[], &PaymentCommand::Capture, Err(PaymentRejection::NotAuthorized));
        let reason = "insufficient_funds".to_owned();
        check(&[declined()], &PaymentCommand::Capture, Err(PaymentRejection::Declined { reason }));
        check(&[authorized(), captured()], &PaymentCommand::Capture, Err(PaymentRejection::AlreadyCaptured));
    }

    #[test]
    fn no_more_is_refunded_than_was_captured() {
        let given = [authorized(), captured()];
        check(&given, &refund(lines()), Ok(refunded(lines())));
        let part = vec![line(ROPE, 2, 1_875)];
        check(&given, &refund(part.clone()), Ok(refunded(part.clone())));
        let more =
            |wanted, captured| Err(PaymentRejection::MoreThanCaptured { sku: ROPE.to_owned(), wanted, captured });
        check(&given, &refund(vec![line(ROPE, 4, 1_875)]), more(4, 3));
        check(&given, &refund(vec![line(ROPE, 1, 9_999)]), more(1, 0));
        check(&given, &refund(vec![line(ROPE, 1, 1_875), line(ROPE, 1, 1_875)]), more(1, 0));
        check(&[authorized(), captured(), refunded(part.clone())], &refund(part), more(2, 1));
        check(&given, &refund(vec![]), Err(PaymentRejection::NothingToPay));
        check(&[authorized()], &refund(lines()), Err(PaymentRejection::NotCaptured));
        check(&[declined()], &refund(lines()), Err(PaymentRejection::NotCaptured));
    }
}

mod stock {
    use super::*;

    fn replenished(units: u32) -> InventoryEvent {
        InventoryEvent::StockReplenished { sku: ROPE.to_owned(), units, purchase_order: "PO-8836".to_owned() }
    }

    fn reserved(order: &str, units: u32) -> InventoryEvent {
        InventoryEvent::StockReserved { order: order.to_owned(), sku: ROPE.to_owned(), units }
    }

    fn released(order: &str, units: u32) -> InventoryEvent {
        InventoryEvent::StockReleased { order: order.to_owned(), sku: ROPE.to_owned(), units }
    }

    fn reserve(order: &str, units: u32) -> InventoryCommand {
        InventoryCommand::Reserve { order: order.to_owned(), sku: ROPE.to_owned(), units }
    }

    fn release(order: &str) -> InventoryCommand {
        InventoryCommand::Release { order: order.to_owned(), sku: ROPE.to_owned() }
    }

    #[track_caller]
    fn check(given: &[InventoryEvent], command: &InventoryCommand, then: Result<InventoryEvent, InventoryRejection>) {
        assert_eq!(when(&InventoryDecider, given.to_vec(), command), then.map(|event| vec![event]));
    }

    #[test]
    fn no_more_is_reserved_than_can_be_sold() {
        let given = [replenished(20), reserved("order-1", 15)];
        check(&given, &reserve("order-2", 5), Ok(reserved("order-2", 5)));
        let short = InventoryRejection::InsufficientStock { sku: ROPE.to_owned(), wanted: 6, sellable: 5 };
        check(&given, &reserve("order-2", 6), Err(short));
        check(&given, &reserve("order-2", 0), Err(InventoryRejection::NoUnits));
        let twice = InventoryRejection::AlreadyReserved { order: "order-1".to_owned() };
        check(&given, &reserve("order-1", 1), Err(twice));
    }

    #[test]
    fn a_delivery_and_a_release_can_be_sold() {
        let replenish = |units| {
            let (sku, purchase_order) = (ROPE.to_owned(), "PO-8836".to_owned());
            InventoryCommand::Replenish { sku, units, purchase_order }
        };
        check(&[], &replenish(20), Ok(replenished(20)));
        check(&[], &replenish(0), Err(InventoryRejection::NoUnits));
        let given = [replenished(20), reserved("order-1", 20), released("order-1", 20), replenished(1)];
        check(&given, &reserve("order-2", 21), Ok(reserved("order-2", 21)));
    }

    #[test]
    fn a_reservation_is_released_once() {
        let not = || Err(InventoryRejection::NotReserved { order: "order-1".to_owned() });
        let given = [replenished(20), reserved("order-2", 3), reserved("order-1", 3)];
        check(&given, &release("order-1"), Ok(released("order-1", 3)));
        check(&given[..2], &release("order-1"), not());
        let given = [replenished(20), reserved("order-2", 3), reserved("order-1", 3), released("order-1", 3)];
        check(&given, &release("order-1"), not());
    }
}

mod shipments {
    use super::*;

    fn contents(units: u32) -> Vec<Item> {
        vec![Item { sku: ROPE.to_owned(), units }]
    }

    fn dispatch(units: u32) -> ShipmentCommand {
        let (order, carrier, tracking) = ("order-7f3a".to_owned(), "DHL".to_owned(), "DH00000251".to_owned());
        ShipmentCommand::Dispatch { order, carrier, tracking, contents: contents(units) }
    }

    fn dispatched() -> ShipmentEvent {
        let (order, carrier, tracking) = ("order-7f3a".to_owned(), "DHL".to_owned(), "DH00000251".to_owned());
        ShipmentEvent::ShipmentDispatched { order, carrier, tracking, contents: contents(3) }
    }

    fn deliver() -> ShipmentCommand {
        ShipmentCommand::Deliver { handover: "signed for".to_owned() }
    }

    fn delivered() -> ShipmentEvent {
        ShipmentEvent::ParcelDelivered { order: "order-7f3a".to_owned(), handover: "signed for".to_owned() }
    }

    #[track_caller]
    fn check(given: &[ShipmentEvent], command: &ShipmentCommand, then: Result<ShipmentEvent, ShipmentRejection>) {
        assert_eq!(when(&ShipmentDecider, given.to_vec(), command), then.map(|event| vec![event]));
    }

    #[test]
    fn an_order_is_shipped_once() {
        check(&[], &dispatch(3), Ok(dispatched()));
        check(&[], &dispatch(0), Err(ShipmentRejection::Empty));
        check(&[dispatched()], &dispatch(3), Err(ShipmentRejection::AlreadyShipped));
        check(&[dispatched(), delivered()], &dispatch(3), Err(ShipmentRejection::AlreadyShipped));
    }

    #[test]
    fn what_is_shipped_is_delivered_once() {
        check(&[dispatched()], &deliver(), Ok(delivered()));
        check(&[], &deliver(), Err(ShipmentRejection::NotShipped));
        check(&[dispatched(), delivered()], &deliver(), Err(ShipmentRejection::AlreadyDelivered));
    }
}
