//! Batches as KurrentDB's HTTP API takes them.

use leftfold_core::EventStore;
use leftfold_core::formats::{FieldSource, Format, ImportOptions, Mapping};
use leftfold_tests::real_data;

use crate::import::{all, bytes_of, import_bytes, store};

/// Imports a batch into the stream of its file's name; gives the number of events.
fn import_batch(store: &EventStore, name: &str) -> Option<(u64, u64)> {
    let path = real_data(&format!("kurrentdb/{name}.json"))?;
    let stream = Some(FieldSource::Constant(name.to_owned()));
    let options = ImportOptions { mapping: Mapping { stream, ..Mapping::default() }, ..ImportOptions::default() };
    let report = import_bytes(store, &bytes_of(&path), &options);
    assert_eq!(report.format, Format::KurrentDb);
    Some((report.events, report.duplicates))
}

#[test]
fn shopping_carts_have_the_times_of_their_metadata() {
    let carts = [1164, 1165, 1166, 1167].map(|number| format!("shoppingCart-b989fe21-9469-4017-8d71-9820b8dd{number}"));
    let store = store();
    let Some(counts) = carts.iter().map(|cart| import_batch(&store, cart)).collect::<Option<Vec<_>>>() else { return };
    let events = all(&store);
    assert_eq!(counts.iter().map(|(events, _)| events).sum::<u64>(), events.len() as u64);
    let of_cart: Vec<_> = events.iter().filter(|event| event.stream().as_str() == carts[1]).collect();
    assert_eq!(of_cart.len(), 2);
    assert_eq!(of_cart[0].id().to_string(), "b989fe21-9469-4017-8d71-9820b8dd1165");
    assert_eq!(of_cart[0].event_type().as_str(), "ItemAdded");
    assert_eq!(of_cart[0].time().to_string(), "2016-12-23T08:00:00.92254Z");
    assert_eq!(of_cart[0].json::<serde_json::Value>().unwrap()["Description"], "Xbox One S 500GB (Console)");
    for (cart, (stored, _)) in carts.iter().zip(counts) {
        assert_eq!(import_batch(&store, cart), Some((0, stored)));
    }
}

#[test]
fn samples_without_metadata() {
    let store = store();
    let Some((events, _)) = import_batch(&store, "multiple-events") else { return };
    assert_eq!(events, 2);
    assert_eq!(import_batch(&store, "event").map(|(events, _)| events), Some(1));
}
