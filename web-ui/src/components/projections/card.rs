//! One card: its head, what it shows, and how far its read model is.

use leptos::prelude::*;

use super::chart::LineChart;
use super::content::{BarsView, NumberView, TableView};
use super::fault::{Fault, Skipped};
use crate::components::controls::{Busy, icon, sized_icon};
use crate::model::chart::{CardKind, Content, Source};
use crate::model::format;
use crate::state::{App, CardState, Standing};

/// The card.
#[component]
pub(super) fn ProjectionCard(state: CardState) -> impl IntoView {
    let app = App::get();
    let card = state.card;
    let id = format!("card-{}", card.name);
    let standing = Memo::new(move |_| state.standing(app));
    let has_failed = Memo::new(move |_| standing.get() == Standing::Failed);
    let kind = match card.kind {
        CardKind::Table => "table",
        CardKind::Number => "number",
        CardKind::Bars => "bars",
        CardKind::Lines => "line",
    };
    view! {
        <article class="lf-card" class:lf-card--error=move || has_failed.get() aria-labelledby=id.clone()>
            <header class="lf-card__head">
                {icon(kind)}
                <h2 class="lf-card__name" id=id.clone()>{card.name}</h2>
                <span class="lf-grow"></span>
                {move || badge(standing.get())}
            </header>
            // What failed may be longer than a card: then it scrolls, and can be scrolled with the keyboard.
            <div class="lf-card__view" tabindex=move || has_failed.get().then_some("0")
                role=move || has_failed.get().then_some("group") aria-label=move || has_failed.get().then(|| format!("Failure of {}", card.name))>
                <Show when=move || has_failed.get()><Fault state=state /></Show>
                <Progress state=state />
                <Body state=state />
                <Skipped state=state />
            </div>
            <Foot state=state />
        </article>
    }
}

fn badge(standing: Standing) -> impl IntoView {
    let (class, text, mark) = match standing {
        Standing::Starting => ("lf-badge", "Starting".to_owned(), None),
        Standing::CaughtUp => ("lf-badge lf-badge--ok", "Caught up".to_owned(), Some("ok")),
        Standing::Behind(count) => ("lf-badge lf-badge--warn", format!("Behind {}", format::grouped(count)), None),
        Standing::Rebuilding => ("lf-badge lf-badge--accent", "Rebuilding".to_owned(), None),
        Standing::Failed | Standing::Stopped => ("lf-badge lf-badge--danger", "Stopped".to_owned(), Some("error")),
    };
    view! { <span class=class>{mark.map(|mark| sized_icon(mark, 12))}{text}</span> }
}

/// What the card shows at the cursor.
#[component]
fn Body(state: CardState) -> impl IntoView {
    let app = App::get();
    let content = Memo::new(move |_| state.shown.with(|shown| shown.as_ref().map(|shown| shown.content.clone())));
    let at = Memo::new(move |_| state.shown.with(|shown| shown.as_ref().map(|shown| shown.at)));
    // The frame stays while its values change: only another kind of content builds it anew.
    let is_there = Memo::new(move |_| {
        content.with(Option::is_some) || state.trouble.with(Option::is_some) || state.unshown.with(Option::is_some)
    });
    let is_empty = Memo::new(move |_| content.with(|content| content.as_ref().is_some_and(Content::is_empty)));
    let nothing = move || {
        let at = at.get().map(format::position).unwrap_or_default();
        format!("Nothing at {at}: no event that this projection folds has come yet.")
    };
    let body = move || match state.card.kind {
        CardKind::Table => view! { <TableView name=state.card.name content=content /> }.into_any(),
        CardKind::Bars => view! { <BarsView name=state.card.name content=content /> }.into_any(),
        CardKind::Number => view! {
            <NumberView content=content />
            <LineChart state=state />
        }
        .into_any(),
        CardKind::Lines => view! { <LineChart state=state /> }.into_any(),
    };
    let unshown = move || {
        state.unshown.get().map(|trouble| {
            view! {
                <div class="lf-fault" role="alert">
                    <p class="lf-fault__title">{move || format!("The state at {} could not be read", format::position(app.follows.details.get()))}</p>
                    <p class="lf-fault__msg">{trouble.message}</p>
                    <p class="lf-muted lf-mono">{trouble.code}</p>
                </div>
                <div class="lf-fault__acts">
                    <button type="button" class="lf-btn lf-btn--sm" on:click=move |_| app.projections.try_again()>"Try again"</button>
                </div>
            }
        })
    };
    view! {
        {unshown}
        <Show when=move || is_there.get() fallback=|| view! { <div class="lf-card__wait"><Busy label="Folding" /></div> }>
            <Show when=move || is_empty.get()><p class="lf-card__none">{nothing}</p></Show>
            {body}
        </Show>
    }
}

