//! The events of a branch from its fork on, of which those in view are drawn.

use leftfold_core::Position;
use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::row::{RowItem, SharedRow, keyed};
use crate::components::controls::icon;
use crate::components::tree::{RowWindow, Scroller};
use crate::model::branch::{Change, EventRef};
use crate::model::format;
use crate::state::{App, BranchView, WhatIfForm};

/// The id of the list of rows.
pub(super) const LIST: &str = "whatif-rows";

/// A row that is dragged, and the row that it would stand behind: that of the fork is none.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Dragged {
    pub(super) event: EventRef,
    pub(super) behind: Option<u64>,
}

/// What rows share.
#[derive(Clone, Copy)]
pub(super) struct List {
    pub(super) dragged: RwSignal<Option<Dragged>>,
    /// The event that the cursor is at.
    pub(super) here: Memo<Option<EventRef>>,
    pub(super) window: RowWindow,
}

impl List {
    /// Shows a row and gives it the focus: at once where it is drawn already, so that the next key is its own.
    pub(super) fn focus(self, app: App, event: EventRef) {
        self.show(app, event);
        focus_row(app, event);
        focus_in(app, event, 3);
    }

    /// The same for a row that stands elsewhere in a moment: an element that is moved in the document loses the focus. Until
    /// then the list has it, and hears the keys for the row.
    pub(super) fn focus_moved(self, app: App, event: EventRef) {
        self.show(app, event);
        hold_focus(app);
        focus_in(app, event, 3);
    }

    fn show(self, app: App, event: EventRef) {
        let row = app.what_if.arrangement.get_untracked().and_then(|arrangement| arrangement.row_of(event));
        if let Some(row) = row.and_then(|row| usize::try_from(row).ok()) {
            self.window.show(row);
        }
    }
}

/// Gives the focus to the list, which stays where it is whatever becomes of its rows.
pub(super) fn hold_focus(app: App) {
    let list = app.root.find(&format!("#{LIST}"));
    if let Some(list) = list.and_then(|list| list.dyn_into::<web_sys::HtmlElement>().ok()) {
        let stays = web_sys::FocusOptions::new();
        stays.set_prevent_scroll(true);
        let _ = list.focus_with_options(&stays);
    }
}

/// The row is drawn some frames after it was scrolled to.
fn focus_in(app: App, event: EventRef, frames: u32) {
    request_animation_frame(move || match frames {
        0 => focus_row(app, event),
        _ => focus_in(app, event, frames - 1),
    });
}

fn focus_row(app: App, event: EventRef) {
    let found = app.root.find(&format!("#{}", row_id(event)));
    if let Some(row) = found.and_then(|row| row.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = row.focus();
    }
}

/// The id of the row of an event.
pub(super) fn row_id(event: EventRef) -> String {
    format!("whatif-{event}")
}

