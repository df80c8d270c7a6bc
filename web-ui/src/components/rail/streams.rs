//! Categories, and below them their streams.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use leftfold_core::{Position, StreamName};
use leptos::prelude::*;

use super::FacetSection;
use super::list::{FacetList, Scroller};
use super::row::{FacetRow, Fold};
use crate::components::controls::sized_icon;
use crate::model::filter::Facet;
use crate::model::format;
use crate::model::search::Needle;
use crate::model::stream_list::{Entry, MOST_ENTRIES, StreamGroups, entries};
use crate::state::App;
use crate::state::browser::now_ms;

/// How long names are looked at at a time, in milliseconds.
const TURN_MS: f64 = 6.0;

/// The section of streams.
#[component]
pub(super) fn Streams(needle: Memo<Option<Needle>>, scroller: Scroller) -> impl IntoView {
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
    let open = RwSignal::new(HashSet::<usize>::new());
    Effect::new(move |_| {
        app.epoch.track();
        open.set(HashSet::new());
    });
    let listed = listed(app, needle, open);
    let is_cut = Memo::new(move |_| listed.with(|entries| entries.len() >= MOST_ENTRIES));
    let is_empty = Memo::new(move |_| listed.with(|entries| entries.is_empty()));
    let category = move |number: usize| {
        let category = app.facets.with_untracked(|facets| facets.categories.get(number).cloned())?;
        let now =
            Memo::new(move |_| app.facets.with(|facets| facets.categories.get(number).map_or(0, |one| one.events)));
        let swatch = view! { <i class="lf-sw" data-shape=category.shape style="--c:var(--lf-text-3)"></i> }.into_any();
        let fold = Fold {
            is_open: Signal::derive(move || needle.with(Option::is_some) || open.with(|open| open.contains(&number))),
            toggle: Callback::new(move |()| {
                open.update(|open| {
                    if !open.remove(&number) {
                        open.insert(number);
                    }
                });
            }),
        };
        Some(view! { <FacetRow facet=Facet::Category name=category.name count=now mark=swatch fold=fold /> })
    };
    let stream = move |number: u32| {
        let stream = app.with_log(|log| log.stream_name(number).cloned()).flatten()?;
        let name = stream.to_string();
        let now = Memo::new(move |_| {
            app.head.track();
            app.with_log(|log| log.stream_version(&stream).get()).unwrap_or_default()
        });
        let chain = sized_icon("chain", 12).into_any();
        Some(view! { <FacetRow facet=Facet::Stream name=name count=now mark=chain is_child=true /> })
    };
    let row = move |entry: Entry| match entry {
        Entry::Category(number) => category(number).into_any(),
        Entry::Stream(number) => stream(number).into_any(),
    };
    view! {
        <FacetSection id="f-streams" title="Streams" note=note scroller=scroller>
            <FacetList label="Categories and streams" entries=listed scroller=scroller row=row />
            <Show when=move || is_cut.get()>
                <p class="lf-facet__hint">"There are more: search above for a stream."</p>
            </Show>
            <Show when=move || is_empty.get()>
                <p class="lf-facet__hint">"No category and no stream has this text."</p>
            </Show>
        </FacetSection>
    }
}

/// The lines of the list; names are looked at bit by bit, and only once somebody wants to see them.
fn listed(app: App, needle: Memo<Option<Needle>>, open: RwSignal<HashSet<usize>>) -> Memo<Arc<Vec<Entry>>> {
    let turn = RwSignal::new(0_u64);
    let kept = StoredValue::new((0, StreamGroups::default()));
    let names = Memo::new(move |_| {
        app.facets.with(|facets| facets.categories.iter().map(|category| category.name.clone()).collect::<Vec<_>>())
    });
    let streams = Memo::new(move |_| app.facets.with(|facets| facets.streams));
    Memo::new(move |_| {
        let (needle, open, epoch) = (needle.get(), open.get(), app.epoch.get());
        let named = named(app);
        let (old_epoch, mut groups) = kept.try_update_value(std::mem::take).unwrap_or_default();
        if old_epoch != epoch || groups.needle() != needle.as_ref() {
            groups = StreamGroups::new(needle);
        }
        if groups.needle().is_some() || !open.is_empty() {
            streams.track();
            turn.track();
            let until = now_ms() + TURN_MS;
            let is_done = app.with_log(|log| groups.look(log, || now_ms() < until)).unwrap_or(true);
            if !is_done {
                set_timeout(
                    move || {
                        let _ = turn.try_update(|number| *number += 1);
                    },
                    Duration::ZERO,
                );
            }
        }
        let entries = names.with(|names| entries(names, &groups, &open, &named));
        kept.set_value((epoch, groups));
        Arc::new(entries)
    })
}

/// The streams that the filter names, by category: they are listed whatever is open.
fn named(app: App) -> HashMap<usize, Vec<u32>> {
    let mut named = HashMap::<usize, Vec<u32>>::new();
    let wanted: Vec<StreamName> = app.filter.with(|filter| {
        let streams = filter.rules().filter(|(facet, ..)| *facet == Facet::Stream);
        streams.filter_map(|(_, name, _)| StreamName::new(name).ok()).collect()
    });
    for stream in wanted {
        let number = app.with_log(|log| {
            let first = *log.stream_positions(&stream).first()?;
            log.stream_index_of(Position::from(first))
        });
        let category = app
            .facets
            .with_untracked(|facets| facets.categories.iter().position(|category| category.name == stream.category()));
        if let (Some(Some(number)), Some(category)) = (number, category) {
            named.entry(category).or_default().push(number);
        }
    }
    named
}
