//! The rows of the log that pass the filter, extended as the log grows.

use std::sync::Arc;

use leftfold_core::{EventStore, LogView, Position};
use leptos::prelude::*;

use crate::model::filter::{Filter, Rows};

/// The filtered log, and what it was made from.
#[derive(Clone)]
pub(crate) struct FilteredLog {
    pub(crate) rows: Arc<Rows>,
    epoch: u64,
    head: Position,
    filter: Filter,
}

pub(super) fn memo(
    store: StoredValue<Option<EventStore>, LocalStorage>,
    epoch: RwSignal<u64>,
    head: Memo<Position>,
    filter: RwSignal<Filter>,
) -> Memo<FilteredLog> {
    Memo::new_owning(move |old: Option<FilteredLog>| {
        let (epoch, head) = (epoch.get(), head.get());
        let filter = filter.get();
        let old = old.filter(|old| old.epoch == epoch && old.filter == filter && old.head <= head);
        let rows = if filter.is_empty() {
            Arc::new(Rows::All { head })
        } else {
            let (mut rows, from) = match old {
                Some(FilteredLog { rows, head, .. }) => (rows, head.next()),
                None => (Arc::new(Rows::Some(Vec::new())), Position::new(1)),
            };
            if let Rows::Some(positions) = Arc::make_mut(&mut rows) {
                store.with_value(|store| {
                    if let Some(store) = store {
                        store.with_log(|log| extend(positions, log, &filter, from, head));
                    }
                });
            }
            rows
        };
        (FilteredLog { rows, epoch, head, filter }, true)
    })
}

fn extend(positions: &mut Vec<u32>, log: &LogView, filter: &Filter, from: Position, head: Position) {
    let types: Vec<bool> = log.types().iter().map(|kind| filter.passes_type(kind.event_type.as_str())).collect();
    let looks_at_streams = filter.looks_at_streams();
    let mut streams: Vec<Option<bool>> = if looks_at_streams { vec![None; log.stream_count()] } else { Vec::new() };
    for number in from.get()..=head.get().min(log.head().get()) {
        let position = Position::new(number);
        let passes_type =
            log.type_index_of(position).and_then(|index| types.get(index as usize)).copied().unwrap_or(false);
        if !passes_type {
            continue;
        }
        if looks_at_streams {
            let Some(index) = log.stream_index_of(position) else { continue };
            let Some(verdict) = streams.get_mut(index as usize) else { continue };
            let passes = *verdict.get_or_insert_with(|| {
                log.stream_name(index).is_some_and(|name| filter.passes_stream(name.as_str(), name.category()))
            });
            if !passes {
                continue;
            }
        }
        positions.extend(u32::try_from(number));
    }
}
