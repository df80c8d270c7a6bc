//! The first stage: which column is which field, and what the rows would become.

use std::sync::Arc;

use leftfold_core::formats::{
    Field, FieldSource, Format, ImportOrder, InvalidRow, Mapping, OnInvalid, Preview, PreviewRow,
};
use leptos::prelude::*;

use super::job::Job;
use crate::components::controls::{icon, sized_icon};
use crate::model::format;
use crate::state::report::in_words;

/// How much of a payload the preview shows.
const PAYLOAD_CHARS: usize = 60;

/// The choice of a text that is the same for every row. No column has this name.
const SAME_FOR_ALL: &str = "\u{1}";

/// The mapping, the preview and the choices.
#[component]
pub(super) fn MappingStage<F>(job: Job, on_close: F) -> impl IntoView
where
    F: Fn() + Copy + Send + Sync + 'static,
{
    let preview = Memo::new(move |_| Shown(job.preview.get().and_then(Result::ok)));
    let trouble = move || job.failure.get().or_else(|| job.preview.get().and_then(Result::err));
    let about = move || {
        let Some(source) = job.source.get() else { return String::new() };
        let mut parts = vec![source.name(), format::bytes(source.file_bytes())];
        if let Shown(Some(preview)) = preview.get() {
            let rows = preview.events + preview.fault_count;
            let most = if preview.is_whole { "" } else { "more than " };
            parts.push(format!("{most}{}", format::counted(rows, "row")));
            parts.push(format_title(preview.format).to_owned());
            parts.extend(preview.delimiter.map(|delimiter| delimiter_name(delimiter).to_owned()));
        }
        parts.join(" · ")
    };
    let can_run = Memo::new(move |_| {
        let has_name = job.store_name.with(|name| !name.trim().is_empty());
        has_name
            && preview.with(|Shown(preview)| {
                preview.as_ref().is_some_and(|preview| preview.missing().is_empty() && preview.events > 0)
            })
    });
    // Until the file was looked at nothing is known of it.
    let has_columns = Memo::new(move |_| {
        preview.with(|Shown(preview)| preview.as_ref().is_none_or(|preview| preview.format.has_columns()))
    });
    let outlook = move || {
        let Shown(preview) = preview.get();
        let preview = preview?;
        let streams = format::counted(preview.streams, "stream");
        Some(if preview.is_whole {
            let rows = format::grouped(preview.events + preview.fault_count);
            format!("{} of {rows} rows into {streams}", format::grouped(preview.events))
        } else {
            format!("The first {} rows go into {streams}", format::grouped(preview.events))
        })
    };
    let run_label = move || {
        let Shown(preview) = preview.get();
        match preview.filter(|preview| preview.is_whole) {
            Some(preview) => format!("Import {}", format::counted(preview.events, "event")),
            None => "Import".to_owned(),
        }
    };
    view! {
        <header class="lf-dialog__head">
            <div class="lf-grow">
                <h2 class="lf-dialog__title" id="import-title">{move || if has_columns.get() { "Map columns" } else { "Import" }}</h2>
                <p class="lf-muted lf-clip">{about}</p>
            </div>
            <button type="button" class="lf-btn lf-btn--ghost lf-btn--icon" aria-label="Close" on:click=move |_| on_close()>
                {sized_icon("x", 16)}
            </button>
        </header>
        <div class="lf-dialog__body lf-mapping lf-scroll">
            <div>
                <FormatRow job=job preview=preview />
                <Show when=move || has_columns.get() fallback=move || view! {
                    <p class="lf-muted lf-mapping__own">"This file says itself which stream, type, id and time an event has."</p>
                    {move || job.source.with(|source| source.as_ref().and_then(|source| source.report.clone())).map(|report| view! {
                        <p class="lf-muted lf-mapping__own">{format!("It is a report: {} come with it.", in_words(&report))}</p>
                    })}
                }>
                    <h3 class="lf-mapping__title">"Event field"<span class="lf-mapping__side">"Column"</span></h3>
                    {Field::ALL.into_iter().map(|field| view! { <MapRow job=job preview=preview field=field /> }).collect_view()}
                </Show>
                <TextRow id="m-category" name="Category" value=job.category
                    help="Put before each stream: receipt makes 42 the stream receipt-42" />
                <TextRow id="m-store" name="Store" value=job.store_name help=Signal::derive(move || store_help(job)) />
                <Choices job=job />
            </div>
            <div>
                <h3 class="lf-mapping__title">"Preview"<span class="lf-mapping__side">"the first rows as events"</span></h3>
                {move || trouble().map(|trouble| view! {
                    <section class="lf-errors" role="alert">
                        <h4 class="lf-errors__head">{icon("error")}"This file cannot be imported so"</h4>
                        <p class="lf-errors__row lf-errors__row--one">{trouble.message}<span class="lf-mono lf-muted">{trouble.code}</span></p>
                    </section>
                })}
                {move || preview.get().0.map(|preview| view! { <PreviewTable preview=preview /> })}
            </div>
        </div>
        <footer class="lf-dialog__foot">
            <span class="lf-grow" role="status">{outlook}</span>
            <button type="button" class="lf-btn lf-btn--ghost" on:click=move |_| on_close()>"Cancel"</button>
            <button type="button" class="lf-btn lf-btn--primary" disabled=move || !can_run.get() on:click=move |_| job.run()>
                {run_label}
            </button>
        </footer>
    }
}

