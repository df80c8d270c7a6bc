//! One event of a branch, and what can be done to it.

use leftfold_core::Position;
use leptos::ev::{KeyboardEvent, MouseEvent, PointerEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::rows::{Dragged, LIST, List, row_id};
use crate::components::controls::{icon, sized_icon};
use crate::model::branch::{Became, Change, EventRef};
use crate::model::format;
use crate::state::{App, RowView, WhatIfDesk, target_of};

/// The last event that the branch shares with main, and the fork.
#[component]
pub(super) fn SharedRow(fork: Position) -> impl IntoView {
    let app = App::get();
    let before = Position::new(fork.get() - 1);
    let kind = app.row(before).map(|row| (row.event_type.to_string(), format!("{}@{}", row.stream, row.version)));
    view! {
        {kind.map(|(kind, stream)| view! {
            <div class="lf-change lf-change--shared">
                <span></span>
                <span class="lf-change__pos">{format::grouped(before.get())}</span>
                <span class="lf-change__type"><span class="lf-change__name lf-clip">{kind}</span></span>
                <div class="lf-change__body lf-clip">{stream}</div>
                <span></span><span></span>
            </div>
        })}
        <div class="lf-change lf-change--fork">
            {icon("branch")}{format!("Fork at {}", format::position(fork))}<span class="lf-change__shared">"history above is shared"</span>
        </div>
    }
}

/// The row of an event.
#[component]
pub(super) fn RowItem(event: EventRef, list: List, is_stop: Memo<bool>) -> impl IntoView {
    let app = App::get();
    let desk = app.what_if;
    let row = Memo::new(move |_| desk.row(app, event));
    let op = move || row.with(|row| row.as_ref().and_then(|row| op_of(&row.became)));
    let name = WhatIfDesk::name_of(event);
    let number = Memo::new(move |_| desk.arrangement.with(|all| all.as_ref().and_then(|all| all.row_of(event))));
    let of_all = Memo::new(move |_| {
        let head = app.head.get();
        desk.arrangement.with(|all| all.as_ref().map_or(0, |all| all.count(head)))
    });
    let is_here = Memo::new(move |_| list.here.get() == Some(event));
    let drops_behind = Memo::new(move |_| {
        let behind = list.dragged.get().map(|dragged| dragged.behind);
        matches!((behind, number.get()), (Some(Some(behind)), Some(own)) if behind == own)
    });
    let is_dragged = Memo::new(move |_| list.dragged.get().is_some_and(|dragged| dragged.event == event));
    let tab = move || if is_stop.get() { "0" } else { "-1" };
    let press = move |key: KeyboardEvent| keyed(app, list, event, &key);
    let take = move |pointer: PointerEvent| {
        if pointer.button() != 0 {
            return;
        }
        if let Some(grip) = target_of(&pointer) {
            let _ = grip.set_pointer_capture(pointer.pointer_id());
        }
        let own = number.get_untracked();
        list.dragged.set(Some(Dragged { event, behind: own.and_then(|own| own.checked_sub(1)) }));
    };
    let click = move |pressed: MouseEvent| {
        let on_button =
            target_of(&pressed).is_some_and(|target| target.closest("button").is_ok_and(|found| found.is_some()));
        if !on_button {
            desk.pick(app, event);
        }
    };
    let act = move |label: String, icon_name: &'static str, run: fn(App, EventRef)| {
        let title = label.clone();
        let click = move |_| {
            desk.picked.set(Some(event));
            run(app, event);
            // The button may be gone with what it did.
            if desk.goal.with_untracked(Option::is_none) && desk.form.with_untracked(Option::is_none) {
                desk.goal.set(Some(event));
            }
        };
        view! {
            <button type="button" class="lf-btn lf-btn--icon lf-btn--ghost lf-btn--sm" tabindex=tab aria-label=label title=title
                on:click=click>{icon(icon_name)}</button>
        }
    };
    let acts = {
        let name = name.clone();
        move || {
            let (can_undo, became) = row.with(|row| row.as_ref().map(|row| (row.can_undo, row.became.clone())))?;
            let is_gone = matches!(became, Became::Skipped);
            Some(view! {
                {can_undo.then(|| act(format!("Undo what was done to event {name}"), "undo", |app, event| app.what_if.restore(app, event)))}
                {(!is_gone && matches!(event, EventRef::Stored(_))).then(|| act(format!("Skip event {name}"), "skip", |app, event| {
                    app.what_if.try_make(app, Change::Skip(event));
                }))}
                {(!is_gone).then(|| act(format!("Edit event {name}"), "edit", |app, event| app.what_if.open_edit(app, event)))}
                {act(format!("Insert an event after {name}"), "plus", |app, event| app.what_if.open_insert(app, event))}
            })
        }
    };
    view! {
        <li class="lf-change" id=row_id(event) tabindex=tab data-op=op
            class:is-here=move || is_here.get() class:is-dragged=move || is_dragged.get() class:is-drop=move || drops_behind.get()
            aria-posinset=move || number.get().map(|number| (number + 1).to_string()) aria-setsize=move || of_all.get().to_string()
            aria-current=move || is_here.get().then_some("true")
            aria-keyshortcuts="Delete Enter Insert Alt+ArrowUp Alt+ArrowDown"
            on:keydown=press on:click=click on:focus=move |_| desk.picked.set(Some(event))>
            <button type="button" class="lf-change__grip" tabindex=tab aria-label=format!("Move event {name}. Alt with arrow keys moves it")
                on:pointerdown=take>{icon("grip")}</button>
            <span class="lf-change__pos">{move || row.with(|row| row.as_ref().map(|row| row.name.clone()))}</span>
            <span class="lf-change__type">
                <i class=move || format!("lf-sw {}", row.with(|row| row.as_ref().map(|row| row.colour.clone()).unwrap_or_default()))
                    data-shape=move || row.with(|row| row.as_ref().map_or("circle", |row| row.shape))></i>
                <span class="lf-change__name lf-clip">{move || row.with(|row| row.as_ref().map(|row| row.event_type.clone()))}</span>
            </span>
            <div class="lf-change__body">{move || row.get().map(body)}</div>
            {move || row.with(|row| row.as_ref().and_then(badge))}
            <span class="lf-change__acts">{acts}</span>
        </li>
    }
}

