//! The one thing that every component is given.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use leftfold_core::{EventStore, LogView, Position, Row, Timestamp};
use leptos::prelude::*;

use super::blames::Blames;
use super::bookmarks::BookmarkShelf;
use super::breakpoint::BreakpointDesk;
use super::commands::CommandDesk;
use super::density::DensityOfRows;
use super::editor::EditorDesk;
use super::export::ExportStatus;
use super::facets::{self, FacetTable};
use super::field_history::FieldHistory;
use super::focus::Focus;
use super::held::HeldKey;
use super::labels;
use super::marks::{self, Marks};
use super::motion::Motion;
use super::only::{self, OnlyThese};
use super::paces::Followers;
use super::payloads::Payloads;
use super::projections::ProjectionCards;
use super::root::Root;
use super::rows::{self, FilteredLog};
use super::search::Search;
use super::simulator::SimulatorStatus;
use super::state_view::StateViews;
use super::stories::Stories;
use super::texts::TextShelf;
use super::theme::Theme;
use super::trouble::{Toast, ToastAction, ToastKind, Trouble};
use super::undo::Undo;
use super::what_if::WhatIfDesk;
use crate::lens::Lenses;
use crate::model::filter::{Filter, Rows};
use crate::model::place::{InspectorTab, PageView, View};
use crate::model::state_of::StateOf;
use crate::model::timeline::{Command, Direction, NoSuchPosition, StepUnit, Steps, Timeline};

/// How long a note stays.
pub(super) const NOTE_STAYS: Duration = Duration::from_secs(6);
/// How long something can be undone from its toast.
const UNDO_STAYS: Duration = Duration::from_secs(12);

/// After how long it is asked again whether somebody is still at the toasts.
const HELD_TOAST_STAYS: Duration = Duration::from_secs(1);
/// The toasts while somebody is at them. The page is asked, as what is taken away from under a pointer or with the focus tells nobody.
const HELD_TOASTS: &str = ".lf-toasts:is(:hover, :focus-within)";

/// What the page is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Looking for stores.
    Starting,
    /// There is none, or none was chosen.
    NoStore,
    /// A store is being opened.
    Opening { name: String },
    /// A store is open.
    Open { name: String },
    /// A store that was open is being deleted.
    Deleting { name: String },
    /// A store could not be opened, or has closed.
    Failed { name: String, trouble: Trouble },
}

/// A store that there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoreEntry {
    pub(crate) name: String,
    pub(crate) events: u64,
    pub(crate) bytes: u64,
}

/// What lies over the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Overlay {
    Help,
    Playback,
    Bookmarks,
    Breakpoint,
    NewStore,
    DeleteStore { name: String },
    Import,
    Export,
    Palette,
    Storage,
}

