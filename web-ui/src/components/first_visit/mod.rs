//! The first visit: nothing is here yet, and three ways to begin.

mod art;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::controls::{icon, sized_icon};
use super::import::choose_file;
use crate::model::format;
use crate::sample;
use crate::state::{App, browser};
use art::{LiveArt, SampleArt};

/// The page of a store without events, or without any store.
#[component]
pub(crate) fn FirstVisit() -> impl IntoView {
    let app = App::get();
    let rate = RwSignal::new(14.0);
    let free = RwSignal::new(None);
    spawn_local(async move {
        let bytes = browser::free_bytes().await;
        let _ = free.try_set(bytes);
    });
    let rate_text = move || format!("{} events/s", rate.get());
    view! {
        <div class="lf-first lf-scroll">
            <div class="lf-first__head">
                <h1 class="lf-first__title">"Load some events to begin"</h1>
                <p class="lf-first__lead">
                    "Leftfold folds them into state, keeps every step, and lets you move back and forth between them."
                </p>
            </div>
            <ul class="lf-choices">
                <li class="lf-choice">
                    <div class="lf-choice__art"><SampleArt /></div>
                    <div class="lf-choice__body">
                        <h2 class="lf-choice__title">"Load the sample"</h2>
                        <p class="lf-choice__text">"A day in a warehouse: orders, payments, stock and shipments."</p>
                        <ul class="lf-choice__facts">
                            <li><span>"Store"</span><span class="lf-mono">{sample::STORE}</span></li>
                            <li><span>"Events"</span><span class="lf-mono">{format::grouped(sample::EVENTS as u64)}</span></li>
                            <li><span>"Seed"</span><span class="lf-mono">{sample::SEED}</span></li>
                        </ul>
                        <div class="lf-choice__act">
                            <button type="button" class="lf-btn lf-btn--primary lf-btn--lg" on:click=move |_| app.load_sample()>
                                "Load sample"
                            </button>
                        </div>
                    </div>
                </li>
                <li class="lf-choice">
                    <div class="lf-choice__art">
                        <div class="lf-drop">
                            {sized_icon("file", 20)}<span class="lf-strong">"Drop a file here"</span>
                            <span class="lf-muted">"or anywhere on the page"</span>
                        </div>
                    </div>
                    <div class="lf-choice__body">
                        <h2 class="lf-choice__title">"Import a file"</h2>
                        <p class="lf-choice__text">"You choose which columns are stream, type and time before anything is written."</p>
                        <ul class="lf-choice__facts">
                            <li><span>"CSV, JSON, XES, OCEL"</span><span class="lf-mono">".csv .ndjson .xes"</span></li>
                            <li><span>"Other event stores"</span><span class="lf-mono">".csv .json"</span></li>
                            <li><span>"Compressed"</span><span class="lf-mono">".gz"</span></li>
                        </ul>
                        <div class="lf-choice__act">
                            <button type="button" class="lf-btn lf-btn--lg" on:click=move |_| choose_file(app)>"Choose file…"</button>
                        </div>
                    </div>
                </li>
                <li class="lf-choice">
                    <div class="lf-choice__art"><LiveArt /></div>
                    <div class="lf-choice__body">
                        <h2 class="lf-choice__title">"Run the simulator"</h2>
                        <p class="lf-choice__text">"New events arrive while you watch. Pause and rewind as they do."</p>
                        <ul class="lf-choice__facts">
                            <li class="lf-choice__rate">
                                <label class="lf-row" for="rate"><span>"Rate"</span><span class="lf-grow"></span><span class="lf-mono">{rate_text}</span></label>
                                <input
                                    class="lf-range"
                                    id="rate"
                                    type="range"
                                    min="1"
                                    max="200"
                                    style=move || format!("--p:{}", (rate.get() - 1.0) / 1.99)
                                    aria-valuetext=move || format!("{} events per second", rate.get())
                                    prop:value=move || rate.get().to_string()
                                    on:input:target=move |event| rate.set(event.target().value().parse().unwrap_or(14.0))
                                />
                            </li>
                            <li><span>"Store"</span><span class="lf-mono">{sample::STORE}</span></li>
                        </ul>
                        <div class="lf-choice__act">
                            <button type="button" class="lf-btn lf-btn--lg" on:click=move |_| app.start_simulator(rate.get_untracked())>
                                {icon("play")}"Start simulator"
                            </button>
                        </div>
                    </div>
                </li>
            </ul>
            <p class="lf-first__foot">
                {icon("lock")}<span>"Events stay in this browser, in IndexedDB. Nothing is uploaded."</span>
                <span class="lf-muted">{move || free.get().map(|bytes| format!("{} free", format::bytes(bytes)))}</span>
            </p>
        </div>
    }
}
