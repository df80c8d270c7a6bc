//! Projections and timelines over real logs.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use futures_executor::block_on;
use leftfold_core::formats::ImportOptions;
use leftfold_core::{
    BoxError, Cursor, EventId, EventStore, ExpectedVersion, NewEvent, Position, Projection, ProjectionOptions, Query,
    QueryItem, RecordedEvent, RunningProjection, StreamName, Timeline, TimelineOptions,
};
use leftfold_tests::real_data;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::import::{all, bytes_of, category, import_bytes, store};

/// A case of a process: its events so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Case {
    count: u64,
    last: String,
}

struct Cases;

impl Projection for Cases {
    type State = Case;

    fn name(&self) -> &str {
        "cases"
    }

    fn initial(&self) -> Case {
        Case::default()
    }

    fn partition<'e>(&self, event: &'e RecordedEvent) -> Result<Option<Cow<'e, str>>, BoxError> {
        Ok(Some(event.stream().as_str().into()))
    }

    fn apply(&self, case: &mut Case, event: &RecordedEvent) -> Result<(), BoxError> {
        case.count += 1;
        case.last = event.event_type().to_string();
        Ok(())
    }
}

fn imported(path: &Path, options: &ImportOptions) -> EventStore {
    let store = store();
    import_bytes(&store, &bytes_of(path), options);
    store
}

/// The whole read model, once it has caught up.
fn model<P: Projection + 'static>(projection: &RunningProjection<P>) -> BTreeMap<String, P::State> {
    block_on(async {
        projection.caught_up(None).await.unwrap();
        let mut model = BTreeMap::new();
        loop {
            let after = model.last_key_value().map(|(name, _): (&String, &P::State)| name.clone());
            let names = projection.partitions(after.as_deref(), 500).await.unwrap();
            if names.is_empty() {
                return model;
            }
            for name in names {
                let state = projection.state(&name).await.unwrap().unwrap();
                model.insert(name, state);
            }
        }
    })
}

/// The lines that the expected digest is of.
fn digest(model: &BTreeMap<String, Case>, prefix: &str) -> String {
    let mut lines: Vec<String> =
        model.iter().map(|(name, case)| format!("{}\t{}\t{}", &name[prefix.len()..], case.count, case.last)).collect();
    lines.sort_unstable_by(|a, b| a.split('\t').next().cmp(&b.split('\t').next()));
    Sha256::digest(lines.join("\n")).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_cases_of_the_receipt_log_are_those_expected() {
    let Some(path) = real_data("process-logs/receipt.csv.gz") else { return };
    let Some(expected) = real_data("expected-receipt.json") else { return };
    let expected: Value = serde_json::from_slice(&bytes_of(&expected)).unwrap();
    let store = imported(&path, &category("receipt"));
    let cases = block_on(store.project(Cases, ProjectionOptions::default())).unwrap();
    let model = model(&cases);
    assert_eq!(model.len(), 1_434);
    let hashes = expected.as_object().unwrap().values().filter_map(Value::as_str);
    let digest = digest(&model, "receipt-");
    assert!(hashes.clone().any(|hash| hash == digest), "{digest} is not among {:?}", hashes.collect::<Vec<_>>());

    // A timeline gives the same at the head, and at each event of a case what was true then.
    let timeline = Timeline::new(store.clone(), Cases, TimelineOptions::default());
    for (number, (name, state)) in model.iter().enumerate() {
        assert_eq!(block_on(timeline.state_at(Cursor::Head, name)).unwrap().as_ref(), Some(state));
        if number % 20 == 0 {
            let mut case = Case::default();
            for event in all(&store).iter().filter(|event| event.stream().as_str() == name) {
                Cases.apply(&mut case, event).unwrap();
                let at = Cursor::Position(event.position());
                assert_eq!(block_on(timeline.state_at(at, name)).unwrap().as_ref(), Some(&case));
            }
        }
    }
}

/// What was to be paid for each fine, and what was paid, in cents.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Fine {
    paid: i64,
    events: u64,
}

struct Payments;

fn cents(text: &str) -> i64 {
    (text.parse::<f64>().unwrap() * 100.0).round() as i64
}

impl Projection for Payments {
    type State = Fine;

    fn name(&self) -> &str {
        "payments"
    }

    fn query(&self) -> Query {
        QueryItem::of_types(["Payment"]).unwrap().into()
    }

    fn initial(&self) -> Fine {
        Fine::default()
    }

    fn partition<'e>(&self, event: &'e RecordedEvent) -> Result<Option<Cow<'e, str>>, BoxError> {
        Ok(Some(event.stream().as_str().into()))
    }

    fn apply(&self, fine: &mut Fine, event: &RecordedEvent) -> Result<(), BoxError> {
        let data: BTreeMap<String, String> = event.json()?;
        fine.paid += cents(data.get("paymentAmount").ok_or("no amount")?);
        fine.events += 1;
        Ok(())
    }
}

