//! A read as an async iterator: pages are pulled as the consumer comes along.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, AsyncIterator, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::failure::Failure;
use super::{glue, recorded};
use crate::domain::RecordedEvent;
use crate::engine::{EventStore, Events, ReadOptions};

/// Events that are made at once: enough to forget the cost of a crossing, few enough to stay in young memory.
const CHUNK: usize = 512;

/// A read under way.
enum Reader {
    New(EventStore, ReadOptions),
    Begun { events: Events, page: std::vec::IntoIter<RecordedEvent> },
}

impl Reader {
    async fn chunk(self) -> Result<Option<(Array, Self)>, Failure> {
        let (mut events, mut page) = match self {
            Self::New(store, options) => (store.read(options).await?, Vec::new().into_iter()),
            Self::Begun { events, page } => (events, page),
        };
        while page.len() == 0 {
            match events.next_page().await? {
                Some(next) => page = next.into_iter(),
                None => return Ok(None),
            }
        }
        let chunk: Vec<_> = page.by_ref().take(CHUNK).collect();
        Ok(Some((recorded::page(&chunk)?, Self::Begun { events, page })))
    }
}

/// The iterator of a read. The read begins with the first event that is asked for.
pub(super) fn iterate(store: EventStore, options: ReadOptions) -> AsyncIterator {
    let reader = Rc::new(RefCell::new(Some(Reader::New(store, options))));
    // The generator in `glue.js` never pulls twice at once, and says when it is left.
    let pull = Closure::<dyn FnMut(bool) -> Promise>::new(move |is_left: bool| {
        let taken = reader.borrow_mut().take();
        let place = Rc::clone(&reader);
        future_to_promise(async move {
            let Some(reader) = taken.filter(|_| !is_left) else { return Ok(JsValue::UNDEFINED) };
            match reader.chunk().await? {
                Some((chunk, rest)) => {
                    place.replace(Some(rest));
                    Ok(chunk.into())
                }
                None => Ok(JsValue::UNDEFINED),
            }
        })
    });
    glue::iterate(pull.into_js_value())
}

/// All events of a read in one array.
///
/// # Errors
/// As reading.
pub(super) async fn collect(store: EventStore, options: ReadOptions) -> Result<JsValue, Failure> {
    let mut events = store.read(options).await?;
    let all = Array::new();
    while let Some(page) = events.next_page().await? {
        for chunk in page.chunks(CHUNK) {
            for event in recorded::page(chunk)? {
                all.push(&event);
            }
        }
    }
    Ok(all.into())
}
