//! The desk of what-if branches: those of the open store, the one that is looked at, and what is done to it.

mod compare;
mod export;
mod forms;
mod view;

use std::collections::HashMap;
use std::sync::Arc;

use leftfold_core::Position;
use leptos::prelude::*;

use super::shelf::Shelf;
use super::{App, Phase, Trouble};
use crate::model::branch::{Arrangement, Branches, Change, Drafts, EventRef, NamedBranch, Rerun};
use crate::model::format;
use crate::model::place::PageView;
use crate::model::timeline::Command;
use crate::sample;

pub(crate) use compare::{Comparison, FirstKey, RerunKey, SideKey};
pub(crate) use export::{FileKind, TestKey};
pub(crate) use forms::{EditForm, Form, InsertForm, Issuing};
pub(crate) use view::RowView;

use super::latest::Latest;

/// What a narrow page shows of a branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BranchView {
    Events,
    State,
}

/// The desk.
#[derive(Clone, Copy)]
pub(crate) struct WhatIfDesk {
    pub(super) shelf: Shelf<Branches>,
    pub(crate) all: RwSignal<Branches>,
    /// The name of the branch that is looked at, as the address has it.
    pub(crate) chosen: RwSignal<Option<String>>,
    /// That branch: without a name the latest.
    pub(crate) branch: Memo<Option<Arc<NamedBranch>>>,
    pub(crate) arrangement: Memo<Option<Arc<Arrangement>>>,
    /// What its commands came to, as far as it is known; of none while they are not decided anew.
    pub(crate) outcome: Memo<Arc<Rerun>>,
    /// The row that the keyboard is at.
    pub(crate) picked: RwSignal<Option<EventRef>>,
    /// The row that is to be shown, and to have the focus.
    pub(crate) goal: RwSignal<Option<EventRef>>,
    pub(crate) form: RwSignal<Option<Form>>,
    pub(crate) view: RwSignal<BranchView>,
    /// Whether states are compared at the end, not at the cursor.
    pub(crate) at_end: RwSignal<bool>,
    pub(crate) rerun: Latest<RerunKey, Rerun>,
    pub(crate) sides: Latest<SideKey, Comparison>,
    pub(crate) first: Latest<FirstKey, Option<Position>>,
    /// The text of the test that is exported.
    pub(crate) test: Latest<TestKey, String>,
    drafts: StoredValue<HashMap<String, Drafts>>,
    /// Whether something can be undone and redone.
    pub(crate) can: RwSignal<(bool, bool)>,
}

impl WhatIfDesk {
    pub(super) fn new() -> Self {
        let shelf: Shelf<Branches> = Shelf::new();
        let chosen = RwSignal::new(None::<String>);
        let all = shelf.all;
        let branch = Memo::new(move |_| {
            let chosen = chosen.get();
            all.with(|all| {
                let named = chosen.as_deref().and_then(|name| all.named(name));
                named.or_else(|| all.all().last()).cloned().map(Arc::new)
            })
        });
        let rerun: Latest<RerunKey, Rerun> = Latest::worth(RerunKey::is_worth);
        let arrangement =
            Memo::new(move |_| branch.with(|branch| branch.as_ref().map(|branch| Arc::new(Arrangement::of(branch)))));
        let outcome = Memo::new(move |_| {
            let shown = rerun.shown();
            let decides = branch.with(|branch| branch.as_ref().is_some_and(|branch| branch.reruns));
            let now = arrangement.get();
            let fits = shown.filter(|shown| decides && now.as_ref() == Some(&shown.key.arrangement));
            fits.and_then(|shown| shown.answer.ok()).unwrap_or_default()
        });
        Self {
            shelf,
            all,
            chosen,
            branch,
            arrangement,
            outcome,
            picked: RwSignal::new(None),
            goal: RwSignal::new(None),
            form: RwSignal::new(None),
            view: RwSignal::new(BranchView::Events),
            at_end: RwSignal::new(false),
            rerun,
            sides: Latest::worth(SideKey::is_worth),
            first: Latest::worth(FirstKey::is_worth),
            test: Latest::new(),
            drafts: StoredValue::new(HashMap::new()),
            can: RwSignal::new((false, false)),
        }
    }

