//! What a run gives: how far it is, what it failed with, the state at the cursor.

use leftfold_core::Position;
use leptos::prelude::*;

use super::fault::FaultBox;
use crate::components::tree::{Scroller, Tree};
use crate::model::format;
use crate::state::{App, Ran, Work};

/// Partitions that are offered by name.
const MOST_OFFERED: usize = 200;

/// The run.
#[component]
pub(super) fn DryRun() -> impl IntoView {
    let app = App::get();
    let desk = app.editor;
    let work = Memo::new(move |_| desk.work.get());
    let is_stale = Memo::new(move |_| {
        let source = desk.source.get();
        work.with(|work| match work {
            Work::Ran(Ran { source: run, .. }) | Work::Unfit { source: run, .. } => *run != source,
            _ => false,
        })
    });
    let said = move || {
        match work.get() {
        Work::Idle => view! {
            <p class="lf-muted">{move || format!("Not run yet. A run folds the log up to {} and stores nothing.", format::position(app.follows.details.get()))}</p>
        }
        .into_any(),
        Work::Running(progress) => view! { <Running progress=progress.map(|progress| (progress.folded_to.get(), progress.head.get())) /> }.into_any(),
        Work::Unfit { fault, .. } => view! { <FaultBox fault=fault title="The text cannot be run" /> }.into_any(),
        Work::Ran(ran) => view! { <Outcome ran=ran /> }.into_any(),
    }
    };
    view! {
        <section class="lf-dryrun" aria-label="Dry run">
            {said}
            <p class="lf-muted" role="status">{move || is_stale.get().then_some("The text was changed since: run it again.")}</p>
        </section>
    }
}

/// How far a run or a comparison is.
#[component]
pub(super) fn Running(progress: Option<(u64, u64)>) -> impl IntoView {
    let (done, total) = progress.unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "a share")]
    let share = if total == 0 { 0.0 } else { done as f64 / total as f64 };
    let text = format!("event {} of {}", format::grouped(done), format::grouped(total));
    view! {
        <div class="lf-row">
            <span class="lf-strong">"Folding"</span>
            <span class="lf-grow"></span>
            <span class="lf-muted lf-mono">{progress.is_some().then(|| format!("{} / {}", format::grouped(done), format::grouped(total)))}</span>
        </div>
        <div class="lf-progress" role="progressbar" aria-label="Folding the log" aria-valuemin="0" aria-valuemax=total aria-valuenow=done aria-valuetext=text>
            <div class="lf-progress__fill" style=format!("--v:{share:.3}")></div>
        </div>
    }
}

/// The partitions are those at the end of the run, which may not be where the state is.
fn of_partitions(count: u64, run_at: Position, at: Position) -> String {
    let of = format!("of {}", format::counted(count, "partition"));
    if at == run_at { of } else { format!("{of} at {}", format::position(run_at)) }
}

#[component]
fn Outcome(ran: Ran) -> impl IntoView {
    let app = App::get();
    let desk = app.editor;
    Effect::new(move |_| desk.want_moment(app));
    let number = ran.number;
    let run_at = ran.at;
    let shown = Memo::new(move |_| desk.moment.shown().filter(|shown| shown.key.run == number));
    let moment = Memo::new(move |_| shown.with(|shown| shown.as_ref()?.answer.as_ref().ok().cloned()));
    let at = Memo::new(move |_| shown.with(|shown| shown.as_ref().map_or(run_at, |shown| shown.key.at)));
    let has_failed = ran.fault.is_some();
    let (folds, micros) = (ran.folds, ran.micros);
    let cost = move || {
        let seek = moment.with(|moment| moment.as_ref().map(|moment| (moment.folds as u64, moment.micros)));
        let (folds, micros) = seek.filter(|_| at.get() != run_at && !has_failed).unwrap_or((folds, micros));
        format!("{} · {}", format::counted(folds, "fold"), format::span(micros))
    };
    let value = Memo::new(move |_| moment.with(|moment| moment.as_ref().and_then(|moment| moment.value.clone())));
    let scroller = Scroller::new();
    let what = if ran.has_result { "Result" } else { "State" };
    let label = Signal::derive(move || format!("{what} at event {}", format::grouped(at.get().get())));
    let is_absent =
        Memo::new(move |_| moment.with(|moment| moment.as_ref().is_some_and(|moment| moment.value.is_none())));
    // While one types a name, only another partition takes its place.
    let partition = Memo::new(move |_| {
        moment.with(|moment| moment.as_ref().map(|moment| moment.partition.clone()).unwrap_or_default())
    });
    let offered = ran
        .partitions
        .iter()
        .take(MOST_OFFERED)
        .map(|name| view! { <option value=name.clone()></option> })
        .collect_view();
    let count = ran.partitions.len() as u64;
    let asked = match ran.asked_for {
        (false, false) => None,
        (true, false) => Some("It asks for the time of day: it is given that of the event."),
        (false, true) => Some("It asks for chance: it is given the same numbers for an event on every run."),
        (true, true) => {
            Some("It asks for the time of day and for chance: both are those of the event, the same on every run.")
        }
    };
    let fault = ran.fault.clone().map(|fault| {
        let title = match &fault.at {
            Some((at, _)) => format!("Stopped at {}", format::position(*at)),
            None => "The run has failed".to_owned(),
        };
        view! { <FaultBox fault=fault title=title /> }
    });
    let failure = move || {
        shown.with(|shown| {
            shown.as_ref().and_then(|shown| shown.answer.as_ref().err().map(|failure| failure.trouble.message.clone()))
        })
    };
    view! {
        <div class="lf-row" role="status">
            <strong class="lf-strong">{move || format!("Dry run to {}", format::position(at.get()))}</strong>
            <span class="lf-grow"></span>
            <span class="lf-muted lf-mono">{cost}</span>
        </div>
        {fault}
        {asked.map(|asked| view! { <p class="lf-muted">{asked}</p> })}
        {ran.is_partitioned.then(|| view! {
            <div class="lf-row">
                <label class="lf-field lf-dryrun__part">
                    <span class="lf-vh">"Partition"</span>
                    <input class="lf-field__input" type="text" list="editor-partitions" autocomplete="off" prop:value=partition
                        on:change:target=move |event| desk.partition.set(event.target().value().trim().to_owned()) />
                </label>
                <datalist id="editor-partitions">{offered}</datalist>
                <span class="lf-muted">{move || of_partitions(count, run_at, at.get())}</span>
            </div>
        })}
        {move || failure().filter(|_| !has_failed).map(|message| view! { <p class="lf-fault" role="alert">{message}</p> })}
        <Show when=move || is_absent.get()><p class="lf-muted">"This partition does not exist there."</p></Show>
        <Show when=move || value.with(Option::is_some)>
            <div class="lf-dryrun__tree lf-scroll" node_ref=scroller.node on:scroll=move |_| scroller.scrolled()>
                <Tree label=label value=value changes_only=false open_depth=1_usize scroller=scroller />
            </div>
        </Show>
    }
}
