//! The stream of a command: one that is there, found by a part of its name, or the id of a new one.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use uuid::Uuid;

use crate::components::controls::{icon, is_modified};
use crate::model::format;
use crate::state::App;

/// The field. The category of the decider stands before it.
#[component]
pub(super) fn StreamField() -> impl IntoView {
    let app = App::get();
    let desk = app.desk;
    let is_open = RwSignal::new(false);
    let active = RwSignal::new(None::<usize>);
    let offered = Memo::new(move |_| {
        if !is_open.get() {
            return Vec::new();
        }
        app.head.track();
        let typed = desk.stream_id.get();
        app.streams_like(desk.aggregate.get().name(), typed.trim())
    });
    let prefix = move || format!("{}-", desk.aggregate.get().name());
    let id_of = move |name: &str| name.split_once('-').map_or(String::new(), |(_, id)| id.to_owned());
    let choose = move |name: &str| {
        is_open.set(false);
        active.set(None);
        desk.choose_stream(app, id_of(name));
    };
    let press = move |event: KeyboardEvent| {
        if is_modified(&event) {
            return;
        }
        let count = offered.with_untracked(Vec::len);
        match event.key().as_str() {
            "ArrowDown" | "ArrowUp" => {
                is_open.set(true);
                let count = offered.with_untracked(Vec::len).max(count);
                if count > 0 {
                    let step = if event.key() == "ArrowDown" { 1 } else { count - 1 };
                    active.update(|active| {
                        *active = Some(active.map_or(if step == 1 { 0 } else { count - 1 }, |now| (now + step) % count))
                    });
                }
            }
            "Enter" => {
                let chosen = active
                    .get_untracked()
                    .and_then(|at| offered.with_untracked(|all| all.get(at).map(|(name, _)| name.to_string())));
                let Some(name) = chosen.filter(|_| is_open.get_untracked()) else { return };
                choose(&name);
            }
            "Escape" if is_open.get_untracked() => {
                is_open.set(false);
                active.set(None);
                event.stop_propagation();
            }
            _ => return,
        }
        event.prevent_default();
    };
    let option =
        move |(number, (name, version)): (usize, (leftfold_core::StreamName, leftfold_core::StreamVersion))| {
            let (shown, chosen) = (name.to_string(), name.to_string());
            view! {
                <li
                    class="lf-menu__item"
                    class:is-active=move || active.get() == Some(number)
                    id=format!("cmd-stream-{number}")
                    role="option"
                    aria-selected=move || (active.get() == Some(number)).to_string()
                    // A press must not take the focus away before the click is there.
                    on:mousedown=|event| event.prevent_default()
                    on:click=move |_| choose(&chosen)
                >
                    <span class="lf-mono lf-clip">{shown}</span>
                    <span class="lf-menu__end">{format!("version {}", format::grouped(version.get()))}</span>
                </li>
            }
        };
    view! {
        <label class="lf-label" for="cmd-stream">"Stream"</label>
        <div class="lf-command__stream">
            <div class="lf-field" class:lf-field--invalid=move || desk.stream_fault.with(Option::is_some)>
                <span class="lf-field__affix lf-mono" aria-hidden="true">{prefix}</span>
                <input
                    class="lf-field__input lf-mono"
                    id="cmd-stream"
                    role="combobox"
                    autocomplete="off"
                    spellcheck="false"
                    maxlength="200"
                    placeholder="find a stream, or type a new id"
                    aria-autocomplete="list"
                    aria-expanded=move || (is_open.get() && offered.with(|all| !all.is_empty())).to_string()
                    aria-controls="cmd-streams"
                    aria-activedescendant=move || active.get().map(|number| format!("cmd-stream-{number}"))
                    aria-describedby="cmd-stream-help"
                    aria-invalid=move || desk.stream_fault.with(Option::is_some).then_some("true")
                    prop:value=desk.stream_id
                    on:input:target=move |event| {
                        let typed = event.target().value();
                        // A whole name may be pasted.
                        let id = typed.strip_prefix(&untrack(prefix)).map_or(typed.clone(), str::to_owned);
                        active.set(None);
                        is_open.set(true);
                        desk.choose_stream(app, id);
                    }
                    on:click=move |_| is_open.set(true)
                    on:blur=move |_| is_open.set(false)
                    on:keydown=press
                />
            </div>
            <button type="button" class="lf-btn" on:click=move |_| desk.choose_stream(app, new_id())>{icon("plus")}"New id"</button>
            <Show when=move || is_open.get() && offered.with(|all| !all.is_empty())>
                <ul class="lf-menu lf-command__streams" id="cmd-streams" role="listbox" aria-label="Streams">
                    {move || offered.get().into_iter().enumerate().map(option).collect_view()}
                </ul>
            </Show>
        </div>
        <p class="lf-help" class:lf-help--error=move || desk.stream_fault.with(Option::is_some) id="cmd-stream-help">
            {move || desk.stream_fault.get().unwrap_or_default()}
        </p>
    }
}

/// The id of a stream that is not there yet: eight digits, as long as those of the sample are not.
fn new_id() -> String {
    let mut id = Uuid::new_v4().simple().to_string();
    id.truncate(8);
    id
}