/// How far a rebuild is.
#[component]
fn Progress(state: CardState) -> impl IntoView {
    let progress = move || {
        let progress = state.progress.get()?;
        #[expect(clippy::cast_precision_loss, reason = "a share")]
        let share = if progress.total == 0 { 1.0 } else { progress.done as f64 / progress.total as f64 };
        let percent = format!("{:.0}", (share * 100.0).floor());
        let (done, total) = (format::grouped(progress.done), format::grouped(progress.total));
        Some(view! {
            <div class="lf-row lf-card__progress">
                <span class="lf-strong">{format!("{percent} %")}</span>
                <span class="lf-grow"></span>
                <span class="lf-muted lf-mono">{format!("{done} / {total}")}</span>
            </div>
            <div
                class="lf-progress"
                role="progressbar"
                aria-label=format!("Rebuilding {}", state.card.name)
                aria-valuemin="0"
                aria-valuemax=progress.total
                aria-valuenow=progress.done
                aria-valuetext=format!("{percent} percent, event {done} of {total}")
            >
                <div class="lf-progress__fill" style=format!("--v:{share:.3}")></div>
            </div>
        })
    };
    view! { {progress} }
}

#[component]
fn Foot(state: CardState) -> impl IntoView {
    let app = App::get();
    let name = state.card.name;
    if state.card.source == Source::Index {
        return view! {
            <footer class="lf-card__foot">
                {stat("Events", move || format::grouped(app.head.get().get()))}
                {stat("Lag", || "0".to_owned())}
                {stat("Source", || "index".to_owned())}
            </footer>
        }
        .into_any();
    }
    let checkpoint = Memo::new(move |_| state.status.with(|status| status.as_ref().map(|status| status.checkpoint)));
    let lag = Memo::new(move |_| Some(app.head.get().get().saturating_sub(checkpoint.get()?.get())));
    let rate = move || {
        let rate = state.status.with(|status| status.as_ref().map_or(0.0, |status| status.events_per_second));
        format::compact(rate)
    };
    let is_rebuilding = Memo::new(move |_| state.progress.with(Option::is_some));
    app.focus.watch(move || is_rebuilding.with(|_| ()));
    let can_rebuild = Memo::new(move |_| state.status.with(Option::is_some));
    view! {
        <footer class="lf-card__foot">
            {stat("Checkpoint", move || checkpoint.get().map_or_else(|| "–".to_owned(), format::position))}
            <dl class="lf-stat">
                <dt>"Lag"</dt>
                <dd class:is-bad=move || lag.get().is_some_and(|lag| lag > 0)>
                    {move || lag.get().map_or_else(|| "–".to_owned(), format::grouped)}
                </dd>
            </dl>
            {stat("Folds/s", rate)}
            {move || if is_rebuilding.get() {
                view! {
                    <button type="button" class="lf-btn lf-btn--ghost lf-btn--sm" aria-label=format!("Cancel rebuilding {name}")
                        on:click=move |_| state.cancel(app)>
                        {icon("stop")}"Cancel"
                    </button>
                }.into_any()
            } else {
                view! {
                    <button type="button" class="lf-btn lf-btn--ghost lf-btn--sm" aria-label=format!("Rebuild {name}")
                        disabled=move || !can_rebuild.get() on:click=move |_| app.projections.rebuild(app, state)>
                        {icon("rebuild")}"Rebuild"
                    </button>
                }.into_any()
            }}
        </footer>
    }
    .into_any()
}

fn stat(name: &'static str, value: impl Fn() -> String + Send + 'static) -> impl IntoView {
    view! { <dl class="lf-stat"><dt>{name}</dt><dd>{value}</dd></dl> }
}
