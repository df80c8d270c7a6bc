//! What the event at the cursor did in the text that was run.

use leptos::prelude::*;

use crate::components::controls::icon;
use crate::model::diff_table::{DiffRow, DiffTable};
use crate::model::format;
use crate::state::{App, Step, Work};

/// Rows that are listed of what an event changed.
const MOST_ROWS: usize = 60;

/// The section.
#[component]
pub(super) fn AtCursor() -> impl IntoView {
    let app = App::get();
    let desk = app.editor;
    let run = Memo::new(move |_| {
        desk.work.with(|work| match work {
            Work::Ran(ran) => Some(ran.number),
            _ => None,
        })
    });
    let shown = Memo::new(move |_| desk.moment.shown().filter(|shown| Some(shown.key.run) == run.get()));
    let title = move || {
        let at = shown.with(|shown| shown.as_ref().map(|shown| shown.key.at))?;
        let kind = app.row(at).map(|row| format!(" · {}", row.event_type)).unwrap_or_default();
        Some(format!("At {}{kind}", format::position(at)))
    };
    let step =
        Memo::new(move |_| shown.with(|shown| shown.as_ref()?.answer.as_ref().ok().map(|moment| moment.step.clone())));
    let said = move || step.get().map(|step| view! { <StepView step=step /> });
    view! {
        <Show when=move || step.with(Option::is_some)>
            <details class="lf-editor__part" open>
                <summary>{icon("chevron-right")}<span class="lf-strong">{title}</span></summary>
                <div class="lf-editor__body">{said}</div>
            </details>
        </Show>
    }
}

#[component]
fn StepView(step: Step) -> impl IntoView {
    if let Some(reason) = step.skipped {
        return view! { <p><span class="lf-badge lf-badge--outline">"Skipped"</span>" "{reason}</p> }.into_any();
    }
    if step.fault.is_some() {
        let logs = lines("Logged before it failed", step.logs);
        return view! { <p><span class="lf-badge lf-badge--danger">"Failed"</span>" The text fails at this event, as said above."</p>{logs} }.into_any();
    }
    let partition = (!step.partition.is_empty()).then(|| format!("Partition {} · ", step.partition));
    view! {
        <p class="lf-muted">{partition}{format!("took {}", format::span(step.micros))}</p>
        <Differences table=step.changes caption="What the event changed in the state" before="Before" after="After" same="It left the state as it was." />
        {lines("Result", step.result.into_iter().collect())}
        {lines("Emitted, never written", step.emitted)}
        {lines("Logged", step.logs)}
    }
    .into_any()
}

fn lines(title: &'static str, lines: Vec<String>) -> Option<impl IntoView> {
    (!lines.is_empty()).then(|| {
        view! {
            <p class="lf-label">{title}</p>
            <ul class="lf-editor__lines">{lines.into_iter().map(|line| view! { <li class="lf-mono">{line}</li> }).collect_view()}</ul>
        }
    })
}

/// The differences of two states.
#[component]
pub(super) fn Differences(
    table: DiffTable,
    caption: &'static str,
    before: &'static str,
    after: &'static str,
    same: &'static str,
) -> impl IntoView {
    if table.rows.is_empty() {
        return view! { <p>{same}</p> }.into_any();
    }
    let left_out = table.rows.len().saturating_sub(MOST_ROWS);
    let rows = table.rows.into_iter().take(MOST_ROWS).map(row).collect_view();
    view! {
        <table class="lf-cmp">
            <caption class="lf-vh">{caption}</caption>
            <colgroup><col /><col style="width:24px" /><col style="width:28%" /><col style="width:28%" /></colgroup>
            <thead><tr>
                <th scope="col">"Path"</th><th scope="col"><span class="lf-vh">"Change"</span></th>
                <th scope="col" class="is-num">{before}</th><th scope="col" class="is-num">{after}</th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table>
        {(left_out > 0).then(|| view! { <p class="lf-muted">{format!("and {} more", format::grouped(left_out as u64))}</p> })}
    }
    .into_any()
}

fn row(row: DiffRow) -> AnyView {
    match row {
        DiffRow::Group(name) => {
            let name = if name.is_empty() { "top level".to_owned() } else { name };
            view! { <tr class="lf-cmp__group"><td colspan="4">{name}</td></tr> }.into_any()
        }
        DiffRow::Line { path, kind, old, new } => view! {
            <tr data-diff=kind.word()>
                <td class="lf-cmp__path" title=path.clone()><bdi>{path.clone()}</bdi></td>
                <td class="lf-cmp__mark"><span aria-hidden="true">{kind.mark()}</span><span class="lf-vh">{kind.word()}</span></td>
                <td class="lf-cmp__old is-num" title=old.clone()>{old.clone()}</td>
                <td class="lf-cmp__new is-num" title=new.clone()>{new.clone()}</td>
            </tr>
        }
        .into_any(),
    }
}
