//! The form of a command: who decides, on which stream, what, and with what.

use std::sync::Arc;

use leptos::prelude::*;

use super::field::FieldView;
use super::outcome::OutcomeView;
use super::stream_field::StreamField;
use crate::components::controls::{Segmented, icon};
use crate::components::tree::Tree;
use crate::model::changes::Changes;
use crate::model::format;
use crate::model::json::Json;
use crate::model::tree::TreeValue;
use crate::sample::commands::Aggregate;
use crate::state::App;

/// The form.
#[component]
pub(super) fn CommandForm() -> impl IntoView {
    let app = App::get();
    let desk = app.desk;
    let aggregates = Aggregate::ALL.map(|aggregate| (aggregate, title_case(aggregate.name()))).to_vec();
    let commands = Signal::derive(move || {
        let labels = desk.aggregate.get().commands().iter().map(|schema| schema.label.to_owned());
        labels.enumerate().collect::<Vec<_>>()
    });
    let schema = Memo::new(move |_| desk.schema());
    let fields = move || {
        let fields = schema.get().fields.iter().enumerate();
        fields.map(|(number, field)| view! { <FieldView number=number field=field /> }).collect_view()
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        desk.issue(app);
    };
    Effect::new(move |_| {
        // The first field that is wrong is where to go on.
        if desk.faults.with(|faults| !faults.is_empty()) || desk.stream_fault.with(Option::is_some) {
            request_animation_frame(move || focus_first_fault(app));
        }
    });
    view! {
        <form class="lf-command" on:submit=submit novalidate>
            <div class="lf-command__row">
                <span class="lf-label" aria-hidden="true">"Decider"</span>
                <Segmented label="Decider" options=aggregates value=desk.aggregate
                    on_choose=move |aggregate| desk.choose_aggregate(aggregate) />
            </div>
            <div class="lf-command__row"><StreamField /><SeenState /></div>
            <div class="lf-command__row">
                <span class="lf-label" aria-hidden="true">"Command"</span>
                <Segmented label="Command" options=commands value=desk.command on_choose=move |number| desk.choose_command(number) />
                <p class="lf-help">{move || schema.get().help}</p>
            </div>
            <div class="lf-command__fields">{fields}</div>
            <Show when=move || schema.get().fields.is_empty()>
                <p class="lf-muted">"This command has no fields."</p>
            </Show>
            <div class="lf-command__row">
                <label class="lf-label" for="cmd-correlation">"Correlation id"</label>
                <div class="lf-field">
                    <input class="lf-field__input lf-mono" id="cmd-correlation" autocomplete="off" maxlength="200"
                        aria-describedby="cmd-correlation-help"
                        prop:value=desk.correlation on:input:target=move |event| desk.correlation.set(event.target().value()) />
                </div>
                <p class="lf-help" id="cmd-correlation-help">"Optional: what the events belong to. Without one it is the id of the command."</p>
            </div>
            <OutcomeView />
            <div class="lf-command__acts">
                <button type="submit" class="lf-btn lf-btn--primary lf-btn--lg" aria-disabled=move || desk.is_issuing.get().then_some("true")>
                    {icon("play")}{move || schema.get().label}
                </button>
                <span class="lf-muted">{move || decided_at(app)}</span>
            </div>
        </form>
    }
}

fn decided_at(app: App) -> String {
    app.desk.seen.with(|seen| match seen {
        Some(seen) => format!("Decided on {} at version {}", seen.stream, format::grouped(seen.loaded.version.get())),
        None => String::new(),
    })
}

/// What the decider sees of the stream.
#[component]
fn SeenState() -> impl IntoView {
    let app = App::get();
    let seen = app.desk.seen;
    let value = Signal::derive(move || {
        seen.with(|seen| {
            let text = serde_json::to_vec(&seen.as_ref()?.loaded.state).ok()?;
            let json = Json::parse(&text).ok()?;
            Some(Arc::new(TreeValue { json, changes: Changes::default() }))
        })
    });
    let label = Signal::derive(move || {
        let name = seen.with(|seen| seen.as_ref().map(|seen| seen.stream.to_string()));
        format!("State of {}", name.unwrap_or_default())
    });
    let about = move || {
        seen.with(|seen| {
            let seen = seen.as_ref()?;
            Some(match seen.loaded.version.get() {
                0 => format!("{} is new: no events yet", seen.stream),
                version => format!("{} is at version {}", seen.stream, format::grouped(version)),
            })
        })
    };
    // A state that is one word needs no tree.
    let word = Memo::new(move |_| {
        value
            .with(|value| value.as_ref().filter(|value| !value.json.is_container()).map(|value| value.json.to_string()))
    });
    let is_tree = Memo::new(move |_| value.with(|value| value.as_ref().is_some_and(|value| value.json.is_container())));
    view! {
        <div class="lf-command__seen" role="status">
            <span>{about}</span>
            {move || word.get().map(|word| view! { <span class="lf-mono lf-clip">"state " {word}</span> })}
        </div>
        <Show when=move || is_tree.get()>
            <details class="lf-command__state">
                <summary>"State that the command is decided on"</summary>
                <Tree label=label value=value changes_only=false open_depth=1_usize />
            </details>
        </Show>
    }
}

fn focus_first_fault(app: App) {
    use wasm_bindgen::JsCast;
    let field = app.root.find(".lf-command [aria-invalid=true]");
    if let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = field.focus();
    }
}

fn title_case(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
