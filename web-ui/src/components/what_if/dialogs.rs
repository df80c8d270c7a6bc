//! What lies over the page: names, files, and the forms.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

use super::edit::EditDialog;
use super::export::ExportBranch;
use super::insert::InsertDialog;
use super::issue::IssueDialog;
use super::outcome::OutcomeDialog;
use crate::components::controls::{focus_when_there, sized_icon};
use crate::components::dialog::Dialog;
use crate::model::branch::LONGEST_NAME;
use crate::model::format;
use crate::state::{App, WhatIfForm};

/// Whichever is open. It lies over the page, and a branch can be asked for on any.
#[component]
pub(crate) fn Dialogs() -> impl IntoView {
    let app = App::get();
    move || {
        app.what_if.form.get().map(|form| match form {
            WhatIfForm::Fork(at) => {
                let name = app.what_if.free_name(app, at);
                let title = format!("Fork at {}", format::position(at));
                view! { <NameDialog title=title name=name act="Make branch" run=move |name: &str| app.what_if.fork(app, name, at) /> }.into_any()
            }
            WhatIfForm::Rename => {
                let name = untrack(|| app.what_if.branch.with(|branch| branch.as_ref().map_or_else(String::new, |branch| branch.name().to_owned())));
                view! { <NameDialog title="Rename branch".to_owned() name=name act="Rename" run=move |name: &str| app.what_if.rename(app, name) /> }.into_any()
            }
            WhatIfForm::Edit(form) => view! { <EditDialog form=form /> }.into_any(),
            WhatIfForm::Insert(form) => view! { <InsertDialog form=form /> }.into_any(),
            WhatIfForm::Issue { after } => view! { <IssueDialog after=after /> }.into_any(),
            WhatIfForm::Outcome => view! { <OutcomeDialog /> }.into_any(),
            WhatIfForm::Export => view! { <ExportBranch /> }.into_any(),
            WhatIfForm::TakeIn => view! { <TakeIn /> }.into_any(),
        })
    }
}

/// The head of a dialog.
#[component]
pub(super) fn Head(id: &'static str, title: String) -> impl IntoView {
    let app = App::get();
    view! {
        <header class="lf-dialog__head">
            <h2 class="lf-dialog__title lf-grow" id=id>{title}</h2>
            <button type="button" class="lf-btn lf-btn--ghost lf-btn--icon" aria-label="Close" on:click=move |_| app.what_if.form.set(None)>
                {sized_icon("x", 16)}
            </button>
        </header>
    }
}

/// The name of a branch.
#[component]
fn NameDialog<F>(title: String, name: String, act: &'static str, run: F) -> impl IntoView
where
    F: Fn(&str) -> Result<(), String> + Copy + Send + Sync + 'static,
{
    let app = App::get();
    let text = RwSignal::new(name);
    let fault = RwSignal::new(None::<String>);
    let input = focus_when_there();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        match text.with_untracked(|text| run(text)) {
            Ok(()) => app.what_if.form.set(None),
            Err(message) => fault.set(Some(message)),
        }
    };
    view! {
        <Dialog labelled_by="whatif-name" on_close=move || app.what_if.form.set(None) is_small=true>
            <form class="lf-dialog__form" on:submit=submit novalidate>
                <Head id="whatif-name" title=title />
                <div class="lf-dialog__body lf-dialog__pad">
                    <label class="lf-label" for="whatif-name-field">"Name of the branch"</label>
                    <div class="lf-field" class:lf-field--invalid=move || fault.with(Option::is_some)>
                        <input class="lf-field__input" id="whatif-name-field" node_ref=input autocomplete="off" maxlength=LONGEST_NAME.to_string()
                            aria-describedby="whatif-name-help" aria-invalid=move || fault.with(Option::is_some).then_some("true")
                            prop:value=text on:input:target=move |event| { fault.set(None); text.set(event.target().value()); } />
                    </div>
                    <p class="lf-help" class:lf-help--error=move || fault.with(Option::is_some) id="whatif-name-help">
                        {move || fault.get().unwrap_or_else(|| "main is not changed; the branch is kept in this browser.".to_owned())}
                    </p>
                </div>
                <footer class="lf-dialog__foot">
                    <span class="lf-grow"></span>
                    <button type="submit" class="lf-btn lf-btn--primary">{act}</button>
                </footer>
            </form>
        </Dialog>
    }
}

/// A branch from a file.
#[component]
fn TakeIn() -> impl IntoView {
    let app = App::get();
    let fault = RwSignal::new(None::<String>);
    let choose = move |input: web_sys::HtmlInputElement| {
        let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
        let epoch = app.epoch();
        spawn_local(async move {
            let text = JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string());
            if app.epoch() != epoch {
                return;
            }
            let taken = text.ok_or_else(|| "The file cannot be read.".to_owned());
            match taken.and_then(|text| app.what_if.take_in(app, &text)) {
                Ok(()) => app.what_if.form.set(None),
                Err(message) => {
                    let _ = fault.try_set(Some(message));
                }
            }
        });
    };
    view! {
        <Dialog labelled_by="whatif-file" on_close=move || app.what_if.form.set(None) is_small=true>
            <Head id="whatif-file" title="Branch from a file".to_owned() />
            <div class="lf-dialog__body lf-dialog__pad">
                <label class="lf-label" for="whatif-file-field">"A branch that was exported as JSON"</label>
                <input type="file" id="whatif-file-field" accept=".json,application/json" aria-describedby="whatif-file-help"
                    on:change:target=move |event| choose(event.target()) />
                <p class="lf-help" class:lf-help--error=move || fault.with(Option::is_some) id="whatif-file-help">
                    {move || fault.get().unwrap_or_else(|| "It is made anew on this log, change by change.".to_owned())}
                </p>
            </div>
        </Dialog>
    }
}