fn op_of(became: &Became) -> Option<&'static str> {
    Some(match became {
        Became::AsInLog => return None,
        Became::Skipped => "skip",
        Became::Edited => "edit",
        Became::Moved => "move",
        Became::Inserted => "insert",
        Became::Redecided { .. } => "rerun",
        Became::Refused { .. } => "reject",
        Became::Unreached { .. } => "gone",
    })
}

fn badge(row: &RowView) -> Option<impl IntoView + use<>> {
    let (class, of_icon, word) = match &row.became {
        Became::AsInLog => return None,
        Became::Skipped => ("lf-badge", "skip", "Skipped"),
        Became::Edited => ("lf-badge lf-badge--chg", "edit", "Edited"),
        Became::Moved => ("lf-badge lf-badge--chg", "swap", "Moved"),
        Became::Inserted => ("lf-badge lf-badge--add", "plus", "Inserted"),
        Became::Redecided { .. } => ("lf-badge lf-badge--outline", "rebuild", "Re-run"),
        Became::Refused { .. } => ("lf-badge lf-badge--danger", "error", "Rejected"),
        Became::Unreached { .. } => ("lf-badge", "minus", "Not reached"),
    };
    // What else became of it comes first; that it stands elsewhere is said all the same.
    let also = row.is_moved && row.became != Became::Moved;
    let moved = also.then(|| view! { <span class="lf-vh">", moved"</span>{sized_icon("swap", 12)} });
    Some(view! { <span class=class>{sized_icon(of_icon, 12)}{word}{moved}</span> })
}

