//! Another event for a branch.

use leptos::prelude::*;

use super::dialogs::Head;
use super::edit::JsonField;
use crate::components::controls::focus_when_there;
use crate::components::dialog::Dialog;
use crate::model::branch::JsonText;
use crate::state::{App, InsertForm};

/// How many streams are offered.
const MOST_OFFERED: usize = 50;

/// The form.
#[component]
pub(super) fn InsertDialog(form: InsertForm) -> impl IntoView {
    let app = App::get();
    let desk = app.what_if;
    let InsertForm { after, place, stream } = form;
    let (stream, event_type) = (RwSignal::new(stream), RwSignal::new(String::new()));
    let schema_version = RwSignal::new("1".to_owned());
    let data = RwSignal::new("{\n  \n}".to_owned());
    let (fault, json_fault) = (RwSignal::new(None::<String>), RwSignal::new(None));
    let input = focus_when_there();
    let choose_type = move |kind: String| {
        schema_version.set(desk.schema_version_of(app, kind.trim()).to_string());
        event_type.set(kind);
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let json = match data.with_untracked(|data| JsonText::new(data)) {
            Ok(json) => json,
            Err(wrong) => return json_fault.set(Some(wrong)),
        };
        let Ok(version) = schema_version.with_untracked(|text| text.trim().parse::<u32>()) else {
            return fault.set(Some("The schema version is a whole number.".to_owned()));
        };
        let put = desk.insert(app, after, &stream.get_untracked(), &event_type.get_untracked(), version, json);
        if let Err(message) = put {
            fault.set(Some(message));
        }
    };
    let streams = Memo::new(move |_| {
        let typed = stream.get();
        let filter = leftfold_core::StreamFilter {
            prefix: Some(typed.trim().to_owned()),
            limit: Some(MOST_OFFERED),
            ..leftfold_core::StreamFilter::default()
        };
        let found = app.with_log(|log| log.streams(&filter)).unwrap_or_default();
        found.into_iter().map(|info| info.stream.to_string()).collect::<Vec<_>>()
    });
    let types =
        app.facets.with_untracked(|facets| facets.types.iter().map(|kind| kind.name.clone()).collect::<Vec<_>>());
    let options =
        |names: Vec<String>| names.into_iter().map(|name| view! { <option value=name></option> }).collect_view();
    view! {
        <Dialog labelled_by="whatif-insert" on_close=move || desk.form.set(None) class="lf-whatif__form">
            <form class="lf-dialog__form" on:submit=submit novalidate>
                <Head id="whatif-insert" title=format!("Insert an event {place}") />
                <div class="lf-dialog__body lf-dialog__pad lf-scroll lf-whatif__fields">
                    <div>
                        <label class="lf-label" for="whatif-stream">"Stream"</label>
                        <div class="lf-field"><input class="lf-field__input lf-mono" id="whatif-stream" list="whatif-streams" autocomplete="off" spellcheck="false"
                            prop:value=stream on:input:target=move |event| { fault.set(None); stream.set(event.target().value()); } /></div>
                        <datalist id="whatif-streams">{move || options(streams.get())}</datalist>
                    </div>
                    <div class="lf-whatif__two">
                        <div>
                            <label class="lf-label" for="whatif-type">"Type"</label>
                            <div class="lf-field"><input class="lf-field__input" id="whatif-type" list="whatif-types" autocomplete="off" spellcheck="false" node_ref=input
                                prop:value=event_type on:input:target=move |event| { fault.set(None); choose_type(event.target().value()); } /></div>
                            <datalist id="whatif-types">{options(types)}</datalist>
                        </div>
                        <div>
                            <label class="lf-label" for="whatif-version">"Schema version"</label>
                            <div class="lf-field lf-field--num"><input class="lf-field__input" id="whatif-version" inputmode="numeric" autocomplete="off"
                                prop:value=schema_version on:input:target=move |event| { fault.set(None); schema_version.set(event.target().value()); } /></div>
                        </div>
                    </div>
                    {move || fault.get().map(|message| view! { <p class="lf-help lf-help--error" role="alert">{message}</p> })}
                    <JsonField id="whatif-new-data" label="Data" text=data fault=json_fault help="JSON, in the shape of the schema version." />
                </div>
                <footer class="lf-dialog__foot">
                    <span class="lf-grow lf-muted">"main is not changed"</span>
                    <button type="submit" class="lf-btn lf-btn--primary">"Insert on branch"</button>
                </footer>
            </form>
        </Dialog>
    }
}
