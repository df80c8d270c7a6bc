//! What was typed against a saved projection, over the whole log.

use leftfold_core::js::script::{ScriptComparison, ScriptSide, ScriptTimeline, compare};
use leftfold_core::{BuildProgress, CancelToken, Position, TimelineError};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::EditorDesk;
use super::moment::outcome;
use super::run::Fault;
use crate::model::diff_table::DiffTable;
use crate::model::json::Json;
use crate::state::latest::Failure;
use crate::state::{App, Trouble};

/// What was found, as far as the log was compared.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Side {
    /// The projection that it was compared with.
    pub(crate) with: String,
    /// The first event after which they differ, and the partition.
    pub(crate) first: Option<(Position, String)>,
    pub(crate) different: u64,
    pub(crate) compared: u64,
    /// How far the log was compared, and how long it is.
    pub(crate) progress: Option<BuildProgress>,
    /// Which of them failed: the typed one, or the other.
    pub(crate) stopped: Option<(bool, Fault)>,
}

/// How a comparison stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Comparing {
    Idle,
    Running(Side),
    /// It is over; the number of the comparison.
    Done(Side, u64),
    Failed(String),
}

/// The two texts of a comparison, and their workers once they are asked.
#[derive(Default)]
pub(super) struct Compared {
    number: u64,
    cancel: CancelToken,
    texts: Option<(String, String)>,
    timelines: Option<(ScriptTimeline, ScriptTimeline)>,
}

/// A question for both states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SidesKey {
    number: u64,
    pub(crate) at: Position,
    partition: String,
}

/// Both states at a position: the typed text's is on the right.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sides {
    pub(crate) table: DiffTable,
    /// Whether the partition exists for neither of them.
    pub(crate) is_absent: bool,
}

impl EditorDesk {
    /// Compares what was typed with a saved projection.
    pub(crate) fn compare_with(self, app: App, with: &str) {
        let saved = app.texts.all.with_untracked(|all| all.named(with).cloned());
        let (Some(store), Some(saved)) = (app.store(), saved) else { return };
        self.stop_comparing();
        let number = app.next_number();
        let cancel = CancelToken::new();
        let typed = self.source.get_untracked();
        let texts = (saved.source, typed);
        self.compared.update_value(|compared| {
            compared.number = number;
            compared.cancel = cancel.clone();
            compared.texts = Some(texts.clone());
        });
        let side = move |found: &ScriptComparison, progress: Option<BuildProgress>| Side {
            with: saved.name.clone(),
            first: found.first.clone(),
            different: found.different,
            compared: found.compared,
            progress,
            stopped: found.stopped.clone().map(|(side, fault)| (side == ScriptSide::B, Fault::new(app, fault))),
        };
        self.comparing.set(Comparing::Running(side(&ScriptComparison::default(), None)));
        spawn_local(async move {
            let mut last = None;
            let told = |progress: BuildProgress, found: &ScriptComparison| {
                last = Some(progress);
                if self.is_comparison(number) {
                    self.comparing.set(Comparing::Running(side(found, Some(progress))));
                }
            };
            let found = compare(&store, &texts.0, &texts.1, told, &cancel).await;
            if !self.is_comparison(number) {
                return;
            }
            self.comparing.set(match found {
                Ok(found) => Comparing::Done(side(&found, last), number),
                Err(TimelineError::Aborted) => Comparing::Idle,
                Err(error) => Comparing::Failed(error.to_string()),
            });
        });
    }

    fn is_comparison(self, number: u64) -> bool {
        self.compared.try_with_value(|compared| compared.number == number) == Some(true)
    }

    /// Ends a comparison, or takes away what it has found.
    pub(crate) fn stop_comparing(self) {
        self.compared.update_value(|compared| {
            compared.cancel.cancel();
            *compared = Compared::default();
        });
        self.comparing.set(Comparing::Idle);
        self.sides.clear();
    }

    /// Sees to it that both states at the cursor are shown, of the partition in which the two first differ. Call it whenever they
    /// may be others.
    pub(crate) fn want_sides(self, app: App) {
        let at = app.follows.details.get();
        let found = self.comparing.with(|comparing| match comparing {
            Comparing::Done(side, number) => side.first.clone().map(|(_, partition)| (*number, partition)),
            _ => None,
        });
        if let Some((number, partition)) = found {
            self.sides.ask(SidesKey { number, at, partition }, move |key| sides(self, app, key));
        }
    }
}

async fn sides(desk: EditorDesk, app: App, key: SidesKey) -> Result<Sides, Failure> {
    let gone = || Failure::from(Trouble::new("The comparison is not there any more.", "aborted"));
    let known = desk.compared.try_with_value(|compared| {
        (compared.number == key.number).then(|| (compared.timelines.clone(), compared.texts.clone()))
    });
    let (timelines, texts) = known.flatten().ok_or_else(gone)?;
    let (saved, typed) = match timelines {
        Some(timelines) => timelines,
        None => {
            let (saved, typed) = texts.ok_or_else(gone)?;
            let store = app.store().ok_or_else(gone)?;
            let start =
                async |text: &str| ScriptTimeline::start(store.clone(), text).await.map_err(TimelineError::from);
            let both = (start(&saved).await?, start(&typed).await?);
            desk.compared.update_value(|compared| {
                if compared.number == key.number {
                    compared.timelines = Some(both.clone());
                }
            });
            both
        }
    };
    let of_saved = outcome(&saved, key.at, &key.partition).await?;
    let of_typed = outcome(&typed, key.at, &key.partition).await?;
    let is_absent = of_saved.is_none() && of_typed.is_none();
    let value = |json: Option<Json>| json.unwrap_or_default();
    Ok(Sides { table: DiffTable::between(&value(of_saved), &value(of_typed)), is_absent })
}
