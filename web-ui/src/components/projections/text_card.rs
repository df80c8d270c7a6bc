//! The card of a projection that is written in the page.

use leptos::prelude::*;

use super::content::{NumberView, TableView};
use crate::components::controls::{Busy, icon, sized_icon};
use crate::components::event_log::CURRENT_ROW;
use crate::components::tree::{Scroller, Tree};
use crate::model::chart::Content;
use crate::model::format;
use crate::model::place::InspectorTab;
use crate::model::state_of::StateOf;
use crate::state::{App, TextCard, TextFault, TextShown, TextState};

/// The card.
#[component]
pub(super) fn TextCardView(name: String) -> impl IntoView {
    let app = App::get();
    let card = TextCard::new(&name);
    Effect::new(move |_| card.want(app));
    let shown = Memo::new(move |_| card.state.shown());
    let state = Memo::new(move |_| shown.with(|shown| shown.as_ref()?.answer.as_ref().ok().cloned()));
    let failure = Memo::new(move |_| shown.with(|shown| shown.as_ref()?.answer.as_ref().err().cloned()));
    let fault = Memo::new(move |_| state.with(|state| state.as_ref().and_then(|state| state.fault.clone())));
    let has_failed = Memo::new(move |_| fault.with(Option::is_some) || failure.with(Option::is_some));
    let id = format!("text-{}", id_of(&name));
    let named = StoredValue::new(name.clone());
    let badge = move || match (has_failed.get(), shown.with(Option::is_some)) {
        (true, _) => {
            view! { <span class="lf-badge lf-badge--danger">{sized_icon("error", 12)}"Stopped"</span> }.into_any()
        }
        (false, true) => view! { <span class="lf-badge lf-badge--outline">"JavaScript"</span> }.into_any(),
        (false, false) => view! { <span class="lf-badge">"Starting"</span> }.into_any(),
    };
    let body = move || {
        fault.get().map(|fault| view! { <FaultView name=named.try_get_value().unwrap_or_default() fault=fault /> })
    };
    let failed = move || {
        failure.get().map(|failure| view! {
        <div class="lf-fault" role="alert">
            <p class="lf-fault__title">"Its state could not be read"</p>
            <p class="lf-fault__msg">{failure.trouble.message}</p>
            <p class="lf-muted lf-mono">{failure.trouble.code}</p>
        </div>
        <div class="lf-fault__acts"><button type="button" class="lf-btn lf-btn--sm" on:click=move |_| card.state.try_again()>"Try again"</button></div>
    })
    };
    let open = move |_| {
        let partition =
            state.with_untracked(|state| state.as_ref().map(|state| state.partition.clone()).unwrap_or_default());
        app.state_of.set(StateOf::Projection { name: named.get_value(), partition });
        app.show_tab(InspectorTab::State);
    };
    let at = Memo::new(move |_| state.with(|state| state.as_ref().map(|state| state.at)));
    let folds = Memo::new(move |_| state.with(|state| state.as_ref().map(|state| state.folds)));
    view! {
        <article class="lf-card" class:lf-card--error=move || has_failed.get() aria-labelledby=id.clone()>
            <header class="lf-card__head">
                {icon("file")}
                <h2 class="lf-card__name" id=id.clone() title=name.clone()>{name.clone()}</h2>
                <span class="lf-grow"></span>
                {badge}
            </header>
            <div class="lf-card__view">
                {body}{failed}
                <Partition card=card state=state name=name.clone() />
                <Show when=move || shown.with(Option::is_some) fallback=|| view! { <div class="lf-card__wait"><Busy label="Folding" /></div> }>
                    <Body state=state name=named.try_get_value().unwrap_or_default() />
                </Show>
            </div>
            <footer class="lf-card__foot lf-card__foot--text">
                <dl class="lf-stat"><dt>"State at"</dt><dd>{move || at.get().map_or_else(|| "–".to_owned(), format::position)}</dd></dl>
                <dl class="lf-stat"><dt>"Folds"</dt><dd>{move || folds.get().map_or_else(|| "–".to_owned(), |folds| format::grouped(folds as u64))}</dd></dl>
                <span class="lf-grow"></span>
                <button type="button" class="lf-btn lf-btn--ghost lf-btn--sm" aria-label=format!("Edit {name}") data-after="#editor-name"
                    on:click=move |_| app.editor.edit(app, &named.get_value())>"Edit"</button>
                <button type="button" class="lf-btn lf-btn--ghost lf-btn--sm" aria-label=format!("Open {name} in the debugger") on:click=open>"Open"</button>
                <button type="button" class="lf-btn lf-btn--ghost lf-btn--sm lf-btn--icon" aria-label=format!("Delete {name}") title=format!("Delete {name}")
                    data-after="#new-projection" on:click=move |_| app.editor.delete(app, &named.get_value())>{icon("trash")}</button>
            </footer>
        </article>
    }
}

