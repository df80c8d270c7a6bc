//! Commands: forms made from the schemas of the sample's deciders, and what became of the commands that were issued.

mod field;
mod form;
mod history;
mod outcome;
mod stream_field;

use leptos::prelude::*;

pub(crate) use field::FieldView;

use super::controls::icon;
use crate::sample;
use crate::state::{App, Phase};

use form::CommandForm;
use history::History;

/// The page of commands.
#[component]
pub(crate) fn Commands() -> impl IntoView {
    let app = App::get();
    let is_sample = Memo::new(move |_| matches!(app.phase.get(), Phase::Open { name } if name == sample::STORE));
    Effect::new(move |_| {
        if is_sample.get() {
            app.desk.meet(app);
        }
    });
    view! {
        <div class="lf-main lf-main--commands" id="main" role=app.root.main_role()>
            <Show when=move || is_sample.get() fallback=|| view! { <NoDeciders /> }>
                <section class="lf-pane" aria-labelledby="commands-title">
                    <div class="lf-pagebar">
                        <h1 class="lf-pagebar__title" id="commands-title">"Commands"</h1>
                        <span class="lf-muted">"Decided by the sample’s deciders, appended to this store"</span>
                    </div>
                    <div class="lf-commands lf-scroll"><CommandForm /></div>
                </section>
                <History />
            </Show>
        </div>
    }
}

/// Only the sample has deciders.
#[component]
fn NoDeciders() -> impl IntoView {
    let app = App::get();
    let name = move || match app.phase.get() {
        Phase::Open { name } => name,
        _ => String::new(),
    };
    view! {
        <div class="lf-first lf-scroll">
            <div class="lf-commands__none">
                <h1 class="lf-first__title">"No deciders for this store"</h1>
                <p class="lf-first__lead">
                    <strong class="lf-strong">{name}</strong>
                    " holds recorded events only. Commands need the code that decides on them, and the page brings that for the sample alone."
                </p>
                <button type="button" class="lf-btn lf-btn--primary lf-btn--lg" on:click=move |_| app.load_sample()>
                    {icon("database")}"Load sample"
                </button>
                <p class="lf-help">"Opens the store " <span class="lf-mono">{sample::STORE}</span> ". This one stays as it is."</p>
            </div>
        </div>
    }
}