/// The state of the page: signals to read, methods to change them.
#[derive(Clone, Copy)]
pub(crate) struct App {
    /// What everything stands in.
    pub(crate) root: Root,
    pub(crate) focus: Focus,
    /// Whether there is room for one pane only.
    pub(crate) is_narrow: RwSignal<bool>,
    /// The store that the element is to show, where this is one.
    pub(crate) asked: RwSignal<Option<String>>,
    pub(crate) phase: RwSignal<Phase>,
    pub(crate) stores: RwSignal<Vec<StoreEntry>>,
    pub(crate) labels: RwSignal<BTreeMap<String, String>>,
    pub(crate) filter: RwSignal<Filter>,
    pub(crate) page: RwSignal<PageView>,
    pub(crate) tab: RwSignal<InspectorTab>,
    pub(crate) view: RwSignal<View>,
    /// Whether there is an inspector beside the log, where there is room for one.
    pub(crate) has_inspector: RwSignal<bool>,
    pub(crate) overlay: RwSignal<Option<Overlay>>,
    pub(crate) toasts: RwSignal<Vec<Toast>>,
    /// How many dialogs are open.
    pub(crate) dialogs: RwSignal<usize>,
    pub(crate) theme: RwSignal<Theme>,
    pub(crate) simulator: RwSignal<Option<SimulatorStatus>>,
    pub(crate) exporting: RwSignal<Option<ExportStatus>>,
    pub(crate) state_of: RwSignal<StateOf>,
    pub(crate) import_file: RwSignal<Option<web_sys::File>, LocalStorage>,
    pub(crate) desk: CommandDesk,
    pub(crate) projections: ProjectionCards,
    pub(crate) payloads: Payloads,
    pub(crate) state_views: StateViews,
    pub(crate) blames: Blames,
    pub(crate) field_history: FieldHistory,
    pub(crate) stories: Stories,
    pub(crate) timeline: RwSignal<Timeline>,
    /// How often the address was written.
    pub(super) written: RwSignal<u64>,
    /// How often an event was gone to by its name.
    pub(super) jumps: RwSignal<u64>,
    pub(crate) cursor: Memo<Position>,
    /// Where rows and details are, which follow the cursor.
    pub(crate) follows: Followers,
    pub(crate) head: Memo<Position>,
    pub(crate) is_live: Memo<bool>,
    pub(crate) facets: Memo<Arc<FacetTable>>,
    /// The rows that the log shows.
    pub(crate) filtered: Memo<FilteredLog>,
    /// The same, of the whole log: the lanes show what is outside of A and B too.
    pub(crate) unbounded: Memo<FilteredLog>,
    /// Of the rows that pass the filter, the matches of the search; between A and B where only those are shown.
    pub(crate) matches: Memo<FilteredLog>,
    /// Whether the log shows only what lies between A and B, while both are set.
    pub(crate) only_range: RwSignal<bool>,
    /// Whether the log shows only the events that something was found at.
    pub(crate) only_these: RwSignal<Option<OnlyThese>>,
    pub(crate) density: DensityOfRows,
    pub(crate) bookmarks: BookmarkShelf,
    /// The projections that are written in the page.
    pub(crate) texts: TextShelf,
    pub(crate) breakpoint: BreakpointDesk,
    pub(crate) what_if: WhatIfDesk,
    pub(crate) editor: EditorDesk,
    pub(crate) marks: Marks,
    /// The bytes of the log as it is stored, once they are known.
    pub(crate) stored_bytes: RwSignal<Option<u64>>,
    pub(crate) search: Search,
    pub(super) undo: Undo,
    pub(super) held: HeldKey,
    pub(super) motion: Motion,
    pub(super) store: StoredValue<Option<EventStore>, LocalStorage>,
    pub(super) lenses: StoredValue<Option<Rc<Lenses>>, LocalStorage>,
    pub(crate) epoch: RwSignal<u64>,
    /// The number of the listing of stores that is shown.
    pub(super) listed: StoredValue<u64>,
    /// How many stores are being opened, to be shown or to be measured.
    pub(super) openings: StoredValue<u32>,
    next_toast: StoredValue<u64>,
    next_number: StoredValue<u64>,
}

impl App {
    /// Makes the state and provides it to the components below.
    pub(crate) fn provide(root: Root) -> Self {
        let timeline = RwSignal::new(Timeline::new(Position::ZERO));
        let filter = RwSignal::new(Filter::default());
        let store = StoredValue::new_local(None);
        let epoch = RwSignal::new(0);
        let head = Memo::new(move |_| timeline.with(Timeline::head));
        let search = Search::new(store, epoch, filter);
        let only_range = RwSignal::new(false);
        let only_these = RwSignal::new(None);
        let (breakpoint, field_history) = (BreakpointDesk::new(), FieldHistory::new());
        let picked = |rows| only::among(rows, only_these, breakpoint, field_history);
        let unbounded = rows::memo(rows::passing(store, epoch, filter, head), &search);
        let app = Self {
            root,
            focus: Focus::new(root),
            is_narrow: RwSignal::new(root.is_narrow()),
            asked: RwSignal::new(None),
            phase: RwSignal::new(Phase::Starting),
            stores: RwSignal::new(Vec::new()),
            labels: RwSignal::new(labels::read()),
            filter,
            page: RwSignal::new(PageView::default()),
            tab: RwSignal::new(InspectorTab::default()),
            view: RwSignal::new(View::Log),
            has_inspector: RwSignal::new(true),
            overlay: RwSignal::new(None),
            toasts: RwSignal::new(Vec::new()),
            dialogs: RwSignal::new(0),
            theme: RwSignal::new(if root.is_page() { Theme::remembered() } else { Theme::System }),
            simulator: RwSignal::new(None),
            exporting: RwSignal::new(None),
            next_number: StoredValue::new(0),
            listed: StoredValue::new(0),
            openings: StoredValue::new(0),
            state_of: RwSignal::new(StateOf::Selected),
            import_file: RwSignal::new_local(None),
            desk: CommandDesk::new(),
            projections: ProjectionCards::new(),
            payloads: Payloads::new(),
            state_views: StateViews::new(),
            blames: Blames::new(),
            field_history,
            stories: Stories::new(),
            timeline,
            written: RwSignal::new(0),
            jumps: RwSignal::new(0),
            cursor: Memo::new(move |_| timeline.with(Timeline::cursor)),
            follows: Followers::new(),
            head,
            is_live: Memo::new(move |_| timeline.with(Timeline::is_live)),
            facets: facets::memo(store, epoch, head),
            density: DensityOfRows::new(),
            bookmarks: BookmarkShelf::new(),
            texts: TextShelf::new(),
            breakpoint,
            what_if: WhatIfDesk::new(),
            editor: EditorDesk::new(),
            marks: marks::new(),
            stored_bytes: RwSignal::new(None),
            filtered: picked(rows::between(unbounded, timeline, only_range)),
            unbounded,
            matches: picked(rows::between(search.matches, timeline, only_range)),
            only_range,
            only_these,
            search,
            undo: Undo::new(),
            held: HeldKey::new(),
            motion: Motion::new(),
            store,
            lenses: StoredValue::new_local(None),
            epoch,
            next_toast: StoredValue::new(0),
        };
        provide_context(app);
        app
    }

