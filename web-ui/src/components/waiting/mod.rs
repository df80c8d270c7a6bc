//! What an element shows while there is nothing in it to debug.

use leptos::prelude::*;

use super::controls::icon;
use super::import::choose_file;
use crate::model::page_url::PageUrl;
use crate::state::{App, Phase};

/// No store named, none of this name yet, or one without events: what is absent, and what to do.
#[component]
pub(crate) fn Waiting() -> impl IntoView {
    let app = App::get();
    let open = Memo::new(move |_| match app.phase.get() {
        Phase::Open { name } => Some(name),
        _ => None,
    });
    let content = move || match (open.get(), app.asked.get()) {
        (Some(name), _) => view! {
            <h1 class="lf-first__title">{format!("{name} has no events yet")}</h1>
            <p class="lf-first__lead">"What is appended to it appears here at once."</p>
            <div class="lf-row lf-failed__acts">
                <button type="button" class="lf-btn lf-btn--lg" on:click=move |_| choose_file(app)>
                    {icon("import")}"Import a file…"
                </button>
            </div>
        }
        .into_any(),
        (None, Some(name)) => {
            let look = {
                let name = name.clone();
                move |_| app.reopen(name.clone(), PageUrl::default())
            };
            view! {
                <h1 class="lf-first__title">{format!("No store named {name} yet")}</h1>
                <p class="lf-first__lead">
                    "This browser has none for this site. It appears here as soon as the app opens it:"
                </p>
                <p class="lf-failed__code lf-mono">{format!("EventStore.open({name:?})")}</p>
                <div class="lf-row lf-failed__acts">
                    <button type="button" class="lf-btn lf-btn--lg" on:click=look>{icon("rebuild")}"Look again"</button>
                </div>
            }
            .into_any()
        }
        (None, None) => view! {
            <h1 class="lf-first__title">"No store named"</h1>
            <p class="lf-first__lead">"Name the store to be shown, or choose one above:"</p>
            <p class="lf-failed__code lf-mono">"<leftfold-debugger store=\"…\">"</p>
        }
        .into_any(),
    };
    view! { <div class="lf-first lf-scroll"><div class="lf-failed">{content}</div></div> }
}
