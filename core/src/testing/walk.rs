//! A random walk through everything that a store can be asked, beside the model.

use std::sync::Arc;

use fastrand::Rng;
use futures_util::future::join_all;

use super::Fixture;
use super::model::Model;
use crate::domain::{
    Commit, Condition, EventId, ExpectedVersion, NewEvent, Position, Query, QueryItem, SchemaVersion, StreamCheck,
    StreamName, StreamWrite, Tag, Timestamp,
};
use crate::engine::{Direction, EventStore, OpenOptions, ReadOptions};

/// Handles that are open side by side.
const HANDLES: usize = 3;

/// Takes `steps` random steps drawn from `seed` on a fresh database: commits that are right, wrong, repeated and
/// conditional, alone and many in flight, on several handles; bulk appends; reads; reopenings. Segments are small, so
/// that they are sealed and purged meanwhile. Every answer must be the model's, and so must the whole log at the end.
///
/// # Panics
/// At the first answer that differs. The same seed gives the same steps.
pub async fn walk(fixture: &dyn Fixture, seed: u64, steps: usize) {
    let mut rng = Rng::with_seed(seed);
    let segment_bytes = *rng.choice(&[1, 300, 3_000, 256 * 1024]).unwrap_or(&300);
    let options = OpenOptions::default().segment_bytes(segment_bytes).cache_bytes(20_000);
    let mut walk = Walk { fixture, options, rng, model: Model::default(), handles: Vec::new(), repeats: Vec::new() };
    for _ in 0..HANDLES {
        let handle = walk.open().await;
        walk.handles.push(handle);
    }
    for step in 0..steps {
        walk.step(step).await;
    }
    walk.end().await;
}

struct Walk<'a> {
    fixture: &'a dyn Fixture,
    options: OpenOptions,
    rng: Rng,
    model: Model,
    handles: Vec<EventStore>,
    /// Commits that were tried before.
    repeats: Vec<Commit>,
}