    /// The state, inside of a component.
    pub(crate) fn get() -> Self {
        expect_context()
    }

    /// The open store.
    pub(crate) fn store(&self) -> Option<EventStore> {
        self.store.with_value(Clone::clone)
    }

    /// The projections, the streams and the log of the open store, each at every position.
    pub(crate) fn lenses(&self) -> Option<Rc<Lenses>> {
        self.lenses.with_value(Clone::clone)
    }

    /// The number of the opened store: an answer that was asked for under another number is not wanted any more.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.get_untracked()
    }

    /// The number of the opened store; follows changes.
    pub(crate) fn epoch_tracked(&self) -> u64 {
        self.epoch.get()
    }

    /// Asks the index of the open log.
    pub(crate) fn with_log<T>(&self, ask: impl FnOnce(&LogView) -> T) -> Option<T> {
        self.store.with_value(|store| store.as_ref().map(|store| store.with_log(ask)))
    }

    /// An event without its payload.
    pub(crate) fn row(&self, position: Position) -> Option<Row> {
        self.with_log(|log| log.row(position)).flatten()
    }

    /// A number that nothing else on this page has.
    pub(super) fn next_number(&self) -> u64 {
        self.next_number.update_value(|number| *number += 1);
        self.next_number.get_value()
    }

    /// Shows a tab of the inspector, from wherever the page is.
    pub(crate) fn show_tab(&self, tab: InspectorTab) {
        self.page.set(PageView::Debugger);
        self.view.set(View::Inspect);
        self.has_inspector.set(true);
        self.tab.set(tab);
    }

    /// The rows of the log that pass the filter; follows changes.
    pub(crate) fn rows(&self) -> Arc<Rows> {
        self.filtered.with(|filtered| Arc::clone(&filtered.rows))
    }

    /// Moves the timeline, where nothing can be refused.
    pub(crate) fn send(&self, command: Command) {
        // Only `SetPosition` is refused, and it is sent by `go_to`.
        let _ = self.try_send(command);
    }

    /// Goes to an event that was named, not merely passed: the way back leads to where the page was. As near as the log allows.
    pub(crate) fn jump_to(&self, position: Position) {
        self.jumps.update(|jumps| *jumps += 1);
        self.send(Command::SetPositionClamped(position));
    }

    /// Goes to exactly this position, as [`jump_to`](Self::jump_to) does.
    pub(crate) fn go_to(&self, position: Position) -> Result<(), NoSuchPosition> {
        self.try_send(Command::SetPosition(position))?;
        self.jumps.update(|jumps| *jumps += 1);
        Ok(())
    }

    fn try_send(&self, command: Command) -> Result<(), NoSuchPosition> {
        let before = self.timeline.get_untracked();
        let mut timeline = before.clone();
        // Playback goes on for long: what else there is to do must not wait for its end.
        let is_by_hand = !matches!(command, Command::HeadGrew(_) | Command::Tick { .. });
        let answer = timeline.apply(command, self);
        if timeline != before {
            if is_by_hand {
                self.moves();
            }
            self.timeline.set(timeline);
        }
        answer
    }

    /// Asks anew for everything of the log and the inspector that could not be read or worked out.
    pub(crate) fn try_again(&self) {
        self.payloads.try_again();
        self.state_views.try_again();
        self.blames.try_again();
        self.stories.at_cursor.try_again();
        self.field_history.try_again(*self);
        self.what_if.try_again();
    }

    /// Goes to the next theme.
    pub(crate) fn switch_theme(&self) {
        let theme = self.theme.get_untracked().next();
        if self.root.is_page() {
            theme.remember();
        }
        self.show_theme(theme);
    }

    /// Shows a theme. It is applied first: what follows the signal reads the colours of the page.
    pub(crate) fn show_theme(&self, theme: Theme) {
        theme.apply(self.root);
        self.theme.set(theme);
    }

    /// Shows a note for some seconds.
    pub(crate) fn note(&self, title: &str, text: impl Into<String>) {
        self.passing_toast(NOTE_STAYS, title, text, None);
    }

    /// Shows an error, until it is closed.
    pub(crate) fn complain(&self, title: &str, trouble: Trouble) {
        self.toast_with(ToastKind::Error, title, trouble.message, Some(trouble.code), None);
    }

    /// Says that something was done, and offers for a while to undo it. The number of the toast.
    pub(crate) fn toast_to_undo(
        &self,
        title: &str,
        text: impl Into<String>,
        undo: impl Fn() + Send + Sync + 'static,
    ) -> u64 {
        let action = ToastAction { label: "Undo".to_owned(), run: Arc::new(undo) };
        self.passing_toast(UNDO_STAYS, title, text, Some(action))
    }

    /// Shows a toast for some time. Its number, for [`dismiss`](Self::dismiss).
    pub(super) fn passing_toast(
        &self,
        stays: Duration,
        title: &str,
        text: impl Into<String>,
        action: Option<ToastAction>,
    ) -> u64 {
        let id = self.toast_with(ToastKind::Done, title, text, None, action);
        self.dismiss_later(id, stays);
        id
    }

    /// Shows a toast until it is closed. Its number, for [`dismiss`](Self::dismiss).
    pub(crate) fn toast_with(
        &self,
        kind: ToastKind,
        title: &str,
        text: impl Into<String>,
        code: Option<String>,
        action: Option<ToastAction>,
    ) -> u64 {
        let id = self.next_toast.with_value(|id| *id);
        self.next_toast.set_value(id + 1);
        let (title, text) = (title.to_owned(), text.into());
        self.toasts.update(|toasts| toasts.push(Toast { id, kind, title, text, code, action }));
        id
    }

    /// Closes a toast.
    pub(crate) fn dismiss(&self, id: u64) {
        let _ = self.toasts.try_update(|toasts| toasts.retain(|toast| toast.id != id));
    }

    /// Closes a toast once its time is over and nobody is at the toasts.
    fn dismiss_later(&self, id: u64, after: Duration) {
        let app = *self;
        let go = move || {
            let is_there =
                app.toasts.try_with_untracked(|toasts| toasts.iter().any(|toast| toast.id == id)) == Some(true);
            let is_held = || app.root.find(HELD_TOASTS).is_some();
            if is_there && is_held() {
                app.dismiss_later(id, HELD_TOAST_STAYS);
            } else {
                app.dismiss(id);
            }
        };
        set_timeout(go, after);
    }
}

