//! What a query finds: actions, a position, stores, event types and streams.

use leftfold_core::Position;
use leptos::prelude::*;

use super::actions::{ACTIONS, Action};
use crate::model::filter::{Facet, Rule};
use crate::model::format;
use crate::model::palette::{position, rank};
use crate::model::place::{PageView, View};
use crate::state::{App, Phase};

/// How many of each kind are listed.
const MOST: usize = 6;
/// How many streams are looked at; beyond them the filter rail searches.
const MOST_STREAMS: usize = 20_000;

/// Where a result leads.
#[derive(Clone)]
pub(super) enum Target {
    Action(Action),
    Position(Position),
    Store(String),
    Only(Facet, String),
}

/// The mark in front of a result.
#[derive(Clone, PartialEq)]
pub(super) enum Mark {
    Icon(&'static str),
    Swatch { colour: String, shape: &'static str },
}

/// A result.
#[derive(Clone)]
pub(super) struct Found {
    pub(super) target: Target,
    pub(super) mark: Mark,
    pub(super) text: String,
    pub(super) end: String,
    pub(super) keys: &'static [&'static str],
}

impl PartialEq for Found {
    fn eq(&self, other: &Self) -> bool {
        (&self.mark, &self.text, &self.end, self.target.group(), self.target.name())
            == (&other.mark, &other.text, &other.end, other.target.group(), other.target.name())
    }
}

impl Target {
    /// The title of the group that it is listed in.
    pub(super) fn group(&self) -> &'static str {
        match self {
            Self::Action(_) => "Commands",
            Self::Position(_) => "Events",
            Self::Store(_) => "Stores",
            Self::Only(Facet::Type, _) => "Show only a type",
            Self::Only(..) => "Show only a stream",
        }
    }

    /// What it is called where it leads: stores may have the same label.
    fn name(&self) -> Option<&str> {
        match self {
            Self::Action(_) | Self::Position(_) => None,
            Self::Store(name) | Self::Only(_, name) => Some(name),
        }
    }

    /// Goes there, or does it.
    pub(super) fn go(&self, app: App) {
        match self {
            Self::Action(action) => (action.run)(app),
            Self::Position(at) => app.jump_to(*at),
            Self::Store(name) => {
                app.stop_simulator();
                app.open(name.clone());
            }
            Self::Only(facet, name) => {
                app.page.set(PageView::Debugger);
                app.view.set(View::Log);
                app.change(|it| it.filter.set(*facet, name, Some(Rule::Only)));
            }
        }
    }
}

/// What answers a query, in the order of the list. Without a query: the actions.
pub(super) fn find(app: App, query: &str) -> Vec<Found> {
    let mut found = Vec::new();
    found.extend(position(query).and_then(|at| event(app, Position::new(at))));
    found.extend(actions(app, query));
    if query.trim().is_empty() {
        return found;
    }
    let open = app.phase.with_untracked(|phase| match phase {
        Phase::Open { name } => Some(name.clone()),
        _ => None,
    });
    let stores = app.stores.with_untracked(|stores| {
        let others = stores.iter().filter(|store| Some(&store.name) != open.as_ref());
        best(query, others.map(|store| (app.label_of(&store.name), (store.name.clone(), store.events))))
    });
    found.extend(stores.into_iter().map(|(text, (name, events))| Found {
        target: Target::Store(name),
        mark: Mark::Icon("database"),
        text,
        end: format::counted(events, "event"),
        keys: &[],
    }));
    if open.is_some() {
        found.extend(types(app, query));
        found.extend(streams(app, query));
    }
    found
}

fn best<T>(query: &str, candidates: impl Iterator<Item = (String, T)>) -> Vec<(String, T)> {
    let ranked = candidates.filter_map(|(text, value)| Some((rank(query, &text)?, text, value)));
    let mut ranked: Vec<_> = ranked.collect();
    ranked.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    ranked.into_iter().take(MOST).map(|(_, text, value)| (text, value)).collect()
}

fn event(app: App, at: Position) -> Option<Found> {
    let row = app.row(at)?;
    let colour = app.with_log(|log| log.type_index_of(at)).flatten().map(crate::state::colour_class)?;
    let shape = app.facets.with_untracked(|facets| facets.shape_of(row.stream.category()));
    Some(Found {
        target: Target::Position(at),
        mark: Mark::Swatch { colour, shape },
        text: format!("{} in {}", row.event_type, row.stream),
        end: format::position(at),
        keys: &[],
    })
}

fn actions(app: App, query: &str) -> Vec<Found> {
    let there = ACTIONS.into_iter().filter(|action| action.is_there(app));
    let entry = |action: Action| Found {
        target: Target::Action(action),
        mark: Mark::Icon(action.icon),
        text: action.title.to_owned(),
        end: String::new(),
        keys: action.keys,
    };
    if query.trim().is_empty() {
        return there.map(entry).collect();
    }
    let found = best(query, there.map(|action| (action.title.to_owned(), action)));
    found.into_iter().map(|(_, action)| entry(action)).collect()
}

fn types(app: App, query: &str) -> Vec<Found> {
    app.facets.with_untracked(|facets| {
        let found = best(query, facets.types.iter().map(|facet| (facet.name.clone(), facet)));
        let entry = |(text, facet): (String, &crate::state::TypeFacet)| Found {
            target: Target::Only(Facet::Type, text.clone()),
            mark: Mark::Swatch { colour: facet.colour.clone(), shape: facet.shape },
            text,
            end: format::counted(facet.count, "event"),
            keys: &[],
        };
        found.into_iter().map(entry).collect()
    })
}

fn streams(app: App, query: &str) -> Vec<Found> {
    let names = app.with_log(|log| {
        let numbers = 0..u32::try_from(log.stream_count().min(MOST_STREAMS)).unwrap_or(u32::MAX);
        best(query, numbers.filter_map(|number| Some((log.stream_name(number)?.to_string(), ()))))
    });
    let entry = |(text, ()): (String, ())| Found {
        target: Target::Only(Facet::Stream, text.clone()),
        mark: Mark::Icon("chain"),
        text,
        end: String::new(),
        keys: &[],
    };
    names.unwrap_or_default().into_iter().map(entry).collect()
}
