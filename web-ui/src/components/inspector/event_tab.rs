//! The event at the cursor: payload, how it is lifted, causes and effects, ids, metadata.

use std::sync::Arc;

use leftfold_core::{Position, Row};
use leptos::prelude::*;

use super::causes::Causes;
use super::copy::CopyButton;
use super::payload::{Lifted, Shape, Step, lifted, stored};
use super::trouble::Failed;
use crate::components::controls::{Busy, Segmented, icon};
use crate::components::tree::{Scroller, Tree};
use crate::model::causes::Origin;
use crate::model::changes::{Changes, Path};
use crate::model::format;
use crate::model::json::Json;
use crate::model::tree::{TreeValue, pointer};
use crate::state::{App, Failure};

/// Stands where only the payload could tell.
const UNKNOWN: &str = "Not known: the event cannot be read.";

/// Which payload is looked at.
#[derive(Clone, Copy, PartialEq)]
enum Schema {
    Lifted,
    Stored,
}

/// What the tab shows beside the index.
#[derive(Clone, PartialEq)]
struct Details {
    /// The store and the event that this is of.
    of: (u64, Position),
    stored: Shape,
    lifted: Option<Lifted>,
    metadata: Option<Arc<TreeValue>>,
    origin: Origin,
    recorded: String,
    size: String,
}

impl Details {
    fn new(app: App, at: Position) -> Option<Self> {
        let payload = app.payloads.get(at)?;
        let event = &payload.event;
        let metadata = Json::parse(event.metadata()).ok().filter(|_| !event.metadata().is_empty());
        Some(Self {
            of: (app.epoch(), at),
            stored: stored(event),
            lifted: app.store().and_then(|store| lifted(event, &store.upcasters())),
            metadata: metadata.map(|json| Arc::new(TreeValue { json, changes: Changes::default() })),
            origin: Origin::of_metadata(event.metadata()),
            recorded: moment(event.recorded_at()),
            size: format::bytes(event.data().len() as u64),
        })
    }
}

/// The Event tab. Its sections keep their places from event to event: what is of no fixed length scrolls by itself, and the
/// event before is shown until the next one was read or found to be unreadable.
#[component]
pub(super) fn EventTab(row: Memo<Option<Row>>) -> impl IntoView {
    let app = App::get();
    let scroller = Scroller::new();
    let schema = RwSignal::new(Schema::Lifted);
    let chosen = RwSignal::new(Path::new());
    let details = Memo::new(move |before: Option<&Option<Details>>| {
        let (at, epoch) = (app.follows.details.get(), app.epoch_tracked());
        let now = Details::new(app, at);
        let is_unreadable = || app.payloads.failure(at).is_some();
        now.or_else(|| before.cloned().flatten().filter(|before| before.of.0 == epoch && !is_unreadable()))
    });
    let unread = Memo::new(move |_| app.payloads.failure(app.follows.details.get()).map(Failure::from));
    let is_late = Memo::new(move |_| {
        unread.with(Option::is_none)
            && details.with(|details| details.as_ref().map(|d| d.of.1)) != Some(app.follows.details.get())
    });
    let shape = Memo::new(move |_| {
        if unread.with(Option::is_some) {
            return None;
        }
        details.with(|details| {
            let details = details.as_ref()?;
            let lifted = details.lifted.as_ref().filter(|_| schema.get() == Schema::Lifted);
            Some(lifted.map_or_else(|| details.stored.clone(), |lifted| lifted.shape.clone()))
        })
    });
    let options = Signal::derive(move || {
        let now = details.with(|details| Some(details.as_ref()?.lifted.as_ref()?.version.clone()));
        let then = row.with(|row| row.as_ref().map(|row| row.schema_version.to_string()).unwrap_or_default());
        vec![(Schema::Lifted, format!("As {}", now.unwrap_or_default())), (Schema::Stored, format!("Stored v{then}"))]
    });
    let is_lifted = Memo::new(move |_| details.with(|details| details.as_ref().is_some_and(|d| d.lifted.is_some())));
    let steps = Memo::new(move |_| {
        details.with(|details| details.as_ref().and_then(|d| d.lifted.as_ref()).map(|lifted| lifted.steps.clone()))
    });
    let unlifted = Memo::new(move |_| {
        details
            .with(|details| details.as_ref().and_then(|d| d.lifted.as_ref()).and_then(|lifted| lifted.failure.clone()))
            .filter(|_| unread.with(Option::is_none))
    });
    let metadata = Memo::new(move |_| details.with(|details| details.as_ref()?.metadata.clone()));
    let has_metadata = Memo::new(move |_| metadata.with(Option::is_some));
    let no_metadata = move || if unread.with(Option::is_some) { UNKNOWN } else { "None." };
    let chosen_metadata = RwSignal::new(Path::new());
    let label_of = move |what: &'static str| {
        Signal::derive(move || {
            let at = details.with(|details| details.as_ref().map_or(Position::ZERO, |details| details.of.1));
            format!("{what} of event {}", format::grouped(at.get()))
        })
    };
    let text = move |of: fn(&Row) -> String| move || row.with(|row| row.as_ref().map(of).unwrap_or_default());
    // What the payload knows of the event before would stand beside what the index knows of this one.
    let detail = move |of: fn(&Details) -> String| {
        move || {
            let details = details.get().filter(|_| !is_late.get());
            details.as_ref().map(of).unwrap_or_default()
        }
    };
    view! {
        <div class="lf-insp__room"><div class="lf-insp__body lf-scroll lf-apart" node_ref=scroller.node on:scroll=move |_| scroller.scrolled()>
            <PayloadSection label=label_of("Payload") shape=shape unread=unread unlifted=unlifted is_late=is_late chosen=chosen>
                <Show when=move || is_lifted.get()>
                    <Segmented label="Schema view" options=options value=schema on_choose=move |next| schema.set(next) />
                </Show>
            </PayloadSection>
            <Causes />
            <section class="lf-sect">
                <h3 class="lf-sect__title">"Upcast steps"</h3>
                <div class="lf-hold lf-hold--steps" data-late=move || is_late.get().then_some("")>
                    {move || match steps.get() {
                        Some(steps) => view! { <Steps steps=steps schema=schema /> }.into_any(),
                        None if unread.with(Option::is_some) => view! { <p class="lf-insp__plain">{UNKNOWN}</p> }.into_any(),
                        None => view! { <p class="lf-insp__plain">"None: the payload is read as it is stored."</p> }.into_any(),
                    }}
                </div>
            </section>
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
            <section class="lf-sect" data-late=move || is_late.get().then_some("")>
                <h3 class="lf-sect__title">"Metadata"</h3>
                <Show when=move || has_metadata.get() fallback=move || view! { <p class="lf-insp__plain">{no_metadata}</p> }>
                    <div class="lf-hold lf-hold--metadata">
                        <Tree label=label_of("Metadata") value=metadata changes_only=false open_depth=2_usize scroller=scroller chosen=chosen_metadata />
                    </div>
                    <Copies value=metadata chosen=chosen_metadata is_late=is_late />
                </Show>
            </section>
        </div></div>
    }
}

