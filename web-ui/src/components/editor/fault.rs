//! What is wrong with a text, in words, with the ways to its line and to the event.

use leptos::prelude::*;

use crate::model::format;
use crate::state::{App, Fault};

/// What stands beneath a line.
pub(super) fn at_line(fault: &Fault) -> String {
    match &fault.at {
        Some((at, event_type)) => format!("{} at {}, {event_type}", fault.message, format::position(*at)),
        None => fault.message.clone(),
    }
}

/// A fault.
#[component]
pub(super) fn FaultBox(fault: Fault, #[prop(into)] title: String) -> impl IntoView {
    let app = App::get();
    let place = match (fault.line, fault.column) {
        (Some(line), Some(column)) => format!("line {line}, column {column}"),
        (Some(line), None) => format!("line {line}"),
        _ => String::new(),
    };
    let at = fault.at.clone();
    view! {
        <div class="lf-fault" role="alert">
            <p class="lf-fault__title">{title}</p>
            <p class="lf-fault__msg">{fault.message}</p>
            <p class="lf-muted lf-mono">
                {(!place.is_empty()).then_some(place)}
                {at.map(|(_, event_type)| format!(" · {event_type}"))}
            </p>
        </div>
        <div class="lf-fault__acts">
            {fault.at.map(|(at, _)| view! {
                <button type="button" class="lf-btn lf-btn--sm" on:click=move |_| app.jump_to(at)>{format!("Go to event {}", format::position(at))}</button>
            })}
            {fault.line.map(|line| view! {
                <button type="button" class="lf-btn lf-btn--sm" on:click=move |_| app.editor.show_line(line)>{format!("Go to line {line}")}</button>
            })}
        </div>
    }
}
