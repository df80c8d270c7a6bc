//! Lines over the log. The lines are drawn once for a head; the mark of the cursor alone moves with it.

use leptos::prelude::*;

use crate::model::chart::{Card, CardKind, Cell, Content, Scale};
use crate::model::format;
use crate::state::{App, CardState, ShownSeries, share_at};

/// What is drawn: everything but the mark of the cursor.
#[derive(Clone, PartialEq)]
struct Drawing {
    area: Option<String>,
    lines: Vec<String>,
    ticks: Vec<(f64, String)>,
    ends: (String, String),
    said: String,
}

/// The lines of a card, with a legend where there is more to say than a number.
#[component]
pub(super) fn LineChart(state: CardState) -> impl IntoView {
    let app = App::get();
    let drawing =
        Memo::new(move |_| state.series.with(|series| series.as_ref().map(|series| drawing(state.card, series))));
    let share = Memo::new(move |_| {
        let at = app.follows.details.get();
        state.series.with(|series| series.as_ref().map(|series| share_at(app, series, at)))
    });
    let dots = move || {
        let share = share.get()?;
        state.series.with(|series| {
            let series = &series.as_ref()?.series;
            let scale = series.scale();
            let top = |line| Some(scale.top_of(series.value_at(line, share)?));
            Some((0..series.lines.len()).filter_map(top).map(|top| {
                view! { <span class="lf-chart__dot" style=format!("--x:{:.3};--y:{top:.2}", share * 100.0)></span> }
            }).collect_view())
        })
    };
    let legend = move || {
        let shown = state.shown.get()?;
        let Content::Lines { legend } = &shown.content else { return None };
        let entry = |(number, (name, cell)): (usize, &(&'static str, Cell))| {
            let key = format!("lf-chart__key lf-chart__key--{}", number + 1);
            let was = cell.before.clone().map(|before| {
                view! { <span class="lf-delta__old">{before}</span><span class="lf-delta__arrow">"→"</span> }
            });
            view! { <span><i class=key aria-hidden="true"></i>{*name}" "{was}<b class="lf-strong">{cell.text.clone()}</b></span> }
        };
        Some(view! { <div class="lf-card__legend">{legend.iter().enumerate().map(entry).collect_view()}</div> })
    };
    let plot = move || {
        drawing.get().map(|drawing| view! {
            <div class="lf-chart__plot">
                {drawing.ticks.into_iter().map(|(top, label)| view! {
                    <span class="lf-chart__tick" style=format!("--y:{top:.2}")><span>{label}</span></span>
                }).collect_view()}
                <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
                    {drawing.area.map(|path| view! { <path class="lf-chart__area" d=path /> })}
                    {drawing.lines.into_iter().enumerate().map(|(number, path)| view! {
                        <path class=format!("lf-chart__line lf-chart__line--{}", number + 1) d=path />
                    }).collect_view()}
                </svg>
                <span class="lf-chart__now" style=move || format!("--x:{:.3}", share.get().unwrap_or(1.0) * 100.0)></span>
                {dots}
            </div>
            <div class="lf-chart__ends"><span>{drawing.ends.0}</span><span>{drawing.ends.1}</span></div>
        })
    };
    let said = move || drawing.with(|drawing| drawing.as_ref().map(|drawing| drawing.said.clone()));
    view! {
        <div class="lf-chart" class:lf-chart--spark=state.card.kind == CardKind::Number role="img" aria-label=said>{plot}</div>
        {legend}
    }
}

fn drawing(card: Card, shown: &ShownSeries) -> Drawing {
    let series = &shown.series;
    let scale: Scale = series.scale();
    let is_spark = card.kind == CardKind::Number;
    let ends = match shown.times {
        None => ("#1".to_owned(), format::position(shown.head)),
        Some((from, to)) => (moment(from), moment(to)),
    };
    let line = |number: usize| {
        let values = &series.lines[number];
        let (first, last) = (values.first().copied().unwrap_or(0.0), values.last().copied().unwrap_or(0.0));
        let most = values.iter().copied().fold(first, f64::max);
        format!(
            "{} at the start, {} at the end, {} at most",
            (card.write)(first),
            (card.write)(last),
            (card.write)(most)
        )
    };
    let lines: Vec<String> = (0..series.lines.len()).map(line).collect();
    Drawing {
        area: is_spark.then(|| series.area(0, &scale)),
        lines: (0..series.lines.len()).map(|number| series.path(number, &scale)).collect(),
        // A line under a number needs no figures at its side.
        ticks: if is_spark {
            Vec::new()
        } else {
            scale.ticks().into_iter().map(|tick| (scale.top_of(tick), (card.write)(tick))).collect()
        },
        said: format!("{} from {} to {}: {}", card.name, ends.0, ends.1, lines.join("; ")),
        ends,
    }
}

fn moment(micros: i64) -> String {
    let time = leftfold_core::Timestamp::from_micros(micros).unwrap_or_default();
    format!("{} {}", format::date(time), format::clock(time).get(..5).unwrap_or_default())
}