#[test]
fn the_payments_of_the_road_traffic_log_are_those_of_its_rows() {
    let Some(path) = real_data("process-logs/roadtraffic100traces.csv") else { return };
    let store = imported(&path, &category("fine"));
    let payments = block_on(store.project(Payments, ProjectionOptions::default())).unwrap();
    let mut expected: BTreeMap<String, Fine> = BTreeMap::new();
    let bytes = bytes_of(&path);
    let mut rows = csv::Reader::from_reader(&bytes[..]);
    for row in rows.deserialize::<BTreeMap<String, String>>().map(Result::unwrap) {
        if row["concept:name"] == "Payment" {
            let fine = expected.entry(format!("fine-{}", row["case:concept:name"])).or_default();
            fine.paid += cents(&row["paymentAmount"]);
            fine.events += 1;
        }
    }
    assert!(expected.len() > 10, "{} fines were paid", expected.len());
    assert_eq!(model(&payments), expected);
}

#[derive(Serialize, Deserialize)]
struct Transaction {
    patches: Vec<(usize, usize, String)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Trace {
    start_content: String,
    end_content: String,
    txns: Vec<Transaction>,
}

/// A text that is edited, by code points.
struct Text {
    start: String,
}

impl Projection for Text {
    type State = Vec<char>;

    fn name(&self) -> &str {
        "text"
    }

    fn initial(&self) -> Vec<char> {
        self.start.chars().collect()
    }

    fn apply(&self, text: &mut Vec<char>, event: &RecordedEvent) -> Result<(), BoxError> {
        for (at, deleted, inserted) in event.json::<Transaction>()?.patches {
            let end = at.checked_add(deleted).filter(|end| *end <= text.len()).ok_or("an edit beyond the text")?;
            text.splice(at..end, inserted.chars());
        }
        Ok(())
    }
}

#[test]
fn an_editing_trace_is_replayed_to_its_end_and_stepped_back_to_its_start() {
    let Some(path) = real_data("editing-trace/sveltecomponent.json.gz") else { return };
    let trace: Trace = serde_json::from_slice(&bytes_of(&path)).unwrap();
    let store = store();
    let text = StreamName::new("text-1").unwrap();
    for part in trace.txns.chunks(500) {
        let events = part.iter().map(|edit| NewEvent::json("TextEdited", edit).unwrap()).collect();
        block_on(store.append(text.clone(), ExpectedVersion::Any, events)).unwrap();
    }
    assert_eq!(store.head().get(), 18_335);

    let projection = Text { start: trace.start_content.clone() };
    let mut naive = vec![projection.initial()];
    let mut state = projection.initial();
    for event in all(&store) {
        projection.apply(&mut state, &event).unwrap();
        if event.position().get() % 50 == 0 {
            naive.push(state.clone());
        }
    }
    let timeline = Timeline::new(store, projection, TimelineOptions::default());
    let at =
        |position: u64| block_on(timeline.state_at(Cursor::Position(Position::new(position)), "")).unwrap().unwrap();
    assert_eq!(at(18_335).into_iter().collect::<String>(), trace.end_content);
    for position in (0..=18_335).rev() {
        let state = at(position);
        if position % 50 == 0 {
            assert_eq!(state, naive[position as usize / 50], "position {position}");
        }
        assert!(timeline.last_seek().folds <= 1_000);
    }
    assert_eq!(at(0).into_iter().collect::<String>(), trace.start_content);
}

/// Items of a shopping cart.
struct Items;

impl Projection for Items {
    type State = Vec<String>;

    fn name(&self) -> &str {
        "items"
    }

    fn query(&self) -> Query {
        QueryItem {
            types: QueryItem::of_types(["ItemAdded"]).unwrap().types,
            ..QueryItem::of_categories(["shoppingCart"])
        }
        .into()
    }

    fn initial(&self) -> Vec<String> {
        Vec::new()
    }

    fn partition<'e>(&self, event: &'e RecordedEvent) -> Result<Option<Cow<'e, str>>, BoxError> {
        Ok(Some(event.stream().as_str().into()))
    }

    fn apply(&self, items: &mut Vec<String>, event: &RecordedEvent) -> Result<(), BoxError> {
        let data: BTreeMap<String, String> = event.json()?;
        items.push(data.get("Description").ok_or("no description")?.clone());
        Ok(())
    }
}

/// An event as KurrentDB's HTTP interface takes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Batched {
    event_id: String,
    event_type: String,
    data: Value,
}

#[test]
fn shopping_carts_have_the_items_that_were_added() {
    let Some(folder) = real_data("kurrentdb") else { return };
    let store = store();
    let mut expected = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let batch: Vec<Batched> = serde_json::from_slice(&bytes_of(&path)).unwrap();
        let event = |event: &Batched| {
            let id = EventId::parse(&event.event_id).unwrap();
            NewEvent::json(&event.event_type, &event.data).unwrap().with_id(id)
        };
        let events = batch.iter().map(event).collect();
        block_on(store.append(StreamName::new(&name).unwrap(), ExpectedVersion::NoStream, events)).unwrap();
        if name.starts_with("shoppingCart-") {
            expected.insert(name, batch.len());
        }
    }
    assert_eq!(expected.values().sum::<usize>(), 7);
    let items = block_on(store.project(Items, ProjectionOptions::default())).unwrap();
    let found: BTreeMap<String, usize> = model(&items).into_iter().map(|(name, items)| (name, items.len())).collect();
    assert_eq!(found, expected);
}