    pub(super) fn run(self, app: App) {
        self.shelf.run(app);
        Effect::new(move |_| {
            app.epoch.track();
            self.rerun.clear();
            self.sides.clear();
            self.first.clear();
            self.test.clear();
            self.form.set(None);
            self.picked.set(None);
            self.drafts.set_value(HashMap::new());
        });
        Effect::new(move |before: Option<Option<String>>| {
            let name = self.branch.with(|branch| branch.as_ref().map(|branch| branch.name().to_owned()));
            self.tell_drafts(name.as_deref());
            // What was typed was meant for another branch: another tab may have taken that away.
            if before.is_some_and(|before| before != name) {
                self.form.set(None);
            }
            name
        });
    }

    fn tell_drafts(self, name: Option<&str>) {
        let can = self.drafts.with_value(|drafts| {
            let drafts = name.and_then(|name| drafts.get(name));
            drafts.map_or((false, false), |drafts| (drafts.can_undo(), drafts.can_redo()))
        });
        if self.can.get_untracked() != can {
            self.can.set(can);
        }
    }

    /// Whether the commands behind the events of the open store are known.
    pub(crate) fn knows_commands(self, app: App) -> bool {
        matches!(app.phase.get(), Phase::Open { name } if name == sample::STORE)
    }

    /// Asks for the name of a branch that leaves the log at the cursor.
    pub(crate) fn ask_for_name(self, app: App) {
        self.form.set(Some(Form::Fork(app.cursor.get_untracked())));
    }

    /// Makes a branch that leaves the log at an event, and looks at it.
    pub(crate) fn fork(self, app: App, name: &str, at: Position) -> Result<(), String> {
        self.shelf.read(app);
        let mut all = self.all.get_untracked();
        let branch = NamedBranch::new(name, at).map_err(|error| error.to_string())?;
        let name = branch.name().to_owned();
        all.add(branch).map_err(|error| error.to_string())?;
        self.shelf.keep(app, all);
        self.choose(app, name);
        Ok(())
    }

    /// Looks at another branch.
    pub(crate) fn choose(self, app: App, name: String) {
        self.picked.set(None);
        self.chosen.set(Some(name));
        app.page.set(PageView::WhatIf);
    }

    /// A name for a branch at a position that none has.
    pub(crate) fn free_name(self, app: App, at: Position) -> String {
        let kind = app.row(at).map_or_else(|| "what-if".to_owned(), |row| format!("{}-{at}", row.event_type));
        self.all.with_untracked(|all| all.free_name(&kind))
    }

    /// Gives the branch another name.
    pub(crate) fn rename(self, app: App, name: &str) -> Result<(), String> {
        let Some(before) = self.branch.get_untracked() else { return Ok(()) };
        let mut branch = self.as_kept(app, before.name())?;
        branch.rename(name).map_err(|error| error.to_string())?;
        self.replace(app, before.name(), branch.clone())?;
        self.drafts.update_value(|drafts| {
            if let Some(own) = drafts.remove(before.name()) {
                drafts.insert(branch.name().to_owned(), own);
            }
        });
        self.chosen.set(Some(branch.name().to_owned()));
        Ok(())
    }

    /// Takes the branch away; it can be had back.
    pub(crate) fn delete(self, app: App) {
        let Some(branch) = self.branch.get_untracked() else { return };
        self.shelf.read(app);
        let mut all = self.all.get_untracked();
        let Some((index, removed)) = all.remove(branch.name()) else { return };
        self.chosen.set(None);
        // Another branch may be given its name.
        self.drafts.update_value(|drafts| {
            drafts.remove(removed.name());
        });
        self.shelf.keep(app, all);
        let epoch = app.epoch();
        app.toast_to_undo("Branch deleted", removed.name().to_owned(), move || {
            if app.epoch() == epoch {
                self.put_back(app, index, removed.clone());
            }
        });
    }

