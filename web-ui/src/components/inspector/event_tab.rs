//! The event at the cursor: payload, how it is lifted, causes and effects, ids, metadata.

use std::sync::Arc;

use leftfold_core::Row;
use leptos::prelude::*;

use super::causes::Causes;
use super::copy::CopyButton;
use super::payload::{Lifted, Shape, Step, lifted, stored};
use super::trouble::Failed;
use crate::components::controls::{Busy, Segmented};
use crate::components::tree::{Scroller, Tree};
use crate::model::causes::Origin;
use crate::model::changes::{Changes, Path};
use crate::model::format;
use crate::model::json::Json;
use crate::model::tree::{TreeValue, pointer};
use crate::state::{App, Failure};

/// Which payload is looked at.
#[derive(Clone, Copy, PartialEq)]
enum Schema {
    Lifted,
    Stored,
}

/// What the tab shows beside the index.
#[derive(Clone, PartialEq)]
struct Details {
    stored: Shape,
    lifted: Option<Lifted>,
    metadata: Option<Arc<TreeValue>>,
    origin: Origin,
    recorded: String,
    size: String,
}

/// The Event tab.
#[component]
pub(super) fn EventTab(row: Memo<Option<Row>>) -> impl IntoView {
    let app = App::get();
    let scroller = Scroller::new();
    let schema = RwSignal::new(Schema::Lifted);
    let chosen = RwSignal::new(Path::new());
    let chosen_metadata = RwSignal::new(Path::new());
    let details = Memo::new(move |_| {
        let payload = app.payloads.get(app.cursor.get())?;
        let event = &payload.event;
        let metadata = Json::parse(event.metadata()).ok().filter(|_| !event.metadata().is_empty());
        Some(Details {
            stored: stored(event),
            lifted: app.store().and_then(|store| lifted(event, &store.upcasters())),
            metadata: metadata.map(|json| Arc::new(TreeValue { json, changes: Changes::default() })),
            origin: Origin::of_metadata(event.metadata()),
            recorded: moment(event.recorded_at()),
            size: format::bytes(event.data().len() as u64),
        })
    });
    let shape = Memo::new(move |_| {
        details.with(|details| {
            let details = details.as_ref()?;
            let lifted = details.lifted.as_ref().filter(|_| schema.get() == Schema::Lifted);
            Some(lifted.map_or_else(|| details.stored.clone(), |lifted| lifted.shape.clone()))
        })
    });
    let value = Memo::new(move |_| match shape.get() {
        Some(Shape::Tree(value)) => Some(value),
        _ => None,
    });
    let words = move || match shape.get() {
        Some(Shape::Words(words)) => Some(view! { <p class="lf-insp__plain lf-mono">{words}</p> }),
        _ => None,
    };
    let has_tree = Memo::new(move |_| value.with(Option::is_some));
    let is_here = Memo::new(move |_| details.with(Option::is_some));
    let is_lifted = Memo::new(move |_| details.with(|details| details.as_ref().is_some_and(|d| d.lifted.is_some())));
    let options = Signal::derive(move || {
        let now = details.with(|details| Some(details.as_ref()?.lifted.as_ref()?.version.clone()));
        let then = row.with(|row| row.as_ref().map(|row| row.schema_version.to_string()).unwrap_or_default());
        vec![(Schema::Lifted, format!("As {}", now.unwrap_or_default())), (Schema::Stored, format!("Stored v{then}"))]
    });
    let steps = Memo::new(move |_| {
        details.with(|details| details.as_ref().and_then(|d| d.lifted.as_ref()).map(|lifted| lifted.steps.clone()))
    });
    let unread = Memo::new(move |_| app.payloads.failure(app.cursor.get()));
    let failure = Memo::new(move |_| {
        details
            .with(|details| details.as_ref().and_then(|d| d.lifted.as_ref()).and_then(|lifted| lifted.failure.clone()))
    });
    let metadata = Memo::new(move |_| details.with(|details| details.as_ref()?.metadata.clone()));
    let has_metadata = Memo::new(move |_| metadata.with(Option::is_some));
    let of_event = move |what: &'static str| {
        Signal::derive(move || format!("{what} of event {}", format::grouped(app.cursor.get().get())))
    };
    let text = move |of: fn(&Row) -> String| move || row.with(|row| row.as_ref().map(of).unwrap_or_default());
    let detail =
        move |of: fn(&Details) -> String| move || details.with(|details| details.as_ref().map(of).unwrap_or_default());
    view! {
        <div class="lf-insp__body lf-scroll" node_ref=scroller.node on:scroll=move |_| scroller.scrolled()>
            <section class="lf-sect">
                <h3 class="lf-sect__title">
                    "Payload"
                    <Show when=move || is_lifted.get()>
                        <Segmented label="Schema view" options=options value=schema on_choose=move |next| schema.set(next) />
                    </Show>
                </h3>
                {move || match unread.get() {
                    _ if is_here.get() => None,
                    Some(trouble) => Some(view! { <Failed failure=Failure::from(trouble) /> }.into_any()),
                    None => Some(view! { <Busy label="Reading the event" /> }.into_any()),
                }}
                {move || failure.get().map(|failure| view! { <Failed failure=failure is_final=true /> })}
                {words}
                <Show when=move || has_tree.get()>
                    <Tree label=of_event("Payload") value=value changes_only=false open_depth=3_usize scroller=scroller chosen=chosen />
                    <Copies value=value chosen=chosen />
                </Show>
            </section>
            {move || steps.get().map(|steps| view! { <Steps steps=steps schema=schema /> })}
            <Causes />
            <section class="lf-sect">
                <h3 class="lf-sect__title">"Event"</h3>
                <dl class="lf-kv">
                    <dt>"Type"</dt><dd>{text(|row| row.event_type.to_string())}</dd>
                    <dt>"Schema version"</dt><dd class="lf-mono">{text(|row| row.schema_version.to_string())}</dd>
                    <dt>"Stream"</dt><dd class="lf-mono">{text(|row| row.stream.to_string())}</dd>
                    <dt>"Stream version"</dt><dd class="lf-mono">{text(|row| format::grouped(row.version.get()))}</dd>
                    <dt>"Position"</dt><dd class="lf-mono">{text(|row| format::grouped(row.position.get()))}</dd>
                    <dt>"Time"</dt><dd class="lf-mono">{text(|row| moment(row.time))}</dd>
                    <dt>"Recorded"</dt><dd class="lf-mono">{detail(|details| details.recorded.clone())}</dd>
                    <dt>"Event id"</dt><dd class="lf-mono" title=text(|row| row.id.to_string())>{text(|row| row.id.to_string())}</dd>
                    <dt>"Correlation id"</dt><dd class="lf-mono">{detail(|details| or_dash(details.origin.correlation.as_ref()))}</dd>
                    <dt>"Causation id"</dt><dd class="lf-mono">{detail(|details| or_dash(details.origin.causation.as_ref()))}</dd>
                    <dt>"Tags"</dt><dd>{text(tags)}</dd>
                    <dt>"Size"</dt><dd class="lf-mono">{detail(|details| details.size.clone())}</dd>
                </dl>
                <div class="lf-insp__copies">
                    <CopyButton what="Event id" label="Copy event id" text=move || row.with(|row| row.as_ref().map(|row| row.id.to_string())) />
                </div>
            </section>
            <Show when=move || has_metadata.get()>
                <section class="lf-sect">
                    <h3 class="lf-sect__title">"Metadata"</h3>
                    <Tree label=of_event("Metadata") value=metadata changes_only=false open_depth=2_usize scroller=scroller chosen=chosen_metadata />
                    <Copies value=metadata chosen=chosen_metadata />
                </section>
            </Show>
        </div>
    }
}

