//! An import in the making: what was chosen, what it would become, and how far it is.

use std::sync::Arc;

use futures_util::StreamExt;
use leftfold_core::Position;
use leftfold_core::formats::{
    CancelToken, Format, ImportError, ImportOptions, ImportOrder, ImportReport, ImportWatch, Mapping, OnInvalid,
    Preview, Previewer, Progress, import,
};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::source::Source;
use crate::state::browser::{next_frame, now_ms, sleep};
use crate::state::{App, Phase, Trouble};

/// How many rows the preview shows.
const PREVIEW_ROWS: usize = 6;
/// How many bytes the preview looks through; a longer file is not looked at to its end.
const PREVIEW_BYTES: usize = 8 * 1024 * 1024;
/// How many bytes are looked through between two frames.
const SLICE_BYTES: usize = 64 * 1024;

/// How far the import is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Stage {
    /// Columns are mapped.
    Mapping,
    /// Events are read and written.
    Running,
    /// Everything is written.
    Done(Arc<ImportReport>),
}

/// How fast the import is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Pace {
    pub(super) progress: Progress,
    pub(super) seconds: f64,
}

/// An import. Signals to read, methods to change them.
#[derive(Clone, Copy)]
pub(super) struct Job {
    pub(super) app: App,
    pub(super) stage: RwSignal<Stage>,
    pub(super) source: RwSignal<Option<Source>, LocalStorage>,
    /// The name of the file, without what follows its first dot.
    pub(super) file_title: StoredValue<String>,
    pub(super) store_name: RwSignal<String>,
    /// The format that a person says the file has; otherwise its content says it.
    pub(super) format: RwSignal<Option<Format>>,
    pub(super) category: RwSignal<String>,
    pub(super) mapping: RwSignal<Mapping>,
    pub(super) order: RwSignal<ImportOrder>,
    pub(super) on_invalid: RwSignal<OnInvalid>,
    pub(super) preview: RwSignal<Option<Result<Arc<Preview>, Trouble>>>,
    pub(super) failure: RwSignal<Option<Trouble>>,
    pub(super) pace: RwSignal<Pace>,
    asked: StoredValue<u64>,
    cancel: StoredValue<CancelToken, LocalStorage>,
}

impl Job {
    /// An import of a file, with everything guessed.
    pub(super) fn new(app: App, file: web_sys::File) -> Self {
        let store_name = match app.phase.get_untracked() {
            Phase::Open { name } if app.head.get_untracked() == Position::ZERO => name,
            _ => name_for(&file.name()),
        };
        let file_title = StoredValue::new(name_for(&file.name()));
        let job = Self {
            app,
            stage: RwSignal::new(Stage::Mapping),
            source: RwSignal::new_local(None),
            file_title,
            store_name: RwSignal::new(store_name),
            format: RwSignal::new(None),
            category: RwSignal::new(String::new()),
            mapping: RwSignal::new(Mapping::default()),
            order: RwSignal::new(ImportOrder::Time),
            on_invalid: RwSignal::new(OnInvalid::Skip),
            preview: RwSignal::new(None),
            failure: RwSignal::new(None),
            pace: RwSignal::new(Pace::default()),
            asked: StoredValue::new(0),
            cancel: StoredValue::new_local(CancelToken::new()),
        };
        spawn_local(async move {
            match Source::of(file).await {
                Ok(source) => {
                    let _ = job.source.try_set(Some(source));
                }
                Err(reason) => {
                    let _ = job.preview.try_set(Some(Err(Trouble::new(reason, "invalid-input"))));
                }
            }
        });
        Effect::new(move |_| {
            job.source.track();
            job.format.track();
            job.mapping.track();
            job.category.track();
            job.look();
        });
        job
    }

    /// Looks at the file again, in a moment: typing asks once.
    fn look(self) {
        let number = self.asked.try_update_value(|asked| {
            *asked += 1;
            *asked
        });
        let (Some(source), Some(number)) = (self.source.get_untracked(), number) else { return };
        spawn_local(async move {
            sleep(120).await;
            let is_wanted = move || self.asked.try_with_value(|asked| *asked) == Some(number);
            if is_wanted() {
                let options = self.options();
                if let Some(preview) = look_through(&source, &options, is_wanted).await.filter(|_| is_wanted()) {
                    let _ = self.preview.try_set(Some(preview.map(Arc::new)));
                }
            }
        });
    }