/// What it shows at the cursor.
#[component]
fn Body(state: Memo<Option<std::sync::Arc<TextState>>>, name: String) -> impl IntoView {
    let content = Memo::new(move |_| {
        state.with(|state| match state.as_ref()?.shown.as_ref()? {
            TextShown::Content(content) => Some(content.clone()),
            TextShown::Tree(_) => None,
        })
    });
    let tree = Memo::new(move |_| {
        state.with(|state| match state.as_ref()?.shown.as_ref()? {
            TextShown::Tree(tree) => Some(std::sync::Arc::clone(tree)),
            TextShown::Content(_) => None,
        })
    });
    let is_number = Memo::new(move |_| content.with(|content| matches!(content, Some(Content::Number { .. }))));
    let is_empty = Memo::new(move |_| {
        state.with(|state| state.as_ref().is_some_and(|state| state.shown.is_none() && state.fault.is_none()))
            || content.with(|content| content.as_ref().is_some_and(Content::is_empty))
    });
    let at = move || state.with(|state| state.as_ref().map(|state| format::position(state.at)).unwrap_or_default());
    let label = format!("State of {name}");
    let label = Signal::derive(move || label.clone());
    let scroller = Scroller::new();
    view! {
        <Show when=move || is_empty.get()>
            <p class="lf-card__none">{move || format!("Nothing at {}: no event that this projection folds has come yet.", at())}</p>
        </Show>
        <Show when=move || is_number.get()><NumberView content=content /></Show>
        <TableView name=name content=content />
        <Show when=move || tree.with(Option::is_some)>
            <div class="lf-card__tree lf-scroll" node_ref=scroller.node on:scroll=move |_| scroller.scrolled()>
                <Tree label=label value=tree changes_only=false open_depth=1_usize scroller=scroller />
            </div>
        </Show>
    }
}

/// The choice of a partition, where there are some.
#[component]
fn Partition(card: TextCard, state: Memo<Option<std::sync::Arc<TextState>>>, name: String) -> impl IntoView {
    let count = Memo::new(move |_| card.partitions().0);
    // A projection without partitions has one without a name.
    let is_named = Memo::new(move |_| {
        let (count, names) = card.partitions();
        state.with(Option::is_some) && (count > 1 || names.first().is_some_and(|name| !name.is_empty()))
    });
    // While one types a name, only another partition takes its place.
    let now =
        Memo::new(move |_| state.with(|state| state.as_ref().map(|state| state.partition.clone()).unwrap_or_default()));
    let list = format!("partitions-of-{}", id_of(&name));
    let label = format!("Partition of {name}");
    view! {
        <Show when=move || is_named.get()>
            <div class="lf-row lf-card__part">
                <label class="lf-field lf-grow">
                    <span class="lf-vh">{label.clone()}</span>
                    <input class="lf-field__input" type="text" list=list.clone() autocomplete="off" prop:value=now
                        on:change:target=move |event| card.chosen.set(event.target().value().trim().to_owned()) />
                </label>
                <datalist id=list.clone()>
                    {move || card.partitions().1.into_iter().map(|name| view! { <option value=name></option> }).collect_view()}
                </datalist>
                <span class="lf-muted">{move || format!("of {}", format::grouped(count.get() as u64))}</span>
            </div>
        </Show>
    }
}

#[component]
fn FaultView(name: String, fault: TextFault) -> impl IntoView {
    let app = App::get();
    let title = match fault.position {
        Some(position) => format!("Stopped at {}", format::position(position)),
        None => "The text cannot be run".to_owned(),
    };
    let line = fault.line.map(|line| format!("{name}, line {line}"));
    let kind = fault.position.and_then(|at| app.row(at)).map(|row| row.event_type.to_string());
    let place = [line, kind].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let note = fault.position.map(|position| {
        let last = format::position(leftfold_core::Position::new(position.get().saturating_sub(1)));
        format!("The last good state is from {last}.")
    });
    view! {
        <div class="lf-fault" role="alert">
            <p class="lf-fault__title">{title}</p>
            <p class="lf-fault__msg">{fault.message}</p>
            <p class="lf-muted lf-mono">{place}</p>
        </div>
        {note.map(|note| view! { <p class="lf-fault__note">{note}</p> })}
        <div class="lf-fault__acts">
            {fault.position.map(|position| view! {
                <button type="button" class="lf-btn lf-btn--sm" data-after=CURRENT_ROW on:click=move |_| app.open_in_debugger(position)>
                    {format!("Go to event {}", format::position(position))}
                </button>
            })}
        </div>
    }
}

/// A part of an id: a name may have blanks, which would make two ids of one.
fn id_of(name: &str) -> String {
    name.bytes().map(|byte| format!("{byte:02x}")).collect()
}
