//! The rail: types, categories and streams, each to show alone or to hide.

use std::sync::Arc;

use leptos::prelude::*;

use super::controls::{icon, sized_icon};
use crate::model::filter::{Facet, Rule};
use crate::model::format;
use crate::state::{App, CategoryFacet, TypeFacet};

/// How many streams are listed; more are found by searching.
const MOST_STREAMS: usize = 50;

/// The rail of filters.
#[component]
pub(crate) fn Rail() -> impl IntoView {
    let app = App::get();
    let search = RwSignal::new(String::new());
    let rules = Memo::new(move |_| app.filter.with(crate::model::filter::Filter::len));
    view! {
        <aside class="lf-rail lf-pane" aria-label="Filters">
            <div class="lf-rail__top">
                <label class="lf-field">
                    {icon("filter")}
                    <span class="lf-vh">"Filter types and streams"</span>
                    <input
                        class="lf-field__input"
                        id="facet-search"
                        type="search"
                        placeholder="Filter types, streams"
                        aria-keyshortcuts="/"
                        prop:value=search
                        on:input:target=move |event| search.set(event.target().value())
                    />
                </label>
            </div>
            <div class="lf-scroll lf-grow">
                <Types search=search />
                <Streams search=search />
            </div>
            <Show when=move || rules.get() != 0>
                <div class="lf-rail__foot">
                    <span>{move || format::counted(rules.get() as u64, "filter")}</span>
                    <button type="button" class="lf-btn lf-btn--link" on:click=move |_| app.filter.set(Default::default())>
                        "Clear filters"
                    </button>
                </div>
            </Show>
        </aside>
    }
}

fn fits(name: &str, search: &str) -> bool {
    name.to_lowercase().contains(&search.trim().to_lowercase())
}

/// A facet with a title that folds it.
#[component]
fn FacetSection(
    id: &'static str,
    title: &'static str,
    #[prop(into)] note: Signal<String>,
    children: ChildrenFn,
) -> impl IntoView {
    let is_open = RwSignal::new(true);
    let children = StoredValue::new(children);
    view! {
        <section class="lf-facet" aria-labelledby=id>
            <h2 class="lf-facet__title" id=id>
                <button
                    type="button"
                    aria-expanded=move || is_open.get().to_string()
                    on:click=move |_| is_open.update(|open| *open = !*open)
                >
                    {move || sized_icon(if is_open.get() { "chevron-down" } else { "chevron-right" }, 12)}
                    {title}
                    <span class="lf-facet__n">{note}</span>
                </button>
            </h2>
            <Show when=move || is_open.get()>{children.with_value(|children| children())}</Show>
        </section>
    }
}

#[component]
fn Types(search: RwSignal<String>) -> impl IntoView {
    let app = App::get();
    let most =
        Memo::new(move |_| app.facets.with(|facets| facets.types.iter().map(|kind| kind.count).max().unwrap_or(1)));
    let listed = Memo::new(move |_| {
        let search = search.get();
        let types = app.facets.with(|facets| facets.types.clone());
        types.into_iter().enumerate().filter(|(_, kind)| fits(&kind.name, &search)).collect::<Vec<_>>()
    });
    let note = Signal::derive(move || app.facets.with(|facets| format::grouped(facets.types.len() as u64)));
    let row = move |(index, kind): (usize, TypeFacet)| {
        let now = Memo::new(move |_| app.facets.with(|facets| facets.types.get(index).map_or(0, |kind| kind.count)));
        #[expect(clippy::cast_precision_loss, reason = "a bar of 28 pixels")]
        let share = move || format!("--share:{:.1}", now.get() as f64 / most.get().max(1) as f64 * 100.0);
        let swatch = view! { <i class=format!("lf-sw {}", kind.colour) data-shape=kind.shape></i> }.into_any();
        view! {
            <FacetRow facet=Facet::Type name=kind.name count=now mark=swatch colour=kind.colour>
                <span class="lf-facet__bar" style=share></span>
            </FacetRow>
        }
    };
    view! {
        <FacetSection id="f-types" title="Event types" note=note>
            <ul>
                <For each=move || listed.get() key=|(index, kind)| (*index, kind.name.clone(), kind.shape) children=row />
            </ul>
        </FacetSection>
    }
}

