//! What the rail lists: types, categories and tags with their counts, colours and shapes.

use std::collections::HashMap;
use std::sync::Arc;

use leftfold_core::{EventStore, LogView, Position};
use leptos::prelude::*;

use crate::model::histogram::COLOURS;

const SHAPES: [&str; 4] = ["circle", "diamond", "square", "triangle"];

/// An event type of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TypeFacet {
    pub(crate) name: String,
    pub(crate) count: u64,
    /// The class that gives its colour.
    pub(crate) colour: String,
    /// The shape of the category in which it first appeared.
    pub(crate) shape: &'static str,
}

/// A category of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CategoryFacet {
    pub(crate) name: String,
    pub(crate) events: u64,
    pub(crate) shape: &'static str,
}

/// A tag of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TagFacet {
    pub(crate) name: String,
    pub(crate) count: u64,
}

/// Types, categories and tags, each in order of first appearance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FacetTable {
    pub(crate) types: Vec<TypeFacet>,
    pub(crate) categories: Vec<CategoryFacet>,
    pub(crate) tags: Vec<TagFacet>,
    pub(crate) streams: usize,
    shapes: HashMap<String, &'static str>,
}

impl FacetTable {
    /// The shape of a category.
    pub(crate) fn shape_of(&self, category: &str) -> &'static str {
        self.shapes.get(category).copied().unwrap_or(SHAPES[0])
    }
}

/// The class that gives the colour of a type index.
pub(crate) fn colour_class(type_index: u32) -> String {
    format!("lf-c{}", type_index as usize % COLOURS + 1)
}

pub(super) fn memo(
    store: StoredValue<Option<EventStore>, LocalStorage>,
    epoch: RwSignal<u64>,
    head: Memo<Position>,
) -> Memo<Arc<FacetTable>> {
    Memo::new(move |_| {
        epoch.track();
        head.track();
        let table = store.with_value(|store| store.as_ref().map(|store| store.with_log(table)));
        Arc::new(table.unwrap_or_default())
    })
}

fn table(log: &LogView) -> FacetTable {
    let categories: Vec<CategoryFacet> = log
        .categories()
        .into_iter()
        .enumerate()
        .map(|(i, count)| CategoryFacet { name: count.category, events: count.events, shape: SHAPES[i % SHAPES.len()] })
        .collect();
    let shapes: HashMap<String, &'static str> =
        categories.iter().map(|category| (category.name.clone(), category.shape)).collect();
    let shape_of_type = |number| {
        let stream = log.stream_index_of(log.first_of_type(number)?)?;
        shapes.get(log.stream_name(stream)?.category()).copied()
    };
    let types = log.types().into_iter().zip(0..).map(|(count, number)| TypeFacet {
        name: count.event_type.to_string(),
        count: count.count,
        colour: colour_class(number),
        shape: shape_of_type(number).unwrap_or(SHAPES[0]),
    });
    let tags = log.tags().into_iter().map(|count| TagFacet { name: count.tag.to_string(), count: count.count });
    FacetTable { types: types.collect(), categories, tags: tags.collect(), streams: log.stream_count(), shapes }
}
