//! State at the cursor, with what changed against the step before.

use leptos::prelude::*;

use super::trouble::{Failed, Nothing};
use super::whose::Whose;
use crate::components::controls::Busy;
use crate::components::tree::{Scroller, Tree};
use crate::model::changes::{Path, Tally};
use crate::model::format;
use crate::model::state_of::StateOf;
use crate::state::{App, Failure, state_title};

/// What the middle of the tab shows.
#[derive(Clone, PartialEq)]
enum Middle {
    Wait,
    Absent,
    Tree,
    Failed(Failure),
}

/// The State tab.
#[component]
pub(super) fn StateTab() -> impl IntoView {
    let app = App::get();
    let changes_only = RwSignal::new(false);
    let chosen = RwSignal::new(Path::new());
    let scroller = Scroller::new();
    let shown = Memo::new(move |_| {
        let shown = app.state_views.at_cursor.shown()?;
        // While the cursor moves the state before stays; that of another stream or projection does not.
        (app.state_of.get() == StateOf::Selected || shown.key.of == app.whose_state()).then_some(shown)
    });
    let is_late = Memo::new(move |_| {
        let asked = (app.whose_state(), app.follows.details.get());
        shown.with(|shown| shown.as_ref().is_some_and(|shown| (&shown.key.of, shown.key.at) != (&asked.0, asked.1)))
    });
    let value = Memo::new(move |_| shown.with(|shown| shown.as_ref()?.answer.as_ref().ok()?.value.clone()));
    let middle = Memo::new(move |_| {
        shown.with(|shown| match shown.as_ref().map(|shown| &shown.answer) {
            None => Middle::Wait,
            Some(Err(failure)) => Middle::Failed(failure.clone()),
            Some(Ok(view)) if view.value.is_none() => Middle::Absent,
            Some(Ok(_)) => Middle::Tree,
        })
    });
    let label = Signal::derive(move || {
        shown.with(|shown| {
            let shown = shown.as_ref();
            let at = |key: &crate::state::StateKey| {
                format!("State of {} at event {}", state_title(&key.of), format::grouped(key.at.get()))
            };
            shown.map(|shown| at(&shown.key)).unwrap_or_default()
        })
    });
    let against = move || {
        shown.with(|shown| {
            let shown = shown.as_ref()?;
            let version = shown.answer.as_ref().ok().and_then(|view| view.version).map(|version| match version.get() {
                0 => "no events yet".to_owned(),
                version => format!("version {}", format::grouped(version)),
            });
            let before = match shown.key.at.get() {
                1 => "Against the empty log".to_owned(),
                at => format!("Against #{}", format::grouped(at - 1)),
            };
            Some(version.map_or(before.clone(), |version| format!("{before} · {version}")))
        })
    };
    let open_depth = Signal::derive(move || match app.state_of.get() {
        StateOf::Projection { .. } => 1,
        _ => 2,
    });
    let tally =
        Memo::new(move |_| value.with(|value| value.as_ref().map(|value| value.changes.tally()).unwrap_or_default()));
    let badge = move |class: &'static str, mark: &'static str, word: &'static str, of: fn(Tally) -> usize| {
        move || {
            let count = of(tally.get());
            (count > 0).then(|| view! { <span class=format!("lf-badge lf-badge--{class}")>{format!("{mark} {count} {word}")}</span> })
        }
    };
    view! {
        <div class="lf-insp__bar">
            <Whose />
            <div class="lf-grow"></div>
            <label class="lf-switch">
                <input type="checkbox" role="switch" prop:checked=changes_only on:change:target=move |event| changes_only.set(event.target().checked()) />
                "Changes only"
            </label>
        </div>
        <div class="lf-insp__room lf-insp__room--note">
            <div class="lf-insp__note lf-apart">
                <span class="lf-grow lf-clip" title=against>{against}</span>
                {badge("add", "+", "added", |tally| tally.added)}
                {badge("chg", "~", "changed", |tally| tally.changed)}
                {badge("del", "−", "removed", |tally| tally.removed)}
                <Show when=move || tally.get().total() == 0><span class="lf-muted">"No change at this step"</span></Show>
            </div>
        </div>
        <div class="lf-insp__room"><div
            class="lf-insp__body lf-scroll lf-apart"
            data-late=move || is_late.get().then_some("")
            node_ref=scroller.node
            on:scroll=move |_| scroller.scrolled()
        >
            {move || match middle.get() {
                Middle::Wait => view! { <Busy label="Folding state" /> }.into_any(),
                Middle::Absent => view! {
                    <Nothing title="Not there yet" text="This partition has no event at or before the cursor. Go further on, or choose another one." />
                }.into_any(),
                Middle::Failed(failure) => view! { <Failed failure=failure /> }.into_any(),
                Middle::Tree => view! {
                    <Tree label=label value=value changes_only=changes_only open_depth=open_depth scroller=scroller chosen=chosen />
                    <Show when=move || changes_only.get() && tally.get().total() == 0>
                        <Nothing title="Nothing changed here" text="Step on, or show the whole state." />
                    </Show>
                }.into_any(),
            }}
        </div></div>
    }
}