/// A preview that is the same only when it is the very same.
#[derive(Clone)]
struct Shown(Option<Arc<Preview>>);

impl PartialEq for Shown {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        }
    }
}

/// The name of a format as people write it.
fn format_title(format: Format) -> &'static str {
    match format {
        Format::Ndjson => "NDJSON",
        Format::Json => "JSON array",
        Format::Csv => "CSV",
        Format::Xes => "XES",
        Format::Ocel2 => "OCEL 2.0",
        Format::Leftfold => "Leftfold",
        Format::Marten => "Marten",
        Format::Axon => "Axon",
        Format::CloudEvents => "CloudEvents",
        Format::KurrentDb => "KurrentDB",
        Format::ReduxDevTools => "Redux DevTools",
        other => other.name(),
    }
}

fn delimiter_name(delimiter: char) -> &'static str {
    match delimiter {
        ';' => "semicolon",
        '\t' => "tab",
        '|' => "bar",
        _ => "comma",
    }
}

fn store_help(job: Job) -> String {
    let name = job.store_name.get();
    let there =
        job.app.stores.with(|stores| stores.iter().find(|store| store.name == name.trim()).map(|store| store.events));
    match there {
        Some(0) => "An empty store of this browser".to_owned(),
        Some(events) => format!("Goes behind its {}", format::counted(events, "event")),
        None => "A new store in this browser".to_owned(),
    }
}

fn label_of(field: Field) -> (&'static str, &'static str) {
    match field {
        Field::Stream => ("Stream", "Choose a column"),
        Field::Type => ("Type", "Choose a column"),
        Field::Time => ("Time", "Time of import"),
        Field::Id => ("Event id", "Create from row"),
        Field::SchemaVersion => ("Schema", "1 for every row"),
    }
}

#[component]
fn FormatRow(job: Job, preview: Memo<Shown>) -> impl IntoView {
    let by_content = move || {
        let chosen = job.format.get();
        let found = preview.with(|Shown(preview)| preview.as_ref().map(|preview| preview.format));
        match found.filter(|_| chosen.is_none()) {
            Some(found) => format!("As its content says: {}", format_title(found)),
            None => "As its content says".to_owned(),
        }
    };
    let choose = move |name: String| {
        let format = Format::ALL.into_iter().find(|format| format.name() == name);
        // Another format has other columns.
        job.mapping.set(Mapping::default());
        job.format.set(format);
    };
    let option = move |format: Format| {
        let is_it = move || job.format.get() == Some(format);
        view! { <option value=format.name() selected=is_it>{format_title(format)}</option> }
    };
    view! {
        <div class="lf-maprow">
            <label class="lf-maprow__name" for="m-format">"Format"</label>
            <span class="lf-select">
                <select class="lf-select__el" id="m-format" on:change:target=move |event| choose(event.target().value())>
                    <option value="" selected=move || job.format.get().is_none()>{by_content}</option>
                    {Format::ALL.map(option).collect_view()}
                </select>
                {icon("chevron-down")}
            </span>
        </div>
    }
}

