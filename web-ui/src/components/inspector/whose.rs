//! Whose state is looked at: a projection, a stream, or the whole log.

use leftfold_core::{StreamFilter, StreamName};
use leptos::prelude::*;

use crate::components::controls::icon;
use crate::model::format;
use crate::model::state_of::StateOf;
use crate::state::App;

const SELECTED: &str = "selected";
const KEPT: &str = "kept";
const KEEP: &str = "keep";
const OTHER: &str = "other";
const LOG: &str = "log";
const PROJECTION: &str = "projection:";

/// How many names are offered while one is typed.
const MOST_OFFERED: usize = 50;

/// The choice of whose state is looked at.
#[component]
pub(crate) fn Whose() -> impl IntoView {
    let app = App::get();
    let is_searching = RwSignal::new(false);
    let stream = Memo::new(move |_| app.row(app.follows.details.get()).map(|row| row.stream.to_string()));
    let names = Memo::new(move |_| {
        app.epoch_tracked();
        let built_in =
            app.lenses().map(|lenses| lenses.projections().iter().map(|lens| lens.name().to_owned()).collect());
        let mut names: Vec<String> = built_in.unwrap_or_default();
        app.texts.all.with(|texts| names.extend(texts.all().iter().map(|text| text.name.clone())));
        names
    });
    let kept = Memo::new(move |_| match app.state_of.get() {
        StateOf::Stream(stream) => Some(stream),
        _ => None,
    });
    let chosen = Memo::new(move |_| match app.state_of.get() {
        StateOf::Selected => SELECTED.to_owned(),
        StateOf::Stream(_) => KEPT.to_owned(),
        StateOf::Log => LOG.to_owned(),
        StateOf::Projection { name, .. } => format!("{PROJECTION}{name}"),
    });
    let choose = move |choice: String| {
        is_searching.set(choice == OTHER);
        let next = match (choice.as_str(), stream.get_untracked()) {
            (SELECTED, _) => StateOf::Selected,
            (KEEP, Some(stream)) => StateOf::Stream(stream),
            (LOG, _) => StateOf::Log,
            _ => match choice.strip_prefix(PROJECTION) {
                Some(name) => StateOf::projection(name),
                None => return,
            },
        };
        app.state_of.set(next);
    };
    let is_chosen = move |value: &str| {
        let value = value.to_owned();
        move || chosen.with(|chosen| *chosen == value)
    };
    view! {
        <label class="lf-select lf-select--ghost lf-insp__of">
            <span class="lf-vh">"State of"</span>
            <select class="lf-select__el" prop:value=move || chosen.get() on:change:target=move |event| choose(event.target().value())>
                {move || Some(names.get()).filter(|names| !names.is_empty()).map(|names| view! {
                    <optgroup label="Projections">
                        {names.into_iter().map(|name| {
                            let value = format!("{PROJECTION}{name}");
                            view! { <option value=value.clone() selected=is_chosen(&value)>{name}</option> }
                        }).collect_view()}
                    </optgroup>
                })}
                <optgroup label="Streams">
                    <option value=SELECTED selected=is_chosen(SELECTED)>"This event's stream"</option>
                    {move || kept.get().map(|kept| view! { <option value=KEPT selected=true>{format!("Kept: {kept}")}</option> })}
                    <option value=KEEP>"Keep this stream"</option>
                    <option value=OTHER>"Another stream…"</option>
                </optgroup>
                <optgroup label="Log">
                    <option value=LOG selected=is_chosen(LOG)>"Whole log: counts by type"</option>
                </optgroup>
            </select>
            {icon("chevron-down")}
        </label>
        <Show when=move || is_searching.get()>
            <StreamField on_done=move || is_searching.set(false) />
        </Show>
        <Partitions />
    }
}

/// The field for the name of any stream.
#[component]
fn StreamField<F: Fn() + Copy + Send + Sync + 'static>(on_done: F) -> impl IntoView {
    let app = App::get();
    let text = RwSignal::new(String::new());
    let is_wrong = RwSignal::new(false);
    let offered = Memo::new(move |_| {
        let prefix = text.get();
        let filter = StreamFilter { prefix: Some(prefix), limit: Some(MOST_OFFERED), ..StreamFilter::default() };
        let streams = app.with_log(|log| log.streams(&filter)).unwrap_or_default();
        streams.into_iter().map(|info| info.stream.to_string()).collect::<Vec<_>>()
    });
    let choose = move |name: String| {
        let name = name.trim().to_owned();
        let known = StreamName::new(&name)
            .ok()
            .and_then(|stream| app.with_log(|log| !log.stream_positions(&stream).is_empty()))
            .unwrap_or(false);
        is_wrong.set(!known);
        if known {
            app.state_of.set(StateOf::Stream(name));
            on_done();
        }
    };
    view! {
        <label class="lf-field lf-insp__name">
            <span class="lf-vh">"Name of the stream"</span>
            <input class="lf-field__input" type="text" list="inspector-streams" placeholder="Name of the stream" autocomplete="off"
                aria-invalid=move || is_wrong.get().to_string()
                on:input:target=move |event| { is_wrong.set(false); text.set(event.target().value()); }
                on:change:target=move |event| choose(event.target().value()) />
        </label>
        <datalist id="inspector-streams">
            {move || offered.get().into_iter().map(|name| view! { <option value=name></option> }).collect_view()}
        </datalist>
        <Show when=move || is_wrong.get()>
            <span class="lf-insp__wrong" role="alert">"No such stream"</span>
        </Show>
    }
}

/// The choice of a partition, where a projection has some.
#[component]
fn Partitions() -> impl IntoView {
    let app = App::get();
    let name = Memo::new(move |_| match app.state_of.get() {
        StateOf::Projection { name, .. } => Some(name),
        _ => None,
    });
    Effect::new(move |_| {
        if let Some(name) = name.get() {
            app.state_views.want_partitions(app, name);
        }
    });
    // While the log grows those of a moment ago stay.
    let known = Memo::new(move |_| {
        let (name, shown) = (name.get()?, app.state_views.partitions.shown()?);
        shown.answer.ok().filter(|_| shown.key.name == name)
    });
    let count = Memo::new(move |_| known.with(|known| known.as_ref().map_or(0, |known| known.len())));
    let chosen = Memo::new(move |_| match app.state_of.get() {
        StateOf::Projection { partition, .. } => partition,
        _ => String::new(),
    });
    let choose = move |partition: String| {
        if let Some(name) = name.get_untracked() {
            app.state_of.set(StateOf::Projection { name, partition: partition.trim().to_owned() });
        }
    };
    let has_some = Memo::new(move |_| count.get() > 0);
    let offered = move || {
        let known = known.get().unwrap_or_default();
        known.iter().map(|name| view! { <option value=name.clone()></option> }).collect_view()
    };
    view! {
        <Show when=move || has_some.get()>
            <label class="lf-field lf-insp__name">
                <span class="lf-vh">"Partition"</span>
                <input class="lf-field__input" type="text" list="inspector-partitions" autocomplete="off" prop:value=chosen
                    placeholder=move || format!("{} of it", format::counted(count.get() as u64, "partition"))
                    on:change:target=move |event| choose(event.target().value()) />
            </label>
            <datalist id="inspector-partitions">{offered}</datalist>
        </Show>
    }
}