impl Walk<'_> {
    async fn open(&self) -> EventStore {
        let storage = self.fixture.open().await.expect("the storage opens");
        EventStore::open(storage, self.options).await.expect("the store opens")
    }

    async fn step(&mut self, step: usize) {
        let handle = self.handles[self.rng.usize(..HANDLES)].clone();
        match self.rng.u32(..100) {
            0..45 => self.commit_some(&handle, 1, step).await,
            45..65 => {
                let calls = self.rng.usize(2..8);
                self.commit_some(&handle, calls, step).await;
            }
            65..85 => self.read(&handle, step).await,
            85..90 => self.bulk(&handle, step).await,
            90..95 => {
                let number = self.rng.usize(..HANDLES);
                if self.rng.bool() {
                    self.handles[number].close().await;
                }
                self.handles[number] = self.open().await;
            }
            95..98 => {
                let found = handle.verify().await.expect("the storage can be read");
                assert_eq!(found.problems, [], "step {step}");
                assert_eq!(found.events, self.model.head(), "step {step}");
            }
            _ => self.compare(&handle).await,
        }
    }

    /// Several commits in flight on one handle are judged in the order of the calls.
    async fn commit_some(&mut self, handle: &EventStore, calls: usize, step: usize) {
        let commits: Vec<Commit> = (0..calls).map(|_| self.commit()).collect();
        let answers = join_all(commits.iter().map(|commit| handle.commit(commit.clone()))).await;
        for (commit, answer) in commits.into_iter().zip(answers) {
            assert_eq!(answer, self.model.commit(&commit), "step {step}: {commit:?}");
            self.repeats.push(commit);
        }
    }

    fn commit(&mut self) -> Commit {
        if !self.repeats.is_empty() && self.rng.u32(..6) == 0 {
            return self.repeat();
        }
        let mut streams: Vec<u32> = (0..5).collect();
        self.rng.shuffle(&mut streams);
        let count = if self.rng.u32(..3) == 0 { self.rng.usize(1..4) } else { 1 };
        let mut commit = Commit::default();
        for number in streams.drain(..count) {
            let stream = stream_number(number);
            let expected = self.expected(&stream);
            let events = (0..self.rng.u32(1..4)).map(|_| self.event()).collect();
            commit.writes.push(StreamWrite { stream, expected, events });
        }
        if self.rng.u32(..5) == 0 {
            let stream = stream_number(self.rng.u32(..6));
            let expected = self.expected(&stream);
            commit.checks.push(StreamCheck { stream, expected });
        }
        if self.rng.u32(..4) == 0 {
            let query = self.query();
            let after = Position::new(self.rng.u64(..=self.model.head() + 2));
            commit.conditions.push(Condition { query, after });
        }
        commit
    }

    /// A commit from before: whole, in part, or turned around.
    fn repeat(&mut self) -> Commit {
        let mut commit = self.repeats[self.rng.usize(..self.repeats.len())].clone();
        match self.rng.u32(..6) {
            0 => {
                let event = self.event();
                commit.writes[0].events.push(event);
            }
            1 => commit.writes[0].stream = stream_number(7),
            2 => commit.writes.iter_mut().for_each(|write| write.events.reverse()),
            3 => commit.writes.reverse(),
            _ => {}
        }
        commit
    }

    /// What a writer may believe: the truth more often than not.
    fn expected(&mut self, stream: &StreamName) -> ExpectedVersion {
        let actual = self.model.version(stream);
        match self.rng.u32(..10) {
            0..3 => ExpectedVersion::Any,
            3..7 => ExpectedVersion::exact(actual),
            7 => ExpectedVersion::NoStream,
            8 => ExpectedVersion::StreamExists,
            _ => ExpectedVersion::exact(self.rng.u64(..actual + 3)),
        }
    }

    fn event(&mut self) -> NewEvent {
        let rng = &mut self.rng;
        let event_type = ["OrderPlaced", "OrderPaid", "OrderShipped"][rng.usize(..3)];
        let len = if rng.u32(..20) == 0 { rng.usize(..5_000) } else { rng.usize(..40) };
        let event = if rng.bool() {
            let data: Vec<u8> = (0..len).map(|_| rng.u8(..)).collect();
            NewEvent::bytes(event_type, "application/octet-stream", data)
        } else {
            let text: String = (0..len).map(|_| rng.char(..)).collect();
            NewEvent::json(event_type, &text)
        };
        let mut id = [0; 16];
        rng.fill(&mut id);
        let time = Timestamp::trusted(rng.i64(-1_000..1_000));
        let mut tags: Vec<Tag> = Vec::new();
        for number in 0..3 {
            if rng.bool() {
                tags.push(Tag::trusted(Arc::from(format!("course:c{number}"))));
            }
        }
        let event = event.expect("a valid event").with_id(EventId::from_bytes(id)).with_time(time);
        let event = event.with_tags(tags).expect("few tags").with_schema_version(SchemaVersion(rng.u32(..3)));
        if rng.bool() { event.with_metadata_text(r#"{ "correlationId":"a" }"#).expect("an object") } else { event }
    }

    fn query(&mut self) -> Query {
        let items = (0..self.rng.u32(..3)).map(|_| self.query_item()).collect();
        Query { items }
    }

    fn query_item(&mut self) -> QueryItem {
        let rng = &mut self.rng;
        let some = |rng: &mut Rng, names: &[&str]| -> Vec<String> {
            if rng.bool() {
                return Vec::new();
            }
            names.iter().filter(|_| rng.bool()).map(|name| (*name).to_owned()).collect()
        };
        let types = some(rng, &["OrderPlaced", "OrderPaid", "NeverSeen"]);
        let tags = some(rng, &["course:c0", "course:c1", "course:c2"]);
        let streams = some(rng, &["order-0", "order-3", "order-9", "card-1"]);
        let categories = some(rng, &["order", "card", "none"]);
        QueryItem {
            types: types.iter().map(|name| name.as_str().try_into().expect("a name")).collect(),
            tags: tags.iter().map(|name| Tag::new(name).expect("a name")).collect(),
            streams: streams.iter().map(|name| StreamName::new(name).expect("a name")).collect(),
            categories,
        }
    }

    async fn read(&mut self, handle: &EventStore, step: usize) {
        let head = self.model.head();
        let rng = &mut self.rng;
        let bound = |rng: &mut Rng| rng.bool().then(|| Position::new(rng.u64(..head + 3)));
        let time = |rng: &mut Rng| (rng.u32(..4) == 0).then(|| Timestamp::trusted(rng.i64(-1_100..1_100)));
        let options = ReadOptions {
            from: bound(rng),
            to: bound(rng),
            direction: if rng.bool() { Direction::Forwards } else { Direction::Backwards },
            limit: rng.bool().then(|| rng.usize(..head as usize + 3)),
            from_time: time(rng),
            to_time: time(rng),
            query: None,
        };
        let query = self.rng.bool().then(|| self.query());
        let options = ReadOptions { query, ..options };
        let events = handle.read_all(options.clone()).await.expect("the store can be read");
        let positions: Vec<u64> = events.iter().map(|event| event.position().get()).collect();
        assert_eq!(positions, self.model.read(&options), "step {step}: {options:?}");
        for event in &events {
            let position = event.position().get();
            assert!(self.model.log[position as usize - 1].is(position, event), "step {step}: {event:?}");
        }
        let time = Timestamp::trusted(self.rng.i64(-1_100..1_100));
        let at = handle.with_log(|log| log.position_at(time));
        assert_eq!(at.get(), self.model.position_at(time), "step {step}: the position at {time}");
    }

    async fn bulk(&mut self, handle: &EventStore, step: usize) {
        let mut bulk = handle.bulk().await.expect("a bulk begins");
        let mut pushed: Vec<(StreamName, NewEvent)> = Vec::new();
        for _ in 0..self.rng.u32(..40) {
            let stream = stream_number(self.rng.u32(..5));
            // Some are stored already, and some stand twice in the bulk.
            let again = !self.model.log.is_empty() && self.rng.u32(..8) == 0;
            let twice = !pushed.is_empty() && self.rng.u32(..8) == 0;
            let event = if again {
                self.model.log[self.rng.usize(..self.model.log.len())].event.clone()
            } else if twice {
                pushed[self.rng.usize(..pushed.len())].1.clone()
            } else {
                self.event()
            };
            bulk.push(&stream, &event).await.expect("an event is taken");
            pushed.push((stream, event));
        }
        if self.rng.u32(..4) == 0 {
            if self.rng.bool() {
                bulk.abandon().await
            } else {
                drop(bulk)
            }
            return;
        }
        // Another handle may store some of them first.
        if self.rng.bool() && !pushed.is_empty() {
            let (stream, event) = pushed[self.rng.usize(..pushed.len())].clone();
            let other = self.handles[self.rng.usize(..HANDLES)].clone();
            let commit = Commit::to_stream(stream, ExpectedVersion::Any, vec![event]);
            assert_eq!(other.commit(commit.clone()).await, self.model.commit(&commit), "step {step}");
        }
        let report = bulk.finish().await.expect("a bulk ends");
        let before = self.model.head();
        let mut duplicates = 0;
        for (stream, event) in &pushed {
            if event.id().is_some_and(|id| self.model.find(id).is_some()) {
                duplicates += 1;
            } else {
                self.model.push(stream, event);
            }
        }
        let events = self.model.head() - before;
        assert_eq!((report.events, report.duplicates), (events, duplicates), "step {step}");
        let first = if events == 0 { 0 } else { before + 1 };
        let last = if events == 0 { 0 } else { self.model.head() };
        assert_eq!((report.first_position.get(), report.last_position.get()), (first, last), "step {step}");
    }

    async fn compare(&self, handle: &EventStore) {
        let events = handle.read_all(ReadOptions::default()).await.expect("the store can be read");
        assert_eq!(events.len(), self.model.log.len(), "events in the log");
        for (event, (row, stored)) in events.iter().zip(self.model.log.iter().enumerate()) {
            assert!(stored.is(row as u64 + 1, event), "{event:?} is not {stored:?}");
        }
    }

    async fn end(mut self) {
        let fresh = self.open().await;
        self.handles.push(fresh);
        for handle in &self.handles {
            self.compare(handle).await;
            let found = handle.verify().await.expect("the storage can be read");
            assert_eq!(found.problems, []);
            for number in 0..8 {
                let stream = stream_number(number);
                let version = handle.stream_version(&stream).await.expect("the store can be read");
                assert_eq!(version.get(), self.model.version(&stream), "version of {stream}");
            }
        }
        for handle in &self.handles {
            handle.close().await;
        }
    }
}

fn stream_number(number: u32) -> StreamName {
    let category = if number.is_multiple_of(2) { "card" } else { "order" };
    StreamName::new(&format!("{category}-{number}")).expect("a valid name")
}
