//! The lenses of one store.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use leftfold_core::{EventStore, Projection, StreamName, Timeline, TimelineOptions};

use super::Lens;
use super::counts::LogCounts;
use super::merge::MergedStream;
use crate::sample;
use crate::sample::projections::{
    CustomerValue, FulfilmentTime, OrdersByStatus, Revenue, UnitsByProduct, WarehouseBoard,
};

/// The name of the lens over the log as a whole.
pub const WHOLE_LOG: &str = "Whole log";

/// How many streams stay folded.
const MOST_STREAMS: usize = 16;
/// What the kept states of one projection may take.
const PROJECTION_BYTES: usize = 32 * 1024 * 1024;
/// What the kept states of one stream may take.
const STREAM_BYTES: usize = 4 * 1024 * 1024;

/// Lets others have their turn: called between two small pieces of long work.
pub type Breathe = Rc<dyn Fn() -> Pin<Box<dyn Future<Output = ()>>>>;

/// The lenses of a store: made once, folded when they are asked, kept for as long as the store is open.
///
/// The upcasters of the store must be registered before.
pub struct Lenses {
    store: EventStore,
    log: Rc<dyn Lens>,
    projections: Vec<Rc<dyn Lens>>,
    streams: RefCell<VecDeque<Rc<dyn Lens>>>,
    #[cfg(target_arch = "wasm32")]
    texts: RefCell<Vec<Rc<super::text::TextLens>>>,
}

impl std::fmt::Debug for Lenses {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lenses").field("store", &self.store.name()).finish_non_exhaustive()
    }
}

impl Lenses {
    /// The lenses of a store; nothing is read yet. The store of the sample has the sample's projections.
    #[must_use]
    pub fn new(store: &EventStore, breathe: Breathe) -> Self {
        let log = Rc::new(LogCounts::new(store.clone(), breathe));
        let projections = if store.name() == sample::STORE { of_sample(store) } else { Vec::new() };
        Self {
            store: store.clone(),
            log,
            projections,
            streams: RefCell::default(),
            #[cfg(target_arch = "wasm32")]
            texts: RefCell::default(),
        }
    }

    /// The log as a whole: its events by type.
    #[must_use]
    pub fn log(&self) -> Rc<dyn Lens> {
        Rc::clone(&self.log)
    }

    /// The projections, as they are listed.
    #[must_use]
    pub fn projections(&self) -> &[Rc<dyn Lens>] {
        &self.projections
    }

    /// The projection of this name, in Rust or written in the page.
    #[must_use]
    pub fn projection(&self, name: &str) -> Option<Rc<dyn Lens>> {
        let known = self.projections.iter().find(|lens| lens.name() == name).map(Rc::clone);
        #[cfg(target_arch = "wasm32")]
        let known = known.or_else(|| {
            let texts = self.texts.borrow();
            let asked = texts.iter().find(|lens| lens.name() == name);
            asked.inspect(|_| let_rest(&texts)).map(|lens| Rc::clone(lens) as Rc<dyn Lens>)
        });
        known
    }

    /// The timeline of a projection that is written in the page; `None` when there is none of this name.
    ///
    /// # Errors
    /// [`TimelineError`](leftfold_core::TimelineError), when its text cannot be run.
    #[cfg(target_arch = "wasm32")]
    pub async fn text(
        &self,
        name: &str,
    ) -> Result<Option<leftfold_core::js::script::ScriptTimeline>, leftfold_core::TimelineError> {
        let known = self.texts.borrow().iter().find(|lens| lens.name() == name).map(Rc::clone);
        match known {
            Some(lens) => lens.timeline().await.map(Some),
            None => Ok(None),
        }
    }

    /// Takes over the projections that are written in the page. One whose text is as before keeps its folded states; the
    /// worker of another ends. Whether anything is different.
    #[cfg(target_arch = "wasm32")]
    pub fn set_texts(&self, texts: &crate::model::texts::Texts) -> bool {
        let mut known = self.texts.borrow_mut();
        let is_same =
            known.len() == texts.all().len() && known.iter().zip(texts.all()).all(|(lens, text)| lens.text() == text);
        if !is_same {
            let of_before = std::mem::take(&mut *known);
            known.extend(texts.all().iter().map(|text| {
                let kept = of_before.iter().find(|lens| lens.text() == text).map(Rc::clone);
                kept.unwrap_or_else(|| Rc::new(super::text::TextLens::new(self.store.clone(), text.clone())))
            }));
        }
        !is_same
    }

    /// The payloads of a stream, merged. A stream that was not asked for lately is folded again.
    #[must_use]
    pub fn stream(&self, stream: &StreamName) -> Rc<dyn Lens> {
        let mut streams = self.streams.borrow_mut();
        let known = streams.iter().position(|lens| lens.name() == stream.as_str());
        let lens = known.and_then(|place| streams.remove(place)).unwrap_or_else(|| {
            let options = TimelineOptions::default().memory_bytes(STREAM_BYTES);
            Rc::new(Timeline::new(self.store.clone(), MergedStream::new(stream.clone()), options))
        });
        streams.push_front(Rc::clone(&lens));
        streams.truncate(MOST_STREAMS);
        lens
    }
}

/// Ends the workers of texts that nobody looks at any more: each holds the states of a whole log.
#[cfg(target_arch = "wasm32")]
fn let_rest(texts: &[Rc<super::text::TextLens>]) {
    let asked_at: Vec<f64> = texts.iter().map(|lens| lens.asked_at()).collect();
    for index in crate::model::idle::idle(&asked_at, js_sys::Date::now()) {
        texts[index].rest();
    }
}

fn of_sample(store: &EventStore) -> Vec<Rc<dyn Lens>> {
    fn lens<P: Projection + 'static>(store: &EventStore, projection: P) -> Rc<dyn Lens> {
        let options = TimelineOptions::default().memory_bytes(PROJECTION_BYTES);
        Rc::new(Timeline::new(store.clone(), projection, options))
    }
    vec![
        lens(store, WarehouseBoard),
        lens(store, OrdersByStatus),
        lens(store, Revenue),
        lens(store, UnitsByProduct),
        lens(store, CustomerValue),
        lens(store, FulfilmentTime),
    ]
}
