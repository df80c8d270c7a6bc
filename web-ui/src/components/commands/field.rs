//! One field of a command, or the lines of a field that has lines.

use leptos::prelude::*;

use crate::components::controls::icon;
use crate::model::form::{FieldKind, FieldSchema, Place, Suggests};
use crate::state::{App, CommandDesk};

/// The desk of the form around: that of the Commands page, unless there is another one.
fn desk() -> CommandDesk {
    use_context().unwrap_or_else(|| App::get().desk)
}

/// A field of the command itself.
#[component]
pub(crate) fn FieldView(number: usize, field: &'static FieldSchema) -> impl IntoView {
    match field.kind {
        FieldKind::Lines { noun, fields } => {
            view! { <Lines number=number label=field.label noun=noun fields=fields /> }.into_any()
        }
        _ => view! { <Single place=Place::field(number) field=field name=String::new() /> }.into_any(),
    }
}

/// Lines, each with the same fields.
#[component]
fn Lines(number: usize, label: &'static str, noun: &'static str, fields: &'static [FieldSchema]) -> impl IntoView {
    let desk = desk();
    let lines = Memo::new(move |_| desk.draft.with(|draft| draft.lines(number)));
    let line = move |line: u32| {
        let nth = move || lines.with(|lines| lines.iter().position(|other| *other == line).unwrap_or(0) + 1);
        let member = move |(member, field): (usize, &'static FieldSchema)| {
            let name = Signal::derive(move || format!("{noun} {}", nth()));
            view! { <Single place=Place::of_line(number, line, member) field=field name=name /> }
        };
        view! {
            <div class="lf-command__line" role="group" aria-label=move || format!("{label}: {noun} {}", nth())>
                {fields.iter().enumerate().map(member).collect_view()}
                <button
                    type="button"
                    class="lf-btn lf-btn--ghost lf-btn--icon lf-command__drop"
                    aria-label=move || format!("Remove {noun} {}", nth())
                    title=format!("Remove {noun}")
                    on:click=move |_| desk.draft.update(|draft| draft.remove_line(number, line))
                >
                    {icon("trash")}
                </button>
            </div>
        }
    };
    view! {
        <fieldset class="lf-command__lines">
            <legend class="lf-label">{label}</legend>
            <For each=move || lines.get() key=|line| *line children=line />
            <button
                type="button"
                class="lf-btn lf-btn--sm"
                on:click=move |_| desk.draft.update(|draft| {
                    draft.add_line(number);
                })
            >
                {icon("plus")}{format!("Add {noun}")}
            </button>
        </fieldset>
    }
}

/// A field with one text. `name` is the line that it stands in, for those who do not see it.
#[component]
fn Single(place: Place, field: &'static FieldSchema, #[prop(into)] name: Signal<String>) -> impl IntoView {
    let app = App::get();
    let desk = desk();
    let id = match place.line {
        None => format!("cmd-{}", place.field),
        Some((line, member)) => format!("cmd-{}-{line}-{member}", place.field),
    };
    let (help_id, list_id) = (format!("{id}-help"), format!("{id}-list"));
    let text = Memo::new(move |_| {
        let stream = desk.stream();
        desk.draft.with(|draft| draft.text(place, field, &stream))
    });
    let fault = Memo::new(move |_| desk.fault(place));
    let is_invalid = Memo::new(move |_| fault.with(Option::is_some));
    let invalid = move || is_invalid.get().then_some("true");
    let type_in = move |text: String| desk.type_in(place, text);
    let words = move || match field.kind {
        FieldKind::Text { suggests: Suggests::Words(words), .. } => {
            words.iter().map(|word| (*word).to_owned()).collect()
        }
        FieldKind::Text { suggests: Suggests::Streams(category), .. } => {
            app.head.track();
            let typed = text.get();
            let offered = app.streams_like(category, typed.trim());
            offered.into_iter().map(|(name, _)| name.to_string()).collect()
        }
        _ => Vec::<String>::new(),
    };
    let has_list = matches!(field.kind, FieldKind::Text { suggests, .. } if suggests != Suggests::Nothing);
    let help = move || fault.get().unwrap_or_else(|| field.help.to_owned());
    let options = match field.kind {
        FieldKind::Choice { options } => Some(options),
        _ => None,
    };
    let is_number = matches!(field.kind, FieldKind::Number { .. });
    let control = match options {
        Some(options) => view! {
            <span class="lf-select">
                <select class="lf-select__el" id=id.clone() aria-describedby=help_id.clone() aria-invalid=invalid
                    prop:value=move || text.get()
                    on:change:target=move |event| type_in(event.target().value())>
                    {options.iter().map(|option| {
                        view! { <option value=*option selected=move || text.with(|text| text == option)>{*option}</option> }
                    }).collect_view()}
                </select>
                {icon("chevron-down")}
            </span>
        }
        .into_any(),
        None => view! {
            <div class="lf-field" class:lf-field--num=is_number class:lf-field--invalid=move || is_invalid.get()>
                <input class="lf-field__input" id=id.clone() autocomplete="off"
                    inputmode=is_number.then_some("numeric")
                    list=has_list.then(|| list_id.clone())
                    aria-describedby=help_id.clone() aria-invalid=invalid
                    prop:value=move || text.get()
                    on:input:target=move |event| type_in(event.target().value()) />
            </div>
            {has_list.then(|| view! {
                <datalist id=list_id>
                    {move || words().into_iter().map(|word| view! { <option value=word></option> }).collect_view()}
                </datalist>
            })}
        }
        .into_any(),
    };
    view! {
        <div class="lf-command__field">
            <label class="lf-label" for=id>
                {field.label}
                <span class="lf-vh">{move || name.with(|name| if name.is_empty() { String::new() } else { format!(" of {name}") })}</span>
            </label>
            {control}
            <p class="lf-help" class:lf-help--error=move || is_invalid.get() id=help_id>{help}</p>
        </div>
    }
}
