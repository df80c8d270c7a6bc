//! The event at the cursor: payload, metadata, ids.

use std::sync::Arc;

use leftfold_core::{ContentType, Row};
use leptos::prelude::*;

use crate::components::tree::{Tree, TreeValue};
use crate::model::changes::Changes;
use crate::model::format;
use crate::model::json::Json;
use crate::state::App;

/// What the tab shows of a payload.
#[derive(Clone, PartialEq)]
struct Details {
    payload: Result<Arc<TreeValue>, String>,
    metadata: Option<Arc<TreeValue>>,
    recorded: String,
    size: String,
}

/// The Event tab.
#[component]
pub(super) fn EventTab(row: Memo<Option<Row>>) -> impl IntoView {
    let app = App::get();
    let details = Memo::new(move |_| {
        let payload = app.payloads.get(app.cursor.get())?;
        let event = &payload.event;
        let tree = |text: &[u8]| {
            let json = Json::parse(text).map_err(|error| error.to_string())?;
            Ok(Arc::new(TreeValue { json, changes: Changes::default() }))
        };
        Some(Details {
            payload: match event.content() {
                ContentType::Json => tree(event.data()),
                ContentType::Bytes(kind) => Err(format!("{} of {kind}", format::bytes(event.data().len() as u64))),
            },
            metadata: if event.metadata().is_empty() { None } else { tree(event.metadata()).ok() },
            recorded: format!("{} {} Z", format::date(event.recorded_at()), format::clock(event.recorded_at())),
            size: format::bytes(event.data().len() as u64),
        })
    });
    let payload = Signal::derive(move || details.with(|details| details.as_ref()?.payload.clone().ok()));
    let metadata = Signal::derive(move || details.with(|details| details.as_ref()?.metadata.clone()));
    let no_tree = move || details.with(|details| details.as_ref()?.payload.clone().err());
    let has_metadata = Memo::new(move |_| metadata.with(Option::is_some));
    let of_event = move |what: &'static str| {
        Signal::derive(move || format!("{what} of event {}", format::grouped(app.cursor.get().get())))
    };
    let text = move |of: fn(&Row) -> String| move || row.with(|row| row.as_ref().map(of).unwrap_or_default());
    let detail =
        move |of: fn(&Details) -> &String| move || details.with(|details| details.as_ref().map(|d| of(d).clone()));
    view! {
        <div class="lf-insp__body lf-scroll">
            <section class="lf-sect">
                <h3 class="lf-sect__title">"Payload"</h3>
                {move || no_tree().map(|text| view! { <p class="lf-insp__plain lf-mono">{text}</p> })}
                <Tree label=of_event("Payload") value=payload changes_only=false open_depth=3 />
            </section>
            <section class="lf-sect">
                <h3 class="lf-sect__title">"Event"</h3>
                <dl class="lf-kv">
                    <dt>"Type"</dt><dd>{text(|row| row.event_type.to_string())}</dd>
                    <dt>"Schema version"</dt><dd class="lf-mono">{text(|row| row.schema_version.to_string())}</dd>
                    <dt>"Stream"</dt><dd class="lf-mono">{text(|row| row.stream.to_string())}</dd>
                    <dt>"Stream version"</dt><dd class="lf-mono">{text(|row| format::grouped(row.version.get()))}</dd>
                    <dt>"Position"</dt><dd class="lf-mono">{text(|row| format::grouped(row.position.get()))}</dd>
                    <dt>"Time"</dt><dd class="lf-mono">{text(|row| format!("{} {} Z", format::date(row.time), format::clock(row.time)))}</dd>
                    <dt>"Recorded"</dt><dd class="lf-mono">{detail(|details| &details.recorded)}</dd>
                    <dt>"Event id"</dt><dd class="lf-mono" title=text(|row| row.id.to_string())>{text(|row| row.id.to_string())}</dd>
                    <dt>"Tags"</dt><dd>{text(tags)}</dd>
                    <dt>"Size"</dt><dd class="lf-mono">{detail(|details| &details.size)}</dd>
                </dl>
            </section>
            <Show when=move || has_metadata.get()>
                <section class="lf-sect">
                    <h3 class="lf-sect__title">"Metadata"</h3>
                    <Tree label=of_event("Metadata") value=metadata changes_only=false open_depth=2 />
                </section>
            </Show>
        </div>
    }
}

fn tags(row: &Row) -> String {
    if row.tags.is_empty() {
        return "–".to_owned();
    }
    row.tags.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
