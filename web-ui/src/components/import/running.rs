//! The later stages: progress with Cancel, and the report.

use std::sync::Arc;

use leftfold_core::formats::ImportReport;
use leptos::prelude::*;

use super::job::Job;
use super::mapping::{Faults, counted_rows};
use crate::components::controls::sized_icon;
use crate::model::format;

/// How far the import is, and the way out.
#[component]
pub(super) fn RunningStage(job: Job) -> impl IntoView {
    let name = move || job.source.get().map(|source| source.name()).unwrap_or_default();
    // Reading is the first half of the way, storing the second: by time, storing begins when all has been read.
    let share = Memo::new(move |_| {
        let progress = job.pace.get().progress;
        #[expect(clippy::cast_precision_loss, reason = "a share for a bar")]
        let part = |done: u64, of: u64| if of == 0 { 0.0 } else { (done as f64 / of as f64).min(1.0) };
        f64::midpoint(part(progress.bytes, progress.total_bytes), part(progress.stored, progress.events))
    });
    let percent = move || format!("{:.0} %", share.get() * 100.0);
    let events = move || {
        let progress = job.pace.get().progress;
        format!("{} read · {} stored", format::grouped(progress.events), format::counted(progress.stored, "event"))
    };
    let speed = move || {
        let pace = job.pace.get();
        #[expect(clippy::cast_precision_loss, reason = "a rate to read")]
        let rate = pace.progress.events.max(pace.progress.stored) as f64 / pace.seconds.max(0.001);
        format!("{} events/s", format::short(rate))
    };
    let left = move || {
        let (pace, share) = (job.pace.get(), share.get());
        format::seconds(if share > 0.0 { pace.seconds / share * (1.0 - share) } else { f64::INFINITY })
    };
    let bytes = move || {
        let progress = job.pace.get().progress;
        format!("{} of {}", format::bytes(progress.bytes), format::bytes(progress.total_bytes))
    };
    view! {
        <header class="lf-dialog__head">
            <h2 class="lf-dialog__title lf-grow lf-clip" id="import-title">{move || format!("Importing {}", name())}</h2>
        </header>
        <div class="lf-dialog__body lf-dialog__pad">
            <div class="lf-row lf-import__figures">
                <span class="lf-strong">{percent}</span><span class="lf-grow"></span><span class="lf-mono lf-muted">{events}</span>
            </div>
            <div
                class="lf-progress"
                role="progressbar"
                aria-label="Import"
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=move || format!("{:.0}", share.get() * 100.0)
                aria-valuetext=move || format!("{}, {}", percent(), events())
            >
                <div class="lf-progress__fill" style=move || format!("--v:{:.4}", share.get())></div>
            </div>
            <dl class="lf-row lf-import__facts">
                <div><dt class="lf-muted">"Read"</dt><dd class="lf-mono">{bytes}</dd></div>
                <div><dt class="lf-muted">"Speed"</dt><dd class="lf-mono">{speed}</dd></div>
                <div><dt class="lf-muted">"Time left"</dt><dd class="lf-mono">{left}</dd></div>
            </dl>
        </div>
        <footer class="lf-dialog__foot" data-after=".lf-dialog .lf-btn--primary">
            <span class="lf-grow lf-muted">"Cancel leaves the store as it was."</span>
            <button type="button" class="lf-btn" on:click=move |_| job.cancel()>"Cancel import"</button>
        </footer>
    }
}

/// What was imported.
#[component]
pub(super) fn DoneStage<F>(report: Arc<ImportReport>, on_close: F) -> impl IntoView
where
    F: Fn() + Copy + Send + Sync + 'static,
{
    let fact = |name: &'static str, number: u64| {
        view! { <dt>{name}</dt><dd class="lf-mono">{format::grouped(number)}</dd> }
    };
    let title = if report.events == 0 { "Nothing new in this file" } else { "Imported" };
    let skipped = report.skipped.clone();
    let skipped_count = report.skipped_count;
    let (remarks, remark_count) = (report.remarks.clone(), report.remark_count);
    view! {
        <header class="lf-dialog__head">
            <h2 class="lf-dialog__title lf-grow" id="import-title">{title}</h2>
            <button type="button" class="lf-btn lf-btn--ghost lf-btn--icon" aria-label="Close" on:click=move |_| on_close()>
                {sized_icon("x", 16)}
            </button>
        </header>
        <div class="lf-dialog__body lf-dialog__pad lf-scroll" role="status" tabindex="0" aria-label="Report">
            <dl class="lf-import__report">
                {fact("Events stored", report.events)}
                {fact("Streams", report.streams)}
                {fact("Duplicates left out", report.duplicates)}
                {fact("Rows with errors left out", report.skipped_count)}
            </dl>
            <Show when=move || skipped_count != 0>
                <Faults id="skipped" title=counted_rows(skipped_count, "errors") faults=skipped.clone() count=skipped_count />
            </Show>
            <Show when=move || remark_count != 0>
                <Faults id="remarks" title=counted_rows(remark_count, "something missing, and are kept") faults=remarks.clone() count=remark_count />
            </Show>
        </div>
        <footer class="lf-dialog__foot">
            <span class="lf-grow"></span>
            <button type="button" class="lf-btn lf-btn--primary" autofocus on:click=move |_| on_close()>"Show the log"</button>
        </footer>
    }
}
