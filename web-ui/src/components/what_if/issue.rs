//! A command of the sample domain, decided on a branch.

use leptos::prelude::*;

use super::dialogs::Head;
use crate::components::commands::FieldView;
use crate::components::controls::{Segmented, icon};
use crate::components::dialog::Dialog;
use crate::model::branch::EventRef;
use crate::model::format;
use crate::sample::commands::Aggregate;
use crate::state::{App, CommandDesk, Issuing};

/// The form.
#[component]
pub(super) fn IssueDialog(after: EventRef) -> impl IntoView {
    let app = App::get();
    let desk = CommandDesk::new();
    provide_context(desk);
    if let EventRef::Stored(position) = after
        && let Some(row) = app.row(position)
        && let Some(aggregate) = Aggregate::ALL.into_iter().find(|of| of.name() == row.stream.category())
    {
        desk.aggregate.set(aggregate);
        desk.stream_id.set(row.stream.as_str().split_once('-').map_or("", |(_, id)| id).to_owned());
    }
    let state = RwSignal::new(Issuing::Idle);
    let aggregates = Aggregate::ALL.map(|aggregate| (aggregate, aggregate.name().to_owned())).to_vec();
    let commands = Signal::derive(move || {
        let labels = desk.aggregate.get().commands().iter().map(|schema| schema.label.to_owned());
        labels.enumerate().collect::<Vec<_>>()
    });
    let schema = Memo::new(move |_| desk.schema());
    let fields = move || {
        let fields = schema.get().fields.iter().enumerate();
        fields.map(|(number, field)| view! { <FieldView number=number field=field /> }).collect_view()
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if state.get_untracked() != Issuing::Working {
            app.what_if.issue(app, desk, after, state);
        }
    };
    let streams = Memo::new(move |_| {
        let typed = desk.stream_id.get();
        let found = app.streams_like(desk.aggregate.get().name(), typed.trim());
        found.into_iter().filter_map(|(name, _)| Some(name.as_str().split_once('-')?.1.to_owned())).collect::<Vec<_>>()
    });
    let has_fault = move || desk.stream_fault.with(Option::is_some);
    let place = match after {
        EventRef::Stored(position) if position.get() == 0 => "at the beginning".to_owned(),
        EventRef::Stored(position) => format!("after {}", format::position(position)),
        EventRef::New(number) => format!("after new event {number}"),
    };
    view! {
        <Dialog labelled_by="whatif-issue" on_close=move || app.what_if.form.set(None) class="lf-whatif__form">
            <form class="lf-dialog__form" on:submit=submit novalidate>
                <Head id="whatif-issue" title=format!("Issue a command {place}") />
                <div class="lf-dialog__body lf-dialog__pad lf-scroll lf-whatif__fields">
                    <Segmented label="Decider" options=aggregates value=desk.aggregate on_choose=move |aggregate| desk.choose_aggregate(aggregate) />
                    <div>
                        <label class="lf-label" for="whatif-issue-stream">"Stream"</label>
                        <div class="lf-field" class:lf-field--invalid=has_fault>
                            <span class="lf-field__affix lf-mono" aria-hidden="true">{move || format!("{}-", desk.aggregate.get().name())}</span>
                            <input class="lf-field__input lf-mono" id="whatif-issue-stream" list="whatif-issue-streams" autocomplete="off" spellcheck="false"
                                aria-describedby="whatif-issue-help" aria-invalid=move || has_fault().then_some("true")
                                prop:value=desk.stream_id on:input:target=move |event| { desk.stream_fault.set(None); desk.stream_id.set(event.target().value()); } />
                        </div>
                        <datalist id="whatif-issue-streams">
                            {move || streams.get().into_iter().map(|name| view! { <option value=name></option> }).collect_view()}
                        </datalist>
                        <p class="lf-help" class:lf-help--error=has_fault id="whatif-issue-help">{move || desk.stream_fault.get()}</p>
                    </div>
                    <Segmented label="Command" options=commands value=desk.command on_choose=move |number| desk.choose_command(number) />
                    <p class="lf-help">{move || schema.get().help}</p>
                    <div class="lf-command__fields">{fields}</div>
                    <Show when=move || schema.get().fields.is_empty()><p class="lf-muted">"This command has no fields."</p></Show>
                    {move || match state.get() {
                        Issuing::Refused(reason) => Some(view! {
                            <p class="lf-whatif__refused" role="alert">{icon("error")}<span>{format!("Rejected on this branch: {reason}")}</span></p>
                        }),
                        _ => None,
                    }}
                </div>
                <footer class="lf-dialog__foot">
                    <span class="lf-grow lf-muted">"Decided on the branch's state there. main is not changed."</span>
                    <button type="submit" class="lf-btn lf-btn--primary">{move || schema.get().label}</button>
                </footer>
            </form>
        </Dialog>
    }
}
