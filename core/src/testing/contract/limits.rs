//! What is refused before a log is asked.

use super::given::*;
use crate::domain::limits::*;
use crate::domain::{
    Commit, Condition, EventType, ExpectedVersion, InvalidCommit, InvalidEvent, InvalidName, InvalidQuery, NewEvent,
    Position, Query, QueryItem, StreamCheck, StreamName, Tag,
};
use crate::engine::{AppendError, EventStore, From, ReadError, ReadOptions};
use crate::testing::Fixture;

async fn assert_refused(store: &EventStore, commit: Commit, expected: InvalidCommit) {
    assert_eq!(store.commit(commit).await, Err(AppendError::InvalidCommit(expected)));
    assert_eq!(done(store.refresh().await).get(), 0, "nothing was written");
}

/// Commits that make no sense are refused, each with its reason.
pub async fn senseless_commits_are_refused(fixture: &dyn Fixture) {
    let store = open(fixture).await;
    assert_refused(&store, Commit::default(), InvalidCommit::NoEvents).await;
    let check = StreamCheck { stream: stream("order-1"), expected: ExpectedVersion::Any };
    let only_checks = Commit { checks: vec![check], ..Commit::default() };
    assert_refused(&store, only_checks, InvalidCommit::NoEvents).await;
    let empty = commit_of(vec![
        write("order-1", ExpectedVersion::Any, vec![event("A")]),
        write("order-2", ExpectedVersion::Any, vec![]),
    ]);
    assert_refused(&store, empty, InvalidCommit::EmptyWrite { stream: stream("order-2") }).await;
    let twice = ["order-1", "order-2", "order-1"].map(|name| write(name, ExpectedVersion::Any, vec![event("A")]));
    assert_refused(&store, commit_of(twice.into()), InvalidCommit::StreamTwice { stream: stream("order-1") }).await;
    let same_id = commit_of(vec![
        write("order-1", ExpectedVersion::Any, numbers(0..2)),
        write("order-2", ExpectedVersion::Any, numbers(1..3)),
    ]);
    assert_refused(&store, same_id, InvalidCommit::IdTwice { id: id(2) }).await;
    let error = store.commit(Commit::default()).await.expect_err("it is refused");
    assert_eq!(error.code(), "invalid-commit");
}

/// A commit beyond a limit is refused, and the error says the limit and the actual size; one at the limit is not.
pub async fn limits_of_a_commit(fixture: &dyn Fixture) {
    let store = open(fixture).await;
    let exceeded = |what, limit, actual| InvalidCommit::LimitExceeded { what, limit, actual };
    let events = vec![event("A"); MAX_EVENTS_PER_COMMIT + 1];
    let commit = commit_of(vec![write("order-1", ExpectedVersion::Any, events)]);
    assert_refused(&store, commit, exceeded("events", MAX_EVENTS_PER_COMMIT, MAX_EVENTS_PER_COMMIT + 1)).await;

    let mut commit = commit_of(vec![write("order-0", ExpectedVersion::Any, vec![event("A")])]);
    for number in 0..MAX_STREAMS_PER_COMMIT {
        let stream = stream(&format!("card-{number}"));
        commit.checks.push(StreamCheck { stream, expected: ExpectedVersion::NoStream });
    }
    let error = exceeded("streams", MAX_STREAMS_PER_COMMIT, MAX_STREAMS_PER_COMMIT + 1);
    assert_refused(&store, commit.clone(), error).await;

    // Clones of an event share its data: this is 16 MiB of memory, not 80.
    let large = done(NewEvent::bytes("FileAdded", "application/octet-stream", vec![0; MAX_DATA_BYTES]));
    let too_many = commit_of(vec![write("file-1", ExpectedVersion::Any, vec![large; 5])]);
    assert_refused(&store, too_many, exceeded("bytes", MAX_COMMIT_BYTES, MAX_DATA_BYTES * 5)).await;

    let items = vec![QueryItem::default(); MAX_QUERY_ITEMS + 1];
    let source = InvalidQuery::TooManyItems { limit: MAX_QUERY_ITEMS, actual: MAX_QUERY_ITEMS + 1 };
    let mut conditional = commit_of(vec![write("order-1", ExpectedVersion::Any, vec![event("A")])]);
    conditional.conditions.push(Condition { query: query(items.clone()), after: Position::ZERO });
    assert_refused(&store, conditional, InvalidCommit::Query { source: source.clone() }).await;
    let options = ReadOptions { query: Some(query(items.clone())), ..ReadOptions::default() };
    assert_eq!(store.read_all(options).await, Err(ReadError::InvalidQuery(source.clone())));
    let refused = store.subscribe(From::Start, Query { items }).await.expect_err("it is refused");
    assert_eq!((refused.code(), refused), ("invalid-query", ReadError::InvalidQuery(source)));

    commit.checks.pop();
    assert_eq!(done(store.commit(commit).await).first_position.get(), 1);
}

/// Events and names beyond a limit cannot be made, and the error says the limit and the actual size.
pub async fn limits_of_an_event(_fixture: &dyn Fixture) {
    let exceeded = |what, limit, actual| Err(InvalidEvent::LimitExceeded { what, limit, actual });
    let data = NewEvent::bytes("FileAdded", "text/plain", vec![0; MAX_DATA_BYTES + 1]);
    assert_eq!(data, exceeded("bytes of data", MAX_DATA_BYTES, MAX_DATA_BYTES + 1));
    let long = serde_json::json!({ "note": "x".repeat(MAX_METADATA_BYTES) });
    let metadata = event("A").with_metadata(&long);
    assert_eq!(metadata, exceeded("bytes of metadata", MAX_METADATA_BYTES, MAX_METADATA_BYTES + 11));
    let tags = |count: usize| (0..count).map(|number| tag(&format!("tag:{number}")));
    assert_eq!(event("A").with_tags(tags(129)), exceeded("tags", MAX_TAGS_PER_EVENT, 129));
    assert!(event("A").with_tags(tags(MAX_TAGS_PER_EVENT)).is_ok());

    let too_long = |what, limit, actual| InvalidName::TooLong { what, limit, actual };
    let text = |len: usize| "n".repeat(len);
    assert_eq!(StreamName::new(&text(513)), Err(too_long("stream name", MAX_STREAM_NAME_BYTES, 513)));
    assert_eq!(EventType::new(&text(256)), Err(too_long("event type", MAX_EVENT_TYPE_BYTES, 256)));
    assert_eq!(Tag::new(&text(256)), Err(too_long("tag", MAX_TAG_BYTES, 256)));
    assert_eq!(StreamName::new(""), Err(InvalidName::Empty { what: "stream name" }));
    let control = InvalidName::ControlCharacter { what: "stream name", found: 10 };
    assert_eq!(StreamName::new("a\nb"), Err(control));
    let content_type = NewEvent::bytes("A", &text(256), Vec::new());
    assert_eq!(content_type, Err(too_long("content type", MAX_CONTENT_TYPE_BYTES, 256).into()));
    assert!(matches!(NewEvent::json_text("A", "{"), Err(InvalidEvent::DataNotJson { .. })));
    assert!(matches!(NewEvent::json_text("A", &b"\"\xff\""[..]), Err(InvalidEvent::DataNotJson { .. })));
    assert!(matches!(event("A").with_metadata_text("[1]"), Err(InvalidEvent::MetadataNotObject { .. })));
}