#[component]
fn MapRow(job: Job, preview: Memo<Shown>, field: Field) -> impl IntoView {
    let (name, nowhere) = label_of(field);
    let id = format!("m-{}", field.name());
    let columns = Memo::new(move |_| {
        preview.with(|Shown(preview)| preview.as_ref().map(|preview| preview.columns.clone()).unwrap_or_default())
    });
    let source = Memo::new(move |_| {
        let chosen = job.mapping.with(|mapping| mapping.get(field).cloned());
        chosen.or_else(|| preview.with(|Shown(preview)| preview.as_ref()?.mapping.get(field).cloned()))
    });
    // A batch of events for one stream does not name it; its file often does.
    let constant = (field == Field::Stream).then(|| job.file_title.get_value());
    let choose = {
        let constant = constant.clone();
        move |choice: String| {
            let source = match &constant {
                _ if choice.is_empty() => FieldSource::Nowhere,
                Some(text) if choice == SAME_FOR_ALL => FieldSource::Constant(text.clone()),
                _ => FieldSource::Column(choice),
            };
            job.mapping.update(|mapping| mapping.set(field, Some(source)));
        }
    };
    let same_for_all = constant.map(|text| {
        let is_it = move || source.with(|source| matches!(source, Some(FieldSource::Constant(_))));
        view! { <option value=SAME_FOR_ALL selected=is_it>{format!("The same for every row: {text}")}</option> }
    });
    let example = move || {
        preview.with(|Shown(preview)| preview.as_ref().map(|preview| example_of(preview, field)).unwrap_or_default())
    };
    let required = field.is_required().then(|| {
        view! { <span class="lf-maprow__req" aria-hidden="true">" *"</span><span class="lf-vh">" (required)"</span> }
    });
    view! {
        <div class="lf-maprow">
            <label class="lf-maprow__name" for=id.clone()>{name}{required}</label>
            <span class="lf-select">
                <select class="lf-select__el" id=id on:change:target=move |event| choose(event.target().value())>
                    <option value="" selected=move || source.with(|source| source.as_ref().is_none_or(|source| *source == FieldSource::Nowhere))>
                        {nowhere}
                    </option>
                    {move || columns.get().into_iter().map(|column| {
                        let is_it = source.with(|source| matches!(source, Some(FieldSource::Column(name)) if *name == column));
                        view! { <option value=column.clone() selected=is_it>{column.clone()}</option> }
                    }).collect_view()}
                    {same_for_all}
                </select>
                {icon("chevron-down")}
            </span>
            <span class="lf-maprow__eg">{example}</span>
        </div>
    }
}

fn example_of(preview: &Preview, field: Field) -> String {
    let events = || preview.rows.iter().filter_map(|row| row.event.as_ref().ok());
    match field {
        Field::Stream => {
            let mut names: Vec<&str> = events().map(|(stream, _)| stream.as_str()).collect();
            names.dedup();
            names.truncate(2);
            if names.is_empty() { String::new() } else { format!("{}, …", names.join(", ")) }
        }
        Field::Type => match preview.types.first() {
            Some(first) => format!("{}, {first} first", format::counted(preview.types.len() as u64, "type")),
            None => String::new(),
        },
        Field::Time => {
            events().next().and_then(|(_, event)| event.time()).map(|time| time.to_string()).unwrap_or_default()
        }
        Field::Id if preview.mapping.id.as_ref().is_none_or(|source| *source == FieldSource::Nowhere) => {
            "Same file, same ids: importing twice adds nothing".to_owned()
        }
        Field::Id | Field::SchemaVersion => String::new(),
    }
}

#[component]
fn TextRow(
    id: &'static str,
    name: &'static str,
    value: RwSignal<String>,
    #[prop(into)] help: Signal<String>,
) -> impl IntoView {
    view! {
        <div class="lf-maprow">
            <label class="lf-maprow__name" for=id>{name}</label>
            <span class="lf-field">
                <input class="lf-field__input" id=id autocomplete="off" maxlength="100" prop:value=value
                    on:input:target=move |event| value.set(event.target().value()) />
            </span>
            <span class="lf-maprow__eg">{help}</span>
        </div>
    }
}

