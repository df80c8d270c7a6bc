//! What was typed against a saved projection, over the whole log.

use leptos::prelude::*;

use super::dry_run::Running;
use super::fault::FaultBox;
use super::moment::Differences;
use crate::components::controls::icon;
use crate::model::format;
use crate::state::{App, Comparing, Side};

/// The section.
#[component]
pub(super) fn Comparison() -> impl IntoView {
    let app = App::get();
    let desk = app.editor;
    let chosen = RwSignal::new(String::new());
    let saved = Memo::new(move |_| desk.edited.get().and_then(|edited| edited.saved().map(str::to_owned)));
    let names = Memo::new(move |_| {
        let saved = saved.get();
        let mut names: Vec<String> = app.texts.all.with(|all| all.all().iter().map(|text| text.name.clone()).collect());
        // What is being changed comes first.
        names.sort_by_key(|name| Some(name) != saved.as_ref());
        names
    });
    let with = Memo::new(move |_| {
        let chosen = chosen.get();
        names.with(|names| names.iter().find(|name| **name == chosen).or(names.first()).cloned())
    });
    let option = move |name: String| {
        let label = if saved.get().as_ref() == Some(&name) { format!("{name}, as it is saved") } else { name.clone() };
        let is_chosen = with.get_untracked().as_ref() == Some(&name);
        view! { <option value=name selected=is_chosen>{label}</option> }
    };
    let is_running = Memo::new(move |_| desk.comparing.with(|comparing| matches!(comparing, Comparing::Running(_))));
    app.focus.watch(move || is_running.with(|_| ()));
    let start = move |_| {
        if let Some(name) = with.get_untracked() {
            desk.compare_with(app, &name);
        }
    };
    let said = move || match desk.comparing.get() {
        Comparing::Idle => None,
        Comparing::Failed(message) => Some(view! { <p class="lf-fault" role="alert">{message}</p> }.into_any()),
        Comparing::Running(side) => {
            let progress = side.progress.map(|progress| (progress.folded_to.get(), progress.head.get()));
            Some(view! { <Running progress=progress />{found(app, &side, true)} }.into_any())
        }
        Comparing::Done(side, _) => Some(view! { <Found side=side /> }.into_any()),
    };
    view! {
        <Show when=move || names.with(|names| !names.is_empty())>
            <details class="lf-editor__part">
                <summary>{icon("chevron-right")}<span class="lf-strong">"Compare over the whole log"</span></summary>
                <div class="lf-editor__body">
                    <div class="lf-row">
                        <label class="lf-select lf-grow">
                            <span class="lf-vh">"Compare with"</span>
                            <select class="lf-select__el" on:change:target=move |event| chosen.set(event.target().value())>
                                {move || names.get().into_iter().map(option).collect_view()}
                            </select>
                            {icon("chevron-down")}
                        </label>
                        {move || if is_running.get() {
                            view! { <button type="button" class="lf-btn" on:click=move |_| desk.stop_comparing()>{icon("stop")}"Cancel"</button> }.into_any()
                        } else {
                            view! { <button type="button" class="lf-btn" on:click=start>"Compare"</button> }.into_any()
                        }}
                    </div>
                    {said}
                </div>
            </details>
        </Show>
    }
}

/// What was found, in a sentence, and the way to the first of it.
fn found(app: App, side: &Side, is_running: bool) -> AnyView {
    let compared = format::counted(side.compared, "event");
    let Some((first, _)) = side.first.clone() else {
        let so_far = if is_running { " so far" } else { "" };
        return view! { <p role="status">{format!("No difference{so_far}: {compared} compared.")}</p> }.into_any();
    };
    let sentence = format!(
        "Different after {} of {compared}; first at {}.",
        format::grouped(side.different),
        format::position(first)
    );
    view! {
        <p role="status">{sentence}</p>
        <div class="lf-fault__acts">
            <button type="button" class="lf-btn lf-btn--sm" on:click=move |_| app.jump_to(first)>
                {format!("Go to event {}", format::position(first))}
            </button>
        </div>
    }
    .into_any()
}

/// A comparison that is over, with both states at the cursor.
#[component]
fn Found(side: Side) -> impl IntoView {
    let app = App::get();
    let desk = app.editor;
    Effect::new(move |_| desk.want_sides(app));
    let stopped = side.stopped.clone().map(|(is_typed, fault)| {
        let which = if is_typed { "What you typed".to_owned() } else { side.with.clone() };
        view! { <FaultBox fault=fault title=format!("{which} fails, so nothing after that is compared") /> }
    });
    let partition = side.first.as_ref().map(|(_, partition)| partition.clone()).unwrap_or_default();
    let of = if partition.is_empty() { String::new() } else { format!(" of {partition}") };
    let states = move || {
        let shown = desk.sides.shown()?;
        let at = format::position(shown.key.at);
        Some(match shown.answer {
            Err(failure) => view! { <p class="lf-fault" role="alert">{failure.trouble.message}</p> }.into_any(),
            Ok(sides) if sides.is_absent => view! { <p class="lf-muted">{format!("At {at}, neither has a state{of}.")}</p> }.into_any(),
            Ok(sides) => view! {
                <p class="lf-label">{format!("What they give at {at}{of}")}</p>
                <Differences table=sides.table.clone() caption="Both states" before="Saved" after="Typed" same="Both give the same there." />
            }
            .into_any(),
        })
    };
    view! {
        {found(app, &side, false)}
        {stopped}
        {states}
    }
}
