//! What led to the event at the cursor, and what it led to.

use leftfold_core::Position;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::trouble::{Failed, Sign, visit};
use crate::components::controls::Busy;
use crate::model::format;
use crate::state::{App, STORY_REACH};

/// Causes and effects, effects below their causes.
#[component]
pub(super) fn Causes() -> impl IntoView {
    let app = App::get();
    Effect::new(move |_| app.stories.want(app));
    // The story before stays until the next one is there.
    let shown = Memo::new(move |_| {
        let epoch = app.epoch_tracked();
        app.stories.at_cursor.shown().filter(|shown| shown.key.epoch == epoch)
    });
    let is_late = Memo::new(move |_| {
        shown.with(|shown| shown.as_ref().is_some_and(|shown| shown.key.at != app.follows.details.get()))
    });
    let hold = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        shown.track();
        request_animation_frame(move || {
            if let Some(hold) = hold.try_get_untracked().flatten() {
                show_current(&hold);
            }
        });
    });
    let list = move || {
        shown.with(|shown| match shown.as_ref().map(|shown| &shown.answer) {
            None => view! { <Busy label="Looking for causes and effects" /> }.into_any(),
            Some(Err(failure)) => view! { <Failed failure=failure.clone() /> }.into_any(),
            Some(Ok(story)) if story.origin.is_empty() && story.links.len() < 2 => {
                let text = "The metadata of this event name neither a correlationId nor a causationId.";
                view! { <p class="lf-insp__plain">{text}</p> }.into_any()
            }
            Some(Ok(story)) => {
                let links =
                    story.links.iter().map(|link| view! { <li><Item at=link.position depth=link.depth /></li> });
                view! { <ol class="lf-chain" aria-label="Causes and effects">{links.collect_view()}</ol> }.into_any()
            }
        })
    };
    let note = move || {
        shown.with(|shown| {
            let story = shown.as_ref()?.answer.as_ref().ok()?;
            let left = (story.left > 0).then(|| format!("{} more. ", format::grouped(story.left as u64)));
            let is_cut = !story.is_of_whole_log && !story.origin.is_empty();
            let around =
                is_cut.then(|| format!("Looked for within {} events around.", format::grouped(STORY_REACH * 2)));
            Some(format!("{}{}", left.unwrap_or_default(), around.unwrap_or_default())).filter(|text| !text.is_empty())
        })
    };
    view! {
        <section class="lf-sect">
            <h3 class="lf-sect__title">"Causes and effects"</h3>
            <div class="lf-hold lf-hold--chain lf-scroll" node_ref=hold data-late=move || is_late.get().then_some("")>{list}</div>
            <p class="lf-insp__plain lf-insp__tip lf-clip">{note}</p>
        </section>
    }
}

/// Scrolls as little as is needed for the event at the cursor to be in view, with the one before and the one after it.
fn show_current(hold: &web_sys::HtmlElement) {
    let item = hold.query_selector("[aria-current]").ok().flatten();
    let Some(item) = item.and_then(|item| item.dyn_into::<web_sys::HtmlElement>().ok()) else { return };
    let (top, height) = (item.offset_top() - hold.offset_top(), item.offset_height());
    let (first, last) = (top - height, top + 2 * height);
    let (from, room) = (hold.scroll_top(), hold.client_height());
    if first < from {
        hold.set_scroll_top(first.max(0));
    } else if last > from + room {
        hold.set_scroll_top(last - room);
    }
}

/// An event of the story; the one at the cursor leads nowhere.
#[component]
fn Item(at: Position, depth: usize) -> impl IntoView {
    let app = App::get();
    let is_here = Memo::new(move |_| app.follows.details.get() == at);
    let when = move || if at > app.follows.details.get() { Some("future") } else { None };
    let sign = Sign::of(app, at);
    let name = sign.as_ref().map(|sign| sign.event_type.clone()).unwrap_or_default();
    view! {
        <button
            type="button"
            class="lf-chain__item"
            style=format!("--d:{}", depth.min(12))
            aria-current=move || is_here.get().then_some("true")
            data-when=when
            on:click=move |_| visit(app, at)
        >
            {sign.map(|sign| view! { <i class=format!("lf-sw {}", sign.colour) data-shape=sign.shape></i> })}
            <span class="lf-clip">{name}</span>
            <span class="lf-vh">{(depth > 0).then(|| format!(", level {}", depth + 1))}</span>
            <span class="lf-chain__pos">{format::position(at)}</span>
        </button>
    }
}
