//! From the shapes of the first release to those of today.
//!
//! - `OrderPlaced` 1 → 2: one product becomes a line, and the channel is `web`, for there was no other.
//! - `StockReleased` 1 → 2: the order is taken from the `correlationId` of the metadata, where the first release left it.

use std::rc::Rc;

use leftfold_core::{
    BoxError, EventStore, EventType, InvalidName, Payload, RecordedEvent, SchemaVersion, Upcaster, UpcasterTaken,
    Upcasters,
};
use serde::Deserialize;
use serde_json::json;

use super::lines::Line;

/// Every upcaster of the sample, to be registered with its store.
///
/// # Errors
/// [`InvalidName`] when a type is no name.
pub fn all() -> Result<Vec<Rc<dyn Upcaster>>, InvalidName> {
    Ok(vec![
        Rc::new(OrderPlaced { event_type: EventType::new("OrderPlaced")? }),
        Rc::new(StockReleased { event_type: EventType::new("StockReleased")? }),
    ])
}

/// The upcasters as chains.
///
/// # Errors
/// What keeps them from being chains.
pub fn chains() -> Result<Upcasters, BoxError> {
    let mut chains = Upcasters::new();
    let added: Result<(), UpcasterTaken> = all()?.into_iter().try_for_each(|upcaster| chains.add(upcaster));
    added?;
    Ok(chains)
}

/// Registers the upcasters of the sample with a handle on its store, those that it does not have yet.
///
/// # Errors
/// [`InvalidName`] when a type is no name.
pub fn register(store: &EventStore) -> Result<(), InvalidName> {
    for upcaster in all()? {
        // The one that is there already is one of these.
        let _ = store.register_upcaster(upcaster);
    }
    Ok(())
}

struct OrderPlaced {
    event_type: EventType,
}

#[derive(Deserialize)]
struct OneProduct {
    customer: String,
    currency: String,
    #[serde(flatten)]
    line: Line,
}

impl Upcaster for OrderPlaced {
    fn event_type(&self) -> &EventType {
        &self.event_type
    }

    fn from(&self) -> SchemaVersion {
        SchemaVersion(1)
    }

    fn upcast(&self, event: &RecordedEvent) -> Result<Vec<Payload>, BoxError> {
        let OneProduct { customer, currency, line } = event.json()?;
        let data = json!({ "customer": customer, "channel": "web", "currency": currency, "lines": [line] });
        payload(&self.event_type, &data)
    }
}

struct StockReleased {
    event_type: EventType,
}

#[derive(Deserialize)]
struct SomeUnits {
    sku: String,
    units: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Correlated {
    correlation_id: Option<String>,
}

impl Upcaster for StockReleased {
    fn event_type(&self) -> &EventType {
        &self.event_type
    }

    fn from(&self) -> SchemaVersion {
        SchemaVersion(1)
    }

    fn upcast(&self, event: &RecordedEvent) -> Result<Vec<Payload>, BoxError> {
        let SomeUnits { sku, units } = event.json()?;
        let Correlated { correlation_id } = serde_json::from_slice(event.metadata())?;
        let order = correlation_id.ok_or("the metadata has no correlationId, which names the order")?;
        payload(&self.event_type, &json!({ "order": order, "sku": sku, "units": units }))
    }
}

fn payload(event_type: &EventType, data: &serde_json::Value) -> Result<Vec<Payload>, BoxError> {
    Ok(vec![Payload { event_type: event_type.clone(), data: serde_json::value::to_raw_value(data)? }])
}