#[component]
fn Streams(search: RwSignal<String>) -> impl IntoView {
    let app = App::get();
    let note = Signal::derive(move || {
        app.facets.with(|facets| {
            let categories = match facets.categories.len() {
                1 => "1 category".to_owned(),
                count => format!("{} categories", format::grouped(count as u64)),
            };
            format!("{categories} · {}", format::grouped(facets.streams as u64))
        })
    });
    let categories = Memo::new(move |_| {
        let search = search.get();
        let categories = app.facets.with(|facets| facets.categories.clone());
        categories
            .into_iter()
            .enumerate()
            .filter(|(_, one)| fits(&one.name, &search))
            .take(MOST_STREAMS)
            .collect::<Vec<_>>()
    });
    // Streams are listed when somebody searches for them, and always where the filter names them.
    let streams = Memo::new(move |_| {
        let search = search.get();
        app.facets.with(|facets| facets.streams);
        let mut names: Vec<String> = app.filter.with(|filter| {
            let named = filter.rules().filter(|(facet, ..)| *facet == Facet::Stream);
            named.map(|(_, name, _)| name.to_owned()).collect()
        });
        if !search.trim().is_empty() {
            let found = app.with_log(|log| {
                let count = u32::try_from(log.stream_count()).unwrap_or(u32::MAX);
                let streams = (0..count).filter_map(|number| log.stream_name(number));
                let fitting = streams.filter(|name| fits(name.as_str(), &search)).take(MOST_STREAMS);
                fitting.map(ToString::to_string).collect::<Vec<_>>()
            });
            for name in found.unwrap_or_default() {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names.into_iter().map(Arc::<str>::from).collect::<Vec<_>>()
    });
    let category = move |(index, category): (usize, CategoryFacet)| {
        let now =
            Memo::new(move |_| app.facets.with(|facets| facets.categories.get(index).map_or(0, |one| one.events)));
        let swatch = view! { <i class="lf-sw" data-shape=category.shape style="--c:var(--lf-text-3)"></i> }.into_any();
        view! { <FacetRow facet=Facet::Category name=category.name count=now mark=swatch /> }
    };
    let stream = move |name: Arc<str>| {
        let stream = leftfold_core::StreamName::new(&name).ok();
        let now = Memo::new(move |_| {
            app.head.track();
            let Some(stream) = &stream else { return 0 };
            app.with_log(|log| log.stream_version(stream).get()).unwrap_or_default()
        });
        let chain = sized_icon("chain", 12).into_any();
        view! { <FacetRow facet=Facet::Stream name=name.to_string() count=now mark=chain is_child=true /> }
    };
    view! {
        <FacetSection id="f-streams" title="Streams" note=note>
            <ul>
                <For each=move || categories.get() key=|(index, one)| (*index, one.name.clone()) children=category />
                <For each=move || streams.get() key=|name| Arc::clone(name) children=stream />
            </ul>
            <Show when=move || search.with(|search| search.trim().is_empty())>
                <p class="lf-facet__hint">"Search above to list single streams."</p>
            </Show>
        </FacetSection>
    }
}

/// A name with its count, to show alone or to hide.
#[component]
fn FacetRow(
    facet: Facet,
    name: String,
    count: Memo<u64>,
    mark: AnyView,
    #[prop(optional, into)] colour: String,
    #[prop(optional)] is_child: bool,
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
    let toggle = move |rule| app.filter.update(|filter| name.with_value(|name| filter.toggle(facet, name, rule)));
    let button = move |which: Rule, verb: &'static str, title: &'static str, symbol: &'static str| {
        view! {
            <button
                type="button"
                class="lf-facet__tog"
                aria-pressed=move || (rule.get() == Some(which)).to_string()
                aria-label=name.with_value(|name| format!("{verb} {name}"))
                title=title
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
    view! {
        <li class=format!("lf-facet__row {colour}") class:lf-facet__row--child=is_child data-state=state>
            {mark}
            <span class="lf-facet__name lf-clip" title=name.get_value()>{name.get_value()}</span>
            <span class="lf-facet__count">{move || format::grouped(count.get())}</span>
            {symbol}
            {children.map(|children| children())}
            <span class="lf-facet__acts">
                {button(Rule::Only, "Show only", "Show only", "plus")}
                {button(Rule::Hide, "Hide", "Hide", "minus")}
            </span>
        </li>
    }
}
