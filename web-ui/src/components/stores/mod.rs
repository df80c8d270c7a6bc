//! The stores of this browser: switch, make, delete.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::controls::{focus_menu_item, icon, menu_items, roved, sized_icon};
use super::dialog::Dialog;
use crate::model::format;
use crate::sample;
use crate::state::{App, Overlay, Phase, StoreEntry, target_of};

/// How many events a second the simulator of the menu writes.
pub(crate) const SIMULATOR_RATE: f64 = 14.0;

/// The button that names the open store, and the menu behind it.
#[component]
pub(crate) fn StoreSwitcher() -> impl IntoView {
    let app = App::get();
    let is_open = RwSignal::new(false);
    let button = NodeRef::<html::Button>::new();
    let menu = NodeRef::<html::Div>::new();
    let name = Memo::new(move |_| match app.phase.get() {
        Phase::Open { name } | Phase::Opening { name } | Phase::Deleting { name } | Phase::Failed { name, .. } => {
            Some(name)
        }
        Phase::Starting | Phase::NoStore => None,
    });
    let events = Memo::new(move |_| name.get().is_some().then(|| format::counted(app.head.get().get(), "event")));
    let size = Memo::new(move |_| app.stored_bytes.get().map(format::bytes));
    let shown_name = Memo::new(move |_| name.get().map(|name| app.label_of(&name)));
    let is_open_store = Memo::new(move |_| matches!(app.phase.get(), Phase::Open { .. }));
    let is_simulating = Memo::new(move |_| app.simulator.with(Option::is_some));
    let toggle = move |_| {
        if !is_open.get_untracked() {
            spawn_local(app.list_stores());
        }
        is_open.update(|open| *open = !*open);
    };
    let close = move || {
        is_open.set(false);
        if let Some(button) = button.get_untracked() {
            let _ = button.focus();
        }
    };
    let outside = window_event_listener(leptos::ev::pointerdown, move |event| {
        let Some(target) = target_of(&event) else { return };
        let is_in = |node: Option<web_sys::Element>| node.is_some_and(|node| node.contains(Some(&target)));
        let in_menu = is_in(menu.get_untracked().map(|node| (*node).clone().into()));
        let in_button = is_in(button.get_untracked().map(|node| (*node).clone().into()));
        if is_open.get_untracked() && !in_menu && !in_button {
            is_open.set(false);
        }
    });
    on_cleanup(move || outside.remove());
    Effect::new(move |_| {
        if let (true, Some(menu)) = (is_open.get(), menu.get()) {
            request_animation_frame(move || focus_menu_item(&menu, 0));
        }
    });
    let press = move |event: KeyboardEvent| {
        let Some(menu) = menu.get_untracked() else { return };
        match event.key().as_str() {
            "Escape" => close(),
            "Tab" => {
                is_open.set(false);
                return;
            }
            _ => {
                let items = menu_items(&menu);
                let focused = app.root.active();
                let now = items
                    .iter()
                    .position(|item| focused.as_ref().is_some_and(|focused| focused.is_same_node(Some(item))));
                let Some(next) = roved(&event, now.unwrap_or(0), items.len().max(1)) else { return };
                focus_menu_item(&menu, next);
            }
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let show = move |overlay: Overlay| {
        is_open.set(false);
        app.overlay.set(Some(overlay));
    };
    let simulate = move || {
        is_open.set(false);
        if is_simulating.get_untracked() {
            app.stop_simulator();
        } else {
            app.start_simulator(SIMULATOR_RATE);
        }
    };
    view! {
        <div class="lf-stores">
            <button
                type="button"
                class="lf-store"
                node_ref=button
                aria-haspopup="menu"
                aria-expanded=move || is_open.get().to_string()
                on:click=toggle
            >
                <Show when=move || name.get().is_none()>{icon("database")}</Show>
                <span class="lf-vh">{move || if name.get().is_some() { "Store: " } else { "" }}</span>
                <span class="lf-store__name lf-clip">{move || shown_name.get().unwrap_or_else(|| "No store open".to_owned())}</span>
                {sized_icon("chevron-down", 12)}
                <span class="lf-store__meta">
                    {events}
                    // Its room is kept until it is known: the rest of the bar stays where it is.
                    <span class="lf-store__size" data-known=move || size.get().is_some().then_some("")>
                        {move || events.get().is_some().then(|| format!(" · {}", size.get().unwrap_or_else(|| "0.0 MB".to_owned())))}
                    </span>
                </span>
                <span class="lf-vh">{move || if name.get().is_some() { ". Switch store" } else { ". Choose store" }}</span>
            </button>
            <Show when=move || is_open.get()>
                <div class="lf-menu lf-stores__menu" role="menu" aria-label="Stores" node_ref=menu on:keydown=press>
                    <div class="lf-menu__title" role="presentation">"Stores in this browser"</div>
                    <div class="lf-scroll lf-stores__list" role="presentation">
                        <Show when=move || app.stores.with(Vec::is_empty)>
                            <p class="lf-stores__none">"None yet."</p>
                        </Show>
                        <For each=move || app.stores.get() key=|store| (store.name.clone(), store.events) let:store>
                            <StoreItem store=store current=name on_done=move || is_open.set(false) />
                        </For>
                    </div>
                    <MenuItem symbol="plus" class="lf-stores__new" on_press=move || show(Overlay::NewStore)>"New store…"</MenuItem>
                    <Show when=move || is_open_store.get()>
                        <MenuItem symbol="database" on_press=move || show(Overlay::Storage)>
                            "Storage…"<span class="lf-menu__end">"figures, verify, label"</span>
                        </MenuItem>
                    </Show>
                    // On a narrow page the bar has no room for them.
                    <Show when=move || events.get().is_some()>
                        <MenuItem symbol="export" class="lf-stores__narrow" on_press=move || show(Overlay::Export)>"Export…"</MenuItem>
                    </Show>
                    <MenuItem symbol="help" class="lf-stores__narrow" on_press=move || show(Overlay::Help)>"Help"</MenuItem>
                    // Where the stores are somebody else's, none is made that they did not ask for.
                    <Show when=move || app.root.is_page()>
                        <MenuItem symbol="pulse" on_press=simulate>
                            {move || if is_simulating.get() { "Stop simulator" } else { "Run simulator" }}
                            <span class="lf-menu__end">{format!("{SIMULATOR_RATE} events/s into {}", sample::STORE)}</span>
                        </MenuItem>
                    </Show>
                </div>
            </Show>
        </div>
    }
}

/// What can be done besides choosing a store.
#[component]
fn MenuItem<F>(
    symbol: &'static str,
    #[prop(optional)] class: &'static str,
    on_press: F,
    children: Children,
) -> impl IntoView
where
    F: Fn() + 'static,
{
    view! {
        <button type="button" class=format!("lf-menu__item {class}") role="menuitem" tabindex="-1" on:click=move |_| on_press()>
            {icon(symbol)}
            {children()}
        </button>
    }
}

#[component]
fn StoreItem<F>(store: StoreEntry, current: Memo<Option<String>>, on_done: F) -> impl IntoView
where
    F: Fn() + Copy + Send + Sync + 'static,
{
    let app = App::get();
    let name = StoredValue::new(store.name.clone());
    let is_current = Memo::new(move |_| current.get() == Some(name.get_value()));
    let open = move |_| {
        on_done();
        if !is_current.get_untracked() {
            app.stop_simulator();
            app.open(name.get_value());
        }
    };
    let delete = move |_| {
        on_done();
        app.overlay.set(Some(Overlay::DeleteStore { name: name.get_value() }));
    };
    view! {
        <div class="lf-stores__row" role="presentation">
            <button
                type="button"
                class="lf-menu__item"
                role="menuitemradio"
                aria-checked=move || is_current.get().to_string()
                tabindex="-1"
                on:click=open
            >
                <span class="lf-stores__check">{move || is_current.get().then(|| icon("check"))}</span>
                <span class="lf-clip">{move || app.label_of(&name.get_value())}</span>
                <span class="lf-menu__end">{format::counted(store.events, "event")}</span>
            </button>
            <button
                type="button"
                class="lf-btn lf-btn--ghost lf-btn--icon lf-btn--sm"
                role="menuitem"
                tabindex="-1"
                aria-label=format!("Delete store {}", store.name)
                title="Delete store"
                on:click=delete
            >
                {icon("trash")}
            </button>
        </div>
    }
}

/// Asks for the name of a store to make.
#[component]
pub(crate) fn NewStore() -> impl IntoView {
    let app = App::get();
    let name = RwSignal::new(String::new());
    let close = move || app.overlay.set(None);
    let is_taken =
        Memo::new(move |_| app.stores.with(|stores| stores.iter().any(|store| store.name == name.get().trim())));
    let can_make = Memo::new(move |_| !name.get().trim().is_empty() && !is_taken.get());
    let make = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if can_make.get_untracked() {
            close();
            app.stop_simulator();
            app.open(name.get_untracked().trim().to_owned());
        }
    };
    view! {
        <Dialog labelled_by="new-store-title" on_close=close is_small=true>
            <form class="lf-dialog__form" on:submit=make>
                <header class="lf-dialog__head"><h2 class="lf-dialog__title" id="new-store-title">"New store"</h2></header>
                <div class="lf-dialog__body lf-dialog__pad">
                    <label class="lf-label" for="new-store-name">"Name"</label>
                    <div class="lf-field" class:lf-field--invalid=move || is_taken.get()>
                        <input
                            class="lf-field__input"
                            id="new-store-name"
                            autofocus
                            maxlength="100"
                            autocomplete="off"
                            prop:value=name
                            on:input:target=move |event| name.set(event.target().value())
                            aria-describedby="new-store-help"
                        />
                    </div>
                    <p class="lf-help" class:lf-help--error=move || is_taken.get() id="new-store-help">
                        {move || if is_taken.get() { "There is a store of this name already." } else { "An empty log, kept in this browser." }}
                    </p>
                </div>
                <footer class="lf-dialog__foot">
                    <span class="lf-grow"></span>
                    <button type="button" class="lf-btn lf-btn--ghost" on:click=move |_| close()>"Cancel"</button>
                    <button type="submit" class="lf-btn lf-btn--primary" disabled=move || !can_make.get()>"Make store"</button>
                </footer>
            </form>
        </Dialog>
    }
}

/// Asks whether a store is really to be deleted.
#[component]
pub(crate) fn DeleteStore(name: String) -> impl IntoView {
    let app = App::get();
    let close = move || app.overlay.set(None);
    let events =
        app.stores.with_untracked(|stores| stores.iter().find(|store| store.name == name).map(|store| store.events));
    let events = events.map_or_else(|| "events".to_owned(), |events| format::counted(events, "event"));
    let title = format!("Delete {name}?");
    let delete = move |_| {
        close();
        app.delete(name.clone());
    };
    view! {
        <Dialog labelled_by="delete-store-title" on_close=close is_small=true>
            <header class="lf-dialog__head"><h2 class="lf-dialog__title" id="delete-store-title">{title}</h2></header>
            <div class="lf-dialog__body lf-dialog__pad">
                <p>{format!("Its {events} are deleted from this browser, in every tab. This cannot be undone.")}</p>
            </div>
            <footer class="lf-dialog__foot">
                <span class="lf-grow"></span>
                <button type="button" class="lf-btn lf-btn--ghost" autofocus on:click=move |_| close()>"Cancel"</button>
                <button type="button" class="lf-btn lf-btn--danger" on:click=delete>{icon("trash")}"Delete store"</button>
            </footer>
        </Dialog>
    }
}