    /// Puts a branch back that was taken away: under another name, where one has its own by now.
    fn put_back(self, app: App, index: usize, mut branch: NamedBranch) {
        self.shelf.read(app);
        let mut all = self.all.get_untracked();
        let name = all.free_name(branch.name());
        if branch.rename(&name).is_ok() && all.put_back(index, branch) {
            self.shelf.keep(app, all);
            self.chosen.set(Some(name));
        }
    }

    /// Makes a change of the branch; what cannot be made is told.
    pub(crate) fn make(self, app: App, change: Change) -> Result<(), String> {
        let head = app.head.get_untracked();
        self.change(app, |branch| branch.make(change, head).map_err(|error| error.to_string()))
    }

    /// Makes a change, and complains where it cannot be made. Whether it was made.
    pub(crate) fn try_make(self, app: App, change: Change) -> bool {
        let made = self.make(app, change);
        if let Err(message) = &made {
            app.complain("This cannot be changed", Trouble::new(message.clone(), "invalid-input"));
        }
        made.is_ok()
    }

    /// Takes back all that was done to an event.
    pub(crate) fn restore(self, app: App, event: EventRef) {
        let _ = self.change(app, |branch| {
            branch.restore(event);
            Ok(())
        });
    }

    /// Decides the commands anew, or does not.
    pub(crate) fn set_reruns(self, app: App, reruns: bool) {
        let _ = self.change(app, |branch| {
            branch.reruns = reruns;
            Ok(())
        });
    }

    fn change(self, app: App, change: impl FnOnce(&mut NamedBranch) -> Result<(), String>) -> Result<(), String> {
        let Some(shown) = self.branch.get_untracked() else { return Ok(()) };
        let before = self.as_kept(app, shown.name())?;
        let mut after = before.clone();
        change(&mut after)?;
        if after == before {
            return Ok(());
        }
        self.drafts
            .update_value(|drafts| drafts.entry(before.name().to_owned()).or_default().note(before.clone(), &after));
        self.replace(app, before.name(), after)
    }

    /// The branch of a name as other tabs may have left it.
    fn as_kept(self, app: App, name: &str) -> Result<NamedBranch, String> {
        self.shelf.read(app);
        let kept = self.all.with_untracked(|all| all.named(name).cloned());
        kept.ok_or_else(|| format!("{name} is no more: another tab has renamed or deleted it."))
    }

    /// Undoes the last change of the branch. Whether there was one.
    pub(crate) fn undo(self, app: App) -> bool {
        self.go(app, Drafts::undo)
    }

    /// Makes the change again that was undone last. Whether there was one.
    pub(crate) fn redo(self, app: App) -> bool {
        self.go(app, Drafts::redo)
    }

    fn go(self, app: App, how: impl FnOnce(&mut Drafts, &NamedBranch) -> Option<NamedBranch>) -> bool {
        let Some(shown) = self.branch.get_untracked() else { return false };
        let Ok(now) = self.as_kept(app, shown.name()) else { return false };
        let own = self.drafts.try_update_value(|drafts| {
            let drafts = drafts.entry(now.name().to_owned()).or_default();
            let is_own = drafts.left(&now);
            if !is_own {
                *drafts = Drafts::default();
            }
            is_own.then(|| how(drafts, &now))
        });
        let Some(then) = own.flatten() else {
            self.tell_drafts(Some(now.name()));
            app.note("Not undone", "Another tab has changed this branch since. Nothing of that is taken back.");
            return true;
        };
        let Some(mut then) = then else { return false };
        // It may have been given another name since.
        let _ = then.rename(now.name());
        self.replace(app, now.name(), then).is_ok()
    }