impl Steps for App {
    fn neighbour(&self, from: Position, unit: StepUnit, direction: Direction) -> Option<Position> {
        match unit {
            StepUnit::Event => {
                let head = self.with_log(LogView::head)?;
                let next = match direction {
                    Direction::Forwards => from.get() + 1,
                    Direction::Backwards => from.get().checked_sub(1)?,
                };
                (1..=head.get()).contains(&next).then(|| Position::new(next))
            }
            StepUnit::Stream => self.with_log(|log| {
                let stream = log.row(from)?.stream;
                let positions = log.stream_positions(&stream);
                let index = match direction {
                    Direction::Forwards => positions.partition_point(|at| u64::from(*at) <= from.get()),
                    Direction::Backwards => {
                        positions.partition_point(|at| u64::from(*at) < from.get()).checked_sub(1)?
                    }
                };
                positions.get(index).copied().map(Position::from)
            })?,
            StepUnit::Match => {
                let is_searching = self.search.needle.with_untracked(Option::is_some);
                let listed = if is_searching { self.matches } else { self.filtered };
                listed.with_untracked(|listed| match direction {
                    Direction::Forwards => listed.rows.after(from),
                    Direction::Backwards => listed.rows.before(from),
                })
            }
        }
    }

    fn micros_of(&self, position: Position) -> Option<i64> {
        self.with_log(|log| log.time_of(position)).flatten().map(Timestamp::as_micros)
    }
}
