//! The engine on the storage in memory, from first append to sealed segments.

use futures_executor::block_on;
use leftfold_core::{
    EventStore, ExpectedVersion, MemoryDatabase, NewEvent, OpenOptions, ReadOptions, StreamName, StreamReadOptions,
};

#[test]
fn what_was_appended_comes_back_after_sealing_and_reopening() {
    block_on(async {
        let database = MemoryDatabase::new();
        let options = OpenOptions::default().segment_bytes(4096);
        let store = EventStore::open(database.open(), options).await.unwrap();
        for number in 0..500_u32 {
            let stream = StreamName::new(&format!("order-{}", number % 7)).unwrap();
            let event = NewEvent::json("OrderPlaced", &number).unwrap();
            store.append(stream, ExpectedVersion::Any, vec![event]).await.unwrap();
        }
        assert!(store.stats().await.unwrap().segments > 3);
        let verified = store.verify().await.unwrap();
        assert_eq!(verified.problems, []);
        let again = EventStore::open(database.open(), options).await.unwrap();
        let events = again.read_all(ReadOptions::default()).await.unwrap();
        assert_eq!(events.len(), 500);
        assert_eq!(events, store.read_all(ReadOptions::default()).await.unwrap());
        let numbers: Vec<u32> = events.iter().map(|event| event.json().unwrap()).collect();
        assert_eq!(numbers, (0..500).collect::<Vec<_>>());
        let stream = StreamName::new("order-3").unwrap();
        let of_stream = again.read_stream(&stream, StreamReadOptions::default()).await.unwrap();
        assert_eq!(of_stream.len(), 71);
        assert_eq!(of_stream.last().unwrap().version().get(), 71);
        let mut bulk = again.bulk().await.unwrap();
        for number in 0..1000_u32 {
            bulk.push(&stream, &NewEvent::json("OrderPlaced", &number).unwrap()).await.unwrap();
        }
        assert_eq!(store.head().get(), 500);
        let report = bulk.finish().await.unwrap();
        assert_eq!((report.events, report.first_position.get(), report.last_position.get()), (1000, 501, 1500));
        assert_eq!(store.refresh().await.unwrap().get(), 1500);
        assert_eq!(store.verify().await.unwrap().problems, []);
        let third = EventStore::open(database.open(), options).await.unwrap();
        assert_eq!(third.read_all(ReadOptions::default()).await.unwrap().len(), 1500);
    });
}
