//! The rail: types, categories, streams and tags, each to show alone or to hide.

mod list;
mod row;
mod streams;

use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;

use super::canvas::use_size;
use super::controls::{icon, sized_icon};
use crate::model::filter::{Facet, Filter};
use crate::model::format;
use crate::model::search::Needle;
use crate::state::App;
use list::{FacetList, Scroller};
use row::FacetRow;
use streams::Streams;

/// The rail of filters.
#[component]
pub(crate) fn Rail() -> impl IntoView {
    let app = App::get();
    let text = RwSignal::new(String::new());
    let needle = Memo::new(move |_| text.with(|text| Needle::new(text.trim())));
    let rules = Memo::new(move |_| {
        app.filter.with(Filter::len)
            + usize::from(app.search.shows_only_matches.get())
            + usize::from(app.shows_range_alone())
            + usize::from(app.only_these.with(Option::is_some))
    });
    let words = move || {
        let only_matches = app.search.shows_only_matches.get().then(|| "only matches".to_owned());
        let only_range = app.shows_range_alone().then(|| "only A–B".to_owned());
        let only_these = app.only_these_in_words().map(|words| format!("only {words}"));
        let rules = app.filter.with(|filter| (!filter.is_empty()).then(|| filter.in_words()));
        let words = [rules, only_matches, only_range, only_these].into_iter().flatten().collect::<Vec<_>>().join(", ");
        let mut letters = words.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    let node = NodeRef::<html::Div>::new();
    let scroller = Scroller::new(app.root, use_size(node));
    let scrolled = move |_| {
        if let Some(node) = node.get_untracked() {
            scroller.top.set(f64::from(node.scroll_top()));
        }
    };
    view! {
        <aside class="lf-rail lf-pane" aria-label="Filters">
            <div class="lf-rail__top">
                <label class="lf-field">
                    {icon("filter")}
                    <span class="lf-vh">"Filter types, streams and tags"</span>
                    <input
                        class="lf-field__input"
                        id="facet-search"
                        type="search"
                        placeholder="Filter types, streams, tags"
                        autocomplete="off"
                        spellcheck="false"
                        prop:value=text
                        on:input:target=move |event| text.set(event.target().value())
                    />
                </label>
            </div>
            <div class="lf-scroll lf-grow lf-rail__body" node_ref=node on:scroll=scrolled>
                <Types needle=needle scroller=scroller />
                <Streams needle=needle scroller=scroller />
                <Tags needle=needle scroller=scroller />
            </div>
            <Show when=move || rules.get() != 0>
                <div class="lf-rail__foot" data-after="#facet-search">
                    <span role="status">{words}</span>
                    <button type="button" class="lf-btn lf-btn--link" on:click=move |_| app.clear_filters()>"Clear filters"</button>
                </div>
            </Show>
        </aside>
    }
}

/// A facet with a title that folds it.
#[component]
fn FacetSection(
    id: &'static str,
    title: &'static str,
    #[prop(into)] note: Signal<String>,
    scroller: Scroller,
    children: ChildrenFn,
) -> impl IntoView {
    let is_open = RwSignal::new(true);
    let children = StoredValue::new(children);
    let toggle = move |_| {
        is_open.update(|open| *open = !*open);
        scroller.layout_changes();
    };
    view! {
        <section class="lf-facet" aria-labelledby=id>
            <h2 class="lf-facet__title" id=id>
                <button type="button" aria-expanded=move || is_open.get().to_string() on:click=toggle>
                    {move || sized_icon(if is_open.get() { "chevron-down" } else { "chevron-right" }, 12)}
                    {title}
                    <span class="lf-facet__n">{note}</span>
                </button>
            </h2>
            <Show when=move || is_open.get()>{children.with_value(|children| children())}</Show>
        </section>
    }
}

fn fits(needle: Option<&Needle>, name: &str) -> bool {
    needle.is_none_or(|needle| needle.is_in(name))
}

#[component]
fn Types(needle: Memo<Option<Needle>>, scroller: Scroller) -> impl IntoView {
    let app = App::get();
    let most =
        Memo::new(move |_| app.facets.with(|facets| facets.types.iter().map(|kind| kind.count).max().unwrap_or(1)));
    let listed = Memo::new(move |_| {
        let needle = needle.get();
        app.facets.with(|facets| {
            let types = facets.types.iter().enumerate().filter(|(_, kind)| fits(needle.as_ref(), &kind.name));
            Arc::new(types.map(|(number, _)| number).collect::<Vec<_>>())
        })
    });
    let note = Signal::derive(move || app.facets.with(|facets| format::grouped(facets.types.len() as u64)));
    let row = move |number: usize| {
        let kind = app.facets.with_untracked(|facets| facets.types.get(number).cloned())?;
        let now = Memo::new(move |_| app.facets.with(|facets| facets.types.get(number).map_or(0, |kind| kind.count)));
        #[expect(clippy::cast_precision_loss, reason = "a bar of 28 pixels")]
        let share = move || format!("--share:{:.1}", now.get() as f64 / most.get().max(1) as f64 * 100.0);
        let swatch = view! { <i class=format!("lf-sw {}", kind.colour) data-shape=kind.shape></i> }.into_any();
        Some(view! {
            <FacetRow facet=Facet::Type name=kind.name count=now mark=swatch colour=kind.colour>
                <span class="lf-facet__bar" style=share></span>
            </FacetRow>
        })
    };
    view! {
        <FacetSection id="f-types" title="Event types" note=note scroller=scroller>
            <FacetList label="Event types" entries=listed scroller=scroller row=row />
        </FacetSection>
    }
}

#[component]
fn Tags(needle: Memo<Option<Needle>>, scroller: Scroller) -> impl IntoView {
    let app = App::get();
    let listed = Memo::new(move |_| {
        let needle = needle.get();
        app.facets.with(|facets| {
            let tags = facets.tags.iter().enumerate().filter(|(_, tag)| fits(needle.as_ref(), &tag.name));
            Arc::new(tags.map(|(number, _)| number).collect::<Vec<_>>())
        })
    });
    let count = Memo::new(move |_| app.facets.with(|facets| facets.tags.len()));
    let note = Signal::derive(move || format::grouped(count.get() as u64));
    let row = move |number: usize| {
        let tag = app.facets.with_untracked(|facets| facets.tags.get(number).cloned())?;
        let now = Memo::new(move |_| app.facets.with(|facets| facets.tags.get(number).map_or(0, |tag| tag.count)));
        let mark = sized_icon("bookmark", 12).into_any();
        Some(view! { <FacetRow facet=Facet::Tag name=tag.name count=now mark=mark /> })
    };
    view! {
        <Show when=move || count.get() != 0>
            <FacetSection id="f-tags" title="Tags" note=note scroller=scroller>
                <FacetList label="Tags" entries=listed scroller=scroller row=row />
            </FacetSection>
        </Show>
    }
}
