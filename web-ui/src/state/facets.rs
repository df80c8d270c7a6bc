//! What the rail lists: types and categories with their counts, colours and shapes.

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

/// Types and categories, each in order of first appearance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FacetTable {
    pub(crate) types: Vec<TypeFacet>,
    pub(crate) categories: Vec<CategoryFacet>,
    pub(crate) streams: usize,
    shapes: HashMap<String, &'static str>,
    epoch: u64,
    seen: Position,
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
    Memo::new(move |old: Option<&Arc<FacetTable>>| {
        let (epoch, head) = (epoch.get(), head.get());
        let old = old.filter(|old| old.epoch == epoch && old.seen <= head);
        let table =
            store.with_value(|store| store.as_ref().map(|store| store.with_log(|log| table(log, old, epoch, head))));
        Arc::new(table.unwrap_or_default())
    })
}

fn table(log: &LogView, old: Option<&Arc<FacetTable>>, epoch: u64, head: Position) -> FacetTable {
    let listed = log.categories();
    let categories: Vec<CategoryFacet> = listed
        .into_iter()
        .enumerate()
        .map(|(i, count)| CategoryFacet { name: count.category, events: count.events, shape: SHAPES[i % SHAPES.len()] })
        .collect();
    let shapes: HashMap<String, &'static str> =
        categories.iter().map(|category| (category.name.clone(), category.shape)).collect();
    let counts = log.types();
    let mut type_shapes: Vec<Option<&'static str>> = vec![None; counts.len()];
    let mut missing = counts.len();
    let mut next = Position::new(1);
    if let Some(old) = old {
        for (shape, known) in type_shapes.iter_mut().zip(&old.types) {
            *shape = Some(known.shape);
        }
        missing -= old.types.len().min(missing);
        next = old.seen.next();
    }
    while missing > 0 && next <= head {
        if let (Some(index), Some(stream)) = (log.type_index_of(next), log.stream_index_of(next))
            && let Some(shape) = type_shapes.get_mut(index as usize)
            && shape.is_none()
        {
            *shape = log.stream_name(stream).and_then(|name| shapes.get(name.category())).copied();
            missing -= 1;
        }
        next = next.next();
    }
    let types = counts.into_iter().zip(type_shapes).zip(0..).map(|((count, shape), index)| TypeFacet {
        name: count.event_type.to_string(),
        count: count.count,
        colour: colour_class(index),
        shape: shape.unwrap_or(SHAPES[0]),
    });
    FacetTable { types: types.collect(), categories, streams: log.stream_count(), shapes, epoch, seen: head }
}
