//! A row of the rail.

use leptos::prelude::*;

use crate::components::controls::icon;
use crate::model::filter::{Facet, Rule};
use crate::model::format;
use crate::state::App;

/// A row that opens and closes what is below it.
#[derive(Clone, Copy)]
pub(super) struct Fold {
    pub(super) is_open: Signal<bool>,
    pub(super) toggle: Callback<()>,
}

/// A name with its count, to show alone or to hide.
#[component]
pub(super) fn FacetRow(
    facet: Facet,
    name: String,
    count: Memo<u64>,
    mark: AnyView,
    #[prop(optional, into)] colour: String,
    #[prop(optional)] is_child: bool,
    #[prop(optional)] fold: Option<Fold>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let app = App::get();
    let name = StoredValue::new(name);
    let rule = Memo::new(move |_| app.filter.with(|filter| name.with_value(|name| filter.rule(facet, name))));
    let state = move || {
        rule.get().map(|rule| match rule {
            Rule::Only => "include",
            Rule::Hide => "exclude",
        })
    };
    let toggle = move |rule| name.with_value(|name| app.toggle_rule(facet, name, rule));
    let button = move |which: Rule, verb: &'static str, symbol: &'static str| {
        view! {
            <button
                type="button"
                class="lf-facet__tog"
                aria-pressed=move || (rule.get() == Some(which)).to_string()
                aria-label=name.with_value(|name| format!("{verb} {name}"))
                title=verb
                data-act=symbol
                tabindex="-1"
                on:click=move |_| toggle(which)
            >
                {icon(symbol)}
            </button>
        }
    };
    let symbol = move || {
        rule.get().map(|rule| {
            let name = if rule == Rule::Only { "plus" } else { "minus" };
            view! { <span class=format!("lf-icon lf-icon--{name} lf-facet__state") aria-hidden="true"></span> }
        })
    };
    let title = match fold {
        None => {
            view! { <span class="lf-facet__name lf-clip" title=name.get_value()>{name.get_value()}</span> }.into_any()
        }
        Some(fold) => view! {
            <button
                type="button"
                class="lf-facet__name lf-facet__fold"
                aria-expanded=move || fold.is_open.get().to_string()
                aria-label=format!("Streams of {}", name.get_value())
                title="Show or hide its streams"
                data-act="fold"
                tabindex="-1"
                on:click=move |_| fold.toggle.run(())
            >
                <span class="lf-clip">{name.get_value()}</span>
                {move || {
                    let symbol = if fold.is_open.get() { "chevron-down" } else { "chevron-right" };
                    view! { <span class=format!("lf-icon lf-icon--{symbol} lf-icon--12") aria-hidden="true"></span> }
                }}
            </button>
        }
        .into_any(),
    };
    view! {
        <div class=format!("lf-facet__row {colour}") class:lf-facet__row--child=is_child data-state=state>
            {mark}
            {title}
            <span class="lf-facet__count">{move || format::grouped(count.get())}</span>
            {symbol}
            {children.map(|children| children())}
            <span class="lf-facet__acts">
                {button(Rule::Only, "Show only", "plus")}
                {button(Rule::Hide, "Hide", "minus")}
            </span>
        </div>
    }
}
