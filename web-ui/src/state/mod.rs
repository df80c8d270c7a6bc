//! The engine, the signals, and everything that changes them.
//!
//! One [`App`] is provided to every component. Components read its memos and call its methods; what can be derived is
//! derived, never kept in step by an effect.

pub(crate) mod address;
mod app;
mod blames;
mod bookmarks;
mod breakpoint;
pub(crate) mod browser;
mod commands;
mod density;
mod editor;
mod embedded;
mod export;
mod facets;
mod field_history;
mod focus;
mod held;
mod keyboard;
mod labels;
mod latest;
mod layout;
mod marks;
mod motion;
mod news;
mod offline;
mod only;
mod paces;
mod panes;
mod payloads;
mod playback;
mod projections;
pub(crate) mod report;
mod root;
mod rows;
mod search;
mod session;
mod shelf;
mod simulator;
mod state_view;
mod stories;
mod subject;
mod text_cards;
mod texts;
mod theme;
mod trouble;
mod undo;
mod what_if;

pub(crate) use app::{App, Overlay, Phase, StoreEntry};
pub(crate) use breakpoint::Scan;
pub(crate) use commands::{CommandDesk, Outcome as CommandOutcome};
pub(crate) use editor::{Comparing, Edited, Fault, Ran, Side, Step, Work, names};
pub(crate) use export::Extent;
pub(crate) use facets::{TypeFacet, colour_class};
pub(crate) use field_history::{Field, Reach, Write};
pub(crate) use keyboard::{SHORTCUTS, is_undo};
pub(crate) use labels::LONGEST as LONGEST_LABEL;
pub(crate) use latest::Failure;
pub(crate) use layout::{Gesture, Layout, StreamOfLane};
pub(crate) use only::OnlyThese;
pub(crate) use projections::{CardState, ShownSeries, Standing, share_at};
pub(crate) use root::{Root, target_of};
pub(crate) use search::SearchStatus;
pub(crate) use state_view::StateKey;
pub(crate) use stories::REACH as STORY_REACH;
pub(crate) use subject::title as state_title;
pub(crate) use text_cards::{TextCard, TextFault, TextShown, TextState};
pub(crate) use theme::Theme;
pub(crate) use trouble::{Toast, ToastAction, ToastKind, Trouble};

pub(crate) use what_if::{
    BranchView, EditForm, FileKind, Form as WhatIfForm, InsertForm, Issuing, RowView, WhatIfDesk,
};

/// Starts everything that runs for as long as the page lives.
pub(crate) fn run(app: App) {
    app.watch_width();
    paces::run(app);
    playback::run(app);
    app.density.run(app);
    app.bookmarks.shelf.run(app);
    app.texts.run(app);
    breakpoint::run(app);
    app.what_if.run(app);
    app.editor.run_drafts(app);
    marks::run(app);
    news::run(app);
    if app.root.is_page() {
        address::run(app);
    }
    app.focus.run();
    keyboard::run(app);
    projections::run(app);
    labels::run(app);
    search::run(app);
    if app.root.is_page() {
        offline::run(app);
        app.begin();
    } else {
        embedded::run(app);
    }
}