/// The payload: as a tree that scrolls by itself, or in words.
#[component]
fn PayloadSection(
    label: Signal<String>,
    shape: Memo<Option<Shape>>,
    unread: Memo<Option<Failure>>,
    unlifted: Memo<Option<Failure>>,
    is_late: Memo<bool>,
    chosen: RwSignal<Path>,
    children: Children,
) -> impl IntoView {
    let scroller = Scroller::new();
    let is_tall = RwSignal::new(false);
    let value = Memo::new(move |_| match shape.get() {
        Some(Shape::Tree(value)) => Some(value),
        _ => None,
    });
    let has_tree = Memo::new(move |_| value.with(Option::is_some));
    let is_here = Memo::new(move |_| shape.with(Option::is_some) || unread.with(Option::is_some));
    let words = move || match shape.get() {
        Some(Shape::Words(words)) => Some(view! { <p class="lf-insp__plain lf-mono">{words}</p> }),
        _ => None,
    };
    let size_label = move || if is_tall.get() { "Show less of the payload" } else { "Show more of the payload" };
    view! {
        <section class="lf-sect">
            <h3 class="lf-sect__title">
                "Payload"
                <button
                    type="button"
                    class="lf-btn lf-btn--icon lf-btn--ghost lf-btn--sm"
                    aria-label=size_label
                    title=size_label
                    aria-expanded=move || is_tall.get().to_string()
                    on:click=move |_| is_tall.update(|is_tall| *is_tall = !*is_tall)
                >
                    {move || if is_tall.get() { icon("chevron-up").into_any() } else { icon("chevron-down").into_any() }}
                </button>
                {children()}
            </h3>
            <div
                class="lf-hold lf-hold--payload lf-scroll"
                class:is-tall=move || is_tall.get()
                data-late=move || is_late.get().then_some("")
                node_ref=scroller.node
                on:scroll=move |_| scroller.scrolled()
            >
                <Show when=move || !is_here.get()><Busy label="Reading the event" /></Show>
                {move || unread.get().map(|failure| view! { <Failed failure=failure /> })}
                {move || unlifted.get().map(|failure| view! { <Failed failure=failure is_final=true /> })}
                {words}
                <Show when=move || has_tree.get()>
                    <Tree label=label value=value changes_only=false open_depth=3_usize scroller=scroller chosen=chosen />
                </Show>
            </div>
            <Copies value=value chosen=chosen is_late=is_late />
        </section>
    }
}

/// Copies the path and the value of the row that was chosen, or all of it.
#[component]
fn Copies(value: Memo<Option<Arc<TreeValue>>>, chosen: RwSignal<Path>, is_late: Memo<bool>) -> impl IntoView {
    let path = Memo::new(move |_| {
        let path = chosen.get();
        let is_there = value.with(|value| value.as_ref().is_some_and(|value| value.at(&path).is_some()));
        if is_there { path } else { Path::new() }
    });
    let of = move || path.with(|path| if path.is_empty() { "all".to_owned() } else { pointer(path) });
    view! {
        <div class="lf-insp__copies">
            <span class="lf-insp__path lf-mono lf-clip lf-clip--start" title=of><bdi>{of}</bdi></span>
            <CopyButton what="Path" label="Copy path" text=move || Some(path.with(|path| pointer(path))) />
            <CopyButton what="Value" label="Copy value" text=move || {
                if is_late.get() {
                    return None;
                }
                value.with(|value| value.as_ref().and_then(|value| value.at(&path.get())).map(ToString::to_string))
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
    view! { <ol class="lf-steps" aria-label="Upcast steps">{steps.into_iter().enumerate().map(item).collect_view()}</ol> }
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
