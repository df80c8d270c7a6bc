//! What can be done from the command palette, and by which keys.

use leptos::prelude::*;

use crate::components::import::choose_file;
use crate::components::stores::SIMULATOR_RATE;
use crate::model::place::{InspectorTab, PageView};
use crate::model::timeline::{Command, Direction, StepUnit};
use crate::state::{App, Overlay, Phase};

/// Something that can be done from anywhere.
#[derive(Clone, Copy)]
pub(super) struct Action {
    pub(super) title: &'static str,
    pub(super) icon: &'static str,
    pub(super) keys: &'static [&'static str],
    pub(super) run: fn(App),
    needs: Needs,
}

/// What must be there for an action.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    Nothing,
    Store,
    Events,
    /// A page of its own.
    Page,
    /// The same, with a store.
    PageOfStore,
    /// The same, with events.
    PageOfEvents,
}

impl Action {
    /// Whether it can be done now.
    pub(super) fn is_there(&self, app: App) -> bool {
        let is_page = app.root.is_page();
        let is_open = app.phase.with_untracked(|phase| matches!(phase, Phase::Open { .. }));
        let has_events = is_open && app.head.get_untracked().get() > 0;
        match self.needs {
            Needs::Nothing => true,
            Needs::Store => is_open,
            Needs::Events => has_events,
            Needs::Page => is_page,
            Needs::PageOfStore => is_page && is_open,
            Needs::PageOfEvents => is_page && has_events,
        }
    }
}

const fn action(
    needs: Needs,
    icon: &'static str,
    title: &'static str,
    keys: &'static [&'static str],
    run: fn(App),
) -> Action {
    Action { title, icon, keys, run, needs }
}

/// Everything that can be done, most used first.
pub(super) const ACTIONS: [Action; 31] = [
    action(Needs::Events, "to-end", "Go live", &["End"], |app| app.send(Command::GoLive)),
    action(Needs::Events, "to-start", "Go to the first event", &["Home"], |app| app.send(Command::ToStart)),
    action(Needs::Events, "play", "Play or pause", &["Space"], |app| app.send(Command::TogglePlay)),
    action(Needs::Events, "step-fwd", "Next event of the same stream", &["Shift", "→"], |app| {
        app.send(Command::StepBy(StepUnit::Stream, Direction::Forwards));
    }),
    action(Needs::Events, "step-back", "Previous event of the same stream", &["Shift", "←"], |app| {
        app.send(Command::StepBy(StepUnit::Stream, Direction::Backwards));
    }),
    action(Needs::Events, "pin", "Set cursor A here", &["A"], |app| {
        app.send(Command::SetA(Some(app.cursor.get_untracked())));
    }),
    action(Needs::Events, "pin", "Set cursor B here", &["Shift", "A"], |app| {
        app.send(Command::SetB(Some(app.cursor.get_untracked())));
    }),
    action(Needs::Events, "x", "Clear cursors A and B", &[], |app| {
        app.send(Command::SetA(None));
        app.send(Command::SetB(None));
    }),
    action(Needs::Events, "x", "Clear filters", &[], App::clear_filters),
    action(Needs::Events, "rebuild", "Undo: filter, search or bookmark", &["Ctrl", "Z"], |app| {
        if !app.undo_last() {
            app.note("Nothing to undo", "Nothing is left of what was changed since the store was opened.");
        }
    }),
    action(Needs::PageOfEvents, "link", "Copy link to this moment", &[], App::copy_link),
    action(Needs::Store, "file", "Show the debugger", &[], |app| app.page.set(PageView::Debugger)),
    action(Needs::Store, "file", "Show projections", &[], |app| app.page.set(PageView::Projections)),
    action(Needs::Store, "file", "Show what-if", &[], |app| app.page.set(PageView::WhatIf)),
    action(Needs::PageOfStore, "file", "Show commands", &[], |app| app.page.set(PageView::Commands)),
    action(Needs::Events, "file", "Inspect the event", &[], |app| app.show_tab(InspectorTab::Event)),
    action(Needs::Events, "file", "Inspect state", &[], |app| app.show_tab(InspectorTab::State)),
    action(Needs::Events, "file", "Compare A and B", &[], |app| app.show_tab(InspectorTab::Diff)),
    action(Needs::Events, "file", "Blame: which event wrote each field", &[], |app| app.show_tab(InspectorTab::Blame)),
    action(Needs::Events, "branch", "What if: branch from this event", &[], |app| app.what_if.ask_for_name(app)),
    action(Needs::Events, "breakpoint", "Set a history breakpoint", &[], |app| {
        app.overlay.set(Some(Overlay::Breakpoint));
    }),
    action(Needs::Events, "step-fwd", "Next hit of the breakpoint", &[], |app| app.go_to_hit(true)),
    action(Needs::Events, "step-back", "Previous hit of the breakpoint", &[], |app| app.go_to_hit(false)),
    action(Needs::Nothing, "import", "Import events from a file", &[], choose_file),
    action(Needs::Events, "export", "Export events to a file", &[], |app| app.overlay.set(Some(Overlay::Export))),
    action(Needs::Store, "database", "Storage: figures, verify, label", &[], |app| {
        app.overlay.set(Some(Overlay::Storage));
    }),
    action(Needs::Nothing, "plus", "New store", &[], |app| app.overlay.set(Some(Overlay::NewStore))),
    action(Needs::Page, "pulse", "Run or stop the simulator", &[], |app| {
        if app.simulator.with_untracked(Option::is_some) {
            app.stop_simulator();
        } else {
            app.start_simulator(SIMULATOR_RATE);
        }
    }),
    action(Needs::Page, "file", "Load the sample", &[], App::load_sample),
    action(Needs::Nothing, "theme", "Switch theme", &[], |app| app.switch_theme()),
    action(Needs::Nothing, "help", "Keyboard shortcuts", &["?"], |app| app.overlay.set(Some(Overlay::Help))),
];