fn body(row: RowView) -> AnyView {
    let RowView { stream, summary, deltas, became, .. } = row;
    let plain = if summary.is_empty() { stream.clone() } else { format!("{stream} · {summary}") };
    let title = plain.clone();
    let deltas = move || {
        deltas.clone().into_iter().map(|(path, old, new)| view! {
            <span class="lf-change__delta">
                {path}" "<span class="lf-vh">{format!("was {old}, now {new}")}</span>
                <span class="lf-delta lf-mono" aria-hidden="true"><span class="lf-delta__old">{old}</span><span class="lf-delta__arrow">"→"</span><span class="lf-delta__new">{new}</span></span>
            </span>
        }).collect_view()
    };
    match became {
        Became::Refused { command, reason } => {
            let title = format!("{command}: {reason}");
            view! {
                <span class="lf-change__why lf-clip" title=title>
                    "Would now be rejected: "{reason}
                </span>
                <span class="lf-change__line lf-clip"><span class="lf-change__cmd">{command}</span>" · "<span class="lf-change__was">{plain}</span></span>
            }
            .into_any()
        }
        Became::Unreached { cause } => view! {
            <span class="lf-change__line lf-clip">{format!("{} does not happen · ", cause_name(cause))}<span class="lf-change__was">{plain}</span></span>
        }
        .into_any(),
        Became::Skipped => view! { <span class="lf-change__line lf-change__was lf-clip" title=title>{plain}</span> }.into_any(),
        Became::Edited => view! { <span class="lf-change__line lf-clip" title=title>{deltas()}<span class="lf-change__rest">{stream}</span></span> }.into_any(),
        Became::Redecided { command } => view! {
            <span class="lf-change__line lf-clip" title=title><span class="lf-change__cmd">{command}</span>" · "{deltas()}</span>
        }
        .into_any(),
        _ => view! { <span class="lf-change__line lf-clip" title=title>{plain}</span> }.into_any(),
    }
}

fn cause_name(cause: EventRef) -> String {
    match cause {
        EventRef::Stored(position) => format::position(position),
        EventRef::New(number) => format!("new event {number}"),
    }
}

/// What the keys of a row do.
pub(super) fn keyed(app: App, list: List, event: EventRef, key: &KeyboardEvent) {
    let desk = app.what_if;
    if key.ctrl_key() || key.meta_key() || key.shift_key() {
        return;
    }
    let is_up = key.key() == "ArrowUp";
    let (is_arrow, is_own) = (is_up || key.key() == "ArrowDown", is_row(key));
    match (key.key().as_str(), key.alt_key()) {
        (_, true) if is_arrow => {
            desk.move_by(app, event, is_up);
            list.focus_moved(app, event);
        }
        (_, false) if is_arrow => {
            let (Some(all), head) = (desk.arrangement.get_untracked(), app.head.get_untracked()) else { return };
            let row = all.row_of(event);
            let next = row.and_then(|row| if is_up { row.checked_sub(1) } else { Some(row + 1) });
            if let Some(next) = next.and_then(|row| all.event(row, head)) {
                desk.pick(app, next);
                list.focus(app, next);
            }
        }
        ("Delete", false) => {
            let is_skipped =
                desk.arrangement.with_untracked(|all| all.as_ref().is_some_and(|all| all.standing(event).is_skipped));
            if is_skipped {
                desk.restore(app, event);
            } else {
                desk.try_make(app, Change::Skip(event));
            }
        }
        ("Enter", false) if is_own => desk.open_edit(app, event),
        ("Insert", false) => desk.open_insert(app, event),
        _ => return,
    }
    key.prevent_default();
}

/// Whether the row itself has the focus, or the list for it: none of its buttons.
fn is_row(key: &KeyboardEvent) -> bool {
    let target = target_of(key).and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok());
    target.is_some_and(|target| target.class_list().contains("lf-change") || target.id() == LIST)
}
