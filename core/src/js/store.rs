//! The class `EventStore`.

use std::rc::Rc;

use js_sys::{AsyncIterator, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::failure::Failure;
use super::options::{
    AppendOptions, CommitOptions, Durability, OpenOptions, QueryOptions, ReadOptions, StorageKind, StreamsOptions,
    SubscribeOptions, options, stream_name, text,
};
use super::reports::{self, CommitResult};
use super::rest::{self, SealElsewhere, Task};
use super::subscription::{self, JsSubscription};
use super::value::moment;
use super::{commit, glue, reader, upcast};
use crate::domain::limits::MAX_STORE_NAME_BYTES;
use crate::domain::{Commit, StreamName};
use crate::engine::{self, EventStore};
use crate::storage::{Storage, indexed_db};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
export interface EventStore {
  /** Runs a projection: catches up with the log, then follows it. One that had failed is tried again. */
  project<S extends Json>(definition: ProjectionDefinition<S>): Promise<Projection<S>>;
  /** The projection as a timeline: it answers for every position, and keeps nothing in the store. */
  timeline<S extends Json>(definition: ProjectionDefinition<S>): Promise<Timeline<S>>;
}"#;

/// A handle on an append-only log of events.
///
/// Several handles, in tabs and workers, may write to one store at once: positions stay gapless, version checks exact.
/// Arguments are read when a call is made, or the plain objects and arrays in them copied: changing those afterwards changes
/// nothing. Every call that fails rejects with a `LeftfoldError`; only `read`, `subscribe` and `registerUpcaster`, which give no promise, throw one.
#[wasm_bindgen(js_name = EventStore)]
#[derive(Debug)]
pub struct JsEventStore {
    store: EventStore,
    durability: Durability,
}

/// The promise of a call: its arguments were read already, successfully or not.
pub(super) fn promise<T>(
    arguments: Result<T, Failure>,
    call: impl AsyncFnOnce(T) -> Result<JsValue, Failure> + 'static,
) -> Promise
where
    T: 'static,
{
    match arguments {
        Ok(arguments) => future_to_promise(async move { call(arguments).await.map_err(JsValue::from) }),
        Err(failure) => Promise::reject(&failure.into()),
    }
}

/// Opens a store where it is kept.
///
/// # Errors
/// Those of the storage.
pub(super) async fn open_on(storage: Rc<dyn Storage>, durability: Durability) -> Result<JsValue, Failure> {
    let options = engine::OpenOptions::default().durability(durability.into());
    Ok(JsEventStore {
        store: EventStore::open_sealed_by(storage, options, Rc::new(SealElsewhere::default())).await?,
        durability,
    }
    .into())
}

/// The name of a store.
fn store_name(value: &JsValue) -> Result<String, Failure> {
    const CODE: &str = "invalid-input";
    let name = text(CODE, "name", value)?;
    if name.is_empty() || name.len() > MAX_STORE_NAME_BYTES {
        let problem = format!("1 to {MAX_STORE_NAME_BYTES} bytes are expected, not {}", name.len());
        return Err(Failure::member(CODE, "name", problem));
    }
    Ok(name)
}

#[wasm_bindgen(js_class = EventStore)]
impl JsEventStore {
    /// Opens a store; it is made if there is none of that name.
    #[wasm_bindgen(unchecked_return_type = "Promise<EventStore>")]
    pub fn open(
        #[wasm_bindgen(unchecked_param_type = "string")] name: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "OpenOptions")] options: JsValue,
    ) -> Promise {
        let arguments =
            store_name(&name).and_then(|name| Ok((name, self::options::<OpenOptions>("invalid-input", options)?)));
        promise(arguments, async |(name, options)| {
            let durability = options.durability.unwrap_or_default();
            match options.storage.unwrap_or_default() {
                StorageKind::IndexedDb => open_on(indexed_db::open(&name).await?, durability).await,
                StorageKind::Memory => rest::run(Task::OpenInMemory { name, durability }).await,
            }
        })
    }

    /// The stores of this origin in IndexedDB, in alphabetical order.
    #[wasm_bindgen(unchecked_return_type = "Promise<StoreSummary[]>")]
    pub fn list() -> Promise {
        promise(Ok(()), async |()| rest::run(Task::List).await)
    }

    /// Deletes a store in IndexedDB and all that is in it. Handles on it, in whatever tab, are closed.
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn delete(#[wasm_bindgen(unchecked_param_type = "string")] name: JsValue) -> Promise {
        promise(store_name(&name), async |name| rest::run(Task::Delete(name)).await)
    }

    /// The name of the store.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn name(&self) -> String {
        self.store.name().to_owned()
    }

    /// The last position that this handle knows of; 0 when the log is empty.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn head(&self) -> f64 {
        self.store.head().get() as f64
    }

    /// Appends events to a stream: all or nothing, at consecutive positions.
    #[wasm_bindgen(unchecked_return_type = "Promise<CommitResult>")]
    pub fn append(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] stream: JsValue,
        #[wasm_bindgen(unchecked_param_type = "NewEvent | NewEvent[]")] events: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "AppendOptions")] options: JsValue,
    ) -> Promise {
        const CODE: &str = "invalid-commit";
        let arguments = stream_name(CODE, &stream).and_then(|stream: StreamName| {
            let options = self::options::<AppendOptions>(CODE, options)?;
            let expected = options.expected_version.unwrap_or_default().0;
            let commit = Commit::to_stream(stream, expected, commit::events(&events)?);
            Ok((commit, options.durability))
        });
        self.store_commit(arguments)
    }

    /// Appends events to several streams, and checks others: all of it, or nothing.
    #[wasm_bindgen(unchecked_return_type = "Promise<CommitResult>")]
    pub fn commit(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Commit")] commit: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "CommitOptions")] options: JsValue,
    ) -> Promise {
        let arguments = self::options::<CommitOptions>("invalid-commit", options)
            .and_then(|options| Ok((commit::commit(&commit)?, options.durability)));
        self.store_commit(arguments)
    }

    /// The version of a stream's last event; 0 when it has none.
    #[wasm_bindgen(js_name = streamVersion, unchecked_return_type = "Promise<number>")]
    pub fn stream_version(&self, #[wasm_bindgen(unchecked_param_type = "string")] stream: JsValue) -> Promise {
        self.call(stream_name("invalid-query", &stream), async |store, stream| {
            Ok((store.stream_version(&stream).await?.get() as f64).into())
        })
    }

    /// The streams, in alphabetical order.
    #[wasm_bindgen(unchecked_return_type = "Promise<StreamInfo[]>")]
    pub fn streams(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "StreamsOptions")] options: JsValue,
    ) -> Promise {
        let arguments = self::options::<StreamsOptions>("invalid-query", options);
        self.call(arguments, async |store, options| rest::run(Task::Streams(store, options)).await)
    }

    /// The events of a stream.
    #[wasm_bindgen(js_name = readStream, unchecked_return_type = "Promise<RecordedEvent[]>")]
    pub fn read_stream(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] stream: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "ReadOptions")] options: JsValue,
    ) -> Promise {
        const CODE: &str = "invalid-query";
        let arguments =
            stream_name(CODE, &stream).and_then(|stream| Ok((stream, self::options::<ReadOptions>(CODE, options)?)));
        self.call(arguments, async |store, (stream, options)| reader::stream(store, stream, options.into()).await)
    }

    /// The events of the log, one by one, in bounded memory. The read begins when the first one is asked for; what is
    /// appended later is not part of it.
    #[wasm_bindgen(unchecked_return_type = "AsyncIterableIterator<RecordedEvent>")]
    pub fn read(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "QueryOptions")] options: JsValue,
    ) -> Result<AsyncIterator, JsValue> {
        Ok(reader::iterate(self.store.clone(), read_options(options)?))
    }

    /// The events of the log, all at once.
    #[wasm_bindgen(js_name = readAll, unchecked_return_type = "Promise<RecordedEvent[]>")]
    pub fn read_all(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "QueryOptions")] options: JsValue,
    ) -> Promise {
        self.call(read_options(options), reader::collect)
    }

    /// The last position at which the running maximum of event times is at or before `time`; 0 if there is none.
    #[wasm_bindgen(js_name = positionAt, unchecked_return_type = "Promise<number>")]
    pub fn position_at(&self, #[wasm_bindgen(unchecked_param_type = "TimeInput")] time: JsValue) -> Promise {
        let time = moment(&time).map_err(|problem| Failure::member("invalid-query", "time", problem));
        self.call(time, async |store, time| {
            store.refresh().await?;
            Ok((store.with_log(|log| log.position_at(time)).get() as f64).into())
        })
    }

    /// Calls `handler` with every event, in order: those stored, then new ones as they come, from other tabs too. What
    /// the handler promises is waited for before the next call. An error of the handler ends the subscription.
    pub fn subscribe(
        &self,
        #[wasm_bindgen(unchecked_param_type = "(event: RecordedEvent) => void | Promise<void>")] handler: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "SubscribeOptions")] options: JsValue,
    ) -> Result<JsSubscription, JsValue> {
        let options: SubscribeOptions = self::options("invalid-input", options)?;
        Ok(subscription::subscribe(self.store.clone(), handler, options)?)
    }

    /// From now on, what this handle reads, subscribes to and folds is lifted. The log keeps what is stored: position,
    /// version and id stay, an event that is dropped is left out. Queries and positions are about what is stored. Register
    /// all upcasters before anything is folded: what was folded already is not folded again.
    #[wasm_bindgen(js_name = registerUpcaster)]
    pub fn register_upcaster(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Upcaster")] upcaster: JsValue,
    ) -> Result<(), JsValue> {
        let upcaster = upcast::upcaster(upcaster)?;
        self.store.register_upcaster(upcaster).map_err(|error| Failure::from(error).into())
    }

    /// Runs a projection: catches up with the log, then follows it.
    #[wasm_bindgen(skip_typescript)]
    pub fn project(&self, definition: JsValue) -> Promise {
        self.call(Ok(glue::held(&definition)), async |store, asked| rest::run(Task::Project(store, asked)).await)
    }

    /// The projection as a timeline.
    #[wasm_bindgen(skip_typescript)]
    pub fn timeline(&self, definition: JsValue) -> Promise {
        self.call(Ok(glue::held(&definition)), async |store, asked| rest::run(Task::Timeline(store, asked)).await)
    }

    /// Stores the events of a file, compressed by gzip or not: all of them, or nothing. Those that are stored already are
    /// left out and counted.
    #[wasm_bindgen(unchecked_return_type = "Promise<ImportReport>")]
    pub fn import(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Blob | string | Uint8Array")] source: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "ImportOptions")] options: JsValue,
    ) -> Promise {
        let source = glue::open_source(&source).map_err(Failure::Made);
        let arguments = source.map(|source| (source, glue::held(&options)));
        self.call(arguments, async |store, (source, options)| rest::run(Task::Import(store, source, options)).await)
    }

    /// The log, or a part of it, as a file: what is stored, whatever upcasters there are, up to the head as it is now.
    #[wasm_bindgen(unchecked_return_type = "Promise<Blob>")]
    pub fn export(&self, #[wasm_bindgen(unchecked_optional_param_type = "ExportOptions")] options: JsValue) -> Promise {
        self.call(Ok(glue::held(&options)), async |store, options| {
            // Before the code is loaded, which may take a while.
            let head = store.refresh().await?;
            rest::run(Task::Export(store, head, options)).await
        })
    }

    /// Reads the whole store from where it is kept, and checks every byte of it.
    #[wasm_bindgen(unchecked_return_type = "Promise<Verification>")]
    pub fn verify(&self) -> Promise {
        self.call(Ok(()), async |store, ()| rest::run(Task::Verify(store)).await)
    }

    /// Figures of the store.
    #[wasm_bindgen(unchecked_return_type = "Promise<Stats>")]
    pub fn stats(&self) -> Promise {
        self.call(Ok(()), async |store, ()| rest::run(Task::Stats(store)).await)
    }

    /// Waits for appends under way, then closes the handle. Subscriptions end; later calls fail with `storage-closed`.
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn close(&self) -> Promise {
        self.call(Ok(()), async |store, ()| {
            store.close().await;
            Ok(JsValue::UNDEFINED)
        })
    }
}

impl JsEventStore {
    fn call<T: 'static>(
        &self,
        arguments: Result<T, Failure>,
        call: impl AsyncFnOnce(EventStore, T) -> Result<JsValue, Failure> + 'static,
    ) -> Promise {
        let store = self.store.clone();
        promise(arguments, async move |arguments| call(store, arguments).await)
    }

    fn store_commit(&self, arguments: Result<(Commit, Option<Durability>), Failure>) -> Promise {
        let by_default = self.durability;
        self.call(arguments, async move |store, (commit, durability)| {
            let durability = durability.unwrap_or(by_default);
            let result = store.commit_with(commit, durability.into()).await?;
            reports::value(&CommitResult::from(result))
        })
    }
}

fn read_options(value: JsValue) -> Result<engine::ReadOptions, Failure> {
    options::<QueryOptions>("invalid-query", value)?.try_into()
}
