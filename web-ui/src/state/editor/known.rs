//! What the log has, for templates and completion: types and categories from its index, members from some payloads.

use std::collections::BTreeSet;
use std::sync::Arc;

use leftfold_core::{ContentType, Position, StreamFilter};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Serialize;

use super::EditorDesk;
use crate::model::json::Json;
use crate::model::script::{Known, Member, Shapes};
use crate::state::App;
use crate::state::browser::breathe;

/// Payloads that are looked at, besides the first of every type.
const SAMPLES: u64 = 160;
/// Types whose first payload is looked at.
const MOST_TYPES: usize = 200;
/// How many are fetched at once.
const PAGE: usize = 24;
/// Streams that are offered by name.
const MOST_STREAMS: usize = 100;

impl EditorDesk {
    /// Looks at the log, unless it was looked at since it had its types.
    pub(super) fn look_at_log(self, app: App) {
        let facets = app.facets.get_untracked();
        let wanted = Some((app.epoch(), facets.types.len()));
        if self.sampled.get_value() == wanted {
            return;
        }
        self.sampled.set_value(wanted);
        let known = Known {
            types: facets.types.iter().map(|facet| (facet.name.clone(), facet.count)).collect(),
            categories: facets.categories.iter().map(|facet| (facet.name.clone(), facet.events)).collect(),
            shapes: Shapes::default(),
        };
        self.known.set(Arc::new(known.clone()));
        spawn_local(async move {
            let Some(shapes) = shapes(app).await else { return };
            if self.sampled.get_value() == wanted {
                self.known.set(Arc::new(Known { shapes, ..known }));
            }
        });
    }
}

/// The members of some payloads; `None` when they could not be read, or the store was left.
async fn shapes(app: App) -> Option<Shapes> {
    let (store, epoch) = (app.store()?, app.epoch());
    let positions: BTreeSet<Position> = store.with_log(|log| {
        let firsts = (0..).map_while(|number| log.first_of_type(number)).take(MOST_TYPES);
        let head = log.head().get();
        let spread = (1..=SAMPLES).map(|number| Position::new(1 + (head.saturating_sub(1)) * number / SAMPLES));
        firsts.chain(spread.filter(|_| head > 0)).collect()
    });
    let mut shapes = Shapes::default();
    let positions: Vec<Position> = positions.into_iter().collect();
    for page in positions.chunks(PAGE) {
        let events = store.events_at(page).await.ok()?;
        if app.epoch() != epoch {
            return None;
        }
        for event in events {
            // As handlers will see them.
            for event in store.lift(event).unwrap_or_default() {
                if *event.content() == ContentType::Json
                    && let Ok(payload) = Json::parse(event.data())
                {
                    shapes.note(event.event_type().as_str(), &payload);
                }
            }
        }
        breathe().await;
    }
    Some(shapes)
}

#[derive(Serialize)]
struct Names<'a> {
    types: Vec<TypeNames<'a>>,
    categories: Vec<&'a str>,
    streams: Vec<String>,
}

#[derive(Serialize)]
struct TypeNames<'a> {
    name: &'a str,
    count: u64,
    members: &'a [Member],
}

/// What the code editor offers while one types, as JSON.
pub(crate) fn names(app: App, known: &Known) -> String {
    let filter = StreamFilter { limit: Some(MOST_STREAMS), ..StreamFilter::default() };
    let streams = app.with_log(|log| log.streams(&filter)).unwrap_or_default();
    let names = Names {
        types: known
            .types
            .iter()
            .map(|(name, count)| TypeNames { name, count: *count, members: known.shapes.members(name) })
            .collect(),
        categories: known.categories.iter().map(|(name, _)| name.as_str()).collect(),
        streams: streams.into_iter().map(|info| info.stream.to_string()).collect(),
    };
    serde_json::to_string(&names).unwrap_or_default()
}
