//! Subscriptions: events handed to a function, one after another.

use std::cell::Cell;
use std::rc::Rc;

use futures_util::future::{AbortHandle, Abortable};
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::failure::{Failure, reason};
use super::options::{SubscribeOptions, function};
use super::upcast::lift;
use super::value::Begin;
use super::{glue, recorded};
use crate::domain::{Position, Query, RecordedEvent};
use crate::engine::{EventStore, From as SubscribeFrom, ReadError};
use crate::storage::indexed_db::BrowserHost;
use crate::storage::{ClosedBecause, Host, StorageError};

/// How long events may be handled without a pause, in milliseconds: half a frame.
const BREATHE_MILLIS: f64 = 8.0;

/// A subscription under way. It goes on until `unsubscribe` is called, its store is closed, or an error ends it;
/// letting go of this object does not end it.
#[wasm_bindgen(js_name = Subscription)]
#[derive(Debug)]
pub struct JsSubscription {
    position: Rc<Cell<Position>>,
    switch: AbortHandle,
}

#[wasm_bindgen(js_class = Subscription)]
impl JsSubscription {
    /// The position up to which everything that matches was handled. A new subscription `from` here continues it.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn position(&self) -> f64 {
        self.position.get().get() as f64
    }

    /// Ends the subscription: the handler is not called again. A handler that is running is not interrupted, and its
    /// event does not count as handled.
    pub fn unsubscribe(&self) {
        self.switch.abort();
    }
}

/// Begins a subscription.
///
/// # Errors
/// `invalid-input` or `invalid-query`, which names the member.
pub(super) fn subscribe(
    store: EventStore,
    handler: JsValue,
    options: SubscribeOptions,
) -> Result<JsSubscription, Failure> {
    let handler = function("handler", handler)?
        .ok_or_else(|| Failure::member("invalid-input", "handler", "a function is expected"))?;
    let query = options.query.map(|query| query.read("query")).transpose()?.unwrap_or_else(Query::everything);
    let on_error = function("onError", options.on_error)?;
    let on_caught_up = function("onCaughtUp", options.on_caught_up)?;
    let start = match options.from.unwrap_or(Begin::Start) {
        Begin::Start => Position::ZERO,
        // The head that is known here: an append that follows this call is never missed.
        Begin::End => store.head(),
        Begin::After(position) => Position::new(position),
    };
    let position = Rc::new(Cell::new(start));
    let (switch, registration) = AbortHandle::new_pair();
    let follower = Follower { position: Rc::clone(&position), switch: switch.clone(), handler, on_caught_up };
    let task = async move {
        if let Err(failure) = follower.follow(store, start, query).await {
            tell(on_error, &failure.into());
        }
    };
    spawn_local(async move {
        // Ended by `unsubscribe`: there is nothing to tell.
        let _ = Abortable::new(task, registration).await;
    });
    Ok(JsSubscription { position, switch })
}

/// An error that ends a subscription goes to `onError`; without one, to whoever looks at the console.
fn tell(on_error: Option<Function>, error: &JsValue) {
    match on_error {
        Some(on_error) => {
            if let Err(thrown) = on_error.call1(&JsValue::UNDEFINED, error) {
                glue::report(&thrown);
            }
        }
        None => glue::report(error),
    }
}

struct Follower {
    position: Rc<Cell<Position>>,
    switch: AbortHandle,
    handler: Function,
    on_caught_up: Option<Function>,
}

impl Follower {
    /// Ends with an error, or when the store is closed by its owner.
    async fn follow(mut self, store: EventStore, start: Position, query: Query) -> Result<(), Failure> {
        match self.hand_over(store, start, query).await {
            Err(Ended::ByOwner) => Ok(()),
            Err(Ended::By(failure)) => Err(failure),
            Ok(never) => match never {},
        }
    }

    async fn hand_over(
        &mut self,
        store: EventStore,
        start: Position,
        query: Query,
    ) -> Result<std::convert::Infallible, Ended> {
        let mut events = store.subscribe(SubscribeFrom::After(start), query).await?;
        // What other tabs have stored belongs to what is caught up with.
        store.refresh().await?;
        let mut rested = js_sys::Date::now();
        loop {
            while let Some(event) = events.try_next().await? {
                let position = event.position();
                for event in lift(&store.upcasters(), vec![event], false)? {
                    self.handle(&event).await?;
                }
                self.position.set(position);
                if js_sys::Date::now() - rested > BREATHE_MILLIS {
                    BrowserHost.breathe().await;
                    rested = js_sys::Date::now();
                }
            }
            self.position.set(events.position());
            if let Some(on_caught_up) = self.on_caught_up.take()
                && let Err(thrown) = on_caught_up.call0(&JsValue::UNDEFINED)
            {
                glue::report(&thrown);
            }
            self.check()?;
            store.head_after(store.head()).await?;
        }
    }

    /// Calls the handler and waits for what it promises.
    async fn handle(&self, event: &RecordedEvent) -> Result<(), Ended> {
        let value = recorded::one(event)?;
        let outcome = match self.handler.call1(&JsValue::UNDEFINED, &value) {
            Ok(returned) if is_thenable(&returned) => JsFuture::from(Promise::resolve(&returned)).await.map(drop),
            returned => returned.map(drop),
        };
        self.check()?;
        outcome.map_err(|thrown| {
            let position = event.position();
            let message = format!("the handler failed at position {position}: {}", reason(&thrown));
            Ended::By(Failure::new("aborted", message).with("position", position).caused_by(thrown))
        })
    }

    /// A handler that has ended its own subscription is still within the poll that called it.
    fn check(&self) -> Result<(), Ended> {
        if self.switch.is_aborted() { Err(Ended::ByOwner) } else { Ok(()) }
    }
}

fn is_thenable(value: &JsValue) -> bool {
    value.is_object() && Reflect::get(value, &"then".into()).is_ok_and(|then| then.is_function())
}

/// Why a subscription is over.
enum Ended {
    ByOwner,
    By(Failure),
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Self::By(failure)
    }
}

impl From<ReadError> for Ended {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Storage(error) => error.into(),
            error => Self::By(error.into()),
        }
    }
}

impl From<StorageError> for Ended {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Closed { because: ClosedBecause::ClosedHere } => Self::ByOwner,
            error => Self::By(error.into()),
        }
    }
}
