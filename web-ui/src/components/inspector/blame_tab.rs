//! Every field of a state with the event that last wrote it.

use std::sync::Arc;

use leptos::prelude::*;

use super::field_history::FieldHistory;
use super::table::Rows;
use super::trouble::{Failed, Nothing, Sign, visit};
use super::whose::Whose;
use crate::components::controls::{Busy, icon};
use crate::components::tree::Scroller;
use crate::model::blame::{FieldRow, FieldTable, dotted};
use crate::model::format;
use crate::model::state_of::StateOf;
use crate::model::tree::pointer;
use crate::state::{App, Failure, Field, StateKey, state_title};

/// What the middle of the tab shows.
#[derive(Clone, PartialEq)]
enum Middle {
    Wait,
    Empty,
    Unmatched,
    Table,
    Failed(Failure),
}

/// The Blame tab.
#[component]
pub(super) fn BlameTab() -> impl IntoView {
    let app = App::get();
    let text = RwSignal::new(String::new());
    let scroller = Scroller::new();
    let drawn = RwSignal::new(Vec::<FieldRow>::new());
    let shown = Memo::new(move |_| {
        let shown = app.state_views.at_cursor.shown()?;
        (app.state_of.get() == StateOf::Selected || shown.key.of == app.whose_state()).then_some(shown)
    });
    let key = Memo::new(move |_| shown.with(|shown| shown.as_ref().map(|shown| shown.key.clone())));
    let is_late = Memo::new(move |_| {
        let asked = (app.whose_state(), app.follows.details.get());
        key.with(|key| key.as_ref().is_some_and(|key| (&key.of, key.at) != (&asked.0, asked.1)))
    });
    let table = Memo::new(move |_| {
        let value = shown.with(|shown| shown.as_ref()?.answer.as_ref().ok()?.value.clone());
        Arc::new(value.map(|value| text.with(|text| FieldTable::new(value, text))).unwrap_or_default())
    });
    let count = Memo::new(move |_| table.with(|table| table.len()));
    let middle = Memo::new(move |_| {
        shown.with(|shown| match shown.as_ref().map(|shown| &shown.answer) {
            None => Middle::Wait,
            Some(Err(failure)) => Middle::Failed(failure.clone()),
            Some(Ok(_)) if count.get() > 0 => Middle::Table,
            Some(Ok(_)) if text.with(|text| !text.trim().is_empty()) => Middle::Unmatched,
            Some(Ok(_)) => Middle::Empty,
        })
    });
    let wanted = Memo::new(move |_| {
        let fields = drawn.with(|rows| {
            let pointer_of = |row: &FieldRow| match row {
                FieldRow::Field { path, .. } => Some(field_pointer(path)),
                FieldRow::Group(_) => None,
            };
            rows.iter().filter_map(pointer_of).collect::<Vec<_>>()
        });
        (key.get(), fields)
    });
    Effect::new(move |_| {
        if let (Some(key), fields) = wanted.get() {
            app.blames.want(app, key.of, key.at, fields);
        }
    });
    let progress = Memo::new(move |_| {
        wanted.with(|(key, fields)| {
            let Some(StateKey { of, at, .. }) = key else { return None };
            let known = fields.iter().filter(|pointer| app.blames.get(of, *at, pointer).is_some()).count();
            (known < fields.len()).then_some((known, fields.len()))
        })
    });
    let note = move || match progress.get() {
        Some((known, all)) => format!("Looking back: {known} of {all} in view"),
        None => format::counted(table.with(|table| table.fields() as u64), "field"),
    };
    let caption = move || {
        let title = |key: &StateKey| {
            format!(
                "Last event that wrote each field of {}, at event {}",
                state_title(&key.of),
                format::grouped(key.at.get())
            )
        };
        key.with(|key| key.as_ref().map(title).unwrap_or_default())
    };
    let look = move |path: &[String]| {
        let Some(key) = key.get_untracked() else { return };
        let path = if field_pointer(path).is_empty() { Vec::new() } else { path.to_vec() };
        app.field_history.open(app, Field { of: key.of, path, from: key.at });
    };
    let is_looking = Memo::new(move |_| app.field_history.field.with(Option::is_some));
    let draw = move |number: usize, row: FieldRow| match row {
        FieldRow::Group(path) => {
            let name = if path.is_empty() { "top level".to_owned() } else { dotted(&path) };
            view! { <tr class="lf-cmp__group" aria-rowindex=(number + 2).to_string()><td colspan="4" class="lf-clip--start"><bdi>{name}</bdi></td></tr> }
                .into_any()
        }
        FieldRow::Field { path, value } => {
            let name = path.last().cloned().unwrap_or_default();
            let whole = dotted(&path);
            let of_field = path.clone();
            let shown_value = value.clone();
            view! {
                <tr aria-rowindex=(number + 2).to_string()>
                    <td>
                        <button type="button" class="lf-field-name" data-path=field_pointer(&path) title=format!("Every event that wrote {whole}") on:click=move |_| look(&of_field)>
                            {name}
                        </button>
                    </td>
                    <td class="is-num" title=value>{shown_value}</td>
                    <Who pointer=field_pointer(&path) key=key />
                </tr>
            }
            .into_any()
        }
    };
    let fields = move || {
        view! {
            <div class="lf-insp__bar">
                <Whose />
                <div class="lf-grow"></div>
                <label class="lf-field lf-insp__filter">
                    {icon("search")}
                    <span class="lf-vh">"Filter paths"</span>
                    <input class="lf-field__input" type="search" placeholder="Filter paths" prop:value=text
                        on:input:target=move |event| text.set(event.target().value()) />
                </label>
            </div>
            <div class="lf-insp__note"><span role="status" aria-busy=move || progress.get().is_some().then_some("true")>{note}</span></div>
            <div
                class="lf-insp__body lf-scroll"
                data-late=move || is_late.get().then_some("")
                node_ref=scroller.node
                on:scroll=move |_| scroller.scrolled()
            >
                {move || match middle.get() {
                    Middle::Wait => view! { <Busy label="Folding state" /> }.into_any(),
                    Middle::Failed(failure) => view! { <Failed failure=failure /> }.into_any(),
                    Middle::Empty => view! { <Nothing title="No fields yet" text="The state is empty here. Go further on, or choose another one." /> }.into_any(),
                    Middle::Unmatched => view! { <Nothing title="No such field" text="No path has this text in it." /> }.into_any(),
                    Middle::Table => view! {
                        <table class="lf-cmp lf-cmp--blame" aria-rowcount=move || (count.get() + 1).to_string()>
                            <caption class="lf-vh">{caption}</caption>
                            <colgroup><col style="width:31%" /><col style="width:20%" /><col /><col style="width:56px" /></colgroup>
                            <thead><tr aria-rowindex="1">
                                <th scope="col">"Field"</th><th scope="col" class="is-num">"Value"</th>
                                <th scope="col">"Last written by"</th><th scope="col" class="is-num">"Ago"</th>
                            </tr></thead>
                            <Rows scroller=scroller count=count columns=4 row_at=move |number| table.with(|table| table.row(number)) draw=draw drawn=drawn />
                        </table>
                    }.into_any(),
                }}
            </div>
        }
    };
    // Another choice of whose state is another question.
    let of = Memo::new(move |_| app.state_of.get());
    Effect::new(move |before: Option<StateOf>| {
        let of = of.get();
        if before.is_some_and(|before| before != of) {
            app.field_history.close(app);
        }
        of
    });
    move || if is_looking.get() { view! { <FieldHistory /> }.into_any() } else { fields().into_any() }
}