#[component]
fn Choices(job: Job) -> impl IntoView {
    let order = move |of: ImportOrder, name: &'static str| {
        view! {
            <label class="lf-check">
                <input type="radio" name="order" prop:checked=move || job.order.get() == of on:change=move |_| job.order.set(of) />{name}
            </label>
        }
    };
    let invalid = move |of: OnInvalid, name: &'static str| {
        view! {
            <label class="lf-check">
                <input type="radio" name="invalid" prop:checked=move || job.on_invalid.get() == of on:change=move |_| job.on_invalid.set(of) />{name}
            </label>
        }
    };
    view! {
        <fieldset class="lf-mapping__choice">
            <legend class="lf-label">"Order of events"</legend>
            <div>{order(ImportOrder::Time, "By time, where every row has one")}{order(ImportOrder::File, "As the file has them")}</div>
        </fieldset>
        <fieldset class="lf-mapping__choice">
            <legend class="lf-label">"Rows with errors"</legend>
            <div>
                {invalid(OnInvalid::Skip, "Leave out and list in a report")}
                {invalid(OnInvalid::Stop, "Stop at the first one")}
            </div>
        </fieldset>
    }
}

#[component]
fn PreviewTable(preview: Arc<Preview>) -> impl IntoView {
    let column = |field: Field| match preview.mapping.get(field) {
        Some(FieldSource::Column(column)) => column.clone(),
        Some(FieldSource::Constant(text)) => format!("“{text}”"),
        _ => "–".to_owned(),
    };
    let (stream, kind, time) = (column(Field::Stream), column(Field::Type), column(Field::Time));
    let faults = preview.faults.clone();
    let fault_count = preview.fault_count;
    view! {
        <div class="lf-scroll" role="group" tabindex="0" aria-label="Rows as events">
            <table class="lf-preview">
                <caption class="lf-vh">"Rows as events"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Line"</th>
                        <th scope="col"><b>"Stream"</b>{stream}</th>
                        <th scope="col"><b>"Type"</b>{kind}</th>
                        <th scope="col"><b>"Time"</b>{time}</th>
                        <th scope="col"><b>"Payload"</b>"what is left"</th>
                    </tr>
                </thead>
                <tbody>{preview.rows.iter().map(preview_row).collect_view()}</tbody>
            </table>
        </div>
        <Show when=move || fault_count != 0>
            <Faults id="faults" title=counted_rows(fault_count, "errors") faults=faults.clone() count=fault_count />
        </Show>
    }
}

fn preview_row(row: &PreviewRow) -> AnyView {
    let line = format::grouped(row.line);
    match &row.event {
        Ok((stream, event)) => {
            let payload = String::from_utf8_lossy(event.data());
            let mut short: String = payload.chars().take(PAYLOAD_CHARS).collect();
            if payload.chars().nth(PAYLOAD_CHARS).is_some() {
                short.push('…');
            }
            let time = event.time().map_or_else(|| "–".to_owned(), |time| time.to_string());
            view! {
                <tr><td>{line}</td><td>{stream.to_string()}</td><td>{event.event_type().to_string()}</td><td>{time}</td><td>{short}</td></tr>
            }
            .into_any()
        }
        Err(fault) => view! { <tr class="is-bad"><td>{line}</td><td colspan="4" class="is-cell">{fault.message.clone()}</td></tr> }.into_any(),
    }
}

/// A number of rows, and what they have.
pub(super) fn counted_rows(count: u64, what: &str) -> String {
    if count == 1 { format!("1 row has {what}") } else { format!("{} rows have {what}", format::grouped(count)) }
}

/// Rows with faults, with their lines.
#[component]
pub(super) fn Faults(id: &'static str, title: String, faults: Vec<InvalidRow>, count: u64) -> impl IntoView {
    let listed = faults.len() as u64;
    let row = |fault: InvalidRow| {
        view! {
            <li class="lf-errors__row">
                <span class="lf-mono">{fault.path.unwrap_or_else(|| format!("Line {}", format::grouped(fault.line)))}</span>
                <span>{fault.message}</span>
            </li>
        }
    };
    view! {
        <section class="lf-errors" aria-labelledby=id>
            <p class="lf-errors__head" id=id>{icon("error")}{title}</p>
            <ul>
                {faults.into_iter().map(row).collect_view()}
                {(count > listed).then(|| view! {
                    <li class="lf-errors__row lf-errors__row--one">{format!("and {} more", format::grouped(count - listed))}</li>
                })}
            </ul>
        </section>
    }
}
