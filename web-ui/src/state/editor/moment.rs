//! What a run gives at the cursor: the state there, and what the event there did.

use std::sync::Arc;

use leftfold_core::js::script::{ScriptStep, ScriptTimeline};
use leftfold_core::{Cursor, Position};
use leptos::prelude::*;

use super::EditorDesk;
use super::run::{Fault, Work};
use crate::model::changes::Changes;
use crate::model::diff_table::DiffTable;
use crate::model::json::Json;
use crate::model::tree::TreeValue;
use crate::state::latest::Failure;
use crate::state::{App, Trouble};

/// A question for a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MomentKey {
    /// The number of the run.
    pub(crate) run: u64,
    pub(crate) at: Position,
    /// The partition that was chosen; empty for that of the event.
    chosen: String,
}

/// What an event did.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    /// Why it was left out.
    pub(crate) skipped: Option<String>,
    pub(crate) partition: String,
    /// What it changed in the state.
    pub(crate) changes: DiffTable,
    pub(crate) result: Option<String>,
    pub(crate) emitted: Vec<String>,
    pub(crate) logs: Vec<String>,
    pub(crate) micros: u64,
    pub(crate) fault: Option<Fault>,
}

/// A moment of a run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Moment {
    /// The partition whose state it is.
    pub(crate) partition: String,
    /// The state, or what the text makes of it; `None` where the partition does not exist.
    pub(crate) value: Option<Arc<TreeValue>>,
    pub(crate) step: Step,
    /// What it took to come here.
    pub(crate) folds: usize,
    pub(crate) micros: u64,
}

impl EditorDesk {
    /// Sees to it that what the latest run gives at the cursor is shown. Call it whenever it may be another.
    pub(crate) fn want_moment(self, app: App) {
        let (at, chosen) = (app.follows.details.get(), self.partition.get());
        let ran = self.work.with(|work| match work {
            Work::Ran(ran) => {
                let failed_at = ran.fault.as_ref().and_then(|fault| fault.at.as_ref()).map(|(at, _)| *at);
                // Behind the event that it fails at there is nothing to be shown.
                let at = failed_at.map_or(at, |failed_at| at.min(failed_at));
                Some((ran.number, at, ran.partitions.first().cloned().unwrap_or_default()))
            }
            _ => None,
        });
        let Some((run, at, first)) = ran else { return };
        if at == Position::ZERO {
            return;
        }
        self.moment.ask(MomentKey { run, at, chosen }, move |key| moment(self, app, key, first.clone()));
    }
}

async fn moment(desk: EditorDesk, app: App, key: MomentKey, first: String) -> Result<Moment, Failure> {
    let Some(timeline) = desk.timeline_of(key.run) else {
        return Err(Failure::from(Trouble::new("The run is not there any more.", "aborted")));
    };
    let said = timeline.explain(key.at).await?;
    let partition = match (&key.chosen, &said.skipped) {
        (chosen, _) if !chosen.is_empty() => chosen.clone(),
        (_, None) if said.fault.is_none() => said.partition.clone(),
        _ => first,
    };
    let before = outcome(&timeline, Position::new(key.at.get() - 1), &partition).await?;
    let now = match &said.fault {
        // Where it fails, what there was before stays.
        Some(_) => before.clone(),
        None => outcome(&timeline, key.at, &partition).await?,
    };
    let seek = timeline.last_seek();
    let value = now.map(|json| {
        let changes = Changes::between(before.as_ref().unwrap_or(&Json::Null), &json);
        Arc::new(TreeValue { json, changes })
    });
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a duration")]
    let micros = seek.micros.max(0.0) as u64;
    Ok(Moment { partition, value, step: step(app, said), folds: seek.folds, micros })
}

/// What a text gives for a partition: its result, which is the state where it makes no other.
pub(super) async fn outcome(timeline: &ScriptTimeline, at: Position, partition: &str) -> Result<Option<Json>, Failure> {
    let text = timeline.result_at(Cursor::Position(at), partition).await?;
    Ok(text.map(|text| json(&text)))
}

fn step(app: App, said: ScriptStep) -> Step {
    let of = |text: &Option<String>| text.as_deref().map(json).unwrap_or_default();
    Step {
        changes: DiffTable::between(&of(&said.before), &of(&said.after)),
        skipped: said.skipped.map(|reason| in_words(&reason)),
        partition: said.partition,
        result: said.result,
        emitted: said.emitted,
        logs: said.logs,
        micros: said.micros,
        fault: said.fault.map(|fault| Fault::new(app, fault)),
    }
}

/// The worker's texts are JSON; one that is none reads as nothing.
fn json(text: &str) -> Json {
    Json::parse(text.as_bytes()).unwrap_or_default()
}

fn in_words(reason: &str) -> String {
    match reason {
        "other stream" => "It stands in a stream that the text does not choose.".to_owned(),
        "no handler" => "The text has no handler for its type.".to_owned(),
        "not JSON" => "Its payload is not JSON.".to_owned(),
        "no partition" => "The text gives it no partition.".to_owned(),
        "no payload" => "Nothing is left of its payload in the newest schema version.".to_owned(),
        other => format!("Left out: {other}."),
    }
}
