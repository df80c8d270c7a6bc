//! Tables, bars and numbers, with what the step changed in them.

use leptos::prelude::*;

use crate::model::chart::{Bar, Cell, Content, TableRow};
use crate::model::format;

/// The longest old and new text that stand side by side in a column.
const DELTA_CHARS: usize = 13;

/// A table.
#[component]
pub(super) fn TableView(#[prop(into)] name: String, content: Memo<Option<Content>>) -> impl IntoView {
    let table = move || match content.get() {
        Some(Content::Table { columns, rows, left_out }) if !rows.is_empty() => Some(view! {
            <table class="lf-mini">
                <caption class="lf-vh">{name.clone()}</caption>
                <thead><tr>{columns.iter().map(|column| view! { <th scope="col">{*column}</th> }).collect_view()}</tr></thead>
                <tbody>{rows.into_iter().map(table_row).collect_view()}</tbody>
            </table>
            {more(left_out)}
        }),
        _ => None,
    };
    view! { {table} }
}

fn table_row(row: TableRow) -> impl IntoView {
    let is_changed = row.cells.iter().any(|cell| cell.before.is_some());
    view! {
        <tr class:is-changed=is_changed>
            <th scope="row" title=row.name.clone()>{row.name.clone()}</th>
            {row.cells.into_iter().map(|cell| view! { <td>{delta(cell)}</td> }).collect_view()}
        </tr>
    }
}

/// A text, and what it was before the step.
fn delta(cell: Cell) -> AnyView {
    let Some(before) = cell.before else { return cell.text.into_any() };
    let was = if before.is_empty() { "nothing".to_owned() } else { before.clone() };
    let said = format!("changed from {was} to {}", cell.text);
    let fits = before.chars().count() + cell.text.chars().count() <= DELTA_CHARS;
    let old = (fits && !before.is_empty()).then(|| view! { <span class="lf-delta__old">{before}</span> });
    view! {
        <span class="lf-vh">{said}</span>
        <span class="lf-delta" aria-hidden="true" title=format!("was {was}")>
            {old}<span class="lf-delta__arrow">"→"</span>{cell.text}
        </span>
    }
    .into_any()
}

fn more(left_out: usize) -> Option<impl IntoView> {
    (left_out > 0)
        .then(|| view! { <p class="lf-card__more">{format!("and {} more", format::grouped(left_out as u64))}</p> })
}

/// Bars, as a list that says their numbers.
#[component]
pub(super) fn BarsView(name: &'static str, content: Memo<Option<Content>>) -> impl IntoView {
    let bars = move || match content.get() {
        Some(Content::Bars { bars, left_out }) if !bars.is_empty() => {
            let longest = bars.iter().map(|bar| bar.value.max(bar.before.unwrap_or(0))).max().unwrap_or(1).max(1);
            Some(view! {
                <ul class="lf-bars" aria-label=name>{bars.into_iter().map(|bar| bar_row(bar, longest)).collect_view()}</ul>
                {more(left_out)}
            })
        }
        _ => None,
    };
    view! { {bars} }
}

#[expect(clippy::cast_precision_loss, reason = "a share of a width")]
fn bar_row(bar: Bar, longest: i64) -> impl IntoView {
    let share = |value: i64| (value.max(0) as f64 / longest as f64 * 100.0).clamp(0.0, 100.0);
    let notch = bar.before.map(|before| {
        view! { <span class="lf-bars__was" style=format!("--v:{:.2}", share(before)) aria-hidden="true"></span> }
    });
    let value = match bar.before {
        Some(before) => {
            let by = bar.value - before;
            let sign = if by > 0 { "+" } else { "" };
            view! {
                <span class="lf-vh">{format!("changed from {} to ", format::signed(before))}</span>
                {format::signed(bar.value)}
                <span class="lf-delta__by" aria-hidden="true">{format!(" {sign}{}", format::signed(by))}</span>
            }
            .into_any()
        }
        None => format::signed(bar.value).into_any(),
    };
    view! {
        <li class="lf-bars__row" class:is-changed=bar.before.is_some()>
            <span class="lf-bars__name lf-clip" title=bar.name.clone()>{bar.name.clone()}</span>
            <span class="lf-bars__lane" aria-hidden="true">
                <span class="lf-bars__bar" style=format!("--v:{:.2}", share(bar.value))></span>{notch}
            </span>
            <span class="lf-bars__value lf-mono">{value}</span>
        </li>
    }
}

/// A number, and what belongs to it.
#[component]
pub(super) fn NumberView(content: Memo<Option<Content>>) -> impl IntoView {
    let number = move || match content.get() {
        Some(Content::Number { value, about }) => {
            let was = value.before.clone().map(|before| {
                view! { <span class="lf-badge lf-badge--chg" title="before this step">{format!("was {before}")}</span> }
            });
            Some(view! {
                <p class="lf-big"><span>{value.text}</span>{was}</p>
                <p class="lf-muted lf-clip">{about.text}</p>
            })
        }
        _ => None,
    };
    view! { {number} }
}