    fn options(self) -> ImportOptions {
        let category = self.category.get_untracked();
        let category = category.trim();
        ImportOptions {
            format: self.format.get_untracked(),
            mapping: self.mapping.get_untracked(),
            category: (!category.is_empty()).then(|| category.to_owned()),
            order: match self.order.get_untracked() {
                // By time as far as every event has one: a file without times keeps its own order.
                ImportOrder::Time => None,
                ImportOrder::File => Some(ImportOrder::File),
            },
            on_invalid: self.on_invalid.get_untracked(),
        }
    }

    /// Writes the file to the store, all of it or nothing.
    pub(super) fn run(self) {
        let Some(source) = self.source.get_untracked() else { return };
        self.cancel.set_value(CancelToken::new());
        self.failure.set(None);
        self.pace.set(Pace::default());
        self.stage.set(Stage::Running);
        spawn_local(async move {
            let name = self.store_name.get_untracked().trim().to_owned();
            let was_there = self.app.stores.with_untracked(|stores| stores.iter().any(|store| store.name == name));
            let written = self.write(&source, &name).await;
            if !matches!(&written, Ok(Ok(_))) && !was_there {
                self.app.delete_if_empty(&name).await;
            }
            match written {
                Ok(Ok(report)) => {
                    // In a log that had events before, positions are other ones.
                    let is_whole = |head: &Position| {
                        head.get() == report.events && report.skipped_count == 0 && report.duplicates == 0
                    };
                    let head = self.app.store().map(|store| store.head()).filter(is_whole);
                    if let (Some(of_file), Some(head)) = (&source.report, head) {
                        self.app.show_report(of_file, head);
                    }
                    self.stage.set(Stage::Done(Arc::new(report)));
                }
                Ok(Err(ImportError::Aborted)) => self.stage.set(Stage::Mapping),
                Ok(Err(error)) => self.fail(Trouble::new(error.to_string(), error.code())),
                Err(trouble) => self.fail(trouble),
            }
            self.app.list_stores().await;
        });
    }

    fn fail(self, trouble: Trouble) {
        self.failure.set(Some(trouble));
        self.stage.set(Stage::Mapping);
    }

    async fn write(self, source: &Source, name: &str) -> Result<Result<ImportReport, ImportError>, Trouble> {
        let store = self.app.open_for_import(name).await?;
        let chunks = source.chunks().map_err(|reason| Trouble::new(reason, "invalid-input"))?;
        let (start, mut told) = (now_ms(), 0.0);
        let pace = self.pace;
        let watch = ImportWatch::new()
            .total_bytes(source.total_bytes)
            .cancel(self.cancel.with_value(Clone::clone))
            .on_progress(move |progress| {
                let now = now_ms();
                // The page shows ten figures a second; nobody reads more.
                if now - told >= 100.0 {
                    told = now;
                    pace.set(Pace { progress, seconds: (now - start) / 1_000.0 });
                }
            });
        Ok(import(&store, chunks, &self.options(), watch).await)
    }

    /// Stops the import; nothing of the file is stored then.
    pub(super) fn cancel(self) {
        self.cancel.with_value(CancelToken::cancel);
    }
}

/// The preview of a file; `None` when it is not wanted any more.
async fn look_through(
    source: &Source,
    options: &ImportOptions,
    is_wanted: impl Fn() -> bool,
) -> Option<Result<Preview, Trouble>> {
    let trouble = |error: ImportError| Trouble::new(error.to_string(), error.code());
    let mut previewer = match Previewer::new(options, PREVIEW_ROWS) {
        Ok(previewer) => previewer,
        Err(error) => return Some(Err(trouble(error))),
    };
    let chunks = match source.chunks() {
        Ok(chunks) => chunks,
        Err(reason) => return Some(Err(Trouble::new(reason, "invalid-input"))),
    };
    let mut chunks = std::pin::pin!(chunks);
    let mut looked_at = 0;
    while let Some(chunk) = chunks.next().await {
        let chunk = match chunk {
            Ok(chunk) => chunk,
            Err(reason) => return Some(Err(Trouble::new(reason, "invalid-input"))),
        };
        for slice in chunk.chunks(SLICE_BYTES) {
            if let Err(error) = previewer.push(slice) {
                return Some(Err(trouble(error)));
            }
            looked_at += slice.len();
            if looked_at % (16 * SLICE_BYTES) < slice.len() {
                next_frame().await;
            }
            if !is_wanted() {
                return None;
            }
        }
        if looked_at >= PREVIEW_BYTES {
            return Some(previewer.stop().map_err(trouble));
        }
    }
    Some(previewer.finish().map_err(trouble))
}

/// The name of a store for a file: `receipt` for `receipt.csv.gz`.
fn name_for(file: &str) -> String {
    let name = file.split('.').next().unwrap_or_default().trim();
    if name.is_empty() { "import".to_owned() } else { name.to_owned() }
}