/// The event that wrote a field, and how many events ago.
#[component]
fn Who(pointer: String, key: Memo<Option<StateKey>>) -> impl IntoView {
    let app = App::get();
    let blame = Memo::new(move |_| {
        let key = key.get()?;
        let blame = app.blames.get(&key.of, key.at, &pointer)?;
        Some(blame.map(|found| found.map(|at| (at, key.at.get().saturating_sub(at.get())))))
    });
    let who = move || match blame.get() {
        None => view! { <span class="lf-muted" aria-label="looking back">"…"</span> }.into_any(),
        Some(Ok(None)) => view! { <span class="lf-muted">"no event"</span> }.into_any(),
        Some(Err(failure)) => {
            let title = format!("{} Try again", failure.trouble.message);
            view! {
                <button type="button" class="lf-who lf-insp__wrong" title=title on:click=move |_| app.try_again()>
                    {failure.trouble.code}
                </button>
            }
            .into_any()
        }
        Some(Ok(Some((at, _)))) => {
            let sign = Sign::of(app, at);
            let label = sign.as_ref().map(|sign| sign.event_type.clone()).unwrap_or_default();
            let title = format!("Go to {} {label}", format::position(at));
            view! {
                <button type="button" class="lf-who" title=title on:click=move |_| visit(app, at)>
                    {sign.map(|sign| view! { <i class=format!("lf-sw {}", sign.colour) data-shape=sign.shape></i> })}
                    <span class="lf-mono">{format::position(at)}</span>" "<span class="lf-clip">{label}</span>
                </button>
            }
            .into_any()
        }
    };
    let ago = move || match blame.get() {
        Some(Ok(Some((_, 0)))) => "now".to_owned(),
        Some(Ok(Some((_, ago)))) => format::grouped(ago),
        _ => String::new(),
    };
    view! {
        <td class="lf-cmp__who">{who}</td>
        <td class="is-num lf-muted">{ago}</td>
    }
}

/// A state that holds no others is a row of its own; its pointer is the empty one.
pub(super) fn field_pointer(path: &[String]) -> String {
    match path {
        [only] if only == "value" => String::new(),
        path => pointer(path),
    }
}