    fn replace(self, app: App, before: &str, branch: NamedBranch) -> Result<(), String> {
        let mut all = self.all.get_untracked();
        let name = branch.name().to_owned();
        let row = self.row_of_picked();
        all.replace(before, branch).map_err(|error| error.to_string())?;
        self.shelf.keep(app, all);
        self.tell_drafts(Some(&name));
        // A new event may be gone: the keyboard goes on at the one that has taken its row.
        if let Some(row) = row.filter(|_| self.row_of_picked().is_none()) {
            let head = app.head.get_untracked();
            let arrangement = self.arrangement.get_untracked();
            let at = |row: u64| arrangement.as_ref().and_then(|all| all.event(row, head));
            let next = at(row).or_else(|| at(row.checked_sub(1)?));
            self.goal.set(next);
            // The cursor stays where it is.
            self.picked.set(next);
        }
        Ok(())
    }

    fn row_of_picked(self) -> Option<u64> {
        self.row_of(self.picked.get_untracked()?)
    }

    fn row_of(self, event: EventRef) -> Option<u64> {
        self.arrangement.get_untracked()?.row_of(event)
    }

    /// What something new is put behind: the row that is marked as that of the cursor, else the last event that is shared.
    pub(crate) fn place_for_new(self, app: App) -> Option<EventRef> {
        let fork = self.branch.with_untracked(|branch| branch.as_ref().map(|branch| branch.fork()))?;
        let here = untrack(|| self.here(app)).filter(|here| self.row_of(*here).is_some());
        Some(here.unwrap_or(EventRef::Stored(Position::new(fork.get() - 1))))
    }

    /// Adds a branch from a file.
    pub(crate) fn take_in(self, app: App, text: &str) -> Result<(), String> {
        self.shelf.read(app);
        let mut branch = NamedBranch::from_json(text, app.head.get_untracked()).map_err(|error| error.to_string())?;
        let mut all = self.all.get_untracked();
        let free = all.free_name(branch.name());
        branch.rename(&free).map_err(|error| error.to_string())?;
        all.add(branch).map_err(|error| error.to_string())?;
        self.shelf.keep(app, all);
        self.choose(app, free);
        Ok(())
    }

    /// Moves an event by one row.
    pub(crate) fn move_by(self, app: App, event: EventRef, is_up: bool) {
        let (Some(arrangement), head) = (self.arrangement.get_untracked(), app.head.get_untracked()) else { return };
        let Some(row) = arrangement.row_of(event) else { return };
        let after = if is_up {
            match row {
                0 => return,
                1 => EventRef::Stored(Position::new(arrangement.fork().get() - 1)),
                _ => match arrangement.event(row - 2, head) {
                    Some(after) => after,
                    None => return,
                },
            }
        } else {
            match arrangement.event(row + 1, head) {
                Some(after) => after,
                None => return,
            }
        };
        self.try_make(app, Change::Move { event, after });
    }

    /// Picks a row, and goes to where its event has happened.
    pub(crate) fn pick(self, app: App, event: EventRef) {
        self.picked.set(Some(event));
        let place = self.arrangement.get_untracked().and_then(|arrangement| arrangement.place_of(event));
        if let Some(place) = place.filter(|place| *place > Position::ZERO && *place != app.cursor.get_untracked()) {
            app.send(Command::SetPositionClamped(place));
        }
    }

    /// The event that the cursor is at: of those at its place the one that was picked. Follows what it depends on.
    pub(crate) fn here(self, app: App) -> Option<EventRef> {
        let (arrangement, place) = (self.arrangement.get()?, app.follows.details.get());
        let picked = self.picked.get().filter(|event| arrangement.place_of(*event) == Some(place));
        picked.filter(|event| arrangement.row_of(*event).is_some()).or_else(|| arrangement.event_at(place))
    }

    /// What an event of the branch is called.
    pub(crate) fn name_of(event: EventRef) -> String {
        match event {
            EventRef::Stored(position) => format::grouped(position.get()),
            EventRef::New(number) => format!("new {number}"),
        }
    }
}

impl App {
    /// The branch that the address names: only the page that shows one has it.
    pub(crate) fn branch_key(&self) -> Option<String> {
        if self.page.get() != PageView::WhatIf {
            return None;
        }
        self.what_if.branch.with(|branch| branch.as_ref().map(|branch| branch.name().to_owned()))
    }
}
