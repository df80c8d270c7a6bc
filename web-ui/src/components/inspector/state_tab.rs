//! State at the cursor, with what changed against the step before.

use std::sync::Arc;

use leftfold_core::Row;
use leptos::prelude::*;

use crate::components::controls::{Busy, icon};
use crate::components::tree::{Tree, TreeValue};
use crate::model::format;
use crate::model::state_of::StateOf;
use crate::state::App;

const SELECTED: &str = "selected";
const KEEP: &str = "keep";
const LOG: &str = "log";

/// The State tab.
#[component]
pub(super) fn StateTab(row: Memo<Option<Row>>) -> impl IntoView {
    let app = App::get();
    let changes_only = RwSignal::new(false);
    let shown = Memo::new(move |_| app.state_views.shown());
    let value = Signal::derive(move || {
        let view = shown.get()?;
        Some(Arc::new(TreeValue { json: view.state.clone(), changes: view.changes.clone() }))
    });
    let label = Signal::derive(move || {
        shown.with(|view| {
            let at = |view: &crate::state::StateView| {
                format!("State of {} at event {}", view.title, format::grouped(view.at.get()))
            };
            view.as_deref().map(at).unwrap_or_default()
        })
    });
    let stream = Memo::new(move |_| row.with(|row| row.as_ref().map(|row| row.stream.to_string())));
    let choose = move |choice: String| {
        let next = match (choice.as_str(), stream.get_untracked()) {
            (LOG, _) => StateOf::Log,
            (KEEP, Some(stream)) => StateOf::Stream(stream),
            (SELECTED, _) => StateOf::Selected,
            _ => return,
        };
        app.state_of.set(next);
    };
    let kept = Memo::new(move |_| match app.state_of.get() {
        StateOf::Stream(stream) => Some(stream),
        _ => None,
    });
    let chosen = move || match app.state_of.get() {
        StateOf::Selected => SELECTED,
        StateOf::Stream(_) => "kept",
        StateOf::Log => LOG,
        StateOf::Projection { .. } => "",
    };
    let against = move || {
        shown.with(|view| {
            let view = view.as_deref()?;
            let version = view.version.map(|version| match version.get() {
                0 => "no events yet".to_owned(),
                version => format!("version {}", format::grouped(version)),
            });
            let before = match view.at.get() {
                1 => "Against the empty log".to_owned(),
                at => format!("Against #{}", format::grouped(at - 1)),
            };
            Some(version.map_or(before.clone(), |version| format!("{before} · {version}")))
        })
    };
    let tally =
        Memo::new(move |_| shown.with(|view| view.as_deref().map(|view| view.changes.tally()).unwrap_or_default()));
    let badge = move |class: &'static str,
                      mark: &'static str,
                      word: &'static str,
                      of: fn(crate::model::changes::Tally) -> usize| {
        move || {
            let count = of(tally.get());
            (count > 0).then(|| view! { <span class=format!("lf-badge lf-badge--{class}")>{format!("{mark} {count} {word}")}</span> })
        }
    };
    let has_state = Memo::new(move |_| shown.with(Option::is_some));
    view! {
        <div class="lf-insp__bar">
            <label class="lf-select lf-select--ghost lf-insp__of">
                <span class="lf-vh">"State of"</span>
                <select class="lf-select__el" prop:value=chosen on:change:target=move |event| choose(event.target().value())>
                    <option value=SELECTED selected=move || chosen() == SELECTED>
                        {move || format!("This event's stream: {}", stream.get().unwrap_or_default())}
                    </option>
                    {move || kept.get().map(|kept| view! { <option value="kept" selected=true>{format!("Kept: {kept}")}</option> })}
                    <option value=KEEP>{move || format!("Keep {}", stream.get().unwrap_or_default())}</option>
                    <option value=LOG selected=move || chosen() == LOG>"Whole log: counts by type"</option>
                </select>
                {icon("chevron-down")}
            </label>
            <div class="lf-grow"></div>
            <label class="lf-switch">
                <input type="checkbox" role="switch" prop:checked=changes_only on:change:target=move |event| changes_only.set(event.target().checked()) />
                "Changes only"
            </label>
        </div>
        <div class="lf-insp__note">
            <span>{against}</span>
            <span class="lf-grow"></span>
            {badge("add", "+", "added", |tally| tally.added)}
            {badge("chg", "~", "changed", |tally| tally.changed)}
            {badge("del", "−", "removed", |tally| tally.removed)}
            <Show when=move || tally.get().total() == 0><span class="lf-muted">"No change at this step"</span></Show>
        </div>
        <div class="lf-insp__body lf-scroll">
            <Show when=move || has_state.get() fallback=|| view! { <Busy label="Folding state" /> }>
                <Tree label=label value=value changes_only=changes_only open_depth=2 />
            </Show>
        </div>
    }
}
