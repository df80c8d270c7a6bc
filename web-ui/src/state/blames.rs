//! Which event last wrote a field, worked out for the fields that are in view.

use std::cell::RefCell;
use std::collections::HashMap;
use std::pin::pin;
use std::rc::Rc;

use futures_util::future::{Either, select};
use leftfold_core::Position;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::App;
use super::browser::sleep;
use super::latest::Failure;
use super::texts::Edition;
use crate::model::state_of::StateOf;

/// Nothing is worked out while the cursor moves.
const STILL_MS: u64 = 120;

/// What is said of a field: the position of the event; `None` where no event wrote it.
pub(crate) type Blame = Result<Option<Position>, Failure>;

#[derive(Default)]
struct Work {
    /// Store, whose state, and where: answers under another are not wanted any more.
    subject: Option<(Edition, StateOf, Position)>,
    known: HashMap<String, Blame>,
    wanted: Vec<String>,
    is_working: bool,
}

/// The events that wrote the fields of the state at the cursor.
#[derive(Clone, Copy)]
pub(crate) struct Blames {
    work: StoredValue<Rc<RefCell<Work>>, LocalStorage>,
    arrived: RwSignal<u64>,
    /// How often failures were forgotten, so that whoever has asked asks again.
    tries: RwSignal<u64>,
}

impl Blames {
    pub(super) fn new() -> Self {
        Self { work: StoredValue::new_local(Rc::default()), arrived: RwSignal::new(0), tries: RwSignal::new(0) }
    }

    /// Forgets everything: another store is open.
    pub(super) fn clear(&self) {
        self.work.with_value(|work| {
            let mut work = work.borrow_mut();
            work.subject = None;
            work.known.clear();
            work.wanted.clear();
        });
    }

    /// What is known of a field; follows arrivals.
    pub(crate) fn get(&self, of: &StateOf, at: Position, pointer: &str) -> Option<Blame> {
        self.arrived.track();
        self.work.with_value(|work| {
            let work = work.borrow();
            let is_same = work.subject.as_ref().is_some_and(|(_, known, when)| known == of && *when == at);
            work.known.get(pointer).filter(|_| is_same).cloned()
        })
    }

    /// Forgets what could not be worked out, so that it is asked for anew.
    pub(super) fn try_again(&self) {
        self.work.with_value(|work| work.borrow_mut().known.retain(|_, blame| blame.is_ok()));
        self.arrived.update(|count| *count += 1);
        self.tries.update(|tries| *tries += 1);
    }

    /// Asks for the fields in view, instead of those that were asked for before. Follows [`try_again`](Self::try_again).
    pub(crate) fn want(&self, app: App, of: StateOf, at: Position, pointers: Vec<String>) {
        self.tries.track();
        let work = self.work.with_value(Rc::clone);
        {
            let mut work = work.borrow_mut();
            let subject = Some((app.edition(), of, at));
            if work.subject != subject {
                work.subject = subject;
                work.known.clear();
            }
            work.wanted = pointers;
            if work.is_working || work.next().is_none() {
                return;
            }
            work.is_working = true;
        }
        let arrived = self.arrived;
        spawn_local(async move {
            run(app, &work, arrived).await;
            work.borrow_mut().is_working = false;
        });
    }
}

impl Work {
    fn next(&self) -> Option<String> {
        self.wanted.iter().find(|pointer| !self.known.contains_key(*pointer)).cloned()
    }
}

async fn run(app: App, work: &Rc<RefCell<Work>>, arrived: RwSignal<u64>) {
    let mut still: Option<(Edition, StateOf, Position)> = None;
    loop {
        let subject = work.borrow().subject.clone();
        let is_of_now = |edition: Edition| untrack(|| app.edition()) == edition;
        let Some((edition, of, at)) = subject.clone().filter(|(edition, ..)| is_of_now(*edition)) else { return };
        if still != subject {
            still = subject;
            sleep(STILL_MS).await;
            continue;
        }
        let Some(pointer) = work.borrow().next() else { return };
        let is_wanted = || work.borrow().subject == still && work.borrow().wanted.contains(&pointer);
        let blame = match app.subject(&of, at) {
            Err(failure) => Some(Err(failure)),
            Ok(subject) => {
                let mut asked = pin!(subject.lens.last_write(&pointer, at.into(), &subject.partition));
                loop {
                    match select(asked.as_mut(), pin!(sleep(STILL_MS))).await {
                        Either::Left((answer, _)) => break Some(answer.map_err(Failure::from)),
                        Either::Right(_) if is_wanted() && is_of_now(edition) => {}
                        Either::Right(_) => break None,
                    }
                }
            }
        };
        let is_same = work.borrow().subject == still;
        if let Some(blame) = blame.filter(|_| is_same) {
            work.borrow_mut().known.insert(pointer, blame);
            arrived.update(|count| *count += 1);
        }
    }
}
