//! Parts of the page that are made one after the other.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::state::browser::breathe;

/// Makes its children in a task of their own, the `turn`th from now: what is made in one task holds the browser up until all of
/// it is there. Until then an empty element with a class of theirs has their place.
#[component]
pub(crate) fn InTurn(turn: usize, class: &'static str, children: ChildrenFn) -> impl IntoView {
    let is_due = RwSignal::new(false);
    spawn_local(async move {
        for _ in 0..turn {
            breathe().await;
        }
        let _ = is_due.try_set(true);
    });
    let place = move || view! { <div class=class aria-hidden="true"></div> };
    view! { <Show when=move || is_due.get() fallback=place>{children()}</Show> }
}
