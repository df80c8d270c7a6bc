//! The storage panel: what the open store takes, whether the browser keeps it, and whether it is sound.

mod verify;

use leftfold_core::StoreStats;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::controls::{Busy, icon, sized_icon};
use super::dialog::Dialog;
use crate::model::format;
use crate::state::{App, LONGEST_LABEL, Overlay, Phase, Trouble, browser};
use verify::Verify;

/// The panel.
#[component]
pub(crate) fn StoragePanel() -> impl IntoView {
    let app = App::get();
    let close = move || app.overlay.set(None);
    let Some(name) = app.phase.with_untracked(|phase| match phase {
        Phase::Open { name } => Some(name.clone()),
        _ => None,
    }) else {
        close();
        return ().into_any();
    };
    let figures = RwSignal::new(None::<Result<StoreStats, Trouble>>);
    let read = move || {
        spawn_local(async move {
            let Some(store) = app.store() else { return };
            let read = store.stats().await.map_err(Trouble::from);
            let _ = figures.try_set(Some(read));
        });
    };
    read();
    app.focus.watch(move || figures.with(|_| ()));
    let ask_to_keep = move |_| {
        spawn_local(async move {
            match browser::persist().await {
                Some(true) => app.note("Storage is kept", "The browser will not clear it by itself."),
                _ => app.complain(
                    "The browser has not promised to keep it",
                    Trouble::new(
                        "It decides by itself, often by how much a site is used. Bookmark or install the page and ask again, \
                         or export what must not be lost.",
                        "storage-unavailable",
                    ),
                ),
            }
            read();
        });
    };
    let deleted = name.clone();
    let delete = move |_| app.overlay.set(Some(Overlay::DeleteStore { name: deleted.clone() }));
    let body = move || match figures.get() {
        None => view! { <Busy label="Reading the figures of the store" /> }.into_any(),
        Some(Err(trouble)) => view! {
            <div class="lf-storage__failed" role="alert">
                <p>{trouble.message}</p><p class="lf-mono lf-muted">{trouble.code}</p>
                <button type="button" class="lf-btn" on:click=move |_| read()>{icon("rebuild")}"Read again"</button>
            </div>
        }
        .into_any(),
        Some(Ok(stats)) => view! { <Table stats=stats ask_to_keep=ask_to_keep /> }.into_any(),
    };
    view! {
        <Dialog labelled_by="storage-title" on_close=close class="lf-storage">
            <header class="lf-dialog__head">
                <h2 class="lf-dialog__title lf-grow" id="storage-title">{format!("Storage of {name}")}</h2>
                <button type="button" class="lf-btn lf-btn--ghost lf-btn--icon" aria-label="Close" on:click=move |_| close()>
                    {sized_icon("x", 16)}
                </button>
            </header>
            <div class="lf-dialog__body lf-scroll">
                <section class="lf-storage__sect" aria-label="Name on this page"><Label name=name.clone() /></section>
                <section class="lf-storage__sect" aria-label="Figures">{body}</section>
                <section class="lf-storage__sect" aria-label="Verification"><Verify /></section>
            </div>
            <footer class="lf-dialog__foot">
                <button type="button" class="lf-btn lf-btn--ghost" on:click=delete>{icon("trash")}"Delete store…"</button>
                <span class="lf-grow"></span>
                <button type="button" class="lf-btn" on:click=move |_| close()>"Close"</button>
            </footer>
        </Dialog>
    }
    .into_any()
}

/// The name on the page, to be changed.
#[component]
fn Label(name: String) -> impl IntoView {
    let app = App::get();
    let label = RwSignal::new(app.labels.with_untracked(|labels| labels.get(&name).cloned()).unwrap_or_default());
    let placeholder = name.clone();
    let save = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let before = app.labels.with_untracked(|labels| labels.get(&name).cloned()).unwrap_or_default();
        let store = name.clone();
        app.set_label(&name, &label.get_untracked());
        app.toast_to_undo("Label saved", format!("The store is shown as {}.", app.label_of(&name)), move || {
            app.set_label(&store, &before)
        });
    };
    view! {
        <form on:submit=save>
            <label class="lf-label" for="store-label">"Label"</label>
            <div class="lf-row">
                <div class="lf-field lf-grow">
                    <input
                        class="lf-field__input"
                        id="store-label"
                        autocomplete="off"
                        maxlength=LONGEST_LABEL
                        placeholder=placeholder
                        aria-describedby="store-label-help"
                        prop:value=label
                        on:input:target=move |event| label.set(event.target().value())
                    />
                </div>
                <button type="submit" class="lf-btn">"Save label"</button>
            </div>
            <p class="lf-help" id="store-label-help">"Shown in place of the name, in this browser. Programs go on using the name."</p>
        </form>
    }
}

#[component]
fn Table<F>(stats: StoreStats, ask_to_keep: F) -> impl IntoView
where
    F: Fn(web_sys::MouseEvent) + 'static,
{
    let number = |count: u64| view! { <dd class="lf-mono">{format::grouped(count)}</dd> };
    let bytes = |count: u64| view! { <dd class="lf-mono">{format::bytes(count)}</dd> };
    let usage = stats.usage;
    let room = match (usage.usage_bytes, usage.quota_bytes) {
        (Some(used), Some(quota)) => format!("{} of {}", format::bytes(used), format::bytes(quota)),
        (Some(used), None) => format::bytes(used),
        _ => "The browser does not say".to_owned(),
    };
    let kept = if usage.persisted {
        view! { <dd>"The browser has promised to keep it"</dd> }.into_any()
    } else {
        view! {
            <dd class="lf-storage__keep">
                <span>"The browser may clear it when it is short of room"</span>
                <button type="button" class="lf-btn lf-btn--sm" on:click=ask_to_keep>{icon("lock")}"Ask to keep it"</button>
            </dd>
        }
        .into_any()
    };
    view! {
        <dl class="lf-kv lf-storage__kv">
            <dt>"Events"</dt>{number(stats.events)}
            <dt>"Streams"</dt>{number(stats.streams)}
            <dt>"Event types"</dt>{number(stats.types.len() as u64)}
            <dt>"Log as stored"</dt>{bytes(stats.bytes)}
            <dt>"Segments"</dt>{number(stats.segments)}
            <dt>"Index in memory"</dt>{bytes(stats.resident_bytes)}
            <dt>"Payloads in memory"</dt>{bytes(stats.cached_bytes)}
            <dt>"Used by this site"</dt><dd class="lf-mono">{room}</dd>
            <dt>"Persistence"</dt>{kept}
        </dl>
    }
}
