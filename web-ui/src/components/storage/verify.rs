//! Verifying the open store: every checksum, the hash chain, and the index against the payloads.

use std::ops::ControlFlow;

use leftfold_core::{Position, Verification};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::controls::icon;
use crate::model::format;
use crate::state::{App, Trouble};

/// How many problems are listed.
const MOST_PROBLEMS: usize = 100;

#[derive(Clone, PartialEq)]
enum Walk {
    NotYet,
    Running,
    Cancelled(Verification),
    Done(Verification),
    Failed(Trouble),
}

/// The section of the panel. Leaving it ends the walk.
#[component]
pub(super) fn Verify() -> impl IntoView {
    let app = App::get();
    let walk = RwSignal::new(Walk::NotYet);
    let progress = RwSignal::new((Position::ZERO, Position::ZERO));
    let is_cancelled = StoredValue::new(false);
    let start = move |_| {
        let Some(store) = app.store() else { return };
        is_cancelled.set_value(false);
        progress.set((Position::ZERO, store.head()));
        walk.set(Walk::Running);
        spawn_local(async move {
            let told = |at: Position| {
                // The panel may be gone: then nobody wants to know any more.
                let goes_on = is_cancelled.try_with_value(|cancelled| !cancelled).unwrap_or(false);
                if !goes_on {
                    return ControlFlow::Break(());
                }
                let _ = progress.try_set((at, store.head()));
                ControlFlow::Continue(())
            };
            let found = store.verify_with(told).await;
            let was_cancelled = is_cancelled.try_with_value(|cancelled| *cancelled).unwrap_or(true);
            let _ = walk.try_set(match found {
                Ok(found) if was_cancelled => Walk::Cancelled(found),
                Ok(found) => Walk::Done(found),
                Err(error) => Walk::Failed(error.into()),
            });
        });
    };
    let button = move |label: &'static str| {
        view! { <button type="button" class="lf-btn" on:click=start>{icon("check")}{label}</button> }
    };
    app.focus.watch(move || walk.with(|_| ()));
    let body = move || {
        match walk.get() {
        Walk::NotYet => view! {
            <p class="lf-muted">"Reads every byte of the log again: checksums, the hash chain, and the index against the payloads."</p>
            {button("Verify")}
        }
        .into_any(),
        Walk::Running => view! { <Running progress=progress cancel=move || is_cancelled.set_value(true) /> }.into_any(),
        Walk::Cancelled(found) => {
            let until_then = if found.is_ok() { " Nothing was found until then." } else { "" };
            let text = format!("Cancelled after {}.{until_then}", format::counted(found.events, "event"));
            view! {
                <p role="status">{text}</p>
                {(!found.is_ok()).then(|| view! { <Outcome found=found /> })}
                {button("Verify again")}
            }
            .into_any()
        }
        Walk::Failed(trouble) => view! {
            <p role="alert">{trouble.message}" "<span class="lf-mono lf-muted">{trouble.code}</span></p>
            {button("Verify again")}
        }
        .into_any(),
        Walk::Done(found) => view! { <Outcome found=found />{button("Verify again")} }.into_any(),
    }
    };
    view! { <h3 class="lf-sect__title">"Verification"</h3><div class="lf-storage__verify">{body}</div> }
}

#[component]
fn Running<F>(progress: RwSignal<(Position, Position)>, cancel: F) -> impl IntoView
where
    F: Fn() + 'static,
{
    let percent = Memo::new(move |_| {
        let (at, of) = progress.get();
        (at.get() * 100 / of.get().max(1)).min(100) as u32
    });
    let share = move || format!("--v:{:.2}", f64::from(percent.get()) / 100.0);
    let events = move || {
        let (at, of) = progress.get();
        format!("{} of {}", format::grouped(at.get()), format::counted(of.get(), "event"))
    };
    view! {
        <div class="lf-row">
            <span class="lf-mono">{move || format!("{} %", percent.get())}</span>
            <span class="lf-muted">{events}</span>
            <span class="lf-grow"></span>
            <button type="button" class="lf-btn lf-btn--sm" on:click=move |_| cancel()>{icon("stop")}"Cancel"</button>
        </div>
        <div class="lf-progress" role="progressbar" aria-label="Verifying" aria-valuemin="0" aria-valuemax="100" aria-valuenow=move || percent.get()>
            <span class="lf-progress__fill" style=share></span>
        </div>
    }
}

#[component]
fn Outcome(found: Verification) -> impl IntoView {
    let app = App::get();
    let walked =
        format!("{} in {}", format::counted(found.events, "event"), format::counted(found.segments, "segment"));
    if found.is_ok() {
        return view! { <p class="lf-storage__sound" role="status">{icon("ok")}{format!("Sound: {walked}.")}</p> }
            .into_any();
    }
    let count = found.problems.len();
    let left_off = count.saturating_sub(MOST_PROBLEMS);
    let row = move |problem: leftfold_core::Problem| {
        let at = problem.position;
        let go = move |_| {
            app.overlay.set(None);
            app.jump_to(at);
        };
        view! {
            <tr>
                <td><button type="button" class="lf-link lf-mono" on:click=go>{format::position(at)}</button></td>
                <td>{problem.message}</td>
                <td class="lf-mono">{problem.code}</td>
            </tr>
        }
    };
    view! {
        <p class="lf-storage__damaged" role="alert">
            {icon("error")}{format!("{} found: {walked}. Export what can be read before anything else is done.", format::counted(count as u64, "problem"))}
        </p>
        <table class="lf-storage__problems">
            <thead><tr><th scope="col">"At"</th><th scope="col">"What does not hold"</th><th scope="col">"Code"</th></tr></thead>
            <tbody>{found.problems.into_iter().take(MOST_PROBLEMS).map(row).collect_view()}</tbody>
        </table>
        {(left_off > 0).then(|| view! { <p class="lf-muted">{format!("and {left_off} more")}</p> })}
    }
    .into_any()
}
