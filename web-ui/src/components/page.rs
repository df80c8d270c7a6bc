//! The whole page.

use leptos::prelude::*;

use super::app_bar::AppBar;
use super::breakpoint::BreakpointDialog;
use super::canvas::provide_palette;
use super::commands::Commands;
use super::controls::{Busy, icon};
use super::debugger::Debugger;
use super::dock::{BookmarkList, Dock, PlaybackSheet};
use super::export::ExportDialog;
use super::first_visit::FirstVisit;
use super::help::Help;
use super::import::{DropTarget, ImportDialog};
use super::palette::Palette;
use super::projections::Projections;
use super::storage::StoragePanel;
use super::stores::{DeleteStore, NewStore};
use super::toast::Toasts;
use super::waiting::Waiting;
use super::what_if::{WhatIf, WhatIfDialogs};
use crate::model::page_url::PageUrl;
use crate::model::place::PageView;
use crate::state::{self, App, Overlay, Phase, Trouble};

/// Where the log takes the focus: its current row, or its rows as a whole while that one is not drawn.
const LOG: &str = "[role=grid] [aria-current=true], [role=grid] [role=rowgroup][tabindex='0']";

/// What the middle of the page shows.
#[derive(Clone, PartialEq)]
enum Middle {
    Wait { label: &'static str },
    First,
    Open(PageView),
    Failed { name: String, trouble: Trouble },
}

/// The page.
#[component]
pub(crate) fn Page() -> impl IntoView {
    let app = App::get();
    provide_palette();
    state::run(app);
    let middle = Memo::new(move |_| match app.phase.get() {
        Phase::Starting | Phase::Opening { .. } => Middle::Wait { label: "Opening the store" },
        Phase::Deleting { .. } => Middle::Wait { label: "Deleting the store" },
        Phase::NoStore => Middle::First,
        Phase::Open { .. } => match app.page.get() {
            // Commands can be issued to an empty log.
            PageView::Commands => Middle::Open(PageView::Commands),
            page if app.head.get().get() > 0 => Middle::Open(page),
            _ => Middle::First,
        },
        Phase::Failed { name, trouble } => Middle::Failed { name, trouble },
    });
    let has_dock = Memo::new(move |_| matches!(middle.get(), Middle::Open(_)) && app.head.get().get() > 0);
    app.focus.watch(move || middle.with(|_| ()));
    let has_log = Memo::new(move |_| middle.get() == Middle::Open(PageView::Debugger));
    let skip = move |event: leptos::ev::MouseEvent| {
        // The address is of the page and its moment alone.
        event.prevent_default();
        app.focus.go_to(LOG);
    };
    let skips_to = move || if has_log.get() { "Skip to event log" } else { "Skip to content" };
    // A dialog that is not modal leaves what is beneath it to be reached.
    let is_covered = move || !app.root.is_page() && app.dialogs.get() > 0;
    let is_over = move |wanted: fn(&Overlay) -> bool| {
        Memo::new(move |_| app.overlay.with(|overlay| overlay.as_ref().is_some_and(wanted)))
    };
    let help = is_over(|overlay| *overlay == Overlay::Help);
    let playback = is_over(|overlay| *overlay == Overlay::Playback);
    let bookmarks = is_over(|overlay| *overlay == Overlay::Bookmarks);
    let breakpoint = is_over(|overlay| *overlay == Overlay::Breakpoint);
    let new_store = is_over(|overlay| *overlay == Overlay::NewStore);
    let import = is_over(|overlay| *overlay == Overlay::Import);
    let export = is_over(|overlay| *overlay == Overlay::Export);
    let palette = is_over(|overlay| *overlay == Overlay::Palette);
    let storage = is_over(|overlay| *overlay == Overlay::Storage);
    let deleted = Memo::new(move |_| match app.overlay.get() {
        Some(Overlay::DeleteStore { name }) => Some(name),
        _ => None,
    });
    view! {
        {if app.root.is_page() {
            view! { <a class="lf-skip" href="#main" on:click=skip>{skips_to}</a> }.into_any()
        } else {
            // A place in the document is nothing that an element has.
            view! { <button type="button" class="lf-skip" prop:inert=is_covered on:click=skip>{skips_to}</button> }.into_any()
        }}
        <div class="lf-app" prop:inert=is_covered>
            <AppBar />
            {move || match middle.get() {
                Middle::Wait { label } => view! { <div class="lf-main" id="main" role=app.root.main_role()><Busy label=label /></div> }.into_any(),
                Middle::First => view! { <div class="lf-main" id="main" role=app.root.main_role()><Nothing /></div> }.into_any(),
                Middle::Open(PageView::Debugger) => view! { <Debugger /> }.into_any(),
                Middle::Open(PageView::Projections) => view! { <Projections /> }.into_any(),
                Middle::Open(PageView::WhatIf) => view! { <WhatIf /> }.into_any(),
                Middle::Open(PageView::Commands) => view! { <Commands /> }.into_any(),
                Middle::Failed { name, trouble } => view! { <Failed name=name trouble=trouble /> }.into_any(),
            }}
            <Show when=move || has_dock.get()>
                <Dock />
            </Show>
        </div>
        <DropTarget />
        <Show when=move || help.get()><Help /></Show>
        <Show when=move || playback.get()><PlaybackSheet /></Show>
        <Show when=move || bookmarks.get()><BookmarkList /></Show>
        <Show when=move || breakpoint.get()><BreakpointDialog /></Show>
        <Show when=move || new_store.get()><NewStore /></Show>
        <Show when=move || import.get()><ImportDialog /></Show>
        <Show when=move || export.get()><ExportDialog /></Show>
        <Show when=move || palette.get()><Palette /></Show>
        <Show when=move || storage.get()><StoragePanel /></Show>
        <WhatIfDialogs />
        {move || deleted.get().map(|name| view! { <DeleteStore name=name /> })}
        <Show when=move || app.dialogs.get() == 0><Toasts /></Show>
    }
}

/// No store, or one without events.
#[component]
fn Nothing() -> impl IntoView {
    if App::get().root.is_page() { view! { <FirstVisit /> }.into_any() } else { view! { <Waiting /> }.into_any() }
}

/// A store that could not be opened, or has closed.
#[component]
fn Failed(name: String, trouble: Trouble) -> impl IntoView {
    let app = App::get();
    let again = name.clone();
    let open_again = move |_| {
        if app.root.is_page() {
            app.open(again.clone());
        } else {
            app.reopen(again.clone(), PageUrl::default());
        }
    };
    view! {
        <div class="lf-main" id="main" role=app.root.main_role()>
            <div class="lf-first lf-scroll">
                <div class="lf-failed" role="alert">
                    <h1 class="lf-first__title">{format!("{name} is not open")}</h1>
                    <p class="lf-first__lead">{trouble.message}</p>
                    <p class="lf-failed__code lf-mono">{trouble.code}</p>
                    <div class="lf-row lf-failed__acts">
                        <button type="button" class="lf-btn lf-btn--primary lf-btn--lg" on:click=open_again>
                            {icon("rebuild")}"Open again"
                        </button>
                        <Show when=move || app.root.is_page()>
                            <button type="button" class="lf-btn lf-btn--lg" on:click=move |_| app.phase.set(Phase::NoStore)>
                                "Start page"
                            </button>
                        </Show>
                    </div>
                </div>
            </div>
        </div>
    }
}
