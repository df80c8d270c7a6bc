//! What the log says besides its rows: the search under way, payloads that could not be read, rows that are new.

use leptos::prelude::*;

use super::CURRENT_ROW;
use super::follow::Following;
use crate::components::controls::icon;
use crate::model::format;
use crate::state::{App, SearchStatus};

/// A search that takes its time, was stopped or failed; lies over the last rows and moves none.
#[component]
pub(super) fn SearchNotice() -> impl IntoView {
    let app = App::get();
    let search = app.search;
    let status = Memo::new(move |_| search.found.with(|found| found.status.clone()));
    app.focus.watch(move || status.with(|_| ()));
    let done = move || {
        let (seen, head) = (search.found.with(|found| found.seen.get()), app.head.get().get());
        let percent = seen * 100 / head.max(1);
        format!("{} of {} events ({percent} %)", format::grouped(seen), format::grouped(head))
    };
    let percent = move || search.found.with(|found| found.seen.get()) * 100 / app.head.get().get().max(1);
    view! {
        {move || match status.get() {
            SearchStatus::Idle | SearchStatus::Done => ().into_any(),
            SearchStatus::Running => view! {
                <div class="lf-log__pill lf-log__pill--late" data-after="#log-search">
                    <span
                        class="lf-log__progress"
                        role="progressbar"
                        aria-label="Search"
                        aria-valuemin="0"
                        aria-valuemax="100"
                        aria-valuenow=percent
                        aria-valuetext=done
                    >
                        "Searched "{done}
                    </span>
                    <button type="button" class="lf-btn lf-btn--sm" data-after=".lf-log__pill button" on:click=move |_| search.stop()>"Cancel search"</button>
                </div>
            }.into_any(),
            SearchStatus::Stopped => view! {
                <div class="lf-log__pill" role="status" data-after="#log-search">
                    <span>"Search stopped: "{done}</span>
                    <button type="button" class="lf-btn lf-btn--sm" on:click=move |_| search.go_on(app)>"Go on"</button>
                </div>
            }.into_any(),
            SearchStatus::Failed(trouble) => view! {
                <div class="lf-log__pill lf-log__pill--error" role="alert" data-after="#log-search">
                    {icon("error")}
                    <span>
                        "Search stopped after "{move || format::position(search.found.with(|found| found.seen))}": "{trouble.message}" "
                        <span class="lf-mono">{trouble.code}</span>
                    </span>
                    <button type="button" class="lf-btn lf-btn--sm" on:click=move |_| search.go_on(app)>"Try again"</button>
                </div>
            }.into_any(),
        }}
    }
}

/// Payloads that could not be read: which, why, and another try.
#[component]
pub(super) fn PayloadTrouble() -> impl IntoView {
    let app = App::get();
    let failure = Memo::new(move |_| app.payloads.first_failure());
    let strip = move || {
        failure.get().map(|(position, trouble)| {
            view! {
                <div class="lf-log__stop" role="alert" data-after=CURRENT_ROW>
                    {icon("error")}
                    <span class="lf-strong">{format!("Payload of {} could not be read", format::position(position))}</span>
                    <span class="lf-clip" title=trouble.message.clone()>{trouble.message.clone()}</span>
                    <code class="lf-mono">{trouble.code}</code>
                    <div class="lf-grow"></div>
                    <button type="button" class="lf-btn lf-btn--ghost lf-btn--sm" on:click=move |_| app.payloads.try_again()>
                        "Try again"
                    </button>
                </div>
            }
        })
    };
    view! { {strip} }
}

/// Rows that came while the reader was elsewhere.
#[component]
pub(super) fn Unseen(following: Following) -> impl IntoView {
    let app = App::get();
    view! {
        <Show when=move || following.unseen.get() != 0>
            <div class="lf-log__pill lf-log__pill--new" data-after=CURRENT_ROW>
                <button type="button" class="lf-btn lf-btn--sm lf-btn--primary" on:click=move |_| following.set(app, true)>
                    {icon("chevron-down")}
                    {move || format!("{} new", format::grouped(following.unseen.get()))}
                </button>
            </div>
        </Show>
    }
}
