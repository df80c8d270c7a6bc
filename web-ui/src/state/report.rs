//! Reports: the view and what is kept for a store, to go with its log and to be taken from a file again.

use std::collections::BTreeMap;

use leftfold_core::Position;
use leptos::prelude::*;

use super::shelf::Shelf;
use super::{App, address};
use crate::model::bookmarks::Bookmarks;
use crate::model::branch::Branches;
use crate::model::kept::Kept;
use crate::model::page_url::PageUrl;
use crate::model::report::Report;
use crate::model::texts::Texts;
use crate::model::timeline::Command;

/// The name of the parameter that a report leaves out: the store has another name where it is opened.
const STORE: &str = "store";

impl App {
    /// The report of what is shown now.
    pub(crate) fn report(self) -> Report {
        let url = untrack(|| address::wanted(self)).unwrap_or_default();
        let params = url.to_params().into_iter().filter(|(name, _)| *name != STORE);
        let view = params.map(|(name, value)| (name.to_owned(), value)).collect();
        let mut kept = BTreeMap::new();
        write(&mut kept, &self.bookmarks.all);
        write(&mut kept, &self.texts.all);
        write(&mut kept, &self.what_if.all);
        Report::new(view, kept)
    }

    /// Shows the open store as a report has it, and keeps what it has.
    ///
    /// `head` is that of the store, which the page may hear of a moment later.
    pub(crate) fn show_report(self, report: &Report, head: Position) {
        self.send(Command::HeadGrew(head));
        read(self, report, self.bookmarks.shelf);
        read(self, report, self.texts.shelf);
        read(self, report, self.what_if.shelf);
        self.show_as(&PageUrl::from_params(report.view.iter().cloned()));
    }
}

fn write<T: Kept>(kept: &mut BTreeMap<String, String>, all: &RwSignal<T>) {
    if let Some(text) = all.with_untracked(|all| all.to_text("")) {
        kept.insert(T::PREFIX.to_owned(), text);
    }
}

fn read<T: Kept>(app: App, report: &Report, shelf: Shelf<T>) {
    // What somebody has made for a store that is there already stays.
    shelf.read(app);
    let is_empty = shelf.all.with_untracked(|all| *all == T::default());
    if let Some(text) = report.kept.get(T::PREFIX).filter(|_| is_empty) {
        shelf.keep(app, T::from_text(text));
    }
}

/// What stands in a report, in words.
pub(crate) fn in_words(report: &Report) -> String {
    let count = |prefix: &str, (one, many): (&str, &str), of: fn(&str) -> usize| match report
        .kept
        .get(prefix)
        .map_or(0, |text| of(text))
    {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {many}")),
    };
    let parts = [
        count(Bookmarks::PREFIX, ("bookmark", "bookmarks"), |text| Bookmarks::from_text(text).all().len()),
        count(Texts::PREFIX, ("projection", "projections"), |text| Texts::from_text(text).all().len()),
        count(Branches::PREFIX, ("branch", "branches"), |text| Branches::from_text(text).all().len()),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().chain(["the view".to_owned()]).collect();
    parts.join(", ")
}
