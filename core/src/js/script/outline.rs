//! What a text says of itself, and what one event does in it.

use super::fault::ScriptFault;
use super::sandbox::Answer;
use crate::domain::{Position, Query, QueryItem, StreamName};
use crate::engine::ReadOptions;

/// What a projection's text says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScriptOutline {
    /// Which events it folds.
    pub query: Query,
    /// Whether there is more than one partition.
    pub is_partitioned: bool,
    /// Whether its partitions share a part of their states.
    pub is_shared: bool,
    /// The names of its handlers: event types, and special ones.
    pub handlers: Vec<String>,
    /// Whether the result differs from the state: there is a `transformBy` or a `filterBy`.
    pub has_result: bool,
}

/// What one event did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScriptStep {
    /// Why the event was left out, if it was.
    pub skipped: Option<String>,
    /// Its partition.
    pub partition: String,
    /// The state before it and after it, as JSON texts.
    pub before: Option<String>,
    /// The state after it.
    pub after: Option<String>,
    /// What `transformBy` and `filterBy` make of that.
    pub result: Option<String>,
    /// What was emitted, linked or copied, each as a JSON text: it is shown, and never written.
    pub emitted: Vec<String>,
    /// What was logged.
    pub logs: Vec<String>,
    /// How long the handler took, in microseconds, as exactly as the browser measures.
    pub micros: u64,
    /// What it failed with, if it did.
    pub fault: Option<ScriptFault>,
}

impl ScriptOutline {
    /// What is read of the log for it.
    pub(super) fn read_from(&self, from: Position, to: Position) -> ReadOptions {
        let query = Some(&self.query).filter(|query| **query != Query::everything()).cloned();
        ReadOptions { from: Some(from), to: Some(to), query, ..ReadOptions::default() }
    }
}

pub(super) fn outline(said: &Answer) -> Result<ScriptOutline, ScriptFault> {
    let names: Vec<String> = said.texts("names").into_iter().flatten().collect();
    let unfit = |error: String| ScriptFault::of(&format!("the text chooses events by a name that none has: {error}"));
    let query: Query = match said.text("source").as_deref() {
        Some("streams") => {
            let streams: Result<Vec<_>, _> = names.iter().map(|name| StreamName::new(name)).collect();
            QueryItem::of_streams(streams.map_err(|error| unfit(error.to_string()))?).into()
        }
        Some("categories") => QueryItem { categories: names, ..QueryItem::default() }.into(),
        _ => Query::everything(),
    };
    Ok(ScriptOutline {
        query,
        is_partitioned: said.text("partitionBy").is_some_and(|by| by != "none"),
        is_shared: said.flag("isShared"),
        handlers: said.texts("types").into_iter().flatten().collect(),
        has_result: said.flag("hasResult"),
    })
}
