//! What an application does not need at its start. The package has its code in a file of its own, `leftfold_rest_bg.wasm`,
//! which is loaded with the first task.
//!
//! The two are one program in one memory: `cargo xtask package` cuts it in two at the function `begin`. With it goes
//! all that only it reaches, so that whatever a task makes for the page must be called through a table of functions
//! (`dyn`): a class whose methods were called by name would have them in the first part.

use std::cell::Cell;
use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use js_sys::Date;
use wasm_bindgen::prelude::*;

use super::export::Export;
use super::failure::Failure;
use super::glue::Source;
use super::import::Import;
use super::options::{Durability, StreamsOptions, options};
use super::reports::{self, Stats, StoreSummary, StreamInfo, Verification};
use super::{folded, projection, store, timeline};
use crate::domain::Position;
use crate::engine::{Due, EventStore, Sealer};
use crate::storage::StorageError;
use crate::storage::indexed_db::{self, BrowserHost};
use crate::storage::memory::MemoryDatabase;

/// Something to be done by the rest of the code. What it was asked for with is read already, or held as it was (`glue::held`).
pub(super) enum Task {
    /// Opens a store in memory.
    OpenInMemory {
        name: String,
        durability: Durability,
    },
    /// Runs the projection of a definition.
    Project(EventStore, JsValue),
    /// Makes the timeline of a definition.
    Timeline(EventStore, JsValue),
    /// Imports with options.
    Import(EventStore, Source, JsValue),
    /// Exports up to a position, with options.
    Export(EventStore, Position, JsValue),
    Stats(EventStore),
    /// Lists the streams.
    Streams(EventStore, StreamsOptions),
    Verify(EventStore),
    /// Lists the stores.
    List,
    /// Deletes a store.
    Delete(String),
    /// Seals what is due in a store.
    Seal(Due),
}

/// What comes of a task.
type Outcome = LocalBoxFuture<'static, Result<JsValue, Failure>>;

/// Runs a task.
///
/// # Errors
/// `aborted` when the code cannot be loaded; otherwise those of the task.
pub(super) async fn run(task: Task) -> Result<JsValue, Failure> {
    seam::load().await?;
    (*seam::begin(Box::new(task))).await
}

fn begin(task: Task) -> Outcome {
    Box::pin(async move {
        match task {
            Task::OpenInMemory { name, durability } => {
                let database = MemoryDatabase::on_host(&name, Rc::new(BrowserHost));
                store::open_on(database.open(), durability).await
            }
            Task::Project(store, asked) => projection::project(store, folded::Asked::new(asked)?).await,
            Task::Timeline(store, asked) => timeline::timeline(store, timeline::Asked::new(asked)?).await,
            Task::Import(store, source, asked) => {
                Import::new(source, options("invalid-input", asked)?)?.run(store).await
            }
            Task::Export(store, head, asked) => Export::new(options("invalid-input", asked)?, head)?.run(store).await,
            Task::Stats(store) => reports::value(&Stats::from(store.stats().await?)),
            Task::Verify(store) => reports::value(&Verification::from(store.verify().await?)),
            Task::Streams(store, asked) => {
                store.refresh().await?;
                let streams = store.with_log(|log| log.streams(&asked.into()));
                reports::value(&streams.into_iter().map(StreamInfo::from).collect::<Vec<_>>())
            }
            Task::List => {
                let stores = indexed_db::list().await?;
                reports::value(&stores.into_iter().map(StoreSummary::from).collect::<Vec<_>>())
            }
            Task::Delete(name) => {
                indexed_db::delete(&name).await?;
                Ok(JsValue::UNDEFINED)
            }
            Task::Seal(due) => Ok(due.seal().await?.into()),
        }
    })
}

/// How long a page that could not load the code to seal with does not ask for it again, in milliseconds.
const PATIENCE_MILLIS: f64 = 60_000.0;

/// Seals with the rest of the code.
#[derive(Default)]
pub(super) struct SealElsewhere {
    /// When it could not be loaded: it is not asked for with every append.
    failed_at: Rc<Cell<Option<f64>>>,
}

impl Sealer for SealElsewhere {
    fn is_ready(&self) -> bool {
        seam::is_loaded()
    }

    fn prepare(&self) -> LocalBoxFuture<'static, ()> {
        let failed_at = Rc::clone(&self.failed_at);
        Box::pin(async move {
            // A clock that was set back does not make it wait longer.
            let has_just_failed = |at: f64| (0.0..PATIENCE_MILLIS).contains(&(Date::now() - at));
            if !failed_at.get().is_some_and(has_just_failed) {
                failed_at.set(seam::load().await.is_err().then(Date::now));
            }
        })
    }

    fn seal(&self, due: Due) -> LocalBoxFuture<'static, Result<bool, StorageError>> {
        Box::pin(async move {
            let sealed = run(Task::Seal(due)).await;
            let failed = |_| StorageError::Unavailable { reason: "it could not be sealed".to_owned() };
            sealed.map(|has_sealed| has_sealed.is_truthy()).map_err(failed)
        })
    }
}

/// One compiled module: the rest is there.
#[cfg(not(feature = "js-split"))]
mod seam {
    use super::{Failure, Outcome, Task};

    pub(super) const fn is_loaded() -> bool {
        true
    }

    #[expect(clippy::unused_async, reason = "there is nothing to wait for, as the other has")]
    pub(super) async fn load() -> Result<(), Failure> {
        Ok(())
    }

    #[expect(clippy::boxed_local, reason = "the other one takes a box, too")]
    pub(super) fn begin(task: Box<Task>) -> Box<Outcome> {
        Box::new(super::begin(*task))
    }
}

/// Two of them. The import and the export below find each other by their names, whose form is that of `wasm-split`: the name
/// of the part, and a number.
#[cfg(feature = "js-split")]
#[expect(unsafe_code, reason = "a function that is imported is declared, and one that is exported named")]
mod seam {
    use std::cell::Cell;

    use super::{Failure, Outcome, Task};
    use crate::js::glue;

    thread_local! {
        static IS_LOADED: Cell<bool> = const { Cell::new(false) };
    }

    pub(super) fn is_loaded() -> bool {
        IS_LOADED.get()
    }

    pub(super) async fn load() -> Result<(), Failure> {
        if !is_loaded() {
            glue::load_rest(&wasm_bindgen::exports(), &wasm_bindgen::module()).await.map_err(Failure::Made)?;
            IS_LOADED.set(true);
        }
        Ok(())
    }

    #[expect(improper_ctypes, reason = "a box is a pointer, and both sides are of one compilation")]
    #[link(wasm_import_module = "__wasm_split_placeholder__")]
    unsafe extern "C" {
        #[link_name = "__wasm_split_00rest00_import_00000000000000000000000000000001_begin"]
        pub(super) safe fn begin(task: Box<Task>) -> Box<Outcome>;
    }

    #[unsafe(export_name = "__wasm_split_00rest00_export_00000000000000000000000000000001_begin")]
    extern "C" fn exported(task: Box<Task>) -> Box<Outcome> {
        Box::new(super::begin(*task))
    }
}
