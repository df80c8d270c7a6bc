//! Every event that wrote one field: which of them made its value wrong?

use leptos::prelude::*;

use super::blame_tab::field_pointer;
use super::trouble::{Failed, Sign, visit};

use crate::model::blame::dotted;
use crate::model::format;
use crate::state::{App, OnlyThese, Reach, Write, state_title};

/// The writes of the field that is looked at, newest first or oldest first.
#[component]
pub(super) fn FieldHistory() -> impl IntoView {
    let app = App::get();
    let history = app.field_history;
    let name = move || {
        history.field.with(|field| match field {
            Some(field) if field.path.is_empty() => "the value".to_owned(),
            Some(field) => dotted(&field.path),
            None => String::new(),
        })
    };
    let of = move || history.field.with(|field| field.as_ref().map(|field| state_title(&field.of)).unwrap_or_default());
    // Back in the table the focus is on the field again.
    let after = move || {
        history.field.with(|field| {
            let pointer = serde_json::to_string(&field_pointer(&field.as_ref()?.path)).ok()?;
            Some(format!("[data-path={pointer}]"))
        })
    };
    let order = move || if history.is_oldest_first.get() { "oldest first" } else { "newest first" };
    let caption = move || format!("Every event that wrote {} of {}, {}", name(), of(), order());
    let writes = move || {
        let mut writes = history.writes.get();
        if history.is_oldest_first.get() {
            writes.reverse();
        }
        writes
    };
    let tail = move || {
        match history.reach.get() {
        Reach::Looking => view! { <p class="lf-muted" role="status">"Looking back…"</p> }.into_any(),
        Reach::Whole => view! {
            <p class="lf-muted" role="status">{move || match history.writes.with(Vec::len) {
                0 => "No event wrote it.".to_owned(),
                count => format!("That is all: {}.", format::counted(count as u64, "write")),
            }}</p>
        }
        .into_any(),
        Reach::More(from) => view! {
            <button type="button" class="lf-btn lf-btn--sm" on:click=move |_| history.look_back(app, from)>"Earlier writes"</button>
        }
        .into_any(),
        Reach::Failed(failure) => view! { <Failed failure=failure /> }.into_any(),
    }
    };
    view! {
        <div class="lf-insp__note lf-insp__note--field" data-after=after>
            <button type="button" class="lf-btn lf-btn--sm lf-btn--ghost" on:click=move |_| history.close(app)>
                "← All fields"
            </button>
            <h3 class="lf-mono lf-clip lf-clip--start" title=name><bdi>{name}</bdi></h3>
            <div class="lf-grow"></div>
            <button
                type="button" class="lf-btn lf-btn--sm" title="Begin with the event that wrote it first: looks back over the whole log"
                aria-pressed=move || history.is_oldest_first.get().to_string()
                on:click=move |_| history.turn(app)
            >
                "Oldest first"
            </button>
            <button
                type="button" class="lf-btn lf-btn--sm" title="List only these events in the log"
                aria-pressed=move || (app.only_these.get() == Some(OnlyThese::Writes)).to_string()
                on:click=move |_| app.toggle_only(OnlyThese::Writes)
            >
                "Only these in the log"
            </button>
        </div>
        <div class="lf-insp__body lf-scroll" data-oldest=move || history.is_oldest_first.get().then_some("")>
            <table class="lf-cmp lf-cmp--blame">
                <caption class="lf-vh">{caption}</caption>
                <colgroup><col /><col style="width:44%" /><col style="width:64px" /></colgroup>
                <thead><tr>
                    <th scope="col">"Written by"</th><th scope="col">"Value"</th><th scope="col" class="is-num">"Change"</th>
                </tr></thead>
                <tbody>
                    <For each=writes key=|write| write.at let:write><WriteRow write=write /></For>
                </tbody>
            </table>
            <div class="lf-insp__tail">{tail}</div>
        </div>
    }
}

#[component]
fn WriteRow(write: Write) -> impl IntoView {
    let app = App::get();
    let at = write.at;
    let sign = Sign::of(app, at);
    let label = sign.as_ref().map(|sign| sign.event_type.clone()).unwrap_or_default();
    let title = format!("Go to {} {label}", format::position(at));
    let is_here = Memo::new(move |_| app.cursor.get() == at);
    let when = Memo::new(move |_| (app.cursor.get() < at).then_some("future"));
    let value = match (write.before, write.after) {
        (Some(before), Some(after)) => view! {
            <span class="lf-vh">"from "</span><s class="lf-muted">{before}</s>" → "<b>{after}</b>
        }
        .into_any(),
        (None, Some(after)) => view! { <span class="lf-muted">"added "</span><b>{after}</b> }.into_any(),
        (before, None) => view! { <span class="lf-muted">"removed "</span><s>{before}</s> }.into_any(),
    };
    view! {
        <tr class:is-now=move || is_here.get() data-when=move || when.get() aria-current=move || is_here.get().then_some("true")>
            <td class="lf-cmp__who">
                <button type="button" class="lf-who" title=title on:click=move |_| visit(app, at)>
                    {sign.map(|sign| view! { <i class=format!("lf-sw {}", sign.colour) data-shape=sign.shape></i> })}
                    <span class="lf-mono">{format::position(at)}</span>" "<span class="lf-clip">{label}</span>
                </button>
            </td>
            <td class="lf-mono">{value}</td>
            <td class="is-num lf-mono">{write.delta}</td>
        </tr>
    }
}