/// Copies the path and the value of the row that was chosen, or all of it.
#[component]
fn Copies(value: Memo<Option<Arc<TreeValue>>>, chosen: RwSignal<Path>) -> impl IntoView {
    let path = Memo::new(move |_| {
        let path = chosen.get();
        let is_there = value.with(|value| value.as_ref().is_some_and(|value| value.json.at(&path).is_some()));
        if is_there { path } else { Path::new() }
    });
    let of = move || path.with(|path| if path.is_empty() { "all".to_owned() } else { pointer(path) });
    view! {
        <div class="lf-insp__copies">
            <span class="lf-insp__path lf-mono lf-clip" title=of>{of}</span>
            <CopyButton what="Path" label="Copy path" text=move || Some(path.with(|path| pointer(path))) />
            <CopyButton what="Value" label="Copy value" text=move || {
                value.with(|value| value.as_ref().and_then(|value| value.json.at(&path.get())).map(ToString::to_string))
            } />
        </div>
    }
}

/// The steps of the lift, the one that is looked at marked.
#[component]
fn Steps(steps: Vec<Step>, schema: RwSignal<Schema>) -> impl IntoView {
    let last = steps.len() - 1;
    let item = move |(number, step): (usize, Step)| {
        let is_current = move || match schema.get() {
            Schema::Stored => number == 0,
            Schema::Lifted => number == last,
        };
        view! {
            <li class="lf-steps__item" aria-current=move || is_current().then_some("step")>
                <span>{step.title}</span>
                <div class="lf-steps__what">{step.what}</div>
            </li>
        }
    };
    view! {
        <section class="lf-sect">
            <h3 class="lf-sect__title">"Upcast steps"</h3>
            <ol class="lf-steps" aria-label="Upcast steps">{steps.into_iter().enumerate().map(item).collect_view()}</ol>
        </section>
    }
}

fn moment(time: leftfold_core::Timestamp) -> String {
    format!("{} {} Z", format::date(time), format::clock(time))
}

fn or_dash(text: Option<&String>) -> String {
    text.cloned().unwrap_or_else(|| "–".to_owned())
}

fn tags(row: &Row) -> String {
    if row.tags.is_empty() {
        return "–".to_owned();
    }
    row.tags.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
