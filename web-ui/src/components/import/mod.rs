//! Import: a file from this machine, mapped and previewed before anything is written.

mod job;
mod mapping;
mod running;
mod source;

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

use super::controls::sized_icon;
use super::dialog::Dialog;
use crate::state::{App, Overlay};
use job::{Job, Stage};
use mapping::MappingStage;
use running::{DoneStage, RunningStage};

/// Lets a person choose a file, then opens the import.
pub(crate) fn choose_file(app: App) {
    let input =
        document().create_element("input").ok().and_then(|input| input.dyn_into::<web_sys::HtmlInputElement>().ok());
    let Some(input) = input else { return };
    input.set_type("file");
    input.set_accept(".csv,.tsv,.txt,.json,.jsonl,.ndjson,.jsonocel,.xes,.xml,.gz");
    let chosen = input.clone();
    let changed = Closure::once_into_js(move || {
        if let Some(file) = chosen.files().and_then(|files| files.item(0)) {
            open(app, file);
        }
    });
    input.set_onchange(Some(changed.unchecked_ref()));
    input.click();
}

fn open(app: App, file: web_sys::File) {
    app.overlay.set(None);
    app.import_file.set(Some(file));
    app.overlay.set(Some(Overlay::Import));
}

/// Takes files that are dropped anywhere on the page.
#[component]
pub(crate) fn DropTarget() -> impl IntoView {
    let app = App::get();
    let is_over = RwSignal::new(false);
    let has_files = |event: &web_sys::DragEvent| {
        event.data_transfer().is_some_and(|data| data.types().includes(&"Files".into(), 0))
    };
    app.root.listen(ev::dragover, move |event| {
        if has_files(&event) {
            event.prevent_default();
            is_over.set(true);
        }
    });
    app.root.listen(ev::dragleave, move |event| {
        let next = event.related_target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        let stays = app.root.frame().is_some_and(|frame| next.is_some_and(|next| frame.contains(Some(&next))));
        if !stays {
            is_over.set(false);
        }
    });
    app.root.listen(ev::drop, move |event| {
        is_over.set(false);
        if !has_files(&event) {
            return;
        }
        event.prevent_default();
        let file = event.data_transfer().and_then(|data| data.files()).and_then(|files| files.item(0));
        // What lies over the page is in the middle of something; a file does not push it away.
        if let Some(file) = file.filter(|_| app.overlay.with_untracked(Option::is_none)) {
            open(app, file);
        }
    });
    view! {
        <Show when=move || is_over.get()>
            <div class="lf-dropping" aria-hidden="true">
                <div class="lf-drop">{sized_icon("file", 20)}<span class="lf-strong">"Drop to import"</span></div>
            </div>
        </Show>
    }
}

/// The import, from the mapping to the report.
#[component]
pub(crate) fn ImportDialog() -> impl IntoView {
    let app = App::get();
    let Some(file) = app.import_file.get_untracked() else { return ().into_any() };
    let job = Job::new(app, file);
    let close = move || {
        // An import under way is cancelled with its own button, so that Escape does not throw it away.
        if !matches!(job.stage.get_untracked(), Stage::Running) {
            app.overlay.set(None);
        }
    };
    app.focus.watch(move || job.stage.with(|_| ()));
    let is_small = Memo::new(move |_| job.stage.with(|stage| *stage != Stage::Mapping));
    view! {
        <Dialog labelled_by="import-title" on_close=close is_small=is_small>
            {move || match job.stage.get() {
                Stage::Mapping => view! { <MappingStage job=job on_close=close /> }.into_any(),
                Stage::Running => view! { <RunningStage job=job /> }.into_any(),
                Stage::Done(report) => view! { <DoneStage report=report on_close=close /> }.into_any(),
            }}
        </Dialog>
    }
    .into_any()
}
