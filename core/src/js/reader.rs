//! A read as an async iterator: pages are pulled as the consumer comes along.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, AsyncIterator, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::failure::Failure;
use super::upcast::lift;
use super::{glue, recorded};
use crate::domain::{RecordedEvent, StreamName, StreamVersion, Upcasters};
use crate::engine::{Direction, EventStore, Events, ReadOptions, StreamReadOptions};

/// Events that are made at once: enough to forget the cost of a crossing, few enough to stay in young memory.
const CHUNK: usize = 512;

/// A read under way whose events are lifted, by the upcasters that there were when it began. A limit counts lifted events.
struct Lifted {
    events: Events,
    upcasters: Rc<Upcasters>,
    left: usize,
    is_backwards: bool,
}

impl Lifted {
    async fn begin(store: &EventStore, mut options: ReadOptions) -> Result<Self, Failure> {
        let upcasters = store.upcasters();
        let is_backwards = options.direction == Direction::Backwards;
        let limit = if upcasters.is_empty() { None } else { options.limit.take() };
        let events = store.read(options).await?;
        Ok(Self { events, upcasters, left: limit.unwrap_or(usize::MAX), is_backwards })
    }

    async fn next_page(&mut self) -> Result<Option<Vec<RecordedEvent>>, Failure> {
        if self.left == 0 {
            return Ok(None);
        }
        let Some(page) = self.events.next_page().await? else { return Ok(None) };
        let mut page = lift(&self.upcasters, page, self.is_backwards)?;
        page.truncate(self.left);
        self.left -= page.len();
        Ok(Some(page))
    }
}

/// The iterator's side of a read.
enum Reader {
    New(EventStore, ReadOptions),
    Begun { events: Lifted, page: std::vec::IntoIter<RecordedEvent> },
}

impl Reader {
    async fn chunk(self) -> Result<Option<(Array, Self)>, Failure> {
        let (mut events, mut page) = match self {
            Self::New(store, options) => (Lifted::begin(&store, options).await?, Vec::new().into_iter()),
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
    let mut events = Lifted::begin(&store, options).await?;
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

/// The events of a stream in one array.
///
/// # Errors
/// As reading.
pub(super) async fn stream(
    store: EventStore,
    stream: StreamName,
    mut options: StreamReadOptions,
) -> Result<JsValue, Failure> {
    let upcasters = store.upcasters();
    let is_backwards = options.direction == Direction::Backwards;
    if let (Some(from), Some(to)) = (options.from, options.to) {
        (options.from, options.to) = (Some(from.min(to)), Some(from.max(to)));
    }
    let limit = options.limit.unwrap_or(usize::MAX);
    let mut all = Vec::new();
    loop {
        let stored = store.read_stream(&stream, options).await?;
        let is_whole = stored.len() < limit;
        let last = stored.last().map(RecordedEvent::version);
        all.extend(lift(&upcasters, stored, is_backwards)?);
        // Where upcasters have dropped events, those behind take their place.
        let next = last.filter(|_| !is_whole && all.len() < limit);
        let is_over = match next {
            None => true,
            Some(last) if is_backwards => {
                options.to = Some(StreamVersion::new(last.get().saturating_sub(1)));
                last.get() <= options.from.map_or(1, StreamVersion::get)
            }
            Some(last) => {
                options.from = Some(last.next());
                options.to.is_some_and(|to| last >= to)
            }
        };
        if is_over {
            all.truncate(limit);
            return Ok(recorded::page(&all)?.into());
        }
    }
}
