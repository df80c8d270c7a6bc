//! Other data for an event, as JSON.

use leptos::html;
use leptos::prelude::*;

use super::dialogs::Head;
use crate::components::dialog::Dialog;
use crate::model::branch::{JsonFault, JsonText};
use crate::state::{App, EditForm};

/// A field for JSON, with what is wrong at its place.
#[component]
pub(super) fn JsonField(
    id: &'static str,
    label: &'static str,
    text: RwSignal<String>,
    fault: RwSignal<Option<JsonFault>>,
    help: &'static str,
    /// Whether it has the focus when its dialog opens.
    #[prop(optional)]
    is_first: bool,
) -> impl IntoView {
    let node = NodeRef::<html::Textarea>::new();
    let help_id = format!("{id}-help");
    Effect::new(move |_| {
        // The cursor goes to where the fault is.
        let (Some(fault), Some(area)) = (fault.get(), node.get_untracked()) else { return };
        let _ = area.focus();
        let _ = area.set_selection_range(fault.offset, fault.offset.saturating_add(1));
    });
    let judge = move |typed: String| {
        fault.set(None);
        text.set(typed);
    };
    let state = Memo::new(move |_| text.with(|text| JsonText::new(text).err()));
    let said = move || match fault.get().or_else(|| state.get()) {
        Some(fault) => format!("Not JSON yet, {fault}."),
        None => help.to_owned(),
    };
    view! {
        <label class="lf-label" for=id>{label}</label>
        <textarea class="lf-json lf-mono" id=id node_ref=node rows="14" spellcheck="false" autocomplete="off" autofocus=is_first
            class:lf-json--invalid=move || fault.with(Option::is_some)
            aria-describedby=help_id.clone() aria-invalid=move || fault.with(Option::is_some).then_some("true")
            prop:value=text on:input:target=move |event| judge(event.target().value())></textarea>
        <p class="lf-help" class:lf-help--error=move || fault.with(Option::is_some) id=help_id>{said}</p>
    }
}

/// The form.
#[component]
pub(super) fn EditDialog(form: EditForm) -> impl IntoView {
    let app = App::get();
    let text = RwSignal::new(form.text.clone());
    let fault = RwSignal::new(None);
    let title = form.title.clone();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if let Err(wrong) = text.with_untracked(|text| app.what_if.save_edit(app, &form, text)) {
            fault.set(Some(wrong));
        }
    };
    view! {
        <Dialog labelled_by="whatif-edit" on_close=move || app.what_if.form.set(None) class="lf-whatif__form">
            <form class="lf-dialog__form" on:submit=submit novalidate>
                <Head id="whatif-edit" title=title />
                <div class="lf-dialog__body lf-dialog__pad lf-scroll">
                    <JsonField id="whatif-data" label="Data on this branch" text=text fault=fault help="JSON, in the newest shape of the event." is_first=true />
                </div>
                <footer class="lf-dialog__foot">
                    <span class="lf-grow lf-muted">"main is not changed"</span>
                    <button type="submit" class="lf-btn lf-btn--primary">"Change on branch"</button>
                </footer>
            </form>
        </Dialog>
    }
}
