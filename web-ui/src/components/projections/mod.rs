//! Read models at the cursor, a card each.

mod card;
mod chart;
mod content;
mod fault;
mod text_card;

use leptos::prelude::*;

use super::controls::icon;
use super::editor::EditorPanel;
use super::in_turn::InTurn;
use crate::model::chart::Source;
use crate::model::format;
use crate::state::{App, Edited, Standing};

use card::ProjectionCard;
use text_card::TextCardView;

/// The page of read models.
#[component]
pub(crate) fn Projections() -> impl IntoView {
    let app = App::get();
    let cards = app.projections;
    Effect::new(move |_| {
        app.phase.track();
        cards.start(app);
    });
    Effect::new(move |_| cards.draw(app));
    Effect::new(move |_| cards.sample_lines(app));
    let states = Memo::new(move |_| cards.cards(app).iter().map(|state| state.card.name).collect::<Vec<_>>());
    let shown = move || {
        states.track();
        untrack(|| cards.cards(app))
    };
    let standings = Memo::new(move |_| cards.cards(app).iter().map(|state| state.standing(app)).collect::<Vec<_>>());
    let tally = move |class: &'static str, word: &'static str, fits: fn(&Standing) -> bool| {
        let count = Memo::new(move |_| standings.with(|all| all.iter().filter(|standing| fits(standing)).count()));
        move || {
            let count = count.get();
            (count > 0).then(|| view! { <span class=class>{format!("{count} {word}")}</span> })
        }
    };
    let can_rebuild = Memo::new(move |_| cards.cards(app).iter().any(|state| state.card.source == Source::Projection));
    let texts = Memo::new(move |_| {
        app.texts.all.with(|all| all.all().iter().map(|text| text.name.clone()).collect::<Vec<_>>())
    });
    let has_button = Memo::new(move |_| can_rebuild.get() || texts.with(|texts| !texts.is_empty()));
    let is_new = Memo::new(move |_| app.editor.edited.get() == Some(Edited::New));
    let is_writing = Memo::new(move |_| app.editor.is_open());
    let is_rebuilding = Memo::new(move |_| standings.with(|all| all.contains(&Standing::Rebuilding)));
    view! {
        <div class="lf-main lf-main--projections" id="main" role=app.root.main_role() data-writing=move || is_writing.get().then_some("")>
            <section class="lf-pane" aria-labelledby="projections-title">
                <div class="lf-pagebar">
                    <h1 class="lf-pagebar__title" id="projections-title">
                        {move || format!("Projections at {}", format::position(app.follows.details.get()))}
                    </h1>
                    {tally("lf-badge lf-badge--ok", "caught up", |standing| *standing == Standing::CaughtUp)}
                    {tally("lf-badge lf-badge--warn", "behind", |standing| matches!(standing, Standing::Behind(_)))}
                    {tally("lf-badge lf-badge--accent", "rebuilding", |standing| *standing == Standing::Rebuilding)}
                    {tally("lf-badge lf-badge--danger", "stopped", |standing| {
                        matches!(standing, Standing::Failed | Standing::Stopped)
                    })}
                    <div class="lf-grow"></div>
                    <Show when=move || can_rebuild.get()>
                        // It keeps the focus while nothing can be done with it.
                        <button type="button" class="lf-btn" aria-disabled=move || is_rebuilding.get().then_some("true")
                            on:click=move |_| if !is_rebuilding.get_untracked() { cards.rebuild_all(app) }>
                            {icon("rebuild")}"Rebuild all"
                        </button>
                    </Show>
                    <button type="button" class="lf-btn lf-btn--primary" id="new-projection" aria-expanded=move || is_new.get().to_string()
                        aria-controls=move || is_writing.get().then_some("projection-editor") on:click=move |_| app.editor.write_new(app)>
                        {icon("plus")}"New projection"
                    </button>
                </div>
                // Without a button inside, what scrolls must itself be reached by the keyboard.
                <div class="lf-cards lf-scroll" role="group" aria-label="Read models" tabindex=move || (!has_button.get()).then_some("0")>
                    // What one wrote oneself comes first.
                    <For each=move || texts.get() key=Clone::clone let:name><TextCardView name=name /></For>
                    <For each=move || shown().into_iter().enumerate() key=|(_, state)| state.card.name let((turn, state))>
                        <InTurn turn=turn + 1 class="lf-card"><ProjectionCard state=state /></InTurn>
                    </For>
                </div>
            </section>
            <Show when=move || is_writing.get()><EditorPanel /></Show>
        </div>
    }
}
