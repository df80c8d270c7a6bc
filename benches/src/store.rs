//! A store to be measured.

use std::cell::RefCell;

use futures_util::future::join_all;
use leftfold_core::{
    Commit, Durability, EventStore, ExpectedVersion, NewEvent, OpenOptions, Position, ReadOptions, StreamName,
    StreamReadOptions, Timestamp, indexed_db,
};
use wasm_bindgen::prelude::*;

use crate::order::Order;

pub(crate) type Outcome<T> = Result<T, JsError>;

/// An open store and the events prepared for it.
#[wasm_bindgen]
pub struct Store {
    pub(crate) store: EventStore,
    durability: Durability,
    /// Made before the clock starts, as the objects of the JavaScript baselines are.
    orders: RefCell<Vec<Order>>,
}

impl Store {
    pub(crate) fn of(store: EventStore, durability: Durability) -> Self {
        Self { store, durability, orders: RefCell::default() }
    }
}

#[wasm_bindgen]
impl Store {
    /// Opens a store; `cache_bytes` is the room for payloads in memory.
    pub async fn open(name: String, is_strict: bool, cache_bytes: usize) -> Outcome<Store> {
        console_error_panic_hook::set_once();
        let durability = if is_strict { Durability::Strict } else { Durability::Relaxed };
        let options = OpenOptions::default().durability(durability).cache_bytes(cache_bytes);
        let store = EventStore::open(indexed_db::open(&name).await?, options).await?;
        Ok(Self::of(store, durability))
    }

    /// Makes the values that the next appends will store.
    pub fn prepare(&self, count: u32) {
        self.orders.replace((0..count).map(Order::new).collect());
    }

    /// Appends the prepared events one at a time to one stream, each with the exact version and awaited.
    #[wasm_bindgen(js_name = appendOneByOne)]
    pub async fn append_one_by_one(&self) -> Outcome<()> {
        let orders = self.orders.take();
        let stream = StreamName::new("order-single")?;
        let mut expected = self.store.with_log(|log| log.stream_version(&stream));
        for (number, order) in (0..).zip(&orders) {
            let events = vec![order.event(number)?];
            let result = self.store.append(stream.clone(), ExpectedVersion::Exact(expected), events).await?;
            expected = result.streams[0].last_version;
        }
        Ok(())
    }

    /// The same by several callers at once, each with a stream of its own.
    #[wasm_bindgen(js_name = appendInFlight)]
    pub async fn append_in_flight(&self, callers: usize) -> Outcome<()> {
        let orders = self.orders.take();
        let share = orders.len().div_ceil(callers.max(1));
        let calls = orders.chunks(share).enumerate().map(async |(caller, orders)| -> Outcome<()> {
            let stream = StreamName::new(&format!("order-{caller}"))?;
            let mut expected = self.store.with_log(|log| log.stream_version(&stream));
            for (number, order) in (0..).zip(orders) {
                let events = vec![order.event(number)?];
                let result = self.store.append(stream.clone(), ExpectedVersion::Exact(expected), events).await?;
                expected = result.streams[0].last_version;
            }
            Ok(())
        });
        join_all(calls).await.into_iter().collect()
    }

    /// Appends the prepared events in commits of `size` events to one stream, each commit awaited.
    #[wasm_bindgen(js_name = appendCommits)]
    pub async fn append_commits(&self, size: usize) -> Outcome<()> {
        let orders = self.orders.take();
        let stream = StreamName::new("order-batch")?;
        let mut expected = self.store.with_log(|log| log.stream_version(&stream));
        for orders in orders.chunks(size.max(1)) {
            let events: Result<Vec<NewEvent>, _> =
                (0..).zip(orders).map(|(number, order)| order.event(number)).collect();
            let commit = Commit::to_stream(stream.clone(), ExpectedVersion::Exact(expected), events?);
            let result = self.store.commit_with(commit, self.durability).await?;
            expected = result.streams[0].last_version;
        }
        Ok(())
    }

    /// Stores `count` events of `streams` streams by a bulk append. `run` events of one stream follow each other.
    pub async fn bulk(&self, count: u32, streams: u32, run: u32) -> Outcome<()> {
        let names: Result<Vec<_>, _> = (0..streams).map(|number| StreamName::new(&format!("order-{number}"))).collect();
        let names = names?;
        let mut bulk = self.store.bulk().await?;
        let start = Timestamp::from_micros(1_767_225_600_000_000)?;
        for number in 0..count {
            let time = Timestamp::from_micros(start.as_micros() + i64::from(number) * 1_000)?;
            let event = Order::new(number).event(number)?.with_time(time);
            bulk.push(&names[(number / run.max(1) % streams) as usize], &event).await?;
        }
        bulk.finish().await?;
        Ok(())
    }

    /// Appends `count` events to a stream in one commit.
    #[wasm_bindgen(js_name = appendTail)]
    pub async fn append_tail(&self, stream: u32, count: u32) -> Outcome<()> {
        let stream = StreamName::new(&format!("order-{stream}"))?;
        let events: Result<Vec<NewEvent>, _> = (0..count).map(|number| Order::new(number).event(number)).collect();
        self.store.append(stream, ExpectedVersion::Any, events?).await?;
        Ok(())
    }

    /// Reads the whole log page by page, and adds up the bytes of the data.
    #[wasm_bindgen(js_name = readLog)]
    pub async fn read_log(&self) -> Outcome<f64> {
        let mut events = self.store.read(ReadOptions::default()).await?;
        let mut bytes = 0;
        while let Some(page) = events.next_page().await? {
            bytes += page.iter().map(|event| event.data().len()).sum::<usize>();
        }
        Ok(bytes as f64)
    }

    /// Reads one stream, and adds up the bytes of the data.
    #[wasm_bindgen(js_name = readStream)]
    pub async fn read_stream(&self, stream: u32) -> Outcome<f64> {
        let stream = StreamName::new(&format!("order-{stream}"))?;
        let events = self.store.read_stream(&stream, StreamReadOptions::default()).await?;
        Ok(events.iter().map(|event| event.data().len()).sum::<usize>() as f64)
    }

    /// Reads `count` events from a position on.
    #[wasm_bindgen(js_name = readFrom)]
    pub async fn read_from(&self, position: u32, count: usize) -> Outcome<f64> {
        let options =
            ReadOptions { from: Some(Position::from(position)), limit: Some(count), ..ReadOptions::default() };
        let events = self.store.read_all(options).await?;
        Ok(events.iter().map(|event| event.data().len()).sum::<usize>() as f64)
    }

    /// The number of events.
    pub fn head(&self) -> f64 {
        self.store.head().get() as f64
    }

    /// The number of segments.
    pub async fn segments(&self) -> Outcome<f64> {
        Ok(self.store.stats().await?.segments as f64)
    }

    /// Bytes of memory that the index takes.
    #[wasm_bindgen(js_name = residentBytes)]
    pub async fn resident_bytes(&self) -> Outcome<f64> {
        Ok(self.store.stats().await?.resident_bytes as f64)
    }

    /// Closes the store, once it has written what it has begun.
    pub async fn close(&self) {
        self.store.close().await;
    }
}
