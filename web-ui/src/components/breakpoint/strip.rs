//! What is known of the breakpoint, above the log: how far it looked, how many hits, which one this is.

use leptos::prelude::*;

use crate::components::controls::icon;
use crate::model::format;
use crate::state::{App, OnlyThese, Overlay, Scan};

/// The strip; nothing while there is no breakpoint.
#[component]
pub(crate) fn BreakpointStrip() -> impl IntoView {
    let app = App::get();
    let is_set = Memo::new(move |_| app.breakpoint.set.with(Option::is_some));
    view! { <Show when=move || is_set.get()><Strip /></Show> }
}

#[component]
fn Strip() -> impl IntoView {
    let app = App::get();
    let desk = app.breakpoint;
    let expression = move || desk.set.with(|set| set.as_ref().map(|it| it.expression.clone())).unwrap_or_default();
    let count = Memo::new(move |_| desk.hits.with(|hits| hits.len() as u64));
    let number = Memo::new(move |_| {
        let at = app.follows.details.get();
        desk.hits.with(|hits| hits.number_at(at))
    });
    let scan = Memo::new(move |_| desk.scan.get());
    let is_running = Memo::new(move |_| scan.with(|scan| *scan == Scan::Running));
    let trouble = Memo::new(move |_| match scan.get() {
        Scan::Failed(failure) => Some(failure),
        _ => None,
    });
    let has = move |forwards: bool| {
        let at = app.follows.details.get();
        desk.hits.with(|hits| if forwards { hits.next(at) } else { hits.previous(at) }.is_some())
    };
    let (has_next, has_previous) = (Memo::new(move |_| has(true)), Memo::new(move |_| has(false)));
    let percent = Memo::new(move |_| desk.seen.get().get() * 100 / app.head.get().get().max(1));
    let title = move || if number.get().is_some() { "Stopped on breakpoint" } else { "Breakpoint" };
    // Said once it is known: a count that grows is not read out with each page of the log.
    let said = move || {
        let hits = format::counted(count.get(), "hit");
        match (scan.get(), number.get()) {
            (Scan::Idle | Scan::Running, _) => String::new(),
            (_, Some(number)) => format!("hit {} of {}", format::grouped(number as u64), format::grouped(count.get())),
            (Scan::Following, None) if count.get() == 0 => "no event of the log".to_owned(),
            (Scan::Following, None) => hits,
            (Scan::Cancelled | Scan::Failed(_), None) => format!("{hits} up to {}", format::position(desk.seen.get())),
        }
    };
    let progress = move || format!("{} % · {}", percent.get(), format::counted(count.get(), "hit"));
    view! {
        <div class="lf-log__stop lf-break__strip" role="group" aria-label="Breakpoint" id="breakpoint-strip">
            {icon("breakpoint")}
            <span class="lf-strong lf-hide-sm">{title}</span>
            <code class="lf-mono lf-clip" title=expression>{expression}</code>
            <span class="lf-muted" role="status">{said}</span>
            <Show when=move || is_running.get()>
                <span
                    class="lf-muted" role="progressbar" aria-label="Breakpoint scan" aria-valuemin="0" aria-valuemax="100"
                    aria-valuenow=move || percent.get().to_string() aria-valuetext=progress
                >{progress}</span>
                <button type="button" class="lf-btn lf-btn--ghost lf-btn--sm" on:click=move |_| desk.cancel()>"Cancel"</button>
            </Show>
            {move || trouble.get().map(|failure| {
                let at = failure.at.filter(|at| at.get() > 0);
                view! {
                    <span class="lf-break__trouble" role="alert" title=failure.trouble.message.clone()>
                        {failure.trouble.message.clone()}" "<code class="lf-mono">{failure.trouble.code}</code>
                    </span>
                    {at.map(|at| view! {
                        <button type="button" class="lf-btn lf-btn--ghost lf-btn--sm" on:click=move |_| app.jump_to(at)>
                            {format!("Go to {}", format::position(at))}
                        </button>
                    })}
                }
            })}
            <div class="lf-grow"></div>
            <Show when=move || matches!(scan.get(), Scan::Cancelled | Scan::Failed(_))>
                <button type="button" class="lf-btn lf-btn--ghost lf-btn--sm" on:click=move |_| app.scan_again()>"Scan again"</button>
            </Show>
            <Show when=move || count.get() != 0>
                <button
                    type="button" class="lf-btn lf-btn--ghost lf-btn--sm" aria-pressed=move || (app.only_these.get() == Some(OnlyThese::Hits)).to_string()
                    title="List only the hits" on:click=move |_| app.toggle_only(OnlyThese::Hits)
                >"Only hits"</button>
                <button
                    type="button" class="lf-btn lf-btn--ghost lf-btn--sm" aria-disabled=move || (!has_previous.get()).to_string()
                    on:click=move |_| app.go_to_hit(false)
                >"Previous hit"</button>
                <button
                    type="button" class="lf-btn lf-btn--ghost lf-btn--sm" aria-disabled=move || (!has_next.get()).to_string()
                    on:click=move |_| app.go_to_hit(true)
                >"Next hit"</button>
            </Show>
            <button
                type="button" class="lf-btn lf-btn--ghost lf-btn--sm" aria-haspopup="dialog" data-after="#breakpoint"
                on:click=move |_| app.overlay.set(Some(Overlay::Breakpoint))
            >"Edit"</button>
            <button
                type="button" class="lf-btn lf-btn--ghost lf-btn--sm lf-btn--icon" aria-label="Remove the breakpoint" title="Remove" data-after="#breakpoint"
                on:click=move |_| app.set_breakpoint(None)
            >{icon("x")}</button>
        </div>
    }
}