/// The rows.
#[component]
pub(super) fn Rows() -> impl IntoView {
    let app = App::get();
    let desk = app.what_if;
    let scroller = Scroller::new();
    let count = Memo::new(move |_| {
        let head = app.head.get();
        desk.arrangement
            .with(|all| all.as_ref().map_or(0, |all| usize::try_from(all.count(head)).unwrap_or(usize::MAX)))
    });
    let fork = Memo::new(move |_| desk.arrangement.with(|all| all.as_ref().map(|all| all.fork())));
    let window = RowWindow::new(Some(scroller), count, "--lf-change-h");
    let here = Memo::new(move |_| desk.here(app));
    let list = List { dragged: RwSignal::new(None), here, window };
    let row_here = move || {
        let event = here.get_untracked()?;
        let row = desk.arrangement.with_untracked(|all| all.as_ref().and_then(|all| all.row_of(event)))?;
        usize::try_from(row).ok()
    };
    let node = NodeRef::<html::Ol>::new();
    Effect::new(move |_| {
        count.track();
        fork.track();
        window.track_size();
        if let Some(node) = node.get() {
            window.measure(&node);
        }
    });
    let drawn = Memo::new(move |_| {
        let head = app.head.get();
        let Some(all) = desk.arrangement.get() else { return Vec::new() };
        window.range().filter_map(|row| all.event(row as u64, head)).collect::<Vec<_>>()
    });
    Effect::new(move |_| drawn.with(|drawn| desk.want_payloads(app, drawn)));
    // One row takes the focus by the Tab key: the one that was picked last, else the first that is drawn.
    let stop = Memo::new(move |_| {
        let picked = desk.picked.get();
        drawn.with(|drawn| picked.filter(|event| drawn.contains(event)).or_else(|| drawn.first().copied()))
    });
    let opened = StoredValue::new(None::<String>);
    Effect::new(move |_| {
        // A branch opens where the cursor is.
        let name = desk.branch.with(|branch| branch.as_ref().map(|branch| branch.name().to_owned()));
        count.track();
        if node.get().is_none() || opened.with_value(|opened| *opened == name) {
            return;
        }
        opened.set_value(name);
        if let Some(row) = row_here() {
            request_animation_frame(move || {
                request_animation_frame(move || window.show(row));
            });
        }
    });
    // Where the cursor goes, the list goes too; at the newest event it stays where somebody reads it.
    Effect::new(move |before: Option<Position>| {
        let here = app.follows.details.get();
        let is_elsewhere = before.is_some_and(|before| before != here) && !app.is_live.get_untracked();
        if let Some(row) = row_here().filter(|_| is_elsewhere) {
            window.show(row);
        }
        here
    });
    Effect::new(move |_| {
        if let Some(event) = desk.goal.get() {
            desk.goal.set(None);
            desk.view.set(BranchView::Events);
            // What was open gives the focus back first.
            request_animation_frame(move || list.focus(app, event));
        }
    });
    let drag = move |event: PointerEvent| {
        let Some(dragged) = list.dragged.get_untracked() else { return };
        let Some(node) = node.get_untracked() else { return };
        let at = window.row_under(f64::from(event.client_y()) - node.get_bounding_client_rect().top()).round();
        let last = count.get_untracked() as f64;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a row, which is clamped")]
        let behind = (at >= 1.0).then(|| at.min(last) as u64 - 1);
        list.dragged.set(Some(Dragged { behind, ..dragged }));
    };
    let drop = move |_: PointerEvent| {
        let Some(Dragged { event, behind }) = list.dragged.get_untracked() else { return };
        list.dragged.set(None);
        let (Some(all), head) = (desk.arrangement.get_untracked(), app.head.get_untracked()) else { return };
        let before_fork = EventRef::Stored(Position::new(all.fork().get() - 1));
        let after = behind.map_or(Some(before_fork), |row| all.event(row, head));
        let own = all.row_of(event);
        // Directly behind itself, and behind the one that it follows, it stands already.
        let stays = behind == own || own.is_some_and(|own| behind.map_or(0, |row| row + 1) == own);
        if let Some(after) = after.filter(|_| !stays) {
            desk.try_make(app, Change::Move { event, after });
        }
    };
    let held = move |key: KeyboardEvent| {
        if let Some(picked) = desk.picked.get_untracked().filter(|_| key.target() == key.current_target()) {
            keyed(app, list, picked, &key);
        }
    };
    let space = move || {
        let (above, below) = window.space();
        format!("padding-block:{above}px {below}px")
    };
    let knows = Memo::new(move |_| desk.knows_commands(app));
    view! {
        <section class="lf-pane lf-whatif__events" aria-label="Events on the branch">
            <div class="lf-changes lf-scroll" node_ref=scroller.node on:scroll=move |_| scroller.scrolled()
                on:pointermove=drag on:pointerup=drop on:pointercancel=move |_| list.dragged.set(None)>
                <div class="lf-changes__head" aria-hidden="true">
                    <span></span><span class="is-num">"#"</span><span>"Event"</span><span>"On this branch"</span><span>"Change"</span><span class="is-num">"Actions"</span>
                </div>
                {move || fork.get().map(|fork| view! { <SharedRow fork=fork /> })}
                <ol node_ref=node style=space id=LIST tabindex="-1" aria-label="Events from the fork on, in branch order" on:keydown=held>
                    <For each=move || drawn.get() key=|event| *event let(event)>
                        <RowItem event=event list=list is_stop=Memo::new(move |_| stop.get() == Some(event)) />
                    </For>
                </ol>
            </div>
            <footer class="lf-changes__foot">
                <button type="button" class="lf-btn" on:click=move |_| if let Some(after) = desk.place_for_new(app) { desk.open_insert(app, after) }>
                    {icon("plus")}"Insert event"
                </button>
                <Show when=move || knows.get()>
                    <button type="button" class="lf-btn" on:click=move |_| if let Some(after) = desk.place_for_new(app) { desk.form.set(Some(WhatIfForm::Issue { after })) }>
                        {icon("play")}"Issue command"
                    </button>
                </Show>
                <div class="lf-grow"></div>
                <span class="lf-muted lf-whatif__from">{move || format!("{} from the fork on", format::counted(count.get() as u64, "event"))}</span>
            </footer>
        </section>
    }
}
