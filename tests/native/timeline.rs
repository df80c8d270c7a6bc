//! One timeline asked by many at once, while the log grows, in whatever order tasks run; some lose patience half way.

use std::borrow::Cow;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use futures_channel::oneshot;
use leftfold_core::{
    BoxError, CancelToken, Cursor, Direction, EventStore, ExpectedVersion, FindOptions, Host, NewEvent, OpenOptions,
    Position, Projection, RecordedEvent, StreamName, Timeline, TimelineOptions,
    testing::{Fixture, SimHost},
};
use proptest::prelude::*;

use crate::contract::SlowFixture;

/// A number in which every position of the partition has left its trace. Folding takes its time, so that others get
/// their turn in the middle of it.
#[derive(Clone)]
struct Trace {
    host: Rc<SimHost>,
}

fn trace(before: u64, position: Position) -> u64 {
    before.wrapping_mul(31).wrapping_add(position.get()) % 1_000_003
}

impl Projection for Trace {
    type State = u64;

    fn name(&self) -> &str {
        "trace"
    }

    fn initial(&self) -> u64 {
        0
    }

    fn partition<'e>(&self, event: &'e RecordedEvent) -> Result<Option<Cow<'e, str>>, BoxError> {
        Ok(Some(event.stream().as_str().into()))
    }

    fn apply(&self, state: &mut u64, event: &RecordedEvent) -> Result<(), BoxError> {
        self.host.advance(150);
        *state = trace(*state, event.position());
        Ok(())
    }
}

const STREAMS: [&str; 3] = ["order-1", "order-2", "payment-1"];

/// One who asks.
struct Asker {
    timeline: Timeline<Trace>,
    /// Another handle on the log.
    writer: EventStore,
    random: u64,
}

impl Asker {
    fn draw(&mut self, below: u64) -> u64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) % below.max(1)
    }

    /// The positions of a partition's events known to the timeline's store, up to `at`.
    fn positions(&self, partition: &str, at: Position) -> Vec<Position> {
        let stream = StreamName::new(partition).unwrap();
        let all = self.timeline.store().with_log(|log| log.stream_positions(&stream).to_vec());
        all.into_iter().map(Position::from).filter(|position| *position <= at).collect()
    }

    async fn ask(&mut self) {
        let partition = STREAMS[self.draw(3) as usize];
        let head = self.timeline.store().head();
        let at = Position::new(self.draw(head.get() + 1));
        let expected = self.positions(partition, at);
        match self.draw(7) {
            0 => {
                let events = (0..=self.draw(12)).map(|_| NewEvent::json("Noted", &1).unwrap()).collect();
                self.writer.append(StreamName::new(partition).unwrap(), ExpectedVersion::Any, events).await.unwrap();
            }
            1 => {
                let (polls, timeline) = (self.draw(40), self.timeline.clone());
                lose_patience(timeline.build(|_| (), &CancelToken::new()), polls).await;
            }
            2 => {
                let (polls, timeline) = (self.draw(10), self.timeline.clone());
                lose_patience(timeline.state_at(Cursor::Head, partition), polls).await;
            }
            3 => {
                let found = self.timeline.provenance("", at.into(), partition).await.unwrap();
                assert_eq!(found.map(|event| event.position()), expected.last().copied());
            }
            4 => {
                let wanted = Position::new(self.draw(at.get() + 1));
                let options =
                    FindOptions { from: Some(at), direction: Direction::Backwards, partition: partition.to_owned() };
                let holds = |_: &u64, event: &RecordedEvent| event.position() <= wanted;
                let found = self.timeline.find_first(holds, &options, &CancelToken::new()).await.unwrap();
                assert_eq!(found, expected.into_iter().rfind(|position| *position <= wanted));
            }
            _ => {
                let found = self.timeline.state_at(at.into(), partition).await.unwrap();
                let folded = expected.iter().fold(0, |state, position| trace(state, *position));
                assert_eq!(found, (!expected.is_empty()).then_some(folded), "{partition} at {at}");
            }
        }
    }
}

/// Polls a future some times, then drops it.
async fn lose_patience(future: impl Future, mut polls: u64) {
    let mut future = pin!(future);
    poll_fn(|context| {
        if polls == 0 || future.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        polls -= 1;
        Poll::Pending
    })
    .await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 100, ..ProptestConfig::default() })]

    #[test]
    fn everyone_is_given_the_fold_of_the_log(
        seed: u64,
        order: u64,
        fold_bound in 1..20_usize,
        memory_bytes in prop_oneof![Just(1 << 20), 0..8_000_usize],
    ) {
        let host = SimHost::new(order);
        let fixture = SlowFixture::new(&host, order);
        host.run(async {
            let options = OpenOptions::default().segment_bytes(400);
            let store = EventStore::open(fixture.open().await.unwrap(), options).await.unwrap();
            let writer = EventStore::open(fixture.open().await.unwrap(), options).await.unwrap();
            let projection = Trace { host: Rc::clone(&host) };
            let bounds = TimelineOptions::default().fold_bound(fold_bound).memory_bytes(memory_bytes);
            let timeline = Timeline::new(store, projection, bounds);
            let mut ends = Vec::new();
            for number in 0..4 {
                let mut asker =
                    Asker { timeline: timeline.clone(), writer: writer.clone(), random: seed.wrapping_add(number) };
                let (sender, end) = oneshot::channel();
                ends.push(end);
                host.spawn(Box::pin(async move {
                    for _ in 0..40 {
                        asker.ask().await;
                    }
                    sender.send(()).unwrap();
                }));
            }
            for end in ends {
                end.await.expect("every asker was answered");
            }
        });
    }
}
