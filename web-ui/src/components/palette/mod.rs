//! The command palette: everything that can be done, and places to go, found by typing.

mod actions;
mod results;

use leftfold_core::Position;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::controls::{focus_when_there, icon, is_modified};
use super::dialog::Dialog;
use crate::state::App;
use results::{Found, Mark, find};

/// The palette.
#[component]
pub(crate) fn Palette() -> impl IntoView {
    let app = App::get();
    let query = RwSignal::new(String::new());
    let chosen = RwSignal::new(0_usize);
    let has_events = Memo::new(move |_| app.head.get() > Position::ZERO);
    let found = Memo::new(move |_| {
        // What there is to find comes with the store, which may be opened while somebody types.
        app.phase.track();
        app.stores.track();
        has_events.track();
        find(app, &query.get())
    });
    let close = move || app.overlay.set(None);
    let run = move |number: usize| {
        let Some(target) = found.with_untracked(|found| found.get(number).map(|found| found.target.clone())) else {
            return;
        };
        close();
        // What it opens comes when this dialog has gone and given the focus back.
        request_animation_frame(move || target.go(app));
    };
    let press = move |event: KeyboardEvent| {
        if is_modified(&event) {
            return;
        }
        let count = found.with_untracked(Vec::len).max(1);
        let now = chosen.get_untracked();
        let next = match event.key().as_str() {
            "ArrowDown" => (now + 1) % count,
            "ArrowUp" => (now + count - 1) % count,
            "Enter" => {
                event.prevent_default();
                run(now);
                return;
            }
            _ => return,
        };
        event.prevent_default();
        chosen.set(next);
        show_option(app, next);
    };
    let active = move || found.with(|found| (!found.is_empty()).then(|| option_id(chosen.get())));
    let count = move || match found.with(Vec::len) {
        0 => "Nothing found".to_owned(),
        1 => "1 result".to_owned(),
        count => format!("{count} results"),
    };
    let input = focus_when_there();
    let item = move |number: usize, one: &Found, before: Option<&'static str>| {
        let group = one.target.group();
        let title =
            (before != Some(group)).then(|| view! { <div class="lf-menu__title" role="presentation">{group}</div> });
        let mark = match &one.mark {
            Mark::Icon(name) => icon(name).into_any(),
            Mark::Swatch { colour, shape } => {
                view! { <i class=format!("lf-sw {colour}") data-shape=*shape></i> }.into_any()
            }
        };
        let keys = one.keys.iter().map(|key| view! { <kbd class="lf-kbd">{*key}</kbd> }).collect_view();
        view! {
            {title}
            <div
                class="lf-menu__item"
                role="option"
                id=option_id(number)
                aria-selected=move || (chosen.get() == number).to_string()
                on:click=move |_| run(number)
                on:pointermove=move |_| if chosen.get_untracked() != number { chosen.set(number) }
            >
                {mark}<span class="lf-clip">{one.text.clone()}</span>
                <span class="lf-menu__end">{one.end.clone()}{keys}</span>
            </div>
        }
    };
    let items = move || {
        found.with(|found| {
            let before = std::iter::once(None).chain(found.iter().map(|found| Some(found.target.group())));
            found.iter().zip(before).enumerate().map(|(number, (one, before))| item(number, one, before)).collect_view()
        })
    };
    view! {
        <Dialog label="Command palette" on_close=close class="lf-palette">
            <div class="lf-field lf-palette__field">
                {icon("search")}
                <input
                    class="lf-field__input"
                    role="combobox"
                    aria-expanded="true"
                    aria-controls="palette-list"
                    aria-autocomplete="list"
                    aria-activedescendant=active
                    aria-label="Search or run"
                    placeholder="A command, a store, a type, a stream, or a position"
                    autocomplete="off"
                    spellcheck="false"
                    node_ref=input
                    prop:value=query
                    on:input:target=move |event| {
                        query.set(event.target().value());
                        chosen.set(0);
                    }
                    on:keydown=press
                />
            </div>
            <span class="lf-vh" role="status">{count}</span>
            <div class="lf-scroll lf-palette__list" role="listbox" id="palette-list" aria-label="Results" tabindex="-1">{items}</div>
            <Show when=move || found.with(Vec::is_empty)>
                <p class="lf-palette__none">"Nothing of this name. Try a type, a stream, a store, or a position such as #490."</p>
            </Show>
        </Dialog>
    }
}

fn option_id(number: usize) -> String {
    format!("palette-{number}")
}

fn show_option(app: App, number: usize) {
    request_animation_frame(move || {
        let option = app.root.find(&format!("#{}", option_id(number)));
        if let Some(option) = option.and_then(|option| option.dyn_into::<web_sys::HtmlElement>().ok()) {
            let options = web_sys::ScrollIntoViewOptions::new();
            options.set_block(web_sys::ScrollLogicalPosition::Nearest);
            option.scroll_into_view_with_scroll_into_view_options(&options);
        }
    });
}
